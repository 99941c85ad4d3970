// The widgets' perceptron gives the numbers of deepbook/perceptron.py: tests/test_site_widgets.py writes the fixture from it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import * as core from "../../chapters/assets/js/perceptron-core.mjs";

const fixture = JSON.parse(readFileSync(new URL("perceptron.json", import.meta.url)));

test("step is 0 at a tie", () => {
  assert.deepEqual([-1, 0, -0, 1e-9].map(core.step), [0, 0, 0, 1]);
});

for (const { name, points, epochs, W, b, mistakes, steps } of fixture) {
  test(`fit equals Python: ${name}`, () => {
    const got = core.fit(points, epochs);
    assert.deepEqual(got.mistakes, mistakes);
    assert.deepEqual([got.params.w, got.params.b], [W, b]);
  });

  test(`one step after the other equals Python: ${name}`, () => {
    let training = core.start();
    for (const [W, b] of steps) {
      training = core.lookAtNext(training, points).after;
      assert.deepEqual([training.params.w, training.params.b], [W, b]);
    }
  });
}

test("the fixture has the presets", () => {
  for (const name of Object.keys(core.PRESETS)) {
    assert.deepEqual(core.PRESETS[name], fixture.find((each) => each.name === name).points);
  }
});

test("steps, then the rest of the epoch, are an epoch", () => {
  const points = core.PRESETS.separable;
  const { after } = core.lookAtNext(core.start(), points);
  const whole = core.fit(points, 1);
  assert.deepEqual(core.finishEpoch(after, points), { params: whole.params, next: 0, mistakes: whole.mistakes });
});

test("separable points come to rest, overlapping ones and XOR do not", () => {
  const last = (name) => core.runUntilNoMistakes(core.start(), core.PRESETS[name], 100).mistakes;
  assert.equal(last("separable").at(-1), 0);
  for (const name of ["overlapping", "XOR"]) {
    assert.equal(last(name).length, 100);
    assert.ok(last(name).at(-1) > 0);
  }
});
