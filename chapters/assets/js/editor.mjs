/*! This file contains CodeMirror 6 and Lezer, with style-mod, w3c-keyname, crelt and find-cluster-break.
MIT License. Copyright (C) 2016-2024 by Marijn Haverbeke <marijn@haverbeke.berlin> and others

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in
all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN
THE SOFTWARE.
*/
// The editor: CodeMirror, and of it only what a file of exercises needs. `npm run bundle` makes editor.js of this,
// which the live page loads when somebody wants to edit; the static site never does.
import { defaultKeymap, history, historyKeymap, indentWithTab, simplifySelection } from "@codemirror/commands";
import { pythonLanguage } from "@codemirror/lang-python";
import { codeFolding, foldEffect, foldGutter, foldKeymap, foldedRanges, indentOnInput, indentUnit, syntaxHighlighting, unfoldEffect } from "@codemirror/language";
import { EditorSelection, EditorState, Transaction } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import { Desk } from "./editor-desk.mjs";
import { functionLines, placeToWrite, shared } from "./editor-text.mjs";

const LEAVE_MS = 5000;

/** Esc, and then Tab goes to what comes after the editor. (CodeMirror's own Esc does that only if nothing is selected.) */
const leave = (view) => {
  simplifySelection(view);
  view.setTabFocusMode(LEAVE_MS);
  return true;
};

/** To show a function scrolls the editor, never the page. */
const scrollInside = EditorView.scrollHandler.of((view, { head }, { y }) => {
  if (y !== "start") return false;
  view.scrollDOM.scrollTop = view.lineBlockAt(head).top;
  return true;
});

export class Editor {
  /** label, describedBy: for screen readers. changed(), save(): what to call. */
  constructor(text, { label, describedBy, changed, save }) {
    const attributes = { tabindex: "0", "aria-label": label, "aria-describedby": describedBy };
    const saveKey = { key: "Mod-s", preventDefault: true, run: () => (save(), true) };
    const escapeKey = { key: "Escape", run: leave };
    const extensions = [
      keymap.of([saveKey, escapeKey, indentWithTab, ...foldKeymap, ...historyKeymap, ...defaultKeymap]),
      lineNumbers(),
      history(),
      pythonLanguage,
      indentUnit.of("    "),
      EditorState.tabSize.of(4),
      indentOnInput(),
      codeFolding(),
      foldGutter(),
      syntaxHighlighting(classHighlighter),
      EditorView.lineWrapping,
      scrollInside,
      EditorView.contentAttributes.of(attributes),
      EditorView.updateListener.of((update) => update.docChanged && changed()),
    ];
    this.view = new EditorView({ state: EditorState.create({ doc: text, extensions }) });
  }

  get dom() {
    return this.view.dom;
  }

  /** The text, with "\n" as the end of each line. */
  get text() {
    return this.view.state.doc.toString();
  }

  get lines() {
    return this.text.split("\n");
  }

  focus() {
    this.view.focus();
  }

  /** Put another text in, so that the cursor and what is folded stay where they can. */
  replace(text, { undo }) {
    const old = this.text;
    const [head, tail] = shared(old, text);
    const changes = { from: head, to: old.length - tail, insert: text.slice(head, text.length - tail) };
    this.view.dispatch({ changes, annotations: Transaction.addToHistory.of(undo) });
  }

  /** Fold the functions of these names and unfold all else; go to the function `name`, to where one writes. */
  show(name, others, focus) {
    const { state } = this.view;
    const effects = [];
    foldedRanges(state).between(0, state.doc.length, (from, to) => void effects.push(unfoldEffect.of({ from, to })));
    for (const other of others) effects.push(...this.folding(functionLines(this.lines, other)));
    const at = functionLines(this.lines, name);
    const selection = at ? this.selectionIn(this.lines, at) : EditorSelection.cursor(0);
    const top = at ? state.doc.line(at.start + 1).from : 0;
    this.view.dispatch({ selection, effects: [...effects, EditorView.scrollIntoView(top, { y: "start" })] });
    if (focus) this.view.focus();
  }

  /** Of a function its body, from the end of the line that ends the signature. */
  folding(at) {
    const { doc } = this.view.state;
    if (!at || at.end === at.signature) return [];
    return [foldEffect.of({ from: doc.line(at.signature + 1).to, to: doc.line(at.end + 1).to })];
  }

  selectionIn(lines, at) {
    const place = placeToWrite(lines, at);
    const line = this.view.state.doc.line(place.line + 1);
    const indent = line.text.search(/\S/);
    return place.replace ? EditorSelection.range(line.from + indent, line.to) : EditorSelection.cursor(line.to);
  }
}

const desks = new Map();

/** The one desk of a file. */
function deskOf(file, link) {
  if (!desks.has(file)) desks.set(file, new Desk(file, link, Editor));
  return desks.get(file);
}

globalThis.deepbookEditor = { deskOf, desks };
addEventListener("beforeunload", (event) => {
  if ([...desks.values()].some((desk) => desk.dirty)) event.preventDefault();
});
