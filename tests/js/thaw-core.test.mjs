// The widget's flags, counts and means are the library's and the record's: tests/test_site_widgets.py writes the fixture.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { PARTS, RATES, SHOTS, TABLE, flags, learning, percent, points, recorded, total } from "../../chapters/assets/js/thaw-core.mjs";

const fixture = JSON.parse(readFileSync(new URL("thaw.json", import.meta.url)));
const near = (got, wanted, what) => assert.ok(Math.abs(got - wanted) <= 1e-6, `${what}: ${got}, not ${wanted}`);

test("the parts that learn, and how many parameters they have, are the library's", () => {
  assert.equal(fixture.length, PARTS.length);
  for (const { thawed, learns, parameters } of fixture) {
    assert.deepEqual(flags(thawed), learns);
    assert.equal(learning(thawed), parameters);
  }
  assert.equal(learning(PARTS.length), total);
});

test("every mean is the record's", () => {
  for (const { thawed, cells } of fixture) {
    assert.equal(cells.length, SHOTS.length * RATES.length);
    for (const { rate, shots, new: fresh, old, scratch } of cells) {
      const found = recorded({ thawed, shots, rate });
      near(found.fresh.mean, fresh, `new, ${thawed}, ${shots}, ${rate}`);
      near(found.kept.mean, old, `old, ${thawed}, ${shots}, ${rate}`);
      near(found.scratch, scratch, `scratch, ${shots}, ${rate}`);
      assert.equal(found.fresh.draws.length, found.kept.draws.length);
    }
  }
});

test("a frozen backbone forgets nothing", () => {
  for (const rate of RATES) for (const shots of SHOTS) {
    const { kept, before } = recorded({ thawed: 1, shots, rate });
    assert.ok(Math.abs(kept.mean - before) < 1e-9); // under the same lamps
  }
});

test("a difference is that of the two numbers on the page", () => {
  assert.equal(percent(0.5948), "59.5");
  assert.equal(points(0.59481, 0.31038), 28.5); // 28.443, but the page says 59.5 and 31.0
  assert.equal(points(0.31038, 0.59481), -28.5);
  assert.equal(points(0.99827, 0.99834), 0);
});

test("what the page asks for: freeze with few examples, thaw with many, and a large rate forgets", () => {
  const fresh = (thawed, shots) => recorded({ thawed, shots, rate: "small" }).fresh.mean;
  assert.ok(fresh(1, 1) > fresh(4, 1) && fresh(4, 100) > fresh(1, 100));
  const kept = (rate) => recorded({ thawed: 4, shots: SHOTS[0], rate }).kept.mean;
  assert.ok(kept("small") > kept("large") + 0.2);
  assert.equal(TABLE.thawed.length, PARTS.length);
});
