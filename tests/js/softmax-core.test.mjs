// The widget's softmax gives the numbers of deepbook's functions: tests/test_site_widgets.py writes the fixture from them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { START, crossEntropy, softmax } from "../../chapters/assets/js/softmax-core.mjs";
import { short } from "../../chapters/assets/js/softmax-widget.mjs";

const fixture = JSON.parse(readFileSync(new URL("softmax.json", import.meta.url)));

const near = (got, wanted, what) => {
  wanted = [wanted].flat().map(Number); // "Infinity" and "NaN" are no JSON
  [got].flat().forEach((each, i) => {
    const same = Object.is(each, wanted[i]) || Math.abs(each - wanted[i]) <= 1e-5 * Math.max(1, Math.abs(wanted[i]));
    assert.ok(same, `${what}[${i}]: ${each} is not ${wanted[i]}`);
  });
};

for (const { logits, temperature, y, p, loss, exponentials, naive } of fixture) {
  test(`equal to Python: ${logits} at temperature ${temperature}`, () => {
    const safe = { temperature, subtract: true };
    const plain = { temperature, subtract: false };
    near(softmax(logits, safe).p, p, "p");
    near(crossEntropy(logits, y, safe), loss, "cross-entropy");
    near(softmax(logits, plain).exponentials, exponentials, "exponentials");
    near(softmax(logits, plain).p, naive, "p without subtracting");
    assert.equal(Math.max(...softmax(logits, safe).exponentials), 1);
  });
}

test("the start is the book's example", () => {
  assert.deepEqual(softmax(START).p.map((each) => each.toFixed(2)), ["0.61", "0.28", "0.11"]);
});

test("without subtracting, large logits are lost, and small ones too", () => {
  assert.deepEqual(softmax([1000, 0], { subtract: false }).p, [NaN, 0]);
  assert.deepEqual(softmax([-1000, -1001], { subtract: false }).p, [NaN, NaN]);
  assert.equal(crossEntropy([0, -1000], 1, { subtract: false }), Infinity);
  assert.equal(crossEntropy([0, -1000], 1), 1000);
});

test("numbers are short", () => {
  assert.deepEqual([6.686, 0, 0.012, 3e-9, 5e20, -100, Infinity, NaN].map(short), ["6.69", "0.00", "0.012", "3.0e−9", "5.0e+20", "−100", "∞", "NaN"]);
});
