// <figure data-widget="lstm">: the gates of a small LSTM that reads a sentence, word by word.
import { HOLDS, OPINIONS, SENTENCES, UNITS, WORDS, read } from "./lstm-core.mjs";
import { button, drags, html, number, select, svg } from "./dom.mjs";

const OWN = "your own";
const MOST = 14; // words
const [LEFT, CELL, ROW] = [18, 22, 12]; // of the drawing: where the first column begins, its width, the height of a unit's row
const WIDTH = LEFT + MOST * CELL + 16; // room for the last word
const TOP = 50; // room for the words
const STRIPS = { i: "input gate i", f: "forget gate f", g: "candidate g", c: "cell state c", o: "output gate o", h: "hidden state h" };
const GAP = 16; // room for a strip's name
const LETTER = 6; // of such a name: its width, at most
const STRIP = UNITS * ROW + GAP;
const HEIGHT = TOP + Object.keys(STRIPS).length * STRIP + GAP + 16;
const SIGNS = ["?", "−", "+"]; // of the opinions
const SEEN_AT_FIRST = [3, 2]; // word and unit: what "not" does to the third unit
const RATE = 1.6; // words a second
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

const two = (value) => (Math.abs(value) < 0.005 ? "0.00" : value.toFixed(2).replace("-", "−"));
const bound = (value, most) => Math.max(0, Math.min(most - 1, value));
const inBrackets = (value) => (value < 0 ? `(${two(value)})` : two(value));
const write = (element, text) => { if (element.textContent !== text) element.textContent = text; };

export class LstmWidget {
  constructor(host) {
    this.build(host);
    this.reset();
  }

  build(host) {
    this.words = svg("g", { class: "words", "aria-hidden": "true" });
    this.cells = svg("g", { "aria-hidden": "true" });
    this.frame = svg("g", { class: "frame", tabindex: 0, role: "slider", "aria-label": "The word that is being read; up and down choose the unit", "aria-valuemin": 1 });
    const titles = [...Object.values(STRIPS), "opinion so far"].flatMap((name, k) => {
      const ground = svg("rect", { x: LEFT, y: TOP + k * STRIP + 1, width: LETTER * name.length, height: GAP - 2 });
      return [ground, svg("text", { x: LEFT, y: TOP + k * STRIP + GAP - 4 }, name)];
    });
    const above = svg("g", { class: "strips", "aria-hidden": "true" }, ...titles); // the frame would strike them through
    this.picture = svg("svg", { class: "db-gates", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "group" }, this.words, this.cells, this.frame, above);
    drags(this.frame);
    this.frame.addEventListener("keydown", (event) => this.key(event));
    this.picture.addEventListener("pointerdown", (event) => this.grab(event));
    this.picture.addEventListener("click", (event) => this.visit(this.under(event))); // a finger that taps; one that drags scrolls the page
    const names = [...SENTENCES.map((words) => words.join(" ")), OWN];
    const [sentenceField, sentence] = select("Sentence", names, (name) => name !== OWN && this.choose(name.split(" ")));
    const [wordField, word] = select("This word", WORDS, (name) => this.replace(name));
    const [holdField, hold] = select("Forget gate", Object.keys(HOLDS), (name) => this.change(() => { this.hold = name; }));
    [this.sentenceChoice, this.wordChoice, this.holdChoice] = [sentence, word, hold];
    this.runButton = button("Run", () => this.toggle());
    const heads = ["unit", "f", "· old c", "+ i", "· g", "= c", "o", "h"];
    this.rows = Array.from({ length: UNITS }, (_, u) => html("tr", {}, html("th", { scope: "row" }, u + 1), ...heads.slice(1).map(() => html("td"))));
    const table = html("table", { class: "db-sums" }, html("thead", {}, html("tr", {}, ...heads.map((name) => html("th", { scope: "col" }, name)))), html("tbody", {}, ...this.rows));
    this.chances = OPINIONS.map((name, k) => {
      const bar = html("span", { class: "db-chance" });
      const share = html("span");
      return { bar, share, row: html("div", {}, html("span", {}, `${SIGNS[k]} ${name}`), html("span", { class: "db-chance-box" }, bar), share) };
    });
    this.said = html("p", { class: "db-said", "aria-live": "polite" });
    const buttons = html("div", { class: "db-row" }, this.runButton, button("Step", () => this.step()), button("Reset", () => this.reset()));
    const controls = html("div", { class: "db-controls" }, buttons, html("div", { class: "db-fields" }, sentenceField, wordField, holdField), table, html("div", { class: "db-chances" }, ...this.chances.map(({ row }) => row)), this.said);
    host.querySelector(".widget-fallback")?.remove();
    host.prepend(html("div", { class: "db-widget" }, html("div", { class: "db-left" }, this.picture), controls));
  }

  // What a hand can do

  reset() {
    this.stop();
    [this.at, this.unit] = SEEN_AT_FIRST;
    this.hold = Object.keys(HOLDS)[0];
    this.load(SENTENCES[0]);
  }

  choose(words) {
    this.stop();
    this.at = 0;
    this.load(words);
  }

  load(words) {
    this.change(() => {
      this.sentence = [...words];
      this.sentenceChoice.value = words.join(" ");
    });
  }

  /** Another word here: then the sentence is one of the reader's own. */
  replace(name) {
    this.change(() => {
      this.sentence[this.at] = name;
      this.sentenceChoice.value = SENTENCES.find((words) => words.join(" ") === this.sentence.join(" "))?.join(" ") ?? OWN;
    });
  }

