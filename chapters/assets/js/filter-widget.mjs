// <figure data-widget="filter">: a filter that a hand slides over a picture, and the board that fills with its scores.
import { FILTERS, PICTURES, SIZE, WEIGHTS, maxPool, patch, pixels, places, scores } from "./filter-core.mjs";
import { button, drags, html, number, select, svg } from "./dom.mjs";

const CELL = 24; // of the drawings
const RING = 1; // room around the picture for the padding
const RATE = 12; // places a second
const SEEN_AT_FIRST = 21; // places that are filled when the page opens
const KEYS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const OWN = "your own";

const signed = (value) => (value < 0 ? `(${number(value)})` : number(value));
const write = (element, text) => { if (element.textContent !== text) element.textContent = text; };
const cellAt = (i, j, change) => svg("rect", { x: j * CELL, y: i * CELL, width: CELL, height: CELL, ...change });
const word = (i, j, text, name) => svg("text", { x: (j + 0.5) * CELL, y: (i + 0.5) * CELL + 4, "text-anchor": "middle", class: name }, text);

export class FilterWidget {
  constructor(host) {
    this.build(host);
    this.how = { padding: 0, stride: 1 };
    this.choosePicture("vertical line");
    this.chooseFilter("vertical");
    this.start(SEEN_AT_FIRST);
  }

  build(host) {
    this.ring = svg("rect", { class: "ring", x: 0, y: 0 });
    this.ink = svg("g", { class: "ink" });
    this.frame = svg("g", { class: "frame", tabindex: 0, role: "button" });
    this.numbers = svg("g", { class: "numbers", "aria-hidden": "true" });
    this.picture = svg("svg", { class: "db-picture", role: "group" }, this.ring, this.ink, this.frame, this.numbers);
    this.board = svg("svg", { class: "db-board", role: "img" });
    this.pooled = svg("svg", { class: "db-board", role: "img" });
    drags(this.frame);
    this.frame.addEventListener("keydown", (event) => this.key(event));
    this.picture.addEventListener("pointerdown", (event) => this.grab(event));
    this.picture.addEventListener("click", (event) => this.visit(this.under(event))); // a finger that taps; one that drags scrolls the page
    const [pictureField, pictureChoice] = select("Picture", Object.keys(PICTURES), (name) => this.change(() => this.choosePicture(name)));
    const [filterField, filterChoice] = select("Filter", [...Object.keys(FILTERS), OWN], (name) => this.change(() => this.chooseFilter(name)));
    [this.pictureChoice, this.filterChoice] = [pictureChoice, filterChoice];
    this.keys = Array.from({ length: SIZE * SIZE }, (_, k) => {
      const key = button("", () => this.turn(k));
      key.classList.add("db-weight");
      return key;
    });
    const weights = html("div", { class: "db-weights", role: "group", "aria-label": "The weights of the filter. Press one to change it." }, ...this.keys);
    const padding = this.switch("padding: a ring of zeros", (on) => { this.how.padding = on ? 1 : 0; });
    const stride = this.switch("stride 2", (on) => { this.how.stride = on ? 2 : 1; });
    const pool = this.switch("max pooling 2 × 2", (on) => { this.pooling = on; });
    this.switches = [padding, stride, pool];
    this.runButton = button("Run", () => this.toggle());
    this.said = html("p", { class: "db-said", "aria-live": "polite" });
    this.titles = ["picture", "scores", "pooled"].map((name) => html("p", { class: "db-key" }, name));
    const panels = [this.picture, this.board, this.pooled].map((drawing, i) => html("div", { class: `db-panel db-panel-${i}` }, this.titles[i], html("div", { class: "db-box" }, drawing)));
    const controls = html(
      "div",
      { class: "db-controls" },
      html("div", { class: "db-row" }, this.runButton, button("Step", () => this.step()), button("Reset", () => this.reset())),
      html("div", { class: "db-row" }, pictureField, filterField),
      html("div", { class: "db-choose" }, weights, html("div", {}, ...this.switches.map(({ field }) => field))),
    );
    host.querySelector(".widget-fallback")?.remove();
    host.prepend(html("div", { class: "db-widget" }, ...panels, controls, this.said));
  }

  switch(name, set) {
    const box = html("input", { type: "checkbox", role: "switch" });
    const flip = () => this.change(() => set(box.checked));
    box.addEventListener("change", flip);
    return { field: html("label", { class: "db-switch" }, box, name), box };
  }

  // What there is

  choosePicture(name) {
    this.pictureChoice.value = name;
    this.pixels = pixels(name);
  }

  chooseFilter(name) {
    if (name in FILTERS) this.weights = [...FILTERS[name]];
    this.filterChoice.value = name;
  }

  /** The next weight, around in a ring; then the filter is one of the reader's own. */
  turn(k) {
    this.change(() => {
      this.weights[k] = WEIGHTS[(WEIGHTS.indexOf(this.weights[k]) + 1) % WEIGHTS.length];
      this.filterChoice.value = OWN;
    });
  }

