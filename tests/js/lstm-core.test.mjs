// The widget's LSTM reads like deepbook/cells.py: tests/test_site_widgets.py writes the fixture from it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { GATES, HOLDS, OPINIONS, SENTENCES, UNITS, WORDS, opinion, read } from "../../chapters/assets/js/lstm-core.mjs";

const fixture = JSON.parse(readFileSync(new URL("lstm.json", import.meta.url)));
const near = (got, wanted, what) => {
  assert.equal(got.length, wanted.length, what);
  got.forEach((value, i) => assert.ok(Math.abs(value - wanted[i]) <= 1e-5, `${what}, ${i}: ${value}, not ${wanted[i]}`));
};
const said = (sentence) => read(sentence.split(" ")).map(({ p }) => OPINIONS[p.indexOf(Math.max(...p))]);

test("every gate and state equals JAX's", () => {
  assert.equal(fixture.length, SENTENCES.length * Object.keys(HOLDS).length);
  for (const { sentence, forget, ...wanted } of fixture) {
    const steps = read(sentence.split(" "), forget);
    for (const name of [...GATES, "c", "h", "p"]) near(steps.flatMap((step) => step[name]), wanted[name], `${sentence}, ${forget}, ${name}`);
  }
});

test("the sentences are made of the words that were learned", () => {
  for (const sentence of SENTENCES) assert.ok(sentence.length <= 14 && sentence.every((word) => WORDS.includes(word)));
  assert.equal(UNITS, 3);
});

test("the opinion is the last one that was said, and not turns it round", () => {
  assert.equal(said("the film is").at(-1), "none yet");
  assert.equal(said("the film is good").at(-1), "good");
  assert.equal(said("the film is not very good").at(-1), "bad");
  assert.equal(said("the film is not good but the plot is great says my friend").at(-1), "good");
});

test("a cell whose forget gate is held open or shut no longer knows", () => {
  const last = (sentence, forget) => read(sentence.split(" "), forget).at(-1);
  assert.deepEqual(last("the film is not good", 1).f, [1, 1, 1]);
  const { c, i, g } = last("the film is not good", 0);
  near(c, i.map((value, u) => value * g[u]), "nothing is kept");
});

test("probabilities add up to 1", () => {
  near([opinion([0.1, -0.9, 0.4]).reduce((sum, p) => sum + p, 0)], [1], "sum");
});
