// <figure data-widget="race">: a ball for each optimizer, let go at one place of a map of a loss.
import { OPTIMIZERS, SURFACES, race } from "./race-core.mjs";
import { contour, sample } from "./contour.mjs";
import { button, drags, html, number, pair, select, slider, svg } from "./dom.mjs";

const LIMIT = 150; // steps
const RATE = 30; // steps a second
const SEEN_AT_FIRST = 25; // steps that are there when the page opens
const [WIDTH, HEIGHT] = [400, 300]; // of the drawing
const GRID = 0.05;
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const NAMES = Object.keys(OPTIMIZERS);

// A shape and a dash for each, so that nobody needs the colour, which book.css gives to .racer-0, .racer-1, …
const LOOKS = [
  { shape: "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0", dash: "none" },
  { shape: "M-5.5-5.5h11v11h-11z", dash: "9 4" },
  { shape: "M0-7.5L7 5.5h-14z", dash: "2 3" },
  { shape: "M0-8L7.5 0 0 8-7.5 0z", dash: "10 3 2 3" },
  { shape: "M0 7.5L7-5.5h-14z", dash: "5 3" },
  { shape: "M-2.5-7.5h5v5h5v5h-5v5h-5v-5h-5v-5h5z", dash: "none" },
];

const fixed = (value, digits) => value.toFixed(digits).replace(/^-(?=[0.]*$)/, "").replace("-", "−");
const height = (loss) => (loss >= 1000 ? "> 999" : fixed(loss, loss < 100 ? 3 : 0));
const write = (element, text) => { if (element.textContent !== text) element.textContent = text; };
const both = (names) => names.join(", ").replace(/, ([^,]*)$/, " and $1");

export class RaceWidget {
  constructor(host) {
    this.on = new Set(NAMES);
    this.build(host);
    this.load("ravine");
    this.show(SEEN_AT_FIRST);
    this.say(`${this.summary()} Press Run.`);
  }

  build(host) {
    this.layers = svg("g", { class: "levels" });
    this.axes = svg("g");
    this.trails = NAMES.map((_, i) => svg("polyline", { class: `trail racer-${i}`, "stroke-dasharray": LOOKS[i].dash }));
    this.balls = NAMES.map((_, i) => svg("path", { class: `ball racer-${i}`, d: LOOKS[i].shape }));
    this.handle = svg(
      "g",
      { class: "point", tabindex: 0, role: "button" },
      svg("circle", { class: "halo", r: 20 }),
      svg("circle", { class: "start", r: 10 }),
    );
    this.map = svg(
      "svg",
      { class: "db-surface", viewBox: `${-WIDTH / 2} ${-HEIGHT / 2} ${WIDTH} ${HEIGHT}`, role: "group" },
      this.layers,
      this.axes,
      ...this.trails,
      this.handle,
      ...this.balls,
    );
    drags(this.handle);
    this.handle.addEventListener("keydown", (event) => this.key(event));
    this.map.addEventListener("pointerdown", (event) => this.grab(event));
    this.map.addEventListener("click", (event) => this.place(this.under(event))); // a finger that taps; one that drags scrolls the page
    const [field, choice] = select("Map", Object.keys(SURFACES), (name) => {
      this.load(name);
      this.say(`The map “${name}”: ${this.surface.formula}. Press Run.`);
    });
    this.choice = choice;
    this.runButton = button("Run", () => this.toggle());
    this.formula = html("p", { class: "db-key" });
    this.said = html("p", { class: "db-said", "aria-live": "polite" });
    this.rate = slider("learning rates", { min: -3, max: 3, step: 0.25, show: (k) => `× ${fixed(2 ** k, 2)}` }, (k) => this.tune({ factor: 2 ** k }));
    this.inertia = slider("momentum r", { min: 0, max: 0.99, step: 0.01 }, (momentum) => this.tune({ momentum }));
    this.rows = NAMES.map((name, i) => this.row(name, i));
    const head = ["optimizer", "at, loss", "arrived"].map((name) => html("th", { scope: "col" }, name));
    const table = html("table", { class: "db-race" }, html("thead", {}, html("tr", {}, ...head)), html("tbody", {}, ...this.rows.map(({ row }) => row)));
    const buttons = html("div", { class: "db-row" }, this.runButton, button("Step", () => this.step()), button("Reset", () => this.reset()));
    const left = html("div", { class: "db-left" }, html("div", { class: "db-row" }, field), this.map, this.formula, this.rate.field, this.inertia.field);
    const controls = html("div", { class: "db-controls" }, buttons, this.said, table);
    host.querySelector(".widget-fallback")?.remove();
    host.prepend(html("div", { class: "db-widget" }, left, controls));
  }

