// <figure data-widget="softmax">: bars of logits that a hand can drag, and the probabilities that softmax makes of them.
import { START, crossEntropy, softmax } from "./softmax-core.mjs";
import { button, drags, html, number, select, slider, svg } from "./dom.mjs";

const [FEWEST, MOST] = [3, 5]; // classes
const RANGE = 6; // the logits' axis goes this far up and down
const FAR = 9999; // what the fields take
const MUCH = 1000;
const KEYS = { ArrowUp: 0.1, ArrowRight: 0.1, ArrowDown: -0.1, ArrowLeft: -0.1, PageUp: 1, PageDown: -1 };
const PANEL = { width: 300, height: 200, left: 40, top: 22, bottom: 24 };
const FLOOR = PANEL.height - PANEL.bottom;
const tidy = (value) => Math.max(-FAR, Math.min(FAR, Math.round(value * 100) / 100));
const tenth = (value) => Math.round(value * 10) / 10;

/** From 1/10 to 10: equal steps of the slider are equal factors. */
const temperature = (place) => Number((10 ** place).toPrecision(2));

/** 6.69, 0.012, 2.7e+20, ∞ and NaN: two or three digits that count. */
export function short(value) {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const write = () => {
    if (size >= 1e5 || (size > 0 && size < 1e-4)) return value.toExponential(1);
    if (size >= 100) return value.toFixed(0);
    return size > 0 && size < 0.1 ? value.toPrecision(2) : value.toFixed(2);
  };
  return write().replace(/-/g, "−");
}

export class SoftmaxWidget {
  constructor(host) {
    this.host = host;
    this.build();
    this.reset();
  }

  // What is on the page

  build() {
    this.zPanel = this.panel("group", "The logits, one bar a class. Drag a bar, or use the arrow keys.", "logits z: drag them");
    this.pPanel = this.panel("img", "", "probabilities p");
    this.table = html("table", { class: "db-softmax-table" });
    const [field, box] = select("True class", [], (value) => { this.y = Number(value); this.redraw(); });
    this.choice = box;
    this.shift = button(`Add ${MUCH} to all`, () => this.add());
    this.said = html("p", { class: "db-said", "aria-live": "polite" });
    this.slider = slider("Temperature T", { min: -1, max: 1, step: 0.05, show: (each) => short(temperature(each)) }, (each) => this.heat(each));
    const more = (text, by) => button(text, () => this.resize(by));
    const controls = html(
      "div",
      { class: "db-controls" },
      this.slider.field,
      html("div", { class: "db-row" }, this.buildSwitch(), field),
      html("div", { class: "db-row" }, this.shift, more("Add a class", 1), more("Remove a class", -1), button("Start again", () => this.reset())),
      this.said,
    );
    const panels = [this.zPanel, this.pPanel].map(({ plane }) => html("div", { class: "db-panel" }, plane));
    this.host.querySelector(".widget-fallback")?.remove();
    this.host.prepend(html("div", { class: "db-widget" }, ...panels, html("div", { class: "db-table" }, this.table), controls));
  }

  panel(role, label, title) {
    const marks = svg("g");
    const axis = svg("g", { class: "db-axis" });
    const heading = svg("text", { class: "db-heading", x: PANEL.left, y: 14 }, title);
    const plane = svg("svg", { class: "db-bars", viewBox: `0 0 ${PANEL.width} ${PANEL.height}`, role, "aria-label": label }, heading, axis, marks);
    return { plane, axis, marks };
  }

  buildSwitch() {
    this.subtract = html("input", { type: "checkbox", role: "switch" });
    this.subtract.addEventListener("change", () => this.redraw());
    return html("label", { class: "db-switch" }, this.subtract, "subtract the maximum");
  }

  // What a hand can do

  reset() {
    this.logits = [...START];
    this.y = 0;
    this.temperature = 1;
    this.slider.put(0);
    this.subtract.checked = false;
    this.rebuild();
  }

  resize(by) {
    const n = this.logits.length + by;
    if (n < FEWEST || n > MOST) return this.say(`There can be ${FEWEST} to ${MOST} classes.`);
    const shift = this.far() ? MUCH : 0;
    this.logits = by > 0 ? [...this.logits, shift] : this.logits.slice(0, n);
    this.y = Math.min(this.y, n - 1);
    this.rebuild();
  }

  add() {
    const by = this.far() ? -MUCH : MUCH;
    this.logits = this.logits.map((z) => tidy(z + by));
    this.rebuild();
  }

  /** Whether the logits are so large that taking away, not adding, is what the button should do. */
  far() {
    return Math.max(...this.logits) > MUCH / 2;
  }

  heat(place) {
    this.temperature = temperature(place);
    this.slider.put(place);
    this.redraw();
  }

  set(i, value) {
    this.logits[i] = tidy(value);
    this.redraw();
  }

