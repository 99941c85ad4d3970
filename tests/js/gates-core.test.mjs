import assert from "node:assert/strict";
import { test } from "node:test";

import { GATES, answers, right } from "../../chapters/assets/js/gates-core.mjs";
import { boundary, number, positiveSide } from "../../chapters/assets/js/dom.mjs";

const settings = [];
const values = Array.from({ length: 25 }, (_, i) => -3 + i / 4); // those of the sliders
for (const w0 of values) for (const w1 of values) for (const b of values) settings.push({ w: [w0, w1], b });

test("the sliders reach every gate but XOR, which never gets beyond 3 of 4", () => {
  for (const gate of Object.keys(GATES)) {
    const best = Math.max(...settings.map((params) => right(params, gate)));
    assert.equal(best, gate === "XOR" ? 3 : 4, gate);
  }
});

test("the book's weights make the book's gates", () => {
  assert.deepEqual(answers({ w: [1, 1], b: -1.5 }), GATES.AND);
  assert.deepEqual(answers({ w: [1, 1], b: -0.5 }), GATES.OR);
  assert.deepEqual(answers({ w: [-1, -1], b: 1.5 }), GATES.NAND);
});

test("the shaded side and the line agree with the weights", () => {
  assert.deepEqual(boundary({ w: [1, 0], b: 0 }, -1, 1).map(([x]) => x), [0, 0]);
  assert.deepEqual(positiveSide({ w: [0, 0], b: 1 }, -1, 1).length, 4);
  assert.deepEqual(positiveSide({ w: [0, 0], b: 0 }, -1, 1), []);
  assert.equal(boundary({ w: [0, 0], b: 0 }, -1, 1), null);
  assert.equal(boundary({ w: [1, 1], b: 9 }, -1, 1), null);
});

test("numbers have a true minus sign and no minus zero", () => {
  assert.deepEqual([-1.5, -0, 0.1 + 0.2].map(number), ["−1.5", "0", "0.3"]);
});
