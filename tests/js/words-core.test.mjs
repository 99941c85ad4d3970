// The widget's cosines, neighbours and b − a + c are those of deepbook/embeddings.py: tests/test_site_widgets.py writes the fixture.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { MAPS, TABLE, analogy, cosine, layout, names, neighbours, target, towards } from "../../chapters/assets/js/words-core.mjs";

const fixture = JSON.parse(readFileSync(new URL("words.json", import.meta.url)));
const every = MAPS.map((name) => [name, TABLE.maps[name]]);

/** The same words in the same order, but for words that are equally near up to rounding. */
function same(found, { map, of, ids, cosines }) {
  const what = `${map}, ${of}`;
  const wanted = new Map(ids.map((id, k) => [id, cosines[k]]));
  assert.equal(found.length, ids.length, what);
  found.forEach(({ i, cosine }, k) => {
    assert.ok(Math.abs(cosine - wanted.get(i)) < 1e-3, `${what}: ${i} has ${cosine}, not ${wanted.get(i)}`);
    assert.ok(Math.abs(cosine - cosines[k]) < 1e-3, `${what}: ${i} is at place ${k}`);
  });
}

test("neighbours and analogies are the library's", () => {
  for (const each of fixture) {
    const map = TABLE.maps[each.map];
    same(Array.isArray(each.of) ? analogy(map, each.of) : neighbours(map, each.of), each);
  }
  assert.equal(fixture.length, every.reduce((sum, [, { words }]) => sum + words.length + 12, 0));
});

test("the cosine is the same both ways, and 1 with oneself", () => {
  for (const [, map] of every) {
    const n = map.words.length;
    assert.equal(map.cosines.length, (n * (n - 1)) / 2);
    assert.equal(cosine(map, n - 1, n - 2), cosine(map, n - 2, n - 1));
    assert.equal(cosine(map, 0, n - 1), map.cosines[n - 2]);
    assert.equal(cosine(map, 3, 3), 1);
  }
});

test("a − a + c is c", () => {
  const map = TABLE.maps.places;
  const [first] = analogy(map, [0, 0, 5], true);
  assert.equal(first.i, 5);
  assert.ok(Math.abs(first.cosine - 1) < 1e-3);
  assert.deepEqual(target(map, [0, 0, 5]), map.places[5]);
});

test("arrow keys reach every word from every other", () => {
  for (const [name, map] of every) {
    const seen = new Set([0]);
    for (const at of seen) for (const way of [[1, 0], [-1, 0], [0, 1], [0, -1]]) seen.add(towards(map, at, way));
    assert.equal(seen.size, map.words.length, name);
  }
});

test("names lie in the drawing and hardly on each other", () => {
  for (const [name, map] of every) {
    const at = map.places.map(layout(map, 340, 44));
    const put = names(at, map.words, 340);
    const boxes = put.map(([x, y], i) => [x, y - 10, x + 6.6 * map.words[i].length, y + 3]);
    for (const [left, top, right, low] of boxes) assert.ok(left >= 0 && top >= 0 && right <= 340 && low <= 340, name);
    const overlaps = boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) => Math.min(a[2], b[2]) - Math.max(a[0], b[0]) > 4 && Math.min(a[3], b[3]) - Math.max(a[1], b[1]) > 4));
    assert.ok(overlaps.length <= 1, `${name}: ${overlaps.length} names cover others`);
  }
});