  row(name, i) {
    const box = html("input", { type: "checkbox" });
    box.checked = true;
    box.addEventListener("change", () => {
      this.on[box.checked ? "add" : "delete"](name);
      this.show(this.shown);
      this.say(this.summary());
    });
    const key = svg(
      "svg",
      { class: "db-mark", viewBox: "0 0 38 18", "aria-hidden": "true" },
      svg("path", { class: `trail racer-${i}`, "stroke-dasharray": LOOKS[i].dash, d: "M0 9H38" }),
      svg("path", { class: `ball racer-${i}`, d: LOOKS[i].shape, transform: "translate(19 9)" }),
    );
    const lr = html("span", { class: "db-lr" });
    const [where, loss, end] = [html("span"), html("span"), html("td")];
    const row = html("tr", {}, html("th", { scope: "row" }, html("label", {}, box, key, html("span", {}, name), lr)), html("td", {}, where, " ", loss), end);
    return { row, lr, where, loss, end };
  }

  /** A map, with its start and its settings, before the first step. */
  load(name) {
    this.choice.value = name;
    this.surface = SURFACES[name];
    this.start = [...this.surface.start];
    this.settings = { factor: 1, momentum: 0.9 };
    this.drawMap();
    this.shown = 0;
    this.rerun();
  }

  /** The whole race is walked at once; what is shown of it is another matter. So a slider bends the paths that are there. */
  rerun() {
    this.stop();
    this.racers = race(this.surface, this.start, this.settings, LIMIT);
    this.rate.put(Math.log2(this.settings.factor));
    this.inertia.put(this.settings.momentum);
    this.racers.forEach(({ lr }, i) => { this.rows[i].lr.textContent = `η ${Number(lr.toPrecision(2))}`; });
    this.handle.setAttribute("transform", `translate(${this.at(this.start)})`);
    this.handle.setAttribute("aria-label", `The start, at ${pair(this.start)}. Arrow keys move it.`);
    this.show(this.shown);
  }

  tune(change) {
    Object.assign(this.settings, change);
    this.rerun();
    this.say(this.summary());
  }

  racing() {
    return this.racers.filter(({ name }) => this.on.has(name));
  }

  /** The step at which nothing is left to wait for. */
  end() {
    return Math.max(0, ...this.racing().map(({ arrived, left }) => arrived ?? left ?? LIMIT));
  }

  step() {
    this.stop();
    this.show(Math.min(Math.floor(this.shown) + 1, LIMIT));
    this.say(this.summary());
  }

  toggle() {
    if (this.running) {
      this.stop();
      this.show(Math.ceil(this.shown));
      return this.say(this.summary());
    }
    if (!this.on.size) return this.say(this.summary());
    if (this.shown >= this.end()) this.show(0);
    if (STILL.matches) return this.finish();
    this.runButton.textContent = "Pause";
    this.say("The balls are rolling.");
    let before = null;
    const frame = (now) => {
      this.show(Math.min(this.shown + ((now - (before ?? now)) * RATE) / 1000, this.end()));
      before = now;
      if (this.shown >= this.end()) this.finish();
      else this.running = requestAnimationFrame(frame);
    };
    this.running = requestAnimationFrame(frame);
  }

