// What the live page says: pure functions of the state that `deepbook learn` sends.

import { phrase } from "./phrase.mjs";

/** A mark and a word for each status; deepbook/course/tell.py has the same words, and a test compares them. */
export const WORDS = {
  passed: ["✓", "passed"],
  failed: ["✗", "failed"],
  todo: ["○", "to do"],
  broken: ["!", "cannot run"],
  stuck: ["∞", "never ended"],
  crashed: ["✗", "crashed"],
};

const QUIET_S = 3;

/** What is said while an exercise is tested, after so many seconds. */
export function checking(seconds) {
  return seconds <= QUIET_S ? phrase("checking") : phrase("checking … {seconds} s; an endless loop is stopped after 20 s", { seconds });
}

/** How an exercise stands: `kind` for the style sheet, a mark, and words. */
export function standing(exercise, running) {
  if (running.includes(exercise.id)) return { kind: "running", mark: "…", words: checking(0) };
  const [mark, word] = WORDS[exercise.status];
  const old = !exercise.fresh && exercise.status !== "todo";
  return { kind: exercise.status, mark, words: old ? phrase("{status}, changed since", { status: phrase(word) }) : phrase(word) };
}

/** The message without its last line where that is the sentence about a recognised mistake, and that sentence. */
export function parts({ message, mistake }) {
  const lines = message.trimEnd().split("\n");
  const last = mistake ? lines.pop() : "";
  return { message: lines.join("\n").trimEnd(), mistake: last };
}

/** A text in pieces: [words, ""] and [code, "code"], where code is lines that begin with four spaces. */
export function pieces(text) {
  const out = [];
  for (const line of text.split("\n")) {
    const last = out.at(-1);
    const kind = /^ {4}/.test(line) ? "code" : "";
    if (last && last[1] === kind) last[0] += `\n${line}`;
    else out.push([line, kind]);
  }
  return out.map(([lines, kind]) => [kind ? lines.replace(/^ {4}/gm, "") : lines, kind]);
}

export const points = (number) => (number === 1 ? phrase("1 point") : phrase("{number} points", { number }));

/** "3 of 35 exercises pass", and 1 of them passes. */
export function progress({ passed, total }) {
  if (total === 1) return phrase("{passed} of 1 exercise passes", { passed });
  if (passed === 1) return phrase("1 of {total} exercises passes", { total });
  return phrase("{passed} of {total} exercises pass", { passed, total });
}

export const nextOf = (state) => state.exercises[state.next] ?? null;

/**
 * The end of a chapter, if all exercises of the one that holds this exercise pass: words, and the first exercise of the
 * chapter after it (null after the last). Else null.
 */
export function done(state, { chapter: folder }) {
  const at = state.chapters.findIndex((each) => each.folder === folder);
  const { passed, total } = state.chapters[at] ?? {};
  if (!total || passed < total) return null;
  const following = state.chapters[at + 1]?.folder;
  const next = Object.values(state.exercises).find((each) => each.chapter === following) ?? null;
  return { words: phrase("Chapter {number} is done: {passed} of {total}.", { number: Number(folder.slice(2, 4)), passed, total }), next };
}

const verdict = (exercise) => exercise && `${exercise.status} ${exercise.message}`;

/**
 * One sentence about what is new, for those who cannot see it; "" if nothing is.
 *
 * before, now: states in which nothing runs. here: the ids of this page's exercises. tested: those that ran in between.
 */
export function news(before, now, here, tested) {
  const differs = (id) => verdict(before.exercises[id]) !== verdict(now.exercises[id]);
  const changed = here.filter((id) => now.exercises[id] && (tested.has(id) || differs(id)));
  if (!changed.length) return "";
  const wasPassed = (id) => before.exercises[id]?.status === "passed";
  const passes = changed.filter((id) => now.exercises[id].status === "passed" && !wasPassed(id));
  if (passes.length) {
    const next = nextOf(now);
    const names = passes.map((id) => phrase("“{title}”", now.exercises[id])).join(", ");
    return next
      ? phrase("Passed: {names}. {progress}, next is “{title}”.", { names, progress: progress(now), title: next.title })
      : phrase("Passed: {names}. That was the last one: all pass.", { names });
  }
  const focus = changed.includes(now.focus) ? now.focus : (changed.find(differs) ?? changed[0]);
  const { title, status, message, mistake } = now.exercises[focus];
  const said = parts({ message, mistake });
  const why = ["passed", "todo"].includes(status) ? "" : said.mistake || said.message.split("\n")[0];
  return phrase("“{title}”: {status}. {why}", { title, status: phrase(WORDS[status][1]), why }).trim();
}
