// The live part of a page that `deepbook learn` serves. The static site has no token, and there nothing of this runs.
import { html } from "./dom.mjs";
import { Box } from "./live-box.mjs";
import { readDraft } from "./live-drafts.mjs";
import { Link, tokenIn } from "./live-link.mjs";
import { Progress } from "./live-progress.mjs";
import { news } from "./live-words.mjs";

export function live() {
  const token = tokenIn(document);
  if (!token) return;
  const link = new Link(token);
  const boxes = [...document.querySelectorAll("[data-exercise]")].map((element) => new Box(element, link));
  const progress = new Progress();
  const tell = voice(boxes.map(({ id }) => id));
  let first = true;
  link.listen(() => {
    for (const box of boxes) box.show();
    if (!link.state) return;
    progress.show(link.state);
    tell(link.state);
    if (first) bringBack(boxes, link.state.folder);
    first = false;
  });
  link.start();
}

/** A function of the state that says each new verdict on this page's exercises once, for screen readers. */
function voice(here) {
  const status = html("p", { class: "unseen live-voice", role: "status", "aria-live": "polite" });
  document.querySelector(".md-content__inner")?.append(status);
  const tested = new Set();
  let settled = null;
  return (state) => {
    const running = here.filter((id) => state.running.includes(id));
    running.forEach((id) => tested.add(id));
    if (running.length) {
      status.textContent = ""; // so that the same words said again are new words
      return;
    }
    const said = settled && news(settled, state, here, tested);
    if (said) status.textContent = said;
    settled = state;
    tested.clear();
  };
}

/** Open the editor, without moving there, where text lies that was never saved. */
async function bringBack(boxes, folder) {
  for (const file of new Set(boxes.map((box) => box.file))) {
    const draft = await readDraft(folder, file);
    if (draft) (boxes.find(({ id }) => id === draft.id) ?? boxes.find((box) => box.file === file)).edit({ focus: false });
  }
}
