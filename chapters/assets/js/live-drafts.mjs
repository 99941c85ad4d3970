// Text that was typed and not saved yet. The browser keeps it, for each of the learner's folders apart.

const key = (folder, file) => `deepbook unsaved ${folder} ${file}`;

/** {id, base, text} or null: in which exercise's box it was typed, over which version of the file, and the text. */
export function readDraft(folder, file) {
  try {
    return JSON.parse(localStorage.getItem(key(folder, file)));
  } catch {
    return null; // some browsers keep nothing
  }
}

export function keepDraft(folder, file, draft) {
  try {
    localStorage.setItem(key(folder, file), JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

/** Forget it if it is still `text`: in another tab of the same file somebody may have gone on typing. */
export function dropDraft(folder, file, text) {
  if (readDraft(folder, file)?.text !== text) return;
  try {
    localStorage.removeItem(key(folder, file));
  } catch {} // then it is offered again, which does no harm
}
