// The widget's cells and their ways back: tests/test_site_widgets.py lets JAX compute the same slopes for the fixture.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { CELLS, FURTHEST, STEPS, UNITS, sizes, states } from "../../chapters/assets/js/distance-core.mjs";
import { TABLE } from "../../chapters/assets/js/distance-table.mjs";

const fixture = JSON.parse(readFileSync(new URL("distance.json", import.meta.url)));

test("the slopes' sizes equal JAX's at every distance", () => {
  assert.equal(fixture.length, CELLS.length * 5);
  for (const { cell, settings, last, ...wanted } of fixture) {
    const what = `${cell}, ${JSON.stringify(settings)}`;
    const got = sizes(cell, settings);
    assert.equal(got.length, STEPS);
    got.forEach((size, k) => assert.ok(Math.abs(Math.log(size) - wanted.logs[k]) <= 1e-4, `${what}, ${k}: ${size}, not e^${wanted.logs[k]}`));
    states(cell, settings).at(-1).h.forEach((h, j) => assert.ok(Math.abs(h - last[j]) <= 1e-5, `${what}: h ${h}, not ${last[j]}`));
  }
});

test("the way back agrees with small differences", () => {
  const settings = { scale: 1.1, bias: 1, input: 0.7 };
  for (const cell of CELLS) {
    for (const k of [0, 1, 5]) {
      const at = STEPS - 1 - k;
      const moved = (by) => {
        const kept = TABLE.x[at];
        TABLE.x[at] += by / settings.input;
        const { h } = states(cell, settings).at(-1);
        TABLE.x[at] = kept;
        return h;
      };
      const [up, down] = [moved(1e-5), moved(-1e-5)];
      const slope = Math.hypot(...up.map((h, j) => (h - down[j]) / 2e-5));
      assert.ok(Math.abs(slope / sizes(cell, settings)[k] - 1) < 1e-6, `${cell}, ${k}`);
    }
  }
});

test("a plain cell without input shrinks or grows by the scale at each step", () => {
  const quiet = (scale) => sizes("RNN", { scale, bias: 1, input: 0 });
  assert.ok(Math.abs(quiet(0.5)[20] / quiet(0.5)[19] - 0.5) < 0.2);
  const far = quiet(2)[FURTHEST] / quiet(2)[0];
  assert.ok(Math.abs(Math.log2(far) - FURTHEST) < 1);
});

test("a large bias keeps the LSTM's and the GRU's gradient, whatever the scale", () => {
  for (const scale of [0.3, 0.8]) {
    const kept = (cell, bias) => {
      const found = sizes(cell, { scale, bias, input: 0.5 });
      return found[FURTHEST] / found[0];
    };
    assert.ok(kept("LSTM", 6) > 0.1 && kept("GRU", 6) > 0.5);
    assert.ok(kept("LSTM", -2) < 1e-12 && kept("GRU", -2) < 1e-6 && kept("RNN", 6) === kept("RNN", -2));
  }
  assert.equal(UNITS, 8);
});
