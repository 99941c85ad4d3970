// <figure data-widget="playground">: a network of up to three hidden layers learns to tell points of two classes apart.
import * as core from "./playground-core.mjs";
import { LossCurve, Plane, drawUnits, unitPicture } from "./playground-pictures.mjs";
import { colours, onScheme, ramp } from "./canvas.mjs";
import { button, html, select } from "./dom.mjs";

const FIRST = 100; // epochs before the page is shown: the start already has something to say
const FRAME_MS = 12; // on fast screens, at most one epoch in that time
const SAY_MS = 2500; // while it runs
const [PLANE, REST] = ["plane", "rest"];

const three = (value) => value.toFixed(3);
const percent = (share) => `${Math.round(100 * share)}\u00a0%`; // a space that does not break
const count = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;

export class PlaygroundWidget {
  constructor(host) {
    this.host = host;
    this.build();
    const shared = core.fromAddress(location.hash);
    this.load(shared ?? core.START);
    if (shared) this.host.scrollIntoView();
    else this.train(FIRST);
    this.say();
    this.listen();
  }

  // What is on the page

  build() {
    this.plane = new Plane();
    this.curve = new LossCurve();
    this.runButton = button("Run", () => (this.running ? this.pause() : this.run()));
    this.choices = {};
    const fields = [
      this.choice("data", "Data", core.DATA),
      this.choice("points", "Points", core.POINTS),
      this.choice("activation", "Activation", core.ACTIVATIONS),
      this.choice("lr", "Learning rate", core.RATES),
    ];
    this.numbers = ["epoch", "training loss", "held-out loss", "held-out right"].map((name) => ({ name, cell: html("dd") }));
    const rows = this.numbers.map(({ name, cell }) => html("div", { class: name.replace(" ", "-") }, html("dt", {}, name), cell));
    const controls = html(
      "div",
      { class: "db-controls" },
      html("div", { class: "db-row" }, button("Step", () => this.step()), this.runButton, button("Start again", () => this.change({}))),
      html("div", { class: "db-fields" }, ...fields),
      this.curve.element,
      html("dl", { class: "db-numbers db-cells" }, ...rows),
    );
    this.layers = Array.from({ length: core.MOST_LAYERS }, (_, layer) => this.buildLayer(layer));
    const more = [
      button("Other weights", () => this.change({ seed: this.settings.seed + 1 })),
      button("Copy the link", () => this.copy()),
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
        this.said,
      ),
    );
  }

  choice(name, label, values) {
    const [field, box] = select(label, values, (text) => {
      const value = values.find((each) => String(each) === text);
      if (name === "lr") this.changeRate(value);
      else this.change({ [name]: value });
    });
    this.choices[name] = box;
    return field;
  }

  buildLayer(layer) {
    const shown = html("output");
    const stepper = (sign, by, word) => {
      const element = button(sign, () => this.resize(layer, by));
      element.setAttribute("aria-label", `One unit ${word} in hidden layer ${layer + 1}`);
      return element;
    };
    const [fewer, more] = [stepper("−", -1, "fewer"), stepper("+", 1, "more")];
    const pictures = Array.from({ length: core.MOST_UNITS }, unitPicture);
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
      const shared = core.fromAddress(location.hash);
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
    const refuse = (why) => { this.said.textContent = why; };
    if (wanted > core.MOST_UNITS) return refuse(`There is room for ${core.MOST_UNITS} units in a layer.`);
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
      this.train(FIRST); // at once
      return this.say();
    }
    this.show(true);
    let [drawn, spoken, turn] = [0, performance.now(), PLANE];
    const frame = (now) => {
      if (!this.running) return;
      requestAnimationFrame(frame);
      if (now - drawn < FRAME_MS) return;
      drawn = now;
      this.train(1, (turn = turn === PLANE ? REST : PLANE));
      if (core.report(this.training).epoch >= core.LIMIT) this.pause();
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
    this.draw();
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
    history.replaceState(history.state, "", core.toAddress(this.settings));
  }

  load(settings) {
    this.show(false);
    this.settings = settings;
    for (const [name, box] of Object.entries(this.choices)) box.value = settings[name];
    this.training = core.start(settings);
    this.grid = core.grid(this.training.net);
    this.layers.forEach(({ shown, fewer, more, pictures, units }, layer) => {
      const n = settings.units[layer] ?? 0;
      shown.textContent = n ? count(n, "unit") : "none";
      fewer.setAttribute("aria-disabled", n === 0 || (n === 1 && layer < settings.units.length - 1));
      more.setAttribute("aria-disabled", n === core.MOST_UNITS || layer > settings.units.length);
      pictures.forEach((picture, unit) => {
        picture.canvas.classList.toggle("empty", unit >= n);
        if (unit >= n) picture.clear();
      });
      units.setAttribute("aria-label", `Hidden layer ${layer + 1}: ${n ? `what each of its ${count(n, "unit")} gives, all over the plane` : "no units"}`);
    });
    this.repaint();
  }

  train(epochs, part) {
    for (let i = 0; i < epochs; i++) core.epoch(this.training, this.settings.lr);
    this.draw(part);
  }

  // What the eye sees

  /** All of it, with the colours and the size of now. */
  repaint() {
    const now = colours(this.host);
    this.ramp = ramp(now);
    this.plane.prepare(now, this.training);
    this.draw();
  }

  /** All of it, or while it runs one part and then the other: no frame has time for both on a slow computer. */
  draw(part) {
    if (part !== REST) this.plane.draw(this.ramp, core.forward(this.training.net, this.grid));
    if (part === PLANE) return;
    this.settings.units.forEach((n, layer) => drawUnits(this.layers[layer].pictures, this.ramp, this.settings.activation, this.grid.a[layer + 1], n));
    this.curve.draw(this.training.losses);
    const { epoch, loss, heldLoss, accuracy } = core.report(this.training);
    const values = [epoch, three(loss), three(heldLoss), percent(accuracy)];
    this.numbers.forEach(({ cell }, i) => { cell.textContent = values[i]; });
  }

  // What the ear hears

  say() {
    const { units, data, points } = this.settings;
    const now = core.report(this.training);
    const sizes = units.length ? `${count(units.length, "hidden layer")} (${units.join(", ")})` : "no hidden layer";
    const numbers = `training loss ${three(now.loss)}, held-out loss ${three(now.heldLoss)}, ${percent(now.accuracy)} of the held-out points right`;
    this.said.textContent = `Epoch ${now.epoch}, ${sizes}, ${count(this.training.net.params.length, "parameter")}: ${numbers}. ${this.verdict(now)}`;
    this.plane.element.setAttribute("aria-label", `${data}: ${points} points of two classes, and what the network says all over the plane; ${numbers}.`);
    const first = three(this.training.losses.train[0]);
    this.curve.element.setAttribute("aria-label", `The loss from epoch 0 to ${now.epoch}: on the training points from ${first} to ${three(now.loss)}, on the held-out points, dashed, to ${three(now.heldLoss)}.`);
  }

  verdict({ epoch, loss, heldLoss, accuracy }) {
    const before = this.training.losses.train[epoch - 50];
    if (epoch >= core.LIMIT) return `It stops after ${core.LIMIT} epochs.`;
    if (before && this.settings.units.length === 0 && loss > 0.65) return "The border is a straight line, and here no line does better than guessing: 0.693.";
    if (before && heldLoss > 0.1 && heldLoss > 2 * loss) return "It knows the points that it learned from better than the others.";
    if (accuracy >= 0.97 && loss < 0.1) return "The border follows the points.";
    if (before && loss > 0.1 && loss > 0.97 * before) return "The loss has come to rest. Try more units, or other weights.";
    return "";
  }
}