  /** Something else is set: a full board is full again, another begins anew where the filter lies. */
  change(set) {
    this.stop();
    const full = this.filled.size === this.n ** 2;
    const [i, j] = this.at.map((place) => place * this.how.stride - this.how.padding);
    set();
    this.count();
    this.at = [i, j].map((pixel) => this.nearest(pixel));
    this.filled = new Set(full ? Array(this.n ** 2).keys() : [this.index()]);
    this.draw();
  }

  count() {
    this.n = places(this.pixels.length, this.how);
    this.scores = scores(this.pixels, this.weights, this.how);
  }

  nearest(pixel) {
    return Math.max(0, Math.min(this.n - 1, Math.round((pixel + this.how.padding) / this.how.stride)));
  }

  index() {
    return this.at[0] * this.n + this.at[1];
  }

  // What a hand can do

  start(seen) {
    this.count();
    this.filled = new Set(Array(seen).keys());
    this.at = [Math.floor((seen - 1) / this.n), (seen - 1) % this.n];
    this.draw();
  }

  reset() {
    this.stop();
    this.start(1);
  }

  /** The filter lies at this place now, and its score is written down. */
  visit(place) {
    this.stop();
    this.at = place;
    this.filled.add(this.index());
    this.draw();
  }

  /** On to the next place in reading order; at the end to the first that is still empty. */
  next() {
    const after = this.index() + 1;
    const open = Array.from({ length: this.n ** 2 }, (_, k) => k).filter((k) => !this.filled.has(k));
    const to = after < this.n ** 2 ? after : open[0] ?? 0;
    this.at = [Math.floor(to / this.n), to % this.n];
    this.filled.add(to);
  }

  step() {
    this.stop();
    this.next();
    this.draw();
  }

  toggle() {
    if (this.running) {
      this.stop();
      return this.draw();
    }
    if (this.filled.size === this.n ** 2) this.start(1);
    if (STILL.matches) {
      while (this.filled.size < this.n ** 2) this.next();
      return this.draw();
    }
    this.runButton.textContent = "Pause";
    this.say("The filter slides.");
    let [before, due] = [null, 0];
    const tick = (now) => {
      due += ((now - (before ?? now)) * RATE) / 1000;
      before = now;
      for (; due >= 1 && this.filled.size < this.n ** 2; due--) this.next();
      if (this.filled.size === this.n ** 2) this.stop();
      else this.running = requestAnimationFrame(tick);
      this.draw();
    };
    this.running = requestAnimationFrame(tick);
  }

  stop() {
    cancelAnimationFrame(this.running);
    this.running = null;
    this.runButton.textContent = "Run";
  }

  key(event) {
    const way = KEYS[event.key];
    if (!way) return;
    event.preventDefault();
    this.visit(this.at.map((place, k) => Math.max(0, Math.min(this.n - 1, place + way[k]))));
  }

  /** The place at which the filter's middle would be under the pointer. */
  under(event) {
    const box = this.picture.getBoundingClientRect();
    const across = this.pixels.length + 2 * RING;
    const pixel = (from, size, at) => Math.floor(((at - from) / size) * across) - RING - 1;
    return [pixel(box.top, box.height, event.clientY), pixel(box.left, box.width, event.clientX)].map((each) => this.nearest(each));
  }

  grab(event) {
    if (event.button || (event.pointerType === "touch" && !this.frame.contains(event.target))) return;
    event.preventDefault();
    this.frame.focus();
    this.picture.setPointerCapture(event.pointerId);
    const drag = (moved) => this.visit(this.under(moved));
    const drop = () => this.picture.removeEventListener("pointermove", drag);
    this.picture.addEventListener("pointermove", drag);
    this.picture.addEventListener("pointerup", drop, { once: true });
    this.picture.addEventListener("pointercancel", drop, { once: true });
  }

  // What the eye sees

  draw() {
    this.drawPicture();
    this.drawFrame();
    this.drawBoard();
    this.keys.forEach((key, k) => {
      write(key, number(this.weights[k]));
      key.setAttribute("aria-label", `Weight in row ${1 + Math.floor(k / SIZE)}, column ${1 + (k % SIZE)}: ${number(this.weights[k])}`);
    });
    if (!this.running) this.say(this.sentence());
  }

  drawPicture() {
    const across = (this.pixels.length + 2 * RING) * CELL;
    this.picture.setAttribute("viewBox", `0 0 ${across} ${across}`);
    for (const side of ["width", "height"]) this.ring.setAttribute(side, across);
    this.ring.style.display = this.how.padding ? "" : "none";
    const ink = this.pixels.flatMap((row, i) => row.map((value, j) => cellAt(i + RING, j + RING, { style: `--ink: ${100 * value}%` })));
    const zeros = [];
    const last = this.pixels.length + RING;
    for (let k = 0; k <= last && this.how.padding; k++) zeros.push(word(0, k, "0", "zero"), word(last, k, "0", "zero"), ...(k && k < last ? [word(k, 0, "0", "zero"), word(k, last, "0", "zero")] : []));
    this.ink.replaceChildren(...ink, ...zeros);
    write(this.titles[0], `picture, ${this.pixels.length} × ${this.pixels.length}`);
    this.picture.setAttribute("aria-label", `The picture “${this.pictureChoice.value}”, ${this.pixels.length} by ${this.pixels.length} pixels, and the filter on it`);
  }

