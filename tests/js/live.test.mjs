// node --test tests/js: what the live page says, and what its editor knows of texts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { diff, functionLines, hunks, placeToWrite, shared } from "../../chapters/assets/js/editor-text.mjs";
import { checking, done, news, parts, pieces, progress, standing } from "../../chapters/assets/js/live-words.mjs";

const FILE = `"""A set."""

def first(a,
          b=(1, 2)):
    """First."""
    raise NotImplementedError("first: put your answer here")


# about the second
class second:
    def first(self):
        return 1

    # its end
# more
third = 1
`.split("\n");

test("a function is found, with its signature and its last line", () => {
  assert.deepEqual(functionLines(FILE, "first"), { start: 2, signature: 3, end: 5 });
  assert.deepEqual(functionLines(FILE, "second"), { start: 9, signature: 9, end: 13 });
  assert.equal(functionLines(FILE, "third"), null);
  assert.equal(functionLines(FILE, "fir"), null);
  assert.deepEqual(functionLines(["def f(:"], "f"), { start: 0, signature: 0, end: 0 });
  assert.deepEqual(functionLines(["def f(", "    x", ")", "", "    return ("], "f").end, 4);
});

test("one writes where the stub raises, else at the end of the function", () => {
  assert.deepEqual(placeToWrite(FILE, functionLines(FILE, "first")), { line: 5, replace: true });
  assert.deepEqual(placeToWrite(FILE, functionLines(FILE, "second")), { line: 13, replace: false });
});

const side = (lines, other) => lines.filter(([sign]) => sign !== other).map(([, line]) => line);

test("a diff holds both texts, and few signs", () => {
  const texts = ["", "a", "a b c d", "a c d", "b c x d", "x a y b z", "d c b a"].map((text) => text.split(" "));
  for (const old of texts)
    for (const now of texts) {
      const lines = diff(old, now);
      assert.deepEqual([side(lines, "+"), side(lines, "−")], [old, now]);
    }
  assert.deepEqual(diff(["a", "b", "c"], ["a", "x", "c"]), [[" ", "a"], ["−", "b"], ["+", "x"], [" ", "c"]]);
  assert.equal(diff("a b c d e".split(" "), "b x d e f".split(" ")).filter(([sign]) => sign === " ").length, 3);
});

test("a diff of long texts is quick, and still holds both", () => {
  const old = Array.from({ length: 20_000 }, (_, i) => `${i}`);
  const now = old.map((line) => `x${line}`);
  const lines = diff(["same", ...old], ["same", ...now]);
  assert.deepEqual([side(lines, "+").length, side(lines, "−").length], [20_001, 20_001]);
});

test("of a diff only what differs is shown", () => {
  const lines = diff("a b c d e f g".split(" "), "a b c x e f g".split(" "));
  assert.deepEqual(hunks(lines).map((each) => each[0]).join(""), "… −+ …");
});

test("what two texts share does not overlap", () => {
  assert.deepEqual(shared("aaa", "aa"), [2, 0]);
  assert.deepEqual(shared("abc", "axc"), [1, 1]);
});

const exercise = (id, more = {}) => ({ id, title: id.toUpperCase(), status: "todo", fresh: true, message: "", mistake: null, ...more });
const state = (exercises, more = {}) => ({
  exercises: Object.fromEntries(exercises.map((each) => [each.id, each])), running: [], next: null, focus: null, passed: 1, total: 2, ...more,
});
const failed = exercise("a", { status: "failed", message: "Got 1.\nThe sign is turned.", mistake: "sign" });

test("an exercise stands as its status says, unless it is running or the file has changed", () => {
  assert.equal(standing(failed, []).words, "failed");
  assert.equal(standing(failed, ["a"]).kind, "running");
  assert.equal(standing({ ...failed, fresh: false }, []).words, "failed, changed since");
  assert.equal(standing(exercise("a", { fresh: false }), []).words, "to do");
});

test("a recognised mistake's sentence is apart", () => {
  assert.deepEqual(parts(failed), { message: "Got 1.", mistake: "The sign is turned." });
  assert.deepEqual(parts({ message: "Got 1.\nX", mistake: null }), { message: "Got 1.\nX", mistake: "" });
});

test("progress is said in English", () => {
  assert.equal(progress({ passed: 1, total: 3 }), "1 of 3 exercises passes");
  assert.equal(progress({ passed: 2, total: 3 }), "2 of 3 exercises pass");
  assert.equal(progress({ passed: 0, total: 1 }), "0 of 1 exercise passes");
});

test("news is what changed or was tested, on this page", () => {
  const before = state([exercise("a"), exercise("b")]);
  const none = new Set();
  assert.equal(news(before, before, ["a", "b"], none), "");
  assert.equal(news(before, state([failed, exercise("b")]), ["b"], none), "");
  assert.equal(news(before, state([failed, exercise("b")]), ["a"], none), "“A”: failed. The sign is turned.");
  assert.equal(news(state([failed]), state([failed], { focus: "a" }), ["a"], new Set(["a"])), "“A”: failed. The sign is turned.");
  const passed = state([exercise("a", { status: "passed" }), exercise("b")], { next: "b" });
  assert.equal(news(before, passed, ["a", "b"], none), "Passed: “A”. 1 of 2 exercises passes, next is “B”.");
  assert.equal(news(before, { ...passed, next: null }, ["a"], none), "Passed: “A”. That was the last one: all pass.");
  assert.equal(news(passed, before, ["a"], none), "“A”: to do.");
});

test("code in a message is apart from its words", () => {
  assert.deepEqual(pieces("One.\nTwo."), [["One.\nTwo.", ""]]);
  assert.deepEqual(pieces("Got:\n    a\n      b\nno."), [["Got:", ""], ["a\n  b", "code"], ["no.", ""]]);
});

test("seconds are said only of a long run", () => {
  assert.equal(checking(3), "checking");
  assert.match(checking(5), /^checking … 5 s; /);
});

test("a chapter is done when all of it passes", () => {
  const chapters = [{ folder: "ch01_a", passed: 2, total: 2 }, { folder: "ch02_b", passed: 0, total: 1 }];
  const now = state([exercise("a", { chapter: "ch01_a" }), exercise("b", { chapter: "ch02_b" })], { chapters });
  assert.deepEqual(done(now, now.exercises.a), { words: "Chapter 1 is done: 2 of 2.", next: now.exercises.b });
  assert.equal(done(now, now.exercises.b), null);
  assert.equal(done({ ...now, chapters: chapters.slice(0, 1) }, now.exercises.a).next, null);
});
