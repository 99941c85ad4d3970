// <figure data-widget="words">: words on a plane. A hand chooses one, and sees its neighbours; or three, for b − a + c.
import { MAPS, TABLE, analogy, layout, names, neighbours, target, towards } from "./words-core.mjs";
import { button, html, select, svg } from "./dom.mjs";

const SIZE = 340; // of the drawing
const ROOM = 44; // at its sides, for names and for arrows that lead out
const SHOWN = 5; // words in the list
const NEAR = 3; // of them joined by lines
const MODES = ["neighbours", "b − a + c"];
const LETTERS = "bac"; // of the three: a is to b as c is to what?
const SIGNS = ["", "− ", "+ "];
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const START = { people: ["king", "man", "woman"], opinions: ["better", "good", "bad"], places: ["german", "germany", "japan"], comparisons: ["older", "old", "young"] };
const FIRST = { people: "king", opinions: "good", places: "paris", comparisons: "big" };

const write = (element, text) => { if (element.textContent !== text) element.textContent = text; };
const two = (value) => value.toFixed(2).replace("-", "−");
let arrows = 0; // each drawing needs an arrowhead of its own name

export class WordsWidget {
  constructor(host) {
    this.build(host);
    this.now = { mode: 0 };
    this.choose("opinions");
  }

