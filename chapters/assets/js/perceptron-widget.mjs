// <figure data-widget="perceptron">: points of two classes, and the learning rule one example at a time.
import { GRID, PRESETS, finishEpoch, lookAtNext, predict, runUntilNoMistakes, start } from "./perceptron-core.mjs";
import { boundary, button, drags, html, mark, number, pair, positiveSide, select, svg } from "./dom.mjs";
import { phrase } from "./phrase.mjs";

const HALF = 2; // the plane goes from −2 to 2
const UNIT = 100; // of the drawing, for one unit of the plane
const LIMIT = 100; // epochs
const MOST = 12; // points
const KEYS = { ArrowLeft: [-2, 0], ArrowRight: [2, 0], ArrowUp: [0, 2], ArrowDown: [0, -2] };
const NAMES = { separable: phrase("separable"), overlapping: phrase("overlapping") };
const snap = (value) => Math.max(-HALF, Math.min(HALF, Math.round(value / GRID) * GRID));
const at = ([x, y]) => `${x * UNIT},${-y * UNIT}`;

export class PerceptronWidget {
  constructor(host) {
    this.host = host;
    this.build();
    this.load("separable");
  }

  build() {
    const edge = HALF + 0.15;
    this.side = svg("polygon", { class: "side class-1" });
    this.line = svg("line", { class: "boundary" });
    this.marks = svg("g");
    this.plane = svg(
      "svg",
      {
        viewBox: `${-edge * UNIT} ${-edge * UNIT} ${2 * edge * UNIT} ${2 * edge * UNIT}`,
        role: "group",
        "aria-label": phrase("A plane with points of two classes, circles for class 0 and squares for class 1, and the perceptron's line"),
      },
      svg("rect", { class: "side class-0", x: -edge * UNIT, y: -edge * UNIT, width: 2 * edge * UNIT, height: 2 * edge * UNIT }),
      this.side,
      svg("path", { class: "axes", d: `M${-edge * UNIT} 0H${edge * UNIT}M0 ${-edge * UNIT}V${edge * UNIT}` }),
      svg("text", { class: "axis-name", x: edge * UNIT - 24, y: -8 }, "x₁"),
      svg("text", { class: "axis-name", x: 8, y: -edge * UNIT + 20 }, "x₂"),
      this.line,
      this.marks,
    );
    const [presetField, preset] = select(phrase("Points"), Object.keys(PRESETS), (name) => this.load(name), NAMES);
    this.preset = preset;
    this.numbers = html("dl", { class: "db-numbers" });
    this.said = html("p", { class: "db-said", "aria-live": "polite" });
    const controls = html(
      "div",
      { class: "db-controls" },
      html("div", { class: "db-row" }, presetField),
      html(
        "div",
        { class: "db-row" },
        button(phrase("Step"), () => this.step()),
        button(phrase("Epoch"), () => this.epoch()),
        button(phrase("Run until no mistakes"), () => this.run()),
        button(phrase("Reset"), () => this.load(this.preset.value)),
      ),
      html(
        "div",
        { class: "db-row db-quiet" },
        button(phrase("Add a point"), () => this.add()),
        button(phrase("Flip its class"), () => this.flip(this.selected)),
        button(phrase("Remove it"), () => this.remove(this.selected)),
      ),
      this.numbers,
      this.said,
    );
    this.host.querySelector(".widget-fallback")?.remove();
    this.host.prepend(html("div", { class: "db-widget" }, this.plane, controls));
  }

  /** A preset, trained until there is a line and the next example is a mistake: there is something to see at once. */
  load(name) {
    this.preset.value = name;
    this.points = PRESETS[name].map(({ x, y }) => ({ x: [...x], y }));
    this.training = start();
    this.seen = null;
    this.selected = 0;
    for (let i = 0; i < 3 * this.points.length; i++) {
      const { params, next } = this.training;
      const { x, y } = this.points[next];
      if (params.w.some(Boolean) && predict(params, x) !== y) break;
      this.training = lookAtNext(this.training, this.points).after;
    }
    this.redraw();
    this.say(phrase("Points “{name}”. {next}", { name: NAMES[name] ?? name, next: this.nextSentence() }));
  }