  key(event, i) {
    if (event.key in KEYS) this.set(i, this.logits[i] + KEYS[event.key]);
    else if (event.key === "Home") this.set(i, this.middle - RANGE);
    else if (event.key === "End") this.set(i, this.middle + RANGE);
    else return;
    event.preventDefault();
  }

  grab(event, i, handle) {
    event.preventDefault();
    handle.focus();
    handle.setPointerCapture(event.pointerId);
    this.dragging = true;
    const drag = (moved) => {
      const box = this.zPanel.plane.getBoundingClientRect();
      const down = ((moved.clientY - box.top) / box.height) * PANEL.height;
      const up = ((PANEL.top + FLOOR) / 2 - down) / ((FLOOR - PANEL.top) / 2);
      this.set(i, tenth(this.middle + RANGE * Math.max(-1, Math.min(1, up))));
    };
    const drop = () => {
      this.dragging = false;
      handle.removeEventListener("pointermove", drag);
      this.redraw();
    };
    handle.addEventListener("pointermove", drag);
    handle.addEventListener("pointerup", drop, { once: true });
    handle.addEventListener("pointercancel", drop, { once: true });
  }

  // What the eye sees

  /** Bars and columns for as many classes as there are. */
  rebuild() {
    const classes = this.logits.map((_, i) => i);
    const across = (PANEL.width - PANEL.left) / classes.length;
    this.across = classes.map((i) => PANEL.left + across * (i + 0.5));
    this.choice.replaceChildren(...classes.map((i) => html("option", {}, String(i))));
    this.choice.value = this.y;
    const name = (i) => svg("text", { class: "db-class", x: this.across[i], y: PANEL.height - 7, "text-anchor": "middle" }, `class ${i}`);
    const bar = () => svg("rect", { class: "db-bar", width: 0.5 * across });
    this.bars = classes.map((i) => ({ bar: bar(), handle: this.buildHandle(i, across), off: svg("text", { class: "db-off", x: this.across[i], "text-anchor": "middle" }) }));
    this.zPanel.marks.replaceChildren(...classes.map(name), ...this.bars.flatMap(({ bar, off, handle }) => [bar, off, handle]));
    this.parts = classes.map((i) => ({ bar: bar(), value: svg("text", { class: "db-value", x: this.across[i], "text-anchor": "middle" }) }));
    this.pPanel.marks.replaceChildren(...classes.map(name), ...this.parts.flatMap(({ bar, value }) => [bar, value]));
    this.drawAxis(this.pPanel, [[0, "0"], [0.5, "0.5"], [1, "1"]], (p) => this.pHeight(p));
    this.buildTable(classes);
    this.redraw();
  }

  buildHandle(i, across) {
    const handle = svg(
      "g",
      { class: "db-handle", tabindex: 0, role: "slider", "aria-label": `Logit of class ${i}`, "aria-orientation": "vertical" },
      svg("rect", { class: "db-touch", x: -0.4 * across, y: -22, width: 0.8 * across, height: 44 }),
      svg("rect", { class: "db-grip", x: -0.3 * across, y: -4, width: 0.6 * across, height: 8, rx: 3 }),
    );
    handle.addEventListener("keydown", (event) => this.key(event, i));
    handle.addEventListener("pointerdown", (event) => this.grab(event, i, handle));
    drags(handle);
    return handle;
  }

  buildTable(classes) {
    const cell = () => html("td");
    this.inputs = classes.map((i) => {
      const input = html("input", { type: "number", step: 0.1, min: -FAR, max: FAR, "aria-label": `Logit of class ${i}, as a number` });
      input.addEventListener("input", () => Number.isFinite(input.valueAsNumber) && this.set(i, input.valueAsNumber));
      input.addEventListener("blur", () => this.redraw());
      return input;
    });
    this.names = classes.map(() => html("th", { scope: "row" }));
    this.cells = { exp: classes.map(cell), p: classes.map(cell), sumOfExp: cell(), sumOfP: cell() };
    this.exponent = html("th", { scope: "col" });
    const heads = ["class", "z", this.exponent, "p"].map((each) => (typeof each === "string" ? html("th", { scope: "col" }, each) : each));
    const row = (i) => html("tr", {}, this.names[i], html("td", {}, this.inputs[i]), this.cells.exp[i], this.cells.p[i]);
    const sum = html("tr", { class: "db-sum" }, html("th", { scope: "row" }, "sum"), html("td"), this.cells.sumOfExp, this.cells.sumOfP);
    this.table.replaceChildren(html("thead", {}, html("tr", {}, ...heads)), html("tbody", {}, ...classes.map(row), sum));
  }

  drawAxis({ axis }, ticks, height) {
    axis.replaceChildren(
      ...ticks.flatMap(([value, text]) => [
        svg("path", { class: "axes", d: `M${PANEL.left} ${height(value)}H${PANEL.width}` }),
        svg("text", { x: PANEL.left - 5, y: height(value) + 4, "text-anchor": "end" }, text),
      ]),
    );
  }

