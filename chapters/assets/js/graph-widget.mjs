// <figure data-widget="graph">: a small network as a graph, its values forwards and its gradients backwards, node by node.
import { LEAVES, LR, NODES, PARAMETERS, START, backward, descend, forward, slopes } from "./graph-core.mjs";
import { button, html, slider, svg } from "./dom.mjs";

const LIMIT = 4; // the sliders go from −4 to 4
const SIGNS = { multiply: "×", add: "+", subtract: "−", ReLU: "ReLU", square: "( )²" };
const UNTIL_THE_RELU = 4; // of the backward pass, at the start

// Where each thing stands: how far along the graph, and how far across it. A phone shows the same, turned.
const PLACES = {
  x1: [0, 0], w1: [0, 1], x2: [0, 2], w2: [0, 3], p1: [1.2, 0.5], p2: [1.2, 2.5],
  z: [2.4, 1.5], h: [3.4, 1.5], p3: [4.4, 1.5], yhat: [5.4, 1.5], e: [6.4, 1.5], L: [7.5, 1.5], end: [8.45, 1.5],
  b1: [2.4, 3], w3: [4.4, 3], b2: [5.4, 3], y: [6.4, 3],
};
const ASIDE = ["b1", "w3", "b2", "y"]; // these come in from the side
const TURNED = { ...PLACES, x1: [0, 0.35], w1: [0, 0.9], p1: [1.2, 0.65], x2: [0, 2.1], w2: [0, 2.65], p2: [1.2, 2.35] };
const WIDE = { size: [690, 250], at: (name) => [24 + PLACES[name][0] * 78, 26 + PLACES[name][1] * 66] };
const TALL = { size: [286, 490], at: (name) => [22 + TURNED[name][1] * 78, 20 + TURNED[name][0] * 54] };
const BEND = 0.55; // how far an edge goes straight on before it turns
const PHONE = matchMedia("(max-width: 43.75em)"); // as in book.css

const called = (name) => (name === "yhat" ? "ŷ" : name.replace(/\d/, (digit) => "₀₁₂₃"[digit]));

const minus = (text) => text.replace(/^-/, "−");
const large = (value) => (Math.abs(value) < 1e5 ? String(Math.round(value)) : value.toExponential(1));

/** In a sentence three digits are enough: 0.0625, −12.5, 1300, 2.1e+7. */
const short = (value) => minus(Math.abs(value) < 100 ? String(Number(value.toPrecision(3)) || 0) : large(value));

/** At an edge there is room for less: 0.06, −12.5. What is not 0 never looks like 0. */
const tiny = (value) => {
  const size = Math.abs(value);
  if (size >= 100) return minus(large(value));
  return minus(String(Number(size < 0.1 ? value.toPrecision(1) : value.toFixed(size < 10 ? 2 : 1)) || 0));
};
const factor = (value) => (value < 0 ? `(${short(value)})` : short(value));

/** Where a value and its gradient go, at (x, y) of an edge that is level or upright and bends to one side (±1) or not (0). */
function beside(x, y, level, side, fromLeaf) {
  const anchor = (sign) => (sign > 0 ? "start" : "end");
  if (!level && side) return [0, 16].map((dy) => ({ x: x - 9 * side, y: y + dy, "text-anchor": anchor(-side) }));
  if (!level) return [-1, 1].map((sign) => ({ x: x + 6 * sign, y: y + 5, "text-anchor": anchor(sign) }));
  if (side > 0 && !fromLeaf) return [{ x: x + 3, y: y - 4 }, { x: x - 3, y: y + 15, "text-anchor": "end" }];
  if (side < 0 && !fromLeaf) return [{ x: x - 3, y: y - 4, "text-anchor": "end" }, { x: x - 6, y: y + 23 }];
  return [[1, -6], [-1, 16]].map(([sign, dy]) => ({ x: x + 7 * sign * side, y: y + dy, "text-anchor": "middle" }));
}

export class GraphWidget {
  constructor(host) {
    this.build(host);
    this.leaves = { ...START };
    this.ahead = NODES.length; // nodes of the forward pass that are done, and of the backward pass
    this.back = UNTIL_THE_RELU;
    this.redraw();
    this.say(
      `The forward pass is done, and the loss L is ${short(this.values.L)}. The backward pass has come to the ReLU, ` +
        `where ${short(this.grads.h)} arrives. Press Backward to go on, one node at a time.`,
    );
  }

