// <figure data-widget="thaw">: a network whose layers a hand freezes and thaws, and what recorded trainings came to.
import { PARTS, RATES, SHOTS, TABLE, flags, learning, percent as rounded, points, recorded, total } from "./thaw-core.mjs";
import { button, html, number, select, svg } from "./dom.mjs";

const [WIDTH, HEIGHT] = [330, 142]; // of the drawing
const [LEFT, RIGHT] = [8, 322]; // where 0 % and 100 % are
const ROWS = [30, 102]; // where the bars begin
const BAR = 20;
const START = { thawed: 1, shots: SHOTS[0], rate: RATES[0] };

const percent = (share) => `${rounded(share)}\u00a0%`;
const count = (n) => n.toLocaleString("en-GB");
const along = (share) => LEFT + share * (RIGHT - LEFT);
const write = (element, text) => { if (element.textContent !== text) element.textContent = text; };
const rateName = (rate) => `${rate}, ${number(TABLE.rates[rate])}`;

export class ThawWidget {
  constructor(host) {
    this.build(host);
    this.reset();
  }

  build(host) {
    this.keys = PARTS.map((_, i) => {
      const key = button("", () => this.press(i));
      key.classList.add("db-part");
      return key;
    });
    const ends = ["the answer", "the picture"].map((end) => html("p", { class: "db-key" }, end));
    const stack = html("div", { class: "db-stack", role: "group", "aria-label": "The layers, the last one first. Press one to thaw down to it, or to freeze it and what is below." }, ends[0], ...[...this.keys].reverse(), ends[1]);
    const [shotsField, shots] = select("Examples of each digit", SHOTS.map(String), (n) => this.change({ shots: Number(n) }));
    const [rateField, rate] = select("Learning rate", RATES.map(rateName), () => this.change({ rate: RATES[this.rateChoice.selectedIndex] }));
    [this.shotsChoice, this.rateChoice] = [shots, rate];
    this.bars = svg("svg", { class: "db-thaw", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
    this.said = html("p", { class: "db-said", "aria-live": "polite" });
    const controls = html(
      "div",
      { class: "db-controls" },
      html("div", { class: "db-row" }, shotsField, rateField, button("Reset", () => this.reset())),
      this.bars,
      html("p", { class: "db-key" }, `Bars: mean of ${TABLE.scratch[RATES[0]][0].length} recorded trainings; dots: each of them; lines: from scratch, and before.`),
    );
    host.querySelector(".widget-fallback")?.remove();
    host.prepend(html("div", { class: "db-widget" }, stack, controls, this.said));
  }

  reset() {
    this.change(START);
  }

  /** Thaws down to this part; one that learns already is frozen, with all below it. The head always learns. */
  press(i) {
    const n = PARTS.length - i;
    this.change({ thawed: flags(this.now.thawed)[i] ? Math.max(1, n - 1) : n });
  }

  change(what) {
    this.now = { ...this.now, ...what };
    this.shotsChoice.value = String(this.now.shots);
    this.rateChoice.selectedIndex = RATES.indexOf(this.now.rate);
    this.draw();
  }

  draw() {
    const learns = flags(this.now.thawed);
    this.keys.forEach((key, i) => {
      key.setAttribute("aria-pressed", learns[i]);
      key.replaceChildren(html("span", {}, PARTS[i]), html("span", {}, learns[i] ? `learns ${count(TABLE.parameters[i])}` : "frozen"));
    });
    const found = recorded(this.now);
    const rows = [
      { name: "new digits, 5 to 9", ...found.fresh, line: found.scratch, lineName: "from scratch", kind: "db-new" },
      { name: "old digits, 0 to 4, with the old head", ...found.kept, line: found.before, lineName: "before", kind: "db-old" },
    ];
    this.bars.replaceChildren(...rows.flatMap((row, i) => this.row(row, ROWS[i])));
    this.bars.setAttribute("aria-label", rows.map((row) => `${row.name}: ${percent(row.mean)}, between ${percent(Math.min(...row.draws))} and ${percent(Math.max(...row.draws))}; ${row.lineName} ${percent(row.line)}`).join(". "));
    write(this.said, this.sentence(found));
  }

  /** A bar of the mean, a dot for each draw, and a line to compare with. */
  row({ name, mean, draws, line, lineName, kind }, top) {
    const at = along(line);
    const dots = draws.map((draw) => svg("circle", { cx: along(draw), cy: top + BAR / 2, r: 3 }));
    return [
      svg("text", { class: "db-value", x: LEFT, y: top - 8 }, name),
      svg("text", { class: "db-value", x: RIGHT, y: top - 8, "text-anchor": "end" }, percent(mean)),
      svg("rect", { class: "db-ground", x: LEFT, y: top, width: RIGHT - LEFT, height: BAR }),
      svg("rect", { class: kind, x: LEFT, y: top, width: along(mean) - LEFT, height: BAR }),
      ...dots,
      svg("path", { class: "db-line", d: `M${at} ${top - 4}V${top + BAR + 4}` }),
      svg("text", { x: Math.min(at, RIGHT), y: top + BAR + 15, "text-anchor": line > 0.6 ? "end" : "middle" }, `${lineName} ${percent(line)}`),
    ];
  }

  sentence({ fresh, kept, scratch, before }) {
    const { thawed, shots, rate } = this.now;
    const which = thawed === 1 ? "Only the head learns" : thawed === PARTS.length ? "All layers learn" : `${PARTS.slice(PARTS.length - thawed, -1).join(" and ")} and the head learn`;
    const examples = shots === 1 ? "one example of each digit" : `${shots} examples of each digit`;
    const ahead = points(fresh.mean, scratch);
    const against = ahead === 0 ? "as many as from scratch" : `${Math.abs(ahead).toFixed(1)} points ${ahead > 0 ? "more" : "fewer"} than from scratch`;
    const lost = points(before, kept.mean);
    const old = lost <= 0 ? "Nothing of the old digits is forgotten." : `Of the old digits ${lost.toFixed(1)} points are forgotten.`;
    return `${which[0].toUpperCase()}${which.slice(1)}: ${count(learning(thawed))} of ${count(total)} parameters. With ${examples}, at the ${rate} rate, ${percent(fresh.mean)} of the new digits are read right, ${against}. ${old}`;
  }
}
