// A small network for points of two classes: forward, backward by hand, Adam. Nothing here knows of the page.
// A test gives this and deepbook's functions the same weights and points, and compares every number.

export const HALF = 2; // the plane goes from −2 to 2
export const MOST_LAYERS = 3;
export const MOST_UNITS = 8;
export const FIELDS = 50; // the map of the plane has 50 × 50
export const LIMIT = 3000; // epochs

// Points

/** Numbers in [0, 1) that depend on the seed alone (mulberry32). */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const normal = (next) => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
const onCircle = (radius, angle) => [radius * Math.cos(angle), radius * Math.sin(angle)];

/** One point of class y each. `next` gives random numbers in [0, 1); `second` tells the two clouds of a class apart. */
const SHAPES = {
  XOR: { noise: 0.36, place: (next, y, second) => (second ? [-1, y ? 1 : -1] : [1, y ? -1 : 1]) },
  circle: { noise: 0.08, place: (next, y) => onCircle(y ? 0.8 * Math.sqrt(next()) : 1.25 + 0.5 * next(), 2 * Math.PI * next()) },
  moons: {
    noise: 0.12,
    place(next, y) {
      const [across, up] = onCircle(1.2, Math.PI * next());
      return y ? [0.6 - across, 0.25 - up] : [across - 0.6, up - 0.25];
    },
  },
  spirals: {
    noise: 0.05,
    place(next, y) {
      const along = Math.sqrt(next());
      return onCircle(0.15 + 1.6 * along, 2.5 * Math.PI * along + Math.PI * y);
    },
  },
};

export const DATA = Object.keys(SHAPES);

/** `n` points of a data set, half of each class, in mixed order: x is (n, 2), one row after the other, and y is (n,). */
export function points(data, n, seed = 0) {
  const next = random(seed);
  const { noise, place } = SHAPES[data];
  const x = new Float64Array(2 * n);
  const y = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    y[i] = i % 2;
    place(next, y[i], i % 4 > 1).forEach((value, k) => {
      x[2 * i + k] = Math.max(-HALF, Math.min(HALF, value + noise * normal(next)));
    });
  }
  return { x, y };
}

// The network. Weights are (in, out), as in the book; all parameters lie in one array, which Adam walks through.

const sigmoid = (z) => 1 / (1 + Math.exp(-z));

/** Each activation, and its slope computed from its own output `a`. */
const FUNCTIONS = {
  tanh: { f: Math.tanh, slope: (a) => 1 - a * a },
  ReLU: { f: (z) => (z > 0 ? z : 0), slope: (a) => (a > 0 ? 1 : 0) },
  sigmoid: { f: sigmoid, slope: (a) => a * (1 - a) },
};

export const ACTIVATIONS = Object.keys(FUNCTIONS);

/** A network of zeros. sizes: inputs, the units of each hidden layer, outputs. */
export function network(sizes, activation) {
  const shapes = sizes.slice(1).map((nOut, i) => ({ nIn: sizes[i], nOut }));
  const length = shapes.reduce((sum, { nIn, nOut }) => sum + (nIn + 1) * nOut, 0);
  const cut = (flat) => {
    let at = 0;
    return shapes.map(({ nIn, nOut }) => ({ nIn, nOut, W: flat.subarray(at, (at += nIn * nOut)), b: flat.subarray(at, (at += nOut)) }));
  };
  const [params, grads] = [new Float64Array(length), new Float64Array(length)];
  return { sizes, activation, params, grads, layers: cut(params), slopes: cut(grads) };
}

/** Random weights, by He's rule for ReLU and by Glorot's for the others; the biases stay 0. */
export function init(net, seed) {
  const next = random(seed);
  for (const { nIn, nOut, W } of net.layers) {
    const spread = Math.sqrt(net.activation === "ReLU" ? 2 / nIn : 2 / (nIn + nOut));
    for (let k = 0; k < W.length; k++) W[k] = spread * normal(next);
  }
  return net;
}

