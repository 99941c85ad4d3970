// <figure data-widget="distance">: how much the last state hears of an input k steps before, for three cells.
import { CELLS, FURTHEST, START, sizes } from "./distance-core.mjs";
import { button, drags, html, number, slider, svg } from "./dom.mjs";

const [WIDTH, HEIGHT] = [400, 290]; // of the drawing
const AREA = { left: 46, right: 392, top: 10, bottom: 246 };
const [LOWEST, HIGHEST] = [-12, 4]; // powers of ten
const SEEN_AT_FIRST = 30; // steps back
const KEYS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -FURTHEST, End: FURTHEST };

const across = (k) => AREA.left + (k / FURTHEST) * (AREA.right - AREA.left);
const height = (power) => AREA.bottom - ((power - LOWEST) / (HIGHEST - LOWEST)) * (AREA.bottom - AREA.top);
const write = (element, text) => { if (element.textContent !== text) element.textContent = text; };
const raised = (power) => [...String(power)].map((sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign])).join("");

/** 0.37, 12 and 2·10⁻⁷: one or two digits that count. */
export function short(value) {
  if (value >= 0.01 && value < 1000) return String(Number(value.toPrecision(2)));
  const [digits, power] = value.toExponential(0).split("e");
  return Number.isFinite(value) && value > 0 ? `${digits}·10${raised(Number(power))}` : String(value);
}

export class DistanceWidget {
  constructor(host) {
    this.at = SEEN_AT_FIRST;
    this.build(host);
    this.reset();
  }

  build(host) {
    const middle = (AREA.left + AREA.right) / 2;
    this.lines = CELLS.map((_, i) => svg("path", { class: `curve cell-${i}` }));
    this.dots = CELLS.map((_, i) => svg("circle", { class: `dot cell-${i}`, r: 4.5 }));
    this.rule = svg("path", { class: "rule", d: `M0 ${AREA.top}V${AREA.bottom}` });
    this.handle = svg(
      "g",
      { class: "cursor", tabindex: 0, role: "slider", "aria-label": "Steps back", "aria-valuemin": 0, "aria-valuemax": FURTHEST },
      svg("rect", { class: "db-touch", x: -20, y: AREA.top, width: 40, height: AREA.bottom - AREA.top }),
      this.rule,
      svg("path", { class: "db-grip", d: `M0 ${AREA.bottom}l7 10h-14z` }),
    );
    this.plot = svg(
      "svg",
      { class: "db-distance", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "group", "aria-label": "Size of the slope over the number of steps back, on a logarithmic scale, for three cells" },
      svg("clipPath", { id: "db-distance-area" }, svg("rect", { x: AREA.left, y: AREA.top, width: AREA.right - AREA.left, height: AREA.bottom - AREA.top })),
      ...this.axes(),
      svg("text", { x: middle, y: HEIGHT - 4, "text-anchor": "middle" }, "steps back"),
      svg("g", { "clip-path": "url(#db-distance-area)" }, ...this.lines),
      this.handle,
      ...this.dots,
    );
    drags(this.handle);
    this.handle.addEventListener("keydown", (event) => this.key(event));
    this.plot.addEventListener("pointerdown", (event) => this.grab(event));
    this.plot.addEventListener("click", (event) => this.point(this.under(event))); // a finger that taps; one that drags scrolls the page
    const tune = (name) => (value) => this.change({ [name]: value });
    this.sliders = {
      scale: slider("recurrent weights", { min: 0, max: 2.5, step: 0.1, show: (value) => `× ${value.toFixed(1)}` }, tune("scale")),
      bias: slider("bias of the gate that keeps", { min: -3, max: 6, step: 0.5 }, tune("bias")),
      input: slider("inputs", { min: 0, max: 2, step: 0.1, show: (value) => `× ${value.toFixed(1)}` }, tune("input")),
    };
    this.values = CELLS.map(() => [html("td"), html("td")]);
    const rows = CELLS.map((name, i) => html("tr", {}, html("th", { scope: "row" }, this.sample(i), name), ...this.values[i]));
    this.head = html("th", { scope: "col" });
    const heads = [html("th", { scope: "col" }, "cell"), this.head, html("th", { scope: "col" }, "each step")];
    const table = html("table", { class: "db-sizes" }, html("thead", {}, html("tr", {}, ...heads)), html("tbody", {}, ...rows));
    this.said = html("p", { class: "db-said", "aria-live": "polite" });
    const left = html("div", { class: "db-left" }, html("p", { class: "db-key" }, "how much the last state moves if an input moves by 1"), this.plot);
    const controls = html("div", { class: "db-controls" }, ...Object.values(this.sliders).map(({ field }) => field), html("div", { class: "db-row" }, button("Reset", () => this.reset())), table);
    host.querySelector(".widget-fallback")?.remove();
    host.prepend(html("div", { class: "db-widget" }, left, controls, this.said));
  }

