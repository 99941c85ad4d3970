// Text that was typed and not saved yet. The browser keeps it, for each of the learner's folders and each tab apart:
// what was typed in two tabs is kept twice, and brought back one after the other, when its tab is gone.

const TAB = Math.random().toString(36).slice(2);
const LOCK = "deepbook tab ";
navigator.locks?.request(LOCK + TAB, () => new Promise(() => {})); // held as long as this tab lives
const start = (folder, file) => `deepbook unsaved ${folder} ${file} `;

/** What `action` gives, or null: some browsers keep nothing. */
function kept(action) {
  try {
    return action();
  } catch {
    return null;
  }
}

/** The other tabs that are open. */
async function tabs() {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return held.map(({ name }) => name.slice(LOCK.length)).filter((tab) => tab !== TAB);
}

/** [key, draft] of each text that is kept for a file and that no other tab still has, the newest first. */
async function drafts(folder, file) {
  const others = await tabs();
  const keys = kept(() => Object.keys(localStorage)) ?? [];
  const mine = keys.filter((key) => key.startsWith(start(folder, file)) && !others.some((tab) => key.endsWith(` ${tab}`)));
  const all = mine.map((key) => [key, kept(() => JSON.parse(localStorage.getItem(key)))]);
  return all.filter(([, draft]) => typeof draft?.text === "string").sort(([, a], [, b]) => b.time - a.time);
}

/** {id, base, text} or null: in which exercise's box it was typed, over which version of the file, and the text. */
export async function readDraft(folder, file) {
  return (await drafts(folder, file))[0]?.[1] ?? null;
}

/** The newest draft of a file, as this tab's own from now on. What is equal to `saved` is on the disk, and forgotten. */
export async function takeDraft(folder, file, saved) {
  const all = await drafts(folder, file);
  for (const [key, { text }] of all) if (text === saved) kept(() => localStorage.removeItem(key));
  const [key, draft] = all.find(([, { text }]) => text !== saved) ?? [];
  if (!draft) return null;
  if (keepDraft(folder, file, draft)) kept(() => localStorage.removeItem(key));
  return draft;
}

export function keepDraft(folder, file, draft) {
  const text = JSON.stringify({ ...draft, time: Date.now() });
  return kept(() => (localStorage.setItem(start(folder, file) + TAB, text), true)) ?? false;
}

/** Forget what this tab kept. */
export function dropDraft(folder, file) {
  kept(() => localStorage.removeItem(start(folder, file) + TAB)); // else it is offered again, which does no harm
}