/** Points, and room for what every layer makes of them: a[0] is x, a[i] the output of layer i, the last one the logits. */
export function batch(net, { x, y }) {
  const n = x.length / net.sizes[0];
  const room = () => net.sizes.map((size, i) => (i === 0 ? x : new Float64Array(n * size)));
  return { n, y, a: room(), deltas: room() };
}

/** Fill in the batch's outputs. Returns the logits. */
export function forward(net, { n, a }) {
  const { f } = FUNCTIONS[net.activation];
  net.layers.forEach(({ nIn, nOut, W, b }, layer) => {
    const [from, to] = [a[layer], a[layer + 1]];
    const hidden = layer < net.layers.length - 1;
    for (let row = 0; row < n; row++) {
      for (let j = 0; j < nOut; j++) {
        let z = b[j];
        for (let i = 0; i < nIn; i++) z += from[row * nIn + i] * W[i * nOut + j];
        to[row * nOut + j] = hidden ? f(z) : z;
      }
    }
  });
  return a[net.layers.length];
}

/** Binary cross-entropy of logits, log(1 + e^z) − y z, in the form that cannot overflow. */
export function loss(logits, y) {
  let sum = 0;
  for (let i = 0; i < y.length; i++) sum += Math.max(logits[i], 0) + Math.log1p(Math.exp(-Math.abs(logits[i]))) - y[i] * logits[i];
  return sum / y.length;
}

export function accuracy(logits, y) {
  let right = 0;
  for (let i = 0; i < y.length; i++) right += (logits[i] > 0 ? 1 : 0) === y[i] ? 1 : 0;
  return right / y.length;
}

/** The gradient of the loss by backpropagation, into `net.grads`. `forward` must have filled in the batch. */
export function backward(net, { n, y, a, deltas }) {
  const { slope } = FUNCTIONS[net.activation];
  const last = net.layers.length;
  net.grads.fill(0);
  for (let row = 0; row < n; row++) deltas[last][row] = (sigmoid(a[last][row]) - y[row]) / n; // dL/dz of the output
  for (let layer = last - 1; layer >= 0; layer--) {
    const { nIn, nOut, W } = net.layers[layer];
    const { W: dW, b: db } = net.slopes[layer];
    const [from, delta, before] = [a[layer], deltas[layer + 1], deltas[layer]];
    for (let row = 0; row < n; row++) {
      for (let j = 0; j < nOut; j++) db[j] += delta[row * nOut + j];
      for (let i = 0; i < nIn; i++) {
        const input = from[row * nIn + i];
        let back = 0; // dL/d(input)
        for (let j = 0; j < nOut; j++) {
          dW[i * nOut + j] += input * delta[row * nOut + j];
          back += W[i * nOut + j] * delta[row * nOut + j];
        }
        if (layer > 0) before[row * nIn + i] = back * slope(input);
      }
    }
  }
  return net.grads;
}

/** Adam's memory of the gradients: their running mean and the running mean of their squares. */
export const adam = (net) => ({ m: new Float64Array(net.params.length), v: new Float64Array(net.params.length), step: 0 });

/** One step of Adam (chapter 3), in place. */
export function update(net, memory, lr, b1 = 0.9, b2 = 0.999, eps = 1e-8) {
  const { params, grads } = net;
  const { m, v } = memory;
  memory.step += 1;
  const [correct1, correct2] = [1 - b1 ** memory.step, 1 - b2 ** memory.step];
  for (let k = 0; k < params.length; k++) {
    m[k] = b1 * m[k] + (1 - b1) * grads[k];
    v[k] = b2 * v[k] + (1 - b2) * grads[k] ** 2;
    params[k] -= (lr * m[k]) / correct1 / (Math.sqrt(v[k] / correct2) + eps);
  }
}

// A training: three quarters of the points to learn from, the rest held out. An epoch is one step with all of them.

