// How far the learner is: a line at the top of the page, and a count beside each chapter in the navigation.
import { html } from "./dom.mjs";
import { line, put } from "./live-prose.mjs";
import { nextOf, points, progress } from "./live-words.mjs";
import { phrase } from "./phrase.mjs";

export class Progress {
  constructor() {
    this.text = html("span", {}, "…");
    this.next = html("a", { hidden: "" });
    this.problem = line("live-problem", "alert");
    this.line = html("p", { class: "live-line" }, this.text, this.next);
    this.ready = line("live-ready", "status");
    document.querySelector(".md-content__inner")?.prepend(this.line, this.problem, this.ready);
    this.counts = new Map();
  }

  show(state) {
    const next = nextOf(state);
    this.text.textContent = next ? progress(state) : phrase("All {total} exercises pass: {points}", { total: state.total, points: points(state.points) });
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

  showChapter({ page, passed, total }) {
    if (!this.counts.has(page)) this.counts.set(page, linksTo(page).map(addCount));
    for (const [seen, heard] of this.counts.get(page)) {
      seen.textContent = `${passed}/${total}`;
      heard.textContent = `, ${progress({ passed, total })}`;
    }
  }
}

const translated = (page) => `/${document.documentElement.lang}/${page}`;

/** Where an exercise is: on the page in this page's language, if the navigation has it. */
export function inThisLanguage(address) {
  const [page, anchor] = address.split("#");
  const links = [...document.querySelectorAll(".md-nav--primary a.md-nav__link")];
  return links.some(({ pathname }) => pathname === translated(page)) ? `${translated(page)}#${anchor}` : `/${address}`;
}

/** The links of the navigation to a page; for the page itself also the label that opens its contents on a phone. */
function linksTo(page) {
  const links = [...document.querySelectorAll(".md-nav--primary a.md-nav__link")];
  const to = links.filter((each) => !each.hash && [`/${page}`, translated(page)].includes(each.pathname));
  const labels = to.map((each) => each.parentElement.querySelector(":scope > label.md-nav__link"));
  return [...to, ...labels.filter(Boolean)];
}

function addCount(link) {
  const seen = html("span", { "aria-hidden": "true" });
  const heard = html("span", { class: "unseen" });
  link.querySelector(".md-ellipsis").after(html("span", { class: "live-count" }, seen, heard));
  return [seen, heard];
}