  finish() {
    this.stop();
    this.show(this.end());
    this.say(this.summary());
  }

  stop() {
    cancelAnimationFrame(this.running);
    this.running = null;
    this.runButton.textContent = "Run";
  }

  reset() {
    this.load(this.choice.value);
    this.say(`Everything is back at the start, ${pair(this.start)}. Press Run.`);
  }

  summary() {
    const k = Math.floor(this.shown);
    const racing = this.racing();
    if (!racing.length) return "No optimizer is switched on.";
    if (k === 0) return `Start at ${pair(this.start)}, with a loss of ${height(this.surface.f(this.start))}. Press Run.`;
    const gone = racing.filter(({ left }) => left !== null && left <= k);
    const lost = gone.length ? ` ${both(gone.map(({ name, left }) => `${name} (step ${left})`))} left the map.` : "";
    const there = racing.filter(({ arrived }) => arrived !== null && arrived <= k).sort((a, b) => a.arrived - b.arrived);
    const on = racing.filter((racer) => !gone.includes(racer) && !there.includes(racer));
    const won = there.length ? this.winners(there) : "";
    if (k < this.end() && on.length) {
      const lowest = on.reduce((best, racer) => (racer.losses[k] < best.losses[k] ? racer : best));
      return `Step ${k}.${won}${lost} ${there.length ? "Of the others " : ""}${lowest.name} is lowest, with a loss of ${height(lowest.losses[k])}.`;
    }
    const spots = on.map((racer) => this.spot(racer.points[k]));
    const ends = [...new Set(spots)].map((spot) => {
      const names = on.filter((_, i) => spots[i] === spot).map(({ name }) => name);
      return ` ${both(names)} ${names.length > 1 ? "are" : "is"} ${spot}.`;
    });
    return `Step ${k}: the race is over.${won}${lost}${ends.join("")}`;
  }

  /** Who has arrived, in order. */
  winners(there) {
    const { arrived: soonest } = there[0];
    const first = there.filter(({ arrived }) => arrived === soonest).map(({ name }) => name);
    const later = there.slice(first.length).map(({ name, arrived }) => `${name} (${arrived})`);
    const won = first.length > 1 ? "win: their losses stay" : "wins: its loss stays";
    const then = later.length ? ` Then ${both(later)}.` : "";
    return ` ${both(first)} ${won} below ${this.surface.goal} from step ${soonest} on.${then}`;
  }

  /** Which place w is near, if any. */
  spot(w) {
    const near = this.surface.places.find(({ at }) => Math.hypot(w[0] - at[0], w[1] - at[1]) < 0.05 * this.surface.half[0]);
    return near ? `near ${near.name}` : "still on the way";
  }

  say(sentence) {
    this.said.textContent = sentence;
  }

  // The picture

  unit() {
    return WIDTH / 2 / this.surface.half[0];
  }

  at([x, y]) {
    return `${(x * this.unit()).toFixed(1)},${(-y * this.unit()).toFixed(1)}`;
  }

