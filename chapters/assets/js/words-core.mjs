// Words on a plane: neighbours, and b − a + c, from the cosines of every pair of words. Nothing here knows of the page.
// words-table.mjs is made of the record of `deepbook lab words`; a test compares every number with deepbook/embeddings.py.
import { TABLE } from "./words-table.mjs";

export { TABLE };

export const MAPS = Object.keys(TABLE.maps);

/** The cosine of two words of a map; the table holds the pairs i < j, row by row. */
export function cosine({ words, cosines }, i, j) {
  if (i === j) return 1;
  const [low, high] = i < j ? [i, j] : [j, i];
  return cosines[low * words.length - (low * (low + 1)) / 2 + high - low - 1];
}

const ranked = (map, score, left) => {
  const others = map.words.map((word, i) => ({ i, word, cosine: left.includes(i) ? 0 : score(i) })).filter(({ i }) => !left.includes(i));
  return others.sort((one, other) => other.cosine - one.cosine);
};

/** The other words of the map, the nearest first. */
export const neighbours = (map, i) => ranked(map, (j) => cosine(map, i, j), [i]);

/** The words of the map, the nearest to b − a + c first: a is to b as c is to them. Every vector has length 1, so the cosines
    say it all: (b − a + c)·d is the sum of three of them, and the length of b − a + c is made of three others. */
export function analogy(map, [b, a, c], threeToo = false) {
  const length = Math.sqrt(Math.max(1e-9, 3 - 2 * cosine(map, b, a) + 2 * cosine(map, b, c) - 2 * cosine(map, a, c)));
  return ranked(map, (d) => (cosine(map, b, d) - cosine(map, a, d) + cosine(map, c, d)) / length, threeToo ? [] : [b, a, c]);
}

/** Where b − a + c lies on the plane. */
export const target = ({ places }, [b, a, c]) => [0, 1].map((k) => places[b][k] - places[a][k] + places[c][k]);

/** The word that an arrow key leads to: the nearest one on that side, where what lies askew counts as farther. */
export function towards({ places }, from, [dx, dy]) {
  const reach = places.map(([x, y], i) => {
    const [right, up] = [x - places[from][0], y - places[from][1]];
    const along = right * dx + up * dy;
    return i === from || along <= 1e-6 ? Infinity : along + 3 * Math.abs(right * dy - up * dx);
  });
  const best = Math.min(...reach);
  return best === Infinity ? from : reach.indexOf(best);
}

/** Places in pixels of a square drawing: the same scale on both axes, y upwards, room for names at the sides. */
export function layout({ places }, size, room) {
  const span = [0, 1].map((k) => places.map((place) => place[k])).map((line) => [Math.min(...line), Math.max(...line)]);
  const scale = Math.min(...span.map(([low, high]) => (size - 2 * room) / (high - low)));
  const middle = span.map(([low, high]) => (low + high) / 2);
  return ([x, y]) => [size / 2 + scale * (x - middle[0]), size / 2 - scale * (y - middle[1])];
}

/** Where the names stand, so that they cover each other and the dots as little as they can: [x, y] of the left end of each. */
export function names(points, words, size, { letter = 6.6, height = 13, gap = 7 } = {}) {
  const box = ([x, y], word) => [x, y - height * 0.8, x + letter * word.length, y + height * 0.2];
  const common = (a, b) => Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0])) * Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  const outside = ([left, top, right, low]) => 40 * (Math.max(0, 2 - left) + Math.max(0, right - size + 2) + Math.max(0, 2 - top) + Math.max(0, low - size + 2));
  const dots = points.map(([x, y]) => [x - 4.5, y - 4.5, x + 4.5, y + 4.5]);
  const choices = ([x, y], word) => {
    const wide = letter * word.length;
    return [[gap, 4], [-gap - wide, 4], [-wide / 2, -gap], [-wide / 2, gap + 9], [gap - 2, -5], [-gap - wide + 2, -5], [gap - 2, 13], [-gap - wide + 2, 13]].map(([right, down]) => [x + right, y + down]);
  };
  const put = points.map((point, i) => choices(point, words[i])[0]);
  const cost = (i, at) => {
    const mine = box(at, words[i]);
    const crowd = points.reduce((sum, _, j) => sum + (j === i ? 0 : common(mine, box(put[j], words[j])) + 2 * common(mine, dots[j])), 0);
    return crowd + outside(mine);
  };
  for (let round = 0; round < 6; round++) {
    points.forEach((point, i) => {
      const costs = choices(point, words[i]).map((at, k) => cost(i, at) + k);
      put[i] = choices(point, words[i])[costs.indexOf(Math.min(...costs))];
    });
  }
  return put;
}
