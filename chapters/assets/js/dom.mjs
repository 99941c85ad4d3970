// Small helpers for the widgets: elements, numbers as text, and the line of a perceptron in a square plane.

const SVG = "http://www.w3.org/2000/svg";

const make = (element, attributes, children) => {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

export const html = (tag, attributes = {}, ...children) => make(document.createElement(tag), attributes, children);

export const svg = (tag, attributes = {}, ...children) => make(document.createElementNS(SVG, tag), attributes, children);

export function button(text, onClick) {
  const element = html("button", { type: "button", class: "db-button" }, text);
  element.addEventListener("click", onClick);
  return element;
}

/** A list to choose from; `names` says what is shown for an option, if not the option itself. */
export function select(label, options, onChange, names = {}) {
  const choice = html("select", {}, ...options.map((each) => html("option", { value: each }, names[each] ?? each)));
  choice.addEventListener("change", () => onChange(choice.value));
  return [html("label", { class: "db-field" }, `${label} `, choice), choice];
}

/** A finger on this part of a drawing drags it and does not scroll the page. (Chromium heeds no touch-action there.) */
export function drags(part) {
  part.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
}

/** A slider with its name before it and its value behind it. `put(value)` moves it; what it shows may be off its grid. */
export function slider(name, { min, max, step, show = number }, onInput) {
  const input = html("input", { type: "range", min, max, step });
  const shown = html("output");
  const put = (value) => {
    input.value = value;
    shown.textContent = show(value);
    input.setAttribute("aria-valuetext", show(value));
  };
  input.addEventListener("input", () => onInput(Number(input.value)));
  return { field: html("label", { class: "db-slider" }, html("span", {}, name), input, shown), put };
}

/** 0.5 and −1.25: at most four decimals, none that are zero, and a true minus sign. */
export const number = (value) => String(Number(value.toFixed(4)) || 0).replace("-", "−");

export const pair = (values) => `(${values.map(number).join(", ")})`;

/** The part of the square [low, high]² where w·x + b > 0, as corners of a polygon (none: an empty list). */
export function positiveSide({ w, b }, low, high) {
  const z = ([x, y]) => w[0] * x + w[1] * y + b;
  const square = [[low, low], [high, low], [high, high], [low, high]];
  return square.flatMap((from, i) => {
    const to = square[(i + 1) % 4];
    const [a, c] = [z(from), z(to)];
    const kept = a > 0 ? [from] : [];
    if (a > 0 !== c > 0) kept.push([0, 1].map((k) => from[k] + (a / (a - c)) * (to[k] - from[k])));
    return kept;
  });
}

/** The two ends of the line w·x + b = 0 in the square, or null where it does not cross. */
export function boundary(params, low, high) {
  const z = ([x, y]) => params.w[0] * x + params.w[1] * y + params.b;
  const size = Math.abs(params.w[0]) + Math.abs(params.w[1]);
  const ends = positiveSide(params, low, high).filter((corner) => Math.abs(z(corner)) <= 1e-9 * (size + 1));
  return ends.length >= 2 ? [ends[0], ends[1]] : null;
}

/** Mark of a class: a circle for 0, a square for 1, so that nobody needs the colour. */
export function mark(y, r) {
  return y === 1
    ? svg("rect", { class: "mark class-1", x: -r, y: -r, width: 2 * r, height: 2 * r })
    : svg("circle", { class: "mark class-0", r: r * 1.1 });
}
