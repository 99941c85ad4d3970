// The racers walk like deepbook/optim.py: tests/test_site_widgets.py writes the fixture from it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { contour, sample } from "../../chapters/assets/js/contour.mjs";
import { OPTIMIZERS, SURFACES, race, walk } from "../../chapters/assets/js/race-core.mjs";

const fixture = JSON.parse(readFileSync(new URL("race.json", import.meta.url)));
const near = (got, wanted, what) => assert.ok(Math.abs(got - wanted) <= 1e-5 * Math.max(Math.abs(wanted), 1e-3), `${what}: ${got}, not ${wanted}`);
const settings = { factor: 1, momentum: 0.9 };
const run = (name, change = {}, start = SURFACES[name].start) => race(SURFACES[name], start, { ...settings, ...change }, 150);
const named = (racers, name) => racers.find((racer) => racer.name === name);

for (const { surface, optimizer, start, lr, steps } of fixture) {
  test(`fifty steps equal JAX: ${optimizer}, ${surface}`, () => {
    assert.deepEqual(SURFACES[surface].start, start);
    assert.equal(SURFACES[surface].lr[optimizer], lr);
    const { points, losses } = walk(SURFACES[surface], optimizer, start, { lr, momentum: 0.9 }, 50);
    assert.equal(points.length, 51);
    for (const { step, w, loss } of steps) {
      w.forEach((value, i) => near(points[step][i], value, `step ${step}`));
      near(losses[step], loss, `loss of step ${step}`);
    }
  });
}

test("epsilon is added to the root, not under it", () => {
  for (const name of ["AdaGrad", "Adam"]) {
    const { init, update } = OPTIMIZERS[name];
    const [[change]] = update([1e-4, 1], init(), { lr: 1 });
    assert.ok(Math.abs(change + 1e-4 / (1e-4 + 1e-8)) < 1e-9, `${name}: ${change}`);
  }
});

test("the fixture has every optimizer on every map", () => {
  assert.equal(fixture.length, Object.keys(OPTIMIZERS).length * Object.keys(SURFACES).length);
});

test("at every place with a mark the gradient is 0", () => {
  for (const { places, gradient } of Object.values(SURFACES)) {
    for (const { at } of places) gradient(at).forEach((slope) => assert.ok(Math.abs(slope) < 1e-12));
  }
});

test("only inertia carries a ball to the lower of two minima", () => {
  const there = run("two minima").filter(({ arrived }) => arrived !== null).map(({ name }) => name);
  assert.deepEqual(there, ["Momentum", "Nesterov"]);
  const none = run("two minima", { momentum: 0 }).filter(({ arrived }) => arrived !== null);
  assert.deepEqual(none, []);
});

test("whoever has arrived stays below the goal, and was above it a step before", () => {
  for (const [name, { goal }] of Object.entries(SURFACES)) {
    for (const { losses, arrived } of run(name)) {
      if (arrived === null) continue;
      assert.ok(losses.slice(arrived).every((loss) => loss <= goal));
      assert.ok(losses[arrived - 1] > goal);
    }
  }
});

test("on the ravine SGD with twice the learning rate leaves the map", () => {
  const { left, arrived } = named(run("ravine", { factor: 2 }), "SGD");
  assert.ok(left > 0 && left < 10);
  assert.equal(arrived, null);
});

test("numbers that overflow end a walk", () => {
  const [sgd] = run("Beale", { factor: 8 }, [-4.4, -3.3]);
  assert.ok(sgd.points.every((w) => w.every(Number.isFinite)));
  assert.ok(sgd.left !== null && sgd.left < sgd.points.length + 1);
});

test("from the ridge itself nobody leaves the saddle", () => {
  for (const { points } of run("saddle", {}, [-2, 0])) assert.equal(points.at(-1)[1], 0);
});

test("a contour line is closed and lies at its level, the low side within", () => {
  const { f, half, levels } = SURFACES["two minima"];
  const grid = sample(f, half);
  const below1 = contour(grid, 1);
  assert.equal(below1.length, 2); // one loop around each minimum
  for (const level of levels) {
    for (const loop of contour(grid, level)) {
      const inside = loop.filter((point) => point.every((value, i) => Math.abs(value) < half[i]));
      for (const point of inside) assert.ok(Math.abs(f(point) - level) < 0.03 * level, `${f(point)} at level ${level}`);
    }
  }
  assert.deepEqual(contour(grid, -1), []);
});