  zHeight(z) {
    return (PANEL.top + FLOOR) / 2 - ((z - this.middle) / RANGE) * ((FLOOR - PANEL.top) / 2);
  }

  pHeight(p) {
    return FLOOR - p * (FLOOR - PANEL.top);
  }

  redraw() {
    const { logits, temperature, y } = this;
    const subtract = this.subtract.checked;
    const made = softmax(logits, { temperature, subtract });
    this.shift.textContent = this.far() ? `Take ${MUCH} from all` : `Add ${MUCH} to all`;
    const largest = Math.max(...logits);
    if (!this.dragging) this.middle = Math.abs(largest) > RANGE ? 10 * Math.round(largest / 10) : 0;
    this.drawLogits();
    this.drawProbabilities(made.p);
    this.inputs.forEach((input, i) => { if (input !== document.activeElement) input.value = logits[i]; });
    const score = temperature === 1 ? "z" : "z/T";
    this.exponent.textContent = subtract ? `exp(${score} − max)` : `exp(${score})`;
    this.names.forEach((name, i) => { name.textContent = i === y ? `${i}, true` : String(i); });
    made.exponentials.forEach((each, i) => { this.cells.exp[i].textContent = short(each); });
    made.p.forEach((each, i) => { this.cells.p[i].textContent = short(each); });
    this.cells.sumOfExp.textContent = short(made.total);
    this.cells.sumOfP.textContent = short(made.p.reduce((sum, each) => sum + each, 0));
    this.say(this.sentence(made));
  }

  drawLogits() {
    const ticks = [-RANGE, -RANGE / 2, 0, RANGE / 2, RANGE].map((each) => [this.middle + each, short(this.middle + each).replace(".00", "")]);
    this.drawAxis(this.zPanel, ticks, (z) => this.zHeight(z));
    const zero = this.zHeight(this.middle);
    this.bars.forEach(({ bar, handle, off }, i) => {
      const z = this.logits[i];
      const there = Math.max(this.middle - RANGE, Math.min(this.middle + RANGE, z));
      const height = this.zHeight(there);
      this.place(bar, i, Math.min(zero, height), Math.abs(zero - height));
      handle.setAttribute("transform", `translate(${this.across[i]}, ${height})`);
      const says = { "aria-valuenow": z, "aria-valuemin": this.middle - RANGE, "aria-valuemax": this.middle + RANGE, "aria-valuetext": number(z) };
      if (z !== there) says["aria-valuemin"] = Math.min(z, this.middle - RANGE);
      for (const [name, value] of Object.entries(says)) handle.setAttribute(name, value);
      off.textContent = z === there ? "" : "▼";
      off.setAttribute("y", height - 10);
    });
  }

  drawProbabilities(p) {
    this.parts.forEach(({ bar, value }, i) => {
      const share = Number.isNaN(p[i]) ? 0 : p[i];
      this.place(bar, i, this.pHeight(share), FLOOR - this.pHeight(share));
      value.textContent = short(p[i]);
      value.setAttribute("y", this.pHeight(share) - 5);
      value.classList.toggle("db-lost", Number.isNaN(p[i]));
    });
    this.pPanel.plane.setAttribute("aria-label", `Probabilities: ${p.map((each, i) => `class ${i} ${short(each)}`).join(", ")}.`);
  }

  place(bar, i, top, height) {
    bar.setAttribute("x", this.across[i] - bar.getAttribute("width") / 2);
    bar.setAttribute("y", top);
    bar.setAttribute("height", height);
    bar.classList.toggle("db-true", i === this.y);
  }

  // What the ear hears

  sentence({ exponents, exponentials, total, p }) {
    const { logits, temperature, y } = this;
    const subtract = this.subtract.checked;
    const most = "32 bits hold no number above 3.4e38, about exp(88.7).";
    const lost = exponentials.findIndex((each) => !Number.isFinite(each));
    if (lost >= 0) return `${most} So exp(${number(exponents[lost])}) becomes ∞, and ∞ / ∞ is NaN. Now subtract the maximum.`;
    if (!Number.isFinite(total)) return `${most} So the sum becomes ∞, and every p becomes 0. Now subtract the maximum.`;
    if (total === 0) return "All exponentials became 0, and 0 / 0 is NaN. Now subtract the maximum.";
    const cost = short(crossEntropy(logits, y, { temperature, subtract }));
    const probabilities = `The probabilities are ${p.map(short).join(", ")}. Class ${y} is the true one:`;
    if (p[y] === 0 && subtract) return `${probabilities} its p became 0, but its cross-entropy, computed from the logits, is ${cost}.`;
    return `${probabilities} its cross-entropy is −log\u00a0${short(p[y])} = ${cost}.`;
  }

  say(sentence) {
    if (this.said.textContent !== sentence) this.said.textContent = sentence;
  }
}