  drawMap() {
    const { f, formula, goal, half, levels, places } = this.surface;
    const grid = sample(f, half);
    const outline = (level) => contour(grid, level).map((loop) => `M${loop.map((point) => this.at(point)).join("L")}Z`).join("");
    this.layers.replaceChildren(...levels.map((level) => svg("path", { d: outline(level) })).reverse());
    const tick = Math.round(half[0] / 2);
    const along = [-tick, tick].map((value) => svg("text", { x: value * this.unit(), y: HEIGHT / 2 - 6, "text-anchor": "middle" }, number(value)));
    const up = [-tick, tick].map((value) => svg("text", { x: 6 - WIDTH / 2, y: -value * this.unit() + 5 }, number(value)));
    this.axes.replaceChildren(
      ...along,
      ...up,
      svg("text", { x: WIDTH / 2 - 14, y: HEIGHT / 2 - 6 }, "x"),
      svg("text", { x: 6 - WIDTH / 2, y: 16 - HEIGHT / 2 }, "y"),
      ...places.map(({ at, name }) => svg("path", { class: "place", transform: `translate(${this.at(at)})`, d: name.includes("saddle") ? "M-5-5L5 5M-5 5L5-5" : "M-7 0H7M0-7V7" })),
    );
    const saddle = places.some(({ name }) => name.includes("saddle"));
    this.formula.textContent = `Loss: ${formula}. Marks: + minimum${saddle ? ", × saddle" : ""}. A ball has arrived when its loss stays below ${goal}.`;
    this.map.setAttribute("aria-label", `A map of the loss ${formula}, with ${places.map(({ name, at }) => `${name} at ${pair(at)}`).join(", ")}, and the path of each optimizer`);
  }

  /** Every ball after `shown` steps; between two steps it is on its way. */
  show(shown) {
    const k = Math.floor(shown);
    this.shown = shown;
    this.racers.forEach((racer, i) => {
      const { name, points, left } = racer;
      const seen = this.on.has(name);
      const last = Math.min(k, left ?? LIMIT, points.length - 1);
      const to = points[Math.min(last + 1, left ?? LIMIT, points.length - 1)];
      const here = this.at(points[last].map((value, n) => value + (shown - k) * (to[n] - value)));
      this.trails[i].setAttribute("points", `${points.slice(0, last + 1).map((point) => this.at(point)).join(" ")} ${here}`);
      this.balls[i].setAttribute("transform", `translate(${here})`);
      for (const part of [this.trails[i], this.balls[i]]) part.style.display = seen ? "" : "none";
      this.rows[i].row.classList.toggle("off", !seen);
      this.tell(racer, k, this.rows[i]);
    });
  }

  tell({ points, losses, arrived, left }, k, { where, loss, end }) {
    const gone = left !== null && left <= k;
    write(where, gone ? "left the map" : `(${points[k].map((value) => fixed(value, 2)).join(", ")})`);
    write(loss, gone ? "" : `loss ${height(losses[k])}`);
    write(end, arrived !== null && arrived <= k ? `✓ ${arrived}` : gone ? `✗ ${left}` : "");
  }

  // The hand

  place(w) {
    this.start = w.map((value, n) => {
      const most = this.surface.half[n];
      return Math.max(-most, Math.min(most, Math.round(Math.round(value / GRID) * GRID * 100) / 100));
    });
    this.rerun();
    this.say(this.shown ? `From ${pair(this.start)}: ${this.summary()}` : this.summary());
  }

  key(event) {
    const way = KEYS[event.key];
    if (!way) return;
    event.preventDefault();
    const far = Math.max(1, Math.round(this.surface.half[0] / 40 / GRID)) * GRID;
    this.place(this.start.map((value, n) => value + way[n] * far));
  }

  /** Where on the map the pointer is. */
  under(event) {
    const box = this.map.getBoundingClientRect();
    const scale = (2 * this.surface.half[0]) / box.width;
    return [(event.clientX - box.left - box.width / 2) * scale, (box.top + box.height / 2 - event.clientY) * scale];
  }

  grab(event) {
    if (event.button || (event.pointerType === "touch" && !this.handle.contains(event.target))) return;
    event.preventDefault();
    this.handle.focus();
    this.map.setPointerCapture(event.pointerId);
    const drag = (moved) => this.place(this.under(moved));
    const drop = () => this.map.removeEventListener("pointermove", drag);
    this.map.addEventListener("pointermove", drag);
    this.map.addEventListener("pointerup", drop, { once: true });
    this.map.addEventListener("pointercancel", drop, { once: true });
    if (event.pointerType !== "touch") drag(event);
  }
}