  build(host) {
    this.picture = svg("svg", { class: "db-graph", role: "img" });
    this.sliders = LEAVES.map((name) => slider(called(name), { min: -LIMIT, max: LIMIT, step: 0.25, show: short }, (value) => this.set(name, value)));
    this.said = html("p", { class: "db-said", "aria-live": "polite" });
    const key = html(
      "p",
      { class: "db-key" },
      "At each edge: its value, and below or right of it ",
      html("b", {}, "the gradient of L by that value"),
      ". Dashed: the gradient is 0.",
    );
    const controls = html(
      "div",
      { class: "db-controls" },
      key,
      html(
        "div",
        { class: "db-row" },
        button("Forward", () => this.forward()),
        button("Backward", () => this.backward()),
        button("All", () => this.all()),
        button("Gradient descent step", () => this.descend()),
        button("Reset", () => this.reset()),
      ),
      this.said,
      html("div", { class: "db-sliders" }, ...this.sliders.map(({ field }) => field)),
    );
    host.querySelector(".widget-fallback")?.remove();
    host.prepend(html("div", { class: "db-widget" }, this.picture, controls));
    PHONE.addEventListener("change", () => this.redraw());
  }

  set(name, value) {
    const before = forward(this.leaves);
    this.leaves[name] = value;
    this.redraw();
    const { z, L } = forward(this.leaves);
    const turned = z > 0 === before.z > 0 ? "" : ` z is ${short(z)} now: the ReLU ${z > 0 ? "lets it pass" : "gives 0"}.`;
    this.say(`${called(name)} is ${short(value)}.${turned}${this.ahead === NODES.length ? ` The loss is ${short(L)}.` : ""}`);
  }

  forward() {
    if (this.ahead === NODES.length) return this.say(`The forward pass is done: the loss is ${short(this.values.L)}. Reset starts it anew.`);
    const node = NODES[this.ahead++];
    this.redraw(node);
    this.say(this.madeBy(node));
  }

  backward() {
    if (this.ahead < NODES.length) return this.say("The backward pass needs every value of the forward pass. First go forward to the loss.");
    if (this.back === NODES.length) return this.say("The backward pass is done: every gradient is known. Reset starts anew.");
    const node = NODES[NODES.length - ++this.back];
    this.redraw(node);
    this.say(this.sentBackBy(node));
  }

  all() {
    [this.ahead, this.back] = [NODES.length, NODES.length];
    this.redraw();
    this.say(`Both passes are done. The loss is ${short(this.values.L)}; its gradient by ${this.list(PARAMETERS, this.grads)}.`);
  }

  reset() {
    this.leaves = { ...START };
    [this.ahead, this.back] = [0, 0];
    this.redraw();
    this.say("Nothing is computed yet. Press Forward to go one node.");
  }

  descend() {
    const before = this.leaves;
    this.leaves = descend(before);
    const [was, is] = [forward(before).L, forward(this.leaves).L];
    const moved = PARAMETERS.filter((name) => this.leaves[name] !== before[name]);
    [this.ahead, this.back] = [NODES.length, NODES.length];
    this.redraw();
    const changes = moved.map((name) => `${called(name)}\u00a0${short(before[name])}\u00a0→\u00a0${short(this.leaves[name])}`).join(", ");
    const stayed = moved.length && moved.length < PARAMETERS.length ? " The others have gradient 0 and stay." : "";
    const way = is > was ? "rises, since the step was too long," : "falls";
    this.say(
      moved.length
        ? `One step against the gradient, with learning rate ${LR}: ${changes}.${stayed} The loss ${way} from ${short(was)} to ${short(is)}.`
        : `Every gradient is 0, so nothing moves. The loss stays ${short(was)}.`,
    );
  }

  /** What a node did on the way forwards. */
  madeBy({ out, op, of }) {
    const [a, b] = of.map((name) => this.values[name]);
    const result = short(this.values[out]);
    const between = (sign) => `${of.map(called).join(` ${sign} `)} = ${[short(a), ...of.slice(1).map((name) => factor(this.values[name]))].join(` ${sign} `)} = ${result}`;
    if (op === "multiply") return `Multiply: ${between("·")}.`;
    if (op === "add") return `Add: ${between("+")}.`;
    if (op === "subtract") return `Subtract: ŷ − y = ${short(a)} − ${factor(b)} = ${result}. This is the error e.`;
    if (op === "square") return `Square: e² = ${factor(a)}² = ${result}. This is the loss L.`;
    return a > 0 ? `ReLU: z = ${short(a)} is positive and passes, so h = ${result}.` : `ReLU: z = ${short(a)} is not positive, so h = 0.`;
  }

  /** What a node did on the way backwards: its local derivative, and the product. */
  sentBackBy(node) {
    const { out, op, of } = node;
    const [a, b] = of.map((name) => this.values[name]);
    const comes = short(this.grads[out]);
    const [first, second] = of.map((name) => `${short(this.grads[name])} goes back to ${called(name)}`);
    if (op === "square") return `Square: its local derivative is 2e = 2 · ${factor(a)} = ${short(2 * a)}. Times 1, the gradient of L by itself: ${first}.`;
    if (op === "subtract") return `Subtract: its local derivative is 1 by ŷ and −1 by y. Times ${comes}: ${first}, ${second}.`;
    if (op === "add") return `Add: its local derivative is 1 by each input, so ${comes} goes back to each: ${of.map(called).join(", ")}.`;
    if (op === "multiply") {
      const [one, other] = of.map(called);
      return `Multiply: its local derivative by ${one} is ${other} = ${short(b)}, and by ${other} it is ${one} = ${short(a)}. Times ${comes}: ${first}, ${second}.`;
    }
    if (slopes(node, this.values)[0]) return `ReLU: z = ${short(a)} is positive, so its local derivative is 1. Times ${comes}: ${first}.`;
    const why = a < 0 ? `z = ${short(a)} is negative, so its local derivative is 0` : "z = 0, where we choose 0 as its local derivative";
    return `ReLU: ${why}: nothing flows back.`;
  }

