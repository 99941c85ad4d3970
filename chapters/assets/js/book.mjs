// What a page of the book runs. Modules do not load from file://, so `npm run bundle` makes one classic script of it.
import { DistanceWidget } from "./distance-widget.mjs";
import { FilterWidget } from "./filter-widget.mjs";
import { GatesWidget } from "./gates-widget.mjs";
import { GraphWidget } from "./graph-widget.mjs";
import { live } from "./live.mjs";
import { LstmWidget } from "./lstm-widget.mjs";
import { PerceptronWidget } from "./perceptron-widget.mjs";
import { phrase } from "./phrase.mjs";
import { PlaygroundWidget } from "./playground-widget.mjs";
import { announce } from "./quiz.mjs";
import { RaceWidget } from "./race-widget.mjs";
import { SoftmaxWidget } from "./softmax-widget.mjs";
import { ThawWidget } from "./thaw-widget.mjs";
import { WordsWidget } from "./words-widget.mjs";

const WIDGETS = { perceptron: PerceptronWidget, gates: GatesWidget, playground: PlaygroundWidget, softmax: SoftmaxWidget, graph: GraphWidget, race: RaceWidget, filter: FilterWidget, thaw: ThawWidget, lstm: LstmWidget, distance: DistanceWidget, words: WordsWidget };

for (const host of document.querySelectorAll("[data-widget]")) new WIDGETS[host.dataset.widget](host);
for (const quiz of document.querySelectorAll("[data-quiz]")) announce(quiz);
live();

// Material calls its search box a dialog and gives it no name.
document.querySelector(".md-search")?.setAttribute("aria-label", phrase("Search"));

// The same place of the page in another language: both have the same ids.
for (const link of document.querySelectorAll(".md-select__link[data-same]")) {
  link.addEventListener("click", () => { link.hash = location.hash; });
}

/** What is wider than the page scrolls by itself; then the keyboard must reach it. */
function letTheKeyboardScroll() {
  const boxes = [...document.querySelectorAll("div.math, .run-figure, .md-typeset pre > code, .doc-signature code")];
  const wide = boxes.map((box) => box.scrollWidth > box.clientWidth); // before anything changes, so it costs one layout
  boxes.forEach((box, i) => {
    if (wide[i]) box.tabIndex = 0;
    else if (!box.matches("code")) box.removeAttribute("tabindex");
  });
}
letTheKeyboardScroll();
addEventListener("resize", letTheKeyboardScroll);