  change(set) {
    this.stop();
    set();
    this.holdChoice.value = this.hold;
    this.steps = read(this.sentence, HOLDS[this.hold]);
    this.draw();
  }

  visit([at, unit]) {
    this.stop();
    [this.at, this.unit] = [bound(at, this.sentence.length), unit ?? this.unit];
    this.draw();
  }

  step() {
    this.visit([(this.at + 1) % this.sentence.length]);
  }

  toggle() {
    if (this.running) {
      this.stop();
      return this.draw();
    }
    const last = this.sentence.length - 1;
    if (this.at === last) this.at = 0;
    if (STILL.matches) return this.visit([last]);
    this.runButton.textContent = "Pause";
    write(this.said, "The network reads.");
    let [before, due] = [null, 0];
    const tick = (now) => {
      due += ((now - (before ?? now)) * RATE) / 1000;
      before = now;
      for (; due >= 1 && this.at < last; due--) this.at++;
      if (this.at === last) this.stop();
      else this.running = requestAnimationFrame(tick);
      this.draw();
    };
    this.running = requestAnimationFrame(tick);
    this.draw();
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
    this.visit([this.at + way[0], bound(this.unit + way[1], UNITS)]);
  }

  /** The word under the pointer, and the unit if the pointer is on a row of one. */
  under(event) {
    const box = this.picture.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * WIDTH;
    const y = ((event.clientY - box.top) / box.height) * HEIGHT - TOP;
    const row = Math.floor(((y % STRIP) - GAP) / ROW);
    return [Math.floor((x - LEFT) / CELL), y >= 0 && row >= 0 && y < 6 * STRIP ? row : undefined];
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
    const { at, unit, sentence, steps } = this;
    const x = (t) => LEFT + t * CELL;
    this.words.replaceChildren(...sentence.map((word, t) => svg("text", { class: t === at ? "here" : "", transform: `translate(${x(t) + CELL / 2 + 3} ${TOP - 4}) rotate(-58)` }, word)));
    const numbers = Object.keys(STRIPS).flatMap((_, k) => Array.from({ length: UNITS }, (_, u) => svg("text", { class: u === unit ? "unit here" : "unit", x: LEFT - 5, y: this.top(k, u) + ROW - 2.5 }, u + 1)));
    const under = TOP + 6 * STRIP + GAP;
    const answers = steps.map(({ p }, t) => svg("text", { class: t > at ? "answer later" : "answer", x: x(t) + CELL / 2, y: under + 11 }, SIGNS[p.indexOf(Math.max(...p))]));
    this.cells.replaceChildren(...numbers, ...this.strips(x), ...answers);
    const here = (attributes) => svg("rect", { x: x(at), width: CELL, ...attributes });
    const rows = Object.keys(STRIPS).map((_, k) => here({ class: "row", y: this.top(k, unit), height: ROW }));
    this.frame.replaceChildren(here({ class: "around", y: TOP, height: HEIGHT - TOP - 1 }), ...rows);
    for (const [name, value] of Object.entries({ "aria-valuemax": sentence.length, "aria-valuenow": at + 1, "aria-valuetext": `word ${at + 1}, ${sentence[at]}, unit ${unit + 1}` })) this.frame.setAttribute(name, value);
    this.picture.setAttribute("aria-label", `The gates and states of ${UNITS} units after each word of “${sentence.join(" ")}”`);
    this.wordChoice.value = sentence[at];
    this.drawNumbers(steps[at]);
    if (!this.running) write(this.said, this.told());
  }

  top(strip, unit) {
    return TOP + strip * STRIP + GAP + unit * ROW;
  }

  strips(x) {
    return Object.keys(STRIPS).flatMap((name, k) => {
      const most = Math.max(1, ...this.steps.flatMap((step) => step[name].map(Math.abs)));
      return this.steps.flatMap((step, t) =>
        step[name].map((value, u) => svg("rect", { class: `${value < 0 ? "below" : "above"}${t > this.at ? " later" : ""}`, x: x(t), y: this.top(k, u), width: CELL, height: ROW, style: `--share: ${Math.round((80 * Math.abs(value)) / most)}%` })),
      );
    });
  }

  drawNumbers({ i, f, g, o, c, h, before, p }) {
    this.rows.forEach((row, u) => {
      row.classList.toggle("here", u === this.unit);
      [f, before.c, i, g, c, o, h].forEach((values, k) => write(row.cells[k + 1], two(values[u])));
    });
    this.chances.forEach(({ bar, share }, k) => {
      bar.style.width = `${100 * p[k]}%`;
      write(share, `${Math.round(100 * p[k])}\u00a0%`);
    });
  }

  // What the ear hears

  told() {
    const { at, unit, sentence } = this;
    const { i, f, g, o, c, h, before, p } = this.steps[at];
    const sum = `c = ${two(f[unit])} · ${inBrackets(before.c[unit])} + ${two(i[unit])} · ${inBrackets(g[unit])} = ${two(c[unit])}`;
    const out = `h = ${two(o[unit])} · tanh ${inBrackets(c[unit])} = ${two(h[unit])}`;
    const best = p.indexOf(Math.max(...p));
    return `Word ${number(at + 1)} of ${sentence.length}, “${sentence[at]}”. Unit ${unit + 1}: ${sum}; ${out}. The opinion so far: ${OPINIONS[best]}, ${Math.round(100 * p[best])}\u00a0%.`;
  }
}
