// The computational graph of a small network and its loss: ŷ = w₃ ReLU(w₁x₁ + w₂x₂ + b₁) + b₂ and L = (ŷ − y)². Nothing here
// knows of the page. A test gives the same numbers to jax.grad and compares.

/** Each operation: its value and, beside it, its local derivative by each of its inputs. */
export const OPS = {
  multiply: { value: (a, b) => a * b, slopes: (a, b) => [b, a] },
  add: { value: (...terms) => terms.reduce((sum, term) => sum + term), slopes: (...terms) => terms.map(() => 1) },
  subtract: { value: (a, b) => a - b, slopes: () => [1, -1] },
  ReLU: { value: (z) => Math.max(z, 0), slopes: (z) => [z > 0 ? 1 : 0] }, // at 0 itself we choose 0, as the book does
  square: { value: (a) => a * a, slopes: (a) => [2 * a] },
};

/** What goes in: two inputs, the parameters, the target. */
export const LEAVES = ["x1", "x2", "w1", "w2", "b1", "w3", "b2", "y"];
export const PARAMETERS = ["w1", "w2", "b1", "w3", "b2"];

/** The nodes in the order of the forward pass: what each one makes, of what. Every value is used once. */
export const NODES = [
  { out: "p1", op: "multiply", of: ["w1", "x1"] },
  { out: "p2", op: "multiply", of: ["w2", "x2"] },
  { out: "z", op: "add", of: ["p1", "p2", "b1"] },
  { out: "h", op: "ReLU", of: ["z"] },
  { out: "p3", op: "multiply", of: ["w3", "h"] },
  { out: "yhat", op: "add", of: ["p3", "b2"] },
  { out: "e", op: "subtract", of: ["yhat", "y"] },
  { out: "L", op: "square", of: ["e"] },
];

export const START = { x1: 2, x2: -1, w1: 1, w2: 0.5, b1: 0.5, w3: 0.5, b2: 0.5, y: 3 };
export const LR = 0.05;

const taken = (node, values) => node.of.map((name) => values[name]);

/** The local derivatives of a node, one for each of its inputs. */
export const slopes = (node, values) => OPS[node.op].slopes(...taken(node, values));

/** The first `count` nodes, forwards. Returns every value known by then, by name. */
export function forward(leaves, count = NODES.length) {
  const values = { ...leaves };
  for (const node of NODES.slice(0, count)) values[node.out] = OPS[node.op].value(...taken(node, values));
  return values;
}

/** The last `count` nodes, backwards: what arrives times the local derivative. Returns every gradient of L known by then. */
export function backward(values, count = NODES.length) {
  const grads = count > 0 ? { L: 1 } : {};
  for (const node of [...NODES].reverse().slice(0, count)) {
    slopes(node, values).forEach((slope, i) => { grads[node.of[i]] = grads[node.out] * slope; });
  }
  return grads;
}

/** One step of gradient descent: the leaves after it. */
export function descend(leaves, lr = LR) {
  const grads = backward(forward(leaves));
  return { ...leaves, ...Object.fromEntries(PARAMETERS.map((name) => [name, leaves[name] - lr * grads[name]])) };
}
