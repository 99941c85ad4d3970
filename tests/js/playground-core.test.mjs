// The playground's network gives the numbers of deepbook's functions: tests/test_site_widgets.py writes the fixture from them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import * as core from "../../chapters/assets/js/playground-core.mjs";

const fixture = JSON.parse(readFileSync(new URL("playground.json", import.meta.url)));

const near = (got, wanted, what) => {
  assert.equal(got.length, wanted.length, what);
  wanted.forEach((each, i) => assert.ok(Math.abs(got[i] - each) <= 1e-5, `${what}[${i}]: ${got[i]} is not ${each}`));
};

for (const { activation, sizes, params, x, y, logits, loss, accuracy, grads, steps } of fixture) {
  test(`forward, backward and Adam equal Python: ${sizes.join("-")}, ${activation}`, () => {
    const net = core.network(sizes, activation);
    net.params.set(params);
    const batch = core.batch(net, { x: Float64Array.from(x), y: Float64Array.from(y) });
    near(core.forward(net, batch), logits, "logits");
    near([core.loss(batch.a.at(-1), batch.y), core.accuracy(batch.a.at(-1), batch.y)], [loss, accuracy], "loss and accuracy");
    near(core.backward(net, batch), grads, "grads");
    const memory = core.adam(net);
    for (const [i, after] of steps.entries()) {
      if (i > 0) core.forward(net, batch), core.backward(net, batch);
      core.update(net, memory, 0.03);
      near(net.params, after, `parameters after step ${i + 1}`);
    }
  });
}

test("the loss does not overflow", () => {
  assert.deepEqual([core.loss([1000], [0]), core.loss([-1000], [0]), core.loss([0], [1])], [1000, 0, Math.log(2)]);
});

test("points are half of each class, in the plane, and the same for the same seed", () => {
  for (const data of core.DATA) {
    for (const n of core.POINTS) {
      const { x, y } = core.points(data, n);
      assert.equal(x.length, 2 * n);
      assert.equal(y.reduce((sum, each) => sum + each, 0), n / 2);
      assert.ok(x.every((each) => Math.abs(each) <= core.HALF));
      assert.deepEqual(core.points(data, n).x, x);
      assert.notDeepEqual(core.points(data, n, 1).x, x);
    }
  }
});

const trained = (settings, epochs) => {
  const training = core.start({ ...core.START, ...settings });
  for (let i = 0; i < epochs; i++) core.epoch(training, core.START.lr);
  return core.report(training);
};

test("a training is the same every time, and its epochs are counted", () => {
  assert.deepEqual(trained({ units: [4] }, 20), trained({ units: [4] }, 20));
  assert.equal(trained({ units: [4] }, 20).epoch, 20);
});

test("XOR: no line does better than a coin, a hidden layer does", () => {
  const line = trained({}, 300);
  assert.ok(Math.abs(line.loss - Math.log(2)) < 0.01 && line.accuracy < 0.7, JSON.stringify(line));
  for (const activation of core.ACTIVATIONS) {
    const layered = trained({ units: [4], activation }, 300);
    assert.ok(layered.loss < 0.2 && layered.accuracy > 0.95, activation + JSON.stringify(layered));
  }
});

test("every data set can be learned", () => {
  for (const [data, units] of [["circle", [4]], ["moons", [4]], ["spirals", [8, 8, 8]]]) {
    assert.ok(trained({ data, units }, 400).accuracy > 0.9, data);
  }
});

test("the map starts at the top left", () => {
  const net = core.network([2, 1], "tanh");
  net.params.set([1, 10, 0]); // x₁ + 10 x₂
  assert.deepEqual([...core.forward(net, core.grid(net, 2))], [9, 11, -11, -9]);
});

test("the line is where the values change sign", () => {
  assert.deepEqual(core.zeroLine([1, 1, -1, -3], 2), [[1.5, 0.75, 0.5, 1]]); // x₁, y₁, x₂, y₂ in fields
  assert.deepEqual(core.zeroLine([1, 1, 2, 3], 2), []);
  assert.equal(core.zeroLine([1, -1, -1, 1], 2).length, 2); // a saddle has two pieces
});

test("settings survive their address, and nonsense becomes the start's value", () => {
  for (const units of [[], [4], [8, 1, 3]]) {
    const settings = { data: "moons", points: 300, units, activation: "ReLU", lr: 0.001, seed: 42 };
    assert.deepEqual(core.fromAddress(core.toAddress(settings)), settings);
    assert.deepEqual(core.fromAddress(core.toAddress(settings).replaceAll(":", "%3A").replaceAll(",", "%2c")), settings);
  }
  assert.equal(core.fromAddress(""), null);
  assert.equal(core.fromAddress("#softmax"), null);
  for (const bad of ["", "data", "data:<b>,units:9", "units:4-4-4-4", "units:1-", "points:1e9,lr:-1,seed:0", "data:constructor,activation:toString"]) {
    assert.deepEqual(core.fromAddress(`#playground=${bad}`), core.START, bad);
  }
});
