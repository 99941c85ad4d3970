// Contour lines of a function of two numbers. Nothing here knows of the page.

/** The values of f on a grid of `columns` × `rows` cells that reaches a little beyond [−half, half]. */
export function sample(f, half, columns = 120, rows = 180) {
  const [across, up] = half.map((value) => 1.05 * value);
  const at = (i, j) => [across * ((2 * i) / columns - 1), up * ((2 * j) / rows - 1)];
  const values = Array.from({ length: rows + 1 }, (_, j) => Array.from({ length: columns + 1 }, (_, i) => f(at(i, j))));
  return { at, values, columns, rows };
}

/**
 * The edge of the region where f is below `level`, as closed loops of points (marching squares). Beyond the grid counts as above,
 * so that a region which leaves the map is closed outside of it and can be filled.
 */
export function contour({ at, values, columns, rows }, level) {
  const height = (i, j) => (i === 0 || j === 0 || i === columns || j === rows ? 1 : values[j][i] - level);
  const low = (i, j) => height(i, j) < 0;
  const follows = new Map(); // from each crossing of a grid line to the next, the low side on the left
  const points = new Map();
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      const lows = low(i, j) + low(i + 1, j) + low(i + 1, j + 1) + low(i, j + 1);
      if (lows === 0 || lows === 4) continue;
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
      const crossings = [];
      corners.forEach((from, k) => {
        const to = corners[(k + 1) % 4];
        const [a, b] = [height(...from), height(...to)];
        if (a < 0 === b < 0) return;
        const key = from < to ? `${from}|${to}` : `${to}|${from}`;
        const [p, q] = [at(...from), at(...to)];
        points.set(key, p.map((value, n) => value + (a / (a - b)) * (q[n] - value)));
        crossings.push({ key, leaves: a < 0 });
      });
      crossings.forEach(({ key, leaves }, k) => {
        if (leaves) follows.set(key, crossings[(k + 1) % crossings.length].key);
      });
    }
  }
  const loops = [];
  while (follows.size) {
    const loop = [];
    let [key] = follows.keys();
    while (follows.has(key)) {
      loop.push(points.get(key));
      const next = follows.get(key);
      follows.delete(key);
      key = next;
    }
    loops.push(loop);
  }
  return loops;
}