  build(host) {
    this.head = `db-words-${++arrows}`;
    const arrow = svg("marker", { id: this.head, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto-start-reverse" }, svg("path", { d: "M0 0L8 4L0 8z" }));
    this.lines = svg("g", { class: "lines", "aria-hidden": "true" });
    this.points = svg("g", {});
    this.plane = svg("svg", { class: "db-words", viewBox: `0 0 ${SIZE} ${SIZE}`, role: "group" }, svg("defs", {}, arrow), this.lines, this.points);
    this.plane.addEventListener("click", (event) => this.press(this.under(event)));
    this.plane.addEventListener("keydown", (event) => this.key(event));
    const [mapField, mapChoice] = select("Words for", MAPS, (name) => this.choose(name));
    const [modeField, modeChoice] = select("Show", MODES, () => this.change({ mode: this.modeChoice.selectedIndex, slot: 0 }));
    [this.mapChoice, this.modeChoice] = [mapChoice, modeChoice];
    this.slots = SIGNS.map((_, k) => {
      const key = button("", () => this.change({ slot: k }));
      key.classList.add("db-slot");
      return key;
    });
    this.three = html("div", { class: "db-row", role: "group", "aria-label": "The three words. Press one to choose another for it." }, ...this.slots);
    const box = html("input", { type: "checkbox", role: "switch" });
    box.addEventListener("change", () => this.change({ too: box.checked }));
    this.too = html("label", { class: "db-switch" }, box, "the three may answer, too");
    this.hint = html("p", { class: "db-key" }, "Choose a word: click on it, or move with the arrow keys. Lines lead to its three nearest.");
    const mode = html("div", { class: "db-mode" }, this.hint, this.three, this.too);
    this.list = html("ol", { class: "db-nearest" });
    this.about = html("p", { class: "db-key" });
    this.said = html("p", { class: "db-said", "aria-live": "polite" });
    const controls = html("div", { class: "db-controls" }, html("div", { class: "db-row" }, mapField, modeField), mode, this.list, this.about);
    host.querySelector(".widget-fallback")?.remove();
    host.prepend(html("div", { class: "db-widget" }, this.plane, controls, this.said));
  }

  /** Another map: its words are drawn once. */
  choose(name) {
    this.map = TABLE.maps[name];
    const { words, places } = this.map;
    const at = (word) => Math.max(0, words.indexOf(word));
    this.pixel = layout(this.map, SIZE, ROOM);
    const dots = places.map(this.pixel);
    const where = names(dots, words, SIZE);
    this.words = words.map((word, i) =>
      svg("g", { class: "word", role: "button" }, svg("circle", { class: "dot", cx: dots[i][0], cy: dots[i][1], r: 4 }), svg("text", { x: where[i][0], y: where[i][1] }, word)),
    );
    this.points.replaceChildren(...this.words);
    this.plane.setAttribute("aria-label", `A plane with ${words.length} words, ${name}. Arrow keys move, Enter chooses.`);
    this.mapChoice.value = name;
    write(this.about, `On the plane: ${Math.round(100 * this.map.share)} % of the spread. The numbers are cosines of all ${TABLE.dimensions} dimensions.`);
    const three = START[name].map(at);
    this.change({ one: at(FIRST[name]), three, slot: 0, focus: at(FIRST[name]) });
  }

  change(what) {
    this.now = { ...this.now, ...what };
    this.draw();
  }

  // What a hand can do

  /** The word whose dot or name is nearest to the pointer; null if it is far from all. */
  under(event) {
    const drawn = event.target.closest?.(".word");
    if (drawn) return this.words.indexOf(drawn);
    const box = this.plane.getBoundingClientRect();
    const scale = SIZE / box.width;
    const [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    const far = this.map.places.map((place) => Math.hypot(this.pixel(place)[0] - x, this.pixel(place)[1] - y));
    const best = Math.min(...far);
    return best < 26 * scale ? far.indexOf(best) : null;
  }

  /** A word is chosen: for its neighbours, or as the next of the three. */
  press(i) {
    if (i === null) return;
    const { mode, three, slot } = this.now;
    if (mode === 0) this.change({ one: i, focus: i });
    else this.change({ three: three.map((word, k) => (k === slot ? i : word)), slot: (slot + 1) % 3, focus: i });
    this.words[i].focus({ preventScroll: true });
  }

  key(event) {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return this.press(this.now.focus);
    }
    const way = KEYS[event.key];
    if (!way) return;
    event.preventDefault();
    this.change({ focus: towards(this.map, this.now.focus, way) });
    this.words[this.now.focus].focus({ preventScroll: true });
  }

  // What the eye sees

  nearest() {
    const { mode, one, three, too } = this.now;
    return mode === 0 ? neighbours(this.map, one) : analogy(this.map, three, too);
  }

  draw() {
    const { mode, one, three, slot, focus } = this.now;
    const found = this.nearest();
    const chosen = mode === 0 ? [one] : three;
    const near = found.slice(0, mode === 0 ? NEAR : 1).map(({ i }) => i);
    this.words.forEach((word, i) => {
      word.setAttribute("tabindex", i === focus ? 0 : -1);
      word.setAttribute("aria-pressed", chosen.includes(i));
      word.setAttribute("aria-label", this.map.words[i] + (mode && chosen.includes(i) ? `, ${LETTERS[chosen.indexOf(i)]}` : ""));
      word.classList.toggle("chosen", chosen.includes(i));
      word.classList.toggle("near", near.includes(i) && !chosen.includes(i));
    });
    this.lines.replaceChildren(...(mode === 0 ? this.rays(one, near) : this.arrows(three)));
    this.modeChoice.selectedIndex = mode;
    this.three.hidden = this.too.hidden = mode === 0;
    this.hint.hidden = mode === 1;
    this.slots.forEach((key, k) => {
      write(key, SIGNS[k] + this.map.words[three[k]]);
      key.setAttribute("aria-pressed", k === slot);
    });
    this.list.replaceChildren(...found.slice(0, SHOWN).map((each) => this.row(each)));
    write(this.said, this.sentence(found));
  }

  line(from, to, name, head) {
    const end = { x1: from[0], y1: from[1], x2: to[0], y2: to[1], class: name };
    return svg("line", head ? { ...end, "marker-end": `url(#${this.head})` } : end);
  }

  rays(one, near) {
    return near.map((i) => this.line(this.pixel(this.map.places[one]), this.pixel(this.map.places[i]), "ray"));
  }

  /** From a to b, and the same step again from c; a cross where it ends. */
  arrows(three) {
    const [b, a, c] = three.map((i) => this.pixel(this.map.places[i]));
    const [x, y] = this.pixel(target(this.map, three));
    return [this.line(a, b, "step", true), this.line(c, [x, y], "step again", true), svg("path", { class: "end", d: `M${x - 5} ${y - 5}l10 10m-10 0l10 -10` })];
  }

  row({ word, cosine }) {
    const bar = html("span", { class: "db-near-bar", style: `width: ${Math.max(0, 100 * cosine).toFixed(0)}%` });
    return html("li", {}, html("span", { class: "db-near-word" }, word), html("span", { class: "db-near-box" }, bar), html("span", { class: "db-near-number" }, two(cosine)));
  }

  // What the ear hears

  sentence(found) {
    const { mode, one, three, slot, too } = this.now;
    const { words } = this.map;
    const [first, second] = found;
    if (mode === 0) return `Nearest to “${words[one]}” among these ${words.length} words: ${found.slice(0, NEAR).map(({ word, cosine }) => `${word}, ${two(cosine)}`).join("; ")}.`;
    const [b, a, c] = three.map((i) => words[i]);
    const own = too && three.includes(first.i) ? ` That is one of the three: the step from “${a}” to “${b}” is short beside the vectors themselves.` : "";
    const next = `Choose a word for ${LETTERS[slot]}.`;
    return `${b} − ${a} + ${c} is nearest to “${first.word}”, ${two(first.cosine)}, then to “${second.word}”, ${two(second.cosine)}.${own} ${next}`;
  }
}
