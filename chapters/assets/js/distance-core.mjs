// How much the last hidden state hears of an input k steps before: a plain recurrent cell, an LSTM and a GRU of eight units, each
// with its way back by hand. Nothing here knows of the page. distance-table.mjs holds weights and inputs drawn by JAX, and a test
// lets JAX compute the same sizes.
import { TABLE } from "./distance-table.mjs";

export const CELLS = ["RNN", "LSTM", "GRU"];
export const STEPS = TABLE.x.length;
export const FURTHEST = STEPS - 1; // how far the first input is from the last state
export const UNITS = TABLE.Wx.candidate.length;
export const START = { scale: 0.8, bias: 1, input: 0.5 };

const sigmoid = (z) => 1 / (1 + Math.exp(-z));
const zeros = () => Array(UNITS).fill(0);
const each = (make) => {
  const values = zeros();
  for (let j = 0; j < UNITS; j++) values[j] = make(j);
  return values;
};

/** x Wx + h Wh + b of one gate, its recurrent weights times `scale`. */
function total(gate, x, h, scale, b = 0) {
  const [Wx, Wh] = [TABLE.Wx[gate], TABLE.Wh[gate]];
  return each((j) => {
    let sum = 0;
    for (let i = 0; i < UNITS; i++) sum += h[i] * Wh[i][j];
    return x * Wx[j] + scale * sum + b;
  });
}

/** The blame dz of a gate's totals, sent on to its input and to the state before. */
function sendBack(gate, dz, scale, to) {
  const [Wx, Wh] = [TABLE.Wx[gate], TABLE.Wh[gate]];
  for (let i = 0; i < UNITS; i++) {
    let sum = 0;
    for (let j = 0; j < UNITS; j++) sum += dz[j] * Wh[i][j];
    to.dh[i] += scale * sum;
    to.dx += dz[i] * Wx[i];
  }
}

// Each cell: one step forward, which keeps what the way back needs, and one step back: {dx, dh, dc} from the blame of h (and c).

const rnn = {
  step({ h }, x, { scale }) {
    return { h: total("candidate", x, h, scale).map(Math.tanh) };
  },
  back({ h }, before, x, { scale }, dh) {
    const to = { dx: 0, dh: zeros() };
    sendBack("candidate", each((j) => dh[j] * (1 - h[j] ** 2)), scale, to);
    return to;
  },
};

const lstm = {
  step({ h, c }, x, { scale, bias }) {
    const i = total("in", x, h, scale).map(sigmoid);
    const f = total("keep", x, h, scale, bias).map(sigmoid);
    const g = total("candidate", x, h, scale).map(Math.tanh);
    const o = total("out", x, h, scale).map(sigmoid);
    const next = each((j) => f[j] * c[j] + i[j] * g[j]);
    return { i, f, g, o, c: next, h: each((j) => o[j] * Math.tanh(next[j])) };
  },
  back({ i, f, g, o, c }, before, x, { scale }, dh, dcLater) {
    const to = { dx: 0, dh: zeros() };
    const tanh = c.map(Math.tanh);
    const dc = each((j) => dcLater[j] + dh[j] * o[j] * (1 - tanh[j] ** 2));
    sendBack("in", each((j) => dc[j] * g[j] * i[j] * (1 - i[j])), scale, to);
    sendBack("keep", each((j) => dc[j] * before.c[j] * f[j] * (1 - f[j])), scale, to);
    sendBack("candidate", each((j) => dc[j] * i[j] * (1 - g[j] ** 2)), scale, to);
    sendBack("out", each((j) => dh[j] * tanh[j] * o[j] * (1 - o[j])), scale, to);
    return { ...to, dc: each((j) => dc[j] * f[j]) };
  },
};

const gru = {
  step({ h }, x, { scale, bias }) {
    const r = total("in", x, h, scale).map(sigmoid);
    const z = total("keep", x, h, scale, bias).map(sigmoid);
    const n = total("candidate", x, each((j) => r[j] * h[j]), scale).map(Math.tanh);
    return { r, z, n, h: each((j) => z[j] * h[j] + (1 - z[j]) * n[j]) };
  },
  back({ r, z, n }, before, x, { scale }, dh) {
    const to = { dx: 0, dh: each((j) => dh[j] * z[j]) };
    sendBack("keep", each((j) => dh[j] * (before.h[j] - n[j]) * z[j] * (1 - z[j])), scale, to);
    const inner = { dx: 0, dh: zeros() }; // of r ⊙ h
    sendBack("candidate", each((j) => dh[j] * (1 - z[j]) * (1 - n[j] ** 2)), scale, inner);
    to.dx += inner.dx;
    for (let j = 0; j < UNITS; j++) to.dh[j] += inner.dh[j] * r[j];
    sendBack("in", each((j) => inner.dh[j] * before.h[j] * r[j] * (1 - r[j])), scale, to);
    return to;
  },
};

const RECIPES = { RNN: rnn, LSTM: lstm, GRU: gru };

/** All states of a cell on the table's inputs, the first of which is that before any input. */
export function states(name, settings) {
  const made = [{ h: zeros(), c: zeros() }];
  for (const x of TABLE.x) made.push(RECIPES[name].step(made.at(-1), settings.input * x, settings));
  return made;
}

/** For each distance from 0 to FURTHEST: the norm of the slopes of the last hidden state by the input that far before. */
export function sizes(name, settings) {
  const { back } = RECIPES[name];
  const made = states(name, settings);
  const squares = Array(STEPS).fill(0);
  for (let unit = 0; unit < UNITS; unit++) {
    let [dh, dc] = [each((j) => (j === unit ? 1 : 0)), zeros()];
    for (let t = STEPS; t > 0; t--) {
      const to = back(made[t], made[t - 1], settings.input * TABLE.x[t - 1], settings, dh, dc);
      squares[STEPS - t] += to.dx ** 2;
      [dh, dc] = [to.dh, to.dc ?? dc];
    }
  }
  return squares.map(Math.sqrt);
}
