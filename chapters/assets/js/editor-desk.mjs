// One file of exercises being edited: what is on the disk, what is in the editor, and how neither is ever lost.
import { button, html } from "./dom.mjs";
import { diff, hunks } from "./editor-text.mjs";
import { line, prose } from "./live-prose.mjs";
import { dropDraft, keepDraft, takeDraft } from "./live-drafts.mjs";
import { phrase } from "./phrase.mjs";

const HELP = phrase("Ctrl-S or ⌘S saves and checks. Tab indents; to leave the editor by keyboard, press Esc and then Tab.");
const BROUGHT_BACK = phrase("Unsaved text from before was brought back.");
const CHANGED =
  phrase("Another program has changed this file since you began. Nothing is overwritten: choose one; the other is kept as a backup.");
const CHOOSE = phrase("Choose one of the two first.");
const TAKEN = phrase("The file changed on the disk; this is its new text. Ctrl-Z or ⌘Z brings the old one back.");
const DRAFT_MS = 300;

const unix = (text) => text.replace(/\r\n?/g, "\n");

export class Desk {
  constructor(file, link, Editor) {
    Object.assign(this, { file, link, Editor, editor: null, box: null, timer: 0, queue: Promise.resolve() });
    this.passing = false; // whether the note stops being true with the next thing that is done here
    Object.assign(this, { base: null, saved: null, ends: "\n", folder: link.state.folder }); // of the disk, as we know it
    link.listen(() => this.look());
    addEventListener("pagehide", () => this.writeDraft());
    document.addEventListener("visibilitychange", () => document.hidden && this.writeDraft());
  }

  /** Whether something is in the editor that is not on the disk. */
  get dirty() {
    return Boolean(this.editor) && this.editor.text !== this.saved;
  }

  /** Whether the learner has still to choose between two versions. */
  get undecided() {
    return Boolean(this.editor) && !this.conflict.hidden;
  }

  // Opening, and moving from box to box

  open(box, focus) {
    return this.alone(async () => {
      if (this.editor) this.forget();
      else await this.begin();
      const from = this.box;
      Object.assign(this, { box, id: box.id });
      from?.changeEditing();
      box.place.append(this.element);
      box.changeEditing();
      const others = Object.values(this.link.state.exercises).filter((each) => each.file === this.file && each.id !== box.id);
      this.editor.show(box.name, others.map(({ name }) => name), focus);
      if (focus) this.element.scrollIntoView({ block: "nearest" });
      this.shown();
    });
  }

  close() {
    const { box } = this;
    this.box = null;
    this.element.remove();
    this.writeDraft();
    box.changeEditing();
    box.editButton.focus();
  }

  async begin() {
    const disk = await this.source();
    const id = `editor-${this.file.replace(/\W/g, "-")}`;
    this.note = line("editor-note", "status");
    this.help = html("p", { class: "editor-help", id }, HELP);
    this.conflict = html("div", { class: "editor-conflict", hidden: "" });
    this.editor = new this.Editor(unix(disk.text), {
      label: phrase("Your answer, {file}", this),
      describedBy: id,
      changed: () => this.changed(),
      save: () => this.box?.check(),
    });
    this.onDisk(disk);
    this.element = html("div", { class: "editor" }, this.editor.dom, this.help, this.note, this.conflict);
    await this.bringBack(disk);
  }

  async bringBack(disk) {
    const draft = await takeDraft(this.folder, this.file, this.saved);
    if (!draft) return;
    this.editor.replace(draft.text, { undo: true });
    if (draft.base === disk.hash) this.say(BROUGHT_BACK, button(phrase("Take the file on the disk instead"), () => this.takeTheirs()));
    else this.choose(disk, BROUGHT_BACK);
    this.base = draft.base;
  }

  source() {
    return this.link.ask(`source?file=${encodeURIComponent(this.file)}`);
  }

  // Typing