export function start({ data, points: n, units, activation, seed }) {
  const net = init(network([2, ...units, 1], activation), seed);
  const { x, y } = points(data, n);
  const cut = Math.round(0.75 * n);
  const train = batch(net, { x: x.subarray(0, 2 * cut), y: y.subarray(0, cut) });
  const held = batch(net, { x: x.subarray(2 * cut), y: y.subarray(cut) });
  const training = { net, train, held, memory: adam(net), losses: { train: [], held: [] } };
  measure(training);
  return training;
}

function measure({ net, train, held, losses }) {
  for (const [name, part] of Object.entries({ train, held })) losses[name].push(loss(forward(net, part), part.y));
}

/** One epoch: the gradient of all training points, one step of Adam, and the losses after it. */
export function epoch(training, lr) {
  backward(training.net, training.train);
  update(training.net, training.memory, lr);
  measure(training);
}

/** Where the training stands; the accuracy is that of the held-out points. */
export function report({ held, losses }) {
  return { epoch: losses.train.length - 1, loss: losses.train.at(-1), heldLoss: losses.held.at(-1), accuracy: accuracy(held.a.at(-1), held.y) };
}

// The map: the middles of size × size fields, the top row first, and the line where the network says ½

export function grid(net, size = FIELDS) {
  const x = new Float64Array(2 * size * size);
  for (let k = 0; k < size * size; k++) {
    x[2 * k] = (((k % size) + 0.5) / size) * 2 * HALF - HALF;
    x[2 * k + 1] = HALF - ((Math.floor(k / size) + 0.5) / size) * 2 * HALF;
  }
  return batch(net, { x, y: null });
}

/** Where the values are 0: pieces of a line, as x1, y1, x2, y2 in fields from the left and the top (marching squares). */
export function zeroLine(values, size) {
  const pieces = [];
  const cross = (row, column, toRow, toColumn) => {
    const [from, to] = [values[row * size + column], values[toRow * size + toColumn]];
    if (from > 0 === to > 0) return [];
    const share = from / (from - to);
    return [column + share * (toColumn - column) + 0.5, row + share * (toRow - row) + 0.5];
  };
  for (let row = 0; row + 1 < size; row++) {
    for (let column = 0; column + 1 < size; column++) {
      const k = row * size + column;
      const positive = values[k] > 0;
      if (values[k + 1] > 0 === positive && values[k + size] > 0 === positive && values[k + size + 1] > 0 === positive) continue;
      const ends = [
        ...cross(row, column, row, column + 1),
        ...cross(row, column + 1, row + 1, column + 1),
        ...cross(row + 1, column + 1, row + 1, column),
        ...cross(row + 1, column, row, column),
      ];
      for (let end = 0; end < ends.length; end += 4) pieces.push(ends.slice(end, end + 4));
    }
  }
  return pieces;
}

// The settings, and how they are written in an address

export const START = { data: "XOR", points: 200, units: [], activation: "tanh", lr: 0.03, seed: 1 };
export const POINTS = [100, 200, 300, 400, 500];
export const RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1];

export function toAddress({ data, points, units, activation, lr, seed }) {
  return `#playground=data:${data},points:${points},units:${units.join("-") || 0},activation:${activation},lr:${lr},seed:${seed}`;
}

/** The settings in an address; null if it has none. What it does not know, it leaves at the start's value. */
export function fromAddress(hash) {
  if (!hash.startsWith("#playground=")) return null;
  const text = hash.slice("#playground=".length).replace(/%3A/gi, ":").replace(/%2C/gi, ","); // as some programs send them
  const said = Object.fromEntries(text.split(",").map((pair) => pair.split(":")));
  const one = (name, known) => (known.map(String).includes(said[name]) ? known[known.map(String).indexOf(said[name])] : START[name]);
  const units = /^[1-8](-[1-8]){0,2}$/.test(said.units) ? said.units.split("-").map(Number) : [];
  const seed = /^[1-9]\d{0,5}$/.test(said.seed) ? Number(said.seed) : START.seed;
  return { data: one("data", DATA), points: one("points", POINTS), units, activation: one("activation", ACTIVATIONS), lr: one("lr", RATES), seed };
}
