// Pictures of numbers between 0 and 1, in the page's colours: class 0's at 0, the page's own at ½, class 1's at 1.
import { html } from "./dom.mjs";

const STRONGEST = 0.62; // how much of a class's colour there is at 0 and at 1; points must still stand out

/** The page's colours as they are now, in the light or in the dark, by their names in book.css. */
export function colours(element) {
  const style = getComputedStyle(element);
  const named = (name) => style.getPropertyValue(name).trim();
  return {
    page: named("--md-default-bg-color"),
    text: named("--md-default-fg-color"),
    classes: [named("--db-class-0"), named("--db-class-1")],
  };
}

/** 256 pixels from class 0's colour over the page's to class 1's. */
export function ramp({ page, classes }) {
  const [middle, ...ends] = [page, ...classes].map(bytes);
  const pixels = new Uint32Array(256);
  const parts = new Uint8Array(pixels.buffer);
  for (let level = 0; level < 256; level++) {
    const end = ends[level < 128 ? 0 : 1];
    const share = (STRONGEST * Math.abs(level - 127.5)) / 127.5;
    for (let k = 0; k < 3; k++) parts[4 * level + k] = middle[k] + share * (end[k] - middle[k]);
    parts[4 * level + 3] = 255;
  }
  return pixels;
}

function bytes(colour) {
  const context = html("canvas", { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data;
}

/** A square picture of size × size fields; `paint(ramp, value)` asks for each field's value, the top row first. */
export class Picture {
  constructor(size) {
    this.canvas = html("canvas", { width: size, height: size, "aria-hidden": "true" });
    this.context = this.canvas.getContext("2d");
    this.image = this.context.createImageData(size, size);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  paint(ramp, value) {
    for (let k = 0; k < this.pixels.length; k++) {
      const level = 256 * value(k);
      this.pixels[k] = ramp[level > 255 ? 255 : level < 0 ? 0 : level | 0];
    }
    this.context.putImageData(this.image, 0, 0);
  }

  clear() {
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }
}

/** Whenever the page changes between light and dark. */
export function onScheme(change) {
  new MutationObserver(change).observe(document.body, { attributeFilter: ["data-md-color-scheme"] });
}
