// What stands live in the box of one exercise: how it is, what failed first, the buttons, the way to the editor.
import { button, html } from "./dom.mjs";
import { NoAnswer } from "./live-link.mjs";
import { line, message as messageNodes, put } from "./live-prose.mjs";
import { checking, done, nextOf, parts, points as inPoints, standing } from "./live-words.mjs";
import { inThisLanguage } from "./live-progress.mjs";
import { phrase } from "./phrase.mjs";

const AWAY = phrase("`deepbook learn` does not answer: what is shown here may be old. What you write in the editor is kept.");
const BACK = phrase("`deepbook learn` is back. What you wrote is not saved yet: save again.");
const TICK_MS = 1000;
const SETTLE_MS = 3000;
const BOOK_SCRIPT = document.currentScript?.src;
let loading = null;

/** The editor's own script, fetched when it is first needed. */
function editorScript() {
  loading ??= new Promise((done, fail) => {
    const script = html("script", { src: new URL("editor.js", BOOK_SCRIPT) });
    script.addEventListener("load", () => done(globalThis.deepbookEditor));
    script.addEventListener("error", () => {
      loading = null;
      fail(new NoAnswer(phrase("The editor could not be loaded: `deepbook learn` does not answer.")));
    });
    document.head.append(script);
  });
  return loading;
}

export class Box {
  /** element: the exercise's box as the page was built. */
  constructor(element, link) {
    const { exercise: id, file } = element.dataset;
    Object.assign(this, { element, link, id, file, name: id.split("/")[1], desk: null, drawn: "" });
    Object.assign(this, { lost: false, answered: false, since: null, ticks: 0, awaited: "", settling: 0 });
    this.hints = { details: [...element.querySelectorAll("details.hint")], known: null };
    this.build();
    this.hints.details.forEach((each, i) => each.addEventListener("toggle", () => this.toggled(each, i + 1)));
  }

  build() {
    this.place = html("div", { class: "live-place" });
    this.mark = html("span", { class: "live-mark", "aria-hidden": "true" });
    this.words = html("span", {}, "…");
    this.checkButton = button(phrase("Check"), () => this.check());
    this.editButton = button(phrase("Edit here"), () => (this.editing ? this.desk.close() : this.edit()));
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
    const { state, answers } = this.link;
    put(this.away, answers ? "" : AWAY);
    if (this.desk) this.changeEditing();
    if (answers && state && !this.answered) this.comeBack();
    this.answered = answers && Boolean(state);
    const exercise = state?.exercises[this.id];
    if (!exercise) return;
    const { kind, mark, words } = standing(exercise, state.running);
    put(this.mark, mark);
    this.live.classList.toggle("live-running", kind === "running");
    this.showTime(kind === "running" && answers, words);
    if (kind === "running") {
      if (this.awaited) this.awaited = "running";
      return; // what failed before stays in sight until there is a new result
    }
    this.element.dataset.kind = kind;
    const isNew = state.newly.includes(this.id);
    this.showNext(exercise, state, isNew);
    const redrawn = this.showFailure(exercise, isNew);
    this.showHints(exercise);
    if (this.awaited === "running" || (this.awaited && redrawn && exercise.fresh)) this.bringIntoView();
  }

  /** While it is tested, how long already. It is not in what screen readers are told. */
  showTime(running, words) {
    if (!running || this.since === null) put(this.words, words);
    if (running === (this.since !== null)) return;
    clearInterval(this.ticks);
    this.since = running ? performance.now() : null;
    const tick = () => put(this.words, checking(Math.floor((performance.now() - this.since) / 1000)));
    if (running) this.ticks = setInterval(tick, TICK_MS);
  }

  /** The verdict that a save in the editor waited for; the cursor stays in the editor. */
  bringIntoView() {
    this.awaited = "shown"; // for a moment: that all its tests pass now is said only when the whole file was tested
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.awaited === "shown" && (this.awaited = ""), SETTLE_MS);
    if (!this.editing) return;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const verdict = this.failure.childElementCount ? this.failure : this.live.querySelector(".live-bar");
    verdict.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
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
    const { status, about, message, mistake, printed, points } = exercise;
    const place = `${exercise.file}:${exercise.line}`;
    const wanted = JSON.stringify([status, about, message, mistake, printed, place, isNew]);
    if (wanted === this.drawn) return false; // so that a selection in it is not lost
    this.drawn = wanted;
    this.failure.replaceChildren();
    const add = (name, text) => text && this.failure.append(line(`live-${name}`, null, text));
    const told = (text) => text && this.failure.append(html("div", { class: "live-message" }, ...messageNodes(text)));
    if (status === "passed" && isNew) add("well", phrase("All its tests pass now: {points}.", { points: inPoints(points) }));
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
    const number = this.hints.details.findIndex((each) => !each.open) + 1;
    this.hintButton.hidden = !number || ["passed", "todo"].includes(status);
    this.hintButton.textContent = phrase("Show hint {number}", { number });
  }

  openHints(number) {
    for (const each of this.hints.details.slice(0, number)) each.open = true;
  }

  toggled(details, number) {
    const exercise = this.link.state?.exercises[this.id];
    if (exercise) this.offerHint(exercise.status);
    if (!details.open || number <= this.hints.known) return;
    this.link.ask("hint", { exercise: this.id, number }).catch(() => {}); // the hint itself is there all the same
  }

  moreHints() {
    const next = this.hints.details.find((each) => !each.open);
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
    await null; // the desk is told after this box
    await this.desk?.alone(() => {}); // it looks at the disk first: the text may have been saved after all
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
    const desk = globalThis.deepbookEditor?.desks.get(this.file); // open in this box or in another one
    const reset = () => (desk?.editor ? desk.startAgain(this.id) : this.link.ask("reset", { what: this.id }).then(({ said }) => said));
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
}