  nextSentence() {
    const { next, params } = this.training;
    const { x, y } = this.points[next];
    const yhat = predict(params, x);
    const values = { point: next + 1, y, yhat };
    return yhat === y
      ? phrase("Next is point {point}, of class {y}. The line says {yhat}: right.", values)
      : phrase("Next is point {point}, of class {y}. The line says {yhat}: a mistake. Press Step to see the line move.", values);
  }

  step() {
    const { after, seen } = lookAtNext(this.training, this.points);
    this.training = after;
    this.seen = seen.index;
    this.redraw();
    const { point, before } = seen;
    const { params } = after;
    const name = phrase("Point {point}, class {y}, at {place}: the line said {yhat}.", { point: seen.index + 1, y: point.y, place: pair(point.x), yhat: seen.yhat });
    const numbers = { sign: point.y ? "+" : "−", w: pair(before.w), w2: pair(params.w), b: number(before.b), b2: number(params.b) };
    this.say(
      seen.wrong
        ? phrase("{name} A mistake, so w {sign} x: {w} becomes {w2}, and b: {b} becomes {b2}.", { name, ...numbers })
        : phrase("{name} Right, so nothing changes.", { name }),
    );
  }

  epoch() {
    this.training = finishEpoch(this.training, this.points);
    this.seen = null;
    this.redraw();
    const { mistakes } = this.training;
    this.say(phrase("Epoch {epoch} is over: {mistakes}.", { epoch: mistakes.length, mistakes: this.count(mistakes.at(-1)) }));
  }

  run() {
    const { mistakes: before } = this.training;
    this.training = runUntilNoMistakes(this.training, this.points, before.length + LIMIT);
    this.seen = null;
    this.redraw();
    const { mistakes } = this.training;
    this.say(
      mistakes.at(-1) === 0
        ? phrase("Epoch {epoch} passed without a mistake: this line separates the points.", { epoch: mistakes.length })
        : phrase("Stopped after {limit} more epochs, with {mistakes} in the last. If no line separates the points, the rule never comes to rest.", { limit: LIMIT, mistakes: this.count(mistakes.at(-1)) }),
    );
  }

  count(mistakes) {
    return mistakes === 0 ? phrase("no mistake") : mistakes === 1 ? phrase("1 mistake") : phrase("{mistakes} mistakes", { mistakes });
  }

  add() {
    if (this.points.length >= MOST) return this.say(phrase("There is room for {most} points.", { most: MOST }));
    const spot = [[0, 0], [0.5, 0], [-0.5, 0], [0, 0.5], [0, -0.5], [1, 0], [-1, 0], [0, 1], [0, -1]];
    const free = spot.find((x) => this.points.every((p) => Math.hypot(p.x[0] - x[0], p.x[1] - x[1]) > 0.3)) ?? [1.75, -1.75];
    this.points.push({ x: [...free], y: 0 });
    this.selected = this.points.length - 1;
    this.redraw();
    this.focus();
    this.say(phrase("Point {point} is new, of class 0, at {place}.", { point: this.points.length, place: pair(free) }));
  }

  flip(index) {
    const point = this.points[index];
    point.y = 1 - point.y;
    this.redraw();
    this.say(phrase("Point {point} is of class {y} now. {verdict}", { point: index + 1, y: point.y, verdict: this.verdict(point) }));
  }

  remove(index) {
    if (this.points.length <= 2) return this.say(phrase("Two points have to stay."));
    this.points.splice(index, 1);
    if (this.training.next > index) this.training.next -= 1;
    this.training.next %= this.points.length;
    this.selected = Math.min(index, this.points.length - 1);
    this.seen = null;
    this.redraw();
    this.say(phrase("Point {point} is gone; {left} are left.", { point: index + 1, left: this.points.length }));
  }

  move(index, x) {
    const point = this.points[index];
    point.x = x.map(snap);
    this.place(index);
    this.say(phrase("Point {point} is at {place}. {verdict}", { point: index + 1, place: pair(point.x), verdict: this.verdict(point) }));
  }

