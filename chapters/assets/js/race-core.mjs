// The optimizers of deepbook/optim.py in JavaScript, for two parameters, and the maps that they race on. Nothing here knows
// of the page. A test walks the same steps in JAX and compares every position.

const EPS = 1e-8;
const each = (f, ...vectors) => vectors[0].map((_, i) => f(...vectors.map((vector) => vector[i])));
const zeros = () => [0, 0];

/** `update(g, state, {lr, momentum})` gives what to add to w, and the state after it. */
export const OPTIMIZERS = {
  SGD: {
    init: () => null,
    update: (g, state, { lr }) => [each((g) => -lr * g, g), state],
  },
  Momentum: {
    init: zeros,
    update(g, v, { lr, momentum }) {
      const next = each((v, g) => momentum * v - lr * g, v, g);
      return [next, next];
    },
  },
  Nesterov: {
    init: zeros,
    update(g, v, { lr, momentum }) {
      const next = each((v, g) => momentum * v - lr * g, v, g);
      return [each((v, g) => momentum * v - lr * g, next, g), next];
    },
  },
  AdaGrad: {
    init: zeros,
    update(g, h, { lr }) {
      const next = each((h, g) => h + g * g, h, g);
      return [each((g, h) => (-lr * g) / (Math.sqrt(h) + EPS), g, next), next];
    },
  },
  RMSProp: {
    init: zeros,
    update(g, h, { lr }) {
      const next = each((h, g) => 0.9 * h + 0.1 * g * g, h, g);
      return [each((g, h) => (-lr * g) / (Math.sqrt(h) + EPS), g, next), next];
    },
  },
  Adam: {
    init: () => ({ t: 0, m: zeros(), v: zeros() }),
    update(g, { t, m, v }, { lr }) {
      const next = {
        t: t + 1,
        m: each((m, g) => 0.9 * m + 0.1 * g, m, g),
        v: each((v, g) => 0.999 * v + 0.001 * g * g, v, g),
      };
      const [m1, v1] = [1 - 0.9 ** next.t, 1 - 0.999 ** next.t]; // both means start at 0; this makes up for it
      return [each((m, v) => (-lr * (m / m1)) / (Math.sqrt(v / v1) + EPS), next.m, next.v), next];
    },
  },
};

/**
 * Each map: the loss f and its gradient at (x, y), half its width and height, a start, the places worth a mark, the heights of its
 * contour lines, the loss below which a ball has arrived, and a learning rate for each optimizer that suits it.
 */
export const SURFACES = {
  ravine: {
    formula: "x²/20 + y²",
    f: ([x, y]) => (x * x) / 20 + y * y,
    gradient: ([x, y]) => [x / 10, 2 * y],
    half: [8, 6],
    start: [-7, 4],
    places: [{ name: "the minimum", at: [0, 0] }],
    levels: [0.1, 0.5, 1, 2, 4, 7, 11, 16, 22, 29, 36],
    goal: 0.02,
    lr: { SGD: 0.9, Momentum: 0.1, Nesterov: 0.1, AdaGrad: 1.5, RMSProp: 0.2, Adam: 0.5 },
  },
  Beale: {
    formula: "(1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²",
    f: ([x, y]) => (1.5 - x + x * y) ** 2 + (2.25 - x + x * y ** 2) ** 2 + (2.625 - x + x * y ** 3) ** 2,
    gradient([x, y]) {
      const [a, b, c] = [1.5 - x + x * y, 2.25 - x + x * y ** 2, 2.625 - x + x * y ** 3];
      return [2 * a * (y - 1) + 2 * b * (y ** 2 - 1) + 2 * c * (y ** 3 - 1), 2 * a * x + 4 * b * x * y + 6 * c * x * y ** 2];
    },
    half: [4.4, 3.3],
    start: [1, 1.5],
    places: [{ name: "the minimum", at: [3, 0.5] }],
    levels: [0.4, 2.5, 6, 15, 40, 120, 500, 3000],
    goal: 0.05,
    lr: { SGD: 0.015, Momentum: 0.004, Nesterov: 0.004, AdaGrad: 0.7, RMSProp: 0.05, Adam: 0.2 },
  },
  saddle: {
    formula: "x²/2 + (y² − 1)²/4",
    f: ([x, y]) => (x * x) / 2 + (y * y - 1) ** 2 / 4,
    gradient: ([x, y]) => [x, y * (y * y - 1)],
    half: [2.4, 1.8],
    start: [-2, 0.05],
    places: [{ name: "the upper minimum", at: [0, 1] }, { name: "the lower minimum", at: [0, -1] }, { name: "the saddle", at: [0, 0] }],
    levels: [0.01, 0.05, 0.12, 0.2, 0.25, 0.35, 0.6, 1, 1.6, 2.4],
    goal: 0.005,
    lr: { SGD: 0.1, Momentum: 0.05, Nesterov: 0.05, AdaGrad: 0.4, RMSProp: 0.08, Adam: 0.1 },
  },
  "two minima": {
    formula: "(x² − 4)²/16 + (x + 2)²/16 + y²/2",
    f: ([x, y]) => (x * x - 4) ** 2 / 16 + (x + 2) ** 2 / 16 + (y * y) / 2,
    gradient: ([x, y]) => [(x * (x * x - 4)) / 4 + (x + 2) / 8, y],
    half: [4, 3],
    start: [3.5, 2],
    places: [
      { name: "the lower minimum", at: [-2, 0] },
      { name: "the higher minimum", at: [1 + Math.SQRT1_2, 0] },
      { name: "the saddle", at: [1 - Math.SQRT1_2, 0] },
    ],
    levels: [0.1, 0.4, 0.8, 1, 1.15, 1.286, 1.7, 2.4, 3.5, 5, 7.5],
    goal: 0.01,
    lr: { SGD: 0.1, Momentum: 0.05, Nesterov: 0.05, AdaGrad: 0.5, RMSProp: 0.05, Adam: 0.2 },
  },
};

/** The walk of one optimizer: every position from the start on, and the loss there. It ends early where a number overflows. */
export function walk(surface, name, start, settings, steps) {
  const { init, update } = OPTIMIZERS[name];
  const points = [start];
  for (let w = start, state = init(), i = 0; i < steps; i++) {
    const [change, next] = update(surface.gradient(w), state, settings);
    [w, state] = [each((w, change) => w + change, w, change), next];
    if (!w.every(Number.isFinite)) break;
    points.push(w);
  }
  return { points, losses: points.map(surface.f) };
}

/** The first step from which on every loss is at most `goal`, or null. */
function arrival(losses, goal) {
  let first = losses.length;
  while (first > 0 && losses[first - 1] <= goal) first -= 1;
  return first < losses.length ? first : null;
}

/**
 * The walks of all optimizers, each with its own learning rate times `factor`: besides {points, losses}, the step at which the ball
 * has `arrived` for good, and the step at which it has `left` the map by more than half of the map's size; null where it never does.
 */
export function race(surface, start, { factor, momentum }, steps) {
  const outside = (w) => w.some((value, k) => Math.abs(value) > 2 * surface.half[k]);
  return Object.keys(OPTIMIZERS).map((name) => {
    const lr = factor * surface.lr[name];
    const { points, losses } = walk(surface, name, start, { lr, momentum }, steps);
    const gone = points.findIndex(outside);
    const left = gone >= 0 ? gone : points.length <= steps ? points.length : null;
    return { name, lr, points, losses, left, arrived: left === null ? arrival(losses, surface.goal) : null };
  });
}
