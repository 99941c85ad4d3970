// <figure data-widget="gates">: three sliders, and the truth table that one neuron makes of them.
import { CORNERS, GATES, answers, right } from "./gates-core.mjs";
import { boundary, html, mark, positiveSide, select, slider, svg } from "./dom.mjs";
import { phrase } from "./phrase.mjs";

const LOW = -0.5; // the plane goes from −0.5 to 1.5
const HIGH = 1.5;
const UNIT = 200;
const at = ([x, y]) => `${x * UNIT},${-y * UNIT}`;
const START = { w: [1, 1], b: -0.5 }; // an OR, with AND as the target: two lines of the table are wrong

export class GatesWidget {
  constructor(host) {
    this.params = structuredClone(START);
    this.gate = "AND";
    this.build(host);
    this.redraw();
  }

  build(host) {
    const size = (HIGH - LOW) * UNIT;
    this.side = svg("polygon", { class: "side class-1" });
    this.line = svg("line", { class: "boundary" });
    this.marks = svg("g");
    this.plane = svg(
      "svg",
      { viewBox: `${LOW * UNIT} ${-HIGH * UNIT} ${size} ${size}`, role: "img" },
      svg("rect", { class: "side class-0", x: LOW * UNIT, y: -HIGH * UNIT, width: size, height: size }),
      this.side,
      svg("path", { class: "axes", d: `M${LOW * UNIT} 0H${HIGH * UNIT}M0 ${-HIGH * UNIT}V${-LOW * UNIT}` }),
      svg("text", { class: "axis-name", x: HIGH * UNIT - 26, y: -10 }, "x₁"),
      svg("text", { class: "axis-name", x: 10, y: -HIGH * UNIT + 22 }, "x₂"),
      this.line,
      this.marks,
    );
    const [field] = select(phrase("Target"), Object.keys(GATES), (gate) => {
      this.gate = gate;
      this.redraw();
    });
    const sliders = [
      this.slider("w₁", () => this.params.w[0], (value) => { this.params.w[0] = value; }),
      this.slider("w₂", () => this.params.w[1], (value) => { this.params.w[1] = value; }),
      this.slider("b", () => this.params.b, (value) => { this.params.b = value; }),
    ];
    this.rows = html("tbody");
    const head = ["x₁", "x₂", "", phrase("neuron")].map((name) => html("th", { scope: "col" }, name));
    this.target = head[2];
    const table = html("table", { class: "db-truth" }, html("thead", {}, html("tr", {}, ...head)), this.rows);
    this.said = html("p", { class: "db-said", "aria-live": "polite" });
    const controls = html("div", { class: "db-controls" }, html("div", { class: "db-row" }, field), ...sliders, table, this.said);
    host.querySelector(".widget-fallback")?.remove();
    host.prepend(html("div", { class: "db-widget" }, this.plane, controls));
  }

  slider(name, get, set) {
    const { field, put } = slider(name, { min: -3, max: 3, step: 0.25 }, (value) => {
      set(value);
      put(value);
      this.redraw();
    });
    put(get());
    return field;
  }

  redraw() {
    const wanted = GATES[this.gate];
    const given = answers(this.params);
    this.side.setAttribute("points", positiveSide(this.params, LOW, HIGH).map(at).join(" "));
    const ends = boundary(this.params, LOW, HIGH);
    this.line.style.display = ends ? "" : "none";
    if (ends) {
      const [[x1, y1], [x2, y2]] = ends;
      for (const [name, value] of Object.entries({ x1, y1: -y1, x2, y2: -y2 })) this.line.setAttribute(name, value * UNIT);
    }
    this.marks.replaceChildren(
      ...CORNERS.map((corner, i) => {
        const group = svg("g", { class: "point", transform: `translate(${at(corner)})` }, mark(wanted[i], 15));
        group.append(svg("text", { class: "point-name", "text-anchor": "middle", dy: 6 }, String(wanted[i])));
        return group;
      }),
    );
    this.rows.replaceChildren(
      ...CORNERS.map((corner, i) => {
        const ok = given[i] === wanted[i];
        const cells = [...corner, wanted[i], `${given[i]} ${ok ? "✓" : "✗"}`];
        return html("tr", { class: ok ? "right" : "wrong" }, ...cells.map((cell) => html("td", {}, String(cell))));
      }),
    );
    this.target.textContent = this.gate;
    const score = right(this.params, this.gate);
    const values = { gate: this.gate, a: this.gate[0] === "N" ? "a" : "an", score };
    this.said.textContent = score === 4
      ? phrase("{gate}: {score} of 4 right. The neuron is {a} {gate} gate.", values)
      : phrase("{gate}: {score} of 4 right.", values);
    this.plane.setAttribute(
      "aria-label",
      phrase("The four inputs as corners of a square, a square mark where {gate} is 1 and a circle where it is 0, and the neuron's line; {score} of 4 corners lie on their own side.", values),
    );
  }
}