  changed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.writeDraft(), DRAFT_MS);
    this.forget();
    this.shown();
  }

  writeDraft() {
    clearTimeout(this.timer);
    if (!this.editor) return;
    const { text } = this.editor;
    if (this.dirty) keepDraft(this.folder, this.file, { id: this.id, base: this.base, text });
    else dropDraft(this.folder, this.file);
  }

  shown() {
    this.element.classList.toggle("editor-unsaved", this.dirty);
  }

  // The disk

  /** What is done with the disk is done one after the other. */
  alone(action) {
    const done = this.queue.then(action);
    this.queue = done.catch(() => {});
    return done;
  }

  onDisk({ text, hash }) {
    this.base = hash;
    this.saved = unix(text);
    this.ends = text.includes("\r\n") ? "\r\n" : "\n";
  }

  /** The text as it is to be written: with the line ends that the file had. */
  get outgoing() {
    return this.editor.text.replaceAll("\n", this.ends);
  }

  save() {
    return this.alone(() => {
      if (this.undecided) return this.chooseFirst();
      return this.dirty ? this.write(false) : this.link.ask("check", { what: this.id });
    });
  }

  async write(over) {
    const { text } = this.editor;
    const answer = await this.link.ask("save", { file: this.file, text: this.outgoing, base: this.base, over });
    if (answer.changed) {
      this.meet(answer);
      this.conflict.scrollIntoView({ block: "nearest" });
      return answer;
    }
    Object.assign(this, { base: answer.hash, saved: text });
    this.settle();
    return answer;
  }

  settle(words = "") {
    this.conflict.hidden = true;
    this.conflict.replaceChildren();
    this.remark(words);
    this.writeDraft();
    this.shown();
  }

  /** After each word from `deepbook learn`: has another program written the file? */
  look() {
    if (this.editor && this.link.state.files[this.file] === null) this.gone();
    else if (this.unknown) this.alone(async () => this.unknown && this.meet(await this.source())).catch(() => {});
  }

  gone() {
    if (this.saved === null) return;
    this.saved = null;
    this.say(phrase("This file is not on the disk any more. “Save and check” writes it again."));
    this.shown();
  }

  /** Whether the disk holds something else than we know of, or holds again what was gone. */
  get unknown() {
    if (!this.editor) return false;
    const known = this.conflict.hidden ? this.base : this.conflict.dataset.hash;
    return this.saved === null || this.link.state.files[this.file] !== known;
  }

  /** The disk holds this now. Nothing that somebody wrote is given up. */
  meet(disk) {
    const theirs = unix(disk.text);
    if (disk.hash === this.base) {
      const settled = this.saved !== null && !this.undecided;
      this.saved = theirs;
      return settled || this.settle();
    }
    if (theirs === this.editor.text || !this.dirty) {
      const same = theirs === this.editor.text;
      this.take(disk);
      return this.settle(same ? "" : TAKEN);
    }
    return this.choose(disk);
  }

  /** Show what is on the disk; undoing brings back what was shown before. */
  take(disk) {
    this.onDisk(disk);
    this.editor.replace(this.saved, { undo: true });
  }

  /** Put an exercise back as it was handed out. What is not saved is set aside first; returns what was done. */
  startAgain(id) {
    return this.alone(async () => {
      const { text } = this.editor;
      const aside = this.dirty ? await this.setAside() : "";
      const { said } = await this.link.ask("reset", { what: id });
      const disk = await this.source();
      if (this.editor.text !== text) this.meet(disk); // somebody went on typing
      else {
        this.take(disk);
        this.settle();
      }
      return aside ? phrase("{said} What was not saved yet is kept in {aside}.", { said, aside }) : said;
    });
  }

  /** Keep the editor's text as a backup; gives its place. */
  async setAside() {
    return (await this.link.ask("aside", { file: this.file, text: this.outgoing })).kept;
  }

  // Two versions

  choose(disk, before = "") {
    const theirs = unix(disk.text);
    this.forget();
    if (!this.conflict.hidden && this.conflict.dataset.hash === disk.hash) return;
    const alert = html("p", { role: "alert" });
    const lines = hunks(diff(this.editor.lines, theirs.split("\n"))).map(([sign, text]) => {
      const kind = { "−": "mine", "+": "theirs" }[sign] ?? "both";
      return html("span", { class: `editor-${kind}` }, `${sign} ${text}\n`);
    });
    const shown = html("pre", { tabindex: "0", role: "group", "aria-label": phrase("Where the two differ") }, ...lines);
    const choices = [button(phrase("Keep mine"), () => this.keepMine()), button(phrase("Take the one on disk"), () => this.takeTheirs())];
    const buttons = html("p", { class: "db-row" }, ...choices);
    this.conflict.replaceChildren(alert, line("editor-key", null, phrase("− yours, + on the disk")), shown, buttons);
    this.conflict.dataset.hash = disk.hash;
    this.conflict.hidden = false;
    alert.textContent = `${before} ${CHANGED}`.trim();
  }

  chooseFirst() {
    this.remark(CHOOSE);
    this.conflict.scrollIntoView({ block: "nearest" });
  }

  keepMine() {
    return this.box.attempt(() => this.alone(async () => {
      const { kept } = await this.write(true);
      this.settle(phrase("Saved. What was on the disk is kept in {kept}.", { kept: kept ?? ".deepbook/backups" }));
      this.editor.focus();
    }));
  }

  takeTheirs() {
    return this.box.attempt(() => this.alone(async () => {
      const kept = await this.setAside();
      this.take(await this.source());
      this.settle(phrase("This is the file on the disk. What you had written is kept in {kept}.", { kept }));
      this.editor.focus();
    }));
  }

  // The note below the editor

  say(words, ...more) {
    this.passing = false;
    this.note.replaceChildren(...prose(words), ...more);
  }

  /** Say what is true until the learner goes on. */
  remark(words) {
    this.say(words);
    this.passing = true;
  }

  forget() {
    if (this.passing) this.say("");
  }
}
