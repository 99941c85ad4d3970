// What the playground shows: the plane with the points and the network's answers, the curves of the loss, a unit's map.
import { FIELDS, HALF, LIMIT, zeroLine } from "./playground-core.mjs";
import { Picture } from "./canvas.mjs";
import { html, svg } from "./dom.mjs";

const SMALL = 25; // a unit's picture has 25 × 25 fields
const COIN = Math.log(2); // the loss of a guess

/** The map, and on it the border and the points: filled to learn from, hollow if held out. */
export class Plane {
  constructor() {
    this.map = new Picture(FIELDS);
    this.overlay = html("canvas", { "aria-hidden": "true" });
    this.element = html("div", { class: "db-plane", role: "img" }, this.map.canvas, this.overlay);
  }

  /** The points are painted once: they do not move while the network learns. */
  prepare(colours, { train, held }) {
    const side = Math.round(this.element.clientWidth * devicePixelRatio);
    this.colours = colours;
    this.overlay.width = this.overlay.height = side;
    this.points = html("canvas", { width: side, height: side });
    const context = this.points.getContext("2d");
    const unit = side / (2 * HALF);
    const r = 3.1 * devicePixelRatio;
    const mark = ({ a: [x], y }, filled) => y.forEach((label, i) => {
      const [across, down] = [(x[2 * i] + HALF) * unit, (HALF - x[2 * i + 1]) * unit];
      context.beginPath();
      if (label) context.rect(across - r, down - r, 2 * r, 2 * r);
      else context.arc(across, down, 1.1 * r, 0, 2 * Math.PI);
      context.fillStyle = filled ? colours.classes[label] : colours.page;
      context.strokeStyle = filled ? colours.page : colours.classes[label];
      context.lineWidth = (filled ? 1 : 1.8) * devicePixelRatio;
      context.fill();
      context.stroke();
    });
    mark(train, true);
    mark(held, false);
  }

  draw(ramp, logits) {
    this.map.paint(ramp, (k) => 1 / (1 + Math.exp(-logits[k])));
    const side = this.overlay.width;
    if (!side) return;
    const context = this.overlay.getContext("2d");
    const scale = side / FIELDS;
    context.clearRect(0, 0, side, side);
    context.beginPath();
    for (const [x1, y1, x2, y2] of zeroLine(logits, FIELDS)) {
      context.moveTo(x1 * scale, y1 * scale);
      context.lineTo(x2 * scale, y2 * scale);
    }
    context.strokeStyle = this.colours.text;
    context.lineWidth = 2 * devicePixelRatio;
    context.lineCap = "round";
    context.stroke();
    context.drawImage(this.points, 0, 0);
  }
}

export const unitPicture = () => new Picture(SMALL);

/** What one of n units gives all over the map, from `values` (fields, n). ReLU has no largest value: its pictures share one. */
export function drawUnits(pictures, ramp, activation, values, n) {
  const most = activation === "ReLU" ? values.reduce((one, other) => Math.max(one, other), 0) || 1 : 1;
  const level = { tanh: (a) => (a + 1) / 2, sigmoid: (a) => a, ReLU: (a) => (a / most + 1) / 2 }[activation];
  const every = FIELDS / SMALL;
  const field = (k) => (Math.floor(k / SMALL) * FIELDS + (k % SMALL)) * every;
  for (let unit = 0; unit < n; unit++) pictures[unit].paint(ramp, (k) => level(values[field(k) * n + unit]));
}

const BOX = { width: 300, height: 112, left: 26, right: 8, top: 8, bottom: 18 };
const height = (loss) => BOX.top + (1 - Math.min(loss, 1)) * (BOX.height - BOX.top - BOX.bottom);

/** Two curves, from a loss of 0 to 1: on the training points, and dashed on those held out. */
export class LossCurve {
  constructor() {
    const { width, left, right, top, bottom } = BOX;
    const [floor, edge, coin] = [BOX.height - bottom, width - right, height(COIN)];
    const text = (x, y, anchor, words) => svg("text", { x, y, "text-anchor": anchor }, words);
    this.lines = { held: svg("path", { class: "db-loss-held" }), train: svg("path", { class: "db-loss-train" }) };
    this.end = text(edge, floor + 13, "end", "");
    this.element = svg(
      "svg",
      { class: "db-curve", viewBox: `0 0 ${width} ${BOX.height}`, role: "img" },
      svg("path", { class: "axes", d: `M${left} ${top}V${floor}H${edge}` }),
      svg("path", { class: "db-coin", d: `M${left} ${coin}H${edge}` }),
      text(left - 4, top + 6, "end", "1"),
      text(left - 4, coin + 4, "end", "0.69"),
      text(left - 4, floor + 2, "end", "0"),
      text(left, floor + 13, "start", "epoch 0"),
      this.end,
      ...Object.values(this.lines),
    );
  }

  draw(losses) {
    const { width, left, right } = BOX;
    const epochs = losses.train.length - 1;
    const end = [100, 200, 500, 1000, 2000].find((most) => epochs <= most) ?? LIMIT;
    const every = Math.ceil(end / 200);
    const across = (width - left - right) / end;
    for (const [name, line] of Object.entries(this.lines)) {
      let d = "";
      for (let i = 0; i <= epochs; i += every) d += `${d ? "L" : "M"}${(left + i * across).toFixed(1)} ${height(losses[name][i]).toFixed(1)}`;
      line.setAttribute("d", d);
    }
    this.end.textContent = String(end);
  }
}