  drawFrame() {
    const [top, left] = this.corner().map((pixel) => pixel + RING);
    const numbers = this.weights.map((weight, k) => word(top + Math.floor(k / SIZE), left + (k % SIZE), number(weight), "weight"));
    this.frame.replaceChildren(svg("rect", { class: "around", x: left * CELL, y: top * CELL, width: SIZE * CELL, height: SIZE * CELL }));
    this.numbers.replaceChildren(...numbers);
    this.frame.setAttribute("aria-label", `The filter, on ${this.where()}. Arrow keys move it.`);
  }

  drawBoard() {
    const { n, filled } = this;
    const pooled = this.pooling && n >= 2 ? maxPool(this.scores) : [];
    const top = Math.max(1, ...this.scores.flat().map(Math.abs));
    const known = (i, j) => filled.has(i * n + j);
    const windows = (i, j) => [0, 1].every((a) => [0, 1].every((b) => known(2 * i + a, 2 * j + b)));
    this.fill(this.board, this.scores, known, top, this.at);
    this.fill(this.pooled, pooled, windows, top, this.at.map((place) => Math.floor(place / 2)));
    for (let k = 0; k <= n - (n % 2) && pooled.length; k += 2) {
      const end = (n - (n % 2)) * CELL;
      this.board.append(svg("path", { class: "window", d: `M${k * CELL} 0V${end}M0 ${k * CELL}H${end}` }));
    }
    write(this.titles[1], `scores, ${n} × ${n}`);
    write(this.titles[2], pooled.length ? `pooled, ${pooled.length} × ${pooled.length}` : "pooling is off");
  }

  fill(drawing, numbers, known, top, at) {
    const across = Math.max(1, numbers.length) * CELL;
    drawing.setAttribute("viewBox", `-2 -2 ${across + 4} ${across + 4}`);
    drawing.style.width = `${(100 * numbers.length) / (drawing === this.board ? 8 : 4)}%`;
    const parts = numbers.flatMap((row, i) =>
      row.flatMap((value, j) => {
        if (!known(i, j)) return [cellAt(i, j, { class: "empty" })];
        const share = `--share: ${Math.round((48 * Math.abs(value)) / top)}%`;
        return [cellAt(i, j, { class: value < 0 ? "below" : "above", style: share }), word(i, j, this.short(value), "score")];
      }),
    );
    const here = numbers[at[0]]?.[at[1]] === undefined ? [] : [cellAt(at[0], at[1], { class: "here" })];
    drawing.replaceChildren(...parts, ...here);
    const rows = numbers.map((row, i) => `row ${i + 1}: ${row.map((value, j) => (known(i, j) ? this.short(value) : "empty")).join(", ")}`);
    drawing.setAttribute("aria-label", rows.length ? `${drawing === this.board ? "Board of scores" : "After pooling"}, ${rows.join("; ")}` : "Pooling is switched off");
  }

  short(value) {
    return Number.isInteger(value) ? number(value) : number(Math.round(10 * value) / 10);
  }

  // What the ear hears

  /** The pixel under the filter's upper left corner. */
  corner() {
    return this.at.map((place) => place * this.how.stride - this.how.padding);
  }

  where() {
    const [top, left] = this.corner().map((pixel) => pixel + 1);
    return `rows ${number(top)} to ${top + SIZE - 1}, columns ${number(left)} to ${left + SIZE - 1}`;
  }

  sentence() {
    const [i, j] = this.at;
    const under = patch(this.pixels, i, j, this.how);
    const terms = under.map((pixel, k) => [pixel, this.weights[k]]).filter(([pixel, weight]) => pixel && weight);
    const sum = terms.length ? terms.map(([pixel, weight]) => `${number(pixel)}·${signed(weight)}`).join(" + ") : "nothing but zeros";
    const score = number(this.scores[i][j]);
    return `On ${this.where()} the score is ${sum}${terms.length ? ` = ${score}` : ", so 0"}. ${this.summary()}`;
  }

  /** What the board says, once it is full. */
  summary() {
    const all = this.n ** 2;
    if (this.filled.size < all) return `${this.filled.size} of ${all} places are filled.`;
    const flat = this.scores.flat();
    const best = Math.max(...flat);
    const times = flat.filter((value) => value === best).length;
    const kept = Math.floor(this.n / 2) ** 2;
    const pooled = this.pooling && kept ? ` Pooling keeps ${kept} of the ${all} numbers.` : "";
    return `The board is full: the highest score is ${number(best)}, at ${times} of ${all} places.${pooled}`;
  }

  say(sentence) {
    write(this.said, sentence);
  }
}
