(() => {
  // chapters/assets/js/distance-table.mjs
  var TABLE = {
    "Wh": { "candidate": [[0.2999, -0.0229, 0.2928, 0.3212, -0.3405, 0.17, 0.6733, 0.3499], [-0.784, -0.0785, -0.1997, -0.1769, -0.1788, 0.0903, 0.1466, 0.4964], [0.0515, -0.0542, -0.119, -0.3392, 0.2335, -0.7426, 0.5084, -0.0269], [0.2488, -0.107, 0.2398, 0.0316, 0.1573, -0.3163, -0.455, 0.7323], [0.2924, -0.7974, -0.4698, -0.1257, -0.1158, 0.1661, -0.0109, 0.0332], [0.0453, 0.2727, -0.6805, 0.6339, 0.1312, -0.1502, 0.0158, 0.1367], [0.3782, 0.5145, -0.3409, -0.5755, -0.1289, 0.2681, 0.016, 0.2366], [0.0148, 0.0636, -0.0527, 0.0234, -0.8518, -0.4352, -0.2431, -0.1354]], "in": [[-0.308, -0.2532, -0.5054, 0.0607, 0.648, -0.102, 0.2041, 0.3316], [-0.1203, 0.2533, -0.129, 0.6692, -0.0139, 0.6456, -0.1751, 0.096], [-0.3285, -0.1421, 0.6882, 0.4598, 0.0805, -0.3464, 0.1077, 0.221], [-0.0825, -0.3414, 0.3518, -0.2499, 0.2087, 0.6133, 0.4542, -0.254], [-0.4218, 0.0676, -0.0372, 0.0683, 0.2692, -0.1482, -0.3211, -0.7835], [0.5185, -6e-4, 0.3019, -0.0585, 0.6065, 0.0797, -0.5023, 0.1005], [0.5431, -0.4247, -0.1843, 0.5136, -0.0267, -0.1786, 0.2586, -0.3569], [0.185, 0.7417, 0.0634, 0.0531, 0.2981, -0.1281, 0.5361, -0.127]], "keep": [[0.0262, -0.2066, -0.0581, -0.6768, 0.2373, 0.0171, -0.6174, -0.2396], [-0.041, -0.7422, 0.0342, 0.4459, -0.1147, 0.3216, -0.3343, 0.1384], [-0.1406, 0.3699, 0.4553, 0.1279, -0.4985, 0.2761, -0.329, -0.4322], [-0.3553, -0.3563, -0.1683, -0.3251, -0.6575, -0.3227, 0.2556, -0.1051], [-0.6188, 0.2022, 0.1951, -0.1029, 0.0349, -0.0313, -0.2508, 0.68], [0.3871, 0.269, -0.5184, 0.1335, -0.4123, -0.1955, -0.4469, 0.2886], [-0.4983, 0.1701, -0.6726, 0.1318, 0.1377, 0.3973, 0.0116, -0.2756], [0.2654, 0.0229, -0.0249, -0.4186, -0.2442, 0.7203, 0.2659, 0.3224]], "out": [[0.1125, -0.6503, 0.1127, 0.0105, -0.3683, 0.4897, -0.0438, -0.4174], [0.0786, 0.2237, 0.2631, -0.2549, -0.3129, -53e-4, -0.8382, 0.0951], [64e-4, 0.5212, 0.2518, 0.5684, 0.1594, 0.4227, -0.0579, -0.3667], [0.2955, 0.2134, -0.8658, 0.0304, -0.1887, 0.2538, -0.1284, -82e-4], [-0.1459, 0.2987, 0.1741, -0.3993, -0.272, 0.5662, 0.385, 0.3962], [0.1802, -0.077, -0.0197, -0.4765, 0.7649, 0.3252, -0.1667, -0.1247], [0.6282, 0.2788, 0.1881, -0.3186, -0.1926, -0.2828, 0.3156, -0.4172], [-0.6674, 0.1925, -0.1973, -0.3506, -0.0963, -0.104, 44e-4, -0.5793]] },
    "Wx": { "candidate": [0.3773, 0.4462, -0.1975, -0.4081, -0.416, 0.3101, -0.2083, 0.1224], "in": [-0.2441, 0.3145, 0.2696, 0.2428, -0.036, -0.6493, -49e-4, 0.1], "keep": [-0.2507, -0.1007, 0.0322, 0.3903, -0.143, 0.1592, -1.0957, 0.223], "out": [0.5821, -0.0581, 0.0424, 0.1947, -0.373, -0.2618, 0.4598, -0.3312] },
    "x": [-0.8204, -0.6482, -1.7994, 2.0385, -0.9029, -0.0174, -0.6355, 1.1443, -1.3741, 0.6235, -1.853, 0.7206, 0.287, 0.5181, -1.0059, 1.009, 0.2566, 0.2008, -1.9541, 0.2902, -0.3748, -0.9639, 0.5487, -0.3247, 0.4823, -1.1266, -1.8906, -1.5482, -1.7958, -0.0563, -0.3392, -0.618, -0.2339, 0.2222, 1.1666, -0.2609, 0.188, 0.4083, -0.565, 1.2735, -1.7729, -0.8896, 0.5839, -2.2903, 0.2394, 1.2166, -2.3903, 0.5541, -0.5251, -0.1769, 0.9455, 0.6172, 0.8665, 1.0251, -1.448, 0.9062, 0.1919, 0.4592, 0.4816, 0.5736, 0.0578]
  };

  // chapters/assets/js/distance-core.mjs
  var CELLS = ["RNN", "LSTM", "GRU"];
  var STEPS = TABLE.x.length;
  var FURTHEST = STEPS - 1;
  var UNITS = TABLE.Wx.candidate.length;
  var START = { scale: 0.8, bias: 1, input: 0.5 };
  var sigmoid = (z) => 1 / (1 + Math.exp(-z));
  var zeros = () => Array(UNITS).fill(0);
  var each = (make2) => {
    const values = zeros();
    for (let j = 0; j < UNITS; j++) values[j] = make2(j);
    return values;
  };
  function total(gate, x, h, scale, b = 0) {
    const [Wx, Wh] = [TABLE.Wx[gate], TABLE.Wh[gate]];
    return each((j) => {
      let sum = 0;
      for (let i = 0; i < UNITS; i++) sum += h[i] * Wh[i][j];
      return x * Wx[j] + scale * sum + b;
    });
  }
  function sendBack(gate, dz, scale, to) {
    const [Wx, Wh] = [TABLE.Wx[gate], TABLE.Wh[gate]];
    for (let i = 0; i < UNITS; i++) {
      let sum = 0;
      for (let j = 0; j < UNITS; j++) sum += dz[j] * Wh[i][j];
      to.dh[i] += scale * sum;
      to.dx += dz[i] * Wx[i];
    }
  }
  var rnn = {
    step({ h }, x, { scale }) {
      return { h: total("candidate", x, h, scale).map(Math.tanh) };
    },
    back({ h }, before, x, { scale }, dh) {
      const to = { dx: 0, dh: zeros() };
      sendBack("candidate", each((j) => dh[j] * (1 - h[j] ** 2)), scale, to);
      return to;
    }
  };
  var lstm = {
    step({ h, c }, x, { scale, bias }) {
      const i = total("in", x, h, scale).map(sigmoid);
      const f2 = total("keep", x, h, scale, bias).map(sigmoid);
      const g = total("candidate", x, h, scale).map(Math.tanh);
      const o = total("out", x, h, scale).map(sigmoid);
      const next = each((j) => f2[j] * c[j] + i[j] * g[j]);
      return { i, f: f2, g, o, c: next, h: each((j) => o[j] * Math.tanh(next[j])) };
    },
    back({ i, f: f2, g, o, c }, before, x, { scale }, dh, dcLater) {
      const to = { dx: 0, dh: zeros() };
      const tanh = c.map(Math.tanh);
      const dc = each((j) => dcLater[j] + dh[j] * o[j] * (1 - tanh[j] ** 2));
      sendBack("in", each((j) => dc[j] * g[j] * i[j] * (1 - i[j])), scale, to);
      sendBack("keep", each((j) => dc[j] * before.c[j] * f2[j] * (1 - f2[j])), scale, to);
      sendBack("candidate", each((j) => dc[j] * i[j] * (1 - g[j] ** 2)), scale, to);
      sendBack("out", each((j) => dh[j] * tanh[j] * o[j] * (1 - o[j])), scale, to);
      return { ...to, dc: each((j) => dc[j] * f2[j]) };
    }
  };
  var gru = {
    step({ h }, x, { scale, bias }) {
      const r = total("in", x, h, scale).map(sigmoid);
      const z = total("keep", x, h, scale, bias).map(sigmoid);
      const n = total("candidate", x, each((j) => r[j] * h[j]), scale).map(Math.tanh);
      return { r, z, n, h: each((j) => z[j] * h[j] + (1 - z[j]) * n[j]) };
    },
    back({ r, z, n }, before, x, { scale }, dh) {
      const to = { dx: 0, dh: each((j) => dh[j] * z[j]) };
      sendBack("keep", each((j) => dh[j] * (before.h[j] - n[j]) * z[j] * (1 - z[j])), scale, to);
      const inner = { dx: 0, dh: zeros() };
      sendBack("candidate", each((j) => dh[j] * (1 - z[j]) * (1 - n[j] ** 2)), scale, inner);
      to.dx += inner.dx;
      for (let j = 0; j < UNITS; j++) to.dh[j] += inner.dh[j] * r[j];
      sendBack("in", each((j) => inner.dh[j] * before.h[j] * r[j] * (1 - r[j])), scale, to);
      return to;
    }
  };
  var RECIPES = { RNN: rnn, LSTM: lstm, GRU: gru };
  function states(name, settings) {
    const made = [{ h: zeros(), c: zeros() }];
    for (const x of TABLE.x) made.push(RECIPES[name].step(made.at(-1), settings.input * x, settings));
    return made;
  }
  function sizes(name, settings) {
    const { back } = RECIPES[name];
    const made = states(name, settings);
    const squares = Array(STEPS).fill(0);
    for (let unit = 0; unit < UNITS; unit++) {
      let [dh, dc] = [each((j) => j === unit ? 1 : 0), zeros()];
      for (let t = STEPS; t > 0; t--) {
        const to = back(made[t], made[t - 1], settings.input * TABLE.x[t - 1], settings, dh, dc);
        squares[STEPS - t] += to.dx ** 2;
        [dh, dc] = [to.dh, to.dc ?? dc];
      }
    }
    return squares.map(Math.sqrt);
  }

  // chapters/assets/js/dom.mjs
  var SVG = "http://www.w3.org/2000/svg";
  var make = (element, attributes, children) => {
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  var html = (tag, attributes = {}, ...children) => make(document.createElement(tag), attributes, children);
  var svg = (tag, attributes = {}, ...children) => make(document.createElementNS(SVG, tag), attributes, children);
  function button(text, onClick) {
    const element = html("button", { type: "button", class: "db-button" }, text);
    element.addEventListener("click", onClick);
    return element;
  }
  function select(label, options, onChange, names2 = {}) {
    const choice = html("select", {}, ...options.map((each3) => html("option", { value: each3 }, names2[each3] ?? each3)));
    choice.addEventListener("change", () => onChange(choice.value));
    return [html("label", { class: "db-field" }, `${label} `, choice), choice];
  }
  function drags(part) {
    part.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  }
  function slider(name, { min, max, step: step3, show = number }, onInput) {
    const input = html("input", { type: "range", min, max, step: step3 });
    const shown = html("output");
    const put2 = (value) => {
      input.value = value;
      shown.textContent = show(value);
      input.setAttribute("aria-valuetext", show(value));
    };
    input.addEventListener("input", () => onInput(Number(input.value)));
    return { field: html("label", { class: "db-slider" }, html("span", {}, name), input, shown), put: put2 };
  }
  var number = (value) => String(Number(value.toFixed(4)) || 0).replace("-", "−");
  var pair = (values) => `(${values.map(number).join(", ")})`;
  function positiveSide({ w, b }, low, high) {
    const z = ([x, y]) => w[0] * x + w[1] * y + b;
    const square = [[low, low], [high, low], [high, high], [low, high]];
    return square.flatMap((from, i) => {
      const to = square[(i + 1) % 4];
      const [a, c] = [z(from), z(to)];
      const kept2 = a > 0 ? [from] : [];
      if (a > 0 !== c > 0) kept2.push([0, 1].map((k) => from[k] + a / (a - c) * (to[k] - from[k])));
      return kept2;
    });
  }
  function boundary(params, low, high) {
    const z = ([x, y]) => params.w[0] * x + params.w[1] * y + params.b;
    const size = Math.abs(params.w[0]) + Math.abs(params.w[1]);
    const ends = positiveSide(params, low, high).filter((corner) => Math.abs(z(corner)) <= 1e-9 * (size + 1));
    return ends.length >= 2 ? [ends[0], ends[1]] : null;
  }
  function mark(y, r) {
    return y === 1 ? svg("rect", { class: "mark class-1", x: -r, y: -r, width: 2 * r, height: 2 * r }) : svg("circle", { class: "mark class-0", r: r * 1.1 });
  }

  // chapters/assets/js/distance-widget.mjs
  var [WIDTH, HEIGHT] = [400, 290];
  var AREA = { left: 46, right: 392, top: 10, bottom: 246 };
  var [LOWEST, HIGHEST] = [-12, 4];
  var SEEN_AT_FIRST = 30;
  var KEYS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -FURTHEST, End: FURTHEST };
  var across = (k) => AREA.left + k / FURTHEST * (AREA.right - AREA.left);
  var height = (power) => AREA.bottom - (power - LOWEST) / (HIGHEST - LOWEST) * (AREA.bottom - AREA.top);
  var write = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };
  var raised = (power) => [...String(power)].map((sign) => sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign]).join("");
  function short(value) {
    if (value >= 0.01 && value < 1e3) return String(Number(value.toPrecision(2)));
    const [digits, power] = value.toExponential(0).split("e");
    return Number.isFinite(value) && value > 0 ? `${digits}·10${raised(Number(power))}` : String(value);
  }
  var DistanceWidget = class {
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
        svg("path", { class: "db-grip", d: `M0 ${AREA.bottom}l7 10h-14z` })
      );
      this.plot = svg(
        "svg",
        { class: "db-distance", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "group", "aria-label": "Size of the slope over the number of steps back, on a logarithmic scale, for three cells" },
        svg("clipPath", { id: "db-distance-area" }, svg("rect", { x: AREA.left, y: AREA.top, width: AREA.right - AREA.left, height: AREA.bottom - AREA.top })),
        ...this.axes(),
        svg("text", { x: middle, y: HEIGHT - 4, "text-anchor": "middle" }, "steps back"),
        svg("g", { "clip-path": "url(#db-distance-area)" }, ...this.lines),
        this.handle,
        ...this.dots
      );
      drags(this.handle);
      this.handle.addEventListener("keydown", (event) => this.key(event));
      this.plot.addEventListener("pointerdown", (event) => this.grab(event));
      this.plot.addEventListener("click", (event) => this.point(this.under(event)));
      const tune = (name) => (value) => this.change({ [name]: value });
      this.sliders = {
        scale: slider("recurrent weights", { min: 0, max: 2.5, step: 0.1, show: (value) => `× ${value.toFixed(1)}` }, tune("scale")),
        bias: slider("bias of the gate that keeps", { min: -3, max: 6, step: 0.5 }, tune("bias")),
        input: slider("inputs", { min: 0, max: 2, step: 0.1, show: (value) => `× ${value.toFixed(1)}` }, tune("input"))
      };
      this.values = CELLS.map(() => [html("td"), html("td")]);
      const rows = CELLS.map((name, i) => html("tr", {}, html("th", { scope: "row" }, this.sample(i), name), ...this.values[i]));
      this.head = html("th", { scope: "col" });
      const heads = [html("th", { scope: "col" }, "cell"), this.head, html("th", { scope: "col" }, "each step")];
      const table2 = html("table", { class: "db-sizes" }, html("thead", {}, html("tr", {}, ...heads)), html("tbody", {}, ...rows));
      this.said = html("p", { class: "db-said", "aria-live": "polite" });
      const left = html("div", { class: "db-left" }, html("p", { class: "db-key" }, "how much the last state moves if an input moves by 1"), this.plot);
      const controls = html("div", { class: "db-controls" }, ...Object.values(this.sliders).map(({ field }) => field), html("div", { class: "db-row" }, button("Reset", () => this.reset())), table2);
      host.querySelector(".widget-fallback")?.remove();
      host.prepend(html("div", { class: "db-widget" }, left, controls, this.said));
    }
    axes() {
      const parts2 = [];
      for (let power = LOWEST; power <= HIGHEST; power += 4) {
        const y = height(power);
        parts2.push(svg("path", { class: power ? "axes" : "axes one", d: `M${AREA.left} ${y}H${AREA.right}` }));
        parts2.push(svg("text", { x: AREA.left - 5, y: y + 4, "text-anchor": "end" }, power ? `10${raised(power)}` : "1"));
      }
      for (let k = 0; k <= FURTHEST; k += 10) parts2.push(svg("text", { x: across(k), y: AREA.bottom + 24, "text-anchor": "middle" }, k));
      return parts2;
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
      for (const [name, { put: put2 }] of Object.entries(this.sliders)) put2(this.settings[name]);
      this.sizes = CELLS.map((name) => sizes(name, this.settings));
      this.lines.forEach((line2, i) => line2.setAttribute("d", this.path(this.sizes[i])));
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
      const x = (event.clientX - box.left) / box.width * WIDTH;
      return Math.round((x - AREA.left) / (AREA.right - AREA.left) * FURTHEST);
    }
    grab(event) {
      if (event.button || event.pointerType === "touch" && !this.handle.contains(event.target)) return;
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
      const points4 = values.map((value, k) => [across(k), Math.max(LOWEST - 4, Math.min(HIGHEST + 4, Math.log10(value)))]);
      return `M${points4.map(([x, power]) => `${x.toFixed(1)} ${height(power).toFixed(1)}`).join("L")}`;
    }
    draw() {
      const { at: at3 } = this;
      this.handle.setAttribute("transform", `translate(${across(at3)} 0)`);
      this.handle.setAttribute("aria-valuenow", at3);
      this.handle.setAttribute("aria-valuetext", `${at3} steps back`);
      write(this.head, `${at3} steps back`);
      this.sizes.forEach((values, i) => {
        const power = Math.log10(values[at3]);
        this.dots[i].style.display = power >= LOWEST && power <= HIGHEST ? "" : "none";
        this.dots[i].setAttribute("cx", across(at3));
        this.dots[i].setAttribute("cy", height(Math.max(LOWEST, Math.min(HIGHEST, power))));
        const [value, factor2] = this.values[i];
        write(value, short(values[at3]));
        write(factor2, `× ${this.factor(values)}`);
      });
      write(this.said, this.sentence());
    }
    /** By how much one step more multiplies the slope, on average over the far part of the curve. */
    factor(values) {
      return ((values[FURTHEST] / values[10]) ** (1 / (FURTHEST - 10))).toFixed(2);
    }
    // What the ear hears
    sentence() {
      const { at: at3 } = this;
      const { scale, bias, input } = this.settings;
      const each3 = CELLS.map((name, i) => `${name} ${short(this.sizes[i][at3])}`).join(", ");
      const best = CELLS[this.sizes.map((values) => values[at3]).reduce((top, value, i, all) => value > all[top] ? i : top, 0)];
      const set = `With recurrent weights × ${scale.toFixed(1)}, a bias of ${number(bias)} and inputs × ${input.toFixed(1)}`;
      return `${set}, an input ${at3} steps back still moves the last state by: ${each3}. The ${best} hears it best.`;
    }
  };

  // chapters/assets/js/filter-core.mjs
  var PICTURES = {
    "vertical line": ["00040000", "00040000", "00040000", "00040000", "00040000", "00040000", "00040000", "00040000"],
    diagonal: ["40000000", "04000000", "00400000", "00040000", "00004000", "00000400", "00000040", "00000004"],
    "line at the border": ["40000000", "40000000", "40000000", "40000000", "40000000", "40000000", "40000000", "40000000"],
    square: ["00000000", "04444440", "04000040", "04000040", "04000040", "04000040", "04444440", "00000000"],
    "all ink": ["44444444", "44444444", "44444444", "44444444", "44444444", "44444444", "44444444", "44444444"],
    "handwritten 7": ["00034420", "00232410", "00000410", "00023440", "00444310", "00214000", "00023000", "00041000"]
  };
  var FILTERS = {
    vertical: [0, 1, 0, 0, 1, 0, 0, 1, 0],
    horizontal: [0, 0, 0, 1, 1, 1, 0, 0, 0],
    diagonal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    "line, not area": [-1, 2, -1, -1, 2, -1, -1, 2, -1],
    edge: [1, 0, -1, 1, 0, -1, 1, 0, -1]
  };
  var SIZE = 3;
  var WEIGHTS = [-2, -1, 0, 1, 2];
  var pixels = (name) => PICTURES[name].map((row) => [...row].map((quarters) => Number(quarters) / 4));
  var places = (n, { padding, stride }) => Math.floor((n + 2 * padding - SIZE) / stride) + 1;
  function patch(picture, i, j, { padding, stride }) {
    const [top, left] = [i * stride - padding, j * stride - padding];
    return Array.from({ length: SIZE * SIZE }, (_, k) => picture[top + Math.floor(k / SIZE)]?.[left + k % SIZE] ?? 0);
  }
  function scores(picture, weights, how) {
    const n = places(picture.length, how);
    const score = (i, j) => patch(picture, i, j, how).reduce((sum, pixel, k) => sum + pixel * weights[k], 0);
    return Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_2, j) => score(i, j)));
  }
  function maxPool(board) {
    const n = Math.floor(board.length / 2);
    const window = (i, j) => [board[2 * i][2 * j], board[2 * i][2 * j + 1], board[2 * i + 1][2 * j], board[2 * i + 1][2 * j + 1]];
    return Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_2, j) => Math.max(...window(i, j))));
  }

  // chapters/assets/js/filter-widget.mjs
  var CELL = 24;
  var RING = 1;
  var RATE = 12;
  var SEEN_AT_FIRST2 = 21;
  var KEYS2 = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  var STILL = matchMedia("(prefers-reduced-motion: reduce)");
  var OWN = "your own";
  var signed = (value) => value < 0 ? `(${number(value)})` : number(value);
  var write2 = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };
  var cellAt = (i, j, change) => svg("rect", { x: j * CELL, y: i * CELL, width: CELL, height: CELL, ...change });
  var word = (i, j, text, name) => svg("text", { x: (j + 0.5) * CELL, y: (i + 0.5) * CELL + 4, "text-anchor": "middle", class: name }, text);
  var FilterWidget = class {
    constructor(host) {
      this.build(host);
      this.how = { padding: 0, stride: 1 };
      this.choosePicture("vertical line");
      this.chooseFilter("vertical");
      this.start(SEEN_AT_FIRST2);
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
      this.picture.addEventListener("click", (event) => this.visit(this.under(event)));
      const [pictureField, pictureChoice] = select("Picture", Object.keys(PICTURES), (name) => this.change(() => this.choosePicture(name)));
      const [filterField, filterChoice] = select("Filter", [...Object.keys(FILTERS), OWN], (name) => this.change(() => this.chooseFilter(name)));
      [this.pictureChoice, this.filterChoice] = [pictureChoice, filterChoice];
      this.keys = Array.from({ length: SIZE * SIZE }, (_, k) => {
        const key = button("", () => this.turn(k));
        key.classList.add("db-weight");
        return key;
      });
      const weights = html("div", { class: "db-weights", role: "group", "aria-label": "The weights of the filter. Press one to change it." }, ...this.keys);
      const padding = this.switch("padding: a ring of zeros", (on) => {
        this.how.padding = on ? 1 : 0;
      });
      const stride = this.switch("stride 2", (on) => {
        this.how.stride = on ? 2 : 1;
      });
      const pool = this.switch("max pooling 2 × 2", (on) => {
        this.pooling = on;
      });
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
        html("div", { class: "db-choose" }, weights, html("div", {}, ...this.switches.map(({ field }) => field)))
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
        due += (now - (before ?? now)) * RATE / 1e3;
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
      const way = KEYS2[event.key];
      if (!way) return;
      event.preventDefault();
      this.visit(this.at.map((place, k) => Math.max(0, Math.min(this.n - 1, place + way[k]))));
    }
    /** The place at which the filter's middle would be under the pointer. */
    under(event) {
      const box = this.picture.getBoundingClientRect();
      const across2 = this.pixels.length + 2 * RING;
      const pixel = (from, size, at3) => Math.floor((at3 - from) / size * across2) - RING - 1;
      return [pixel(box.top, box.height, event.clientY), pixel(box.left, box.width, event.clientX)].map((each3) => this.nearest(each3));
    }
    grab(event) {
      if (event.button || event.pointerType === "touch" && !this.frame.contains(event.target)) return;
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
        write2(key, number(this.weights[k]));
        key.setAttribute("aria-label", `Weight in row ${1 + Math.floor(k / SIZE)}, column ${1 + k % SIZE}: ${number(this.weights[k])}`);
      });
      if (!this.running) this.say(this.sentence());
    }
    drawPicture() {
      const across2 = (this.pixels.length + 2 * RING) * CELL;
      this.picture.setAttribute("viewBox", `0 0 ${across2} ${across2}`);
      for (const side of ["width", "height"]) this.ring.setAttribute(side, across2);
      this.ring.style.display = this.how.padding ? "" : "none";
      const ink = this.pixels.flatMap((row, i) => row.map((value, j) => cellAt(i + RING, j + RING, { style: `--ink: ${100 * value}%` })));
      const zeros3 = [];
      const last = this.pixels.length + RING;
      for (let k = 0; k <= last && this.how.padding; k++) zeros3.push(word(0, k, "0", "zero"), word(last, k, "0", "zero"), ...k && k < last ? [word(k, 0, "0", "zero"), word(k, last, "0", "zero")] : []);
      this.ink.replaceChildren(...ink, ...zeros3);
      write2(this.titles[0], `picture, ${this.pixels.length} × ${this.pixels.length}`);
      this.picture.setAttribute("aria-label", `The picture “${this.pictureChoice.value}”, ${this.pixels.length} by ${this.pixels.length} pixels, and the filter on it`);
    }
    drawFrame() {
      const [top, left] = this.corner().map((pixel) => pixel + RING);
      const numbers = this.weights.map((weight, k) => word(top + Math.floor(k / SIZE), left + k % SIZE, number(weight), "weight"));
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
      for (let k = 0; k <= n - n % 2 && pooled.length; k += 2) {
        const end = (n - n % 2) * CELL;
        this.board.append(svg("path", { class: "window", d: `M${k * CELL} 0V${end}M0 ${k * CELL}H${end}` }));
      }
      write2(this.titles[1], `scores, ${n} × ${n}`);
      write2(this.titles[2], pooled.length ? `pooled, ${pooled.length} × ${pooled.length}` : "pooling is off");
    }
    fill(drawing, numbers, known, top, at3) {
      const across2 = Math.max(1, numbers.length) * CELL;
      drawing.setAttribute("viewBox", `-2 -2 ${across2 + 4} ${across2 + 4}`);
      drawing.style.width = `${100 * numbers.length / (drawing === this.board ? 8 : 4)}%`;
      const parts2 = numbers.flatMap(
        (row, i) => row.flatMap((value, j) => {
          if (!known(i, j)) return [cellAt(i, j, { class: "empty" })];
          const share = `--share: ${Math.round(48 * Math.abs(value) / top)}%`;
          return [cellAt(i, j, { class: value < 0 ? "below" : "above", style: share }), word(i, j, this.short(value), "score")];
        })
      );
      const here = numbers[at3[0]]?.[at3[1]] === void 0 ? [] : [cellAt(at3[0], at3[1], { class: "here" })];
      drawing.replaceChildren(...parts2, ...here);
      const rows = numbers.map((row, i) => `row ${i + 1}: ${row.map((value, j) => known(i, j) ? this.short(value) : "empty").join(", ")}`);
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
      const kept2 = Math.floor(this.n / 2) ** 2;
      const pooled = this.pooling && kept2 ? ` Pooling keeps ${kept2} of the ${all} numbers.` : "";
      return `The board is full: the highest score is ${number(best)}, at ${times} of ${all} places.${pooled}`;
    }
    say(sentence) {
      write2(this.said, sentence);
    }
  };

  // chapters/assets/js/perceptron-core.mjs
  var GRID = 1 / 16;
  var ZERO = { w: [0, 0], b: 0 };
  var step = (z) => z > 0 ? 1 : 0;
  var weightedSum = ({ w, b }, x) => w[0] * x[0] + w[1] * x[1] + b;
  var predict = (params, x) => step(weightedSum(params, x));
  function update(params, { x, y }, lr = 1) {
    const error = lr * (y - predict(params, x));
    return { w: [params.w[0] + error * x[0], params.w[1] + error * x[1]], b: params.b + error };
  }
  var start = () => ({ params: ZERO, next: 0, mistakes: [] });
  function lookAtNext({ params, next, mistakes }, points4) {
    const point = points4[next];
    const yhat = predict(params, point.x);
    const wrong = yhat !== point.y;
    const counts = next === 0 ? [...mistakes, 0] : [...mistakes];
    counts[counts.length - 1] += wrong ? 1 : 0;
    const after = { params: update(params, point), next: (next + 1) % points4.length, mistakes: counts };
    return { after, seen: { index: next, point, yhat, wrong, before: params } };
  }
  function finishEpoch(training, points4) {
    do
      training = lookAtNext(training, points4).after;
    while (training.next !== 0);
    return training;
  }
  function runUntilNoMistakes(training, points4, limit = 100) {
    do
      training = finishEpoch(training, points4);
    while (training.mistakes.at(-1) > 0 && training.mistakes.length < limit);
    return training;
  }
  var points = (...rows) => rows.map(([x0, x1, y]) => ({ x: [x0, x1], y }));
  var PRESETS = {
    separable: points([-1.25, 0.5, 0], [0.25, 1.5, 1], [-0.5, -1.25, 0], [1.5, 0.25, 1], [0.375, -0.75, 0], [1, 1.125, 1]),
    overlapping: points([-1.25, 0.5, 0], [0.25, 1.5, 1], [-0.5, -1.25, 0], [-0.5, -0.375, 1], [0.875, 0.75, 0], [1.5, 0.25, 1]),
    XOR: points([-1, -1, 0], [-1, 1, 1], [1, -1, 1], [1, 1, 0])
  };

  // chapters/assets/js/gates-core.mjs
  var CORNERS = [[0, 0], [0, 1], [1, 0], [1, 1]];
  var GATES = {
    AND: [0, 0, 0, 1],
    OR: [0, 1, 1, 1],
    NAND: [1, 1, 1, 0],
    NOR: [1, 0, 0, 0],
    XOR: [0, 1, 1, 0]
  };
  var answers = (params) => CORNERS.map((x) => predict(params, x));
  var right = (params, gate) => answers(params).filter((y, i) => y === GATES[gate][i]).length;

  // chapters/assets/js/phrase.mjs
  var held = globalThis.document?.getElementById?.("deepbook-words");
  var table = held ? JSON.parse(held.textContent) : {};
  function phrase(english, values = {}) {
    return (table[english] ?? english).replace(/\{(\w+)\}/g, (braces, name) => values[name] ?? braces);
  }

  // chapters/assets/js/gates-widget.mjs
  var LOW = -0.5;
  var HIGH = 1.5;
  var UNIT = 200;
  var at = ([x, y]) => `${x * UNIT},${-y * UNIT}`;
  var START2 = { w: [1, 1], b: -0.5 };
  var GatesWidget = class {
    constructor(host) {
      this.params = structuredClone(START2);
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
        this.marks
      );
      const [field] = select(phrase("Target"), Object.keys(GATES), (gate) => {
        this.gate = gate;
        this.redraw();
      });
      const sliders = [
        this.slider("w₁", () => this.params.w[0], (value) => {
          this.params.w[0] = value;
        }),
        this.slider("w₂", () => this.params.w[1], (value) => {
          this.params.w[1] = value;
        }),
        this.slider("b", () => this.params.b, (value) => {
          this.params.b = value;
        })
      ];
      this.rows = html("tbody");
      const head = ["x₁", "x₂", "", phrase("neuron")].map((name) => html("th", { scope: "col" }, name));
      this.target = head[2];
      const table2 = html("table", { class: "db-truth" }, html("thead", {}, html("tr", {}, ...head)), this.rows);
      this.said = html("p", { class: "db-said", "aria-live": "polite" });
      const controls = html("div", { class: "db-controls" }, html("div", { class: "db-row" }, field), ...sliders, table2, this.said);
      host.querySelector(".widget-fallback")?.remove();
      host.prepend(html("div", { class: "db-widget" }, this.plane, controls));
    }
    slider(name, get, set) {
      const { field, put: put2 } = slider(name, { min: -3, max: 3, step: 0.25 }, (value) => {
        set(value);
        put2(value);
        this.redraw();
      });
      put2(get());
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
        })
      );
      this.rows.replaceChildren(
        ...CORNERS.map((corner, i) => {
          const ok = given[i] === wanted[i];
          const cells = [...corner, wanted[i], `${given[i]} ${ok ? "✓" : "✗"}`];
          return html("tr", { class: ok ? "right" : "wrong" }, ...cells.map((cell) => html("td", {}, String(cell))));
        })
      );
      this.target.textContent = this.gate;
      const score = right(this.params, this.gate);
      const values = { gate: this.gate, a: this.gate[0] === "N" ? "a" : "an", score };
      this.said.textContent = score === 4 ? phrase("{gate}: {score} of 4 right. The neuron is {a} {gate} gate.", values) : phrase("{gate}: {score} of 4 right.", values);
      this.plane.setAttribute(
        "aria-label",
        phrase("The four inputs as corners of a square, a square mark where {gate} is 1 and a circle where it is 0, and the neuron's line; {score} of 4 corners lie on their own side.", values)
      );
    }
  };

  // chapters/assets/js/graph-core.mjs
  var OPS = {
    multiply: { value: (a, b) => a * b, slopes: (a, b) => [b, a] },
    add: { value: (...terms) => terms.reduce((sum, term) => sum + term), slopes: (...terms) => terms.map(() => 1) },
    subtract: { value: (a, b) => a - b, slopes: () => [1, -1] },
    ReLU: { value: (z) => Math.max(z, 0), slopes: (z) => [z > 0 ? 1 : 0] },
    // at 0 itself we choose 0, as the book does
    square: { value: (a) => a * a, slopes: (a) => [2 * a] }
  };
  var LEAVES = ["x1", "x2", "w1", "w2", "b1", "w3", "b2", "y"];
  var PARAMETERS = ["w1", "w2", "b1", "w3", "b2"];
  var NODES = [
    { out: "p1", op: "multiply", of: ["w1", "x1"] },
    { out: "p2", op: "multiply", of: ["w2", "x2"] },
    { out: "z", op: "add", of: ["p1", "p2", "b1"] },
    { out: "h", op: "ReLU", of: ["z"] },
    { out: "p3", op: "multiply", of: ["w3", "h"] },
    { out: "yhat", op: "add", of: ["p3", "b2"] },
    { out: "e", op: "subtract", of: ["yhat", "y"] },
    { out: "L", op: "square", of: ["e"] }
  ];
  var START3 = { x1: 2, x2: -1, w1: 1, w2: 0.5, b1: 0.5, w3: 0.5, b2: 0.5, y: 3 };
  var LR = 0.05;
  var taken = (node, values) => node.of.map((name) => values[name]);
  var slopes = (node, values) => OPS[node.op].slopes(...taken(node, values));
  function forward(leaves, count3 = NODES.length) {
    const values = { ...leaves };
    for (const node of NODES.slice(0, count3)) values[node.out] = OPS[node.op].value(...taken(node, values));
    return values;
  }
  function backward(values, count3 = NODES.length) {
    const grads = count3 > 0 ? { L: 1 } : {};
    for (const node of [...NODES].reverse().slice(0, count3)) {
      slopes(node, values).forEach((slope, i) => {
        grads[node.of[i]] = grads[node.out] * slope;
      });
    }
    return grads;
  }
  function descend(leaves, lr = LR) {
    const grads = backward(forward(leaves));
    return { ...leaves, ...Object.fromEntries(PARAMETERS.map((name) => [name, leaves[name] - lr * grads[name]])) };
  }

  // chapters/assets/js/graph-widget.mjs
  var LIMIT = 4;
  var SIGNS = { multiply: "×", add: "+", subtract: "−", ReLU: "ReLU", square: "( )²" };
  var UNTIL_THE_RELU = 4;
  var PLACES = {
    x1: [0, 0],
    w1: [0, 1],
    x2: [0, 2],
    w2: [0, 3],
    p1: [1.2, 0.5],
    p2: [1.2, 2.5],
    z: [2.4, 1.5],
    h: [3.4, 1.5],
    p3: [4.4, 1.5],
    yhat: [5.4, 1.5],
    e: [6.4, 1.5],
    L: [7.5, 1.5],
    end: [8.45, 1.5],
    b1: [2.4, 3],
    w3: [4.4, 3],
    b2: [5.4, 3],
    y: [6.4, 3]
  };
  var ASIDE = ["b1", "w3", "b2", "y"];
  var TURNED = { ...PLACES, x1: [0, 0.35], w1: [0, 0.9], p1: [1.2, 0.65], x2: [0, 2.1], w2: [0, 2.65], p2: [1.2, 2.35] };
  var WIDE = { size: [690, 250], at: (name) => [24 + PLACES[name][0] * 78, 26 + PLACES[name][1] * 66] };
  var TALL = { size: [286, 490], at: (name) => [22 + TURNED[name][1] * 78, 20 + TURNED[name][0] * 54] };
  var BEND = 0.55;
  var PHONE = matchMedia("(max-width: 43.75em)");
  var called = (name) => name === "yhat" ? "ŷ" : name.replace(/\d/, (digit) => "₀₁₂₃"[digit]);
  var minus = (text) => text.replace(/^-/, "−");
  var large = (value) => Math.abs(value) < 1e5 ? String(Math.round(value)) : value.toExponential(1);
  var short2 = (value) => minus(Math.abs(value) < 100 ? String(Number(value.toPrecision(3)) || 0) : large(value));
  var tiny = (value) => {
    const size = Math.abs(value);
    if (size >= 100) return minus(large(value));
    return minus(String(Number(size < 0.1 ? value.toPrecision(1) : value.toFixed(size < 10 ? 2 : 1)) || 0));
  };
  var factor = (value) => value < 0 ? `(${short2(value)})` : short2(value);
  function beside(x, y, level, side, fromLeaf) {
    const anchor = (sign) => sign > 0 ? "start" : "end";
    if (!level && side) return [0, 16].map((dy) => ({ x: x - 9 * side, y: y + dy, "text-anchor": anchor(-side) }));
    if (!level) return [-1, 1].map((sign) => ({ x: x + 6 * sign, y: y + 5, "text-anchor": anchor(sign) }));
    if (side > 0 && !fromLeaf) return [{ x: x + 3, y: y - 4 }, { x: x - 3, y: y + 15, "text-anchor": "end" }];
    if (side < 0 && !fromLeaf) return [{ x: x - 3, y: y - 4, "text-anchor": "end" }, { x: x - 6, y: y + 23 }];
    return [[1, -6], [-1, 16]].map(([sign, dy]) => ({ x: x + 7 * sign * side, y: y + dy, "text-anchor": "middle" }));
  }
  var GraphWidget = class {
    constructor(host) {
      this.build(host);
      this.leaves = { ...START3 };
      this.ahead = NODES.length;
      this.back = UNTIL_THE_RELU;
      this.redraw();
      this.say(
        `The forward pass is done, and the loss L is ${short2(this.values.L)}. The backward pass has come to the ReLU, where ${short2(this.grads.h)} arrives. Press Backward to go on, one node at a time.`
      );
    }
    build(host) {
      this.picture = svg("svg", { class: "db-graph", role: "img" });
      this.sliders = LEAVES.map((name) => slider(called(name), { min: -LIMIT, max: LIMIT, step: 0.25, show: short2 }, (value) => this.set(name, value)));
      this.said = html("p", { class: "db-said", "aria-live": "polite" });
      const key = html(
        "p",
        { class: "db-key" },
        "At each edge: its value, and below or right of it ",
        html("b", {}, "the gradient of L by that value"),
        ". Dashed: the gradient is 0."
      );
      const controls = html(
        "div",
        { class: "db-controls" },
        key,
        html(
          "div",
          { class: "db-row" },
          button("Forward", () => this.forward()),
          button("Backward", () => this.backward()),
          button("All", () => this.all()),
          button("Gradient descent step", () => this.descend()),
          button("Reset", () => this.reset())
        ),
        this.said,
        html("div", { class: "db-sliders" }, ...this.sliders.map(({ field }) => field))
      );
      host.querySelector(".widget-fallback")?.remove();
      host.prepend(html("div", { class: "db-widget" }, this.picture, controls));
      PHONE.addEventListener("change", () => this.redraw());
    }
    set(name, value) {
      const before = forward(this.leaves);
      this.leaves[name] = value;
      this.redraw();
      const { z, L } = forward(this.leaves);
      const turned = z > 0 === before.z > 0 ? "" : ` z is ${short2(z)} now: the ReLU ${z > 0 ? "lets it pass" : "gives 0"}.`;
      this.say(`${called(name)} is ${short2(value)}.${turned}${this.ahead === NODES.length ? ` The loss is ${short2(L)}.` : ""}`);
    }
    forward() {
      if (this.ahead === NODES.length) return this.say(`The forward pass is done: the loss is ${short2(this.values.L)}. Reset starts it anew.`);
      const node = NODES[this.ahead++];
      this.redraw(node);
      this.say(this.madeBy(node));
    }
    backward() {
      if (this.ahead < NODES.length) return this.say("The backward pass needs every value of the forward pass. First go forward to the loss.");
      if (this.back === NODES.length) return this.say("The backward pass is done: every gradient is known. Reset starts anew.");
      const node = NODES[NODES.length - ++this.back];
      this.redraw(node);
      this.say(this.sentBackBy(node));
    }
    all() {
      [this.ahead, this.back] = [NODES.length, NODES.length];
      this.redraw();
      this.say(`Both passes are done. The loss is ${short2(this.values.L)}; its gradient by ${this.list(PARAMETERS, this.grads)}.`);
    }
    reset() {
      this.leaves = { ...START3 };
      [this.ahead, this.back] = [0, 0];
      this.redraw();
      this.say("Nothing is computed yet. Press Forward to go one node.");
    }
    descend() {
      const before = this.leaves;
      this.leaves = descend(before);
      const [was, is] = [forward(before).L, forward(this.leaves).L];
      const moved = PARAMETERS.filter((name) => this.leaves[name] !== before[name]);
      [this.ahead, this.back] = [NODES.length, NODES.length];
      this.redraw();
      const changes = moved.map((name) => `${called(name)} ${short2(before[name])} → ${short2(this.leaves[name])}`).join(", ");
      const stayed = moved.length && moved.length < PARAMETERS.length ? " The others have gradient 0 and stay." : "";
      const way = is > was ? "rises, since the step was too long," : "falls";
      this.say(
        moved.length ? `One step against the gradient, with learning rate ${LR}: ${changes}.${stayed} The loss ${way} from ${short2(was)} to ${short2(is)}.` : `Every gradient is 0, so nothing moves. The loss stays ${short2(was)}.`
      );
    }
    /** What a node did on the way forwards. */
    madeBy({ out, op, of }) {
      const [a, b] = of.map((name) => this.values[name]);
      const result = short2(this.values[out]);
      const between = (sign) => `${of.map(called).join(` ${sign} `)} = ${[short2(a), ...of.slice(1).map((name) => factor(this.values[name]))].join(` ${sign} `)} = ${result}`;
      if (op === "multiply") return `Multiply: ${between("·")}.`;
      if (op === "add") return `Add: ${between("+")}.`;
      if (op === "subtract") return `Subtract: ŷ − y = ${short2(a)} − ${factor(b)} = ${result}. This is the error e.`;
      if (op === "square") return `Square: e² = ${factor(a)}² = ${result}. This is the loss L.`;
      return a > 0 ? `ReLU: z = ${short2(a)} is positive and passes, so h = ${result}.` : `ReLU: z = ${short2(a)} is not positive, so h = 0.`;
    }
    /** What a node did on the way backwards: its local derivative, and the product. */
    sentBackBy(node) {
      const { out, op, of } = node;
      const [a, b] = of.map((name) => this.values[name]);
      const comes = short2(this.grads[out]);
      const [first, second] = of.map((name) => `${short2(this.grads[name])} goes back to ${called(name)}`);
      if (op === "square") return `Square: its local derivative is 2e = 2 · ${factor(a)} = ${short2(2 * a)}. Times 1, the gradient of L by itself: ${first}.`;
      if (op === "subtract") return `Subtract: its local derivative is 1 by ŷ and −1 by y. Times ${comes}: ${first}, ${second}.`;
      if (op === "add") return `Add: its local derivative is 1 by each input, so ${comes} goes back to each: ${of.map(called).join(", ")}.`;
      if (op === "multiply") {
        const [one, other] = of.map(called);
        return `Multiply: its local derivative by ${one} is ${other} = ${short2(b)}, and by ${other} it is ${one} = ${short2(a)}. Times ${comes}: ${first}, ${second}.`;
      }
      if (slopes(node, this.values)[0]) return `ReLU: z = ${short2(a)} is positive, so its local derivative is 1. Times ${comes}: ${first}.`;
      const why = a < 0 ? `z = ${short2(a)} is negative, so its local derivative is 0` : "z = 0, where we choose 0 as its local derivative";
      return `ReLU: ${why}: nothing flows back.`;
    }
    list(names2, numbers) {
      return names2.map((name) => `${called(name)} is ${short2(numbers[name])}`).join(", ");
    }
    say(sentence) {
      this.said.textContent = sentence;
    }
    redraw(active) {
      this.values = forward(this.leaves, this.ahead);
      this.grads = backward(this.values, this.back);
      LEAVES.forEach((name, i) => this.sliders[i].put(this.leaves[name]));
      const form = PHONE.matches ? TALL : WIDE;
      const edges = NODES.flatMap(({ out, of }) => of.map((name) => this.edge(name, out, form)));
      this.picture.replaceChildren(
        ...edges,
        this.edge("L", "end", form),
        ...NODES.map((node) => this.node(node, node === active, form)),
        ...LEAVES.map((name) => this.leaf(name, form))
      );
      this.picture.setAttribute("viewBox", `0 0 ${form.size.join(" ")}`);
      const known = Object.keys(this.values).filter((name) => !LEAVES.includes(name));
      const sent = Object.keys(this.grads);
      this.picture.setAttribute(
        "aria-label",
        `A computational graph. Inputs and parameters: ${this.list(LEAVES, this.values)}. p₁ = w₁x₁ and p₂ = w₂x₂; z = p₁ + p₂ + b₁; h = ReLU(z); p₃ = w₃h; ŷ = p₃ + b₂; e = ŷ − y; L = e². ` + (known.length ? `Forwards: ${this.list(known, this.values)}. ` : "No value is computed yet. ") + (sent.length ? `The gradient of L by ${this.list(sent, this.grads)}.` : "No gradient is known yet.")
      );
    }
    /** From where a value is made to where it is used, with the value and its gradient. */
    edge(name, to, form) {
      const [[x0, y0], [x1, y1]] = [form.at(name), form.at(to)];
      const level = form === WIDE !== ASIDE.includes(name);
      const [dx, dy] = [x1 - x0, y1 - y0];
      const bend = level ? [BEND * dx, 0, BEND * dx, dy] : [0, BEND * dy, dx, BEND * dy];
      const grad = this.grads[name];
      const state = grad === void 0 ? "" : grad === 0 ? "zero" : "flowing";
      const group = svg("g", { class: `edge ${state}` }, svg("path", { d: `M${x0} ${y0}c${bend} ${dx} ${dy}` }));
      if (this.values[name] === void 0) return group;
      const bent = dx && dy;
      const t = bent ? 0.36 : to === "end" ? 0.62 : 0.5;
      const [ahead, aside] = [3 * BEND * t * (1 - t) + t ** 3, t * t * (3 - 2 * t)];
      const [x, y] = level ? [x0 + ahead * dx, y0 + aside * dy] : [x0 + aside * dx, y0 + ahead * dy];
      const [first, second] = beside(x, y, level, bent ? Math.sign(level ? dy : dx) : 0, LEAVES.includes(name));
      group.append(svg("text", { class: "value", ...first }, tiny(this.values[name])));
      if (grad !== void 0) group.append(svg("text", { class: "grad", ...second }, tiny(grad)));
      return group;
    }
    node({ op, out }, active, form) {
      const r = op === "ReLU" || op === "square" ? 20 : 15;
      const group = svg("g", { class: active ? "op active" : "op", transform: `translate(${form.at(out)})` });
      const name = form === WIDE ? { y: out === "p2" ? r + 16 : -r - 6, "text-anchor": "middle" } : { x: -r - 6, y: 5, "text-anchor": "end" };
      group.append(
        svg("circle", { r }),
        svg("text", { class: r > 15 ? "sign small" : "sign", "text-anchor": "middle", dy: 5 }, SIGNS[op]),
        svg("text", { class: "name", ...name }, called(out))
      );
      return group;
    }
    leaf(name, form) {
      const group = svg("g", { class: PARAMETERS.includes(name) ? "leaf weight" : "leaf", transform: `translate(${form.at(name)})` });
      group.append(svg("rect", { x: -16, y: -14, width: 32, height: 28, rx: 3 }), svg("text", { "text-anchor": "middle", dy: 5 }, called(name)));
      return group;
    }
  };

  // chapters/assets/js/live-link.mjs
  var AGAIN_MS = 3e3;
  var NO_ANSWER = phrase("`deepbook learn` does not answer. Is it still running in its terminal?");
  var NoAnswer = class extends Error {
    constructor(message2 = NO_ANSWER) {
      super(message2);
      this.away = true;
    }
  };
  var Link = class {
    constructor(token) {
      Object.assign(this, { token, state: null, answers: true, listeners: [], stream: null, timer: 0, tries: 0 });
    }
    /** `listener()` is called after each change of `state` or `answers`. */
    listen(listener) {
      this.listeners.push(listener);
    }
    /** A browser allows six streams at most to one address, so a tab that nobody sees has none. */
    start() {
      document.addEventListener("visibilitychange", () => this.open());
      addEventListener("pagehide", () => this.close());
      addEventListener("pageshow", ({ persisted }) => persisted && this.open());
      this.open();
    }
    open() {
      this.close();
      if (document.hidden) return;
      const stream = this.stream = new EventSource(`/_live/state?token=${encodeURIComponent(this.token)}`);
      stream.onmessage = ({ data }) => {
        this.tries = 0;
        this.tell({ state: JSON.parse(data), answers: true });
      };
      stream.onerror = () => {
        this.tell({ answers: false });
        if (stream.readyState === EventSource.CLOSED) this.later();
      };
    }
    close() {
      clearTimeout(this.timer);
      this.stream?.close();
      this.stream = null;
    }
    tell(news2) {
      Object.assign(this, news2);
      for (const each3 of this.listeners) each3();
    }
    /** The stream was refused: most likely `deepbook learn` was started again, and its pages hold another token. */
    later() {
      clearTimeout(this.timer);
      if (document.hidden) return;
      this.timer = setTimeout(async () => await this.renew() ? this.open() : this.later(), this.tries++ ? AGAIN_MS : 100);
    }
    /** Read the token anew from this page as it is served now. Returns whether there is one. */
    async renew() {
      try {
        const response = await fetch(location.pathname, { cache: "no-store" });
        const token = response.ok && tokenIn(new DOMParser().parseFromString(await response.text(), "text/html"));
        if (token) this.token = token;
        return Boolean(token);
      } catch {
        return false;
      }
    }
    /**
     * Ask for something; returns the answer, with `changed: true` if a file on the disk was not the expected one.
     *
     * body: none for a question that changes nothing. Throws an Error whose message is a sentence for the learner.
     */
    async ask(what, body) {
      let response = await this.send(what, body);
      if (response.status === 403 && await this.renew()) response = await this.send(what, body);
      const answer = await response.json().catch(() => ({}));
      if (response.ok || response.status === 409) return { ...answer, changed: response.status === 409 };
      throw new Error(answer.problem || phrase("`deepbook learn` refused this ({status}). Reload the page and try again.", { status: response.status }));
    }
    async send(what, body) {
      const post = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
      const { headers, ...rest } = body ? post : {};
      try {
        return await fetch(`/_live/${what}`, { ...rest, headers: { ...headers, "X-Deepbook-Token": this.token } });
      } catch {
        throw new NoAnswer();
      }
    }
  };
  function tokenIn(page) {
    return page.querySelector('meta[name="deepbook-token"]')?.content;
  }

  // chapters/assets/js/live-words.mjs
  var WORDS = {
    passed: ["✓", "passed"],
    failed: ["✗", "failed"],
    todo: ["○", "to do"],
    broken: ["!", "cannot run"],
    stuck: ["∞", "never ended"],
    crashed: ["✗", "crashed"]
  };
  var QUIET_S = 3;
  function checking(seconds) {
    return seconds <= QUIET_S ? phrase("checking") : phrase("checking … {seconds} s; an endless loop is stopped after 20 s", { seconds });
  }
  function standing(exercise, running) {
    if (running.includes(exercise.id)) return { kind: "running", mark: "…", words: checking(0) };
    const [mark2, word2] = WORDS[exercise.status];
    const old = !exercise.fresh && exercise.status !== "todo";
    return { kind: exercise.status, mark: mark2, words: old ? phrase("{status}, changed since", { status: phrase(word2) }) : phrase(word2) };
  }
  function parts({ message: message2, mistake }) {
    const lines = message2.trimEnd().split("\n");
    const last = mistake ? lines.pop() : "";
    return { message: lines.join("\n").trimEnd(), mistake: last };
  }
  function pieces(text) {
    const out = [];
    for (const line2 of text.split("\n")) {
      const last = out.at(-1);
      const kind = /^ {4}/.test(line2) ? "code" : "";
      if (last && last[1] === kind) last[0] += `
${line2}`;
      else out.push([line2, kind]);
    }
    return out.map(([lines, kind]) => [kind ? lines.replace(/^ {4}/gm, "") : lines, kind]);
  }
  var points2 = (number2) => number2 === 1 ? phrase("1 point") : phrase("{number} points", { number: number2 });
  function progress({ passed, total: total3 }) {
    if (total3 === 1) return phrase("{passed} of 1 exercise passes", { passed });
    if (passed === 1) return phrase("1 of {total} exercises passes", { total: total3 });
    return phrase("{passed} of {total} exercises pass", { passed, total: total3 });
  }
  var nextOf = (state) => state.exercises[state.next] ?? null;
  function done(state, { chapter: folder }) {
    const at3 = state.chapters.findIndex((each3) => each3.folder === folder);
    const { passed, total: total3 } = state.chapters[at3] ?? {};
    if (!total3 || passed < total3) return null;
    const following = state.chapters[at3 + 1]?.folder;
    const next = Object.values(state.exercises).find((each3) => each3.chapter === following) ?? null;
    return { words: phrase("Chapter {number} is done: {passed} of {total}.", { number: Number(folder.slice(2, 4)), passed, total: total3 }), next };
  }
  var verdict = (exercise) => exercise && `${exercise.status} ${exercise.message}`;
  function news(before, now, here, tested) {
    const differs = (id) => verdict(before.exercises[id]) !== verdict(now.exercises[id]);
    const changed = here.filter((id) => now.exercises[id] && (tested.has(id) || differs(id)));
    if (!changed.length) return "";
    const wasPassed = (id) => before.exercises[id]?.status === "passed";
    const passes = changed.filter((id) => now.exercises[id].status === "passed" && !wasPassed(id));
    if (passes.length) {
      const next = nextOf(now);
      const names2 = passes.map((id) => phrase("“{title}”", now.exercises[id])).join(", ");
      return next ? phrase("Passed: {names}. {progress}, next is “{title}”.", { names: names2, progress: progress(now), title: next.title }) : phrase("Passed: {names}. That was the last one: all pass.", { names: names2 });
    }
    const focus = changed.includes(now.focus) ? now.focus : changed.find(differs) ?? changed[0];
    const { title, status, message: message2, mistake } = now.exercises[focus];
    const said = parts({ message: message2, mistake });
    const why = ["passed", "todo"].includes(status) ? "" : said.mistake || said.message.split("\n")[0];
    return phrase("“{title}”: {status}. {why}", { title, status: phrase(WORDS[status][1]), why }).trim();
  }

  // chapters/assets/js/live-prose.mjs
  function prose(text) {
    return text.split(/(`[^`\n]+`)/).map((part, i) => i % 2 ? html("code", {}, part.slice(1, -1)) : part);
  }
  var line = (name, role, text = "") => html("p", { class: name, ...role ? { role } : {} }, ...prose(text));
  function message(text) {
    return pieces(text).flatMap(([words, kind]) => kind ? [html("code", { class: "live-code" }, words)] : prose(words));
  }
  function put(element, text) {
    if (element.dataset.text === text) return;
    element.dataset.text = text;
    element.replaceChildren(...prose(text));
  }

  // chapters/assets/js/live-progress.mjs
  var Progress = class {
    constructor() {
      this.text = html("span", {}, "…");
      this.next = html("a", { hidden: "" });
      this.problem = line("live-problem", "alert");
      this.line = html("p", { class: "live-line" }, this.text, this.next);
      this.ready = line("live-ready", "status");
      document.querySelector(".md-content__inner")?.prepend(this.line, this.problem, this.ready);
      this.counts = /* @__PURE__ */ new Map();
    }
    show(state) {
      const next = nextOf(state);
      this.text.textContent = next ? progress(state) : phrase("All {total} exercises pass: {points}", { total: state.total, points: points2(state.points) });
      this.next.hidden = !next;
      if (next) {
        this.next.href = inThisLanguage(next.address);
        this.next.textContent = phrase("next: {title}", next);
      }
      put(this.problem, state.problem);
      this.offerTheWhole(state);
      for (const chapter of state.chapters) this.showChapter(chapter);
    }
    /** This page is from the draft, and the whole book is there by now. */
    offerTheWhole({ draft }) {
      if (draft || this.ready.textContent || !document.querySelector(".run-later")) return;
      const again = html("a", { href: location.pathname + location.hash }, phrase("Load this page again"));
      again.addEventListener("click", () => location.reload());
      this.ready.append(phrase("All outputs of the book are computed now. "), again, phrase("."));
    }
    showChapter({ page, passed, total: total3 }) {
      if (!this.counts.has(page)) this.counts.set(page, linksTo(page).map(addCount));
      for (const [seen, heard] of this.counts.get(page)) {
        seen.textContent = `${passed}/${total3}`;
        heard.textContent = `, ${progress({ passed, total: total3 })}`;
      }
    }
  };
  var translated = (page) => `/${document.documentElement.lang}/${page}`;
  function inThisLanguage(address) {
    const [page, anchor] = address.split("#");
    const links = [...document.querySelectorAll(".md-nav--primary a.md-nav__link")];
    return links.some(({ pathname }) => pathname === translated(page)) ? `${translated(page)}#${anchor}` : `/${address}`;
  }
  function linksTo(page) {
    const links = [...document.querySelectorAll(".md-nav--primary a.md-nav__link")];
    const to = links.filter((each3) => !each3.hash && [`/${page}`, translated(page)].includes(each3.pathname));
    const labels = to.map((each3) => each3.parentElement.querySelector(":scope > label.md-nav__link"));
    return [...to, ...labels.filter(Boolean)];
  }
  function addCount(link) {
    const seen = html("span", { "aria-hidden": "true" });
    const heard = html("span", { class: "unseen" });
    link.querySelector(".md-ellipsis").after(html("span", { class: "live-count" }, seen, heard));
    return [seen, heard];
  }

  // chapters/assets/js/live-box.mjs
  var AWAY = phrase("`deepbook learn` does not answer: what is shown here may be old. What you write in the editor is kept.");
  var BACK = phrase("`deepbook learn` is back. What you wrote is not saved yet: save again.");
  var TICK_MS = 1e3;
  var SETTLE_MS = 3e3;
  var BOOK_SCRIPT = document.currentScript?.src;
  var loading = null;
  function editorScript() {
    loading ?? (loading = new Promise((done2, fail) => {
      const script = html("script", { src: new URL("editor.js", BOOK_SCRIPT) });
      script.addEventListener("load", () => done2(globalThis.deepbookEditor));
      script.addEventListener("error", () => {
        loading = null;
        fail(new NoAnswer(phrase("The editor could not be loaded: `deepbook learn` does not answer.")));
      });
      document.head.append(script);
    }));
    return loading;
  }
  var Box = class {
    /** element: the exercise's box as the page was built. */
    constructor(element, link) {
      const { exercise: id, file } = element.dataset;
      Object.assign(this, { element, link, id, file, name: id.split("/")[1], desk: null, drawn: "" });
      Object.assign(this, { lost: false, answered: false, since: null, ticks: 0, awaited: "", settling: 0 });
      this.hints = { details: [...element.querySelectorAll("details.hint")], known: null };
      this.build();
      this.hints.details.forEach((each3, i) => each3.addEventListener("toggle", () => this.toggled(each3, i + 1)));
    }
    build() {
      this.place = html("div", { class: "live-place" });
      this.mark = html("span", { class: "live-mark", "aria-hidden": "true" });
      this.words = html("span", {}, "…");
      this.checkButton = button(phrase("Check"), () => this.check());
      this.editButton = button(phrase("Edit here"), () => this.editing ? this.desk.close() : this.edit());
      this.next = html("a", { class: "live-next", hidden: "" });
      this.away = line("live-away");
      this.said = line("live-said", "status");
      this.problem = line("live-problem", "alert");
      this.done = line("live-done", "status");
      this.failure = html("div", { class: "live-failure" });
      this.hintButton = button("", () => this.moreHints());
      this.hintButton.hidden = true;
      const state = html("span", { class: "live-state" }, this.mark, html("span", { class: "unseen" }, phrase("This exercise: ")), this.words);
      const again = button(phrase("Start again"), () => this.startAgain());
      const buttons = html("span", { class: "db-row" }, this.checkButton, this.editButton, again);
      this.live = html("div", { class: "live live-running" }, this.place);
      this.live.append(html("div", { class: "live-bar" }, state, buttons, this.next));
      this.live.append(this.away, this.problem, this.said, this.done, this.failure, this.hintButton);
      const [outermost] = this.hints.details;
      outermost ? outermost.before(this.live) : this.element.append(this.live);
    }
    // What is shown
    show() {
      const { state, answers: answers2 } = this.link;
      put(this.away, answers2 ? "" : AWAY);
      if (this.desk) this.changeEditing();
      if (answers2 && state && !this.answered) this.comeBack();
      this.answered = answers2 && Boolean(state);
      const exercise = state?.exercises[this.id];
      if (!exercise) return;
      const { kind, mark: mark2, words } = standing(exercise, state.running);
      put(this.mark, mark2);
      this.live.classList.toggle("live-running", kind === "running");
      this.showTime(kind === "running" && answers2, words);
      if (kind === "running") {
        if (this.awaited) this.awaited = "running";
        return;
      }
      this.element.dataset.kind = kind;
      const isNew = state.newly.includes(this.id);
      this.showNext(exercise, state, isNew);
      const redrawn = this.showFailure(exercise, isNew);
      this.showHints(exercise);
      if (this.awaited === "running" || this.awaited && redrawn && exercise.fresh) this.bringIntoView();
    }
    /** While it is tested, how long already. It is not in what screen readers are told. */
    showTime(running, words) {
      if (!running || this.since === null) put(this.words, words);
      if (running === (this.since !== null)) return;
      clearInterval(this.ticks);
      this.since = running ? performance.now() : null;
      const tick = () => put(this.words, checking(Math.floor((performance.now() - this.since) / 1e3)));
      if (running) this.ticks = setInterval(tick, TICK_MS);
    }
    /** The verdict that a save in the editor waited for; the cursor stays in the editor. */
    bringIntoView() {
      this.awaited = "shown";
      clearTimeout(this.settling);
      this.settling = setTimeout(() => this.awaited === "shown" && (this.awaited = ""), SETTLE_MS);
      if (!this.editing) return;
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      const verdict2 = this.failure.childElementCount ? this.failure : this.live.querySelector(".live-bar");
      verdict2.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
    }
    showNext({ status, chapter }, state, isNew) {
      const end = status === "passed" ? done(state, { chapter }) : null;
      const next = (end ? end.next : null) ?? nextOf(state);
      put(this.done, end && isNew ? end.words : "");
      this.next.hidden = status !== "passed" || !next;
      if (this.next.hidden) return;
      this.next.href = inThisLanguage(next.address);
      this.next.textContent = phrase("Next: {title}", next);
    }
    /** Learners' code wrote part of this, so it is never anything but text. Returns whether something was drawn. */
    showFailure(exercise, isNew) {
      const { status, about, message: message2, mistake, printed, points: points4 } = exercise;
      const place = `${exercise.file}:${exercise.line}`;
      const wanted = JSON.stringify([status, about, message2, mistake, printed, place, isNew]);
      if (wanted === this.drawn) return false;
      this.drawn = wanted;
      this.failure.replaceChildren();
      const add = (name, text) => text && this.failure.append(line(`live-${name}`, null, text));
      const told = (text) => text && this.failure.append(html("div", { class: "live-message" }, ...message(text)));
      if (status === "passed" && isNew) add("well", phrase("All its tests pass now: {points}.", { points: points2(points4) }));
      if (["passed", "todo"].includes(status)) return true;
      const said = parts(exercise);
      add("about", about);
      told(said.message);
      add("mistake", said.mistake);
      add("about", printed && phrase("Your code printed:"));
      if (printed) this.failure.append(html("pre", { tabindex: "0" }, printed));
      add("where", place);
      return true;
    }
    /** Hints that were opened in the terminal or in another tab open here as well; of what passes, they stay shut. */
    showHints({ status, hints }) {
      const more = hints.length > (this.hints.known ?? (status === "passed" ? hints.length : 0));
      this.hints.known = hints.length;
      if (more) this.openHints(hints.length);
      this.offerHint(status);
    }
    offerHint(status) {
      const number2 = this.hints.details.findIndex((each3) => !each3.open) + 1;
      this.hintButton.hidden = !number2 || ["passed", "todo"].includes(status);
      this.hintButton.textContent = phrase("Show hint {number}", { number: number2 });
    }
    openHints(number2) {
      for (const each3 of this.hints.details.slice(0, number2)) each3.open = true;
    }
    toggled(details, number2) {
      const exercise = this.link.state?.exercises[this.id];
      if (exercise) this.offerHint(exercise.status);
      if (!details.open || number2 <= this.hints.known) return;
      this.link.ask("hint", { exercise: this.id, number: number2 }).catch(() => {
      });
    }
    moreHints() {
      const next = this.hints.details.find((each3) => !each3.open);
      this.openHints(this.hints.details.indexOf(next) + 1);
      next.querySelector("summary").focus();
    }
    // What is done
    /** Does something; a problem is said in the box. */
    async attempt(action) {
      put(this.problem, "");
      put(this.said, "");
      this.lost = false;
      try {
        await action();
      } catch (error) {
        put(this.problem, error.message);
        this.lost = Boolean(error.away);
        this.awaited = "";
      }
    }
    /** `deepbook learn` answers again: what it did not answer is no problem any more, but may have to be asked again. */
    async comeBack() {
      if (!this.lost) return;
      this.lost = false;
      put(this.problem, "");
      await null;
      await this.desk?.alone(() => {
      });
      if (this.desk?.dirty && !this.desk.undecided && !this.problem.textContent) put(this.said, BACK);
    }
    get editing() {
      return this.desk?.box === this;
    }
    check() {
      return this.attempt(async () => {
        this.awaited = this.editing ? "asked" : "";
        await (this.editing ? this.desk.save() : this.link.ask("check", { what: this.id }));
        if (this.desk?.undecided) this.awaited = "";
      });
    }
    startAgain() {
      const question = phrase("Put “{name}” back as it was handed out? What you have written is kept as a backup.", this);
      if (!confirm(question)) return;
      const desk = globalThis.deepbookEditor?.desks.get(this.file);
      const reset = () => desk?.editor ? desk.startAgain(this.id) : this.link.ask("reset", { what: this.id }).then(({ said }) => said);
      this.attempt(async () => put(this.said, await reset()));
    }
    edit({ focus = true } = {}) {
      return this.attempt(async () => {
        if (!this.link.state) throw new NoAnswer(AWAY);
        const { deskOf } = await editorScript();
        this.desk = deskOf(this.file, this.link);
        await this.desk.open(this, focus);
      });
    }
    /** The editor of this exercise's file has come here, or has left. */
    changeEditing() {
      if (this.said.dataset.text === BACK && !this.desk.dirty) put(this.said, "");
      this.element.classList.toggle("exercise-editing", this.editing);
      this.checkButton.textContent = this.editing ? phrase("Save and check") : phrase("Check");
      const open = this.desk?.dirty ? phrase("Edit here (not saved yet)") : phrase("Edit here");
      this.editButton.textContent = this.editing ? phrase("Close the editor") : open;
    }
  };

  // chapters/assets/js/live-drafts.mjs
  var TAB = Math.random().toString(36).slice(2);
  var start2 = (folder, file) => `deepbook unsaved ${folder} ${file} `;
  function kept(action) {
    try {
      return action();
    } catch {
      return null;
    }
  }
  function drafts(folder, file) {
    const keys = kept(() => Object.keys(localStorage)) ?? [];
    const mine = keys.filter((key) => key.startsWith(start2(folder, file)));
    const all = mine.map((key) => [key, kept(() => JSON.parse(localStorage.getItem(key)))]);
    return all.filter(([, draft]) => typeof draft?.text === "string").sort(([, a], [, b]) => b.time - a.time);
  }
  function readDraft(folder, file) {
    return drafts(folder, file)[0]?.[1] ?? null;
  }

  // chapters/assets/js/live.mjs
  function live() {
    const token = tokenIn(document);
    if (!token) return;
    const link = new Link(token);
    const boxes = [...document.querySelectorAll("[data-exercise]")].map((element) => new Box(element, link));
    const progress2 = new Progress();
    const tell = voice(boxes.map(({ id }) => id));
    let first = true;
    link.listen(() => {
      for (const box of boxes) box.show();
      if (!link.state) return;
      progress2.show(link.state);
      tell(link.state);
      if (first) bringBack(boxes, link.state.folder);
      first = false;
    });
    link.start();
  }
  function voice(here) {
    const status = html("p", { class: "unseen live-voice", role: "status", "aria-live": "polite" });
    document.querySelector(".md-content__inner")?.append(status);
    const tested = /* @__PURE__ */ new Set();
    let settled = null;
    return (state) => {
      const running = here.filter((id) => state.running.includes(id));
      running.forEach((id) => tested.add(id));
      if (running.length) {
        status.textContent = "";
        return;
      }
      const said = settled && news(settled, state, here, tested);
      if (said) status.textContent = said;
      settled = state;
      tested.clear();
    };
  }
  function bringBack(boxes, folder) {
    for (const file of new Set(boxes.map((box) => box.file))) {
      const draft = readDraft(folder, file);
      if (draft) (boxes.find(({ id }) => id === draft.id) ?? boxes.find((box) => box.file === file)).edit({ focus: false });
    }
  }

  // chapters/assets/js/lstm-table.mjs
  var TABLE2 = {
    "words": [".", "the", "film", "plot", "music", "is", "not", "very", "good", "great", "bad", "dull", "but", "my", "friend", "says"],
    "opinions": ["none yet", "bad", "good"],
    "shown": "the film is not very good but the plot is great says my friend",
    "weights": { "embedding": { "W": [[-0.265951, -0.0450216, 0.241954], [-0.917829, 0.129314, 0.415538], [-0.505098, 0.218594, 0.251712], [-0.528248, 0.242302, 0.294392], [-0.534719, 0.20758, 0.248725], [-0.512213, 0.448802, 0.618547], [-0.51955, -0.730383, -1.44626], [-0.49022, -0.176395, 0.162963], [1.14107, -2.00023, -1.02862], [1.17282, -1.96711, -1.03817], [1.03926, 0.880886, -0.437117], [0.879131, 0.665758, -0.309488], [-0.0499934, -0.029487, 0.397772], [-0.975717, -0.0632863, 0.234181], [-0.693487, 0.0919733, -0.141219], [-0.271454, -0.0310316, 0.366358]] }, "lstm": { "Wh": [[0.182642, -0.266387, -0.0383823, -0.225321, 0.46299, -0.27657, 0.236683, 0.165458, 0.108033, -0.102656, -0.525323, -0.0855646], [0.426868, 0.36419, -0.302019, 0.276351, -1.43907, -0.378144, -0.261526, 1.15385, 0.0349325, -0.340639, -265614e-8, -0.100102], [-3.30968, 0.0982276, 2.51028, 0.144554, 0.0795264, -0.590153, 0.948159, 0.0329262, 0.553038, 0.0646039, 0.0516861, 0.114171]], "Wx": [[-1.40569, -0.108207, -0.663373, -2.03048, -2.80799, -0.340129, 0.731713, -1.7426, -0.189593, -0.0349684, -0.282324, 0.060023], [1.89974, -0.162401, 0.810176, -0.497717, -0.212598, 1.577, -0.878775, -0.132092, 0.782393, -0.265494, -0.218396, -0.202521], [-0.348708, 206545e-8, 0.365035, 0.844378, 0.395697, 2.13055, -0.211058, 0.52115, 0.996848, -0.133011, 695327e-8, -0.0936027]], "b": [5.40741, 4.97609, 2.37784, 0.578141, 1.34048, 1.2254, 0.132902, -0.612323, 0.0507526, 5.5623, 4.99318, 5.27301] }, "dense": { "W": [[-1.03175, 1.90916, -1.71556], [2.77707, -0.729872, -1.23822], [0.684314, 1.11922, -1.26213]], "b": [0.353544, -0.106995, -0.405021] } }
  };

  // chapters/assets/js/lstm-core.mjs
  var WORDS2 = TABLE2.words;
  var OPINIONS = TABLE2.opinions;
  var UNITS2 = TABLE2.weights.lstm.Wh.length;
  var SENTENCES = [
    TABLE2.shown,
    "the film is good",
    "the film is not good",
    "the film is not very very good",
    "the music is dull but the plot is not bad",
    "my friend says the film is great",
    "the plot is great says my friend",
    "good not good not good"
  ].map((sentence) => sentence.split(" "));
  var HOLDS = { "as it learned": null, "always 1: forget nothing": 1, "always 0: forget everything": 0 };
  var sigmoid2 = (z) => 1 / (1 + Math.exp(-z));
  var dot = (a, B, j) => a.reduce((sum, value, i) => sum + value * B[i][j], 0);
  function step2({ h, c }, word2, forget = null) {
    const { embedding, lstm: lstm2 } = TABLE2.weights;
    const x = embedding.W[WORDS2.indexOf(word2)];
    const block = (k) => Array.from({ length: UNITS2 }, (_, u) => dot(x, lstm2.Wx, k * UNITS2 + u) + dot(h, lstm2.Wh, k * UNITS2 + u) + lstm2.b[k * UNITS2 + u]);
    const [i, f2, g, o] = [block(0).map(sigmoid2), block(1).map((z) => forget ?? sigmoid2(z)), block(2).map(Math.tanh), block(3).map(sigmoid2)];
    const next = c.map((value, u) => f2[u] * value + i[u] * g[u]);
    return { i, f: f2, g, o, c: next, h: next.map((value, u) => o[u] * Math.tanh(value)), before: { h, c } };
  }
  function opinion(h) {
    const { W, b } = TABLE2.weights.dense;
    const scores2 = OPINIONS.map((_, k) => dot(h, W, k) + b[k]);
    const top = Math.max(...scores2);
    const e = scores2.map((score) => Math.exp(score - top));
    const all = e.reduce((sum, value) => sum + value, 0);
    return e.map((value) => value / all);
  }
  function read(words, forget = null) {
    let carry = { h: Array(UNITS2).fill(0), c: Array(UNITS2).fill(0) };
    return words.map((word2) => {
      carry = step2(carry, word2, forget);
      return { ...carry, p: opinion(carry.h) };
    });
  }

  // chapters/assets/js/lstm-widget.mjs
  var OWN2 = "your own";
  var MOST = 14;
  var [LEFT, CELL2, ROW] = [18, 22, 12];
  var WIDTH2 = LEFT + MOST * CELL2 + 16;
  var TOP = 50;
  var STRIPS = { i: "input gate i", f: "forget gate f", g: "candidate g", c: "cell state c", o: "output gate o", h: "hidden state h" };
  var GAP = 16;
  var STRIP = UNITS2 * ROW + GAP;
  var HEIGHT2 = TOP + Object.keys(STRIPS).length * STRIP + GAP + 16;
  var SIGNS2 = ["?", "−", "+"];
  var SEEN_AT_FIRST3 = [3, 2];
  var RATE2 = 1.6;
  var KEYS3 = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  var STILL2 = matchMedia("(prefers-reduced-motion: reduce)");
  var two = (value) => Math.abs(value) < 5e-3 ? "0.00" : value.toFixed(2).replace("-", "−");
  var bound = (value, most) => Math.max(0, Math.min(most - 1, value));
  var inBrackets = (value) => value < 0 ? `(${two(value)})` : two(value);
  var write3 = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };
  var LstmWidget = class {
    constructor(host) {
      this.build(host);
      this.reset();
    }
    build(host) {
      this.words = svg("g", { class: "words", "aria-hidden": "true" });
      this.cells = svg("g", { "aria-hidden": "true" });
      this.frame = svg("g", { class: "frame", tabindex: 0, role: "slider", "aria-label": "The word that is being read; up and down choose the unit", "aria-valuemin": 1 });
      this.picture = svg("svg", { class: "db-gates", viewBox: `0 0 ${WIDTH2} ${HEIGHT2}`, role: "group" }, this.words, this.cells, this.frame);
      drags(this.frame);
      this.frame.addEventListener("keydown", (event) => this.key(event));
      this.picture.addEventListener("pointerdown", (event) => this.grab(event));
      this.picture.addEventListener("click", (event) => this.visit(this.under(event)));
      const names2 = [...SENTENCES.map((words) => words.join(" ")), OWN2];
      const [sentenceField, sentence] = select("Sentence", names2, (name) => name !== OWN2 && this.choose(name.split(" ")));
      const [wordField, word2] = select("This word", WORDS2, (name) => this.replace(name));
      const [holdField, hold] = select("Forget gate", Object.keys(HOLDS), (name) => this.change(() => {
        this.hold = name;
      }));
      [this.sentenceChoice, this.wordChoice, this.holdChoice] = [sentence, word2, hold];
      this.runButton = button("Run", () => this.toggle());
      const heads = ["unit", "f", "· old c", "+ i", "· g", "= c", "o", "h"];
      this.rows = Array.from({ length: UNITS2 }, (_, u) => html("tr", {}, html("th", { scope: "row" }, u + 1), ...heads.slice(1).map(() => html("td"))));
      const table2 = html("table", { class: "db-sums" }, html("thead", {}, html("tr", {}, ...heads.map((name) => html("th", { scope: "col" }, name)))), html("tbody", {}, ...this.rows));
      this.chances = OPINIONS.map((name, k) => {
        const bar = html("span", { class: "db-chance" });
        const share = html("span");
        return { bar, share, row: html("div", {}, html("span", {}, `${SIGNS2[k]} ${name}`), html("span", { class: "db-chance-box" }, bar), share) };
      });
      this.said = html("p", { class: "db-said", "aria-live": "polite" });
      const buttons = html("div", { class: "db-row" }, this.runButton, button("Step", () => this.step()), button("Reset", () => this.reset()));
      const controls = html("div", { class: "db-controls" }, buttons, html("div", { class: "db-fields" }, sentenceField, wordField, holdField), table2, html("div", { class: "db-chances" }, ...this.chances.map(({ row }) => row)), this.said);
      host.querySelector(".widget-fallback")?.remove();
      host.prepend(html("div", { class: "db-widget" }, html("div", { class: "db-left" }, this.picture), controls));
    }
    // What a hand can do
    reset() {
      this.stop();
      [this.at, this.unit] = SEEN_AT_FIRST3;
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
        this.sentenceChoice.value = SENTENCES.find((words) => words.join(" ") === this.sentence.join(" "))?.join(" ") ?? OWN2;
      });
    }
    change(set) {
      this.stop();
      set();
      this.holdChoice.value = this.hold;
      this.steps = read(this.sentence, HOLDS[this.hold]);
      this.draw();
    }
    visit([at3, unit]) {
      this.stop();
      [this.at, this.unit] = [bound(at3, this.sentence.length), unit ?? this.unit];
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
      if (STILL2.matches) return this.visit([last]);
      this.runButton.textContent = "Pause";
      write3(this.said, "The network reads.");
      let [before, due] = [null, 0];
      const tick = (now) => {
        due += (now - (before ?? now)) * RATE2 / 1e3;
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
      const way = KEYS3[event.key];
      if (!way) return;
      event.preventDefault();
      this.visit([this.at + way[0], bound(this.unit + way[1], UNITS2)]);
    }
    /** The word under the pointer, and the unit if the pointer is on a row of one. */
    under(event) {
      const box = this.picture.getBoundingClientRect();
      const x = (event.clientX - box.left) / box.width * WIDTH2;
      const y = (event.clientY - box.top) / box.height * HEIGHT2 - TOP;
      const row = Math.floor((y % STRIP - GAP) / ROW);
      return [Math.floor((x - LEFT) / CELL2), y >= 0 && row >= 0 && y < 6 * STRIP ? row : void 0];
    }
    grab(event) {
      if (event.button || event.pointerType === "touch" && !this.frame.contains(event.target)) return;
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
      const { at: at3, unit, sentence, steps } = this;
      const x = (t) => LEFT + t * CELL2;
      this.words.replaceChildren(...sentence.map((word2, t) => svg("text", { class: t === at3 ? "here" : "", transform: `translate(${x(t) + CELL2 / 2 + 3} ${TOP - 4}) rotate(-58)` }, word2)));
      const names2 = Object.values(STRIPS).map((name, k) => svg("text", { class: "strip", x: LEFT, y: TOP + k * STRIP + GAP - 4 }, name));
      const numbers = Object.keys(STRIPS).flatMap((_, k) => Array.from({ length: UNITS2 }, (_2, u) => svg("text", { class: u === unit ? "unit here" : "unit", x: LEFT - 5, y: this.top(k, u) + ROW - 2.5 }, u + 1)));
      const under = TOP + 6 * STRIP + GAP;
      const answers2 = steps.map(({ p }, t) => svg("text", { class: t > at3 ? "answer later" : "answer", x: x(t) + CELL2 / 2, y: under + 11 }, SIGNS2[p.indexOf(Math.max(...p))]));
      this.cells.replaceChildren(...names2, svg("text", { class: "strip", x: LEFT, y: under - 4 }, "opinion so far"), ...numbers, ...this.strips(x), ...answers2);
      const here = (attributes) => svg("rect", { x: x(at3), width: CELL2, ...attributes });
      const rows = Object.keys(STRIPS).map((_, k) => here({ class: "row", y: this.top(k, unit), height: ROW }));
      this.frame.replaceChildren(here({ class: "around", y: TOP, height: HEIGHT2 - TOP - 1 }), ...rows);
      for (const [name, value] of Object.entries({ "aria-valuemax": sentence.length, "aria-valuenow": at3 + 1, "aria-valuetext": `word ${at3 + 1}, ${sentence[at3]}, unit ${unit + 1}` })) this.frame.setAttribute(name, value);
      this.picture.setAttribute("aria-label", `The gates and states of ${UNITS2} units after each word of “${sentence.join(" ")}”`);
      this.wordChoice.value = sentence[at3];
      this.drawNumbers(steps[at3]);
      if (!this.running) write3(this.said, this.told());
    }
    top(strip, unit) {
      return TOP + strip * STRIP + GAP + unit * ROW;
    }
    strips(x) {
      return Object.keys(STRIPS).flatMap((name, k) => {
        const most = Math.max(1, ...this.steps.flatMap((step3) => step3[name].map(Math.abs)));
        return this.steps.flatMap(
          (step3, t) => step3[name].map((value, u) => svg("rect", { class: `${value < 0 ? "below" : "above"}${t > this.at ? " later" : ""}`, x: x(t), y: this.top(k, u), width: CELL2, height: ROW, style: `--share: ${Math.round(80 * Math.abs(value) / most)}%` }))
        );
      });
    }
    drawNumbers({ i, f: f2, g, o, c, h, before, p }) {
      this.rows.forEach((row, u) => {
        row.classList.toggle("here", u === this.unit);
        [f2, before.c, i, g, c, o, h].forEach((values, k) => write3(row.cells[k + 1], two(values[u])));
      });
      this.chances.forEach(({ bar, share }, k) => {
        bar.style.width = `${100 * p[k]}%`;
        write3(share, `${Math.round(100 * p[k])} %`);
      });
    }
    // What the ear hears
    told() {
      const { at: at3, unit, sentence } = this;
      const { i, f: f2, g, o, c, h, before, p } = this.steps[at3];
      const sum = `c = ${two(f2[unit])} · ${inBrackets(before.c[unit])} + ${two(i[unit])} · ${inBrackets(g[unit])} = ${two(c[unit])}`;
      const out = `h = ${two(o[unit])} · tanh ${inBrackets(c[unit])} = ${two(h[unit])}`;
      const best = p.indexOf(Math.max(...p));
      return `Word ${number(at3 + 1)} of ${sentence.length}, “${sentence[at3]}”. Unit ${unit + 1}: ${sum}; ${out}. The opinion so far: ${OPINIONS[best]}, ${Math.round(100 * p[best])} %.`;
    }
  };

  // chapters/assets/js/perceptron-widget.mjs
  var HALF = 2;
  var UNIT2 = 100;
  var LIMIT2 = 100;
  var MOST2 = 12;
  var KEYS4 = { ArrowLeft: [-2, 0], ArrowRight: [2, 0], ArrowUp: [0, 2], ArrowDown: [0, -2] };
  var NAMES = { separable: phrase("separable"), overlapping: phrase("overlapping") };
  var snap = (value) => Math.max(-HALF, Math.min(HALF, Math.round(value / GRID) * GRID));
  var at2 = ([x, y]) => `${x * UNIT2},${-y * UNIT2}`;
  var PerceptronWidget = class {
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
          viewBox: `${-edge * UNIT2} ${-edge * UNIT2} ${2 * edge * UNIT2} ${2 * edge * UNIT2}`,
          role: "group",
          "aria-label": phrase("A plane with points of two classes, circles for class 0 and squares for class 1, and the perceptron's line")
        },
        svg("rect", { class: "side class-0", x: -edge * UNIT2, y: -edge * UNIT2, width: 2 * edge * UNIT2, height: 2 * edge * UNIT2 }),
        this.side,
        svg("path", { class: "axes", d: `M${-edge * UNIT2} 0H${edge * UNIT2}M0 ${-edge * UNIT2}V${edge * UNIT2}` }),
        svg("text", { class: "axis-name", x: edge * UNIT2 - 24, y: -8 }, "x₁"),
        svg("text", { class: "axis-name", x: 8, y: -edge * UNIT2 + 20 }, "x₂"),
        this.line,
        this.marks
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
          button(phrase("Reset"), () => this.load(this.preset.value))
        ),
        html(
          "div",
          { class: "db-row db-quiet" },
          button(phrase("Add a point"), () => this.add()),
          button(phrase("Flip its class"), () => this.flip(this.selected)),
          button(phrase("Remove it"), () => this.remove(this.selected))
        ),
        this.numbers,
        this.said
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
      return yhat === y ? phrase("Next is point {point}, of class {y}. The line says {yhat}: right.", values) : phrase("Next is point {point}, of class {y}. The line says {yhat}: a mistake. Press Step to see the line move.", values);
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
        seen.wrong ? phrase("{name} A mistake, so w {sign} x: {w} becomes {w2}, and b: {b} becomes {b2}.", { name, ...numbers }) : phrase("{name} Right, so nothing changes.", { name })
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
      this.training = runUntilNoMistakes(this.training, this.points, before.length + LIMIT2);
      this.seen = null;
      this.redraw();
      const { mistakes } = this.training;
      this.say(
        mistakes.at(-1) === 0 ? phrase("Epoch {epoch} passed without a mistake: this line separates the points.", { epoch: mistakes.length }) : phrase("Stopped after {limit} more epochs, with {mistakes} in the last. If no line separates the points, the rule never comes to rest.", { limit: LIMIT2, mistakes: this.count(mistakes.at(-1)) })
      );
    }
    count(mistakes) {
      return mistakes === 0 ? phrase("no mistake") : mistakes === 1 ? phrase("1 mistake") : phrase("{mistakes} mistakes", { mistakes });
    }
    add() {
      if (this.points.length >= MOST2) return this.say(phrase("There is room for {most} points.", { most: MOST2 }));
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
      this.side.setAttribute("points", positiveSide(params, -HALF - 0.15, HALF + 0.15).map(at2).join(" "));
      const ends = boundary(params, -HALF - 0.15, HALF + 0.15);
      this.line.style.display = ends ? "" : "none";
      if (ends) {
        const [[x1, y1], [x2, y2]] = ends;
        for (const [name, value] of Object.entries({ x1, y1: -y1, x2, y2: -y2 })) this.line.setAttribute(name, value * UNIT2);
      }
      const epoch2 = mistakes.length;
      const row = (name, value) => html("div", {}, html("dt", {}, name), html("dd", {}, value));
      this.numbers.replaceChildren(
        row("w", pair(params.w)),
        row("b", number(params.b)),
        row(phrase("epoch"), next === 0 ? phrase("{epoch} done", { epoch: epoch2 }) : phrase("{epoch}, next is point {point} of {points}", { epoch: epoch2, point: next + 1, points: this.points.length })),
        row(phrase("mistakes per epoch"), epoch2 ? this.recent(mistakes) : phrase("none yet"))
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
        svg("text", { class: "point-name", "text-anchor": "middle", dy: 6 }, String(index + 1))
      );
      group.classList.toggle("seen", this.seen === index);
      drags(group);
      group.addEventListener("focus", () => {
        this.selected = index;
      });
      group.addEventListener("keydown", (event) => this.key(event, index));
      group.addEventListener("pointerdown", (event) => this.grab(event, index, group));
      return group;
    }
    place(index) {
      const { x, y } = this.points[index];
      const group = this.marks.children[index];
      group.setAttribute("transform", `translate(${at2(x)})`);
      const label = phrase("Point {point}, class {y}, at {place}. Arrow keys move it, space flips its class, Delete removes it.", { point: index + 1, y, place: pair(x) });
      group.setAttribute("aria-label", label);
    }
    key(event, index) {
      const way = KEYS4[event.key];
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
        const scale = 2 * (HALF + 0.15) / box.width;
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
  };

  // chapters/assets/js/playground-core.mjs
  var HALF2 = 2;
  var MOST_LAYERS = 3;
  var MOST_UNITS = 8;
  var FIELDS = 50;
  var LIMIT3 = 3e3;
  function random(seed) {
    let state = seed >>> 0;
    return () => {
      state = state + 1831565813 | 0;
      let t = Math.imul(state ^ state >>> 15, state | 1);
      t ^= t + Math.imul(t ^ t >>> 7, t | 61);
      return ((t ^ t >>> 14) >>> 0) / 2 ** 32;
    };
  }
  var normal = (next) => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  var onCircle = (radius, angle) => [radius * Math.cos(angle), radius * Math.sin(angle)];
  var SHAPES = {
    XOR: { noise: 0.36, place: (next, y, second) => second ? [-1, y ? 1 : -1] : [1, y ? -1 : 1] },
    circle: { noise: 0.08, place: (next, y) => onCircle(y ? 0.8 * Math.sqrt(next()) : 1.25 + 0.5 * next(), 2 * Math.PI * next()) },
    moons: {
      noise: 0.12,
      place(next, y) {
        const [across2, up] = onCircle(1.2, Math.PI * next());
        return y ? [0.6 - across2, 0.25 - up] : [across2 - 0.6, up - 0.25];
      }
    },
    spirals: {
      noise: 0.05,
      place(next, y) {
        const along2 = Math.sqrt(next());
        return onCircle(0.15 + 1.6 * along2, 2.5 * Math.PI * along2 + Math.PI * y);
      }
    }
  };
  var DATA = Object.keys(SHAPES);
  function points3(data, n, seed = 0) {
    const next = random(seed);
    const { noise, place } = SHAPES[data];
    const x = new Float64Array(2 * n);
    const y = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      y[i] = i % 2;
      place(next, y[i], i % 4 > 1).forEach((value, k) => {
        x[2 * i + k] = Math.max(-HALF2, Math.min(HALF2, value + noise * normal(next)));
      });
    }
    return { x, y };
  }
  var sigmoid3 = (z) => 1 / (1 + Math.exp(-z));
  var FUNCTIONS = {
    tanh: { f: Math.tanh, slope: (a) => 1 - a * a },
    ReLU: { f: (z) => z > 0 ? z : 0, slope: (a) => a > 0 ? 1 : 0 },
    sigmoid: { f: sigmoid3, slope: (a) => a * (1 - a) }
  };
  var ACTIVATIONS = Object.keys(FUNCTIONS);
  function network(sizes2, activation) {
    const shapes = sizes2.slice(1).map((nOut, i) => ({ nIn: sizes2[i], nOut }));
    const length = shapes.reduce((sum, { nIn, nOut }) => sum + (nIn + 1) * nOut, 0);
    const cut = (flat) => {
      let at3 = 0;
      return shapes.map(({ nIn, nOut }) => ({ nIn, nOut, W: flat.subarray(at3, at3 += nIn * nOut), b: flat.subarray(at3, at3 += nOut) }));
    };
    const [params, grads] = [new Float64Array(length), new Float64Array(length)];
    return { sizes: sizes2, activation, params, grads, layers: cut(params), slopes: cut(grads) };
  }
  function init(net, seed) {
    const next = random(seed);
    for (const { nIn, nOut, W } of net.layers) {
      const spread = Math.sqrt(net.activation === "ReLU" ? 2 / nIn : 2 / (nIn + nOut));
      for (let k = 0; k < W.length; k++) W[k] = spread * normal(next);
    }
    return net;
  }
  function batch(net, { x, y }) {
    const n = x.length / net.sizes[0];
    const room = () => net.sizes.map((size, i) => i === 0 ? x : new Float64Array(n * size));
    return { n, y, a: room(), deltas: room() };
  }
  function forward2(net, { n, a }) {
    const { f: f2 } = FUNCTIONS[net.activation];
    net.layers.forEach(({ nIn, nOut, W, b }, layer) => {
      const [from, to] = [a[layer], a[layer + 1]];
      const hidden = layer < net.layers.length - 1;
      for (let row = 0; row < n; row++) {
        for (let j = 0; j < nOut; j++) {
          let z = b[j];
          for (let i = 0; i < nIn; i++) z += from[row * nIn + i] * W[i * nOut + j];
          to[row * nOut + j] = hidden ? f2(z) : z;
        }
      }
    });
    return a[net.layers.length];
  }
  function loss(logits, y) {
    let sum = 0;
    for (let i = 0; i < y.length; i++) sum += Math.max(logits[i], 0) + Math.log1p(Math.exp(-Math.abs(logits[i]))) - y[i] * logits[i];
    return sum / y.length;
  }
  function accuracy(logits, y) {
    let right2 = 0;
    for (let i = 0; i < y.length; i++) right2 += (logits[i] > 0 ? 1 : 0) === y[i] ? 1 : 0;
    return right2 / y.length;
  }
  function backward2(net, { n, y, a, deltas }) {
    const { slope } = FUNCTIONS[net.activation];
    const last = net.layers.length;
    net.grads.fill(0);
    for (let row = 0; row < n; row++) deltas[last][row] = (sigmoid3(a[last][row]) - y[row]) / n;
    for (let layer = last - 1; layer >= 0; layer--) {
      const { nIn, nOut, W } = net.layers[layer];
      const { W: dW, b: db } = net.slopes[layer];
      const [from, delta, before] = [a[layer], deltas[layer + 1], deltas[layer]];
      for (let row = 0; row < n; row++) {
        for (let j = 0; j < nOut; j++) db[j] += delta[row * nOut + j];
        for (let i = 0; i < nIn; i++) {
          const input = from[row * nIn + i];
          let back = 0;
          for (let j = 0; j < nOut; j++) {
            dW[i * nOut + j] += input * delta[row * nOut + j];
            back += W[i * nOut + j] * delta[row * nOut + j];
          }
          if (layer > 0) before[row * nIn + i] = back * slope(input);
        }
      }
    }
    return net.grads;
  }
  var adam = (net) => ({ m: new Float64Array(net.params.length), v: new Float64Array(net.params.length), step: 0 });
  function update2(net, memory, lr, b1 = 0.9, b2 = 0.999, eps = 1e-8) {
    const { params, grads } = net;
    const { m, v } = memory;
    memory.step += 1;
    const [correct1, correct2] = [1 - b1 ** memory.step, 1 - b2 ** memory.step];
    for (let k = 0; k < params.length; k++) {
      m[k] = b1 * m[k] + (1 - b1) * grads[k];
      v[k] = b2 * v[k] + (1 - b2) * grads[k] ** 2;
      params[k] -= lr * m[k] / correct1 / (Math.sqrt(v[k] / correct2) + eps);
    }
  }
  function start3({ data, points: n, units, activation, seed }) {
    const net = init(network([2, ...units, 1], activation), seed);
    const { x, y } = points3(data, n);
    const cut = Math.round(0.75 * n);
    const train = batch(net, { x: x.subarray(0, 2 * cut), y: y.subarray(0, cut) });
    const held2 = batch(net, { x: x.subarray(2 * cut), y: y.subarray(cut) });
    const training = { net, train, held: held2, memory: adam(net), losses: { train: [], held: [] } };
    measure(training);
    return training;
  }
  function measure({ net, train, held: held2, losses }) {
    for (const [name, part] of Object.entries({ train, held: held2 })) losses[name].push(loss(forward2(net, part), part.y));
  }
  function epoch(training, lr) {
    backward2(training.net, training.train);
    update2(training.net, training.memory, lr);
    measure(training);
  }
  function report({ held: held2, losses }) {
    return { epoch: losses.train.length - 1, loss: losses.train.at(-1), heldLoss: losses.held.at(-1), accuracy: accuracy(held2.a.at(-1), held2.y) };
  }
  function grid(net, size = FIELDS) {
    const x = new Float64Array(2 * size * size);
    for (let k = 0; k < size * size; k++) {
      x[2 * k] = (k % size + 0.5) / size * 2 * HALF2 - HALF2;
      x[2 * k + 1] = HALF2 - (Math.floor(k / size) + 0.5) / size * 2 * HALF2;
    }
    return batch(net, { x, y: null });
  }
  function zeroLine(values, size) {
    const pieces2 = [];
    const cross = (row, column, toRow, toColumn) => {
      const [from, to] = [values[row * size + column], values[toRow * size + toColumn]];
      if (from > 0 === to > 0) return [];
      const share = from / (from - to);
      return [column + share * (toColumn - column) + 0.5, row + share * (toRow - row) + 0.5];
    };
    for (let row = 0; row + 1 < size; row++) {
      for (let column = 0; column + 1 < size; column++) {
        const k = row * size + column;
        const positive = values[k] > 0;
        if (values[k + 1] > 0 === positive && values[k + size] > 0 === positive && values[k + size + 1] > 0 === positive) continue;
        const ends = [
          ...cross(row, column, row, column + 1),
          ...cross(row, column + 1, row + 1, column + 1),
          ...cross(row + 1, column + 1, row + 1, column),
          ...cross(row + 1, column, row, column)
        ];
        for (let end = 0; end < ends.length; end += 4) pieces2.push(ends.slice(end, end + 4));
      }
    }
    return pieces2;
  }
  var START4 = { data: "XOR", points: 200, units: [], activation: "tanh", lr: 0.03, seed: 1 };
  var POINTS = [100, 200, 300, 400, 500];
  var RATES = [1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1];
  function toAddress({ data, points: points4, units, activation, lr, seed }) {
    return `#playground=data:${data},points:${points4},units:${units.join("-") || 0},activation:${activation},lr:${lr},seed:${seed}`;
  }
  function fromAddress(hash) {
    if (!hash.startsWith("#playground=")) return null;
    const text = hash.slice("#playground=".length).replace(/%3A/gi, ":").replace(/%2C/gi, ",");
    const said = Object.fromEntries(text.split(",").map((pair2) => pair2.split(":")));
    const one = (name, known) => known.map(String).includes(said[name]) ? known[known.map(String).indexOf(said[name])] : START4[name];
    const units = /^[1-8](-[1-8]){0,2}$/.test(said.units) ? said.units.split("-").map(Number) : [];
    const seed = /^[1-9]\d{0,5}$/.test(said.seed) ? Number(said.seed) : START4.seed;
    return { data: one("data", DATA), points: one("points", POINTS), units, activation: one("activation", ACTIVATIONS), lr: one("lr", RATES), seed };
  }

  // chapters/assets/js/canvas.mjs
  var STRONGEST = 0.62;
  function colours(element) {
    const style = getComputedStyle(element);
    const named = (name) => style.getPropertyValue(name).trim();
    return {
      page: named("--md-default-bg-color"),
      text: named("--md-default-fg-color"),
      classes: [named("--db-class-0"), named("--db-class-1")]
    };
  }
  function ramp({ page, classes }) {
    const [middle, ...ends] = [page, ...classes].map(bytes);
    const pixels2 = new Uint32Array(256);
    const parts2 = new Uint8Array(pixels2.buffer);
    for (let level = 0; level < 256; level++) {
      const end = ends[level < 128 ? 0 : 1];
      const share = STRONGEST * Math.abs(level - 127.5) / 127.5;
      for (let k = 0; k < 3; k++) parts2[4 * level + k] = middle[k] + share * (end[k] - middle[k]);
      parts2[4 * level + 3] = 255;
    }
    return pixels2;
  }
  function bytes(colour) {
    const context = html("canvas", { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return context.getImageData(0, 0, 1, 1).data;
  }
  var Picture = class {
    constructor(size) {
      this.canvas = html("canvas", { width: size, height: size, "aria-hidden": "true" });
      this.context = this.canvas.getContext("2d");
      this.image = this.context.createImageData(size, size);
      this.pixels = new Uint32Array(this.image.data.buffer);
    }
    paint(ramp2, value) {
      for (let k = 0; k < this.pixels.length; k++) {
        const level = 256 * value(k);
        this.pixels[k] = ramp2[level > 255 ? 255 : level < 0 ? 0 : level | 0];
      }
      this.context.putImageData(this.image, 0, 0);
    }
    clear() {
      this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    }
  };
  function onScheme(change) {
    new MutationObserver(change).observe(document.body, { attributeFilter: ["data-md-color-scheme"] });
  }

  // chapters/assets/js/playground-pictures.mjs
  var SMALL = 25;
  var COIN = Math.log(2);
  var Plane = class {
    constructor() {
      this.map = new Picture(FIELDS);
      this.overlay = html("canvas", { "aria-hidden": "true" });
      this.element = html("div", { class: "db-plane", role: "img" }, this.map.canvas, this.overlay);
    }
    /** The points are painted once: they do not move while the network learns. */
    prepare(colours2, { train, held: held2 }) {
      const side = Math.round(this.element.clientWidth * devicePixelRatio);
      this.colours = colours2;
      this.overlay.width = this.overlay.height = side;
      this.points = html("canvas", { width: side, height: side });
      const context = this.points.getContext("2d");
      const unit = side / (2 * HALF2);
      const r = 3.1 * devicePixelRatio;
      const mark2 = ({ a: [x], y }, filled) => y.forEach((label, i) => {
        const [across2, down] = [(x[2 * i] + HALF2) * unit, (HALF2 - x[2 * i + 1]) * unit];
        context.beginPath();
        if (label) context.rect(across2 - r, down - r, 2 * r, 2 * r);
        else context.arc(across2, down, 1.1 * r, 0, 2 * Math.PI);
        context.fillStyle = filled ? colours2.classes[label] : colours2.page;
        context.strokeStyle = filled ? colours2.page : colours2.classes[label];
        context.lineWidth = (filled ? 1 : 1.8) * devicePixelRatio;
        context.fill();
        context.stroke();
      });
      mark2(train, true);
      mark2(held2, false);
    }
    draw(ramp2, logits) {
      this.map.paint(ramp2, (k) => 1 / (1 + Math.exp(-logits[k])));
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
  };
  var unitPicture = () => new Picture(SMALL);
  function drawUnits(pictures, ramp2, activation, values, n) {
    const most = activation === "ReLU" ? values.reduce((one, other) => Math.max(one, other), 0) || 1 : 1;
    const level = { tanh: (a) => (a + 1) / 2, sigmoid: (a) => a, ReLU: (a) => (a / most + 1) / 2 }[activation];
    const every = FIELDS / SMALL;
    const field = (k) => (Math.floor(k / SMALL) * FIELDS + k % SMALL) * every;
    for (let unit = 0; unit < n; unit++) pictures[unit].paint(ramp2, (k) => level(values[field(k) * n + unit]));
  }
  var BOX = { width: 300, height: 112, left: 26, right: 8, top: 8, bottom: 18 };
  var height2 = (loss2) => BOX.top + (1 - Math.min(loss2, 1)) * (BOX.height - BOX.top - BOX.bottom);
  var LossCurve = class {
    constructor() {
      const { width, left, right: right2, top, bottom } = BOX;
      const [floor, edge, coin] = [BOX.height - bottom, width - right2, height2(COIN)];
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
        ...Object.values(this.lines)
      );
    }
    draw(losses) {
      const { width, left, right: right2 } = BOX;
      const epochs = losses.train.length - 1;
      const end = [100, 200, 500, 1e3, 2e3].find((most) => epochs <= most) ?? LIMIT3;
      const every = Math.ceil(end / 200);
      const across2 = (width - left - right2) / end;
      for (const [name, line2] of Object.entries(this.lines)) {
        let d = "";
        for (let i = 0; i <= epochs; i += every) d += `${d ? "L" : "M"}${(left + i * across2).toFixed(1)} ${height2(losses[name][i]).toFixed(1)}`;
        line2.setAttribute("d", d);
      }
      this.end.textContent = String(end);
    }
  };

  // chapters/assets/js/playground-widget.mjs
  var FIRST = 100;
  var FRAME_MS = 12;
  var SAY_MS = 2500;
  var three = (value) => value.toFixed(3);
  var percent = (share) => `${Math.round(100 * share)} %`;
  var count = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;
  var PlaygroundWidget = class {
    constructor(host) {
      this.host = host;
      this.build();
      const shared = fromAddress(location.hash);
      this.load(shared ?? START4);
      if (shared) this.host.scrollIntoView();
      else this.train(FIRST);
      this.say();
      this.listen();
    }
    // What is on the page
    build() {
      this.plane = new Plane();
      this.curve = new LossCurve();
      this.runButton = button("Run", () => this.running ? this.pause() : this.run());
      this.choices = {};
      const fields = [
        this.choice("data", "Data", DATA),
        this.choice("points", "Points", POINTS),
        this.choice("activation", "Activation", ACTIVATIONS),
        this.choice("lr", "Learning rate", RATES)
      ];
      this.numbers = ["epoch", "training loss", "held-out loss", "held-out right"].map((name) => ({ name, cell: html("dd") }));
      const rows = this.numbers.map(({ name, cell }) => html("div", { class: name.replace(" ", "-") }, html("dt", {}, name), cell));
      const controls = html(
        "div",
        { class: "db-controls" },
        html("div", { class: "db-row" }, button("Step", () => this.step()), this.runButton, button("Start again", () => this.change({}))),
        html("div", { class: "db-fields" }, ...fields),
        this.curve.element,
        html("dl", { class: "db-numbers db-cells" }, ...rows)
      );
      this.layers = Array.from({ length: MOST_LAYERS }, (_, layer) => this.buildLayer(layer));
      const more = [
        button("Other weights", () => this.change({ seed: this.settings.seed + 1 })),
        button("Copy the link", () => this.copy())
      ];
      const key = "Circles are class 0, squares class 1. The filled ones train the network, the hollow ones are held out.";
      this.said = html("p", { class: "db-said", "aria-live": "polite" });
      this.host.querySelector(".widget-fallback")?.remove();
      this.host.prepend(
        html(
          "div",
          { class: "db-widget" },
          html("div", { class: "db-map" }, this.plane.element, html("p", { class: "db-key" }, key)),
          controls,
          html("div", { class: "db-layers" }, ...this.layers.map(({ row }) => row)),
          html("div", { class: "db-row db-quiet db-more" }, ...more),
          this.said
        )
      );
    }
    choice(name, label, values) {
      const [field, box] = select(label, values, (text) => {
        const value = values.find((each3) => String(each3) === text);
        if (name === "lr") this.changeRate(value);
        else this.change({ [name]: value });
      });
      this.choices[name] = box;
      return field;
    }
    buildLayer(layer) {
      const shown = html("output");
      const stepper = (sign, by, word2) => {
        const element = button(sign, () => this.resize(layer, by));
        element.setAttribute("aria-label", `One unit ${word2} in hidden layer ${layer + 1}`);
        return element;
      };
      const [fewer, more] = [stepper("−", -1, "fewer"), stepper("+", 1, "more")];
      const pictures = Array.from({ length: MOST_UNITS }, unitPicture);
      const units = html("div", { class: "db-units", role: "img" }, ...pictures.map(({ canvas }) => canvas));
      const name = html("span", { class: "db-layer-name" }, `Hidden layer ${layer + 1}`, shown);
      const row = html("div", { class: "db-layer" }, name, html("span", { class: "db-stepper" }, fewer, more), units);
      return { row, shown, fewer, more, pictures, units };
    }
    listen() {
      onScheme(() => this.repaint());
      new ResizeObserver(() => this.repaint()).observe(this.plane.element);
      new IntersectionObserver(([{ isIntersecting }]) => isIntersecting || this.pause()).observe(this.host);
      addEventListener("hashchange", () => {
        const shared = fromAddress(location.hash);
        if (!shared) return;
        this.load(shared);
        this.say();
        this.host.scrollIntoView();
      });
    }
    // What a hand can do
    /** Other settings, and so other weights, at epoch 0; they are in the address from now on. */
    change(changes) {
      const { running } = this;
      this.load({ ...this.settings, ...changes });
      this.remember();
      this.say();
      if (running) this.run();
    }
    changeRate(lr) {
      this.settings = { ...this.settings, lr };
      this.remember();
      this.said.textContent = `The learning rate is ${lr} from the next epoch on.`;
    }
    resize(layer, by) {
      const units = [...this.settings.units];
      const wanted = (units[layer] ?? 0) + by;
      const refuse = (why) => {
        this.said.textContent = why;
      };
      if (wanted > MOST_UNITS) return refuse(`There is room for ${MOST_UNITS} units in a layer.`);
      if (wanted < 0) return refuse(`Hidden layer ${layer + 1} has no units.`);
      if (layer > units.length) return refuse(`First give hidden layer ${units.length + 1} a unit.`);
      if (wanted === 0 && layer < units.length - 1) return refuse(`First empty hidden layer ${units.length}.`);
      units[layer] = wanted;
      this.change({ units: units.filter(Boolean) });
    }
    step() {
      this.pause();
      this.train(1);
      this.say();
    }
    run() {
      if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
        this.train(FIRST);
        return this.say();
      }
      this.show(true);
      let [drawn, spoken] = [0, performance.now()];
      const frame = (now) => {
        if (!this.running) return;
        requestAnimationFrame(frame);
        if (now - drawn < FRAME_MS) return;
        drawn = now;
        this.train(1);
        if (report(this.training).epoch >= LIMIT3) this.pause();
        else if (now - spoken > SAY_MS) {
          spoken = now;
          this.say();
        }
      };
      requestAnimationFrame(frame);
    }
    pause() {
      if (!this.running) return;
      this.show(false);
      this.say();
    }
    show(running) {
      this.running = running;
      this.runButton.textContent = running ? "Pause" : "Run";
    }
    async copy() {
      this.remember();
      try {
        await navigator.clipboard.writeText(location.href);
        this.said.textContent = "The link is copied. It opens this page with the same data, network and first weights.";
      } catch {
        this.said.textContent = "Your browser does not let a page copy. The link is in the address bar now.";
      }
    }
    remember() {
      history.replaceState(history.state, "", toAddress(this.settings));
    }
    load(settings) {
      this.show(false);
      this.settings = settings;
      for (const [name, box] of Object.entries(this.choices)) box.value = settings[name];
      this.training = start3(settings);
      this.grid = grid(this.training.net);
      this.layers.forEach(({ shown, fewer, more, pictures, units }, layer) => {
        const n = settings.units[layer] ?? 0;
        shown.textContent = n ? count(n, "unit") : "none";
        fewer.setAttribute("aria-disabled", n === 0 || n === 1 && layer < settings.units.length - 1);
        more.setAttribute("aria-disabled", n === MOST_UNITS || layer > settings.units.length);
        pictures.forEach((picture, unit) => {
          picture.canvas.classList.toggle("empty", unit >= n);
          if (unit >= n) picture.clear();
        });
        units.setAttribute("aria-label", `Hidden layer ${layer + 1}: ${n ? `what each of its ${count(n, "unit")} gives, all over the plane` : "no units"}`);
      });
      this.repaint();
    }
    train(epochs) {
      for (let i = 0; i < epochs; i++) epoch(this.training, this.settings.lr);
      this.draw();
    }
    // What the eye sees
    /** All of it, with the colours and the size of now. */
    repaint() {
      const now = colours(this.host);
      this.ramp = ramp(now);
      this.plane.prepare(now, this.training);
      this.draw();
    }
    draw() {
      this.plane.draw(this.ramp, forward2(this.training.net, this.grid));
      this.settings.units.forEach((n, layer) => drawUnits(this.layers[layer].pictures, this.ramp, this.settings.activation, this.grid.a[layer + 1], n));
      this.curve.draw(this.training.losses);
      const { epoch: epoch2, loss: loss2, heldLoss, accuracy: accuracy2 } = report(this.training);
      const values = [epoch2, three(loss2), three(heldLoss), percent(accuracy2)];
      this.numbers.forEach(({ cell }, i) => {
        cell.textContent = values[i];
      });
    }
    // What the ear hears
    say() {
      const { units, data, points: points4 } = this.settings;
      const now = report(this.training);
      const sizes2 = units.length ? `${count(units.length, "hidden layer")} (${units.join(", ")})` : "no hidden layer";
      const numbers = `training loss ${three(now.loss)}, held-out loss ${three(now.heldLoss)}, ${percent(now.accuracy)} of the held-out points right`;
      this.said.textContent = `Epoch ${now.epoch}, ${sizes2}, ${count(this.training.net.params.length, "parameter")}: ${numbers}. ${this.verdict(now)}`;
      this.plane.element.setAttribute("aria-label", `${data}: ${points4} points of two classes, and what the network says all over the plane; ${numbers}.`);
      const first = three(this.training.losses.train[0]);
      this.curve.element.setAttribute("aria-label", `The loss from epoch 0 to ${now.epoch}: on the training points from ${first} to ${three(now.loss)}, on the held-out points, dashed, to ${three(now.heldLoss)}.`);
    }
    verdict({ epoch: epoch2, loss: loss2, heldLoss, accuracy: accuracy2 }) {
      const before = this.training.losses.train[epoch2 - 50];
      if (epoch2 >= LIMIT3) return `It stops after ${LIMIT3} epochs.`;
      if (before && this.settings.units.length === 0 && loss2 > 0.65) return "The border is a straight line, and here no line does better than guessing: 0.693.";
      if (before && heldLoss > 0.1 && heldLoss > 2 * loss2) return "It knows the points that it learned from better than the others.";
      if (accuracy2 >= 0.97 && loss2 < 0.1) return "The border follows the points.";
      if (before && loss2 > 0.1 && loss2 > 0.97 * before) return "The loss has come to rest. Try more units, or other weights.";
      return "";
    }
  };

  // chapters/assets/js/quiz.mjs
  function announce(quiz) {
    const said = quiz.querySelector(".quiz-said");
    for (const option of quiz.querySelectorAll(".quiz-option")) {
      option.addEventListener("toggle", () => {
        if (option.open) said.textContent = option.querySelector(".quiz-why").textContent.trim().replace(/\s+/g, " ");
      });
    }
  }

  // chapters/assets/js/race-core.mjs
  var EPS = 1e-8;
  var each2 = (f2, ...vectors) => vectors[0].map((_, i) => f2(...vectors.map((vector) => vector[i])));
  var zeros2 = () => [0, 0];
  var OPTIMIZERS = {
    SGD: {
      init: () => null,
      update: (g, state, { lr }) => [each2((g2) => -lr * g2, g), state]
    },
    Momentum: {
      init: zeros2,
      update(g, v, { lr, momentum }) {
        const next = each2((v2, g2) => momentum * v2 - lr * g2, v, g);
        return [next, next];
      }
    },
    Nesterov: {
      init: zeros2,
      update(g, v, { lr, momentum }) {
        const next = each2((v2, g2) => momentum * v2 - lr * g2, v, g);
        return [each2((v2, g2) => momentum * v2 - lr * g2, next, g), next];
      }
    },
    AdaGrad: {
      init: zeros2,
      update(g, h, { lr }) {
        const next = each2((h2, g2) => h2 + g2 * g2, h, g);
        return [each2((g2, h2) => -lr * g2 / (Math.sqrt(h2) + EPS), g, next), next];
      }
    },
    RMSProp: {
      init: zeros2,
      update(g, h, { lr }) {
        const next = each2((h2, g2) => 0.9 * h2 + 0.1 * g2 * g2, h, g);
        return [each2((g2, h2) => -lr * g2 / (Math.sqrt(h2) + EPS), g, next), next];
      }
    },
    Adam: {
      init: () => ({ t: 0, m: zeros2(), v: zeros2() }),
      update(g, { t, m, v }, { lr }) {
        const next = {
          t: t + 1,
          m: each2((m2, g2) => 0.9 * m2 + 0.1 * g2, m, g),
          v: each2((v2, g2) => 0.999 * v2 + 1e-3 * g2 * g2, v, g)
        };
        const [m1, v1] = [1 - 0.9 ** next.t, 1 - 0.999 ** next.t];
        return [each2((m2, v2) => -lr * (m2 / m1) / (Math.sqrt(v2 / v1) + EPS), next.m, next.v), next];
      }
    }
  };
  var SURFACES = {
    ravine: {
      formula: "x²/20 + y²",
      f: ([x, y]) => x * x / 20 + y * y,
      gradient: ([x, y]) => [x / 10, 2 * y],
      half: [8, 6],
      start: [-7, 4],
      places: [{ name: "the minimum", at: [0, 0] }],
      levels: [0.1, 0.5, 1, 2, 4, 7, 11, 16, 22, 29, 36],
      goal: 0.02,
      lr: { SGD: 0.9, Momentum: 0.1, Nesterov: 0.1, AdaGrad: 1.5, RMSProp: 0.2, Adam: 0.5 }
    },
    Beale: {
      formula: "(1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²",
      f: ([x, y]) => (1.5 - x + x * y) ** 2 + (2.25 - x + x * y ** 2) ** 2 + (2.625 - x + x * y ** 3) ** 2,
      gradient([x, y]) {
        const [a, b, c] = [1.5 - x + x * y, 2.25 - x + x * y ** 2, 2.625 - x + x * y ** 3];
        return [2 * a * (y - 1) + 2 * b * (y ** 2 - 1) + 2 * c * (y ** 3 - 1), 2 * a * x + 4 * b * x * y + 6 * c * x * y ** 2];
      },
      half: [4.4, 3.3],
      start: [1, 1.5],
      places: [{ name: "the minimum", at: [3, 0.5] }],
      levels: [0.4, 2.5, 6, 15, 40, 120, 500, 3e3],
      goal: 0.05,
      lr: { SGD: 0.015, Momentum: 4e-3, Nesterov: 4e-3, AdaGrad: 0.7, RMSProp: 0.05, Adam: 0.2 }
    },
    saddle: {
      formula: "x²/2 + (y² − 1)²/4",
      f: ([x, y]) => x * x / 2 + (y * y - 1) ** 2 / 4,
      gradient: ([x, y]) => [x, y * (y * y - 1)],
      half: [2.4, 1.8],
      start: [-2, 0.05],
      places: [{ name: "the upper minimum", at: [0, 1] }, { name: "the lower minimum", at: [0, -1] }, { name: "the saddle", at: [0, 0] }],
      levels: [0.01, 0.05, 0.12, 0.2, 0.25, 0.35, 0.6, 1, 1.6, 2.4],
      goal: 5e-3,
      lr: { SGD: 0.1, Momentum: 0.05, Nesterov: 0.05, AdaGrad: 0.4, RMSProp: 0.08, Adam: 0.1 }
    },
    "two minima": {
      formula: "(x² − 4)²/16 + (x + 2)²/16 + y²/2",
      f: ([x, y]) => (x * x - 4) ** 2 / 16 + (x + 2) ** 2 / 16 + y * y / 2,
      gradient: ([x, y]) => [x * (x * x - 4) / 4 + (x + 2) / 8, y],
      half: [4, 3],
      start: [3.5, 2],
      places: [
        { name: "the lower minimum", at: [-2, 0] },
        { name: "the higher minimum", at: [1 + Math.SQRT1_2, 0] },
        { name: "the saddle", at: [1 - Math.SQRT1_2, 0] }
      ],
      levels: [0.1, 0.4, 0.8, 1, 1.15, 1.286, 1.7, 2.4, 3.5, 5, 7.5],
      goal: 0.01,
      lr: { SGD: 0.1, Momentum: 0.05, Nesterov: 0.05, AdaGrad: 0.5, RMSProp: 0.05, Adam: 0.2 }
    }
  };
  function walk(surface, name, start4, settings, steps) {
    const { init: init2, update: update3 } = OPTIMIZERS[name];
    const points4 = [start4];
    for (let w = start4, state = init2(), i = 0; i < steps; i++) {
      const [change, next] = update3(surface.gradient(w), state, settings);
      [w, state] = [each2((w2, change2) => w2 + change2, w, change), next];
      if (!w.every(Number.isFinite)) break;
      points4.push(w);
    }
    return { points: points4, losses: points4.map(surface.f) };
  }
  function arrival(losses, goal) {
    let first = losses.length;
    while (first > 0 && losses[first - 1] <= goal) first -= 1;
    return first < losses.length ? first : null;
  }
  function race(surface, start4, { factor: factor2, momentum }, steps) {
    const outside = (w) => w.some((value, k) => Math.abs(value) > 2 * surface.half[k]);
    return Object.keys(OPTIMIZERS).map((name) => {
      const lr = factor2 * surface.lr[name];
      const { points: points4, losses } = walk(surface, name, start4, { lr, momentum }, steps);
      const gone = points4.findIndex(outside);
      const left = gone >= 0 ? gone : points4.length <= steps ? points4.length : null;
      return { name, lr, points: points4, losses, left, arrived: left === null ? arrival(losses, surface.goal) : null };
    });
  }

  // chapters/assets/js/contour.mjs
  function sample(f2, half, columns = 120, rows = 180) {
    const [across2, up] = half.map((value) => 1.05 * value);
    const at3 = (i, j) => [across2 * (2 * i / columns - 1), up * (2 * j / rows - 1)];
    const values = Array.from({ length: rows + 1 }, (_, j) => Array.from({ length: columns + 1 }, (_2, i) => f2(at3(i, j))));
    return { at: at3, values, columns, rows };
  }
  function contour({ at: at3, values, columns, rows }, level) {
    const height4 = (i, j) => i === 0 || j === 0 || i === columns || j === rows ? 1 : values[j][i] - level;
    const low = (i, j) => height4(i, j) < 0;
    const follows = /* @__PURE__ */ new Map();
    const points4 = /* @__PURE__ */ new Map();
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < columns; i++) {
        const lows = low(i, j) + low(i + 1, j) + low(i + 1, j + 1) + low(i, j + 1);
        if (lows === 0 || lows === 4) continue;
        const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
        const crossings = [];
        corners.forEach((from, k) => {
          const to = corners[(k + 1) % 4];
          const [a, b] = [height4(...from), height4(...to)];
          if (a < 0 === b < 0) return;
          const key = from < to ? `${from}|${to}` : `${to}|${from}`;
          const [p, q] = [at3(...from), at3(...to)];
          points4.set(key, p.map((value, n) => value + a / (a - b) * (q[n] - value)));
          crossings.push({ key, leaves: a < 0 });
        });
        crossings.forEach(({ key, leaves }, k) => {
          if (leaves) follows.set(key, crossings[(k + 1) % crossings.length].key);
        });
      }
    }
    const loops = [];
    while (follows.size) {
      const loop = [];
      let [key] = follows.keys();
      while (follows.has(key)) {
        loop.push(points4.get(key));
        const next = follows.get(key);
        follows.delete(key);
        key = next;
      }
      loops.push(loop);
    }
    return loops;
  }

  // chapters/assets/js/race-widget.mjs
  var LIMIT4 = 150;
  var RATE3 = 30;
  var SEEN_AT_FIRST4 = 25;
  var [WIDTH3, HEIGHT3] = [400, 300];
  var GRID2 = 0.05;
  var KEYS5 = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  var STILL3 = matchMedia("(prefers-reduced-motion: reduce)");
  var NAMES2 = Object.keys(OPTIMIZERS);
  var LOOKS = [
    { shape: "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0", dash: "none" },
    { shape: "M-5.5-5.5h11v11h-11z", dash: "9 4" },
    { shape: "M0-7.5L7 5.5h-14z", dash: "2 3" },
    { shape: "M0-8L7.5 0 0 8-7.5 0z", dash: "10 3 2 3" },
    { shape: "M0 7.5L7-5.5h-14z", dash: "5 3" },
    { shape: "M-2.5-7.5h5v5h5v5h-5v5h-5v-5h-5v-5h5z", dash: "none" }
  ];
  var fixed = (value, digits) => value.toFixed(digits).replace(/^-(?=[0.]*$)/, "").replace("-", "−");
  var height3 = (loss2) => loss2 >= 1e3 ? "> 999" : fixed(loss2, loss2 < 100 ? 3 : 0);
  var write4 = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };
  var both = (names2) => names2.join(", ").replace(/, ([^,]*)$/, " and $1");
  var RaceWidget = class {
    constructor(host) {
      this.on = new Set(NAMES2);
      this.build(host);
      this.load("ravine");
      this.show(SEEN_AT_FIRST4);
      this.say(`${this.summary()} Press Run.`);
    }
    build(host) {
      this.layers = svg("g", { class: "levels" });
      this.axes = svg("g");
      this.trails = NAMES2.map((_, i) => svg("polyline", { class: `trail racer-${i}`, "stroke-dasharray": LOOKS[i].dash }));
      this.balls = NAMES2.map((_, i) => svg("path", { class: `ball racer-${i}`, d: LOOKS[i].shape }));
      this.handle = svg(
        "g",
        { class: "point", tabindex: 0, role: "button" },
        svg("circle", { class: "halo", r: 20 }),
        svg("circle", { class: "start", r: 10 })
      );
      this.map = svg(
        "svg",
        { class: "db-surface", viewBox: `${-WIDTH3 / 2} ${-HEIGHT3 / 2} ${WIDTH3} ${HEIGHT3}`, role: "group" },
        this.layers,
        this.axes,
        ...this.trails,
        this.handle,
        ...this.balls
      );
      drags(this.handle);
      this.handle.addEventListener("keydown", (event) => this.key(event));
      this.map.addEventListener("pointerdown", (event) => this.grab(event));
      this.map.addEventListener("click", (event) => this.place(this.under(event)));
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
      this.rows = NAMES2.map((name, i) => this.row(name, i));
      const head = ["optimizer", "at, loss", "arrived"].map((name) => html("th", { scope: "col" }, name));
      const table2 = html("table", { class: "db-race" }, html("thead", {}, html("tr", {}, ...head)), html("tbody", {}, ...this.rows.map(({ row }) => row)));
      const buttons = html("div", { class: "db-row" }, this.runButton, button("Step", () => this.step()), button("Reset", () => this.reset()));
      const left = html("div", { class: "db-left" }, html("div", { class: "db-row" }, field), this.map, this.formula, this.rate.field, this.inertia.field);
      const controls = html("div", { class: "db-controls" }, buttons, this.said, table2);
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
        svg("path", { class: `ball racer-${i}`, d: LOOKS[i].shape, transform: "translate(19 9)" })
      );
      const lr = html("span", { class: "db-lr" });
      const [where, loss2, end] = [html("span"), html("span"), html("td")];
      const row = html("tr", {}, html("th", { scope: "row" }, html("label", {}, box, key, html("span", {}, name), lr)), html("td", {}, where, " ", loss2), end);
      return { row, lr, where, loss: loss2, end };
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
      this.racers = race(this.surface, this.start, this.settings, LIMIT4);
      this.rate.put(Math.log2(this.settings.factor));
      this.inertia.put(this.settings.momentum);
      this.racers.forEach(({ lr }, i) => {
        this.rows[i].lr.textContent = `η ${Number(lr.toPrecision(2))}`;
      });
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
      return Math.max(0, ...this.racing().map(({ arrived, left }) => arrived ?? left ?? LIMIT4));
    }
    step() {
      this.stop();
      this.show(Math.min(Math.floor(this.shown) + 1, LIMIT4));
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
      if (STILL3.matches) return this.finish();
      this.runButton.textContent = "Pause";
      this.say("The balls are rolling.");
      let before = null;
      const frame = (now) => {
        this.show(Math.min(this.shown + (now - (before ?? now)) * RATE3 / 1e3, this.end()));
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
      if (k === 0) return `Start at ${pair(this.start)}, with a loss of ${height3(this.surface.f(this.start))}. Press Run.`;
      const gone = racing.filter(({ left }) => left !== null && left <= k);
      const lost = gone.length ? ` ${both(gone.map(({ name, left }) => `${name} (step ${left})`))} left the map.` : "";
      const there = racing.filter(({ arrived }) => arrived !== null && arrived <= k).sort((a, b) => a.arrived - b.arrived);
      const on = racing.filter((racer) => !gone.includes(racer) && !there.includes(racer));
      const won = there.length ? this.winners(there) : "";
      if (k < this.end() && on.length) {
        const lowest = on.reduce((best, racer) => racer.losses[k] < best.losses[k] ? racer : best);
        return `Step ${k}.${won}${lost} ${there.length ? "Of the others " : ""}${lowest.name} is lowest, with a loss of ${height3(lowest.losses[k])}.`;
      }
      const spots = on.map((racer) => this.spot(racer.points[k]));
      const ends = [...new Set(spots)].map((spot) => {
        const names2 = on.filter((_, i) => spots[i] === spot).map(({ name }) => name);
        return ` ${both(names2)} ${names2.length > 1 ? "are" : "is"} ${spot}.`;
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
      const near = this.surface.places.find(({ at: at3 }) => Math.hypot(w[0] - at3[0], w[1] - at3[1]) < 0.05 * this.surface.half[0]);
      return near ? `near ${near.name}` : "still on the way";
    }
    say(sentence) {
      this.said.textContent = sentence;
    }
    // The picture
    unit() {
      return WIDTH3 / 2 / this.surface.half[0];
    }
    at([x, y]) {
      return `${(x * this.unit()).toFixed(1)},${(-y * this.unit()).toFixed(1)}`;
    }
    drawMap() {
      const { f: f2, formula, goal, half, levels, places: places2 } = this.surface;
      const grid2 = sample(f2, half);
      const outline = (level) => contour(grid2, level).map((loop) => `M${loop.map((point) => this.at(point)).join("L")}Z`).join("");
      this.layers.replaceChildren(...levels.map((level) => svg("path", { d: outline(level) })).reverse());
      const tick = Math.round(half[0] / 2);
      const along2 = [-tick, tick].map((value) => svg("text", { x: value * this.unit(), y: HEIGHT3 / 2 - 6, "text-anchor": "middle" }, number(value)));
      const up = [-tick, tick].map((value) => svg("text", { x: 6 - WIDTH3 / 2, y: -value * this.unit() + 5 }, number(value)));
      this.axes.replaceChildren(
        ...along2,
        ...up,
        svg("text", { x: WIDTH3 / 2 - 14, y: HEIGHT3 / 2 - 6 }, "x"),
        svg("text", { x: 6 - WIDTH3 / 2, y: 16 - HEIGHT3 / 2 }, "y"),
        ...places2.map(({ at: at3, name }) => svg("path", { class: "place", transform: `translate(${this.at(at3)})`, d: name.includes("saddle") ? "M-5-5L5 5M-5 5L5-5" : "M-7 0H7M0-7V7" }))
      );
      const saddle = places2.some(({ name }) => name.includes("saddle"));
      this.formula.textContent = `Loss: ${formula}. Marks: + minimum${saddle ? ", × saddle" : ""}. A ball has arrived when its loss stays below ${goal}.`;
      this.map.setAttribute("aria-label", `A map of the loss ${formula}, with ${places2.map(({ name, at: at3 }) => `${name} at ${pair(at3)}`).join(", ")}, and the path of each optimizer`);
    }
    /** Every ball after `shown` steps; between two steps it is on its way. */
    show(shown) {
      const k = Math.floor(shown);
      this.shown = shown;
      this.racers.forEach((racer, i) => {
        const { name, points: points4, left } = racer;
        const seen = this.on.has(name);
        const last = Math.min(k, left ?? LIMIT4, points4.length - 1);
        const to = points4[Math.min(last + 1, left ?? LIMIT4, points4.length - 1)];
        const here = this.at(points4[last].map((value, n) => value + (shown - k) * (to[n] - value)));
        this.trails[i].setAttribute("points", `${points4.slice(0, last + 1).map((point) => this.at(point)).join(" ")} ${here}`);
        this.balls[i].setAttribute("transform", `translate(${here})`);
        for (const part of [this.trails[i], this.balls[i]]) part.style.display = seen ? "" : "none";
        this.rows[i].row.classList.toggle("off", !seen);
        this.tell(racer, k, this.rows[i]);
      });
    }
    tell({ points: points4, losses, arrived, left }, k, { where, loss: loss2, end }) {
      const gone = left !== null && left <= k;
      write4(where, gone ? "left the map" : `(${points4[k].map((value) => fixed(value, 2)).join(", ")})`);
      write4(loss2, gone ? "" : `loss ${height3(losses[k])}`);
      write4(end, arrived !== null && arrived <= k ? `✓ ${arrived}` : gone ? `✗ ${left}` : "");
    }
    // The hand
    place(w) {
      this.start = w.map((value, n) => {
        const most = this.surface.half[n];
        return Math.max(-most, Math.min(most, Math.round(Math.round(value / GRID2) * GRID2 * 100) / 100));
      });
      this.rerun();
      this.say(this.shown ? `From ${pair(this.start)}: ${this.summary()}` : this.summary());
    }
    key(event) {
      const way = KEYS5[event.key];
      if (!way) return;
      event.preventDefault();
      const far = Math.max(1, Math.round(this.surface.half[0] / 40 / GRID2)) * GRID2;
      this.place(this.start.map((value, n) => value + way[n] * far));
    }
    /** Where on the map the pointer is. */
    under(event) {
      const box = this.map.getBoundingClientRect();
      const scale = 2 * this.surface.half[0] / box.width;
      return [(event.clientX - box.left - box.width / 2) * scale, (box.top + box.height / 2 - event.clientY) * scale];
    }
    grab(event) {
      if (event.button || event.pointerType === "touch" && !this.handle.contains(event.target)) return;
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
  };

  // chapters/assets/js/softmax-core.mjs
  var f = Math.fround;
  var START5 = [1.9, 1.1, 0.2];
  function softmax(logits, { temperature: temperature2 = 1, subtract = true } = {}) {
    const scores2 = logits.map((z) => f(f(z) / f(temperature2)));
    const largest = Math.max(...scores2);
    const exponents = scores2.map((z) => subtract ? f(z - largest) : z);
    const exponentials = exponents.map((z) => f(Math.exp(z)));
    const total3 = exponentials.reduce((sum, each3) => f(sum + each3), 0);
    return { exponents, exponentials, total: total3, p: exponentials.map((each3) => f(each3 / total3)) };
  }
  function crossEntropy(logits, y, { temperature: temperature2 = 1, subtract = true } = {}) {
    const { exponents, total: total3, p } = softmax(logits, { temperature: temperature2, subtract });
    return subtract ? f(f(Math.log(total3)) - exponents[y]) : f(-Math.log(p[y]));
  }

  // chapters/assets/js/softmax-widget.mjs
  var [FEWEST, MOST3] = [3, 5];
  var RANGE = 6;
  var FAR = 9999;
  var MUCH = 1e3;
  var KEYS6 = { ArrowUp: 0.1, ArrowRight: 0.1, ArrowDown: -0.1, ArrowLeft: -0.1, PageUp: 1, PageDown: -1 };
  var PANEL = { width: 300, height: 200, left: 40, top: 22, bottom: 24 };
  var FLOOR = PANEL.height - PANEL.bottom;
  var tidy = (value) => Math.max(-FAR, Math.min(FAR, Math.round(value * 100) / 100));
  var tenth = (value) => Math.round(value * 10) / 10;
  var temperature = (place) => Number((10 ** place).toPrecision(2));
  function short3(value) {
    if (Number.isNaN(value)) return "NaN";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
    const size = Math.abs(value);
    const write7 = () => {
      if (size >= 1e5 || size > 0 && size < 1e-4) return value.toExponential(1);
      if (size >= 100) return value.toFixed(0);
      return size > 0 && size < 0.1 ? value.toPrecision(2) : value.toFixed(2);
    };
    return write7().replace(/-/g, "−");
  }
  var SoftmaxWidget = class {
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
      const [field, box] = select("True class", [], (value) => {
        this.y = Number(value);
        this.redraw();
      });
      this.choice = box;
      this.shift = button(`Add ${MUCH} to all`, () => this.add());
      this.said = html("p", { class: "db-said", "aria-live": "polite" });
      this.slider = slider("Temperature T", { min: -1, max: 1, step: 0.05, show: (each3) => short3(temperature(each3)) }, (each3) => this.heat(each3));
      const more = (text, by) => button(text, () => this.resize(by));
      const controls = html(
        "div",
        { class: "db-controls" },
        this.slider.field,
        html("div", { class: "db-row" }, this.buildSwitch(), field),
        html("div", { class: "db-row" }, this.shift, more("Add a class", 1), more("Remove a class", -1), button("Start again", () => this.reset())),
        this.said
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
      this.logits = [...START5];
      this.y = 0;
      this.temperature = 1;
      this.slider.put(0);
      this.subtract.checked = false;
      this.rebuild();
    }
    resize(by) {
      const n = this.logits.length + by;
      if (n < FEWEST || n > MOST3) return this.say(`There can be ${FEWEST} to ${MOST3} classes.`);
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
      if (event.key in KEYS6) this.set(i, this.logits[i] + KEYS6[event.key]);
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
        const down = (moved.clientY - box.top) / box.height * PANEL.height;
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
      const across2 = (PANEL.width - PANEL.left) / classes.length;
      this.across = classes.map((i) => PANEL.left + across2 * (i + 0.5));
      this.choice.replaceChildren(...classes.map((i) => html("option", {}, String(i))));
      this.choice.value = this.y;
      const name = (i) => svg("text", { class: "db-class", x: this.across[i], y: PANEL.height - 7, "text-anchor": "middle" }, `class ${i}`);
      const bar = () => svg("rect", { class: "db-bar", width: 0.5 * across2 });
      this.bars = classes.map((i) => ({ bar: bar(), handle: this.buildHandle(i, across2), off: svg("text", { class: "db-off", x: this.across[i], "text-anchor": "middle" }) }));
      this.zPanel.marks.replaceChildren(...classes.map(name), ...this.bars.flatMap(({ bar: bar2, off, handle }) => [bar2, off, handle]));
      this.parts = classes.map((i) => ({ bar: bar(), value: svg("text", { class: "db-value", x: this.across[i], "text-anchor": "middle" }) }));
      this.pPanel.marks.replaceChildren(...classes.map(name), ...this.parts.flatMap(({ bar: bar2, value }) => [bar2, value]));
      this.drawAxis(this.pPanel, [[0, "0"], [0.5, "0.5"], [1, "1"]], (p) => this.pHeight(p));
      this.buildTable(classes);
      this.redraw();
    }
    buildHandle(i, across2) {
      const handle = svg(
        "g",
        { class: "db-handle", tabindex: 0, role: "slider", "aria-label": `Logit of class ${i}`, "aria-orientation": "vertical" },
        svg("rect", { class: "db-touch", x: -0.4 * across2, y: -22, width: 0.8 * across2, height: 44 }),
        svg("rect", { class: "db-grip", x: -0.3 * across2, y: -4, width: 0.6 * across2, height: 8, rx: 3 })
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
      const heads = ["class", "z", this.exponent, "p"].map((each3) => typeof each3 === "string" ? html("th", { scope: "col" }, each3) : each3);
      const row = (i) => html("tr", {}, this.names[i], html("td", {}, this.inputs[i]), this.cells.exp[i], this.cells.p[i]);
      const sum = html("tr", { class: "db-sum" }, html("th", { scope: "row" }, "sum"), html("td"), this.cells.sumOfExp, this.cells.sumOfP);
      this.table.replaceChildren(html("thead", {}, html("tr", {}, ...heads)), html("tbody", {}, ...classes.map(row), sum));
    }
    drawAxis({ axis }, ticks, height4) {
      axis.replaceChildren(
        ...ticks.flatMap(([value, text]) => [
          svg("path", { class: "axes", d: `M${PANEL.left} ${height4(value)}H${PANEL.width}` }),
          svg("text", { x: PANEL.left - 5, y: height4(value) + 4, "text-anchor": "end" }, text)
        ])
      );
    }
    zHeight(z) {
      return (PANEL.top + FLOOR) / 2 - (z - this.middle) / RANGE * ((FLOOR - PANEL.top) / 2);
    }
    pHeight(p) {
      return FLOOR - p * (FLOOR - PANEL.top);
    }
    redraw() {
      const { logits, temperature: temperature2, y } = this;
      const subtract = this.subtract.checked;
      const made = softmax(logits, { temperature: temperature2, subtract });
      this.shift.textContent = this.far() ? `Take ${MUCH} from all` : `Add ${MUCH} to all`;
      const largest = Math.max(...logits);
      if (!this.dragging) this.middle = Math.abs(largest) > RANGE ? 10 * Math.round(largest / 10) : 0;
      this.drawLogits();
      this.drawProbabilities(made.p);
      this.inputs.forEach((input, i) => {
        if (input !== document.activeElement) input.value = logits[i];
      });
      const score = temperature2 === 1 ? "z" : "z/T";
      this.exponent.textContent = subtract ? `exp(${score} − max)` : `exp(${score})`;
      this.names.forEach((name, i) => {
        name.textContent = i === y ? `${i}, true` : String(i);
      });
      made.exponentials.forEach((each3, i) => {
        this.cells.exp[i].textContent = short3(each3);
      });
      made.p.forEach((each3, i) => {
        this.cells.p[i].textContent = short3(each3);
      });
      this.cells.sumOfExp.textContent = short3(made.total);
      this.cells.sumOfP.textContent = short3(made.p.reduce((sum, each3) => sum + each3, 0));
      this.say(this.sentence(made));
    }
    drawLogits() {
      const ticks = [-RANGE, -RANGE / 2, 0, RANGE / 2, RANGE].map((each3) => [this.middle + each3, short3(this.middle + each3).replace(".00", "")]);
      this.drawAxis(this.zPanel, ticks, (z) => this.zHeight(z));
      const zero = this.zHeight(this.middle);
      this.bars.forEach(({ bar, handle, off }, i) => {
        const z = this.logits[i];
        const there = Math.max(this.middle - RANGE, Math.min(this.middle + RANGE, z));
        const height4 = this.zHeight(there);
        this.place(bar, i, Math.min(zero, height4), Math.abs(zero - height4));
        handle.setAttribute("transform", `translate(${this.across[i]}, ${height4})`);
        const says = { "aria-valuenow": z, "aria-valuemin": this.middle - RANGE, "aria-valuemax": this.middle + RANGE, "aria-valuetext": number(z) };
        if (z !== there) says["aria-valuemin"] = Math.min(z, this.middle - RANGE);
        for (const [name, value] of Object.entries(says)) handle.setAttribute(name, value);
        off.textContent = z === there ? "" : "▼";
        off.setAttribute("y", height4 - 10);
      });
    }
    drawProbabilities(p) {
      this.parts.forEach(({ bar, value }, i) => {
        const share = Number.isNaN(p[i]) ? 0 : p[i];
        this.place(bar, i, this.pHeight(share), FLOOR - this.pHeight(share));
        value.textContent = short3(p[i]);
        value.setAttribute("y", this.pHeight(share) - 5);
        value.classList.toggle("db-lost", Number.isNaN(p[i]));
      });
      this.pPanel.plane.setAttribute("aria-label", `Probabilities: ${p.map((each3, i) => `class ${i} ${short3(each3)}`).join(", ")}.`);
    }
    place(bar, i, top, height4) {
      bar.setAttribute("x", this.across[i] - bar.getAttribute("width") / 2);
      bar.setAttribute("y", top);
      bar.setAttribute("height", height4);
      bar.classList.toggle("db-true", i === this.y);
    }
    // What the ear hears
    sentence({ exponents, exponentials, total: total3, p }) {
      const { logits, temperature: temperature2, y } = this;
      const subtract = this.subtract.checked;
      const most = "32 bits hold no number above 3.4e38, about exp(88.7).";
      const lost = exponentials.findIndex((each3) => !Number.isFinite(each3));
      if (lost >= 0) return `${most} So exp(${number(exponents[lost])}) becomes ∞, and ∞ / ∞ is NaN. Now subtract the maximum.`;
      if (!Number.isFinite(total3)) return `${most} So the sum becomes ∞, and every p becomes 0. Now subtract the maximum.`;
      if (total3 === 0) return "All exponentials became 0, and 0 / 0 is NaN. Now subtract the maximum.";
      const cost = short3(crossEntropy(logits, y, { temperature: temperature2, subtract }));
      const probabilities = `The probabilities are ${p.map(short3).join(", ")}. Class ${y} is the true one:`;
      if (p[y] === 0 && subtract) return `${probabilities} its p became 0, but its cross-entropy, computed from the logits, is ${cost}.`;
      return `${probabilities} its cross-entropy is −log ${short3(p[y])} = ${cost}.`;
    }
    say(sentence) {
      if (this.said.textContent !== sentence) this.said.textContent = sentence;
    }
  };

  // chapters/assets/js/thaw-table.mjs
  var TABLE3 = {
    "shots": [1, 5, 20, 100],
    "rates": { "small": 3e-3, "large": 0.03 },
    "parts": ["conv 1", "conv 2", "conv 3", "head"],
    "parameters": [88, 1184, 2336, 1285],
    "thawed": [1, 3, 5, 7],
    "old_before": [0.994819, 1],
    "new": { "1": { "small": [[0.634731, 0.682635, 0.652695, 0.580838, 0.431138, 0.586826], [0.826347, 0.868263, 0.862275, 0.784431, 0.766467, 0.742515], [0.928144, 0.94012, 0.916168, 0.904192, 0.922156, 0.862275], [0.952096, 0.97006, 0.97006, 0.952096, 0.94012, 0.964072]], "large": [[0.562874, 0.580838, 0.550898, 0.526946, 0.353293, 0.497006], [0.784431, 0.838323, 0.808383, 0.772455, 0.766467, 0.808383], [0.934132, 0.94012, 0.898204, 0.892216, 0.928144, 0.862275], [0.958084, 0.964072, 0.958084, 0.958084, 0.952096, 0.982036]] }, "3": { "small": [[0.664671, 0.670659, 0.616767, 0.556886, 0.42515, 0.586826], [0.826347, 0.832335, 0.862275, 0.772455, 0.700599, 0.784431], [0.934132, 0.964072, 0.928144, 0.904192, 0.934132, 0.886228], [0.97006, 0.97006, 0.976048, 0.964072, 0.958084, 0.976048]], "large": [[0.568862, 0.676647, 0.449102, 0.491018, 0.45509, 0.556886], [0.862275, 0.838323, 0.838323, 0.772455, 0.766467, 0.808383], [0.94012, 0.946108, 0.892216, 0.898204, 0.946108, 0.856287], [0.976048, 0.97006, 0.976048, 0.982036, 0.976048, 0.982036]] }, "5": { "small": [[0.556886, 0.628743, 0.610778, 0.592814, 0.413174, 0.54491], [0.832335, 0.862275, 0.850299, 0.778443, 0.700599, 0.730539], [0.928144, 0.946108, 0.934132, 0.94012, 0.934132, 0.886228], [0.97006, 0.97006, 0.976048, 0.982036, 0.964072, 0.976048]], "large": [[0.508982, 0.479042, 0.467066, 0.45509, 0.359281, 0.45509], [0.796407, 0.766467, 0.850299, 0.736527, 0.712575, 0.784431], [0.922156, 0.952096, 0.928144, 0.928144, 0.928144, 0.862275], [0.982036, 0.976048, 0.958084, 0.976048, 0.97006, 0.988024]] }, "7": { "small": [[0.556886, 0.616767, 0.562874, 0.610778, 0.407186, 0.562874], [0.820359, 0.874252, 0.874252, 0.802395, 0.712575, 0.748503], [0.928144, 0.94012, 0.934132, 0.928144, 0.94012, 0.898204], [0.976048, 0.97006, 0.97006, 0.982036, 0.964072, 0.982036]], "large": [[0.42515, 0.419162, 0.389222, 0.413174, 0.305389, 0.54491], [0.772455, 0.808383, 0.856287, 0.766467, 0.700599, 0.820359], [0.94012, 0.964072, 0.934132, 0.946108, 0.922156, 0.904192], [0.964072, 0.958084, 0.97006, 0.982036, 0.964072, 0.988024]] } },
    "old": { "1": { "small": [[0.994819, 1, 0.994819, 1, 1, 1], [0.994819, 1, 0.994819, 1, 1, 1], [0.994819, 1, 0.994819, 1, 1, 1], [0.994819, 1, 0.994819, 1, 1, 1]], "large": [[0.994819, 1, 0.994819, 1, 1, 1], [0.994819, 1, 0.994819, 1, 1, 1], [0.994819, 1, 0.994819, 1, 1, 1], [0.994819, 1, 0.994819, 1, 1, 1]] }, "3": { "small": [[1, 1, 1, 0.994819, 1, 1], [1, 1, 1, 0.984456, 0.989637, 1], [0.994819, 0.994819, 1, 0.979275, 0.994819, 1], [0.984456, 0.989637, 1, 0.974093, 0.989637, 0.994819]], "large": [[0.901554, 0.84456, 0.880829, 0.792746, 0.829015, 0.772021], [0.994819, 0.772021, 0.979275, 0.818653, 0.917098, 0.932642], [0.937824, 0.963731, 0.989637, 0.906736, 0.979275, 0.937824], [0.968912, 0.979275, 0.989637, 0.880829, 0.958549, 0.968912]] }, "5": { "small": [[0.989637, 0.989637, 1, 0.984456, 0.984456, 0.989637], [0.994819, 0.989637, 1, 0.974093, 0.989637, 0.989637], [0.994819, 1, 1, 0.953368, 1, 1], [0.984456, 1, 1, 0.974093, 0.989637, 0.984456]], "large": [[0.559585, 0.523316, 0.668394, 0.367876, 0.637306, 0.61658], [0.772021, 0.65285, 0.854922, 0.673575, 0.761658, 0.673575], [0.880829, 0.891192, 0.891192, 0.860104, 0.777202, 0.891192], [0.80829, 0.974093, 0.911917, 0.860104, 0.865285, 0.906736]] }, "7": { "small": [[0.989637, 0.989637, 1, 0.948187, 0.979275, 0.989637], [0.994819, 0.994819, 1, 0.968912, 0.994819, 0.989637], [0.984456, 1, 1, 0.963731, 0.989637, 1], [0.979275, 1, 0.994819, 0.974093, 0.989637, 0.984456]], "large": [[0.398964, 0.430052, 0.559585, 0.34715, 0.440414, 0.751295], [0.906736, 0.777202, 0.829015, 0.740933, 0.756477, 0.73057], [0.896373, 0.84456, 0.901554, 0.865285, 0.834197, 0.896373], [0.865285, 0.88601, 0.849741, 0.854922, 0.761658, 0.880829]] } },
    "scratch": { "small": [[0.305389, 0.311377, 0.371257, 0.323353, 0.179641, 0.371257], [0.592814, 0.676647, 0.676647, 0.700599, 0.568862, 0.736527], [0.868263, 0.958084, 0.898204, 0.904192, 0.916168, 0.904192], [0.994012, 0.988024, 0.982036, 0.97006, 0.952096, 0.97006]], "large": [[0.245509, 0.359281, 0.311377, 0.293413, 0.215569, 0.371257], [0.622755, 0.664671, 0.754491, 0.700599, 0.526946, 0.766467], [0.886228, 0.946108, 0.904192, 0.934132, 0.934132, 0.898204], [0.988024, 0.814371, 0.994012, 0.982036, 0.97006, 0.994012]] }
  };

  // chapters/assets/js/thaw-core.mjs
  var PARTS = TABLE3.parts;
  var SHOTS = TABLE3.shots;
  var RATES2 = Object.keys(TABLE3.rates);
  var flags = (n) => PARTS.map((_, i) => i >= PARTS.length - n);
  var learning = (n) => flags(n).reduce((sum, on, i) => sum + (on ? TABLE3.parameters[i] : 0), 0);
  var total2 = TABLE3.parameters.reduce((sum, size) => sum + size, 0);
  var mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  function recorded({ thawed, shots, rate }) {
    const [row, n] = [SHOTS.indexOf(shots), String(TABLE3.thawed[thawed - 1])];
    const [fresh, kept2, scratch] = [TABLE3.new[n][rate][row], TABLE3.old[n][rate][row], TABLE3.scratch[rate][row]];
    return { fresh: { draws: fresh, mean: mean(fresh) }, kept: { draws: kept2, mean: mean(kept2) }, scratch: mean(scratch), before: mean(TABLE3.old_before) };
  }

  // chapters/assets/js/thaw-widget.mjs
  var [WIDTH4, HEIGHT4] = [330, 142];
  var [LEFT2, RIGHT] = [8, 322];
  var ROWS = [30, 102];
  var BAR = 20;
  var START6 = { thawed: 1, shots: SHOTS[0], rate: RATES2[0] };
  var percent2 = (share) => `${(100 * share).toFixed(1)} %`;
  var count2 = (n) => n.toLocaleString("en-GB");
  var along = (share) => LEFT2 + share * (RIGHT - LEFT2);
  var write5 = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };
  var rateName = (rate) => `${rate}, ${number(TABLE3.rates[rate])}`;
  var ThawWidget = class {
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
      const [rateField, rate] = select("Learning rate", RATES2.map(rateName), () => this.change({ rate: RATES2[this.rateChoice.selectedIndex] }));
      [this.shotsChoice, this.rateChoice] = [shots, rate];
      this.bars = svg("svg", { class: "db-thaw", viewBox: `0 0 ${WIDTH4} ${HEIGHT4}`, role: "img" });
      this.said = html("p", { class: "db-said", "aria-live": "polite" });
      const controls = html(
        "div",
        { class: "db-controls" },
        html("div", { class: "db-row" }, shotsField, rateField, button("Reset", () => this.reset())),
        this.bars,
        html("p", { class: "db-key" }, `Bars: mean of ${TABLE3.scratch[RATES2[0]][0].length} recorded trainings; dots: each of them; lines: from scratch, and before.`)
      );
      host.querySelector(".widget-fallback")?.remove();
      host.prepend(html("div", { class: "db-widget" }, stack, controls, this.said));
    }
    reset() {
      this.change(START6);
    }
    /** Thaws down to this part; one that learns already is frozen, with all below it. The head always learns. */
    press(i) {
      const n = PARTS.length - i;
      this.change({ thawed: flags(this.now.thawed)[i] ? Math.max(1, n - 1) : n });
    }
    change(what) {
      this.now = { ...this.now, ...what };
      this.shotsChoice.value = String(this.now.shots);
      this.rateChoice.selectedIndex = RATES2.indexOf(this.now.rate);
      this.draw();
    }
    draw() {
      const learns = flags(this.now.thawed);
      this.keys.forEach((key, i) => {
        key.setAttribute("aria-pressed", learns[i]);
        key.replaceChildren(html("span", {}, PARTS[i]), html("span", {}, learns[i] ? `learns ${count2(TABLE3.parameters[i])}` : "frozen"));
      });
      const found = recorded(this.now);
      const rows = [
        { name: "new digits, 5 to 9", ...found.fresh, line: found.scratch, lineName: "from scratch", kind: "db-new" },
        { name: "old digits, 0 to 4, with the old head", ...found.kept, line: found.before, lineName: "before", kind: "db-old" }
      ];
      this.bars.replaceChildren(...rows.flatMap((row, i) => this.row(row, ROWS[i])));
      this.bars.setAttribute("aria-label", rows.map((row) => `${row.name}: ${percent2(row.mean)}, between ${percent2(Math.min(...row.draws))} and ${percent2(Math.max(...row.draws))}; ${row.lineName} ${percent2(row.line)}`).join(". "));
      write5(this.said, this.sentence(found));
    }
    /** A bar of the mean, a dot for each draw, and a line to compare with. */
    row({ name, mean: mean2, draws, line: line2, lineName, kind }, top) {
      const at3 = along(line2);
      const dots = draws.map((draw) => svg("circle", { cx: along(draw), cy: top + BAR / 2, r: 3 }));
      return [
        svg("text", { class: "db-value", x: LEFT2, y: top - 8 }, name),
        svg("text", { class: "db-value", x: RIGHT, y: top - 8, "text-anchor": "end" }, percent2(mean2)),
        svg("rect", { class: "db-ground", x: LEFT2, y: top, width: RIGHT - LEFT2, height: BAR }),
        svg("rect", { class: kind, x: LEFT2, y: top, width: along(mean2) - LEFT2, height: BAR }),
        ...dots,
        svg("path", { class: "db-line", d: `M${at3} ${top - 4}V${top + BAR + 4}` }),
        svg("text", { x: Math.min(at3, RIGHT), y: top + BAR + 15, "text-anchor": line2 > 0.6 ? "end" : "middle" }, `${lineName} ${percent2(line2)}`)
      ];
    }
    sentence({ fresh, kept: kept2, scratch, before }) {
      const { thawed, shots, rate } = this.now;
      const which = thawed === 1 ? "Only the head learns" : thawed === PARTS.length ? "All layers learn" : `${PARTS.slice(PARTS.length - thawed, -1).join(" and ")} and the head learn`;
      const examples = shots === 1 ? "one example of each digit" : `${shots} examples of each digit`;
      const ahead = Math.round(1e3 * (fresh.mean - scratch)) / 10;
      const against = Math.abs(ahead) < 0.05 ? "as many as from scratch" : `${Math.abs(ahead).toFixed(1)} points ${ahead > 0 ? "more" : "fewer"} than from scratch`;
      const lost = Math.round(1e3 * (before - kept2.mean)) / 10;
      const old = lost < 0.05 ? "Nothing of the old digits is forgotten." : `Of the old digits ${lost.toFixed(1)} points are forgotten.`;
      return `${which[0].toUpperCase()}${which.slice(1)}: ${count2(learning(thawed))} of ${count2(total2)} parameters. With ${examples}, at the ${rate} rate, ${percent2(fresh.mean)} of the new digits are read right, ${against}. ${old}`;
    }
  };

  // chapters/assets/js/words-table.mjs
  var TABLE4 = {
    dimensions: 100,
    maps: {
      "opinions": { "words": ["good", "great", "excellent", "wonderful", "bad", "terrible", "awful", "horrible", "better", "worse", "best", "worst", "love", "hate", "loved", "hated"], "share": 0.3878, "places": [[0.1396, -0.4202], [-0.1513, -0.5924], [-0.1331, -0.5212], [-0.2858, -0.5506], [0.3762, 0.0441], [0.4344, 0.0502], [0.3451, 0.1388], [0.418, 0.011], [0.1128, 0.0728], [0.3617, 0.3355], [0.0657, -0.041], [0.2852, 0.2788], [-0.6255, 0.2155], [-0.5092, 0.4652], [-0.5856, 0.1654], [-0.2481, 0.3482]], "cosines": [0.6841, 0.5202, 0.4888, 0.6891, 0.4915, 0.3849, 0.47, 0.4038, 0.2504, 0.4073, 0.2397, 0.1737, 0.1746, 0.273, 0.2735, 0.6384, 0.7838, 0.4273, 0.4237, 0.341, 0.4566, 0.3566, 0.1413, 0.3563, 0.1762, 0.3357, 0.2073, 0.4163, 0.2239, 0.6475, 0.2403, 0.3673, 0.4109, 0.2935, 0.2578, 0.1488, 0.397, 0.2338, 0.2263, 0.1254, 0.3324, 0.2897, 0.2093, 0.3664, 0.2738, 0.3877, 0.2547, 0.136, 0.2794, 0.1369, 0.2985, 0.2258, 0.4705, 0.2704, 0.6773, 0.6338, 0.6668, 0.292, 0.4079, 0.255, 0.3629, 0.1868, 0.2786, 0.2357, 0.3684, 0.7826, 0.8444, 0.2931, 0.4595, 0.2509, 0.476, 0.1195, 0.2437, 0.2823, 0.4472, 0.7161, 0.2193, 0.4242, 0.2486, 0.4322, 0.1885, 0.2849, 0.2956, 0.4722, 0.2453, 0.3695, 0.2459, 0.4829, 0.1367, 0.2509, 0.2408, 0.3404, 0.7183, 0.3637, 0.2754, 0.2188, 0.1855, 0.2025, 0.2244, 0.317, 0.4163, 0.1221, 0.2103, 0.0919, 0.2553, 0.6938, 0.1695, 0.1722, 0.2745, 0.1809, 0.1132, 0.2221, 0.2655, 0.2835, 0.635, 0.5591, 0.2895, 0.6049, 0.5301, 0.6789] },
      "people": { "words": ["man", "woman", "boy", "girl", "king", "queen", "actor", "actress", "father", "mother", "uncle", "aunt", "he", "she", "hero", "heroine"], "share": 0.3248, "places": [[-0.1784, -0.4725], [0.3635, -0.3701], [0.0439, -0.2946], [0.2906, -0.3132], [-0.6075, 0.1309], [0.1709, 0.1032], [-0.2078, -0.2557], [0.3508, -0.2529], [-0.0651, 0.3635], [0.2839, 0.3813], [-0.2404, 0.4834], [0.0567, 0.4295], [-0.0395, 0.1993], [0.4878, 0.2007], [-0.6341, -0.2574], [-0.0753, -0.0753]], "cosines": [0.6518, 0.6271, 0.5479, 0.2051, 0.217, 0.3383, 0.1824, 0.37, 0.2743, 0.3063, 0.2785, 0.3042, 0.1595, 0.4293, 0.2834, 0.5511, 0.7141, 0.037, 0.4678, 0.2292, 0.5302, 0.3693, 0.4931, 0.2786, 0.4, 0.219, 0.4834, 0.2377, 0.4215, 0.7563, 0.2356, 0.3461, 0.2693, 0.3054, 0.4779, 0.4312, 0.3336, 0.4245, 0.3041, 0.3064, 0.2973, 0.3488, 0.1408, 0.4359, 0.2992, 0.491, 0.4686, 0.5399, 0.3061, 0.454, 0.2451, 0.4407, 0.2445, 0.4801, 0.332, 0.1852, 0.0629, 0.2753, 0.1996, 0.3544, 0.2404, 0.0298, -0.0331, 0.2719, 0.1151, 0.2271, 0.4922, 0.3664, 0.4596, 0.3889, 0.5148, 0.1208, 0.4556, 0.1848, 0.3873, 0.6452, 0.3084, 0.1714, 0.3276, 0.2713, 0.2978, 0.1798, 0.3359, 0.2964, 0.2604, 0.3605, 0.2076, 0.3465, 0.0931, 0.4542, 0.0788, 0.4169, 0.7491, 0.6542, 0.6317, 0.4124, 0.3402, 0.3035, 0.3904, 0.5532, 0.6205, 0.3043, 0.5123, 0.0596, 0.3812, 0.7744, 0.3925, 0.3149, 0.3277, 0.4575, 0.3065, 0.4359, 0.1977, 0.4841, 0.667, 0.3129, 0.1359, 0.047, 0.2896, 0.495] },
      "places": { "words": ["france", "french", "paris", "germany", "german", "berlin", "italy", "italian", "rome", "japan", "japanese", "tokyo", "russia", "russian", "moscow"], "share": 0.3907, "places": [[0.2711, 0.0624], [-0.4872, -0.092], [0.2791, -0.4228], [0.056, -0.0562], [-0.4352, -0.0239], [0.1253, -0.4807], [0.2939, -0.0483], [-0.5352, -0.2144], [0.3995, 0.1812], [0.1722, 54e-4], [-0.497, 0.211], [0.3345, 0.2503], [0.2737, 0.1309], [-0.4137, 0.2781], [0.163, 0.2189]], "cosines": [0.4797, 0.6332, 0.6931, 0.528, 0.5566, 0.7448, 0.3376, 0.7762, 0.7012, 0.4566, 0.6261, 0.7942, 0.498, 0.5729, 0.4303, 0.4952, 0.7159, 0.4618, 0.4901, 0.6109, 0.3478, 0.4813, 0.7497, 0.3708, 0.5069, 0.5865, 0.4166, 0.5429, 0.3586, 0.5821, 0.6469, 0.3578, 0.6197, 0.5955, 0.3114, 0.5134, 0.5969, 0.3067, 0.4473, 0.6135, 0.5313, 0.7448, 0.5144, 0.6378, 0.755, 0.5495, 0.5441, 0.6762, 0.4719, 0.5094, 0.4901, 0.5335, 0.5643, 0.4477, 0.4925, 0.6758, 0.3072, 0.5046, 0.6475, 0.4528, 0.5958, 0.4154, 0.4954, 0.4649, 0.2925, 0.5145, 0.5629, 0.3442, 0.5451, 0.3383, 0.7213, 0.7219, 0.4719, 0.6503, 0.8021, 0.3897, 0.5863, 0.2516, 0.4468, 0.6218, 0.304, 0.3785, 0.5402, 0.3802, 0.6514, 0.3896, 0.6972, 0.7676, 0.4296, 0.6211, 0.5129, 0.6067, 0.716, 0.4119, 0.5218, 0.4375, 0.4803, 0.595, 0.4321, 0.6947, 0.3935, 0.6944, 0.499, 0.6502, 0.4514] },
      "comparisons": { "words": ["big", "bigger", "biggest", "small", "smaller", "smallest", "old", "older", "oldest", "young", "younger", "youngest", "good", "better", "best"], "share": 0.3652, "places": [[0.4507, 0.1797], [0.3703, -0.6049], [0.5344, 0.4836], [0.2651, 0.1303], [0.1545, -0.3542], [0.1587, -0.0308], [-0.4346, 0.1013], [-0.534, -0.2537], [-0.1222, 0.2728], [-0.4832, 0.2918], [-0.532, -0.2105], [-0.4559, 0.1691], [0.2245, 0.0391], [0.2109, -0.5471], [0.1927, 0.3334]], "cosines": [0.3459, 0.4484, 0.4425, 0.2771, 0.2937, 0.0391, 0.1316, 0.2835, 0.0973, 0.1254, 0.137, 0.2749, 0.1061, 0.0833, 0.1676, 0.3123, 0.5535, 0.4727, 0.0592, 0.3032, 0.2429, -0.0651, 0.2622, 0.152, 0.2123, 0.6132, 0.092, 0.2876, 0.2133, 0.388, 9e-3, -0.0117, 0.4219, 0.0207, 0.0143, 0.1389, 0.1645, 0.1507, 0.4899, 0.4317, 0.3723, 0.0661, 0.1467, 0.2536, 0.3172, 0.2085, 0.246, 0.2588, 0.0869, 0.0911, 0.6476, 0.2504, 0.4047, 0.3891, 0.2165, 0.4283, 0.3572, 0.3997, 0.5259, 0.309, 0.2414, 0.2965, 0.6126, 0.329, 0.3023, 0.545, 0.4273, 0.4297, 0.3342, 0.5115, 0.2909, 0.3809, 0.3566, 0.3075, 0.2164, 0.0452, 0.1901, 0.4411, 0.4788, 0.7704, 0.553, 0.1576, 0.4013, 0.1991, 0.438, 0.4523, 0.723, 0.2736, 0.3265, 0.5062, 0.471, 0.5474, 0.3053, 0.117, 0.2032, 0.6631, 0.1435, 0.3284, 0.1261, 0.1907, 0.1502, 0.2528, 0.4038, 0.4073, 0.3637] }
    }
  };

  // chapters/assets/js/words-core.mjs
  var MAPS = Object.keys(TABLE4.maps);
  function cosine({ words, cosines }, i, j) {
    if (i === j) return 1;
    const [low, high] = i < j ? [i, j] : [j, i];
    return cosines[low * words.length - low * (low + 1) / 2 + high - low - 1];
  }
  var ranked = (map, score, left) => {
    const others = map.words.map((word2, i) => ({ i, word: word2, cosine: left.includes(i) ? 0 : score(i) })).filter(({ i }) => !left.includes(i));
    return others.sort((one, other) => other.cosine - one.cosine);
  };
  var neighbours = (map, i) => ranked(map, (j) => cosine(map, i, j), [i]);
  function analogy(map, [a, b, c], threeToo = false) {
    const length = Math.sqrt(Math.max(1e-9, 3 - 2 * cosine(map, a, b) + 2 * cosine(map, a, c) - 2 * cosine(map, b, c)));
    return ranked(map, (d) => (cosine(map, a, d) - cosine(map, b, d) + cosine(map, c, d)) / length, threeToo ? [] : [a, b, c]);
  }
  var target = ({ places: places2 }, [a, b, c]) => [0, 1].map((k) => places2[a][k] - places2[b][k] + places2[c][k]);
  function towards({ places: places2 }, from, [dx, dy]) {
    const reach = places2.map(([x, y], i) => {
      const [right2, up] = [x - places2[from][0], y - places2[from][1]];
      const along2 = right2 * dx + up * dy;
      return i === from || along2 <= 1e-6 ? Infinity : along2 + 3 * Math.abs(right2 * dy - up * dx);
    });
    const best = Math.min(...reach);
    return best === Infinity ? from : reach.indexOf(best);
  }
  function layout({ places: places2 }, size, room) {
    const span = [0, 1].map((k) => places2.map((place) => place[k])).map((line2) => [Math.min(...line2), Math.max(...line2)]);
    const scale = Math.min(...span.map(([low, high]) => (size - 2 * room) / (high - low)));
    const middle = span.map(([low, high]) => (low + high) / 2);
    return ([x, y]) => [size / 2 + scale * (x - middle[0]), size / 2 - scale * (y - middle[1])];
  }
  function names(points4, words, size, { letter = 6.6, height: height4 = 13, gap = 7 } = {}) {
    const box = ([x, y], word2) => [x, y - height4 * 0.8, x + letter * word2.length, y + height4 * 0.2];
    const common = (a, b) => Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0])) * Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
    const outside = ([left, top, right2, low]) => 40 * (Math.max(0, 2 - left) + Math.max(0, right2 - size + 2) + Math.max(0, 2 - top) + Math.max(0, low - size + 2));
    const dots = points4.map(([x, y]) => [x - 4.5, y - 4.5, x + 4.5, y + 4.5]);
    const choices = ([x, y], word2) => {
      const wide = letter * word2.length;
      return [[gap, 4], [-gap - wide, 4], [-wide / 2, -gap], [-wide / 2, gap + 9], [gap - 2, -5], [-gap - wide + 2, -5], [gap - 2, 13], [-gap - wide + 2, 13]].map(([right2, down]) => [x + right2, y + down]);
    };
    const put2 = points4.map((point, i) => choices(point, words[i])[0]);
    const cost = (i, at3) => {
      const mine = box(at3, words[i]);
      const crowd = points4.reduce((sum, _, j) => sum + (j === i ? 0 : common(mine, box(put2[j], words[j])) + 2 * common(mine, dots[j])), 0);
      return crowd + outside(mine);
    };
    for (let round = 0; round < 6; round++) {
      points4.forEach((point, i) => {
        const costs = choices(point, words[i]).map((at3, k) => cost(i, at3) + k);
        put2[i] = choices(point, words[i])[costs.indexOf(Math.min(...costs))];
      });
    }
    return put2;
  }

  // chapters/assets/js/words-widget.mjs
  var SIZE2 = 340;
  var ROOM = 44;
  var SHOWN = 5;
  var NEAR = 3;
  var MODES = ["neighbours", "a − b + c"];
  var SIGNS3 = ["", "− ", "+ "];
  var KEYS7 = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  var START7 = { people: ["king", "man", "woman"], opinions: ["better", "good", "bad"], places: ["german", "germany", "japan"], comparisons: ["older", "old", "young"] };
  var FIRST2 = { people: "king", opinions: "good", places: "paris", comparisons: "big" };
  var write6 = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };
  var two2 = (value) => value.toFixed(2).replace("-", "−");
  var arrows = 0;
  var WordsWidget = class {
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
      this.plane = svg("svg", { class: "db-words", viewBox: `0 0 ${SIZE2} ${SIZE2}`, role: "group" }, svg("defs", {}, arrow), this.lines, this.points);
      this.plane.addEventListener("click", (event) => this.press(this.under(event)));
      this.plane.addEventListener("keydown", (event) => this.key(event));
      const [mapField, mapChoice] = select("Words for", MAPS, (name) => this.choose(name));
      const [modeField, modeChoice] = select("Show", MODES, () => this.change({ mode: this.modeChoice.selectedIndex, slot: 0 }));
      [this.mapChoice, this.modeChoice] = [mapChoice, modeChoice];
      this.slots = SIGNS3.map((_, k) => {
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
      this.map = TABLE4.maps[name];
      const { words, places: places2 } = this.map;
      const at3 = (word2) => Math.max(0, words.indexOf(word2));
      this.pixel = layout(this.map, SIZE2, ROOM);
      const dots = places2.map(this.pixel);
      const where = names(dots, words, SIZE2);
      this.words = words.map(
        (word2, i) => svg("g", { class: "word", role: "button" }, svg("circle", { class: "dot", cx: dots[i][0], cy: dots[i][1], r: 4 }), svg("text", { x: where[i][0], y: where[i][1] }, word2))
      );
      this.points.replaceChildren(...this.words);
      this.plane.setAttribute("aria-label", `A plane with ${words.length} words, ${name}. Arrow keys move, Enter chooses.`);
      this.mapChoice.value = name;
      write6(this.about, `On the plane: ${Math.round(100 * this.map.share)} % of the spread. The numbers are cosines of all ${TABLE4.dimensions} dimensions.`);
      const three2 = START7[name].map(at3);
      this.change({ one: at3(FIRST2[name]), three: three2, slot: 0, focus: at3(FIRST2[name]) });
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
      const scale = SIZE2 / box.width;
      const [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
      const far = this.map.places.map((place) => Math.hypot(this.pixel(place)[0] - x, this.pixel(place)[1] - y));
      const best = Math.min(...far);
      return best < 26 * scale ? far.indexOf(best) : null;
    }
    /** A word is chosen: for its neighbours, or as the next of the three. */
    press(i) {
      if (i === null) return;
      const { mode, three: three2, slot } = this.now;
      if (mode === 0) this.change({ one: i, focus: i });
      else this.change({ three: three2.map((word2, k) => k === slot ? i : word2), slot: (slot + 1) % 3, focus: i });
      this.words[i].focus({ preventScroll: true });
    }
    key(event) {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        return this.press(this.now.focus);
      }
      const way = KEYS7[event.key];
      if (!way) return;
      event.preventDefault();
      this.change({ focus: towards(this.map, this.now.focus, way) });
      this.words[this.now.focus].focus({ preventScroll: true });
    }
    // What the eye sees
    nearest() {
      const { mode, one, three: three2, too } = this.now;
      return mode === 0 ? neighbours(this.map, one) : analogy(this.map, three2, too);
    }
    draw() {
      const { mode, one, three: three2, slot, focus } = this.now;
      const found = this.nearest();
      const chosen = mode === 0 ? [one] : three2;
      const near = found.slice(0, mode === 0 ? NEAR : 1).map(({ i }) => i);
      this.words.forEach((word2, i) => {
        word2.setAttribute("tabindex", i === focus ? 0 : -1);
        word2.setAttribute("aria-pressed", chosen.includes(i));
        word2.setAttribute("aria-label", this.map.words[i] + (mode && chosen.includes(i) ? `, ${"abc"[chosen.indexOf(i)]}` : ""));
        word2.classList.toggle("chosen", chosen.includes(i));
        word2.classList.toggle("near", near.includes(i) && !chosen.includes(i));
      });
      this.lines.replaceChildren(...mode === 0 ? this.rays(one, near) : this.arrows(three2));
      this.modeChoice.selectedIndex = mode;
      this.three.hidden = this.too.hidden = mode === 0;
      this.hint.hidden = mode === 1;
      this.slots.forEach((key, k) => {
        write6(key, SIGNS3[k] + this.map.words[three2[k]]);
        key.setAttribute("aria-pressed", k === slot);
      });
      this.list.replaceChildren(...found.slice(0, SHOWN).map((each3) => this.row(each3)));
      write6(this.said, this.sentence(found));
    }
    line(from, to, name, head) {
      const end = { x1: from[0], y1: from[1], x2: to[0], y2: to[1], class: name };
      return svg("line", head ? { ...end, "marker-end": `url(#${this.head})` } : end);
    }
    rays(one, near) {
      return near.map((i) => this.line(this.pixel(this.map.places[one]), this.pixel(this.map.places[i]), "ray"));
    }
    /** From b to a, and the same step again from c; a cross where it ends. */
    arrows(three2) {
      const [a, b, c] = three2.map((i) => this.pixel(this.map.places[i]));
      const [x, y] = this.pixel(target(this.map, three2));
      return [this.line(b, a, "step", true), this.line(c, [x, y], "step again", true), svg("path", { class: "end", d: `M${x - 5} ${y - 5}l10 10m-10 0l10 -10` })];
    }
    row({ word: word2, cosine: cosine2 }) {
      const bar = html("span", { class: "db-near-bar", style: `width: ${Math.max(0, 100 * cosine2).toFixed(0)}%` });
      return html("li", {}, html("span", { class: "db-near-word" }, word2), html("span", { class: "db-near-box" }, bar), html("span", { class: "db-near-number" }, two2(cosine2)));
    }
    // What the ear hears
    sentence(found) {
      const { mode, one, three: three2, slot, too } = this.now;
      const { words } = this.map;
      const [first, second] = found;
      if (mode === 0) return `Nearest to “${words[one]}” among these ${words.length} words: ${found.slice(0, NEAR).map(({ word: word2, cosine: cosine2 }) => `${word2}, ${two2(cosine2)}`).join("; ")}.`;
      const [a, b, c] = three2.map((i) => words[i]);
      const own = too && three2.includes(first.i) ? ` That is one of the three: the step from “${b}” to “${a}” is short beside the vectors themselves.` : "";
      const next = `Choose a word for ${"abc"[slot]}.`;
      return `${a} − ${b} + ${c} is nearest to “${first.word}”, ${two2(first.cosine)}, then to “${second.word}”, ${two2(second.cosine)}.${own} ${next}`;
    }
  };

  // chapters/assets/js/book.mjs
  var WIDGETS = { perceptron: PerceptronWidget, gates: GatesWidget, playground: PlaygroundWidget, softmax: SoftmaxWidget, graph: GraphWidget, race: RaceWidget, filter: FilterWidget, thaw: ThawWidget, lstm: LstmWidget, distance: DistanceWidget, words: WordsWidget };
  for (const host of document.querySelectorAll("[data-widget]")) new WIDGETS[host.dataset.widget](host);
  for (const quiz of document.querySelectorAll("[data-quiz]")) announce(quiz);
  live();
  document.querySelector(".md-search")?.setAttribute("aria-label", phrase("Search"));
  for (const link of document.querySelectorAll(".md-select__link[data-same]")) {
    link.addEventListener("click", () => {
      link.hash = location.hash;
    });
  }
  function letTheKeyboardScroll() {
    for (const box of document.querySelectorAll("div.math, .run-figure, .md-typeset pre > code, .doc-signature code")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else if (!box.matches("code")) box.removeAttribute("tabindex");
    }
  }
  letTheKeyboardScroll();
  addEventListener("resize", letTheKeyboardScroll);
})();
