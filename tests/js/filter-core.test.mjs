// The widget's filter slides like deepbook/cnn.py: tests/test_site_widgets.py writes the fixture from it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { FILTERS, PICTURES, maxPool, patch, pixels, places, scores } from "../../chapters/assets/js/filter-core.mjs";

const fixture = JSON.parse(readFileSync(new URL("filter.json", import.meta.url)));
const near = (got, wanted, what) => {
  assert.equal(got.length, wanted.length, what);
  got.forEach((value, i) => assert.ok(Math.abs(value - wanted[i]) <= 1e-6, `${what}, ${i}: ${value}, not ${wanted[i]}`));
};
const plain = { padding: 0, stride: 1 };
const board = (picture, filter, how = plain) => scores(pixels(picture), FILTERS[filter], how);

test("every board equals JAX's", () => {
  assert.equal(fixture.length, Object.keys(PICTURES).length * Object.keys(FILTERS).length * 4);
  for (const each of fixture) {
    const how = { padding: each.padding, stride: each.stride };
    const what = JSON.stringify(each).slice(0, 90);
    const made = board(each.picture, each.filter, how);
    assert.equal(places(8, how), each.n, what);
    near(made.flat(), each.scores, what);
    near(maxPool(made).flat(), each.pooled, `${what}, pooled`);
  }
});

test("the book's example: 3 on a vertical line, 1 on a diagonal", () => {
  assert.equal(Math.max(...board("vertical line", "vertical").flat()), 3);
  assert.equal(Math.max(...board("diagonal", "vertical").flat()), 1);
});

test("a line at the border is missed without padding", () => {
  const best = (padding) => Math.max(...board("line at the border", "vertical", { padding, stride: 1 }).flat());
  assert.equal(best(0), 0);
  assert.equal(best(1), 3);
});

test("only the filter whose weights add up to 0 is not fooled by ink everywhere", () => {
  const fooled = Object.keys(FILTERS).filter((name) => Math.max(...board("all ink", name).flat()) > 0);
  assert.deepEqual(fooled, ["vertical", "horizontal", "diagonal"]);
});

test("outside of the picture a patch is 0", () => {
  const under = patch(pixels("all ink"), 0, 0, { padding: 1, stride: 1 });
  assert.deepEqual(under, [0, 0, 0, 0, 1, 1, 0, 1, 1]);
});

test("pictures are square and made of quarters", () => {
  for (const rows of Object.values(PICTURES)) {
    assert.equal(rows.length, 8);
    assert.ok(rows.every((row) => /^[0-4]{8}$/.test(row)));
  }
});

test("pooling leaves out what does not fill a window", () => {
  assert.deepEqual(maxPool([[1, 2, 9], [3, 4, 9], [9, 9, 9]]), [[4]]);
  assert.deepEqual(maxPool([[5]]), []);
});
