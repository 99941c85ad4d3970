// The graph's numbers are those of jax.grad: tests/test_site_widgets.py writes the fixture.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import * as core from "../../chapters/assets/js/graph-core.mjs";

const fixture = JSON.parse(readFileSync(new URL("graph.json", import.meta.url)));
const near = (got, wanted, what) => assert.ok(Math.abs(got - wanted) <= 1e-5 * Math.max(Math.abs(wanted), 1), `${what}: ${got}, not ${wanted}`);

fixture.forEach(({ leaves, loss, grads, after }, i) => {
  test(`loss, gradients and a step of descent equal JAX: ${i}`, () => {
    const values = core.forward(leaves);
    near(values.L, loss, "L");
    const got = core.backward(values);
    for (const name of core.LEAVES) near(got[name], grads[name], name);
    const moved = core.descend(leaves);
    for (const name of core.PARAMETERS) near(moved[name], after[name], name);
    for (const name of ["x1", "x2", "y"]) assert.equal(moved[name], leaves[name]);
  });
});

test("the fixture has the start, a negative z and a z of 0", () => {
  assert.deepEqual(fixture[0].leaves, core.START);
  assert.deepEqual(fixture.slice(0, 3).map(({ leaves }) => Math.sign(core.forward(leaves).z)), [1, -1, 0]);
});

test("where z is negative, only b2 can move", () => {
  const dead = { ...core.START, b1: -4 };
  const moved = core.descend(dead);
  assert.deepEqual(core.PARAMETERS.filter((name) => moved[name] !== dead[name]), ["b2"]);
});

test("a pass that stops on its way has the numbers of the whole one", () => {
  const whole = core.forward(core.START);
  const grads = core.backward(whole);
  for (let count = 0; count <= core.NODES.length; count++) {
    const values = core.forward(core.START, count);
    assert.equal(Object.keys(values).length, core.LEAVES.length + count);
    for (const [name, value] of Object.entries(values)) assert.equal(value, whole[name]);
    for (const [name, value] of Object.entries(core.backward(whole, count))) assert.equal(value, grads[name]);
  }
  assert.deepEqual(core.backward(whole, 0), {});
  assert.deepEqual(Object.keys(core.backward(whole, 1)), ["L", "e"]);
});

test("a product of the local derivatives along the way is the gradient", () => {
  const values = core.forward(core.START);
  const slope = (out, by) => {
    const node = core.NODES.find((each) => each.out === out);
    return core.slopes(node, values)[node.of.indexOf(by)];
  };
  const way = ["L", "e", "yhat", "p3", "h", "z", "p1", "w1"];
  const product = way.slice(1).reduce((so, by, i) => so * slope(way[i], by), 1);
  assert.equal(core.backward(values).w1, product);
});