  verdict({ x, y }) {
    return predict(this.training.params, x) === y ? phrase("It is on its own side of the line.") : phrase("It is on the wrong side of the line.");
  }

  focus() {
    this.marks.children[this.selected].focus();
  }

  say(sentence) {
    this.said.textContent = sentence;
  }

  redraw() {
    const focused = [...this.marks.children].indexOf(document.activeElement);
    this.marks.replaceChildren(...this.points.map((_, index) => this.drawPoint(index)));
    this.points.forEach((_, index) => this.place(index));
    if (focused >= 0) this.focus();
    const { params, mistakes, next } = this.training;
    this.side.setAttribute("points", positiveSide(params, -HALF - 0.15, HALF + 0.15).map(at).join(" "));
    const ends = boundary(params, -HALF - 0.15, HALF + 0.15);
    this.line.style.display = ends ? "" : "none";
    if (ends) {
      const [[x1, y1], [x2, y2]] = ends;
      for (const [name, value] of Object.entries({ x1, y1: -y1, x2, y2: -y2 })) this.line.setAttribute(name, value * UNIT);
    }
    const epoch = mistakes.length;
    const row = (name, value) => html("div", {}, html("dt", {}, name), html("dd", {}, value));
    this.numbers.replaceChildren(
      row("w", pair(params.w)),
      row("b", number(params.b)),
      row(phrase("epoch"), next === 0 ? phrase("{epoch} done", { epoch }) : phrase("{epoch}, next is point {point} of {points}", { epoch, point: next + 1, points: this.points.length })),
      row(phrase("mistakes per epoch"), epoch ? this.recent(mistakes) : phrase("none yet")),
    );
  }

  recent(mistakes) {
    return (mistakes.length > 8 ? "…, " : "") + mistakes.slice(-8).join(", ");
  }

  drawPoint(index) {
    const group = svg("g", { class: "point", tabindex: 0, role: "button", "data-point": index });
    const { y } = this.points[index];
    group.append(
      svg("circle", { class: "halo", r: 26 }),
      mark(y, 14),
      svg("text", { class: "point-name", "text-anchor": "middle", dy: 6 }, String(index + 1)),
    );
    group.classList.toggle("seen", this.seen === index);
    drags(group);
    group.addEventListener("focus", () => { this.selected = index; });
    group.addEventListener("keydown", (event) => this.key(event, index));
    group.addEventListener("pointerdown", (event) => this.grab(event, index, group));
    return group;
  }

  place(index) {
    const { x, y } = this.points[index];
    const group = this.marks.children[index];
    group.setAttribute("transform", `translate(${at(x)})`);
    const label = phrase("Point {point}, class {y}, at {place}. Arrow keys move it, space flips its class, Delete removes it.", { point: index + 1, y, place: pair(x) });
    group.setAttribute("aria-label", label);
  }

  key(event, index) {
    const way = KEYS[event.key];
    if (way) this.move(index, this.points[index].x.map((value, k) => value + way[k] * GRID));
    else if (event.key === " " || event.key === "Enter") this.flip(index);
    else if (event.key === "Delete" || event.key === "Backspace") this.remove(index);
    else return;
    event.preventDefault();
  }

  grab(event, index, group) {
    event.preventDefault();
    group.focus();
    group.setPointerCapture(event.pointerId);
    const drag = (moved) => {
      const box = this.plane.getBoundingClientRect();
      const scale = (2 * (HALF + 0.15)) / box.width;
      const middle = [box.left + box.width / 2, box.top + box.height / 2];
      this.move(index, [(moved.clientX - middle[0]) * scale, (middle[1] - moved.clientY) * scale]);
    };
    const drop = () => {
      group.removeEventListener("pointermove", drag);
      this.redraw();
    };
    group.addEventListener("pointermove", drag);
    group.addEventListener("pointerup", drop, { once: true });
    group.addEventListener("pointercancel", drop, { once: true });
  }
}
