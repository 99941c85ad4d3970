// What stands live in the box of one exercise: how it is, what failed first, the buttons, the way to the editor.
import { button, html } from "./dom.mjs";
import { line, put } from "./live-prose.mjs";
import { count, nextOf, parts, standing } from "./live-words.mjs";

const AWAY = "`deepbook learn` does not answer: what is shown here may be old. What you write in the editor is kept.";
const BOOK_SCRIPT = document.currentScript?.src;
let loading = null;

/** The editor's own script, fetched when it is first needed. */
function editorScript() {
  loading ??= new Promise((done, fail) => {
    const script = html("script", { src: new URL("editor.js", BOOK_SCRIPT) });
    script.addEventListener("load", () => done(globalThis.deepbookEditor));
    script.addEventListener("error", () => {
      loading = null;
      fail(new Error("The editor could not be loaded: `deepbook learn` does not answer."));
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
    this.hints = { details: [...element.querySelectorAll("details.hint")], known: null };
    this.build();
    this.hints.details.forEach((each, i) => each.addEventListener("toggle", () => this.toggled(each, i + 1)));
  }

  build() {
    this.place = html("div", { class: "live-place" });
    this.mark = html("span", { class: "live-mark", "aria-hidden": "true" });
    this.words = html("span", {}, "…");
    this.checkButton = button("Check", () => this.check());
    this.editButton = button("Edit here", () => (this.editing ? this.desk.close() : this.edit()));
    this.next = html("a", { class: "live-next", hidden: "" });
    this.away = line("live-away");
    this.said = line("live-said", "status");
    this.problem = line("live-problem", "alert");
    this.failure = html("div", { class: "live-failure" });
    this.hintButton = button("", () => this.moreHints());
    this.hintButton.hidden = true;
    const state = html("span", { class: "live-state" }, this.mark, html("span", { class: "unseen" }, "This exercise: "), this.words);
    const again = button("Start again", () => this.startAgain());
    const buttons = html("span", { class: "db-row" }, this.checkButton, this.editButton, again);
    this.live = html("div", { class: "live live-running" }, this.place);
    this.live.append(html("div", { class: "live-bar" }, state, buttons, this.next));
    this.live.append(this.away, this.problem, this.said, this.failure, this.hintButton);
    const [outermost] = this.hints.details;
    outermost ? outermost.before(this.live) : this.element.append(this.live);
  }

  // What is shown

  show() {
    const { state, answers } = this.link;
    put(this.away, answers ? "" : AWAY);
    if (this.desk) this.changeEditing();
    const exercise = state?.exercises[this.id];
    if (!exercise) return;
    const { kind, mark, words } = standing(exercise, state.running);
    put(this.mark, mark);
    put(this.words, words);
    this.live.classList.toggle("live-running", kind === "running");
    if (kind === "running") return; // what failed before stays in sight until there is a new result
    this.element.dataset.kind = kind;
    this.showNext(exercise, state);
    this.showFailure(exercise, state.newly.includes(this.id));
    this.showHints(exercise);
  }

  showNext({ status }, state) {
    const next = nextOf(state);
    this.next.hidden = status !== "passed" || !next;
    if (this.next.hidden) return;
    this.next.href = `/${next.address}`;
    this.next.textContent = `Next: ${next.title}`;
  }

  /** Learners' code wrote part of this, so it is never anything but text. */
  showFailure(exercise, isNew) {
    const { status, about, message, mistake, printed, points } = exercise;
    const place = `${exercise.file}:${exercise.line}`;
    const wanted = JSON.stringify([status, about, message, mistake, printed, place, isNew]);
    if (wanted === this.drawn) return; // so that a selection in it is not lost
    this.drawn = wanted;
    this.failure.replaceChildren();
    const add = (name, text) => text && this.failure.append(line(`live-${name}`, null, text));
    if (status === "passed" && isNew) add("well", `All its tests pass now: ${count(points, "point")}.`);
    if (["passed", "todo"].includes(status)) return;
    const said = parts(exercise);
    add("about", about);
    add("message", said.message);
    add("mistake", said.mistake);
    add("about", printed && "Your code printed:");
    if (printed) this.failure.append(html("pre", { tabindex: "0" }, printed));
    add("where", place);
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
    this.hintButton.textContent = `Show hint ${number}`;
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
    try {
      await action();
    } catch (error) {
      put(this.problem, error.message);
    }
  }

  get editing() {
    return this.desk?.box === this;
  }

  check() {
    return this.attempt(() => (this.editing ? this.desk.save() : this.link.ask("check", { what: this.id })));
  }

  startAgain() {
    const question = `Put “${this.name}” back as it was handed out? What you have written is kept as a backup.`;
    if (confirm(question)) this.attempt(async () => put(this.said, (await this.link.ask("reset", { what: this.id })).said));
  }

  edit({ focus = true } = {}) {
    return this.attempt(async () => {
      if (!this.link.state) throw new Error(AWAY);
      const { deskOf } = await editorScript();
      this.desk = deskOf(this.file, this.link);
      await this.desk.open(this, focus);
    });
  }

  /** The editor of this exercise's file has come here, or has left. */
  changeEditing() {
    this.element.classList.toggle("exercise-editing", this.editing);
    this.checkButton.textContent = this.editing ? "Save and check" : "Check";
    const open = this.desk?.dirty ? "Edit here (not saved yet)" : "Edit here";
    this.editButton.textContent = this.editing ? "Close the editor" : open;
  }
}