  axes() {
    const parts = [];
    for (let power = LOWEST; power <= HIGHEST; power += 4) {
      const y = height(power);
      parts.push(svg("path", { class: power ? "axes" : "axes one", d: `M${AREA.left} ${y}H${AREA.right}` }));
      parts.push(svg("text", { x: AREA.left - 5, y: y + 4, "text-anchor": "end" }, power ? `10${raised(power)}` : "1"));
    }
    for (let k = 0; k <= FURTHEST; k += 10) parts.push(svg("text", { x: across(k), y: AREA.bottom + 24, "text-anchor": "middle" }, k));
    return parts;
  }

  sample(i) {
    return svg("svg", { class: "db-mark", viewBox: "0 0 38 12", "aria-hidden": "true" }, svg("path", { class: `curve cell-${i}`, d: "M0 6H38" }));
  }

  // What a hand can do

  reset() {
    this.at = SEEN_AT_FIRST;
    this.change(START);
  }

  change(what) {
    this.settings = { ...this.settings, ...what };
    for (const [name, { put }] of Object.entries(this.sliders)) put(this.settings[name]);
    this.sizes = CELLS.map((name) => sizes(name, this.settings));
    this.lines.forEach((line, i) => line.setAttribute("d", this.path(this.sizes[i])));
    this.draw();
  }

  point(k) {
    this.at = Math.max(0, Math.min(FURTHEST, k));
    this.draw();
  }

  key(event) {
    if (!(event.key in KEYS)) return;
    event.preventDefault();
    this.point(this.at + KEYS[event.key]);
  }

  under(event) {
    const box = this.plot.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * WIDTH;
    return Math.round(((x - AREA.left) / (AREA.right - AREA.left)) * FURTHEST);
  }

  grab(event) {
    if (event.button || (event.pointerType === "touch" && !this.handle.contains(event.target))) return;
    event.preventDefault();
    this.handle.focus();
    this.plot.setPointerCapture(event.pointerId);
    this.point(this.under(event));
    const drag = (moved) => this.point(this.under(moved));
    const drop = () => this.plot.removeEventListener("pointermove", drag);
    this.plot.addEventListener("pointermove", drag);
    this.plot.addEventListener("pointerup", drop, { once: true });
    this.plot.addEventListener("pointercancel", drop, { once: true });
  }

  // What the eye sees

  path(values) {
    const points = values.map((value, k) => [across(k), Math.max(LOWEST - 4, Math.min(HIGHEST + 4, Math.log10(value)))]);
    return `M${points.map(([x, power]) => `${x.toFixed(1)} ${height(power).toFixed(1)}`).join("L")}`;
  }

  draw() {
    const { at } = this;
    this.handle.setAttribute("transform", `translate(${across(at)} 0)`);
    this.handle.setAttribute("aria-valuenow", at);
    this.handle.setAttribute("aria-valuetext", `${at} steps back`);
    write(this.head, `${at} steps back`);
    this.sizes.forEach((values, i) => {
      const power = Math.log10(values[at]);
      this.dots[i].style.display = power >= LOWEST && power <= HIGHEST ? "" : "none";
      this.dots[i].setAttribute("cx", across(at));
      this.dots[i].setAttribute("cy", height(Math.max(LOWEST, Math.min(HIGHEST, power))));
      const [value, factor] = this.values[i];
      write(value, short(values[at]));
      write(factor, `× ${this.factor(values)}`);
    });
    write(this.said, this.sentence());
  }

  /** By how much one step more multiplies the slope, on average over the far part of the curve. */
  factor(values) {
    return ((values[FURTHEST] / values[10]) ** (1 / (FURTHEST - 10))).toFixed(2);
  }

  // What the ear hears

  sentence() {
    const { at } = this;
    const { scale, bias, input } = this.settings;
    const each = CELLS.map((name, i) => `${name} ${short(this.sizes[i][at])}`).join(", ");
    const best = CELLS[this.sizes.map((values) => values[at]).reduce((top, value, i, all) => (value > all[top] ? i : top), 0)];
    const set = `With recurrent weights × ${scale.toFixed(1)}, a bias of ${number(bias)} and inputs × ${input.toFixed(1)}`;
    return `${set}, an input ${at} steps back still moves the last state by: ${each}. The ${best} hears it best.`;
  }
}
