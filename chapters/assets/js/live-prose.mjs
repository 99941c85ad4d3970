// Sentences from `deepbook learn`, where `these` mark code. Learners' code wrote parts of them: nothing is ever HTML.
import { html } from "./dom.mjs";
import { pieces } from "./live-words.mjs";

/** The nodes of a text: plain text, and <code> for what stands between backticks. */
export function prose(text) {
  return text.split(/(`[^`\n]+`)/).map((part, i) => (i % 2 ? html("code", {}, part.slice(1, -1)) : part));
}

export const line = (name, role, text = "") => html("p", { class: name, ...(role ? { role } : {}) }, ...prose(text));

/** The nodes of a message, in which lines that begin with four spaces are code. */
export function message(text) {
  return pieces(text).flatMap(([words, kind]) => (kind ? [html("code", { class: "live-code" }, words)] : prose(words)));
}

/** Put a text into an element, if it is not the one that it shows. */
export function put(element, text) {
  if (element.dataset.text === text) return;
  element.dataset.text = text;
  element.replaceChildren(...prose(text));
}
