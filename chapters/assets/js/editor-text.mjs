// What the editor must know about texts: where a function stands in a file, and in which lines two texts differ.

const MOST_CELLS = 1_000_000;

/**
 * Where the function `name` stands among the lines of a file: indices of its `def` line, of the line that ends its
 * signature, and of its last line. null if there is none. It needs no correct Python: somebody is writing it.
 */
export function functionLines(lines, name) {
  const start = lines.findIndex((line) => new RegExp(`^(async +)?(def|class) +${name}\\b`).test(line));
  if (start < 0) return null;
  let next = start + 1;
  while (next < lines.length && !/^[^\s#)\]}]/.test(lines[next])) next++;
  let end = next - 1;
  while (end > start && !/^\s+\S/.test(lines[end])) end--;
  let signature = start;
  while (signature < end && !/:\s*(#.*)?$/.test(lines[signature])) signature++;
  return { start, signature, end };
}

/** Where one starts to write in it: the line that only raises NotImplementedError, else its last line. */
export function placeToWrite(lines, { start, end }) {
  const open = lines.findIndex((line, i) => i > start && i <= end && /^\s+raise NotImplementedError\b/.test(line));
  return { line: open < 0 ? end : open, replace: open >= 0 };
}

/** How much two texts (or two lists of lines) share at their start and, of the rest, at their end. */
export function shared(old, now) {
  const most = Math.min(old.length, now.length);
  let head = 0;
  while (head < most && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < most - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  return [head, tail];
}

/**
 * The lines of two texts as ["−" | "+" | " ", line], each line of `old` and of `now` once and in order, with few
 * signs: the longest common subsequence of lines. Where that would take long, all that differs is given as a whole.
 */
export function diff(old, now) {
  const [head, tail] = shared(old, now);
  const a = old.slice(head, old.length - tail);
  const b = now.slice(head, now.length - tail);
  const same = (lines) => lines.map((line) => [" ", line]);
  return [...same(old.slice(0, head)), ...middle(a, b), ...same(old.slice(old.length - tail))];
}

function middle(a, b) {
  const long = a.length * b.length > MOST_CELLS;
  // common[i][j]: the length of the longest common subsequence of a from i on and b from j on
  const common = long ? null : Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; common && i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      common[i][j] = a[i] === b[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
  const out = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (common && i < a.length && j < b.length && a[i] === b[j]) {
      out.push([" ", a[i++]]);
      j++;
    } else if (i < a.length && (j >= b.length || long || common[i + 1][j] >= common[i][j + 1])) out.push(["−", a[i++]]);
    else out.push(["+", b[j++]]);
  }
  return out;
}

/** Of a diff what differs, with one equal line around, and "…" where lines are left out. */
export function hunks(lines) {
  const near = (i) => [i - 1, i, i + 1].some((each) => lines[each] && lines[each][0] !== " ");
  const out = [];
  lines.forEach((line, i) => {
    if (near(i)) out.push(line);
    else if (out.at(-1)?.[0] !== "…") out.push(["…", ""]);
  });
  return out;
}