  list(names, numbers) {
    return names.map((name) => `${called(name)} is ${short(numbers[name])}`).join(", ");
  }

  say(sentence) {
    this.said.textContent = sentence;
  }

  redraw(active) {
    this.values = forward(this.leaves, this.ahead);
    this.grads = backward(this.values, this.back);
    LEAVES.forEach((name, i) => this.sliders[i].put(this.leaves[name]));
    const form = PHONE.matches ? TALL : WIDE;
    const edges = NODES.flatMap(({ out, of }) => of.map((name) => this.edge(name, out, form)));
    this.picture.replaceChildren(
      ...edges,
      this.edge("L", "end", form),
      ...NODES.map((node) => this.node(node, node === active, form)),
      ...LEAVES.map((name) => this.leaf(name, form)),
    );
    this.picture.setAttribute("viewBox", `0 0 ${form.size.join(" ")}`);
    const known = Object.keys(this.values).filter((name) => !LEAVES.includes(name));
    const sent = Object.keys(this.grads);
    this.picture.setAttribute(
      "aria-label",
      `A computational graph. Inputs and parameters: ${this.list(LEAVES, this.values)}. ` +
        `p₁ = w₁x₁ and p₂ = w₂x₂; z = p₁ + p₂ + b₁; h = ReLU(z); p₃ = w₃h; ŷ = p₃ + b₂; e = ŷ − y; L = e². ` +
        (known.length ? `Forwards: ${this.list(known, this.values)}. ` : "No value is computed yet. ") +
        (sent.length ? `The gradient of L by ${this.list(sent, this.grads)}.` : "No gradient is known yet."),
    );
  }

  /** From where a value is made to where it is used, with the value and its gradient. */
  edge(name, to, form) {
    const [[x0, y0], [x1, y1]] = [form.at(name), form.at(to)];
    const level = (form === WIDE) !== ASIDE.includes(name); // it sets out to the right or left, not up or down
    const [dx, dy] = [x1 - x0, y1 - y0];
    const bend = level ? [BEND * dx, 0, BEND * dx, dy] : [0, BEND * dy, dx, BEND * dy];
    const grad = this.grads[name];
    const state = grad === undefined ? "" : grad === 0 ? "zero" : "flowing";
    const group = svg("g", { class: `edge ${state}` }, svg("path", { d: `M${x0} ${y0}c${bend} ${dx} ${dy}` }));
    if (this.values[name] === undefined) return group;
    // The numbers stand beside the middle of the edge; of one that bends, soon after it sets out, and out of its way.
    const bent = dx && dy;
    const t = bent ? 0.36 : to === "end" ? 0.62 : 0.5;
    const [ahead, aside] = [3 * BEND * t * (1 - t) + t ** 3, t * t * (3 - 2 * t)];
    const [x, y] = level ? [x0 + ahead * dx, y0 + aside * dy] : [x0 + aside * dx, y0 + ahead * dy];
    const [first, second] = beside(x, y, level, bent ? Math.sign(level ? dy : dx) : 0, LEAVES.includes(name));
    group.append(svg("text", { class: "value", ...first }, tiny(this.values[name])));
    if (grad !== undefined) group.append(svg("text", { class: "grad", ...second }, tiny(grad)));
    return group;
  }

  node({ op, out }, active, form) {
    const r = op === "ReLU" || op === "square" ? 20 : 15;
    const group = svg("g", { class: active ? "op active" : "op", transform: `translate(${form.at(out)})` });
    const name = form === WIDE ? { y: out === "p2" ? r + 16 : -r - 6, "text-anchor": "middle" } : { x: -r - 6, y: 5, "text-anchor": "end" };
    group.append(
      svg("circle", { r }),
      svg("text", { class: r > 15 ? "sign small" : "sign", "text-anchor": "middle", dy: 5 }, SIGNS[op]),
      svg("text", { class: "name", ...name }, called(out)),
    );
    return group;
  }

  leaf(name, form) {
    const group = svg("g", { class: PARAMETERS.includes(name) ? "leaf weight" : "leaf", transform: `translate(${form.at(name)})` });
    group.append(svg("rect", { x: -16, y: -14, width: 32, height: 28, rx: 3 }), svg("text", { "text-anchor": "middle", dy: 5 }, called(name)));
    return group;
  }
}
