// One file of exercises being edited: what is on the disk, what is in the editor, and how neither is ever lost.
import { button, html } from "./dom.mjs";
import { diff, hunks } from "./editor-text.mjs";
import { line, prose } from "./live-prose.mjs";
import { dropDraft, keepDraft, readDraft } from "./live-drafts.mjs";

const HELP = "Ctrl-S or ⌘S saves and checks. Tab indents; to leave the editor by keyboard, press Esc and then Tab.";
const BROUGHT_BACK = "Unsaved text from before was brought back.";
const CHANGED =
  "Another program has changed this file since you began. Nothing is overwritten: choose one; the other is kept as a backup.";
const DRAFT_MS = 300;

const unix = (text) => text.replace(/\r\n?/g, "\n");

export class Desk {
  constructor(file, link, Editor) {
    Object.assign(this, { file, link, Editor, editor: null, box: null, timer: 0, queue: Promise.resolve() });
    Object.assign(this, { base: null, saved: null, ends: "\n", folder: link.state.folder }); // of the disk, as we know it
    link.listen(() => this.look());
    addEventListener("pagehide", () => this.writeDraft());
    document.addEventListener("visibilitychange", () => this.writeDraft());
  }

  /** Whether something is in the editor that is not on the disk. */
  get dirty() {
    return Boolean(this.editor) && this.editor.text !== this.saved;
  }

  // Opening, and moving from box to box

  open(box, focus) {
    return this.alone(async () => {
      if (!this.editor) await this.begin();
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
      label: `Your answer, ${this.file}`,
      describedBy: id,
      changed: () => this.changed(),
      save: () => this.box?.check(),
    });
    this.onDisk(disk);
    this.element = html("div", { class: "editor" }, this.editor.dom, this.help, this.note, this.conflict);
    this.bringBack(disk);
  }

  bringBack(disk) {
    const draft = readDraft(this.folder, this.file);
    this.kept = draft?.text;
    if (!draft || draft.text === this.saved) return this.writeDraft();
    this.editor.replace(draft.text, { undo: true });
    if (draft.base === disk.hash) this.say(BROUGHT_BACK, button("Take the file on the disk instead", () => this.takeTheirs()));
    else this.choose(disk, BROUGHT_BACK);
    this.base = draft.base;
    return undefined;
  }

  source() {
    return this.link.ask(`source?file=${encodeURIComponent(this.file)}`);
  }

  // Typing

  changed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.writeDraft(), DRAFT_MS);
    this.shown();
  }

  writeDraft() {
    clearTimeout(this.timer);
    if (!this.editor) return;
    const { text } = this.editor;
    if (!this.dirty) dropDraft(this.folder, this.file, this.kept);
    else if (!keepDraft(this.folder, this.file, { id: this.id, base: this.base, text })) return;
    this.kept = text;
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
    return this.alone(() => (this.dirty ? this.write(false) : this.link.ask("check", { what: this.id })));
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
    this.say(words);
    this.writeDraft();
    this.shown();
  }

  /** After each word from `deepbook learn`: has another program written the file? */
  look() {
    if (this.editor && this.link.state.files[this.file] === null) this.gone();
    else if (this.stale) this.alone(async () => this.stale && this.meet(await this.source())).catch(() => {});
  }

  gone() {
    if (this.saved === null) return;
    this.saved = null;
    this.say("This file is not on the disk any more. “Save and check” writes it again.");
    this.shown();
  }

  /** Whether the disk holds something else than we know of. */
  get stale() {
    return this.editor && this.link.state.files[this.file] !== (this.conflict.hidden ? this.base : this.conflict.dataset.hash);
  }

  /** The disk holds this now. Nothing that somebody wrote is given up. */
  meet(disk) {
    const theirs = unix(disk.text);
    if (disk.hash === this.base) return this.conflict.hidden || this.settle();
    if (theirs === this.editor.text || !this.dirty) {
      const same = theirs === this.editor.text;
      this.onDisk(disk);
      this.editor.replace(theirs, { undo: false });
      return this.settle(same ? "" : "The file changed on the disk; this is its new text.");
    }
    return this.choose(disk);
  }

  // Two versions

  choose(disk, before = "") {
    const theirs = unix(disk.text);
    if (!this.conflict.hidden && this.conflict.dataset.hash === disk.hash) return;
    const alert = html("p", { role: "alert" });
    const lines = hunks(diff(this.editor.lines, theirs.split("\n"))).map(([sign, text]) => {
      const kind = { "−": "mine", "+": "theirs" }[sign] ?? "both";
      return html("span", { class: `editor-${kind}` }, `${sign} ${text}\n`);
    });
    const shown = html("pre", { tabindex: "0", role: "group", "aria-label": "Where the two differ" }, ...lines);
    const choices = [button("Keep mine", () => this.keepMine()), button("Take the one on disk", () => this.takeTheirs())];
    const buttons = html("p", { class: "db-row" }, ...choices);
    this.conflict.replaceChildren(alert, line("editor-key", null, "− yours, + on the disk"), shown, buttons);
    this.conflict.dataset.hash = disk.hash;
    this.conflict.hidden = false;
    alert.textContent = `${before} ${CHANGED}`.trim();
  }

  keepMine() {
    return this.box.attempt(() => this.alone(async () => {
      const { kept } = await this.write(true);
      this.settle(`Saved. What was on the disk is kept in ${kept ?? ".deepbook/backups"}.`);
    }));
  }

  takeTheirs() {
    return this.box.attempt(() => this.alone(async () => {
      const { kept } = await this.link.ask("aside", { file: this.file, text: this.outgoing });
      const disk = await this.source();
      this.onDisk(disk);
      this.editor.replace(this.saved, { undo: true });
      this.settle(`This is the file on the disk. What you had written is kept in ${kept}.`);
    }));
  }

  say(words, ...more) {
    this.note.replaceChildren(...prose(words), ...more);
  }
}
