// A small LSTM reads a sentence, one word after the other, like deepbook/cells.py. Nothing here knows of the page. lstm-table.mjs holds
// the weights that `deepbook lab opinions` learned, and a test compares the two and lets JAX compute the same gates.
import { TABLE } from "./lstm-table.mjs";

export const WORDS = TABLE.words;
export const OPINIONS = TABLE.opinions;
export const UNITS = TABLE.weights.lstm.Wh.length;
export const GATES = ["i", "f", "g", "o"]; // the order of the blocks of weights

/** Sentences to begin with, the lab's own first. */
export const SENTENCES = [
  TABLE.shown,
  "the film is good",
  "the film is not good",
  "the film is not very very good",
  "the music is dull but the plot is not bad",
  "my friend says the film is great",
  "the plot is great says my friend",
  "good not good not good",
].map((sentence) => sentence.split(" "));

/** What may be done to the forget gate in place of what it has learned. */
export const HOLDS = { "as it learned": null, "always 1: forget nothing": 1, "always 0: forget everything": 0 };

const sigmoid = (z) => 1 / (1 + Math.exp(-z));
const dot = (a, B, j) => a.reduce((sum, value, i) => sum + value * B[i][j], 0);

/** One step: the gates, the new cell state and the new hidden state. `forget` takes the place of the forget gate. */
export function step({ h, c }, word, forget = null) {
  const { embedding, lstm } = TABLE.weights;
  const x = embedding.W[WORDS.indexOf(word)];
  const block = (k) => Array.from({ length: UNITS }, (_, u) => dot(x, lstm.Wx, k * UNITS + u) + dot(h, lstm.Wh, k * UNITS + u) + lstm.b[k * UNITS + u]);
  const [i, f, g, o] = [block(0).map(sigmoid), block(1).map((z) => forget ?? sigmoid(z)), block(2).map(Math.tanh), block(3).map(sigmoid)];
  const next = c.map((value, u) => f[u] * value + i[u] * g[u]);
  return { i, f, g, o, c: next, h: next.map((value, u) => o[u] * Math.tanh(value)), before: { h, c } };
}

/** The probability of each opinion, given the hidden state. */
export function opinion(h) {
  const { W, b } = TABLE.weights.dense;
  const scores = OPINIONS.map((_, k) => dot(h, W, k) + b[k]);
  const top = Math.max(...scores);
  const e = scores.map((score) => Math.exp(score - top));
  const all = e.reduce((sum, value) => sum + value, 0);
  return e.map((value) => value / all);
}

/** What goes on after each word: {i, f, g, o, c, h, before, p}, a number a unit; p a number an opinion. */
export function read(words, forget = null) {
  let carry = { h: Array(UNITS).fill(0), c: Array(UNITS).fill(0) };
  return words.map((word) => {
    carry = step(carry, word, forget);
    return { ...carry, p: opinion(carry.h) };
  });
}
