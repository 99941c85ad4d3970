(() => {
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
  function lookAtNext({ params, next, mistakes }, points2) {
    const point = points2[next];
    const yhat = predict(params, point.x);
    const wrong = yhat !== point.y;
    const counts = next === 0 ? [...mistakes, 0] : [...mistakes];
    counts[counts.length - 1] += wrong ? 1 : 0;
    const after = { params: update(params, point), next: (next + 1) % points2.length, mistakes: counts };
    return { after, seen: { index: next, point, yhat, wrong, before: params } };
  }
  function finishEpoch(training, points2) {
    do
      training = lookAtNext(training, points2).after;
    while (training.next !== 0);
    return training;
  }
  function runUntilNoMistakes(training, points2, limit = 100) {
    do
      training = finishEpoch(training, points2);
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
  function select(label, options, onChange) {
    const choice = html("select", {}, ...options.map((name) => html("option", {}, name)));
    choice.addEventListener("change", () => onChange(choice.value));
    return [html("label", { class: "db-field" }, `${label} `, choice), choice];
  }
  var number = (value) => String(Number(value.toFixed(4)) || 0).replace("-", "−");
  var pair = (values) => `(${values.map(number).join(", ")})`;
  function positiveSide({ w, b }, low, high) {
    const z = ([x, y]) => w[0] * x + w[1] * y + b;
    const square = [[low, low], [high, low], [high, high], [low, high]];
    return square.flatMap((from, i) => {
      const to = square[(i + 1) % 4];
      const [a, c] = [z(from), z(to)];
      const kept = a > 0 ? [from] : [];
      if (a > 0 !== c > 0) kept.push([0, 1].map((k) => from[k] + a / (a - c) * (to[k] - from[k])));
      return kept;
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

  // chapters/assets/js/gates-widget.mjs
  var LOW = -0.5;
  var HIGH = 1.5;
  var UNIT = 200;
  var at = ([x, y]) => `${x * UNIT},${-y * UNIT}`;
  var START = { w: [1, 1], b: -0.5 };
  var GatesWidget = class {
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
        this.marks
      );
      const [field] = select("Target", Object.keys(GATES), (gate) => {
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
      const head = ["x₁", "x₂", "target", "neuron"].map((name) => html("th", { scope: "col" }, name));
      this.target = head[2];
      const table = html("table", { class: "db-truth" }, html("thead", {}, html("tr", {}, ...head)), this.rows);
      this.said = html("p", { class: "db-said", "aria-live": "polite" });
      const controls = html("div", { class: "db-controls" }, html("div", { class: "db-row" }, field), ...sliders, table, this.said);
      host.querySelector(".widget-fallback")?.remove();
      host.prepend(html("div", { class: "db-widget" }, this.plane, controls));
    }
    slider(name, get, set) {
      const input = html("input", { type: "range", min: -3, max: 3, step: 0.25, value: get() });
      const shown = html("output", {}, number(get()));
      input.addEventListener("input", () => {
        set(Number(input.value));
        shown.textContent = number(get());
        this.redraw();
      });
      return html("label", { class: "db-slider" }, html("span", {}, name), input, shown);
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
      this.said.textContent = `${this.gate}: ${score} of 4 right.${score === 4 ? ` The neuron is an ${this.gate} gate.`.replace("an N", "a N") : ""}`;
      this.plane.setAttribute(
        "aria-label",
        `The four inputs as corners of a square, a square mark where ${this.gate} is 1 and a circle where it is 0, and the neuron's line; ${score} of 4 corners lie on their own side.`
      );
    }
  };

  // chapters/assets/js/perceptron-widget.mjs
  var HALF = 2;
  var UNIT2 = 100;
  var LIMIT = 100;
  var MOST = 12;
  var KEYS = { ArrowLeft: [-2, 0], ArrowRight: [2, 0], ArrowUp: [0, 2], ArrowDown: [0, -2] };
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
          "aria-label": "A plane with points of two classes, circles for class 0 and squares for class 1, and the perceptron's line"
        },
        svg("rect", { class: "side class-0", x: -edge * UNIT2, y: -edge * UNIT2, width: 2 * edge * UNIT2, height: 2 * edge * UNIT2 }),
        this.side,
        svg("path", { class: "axes", d: `M${-edge * UNIT2} 0H${edge * UNIT2}M0 ${-edge * UNIT2}V${edge * UNIT2}` }),
        svg("text", { class: "axis-name", x: edge * UNIT2 - 24, y: -8 }, "x₁"),
        svg("text", { class: "axis-name", x: 8, y: -edge * UNIT2 + 20 }, "x₂"),
        this.line,
        this.marks
      );
      const [presetField, preset] = select("Points", Object.keys(PRESETS), (name) => this.load(name));
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
          button("Step", () => this.step()),
          button("Epoch", () => this.epoch()),
          button("Run until no mistakes", () => this.run()),
          button("Reset", () => this.load(this.preset.value))
        ),
        html(
          "div",
          { class: "db-row db-quiet" },
          button("Add a point", () => this.add()),
          button("Flip its class", () => this.flip(this.selected)),
          button("Remove it", () => this.remove(this.selected))
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
      this.say(`Points “${name}”. ${this.nextSentence()}`);
    }
    nextSentence() {
      const { next, params } = this.training;
      const { x, y } = this.points[next];
      const wrong = predict(params, x) !== y;
      return `Next is point ${next + 1}, of class ${y}. The line says ${predict(params, x)}: ${wrong ? "a mistake. Press Step to see the line move." : "right."}`;
    }
    step() {
      const { after, seen } = lookAtNext(this.training, this.points);
      this.training = after;
      this.seen = seen.index;
      this.redraw();
      const name = `Point ${seen.index + 1}, class ${seen.point.y}, at ${pair(seen.point.x)}: the line said ${seen.yhat}.`;
      const { params } = after;
      this.say(
        seen.wrong ? `${name} A mistake, so w ${seen.point.y ? "+" : "−"} x: ${pair(seen.before.w)} becomes ${pair(params.w)}, and b: ${number(seen.before.b)} becomes ${number(params.b)}.` : `${name} Right, so nothing changes.`
      );
    }
    epoch() {
      this.training = finishEpoch(this.training, this.points);
      this.seen = null;
      this.redraw();
      const { mistakes } = this.training;
      this.say(`Epoch ${mistakes.length} is over: ${this.count(mistakes.at(-1))}.`);
    }
    run() {
      const { mistakes: before } = this.training;
      this.training = runUntilNoMistakes(this.training, this.points, before.length + LIMIT);
      this.seen = null;
      this.redraw();
      const { mistakes } = this.training;
      this.say(
        mistakes.at(-1) === 0 ? `Epoch ${mistakes.length} passed without a mistake: this line separates the points.` : `Stopped after ${LIMIT} more epochs, with ${this.count(mistakes.at(-1))} in the last. If no line separates the points, the rule never comes to rest.`
      );
    }
    count(mistakes) {
      return mistakes === 0 ? "no mistake" : mistakes === 1 ? "1 mistake" : `${mistakes} mistakes`;
    }
    add() {
      if (this.points.length >= MOST) return this.say(`There is room for ${MOST} points.`);
      const spot = [[0, 0], [0.5, 0], [-0.5, 0], [0, 0.5], [0, -0.5], [1, 0], [-1, 0], [0, 1], [0, -1]];
      const free = spot.find((x) => this.points.every((p) => Math.hypot(p.x[0] - x[0], p.x[1] - x[1]) > 0.3)) ?? [1.75, -1.75];
      this.points.push({ x: [...free], y: 0 });
      this.selected = this.points.length - 1;
      this.redraw();
      this.focus();
      this.say(`Point ${this.points.length} is new, of class 0, at ${pair(free)}.`);
    }
    flip(index) {
      const point = this.points[index];
      point.y = 1 - point.y;
      this.redraw();
      this.say(`Point ${index + 1} is of class ${point.y} now. ${this.verdict(point)}`);
    }
    remove(index) {
      if (this.points.length <= 2) return this.say("Two points have to stay.");
      this.points.splice(index, 1);
      if (this.training.next > index) this.training.next -= 1;
      this.training.next %= this.points.length;
      this.selected = Math.min(index, this.points.length - 1);
      this.seen = null;
      this.redraw();
      this.say(`Point ${index + 1} is gone; ${this.points.length} are left.`);
    }
    move(index, x) {
      const point = this.points[index];
      point.x = x.map(snap);
      this.place(index);
      this.say(`Point ${index + 1} is at ${pair(point.x)}. ${this.verdict(point)}`);
    }
    verdict({ x, y }) {
      return predict(this.training.params, x) === y ? "It is on its own side of the line." : "It is on the wrong side of the line.";
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
      const row = (name, value) => html("div", {}, html("dt", {}, name), html("dd", {}, value));
      this.numbers.replaceChildren(
        row("w", pair(params.w)),
        row("b", number(params.b)),
        row("epoch", next === 0 ? `${mistakes.length} done` : `${mistakes.length}, next is point ${next + 1} of ${this.points.length}`),
        row("mistakes per epoch", mistakes.length ? this.recent(mistakes) : "none yet")
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
      group.setAttribute("aria-label", `Point ${index + 1}, class ${y}, at ${pair(x)}. Arrow keys move it, space flips its class, Delete removes it.`);
    }
    key(event, index) {
      const way = KEYS[event.key];
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

  // chapters/assets/js/quiz.mjs
  function announce(quiz) {
    const said = quiz.querySelector(".quiz-said");
    for (const option of quiz.querySelectorAll(".quiz-option")) {
      option.addEventListener("toggle", () => {
        if (option.open) said.textContent = option.querySelector(".quiz-why").textContent.trim().replace(/\s+/g, " ");
      });
    }
  }

  // chapters/assets/js/book.mjs
  var WIDGETS = { perceptron: PerceptronWidget, gates: GatesWidget };
  for (const host of document.querySelectorAll("[data-widget]")) new WIDGETS[host.dataset.widget](host);
  for (const quiz of document.querySelectorAll("[data-quiz]")) announce(quiz);
  document.querySelector(".md-search")?.setAttribute("aria-label", "Search");
  function letTheKeyboardScroll() {
    for (const box of document.querySelectorAll("div.math, .run-figure, .md-typeset pre > code, .doc-signature code")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else if (!box.matches("code")) box.removeAttribute("tabindex");
    }
  }
  letTheKeyboardScroll();
  addEventListener("resize", letTheKeyboardScroll);
})();
