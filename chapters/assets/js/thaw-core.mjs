// Freezing and thawing the layers of a small network, after recorded trainings of `deepbook lab thaw`. Nothing here knows of the
// page. thaw-table.mjs is made of the lab's record, and a test compares the two.
import { TABLE } from "./thaw-table.mjs";

export { TABLE };

export const PARTS = TABLE.parts; // from the picture to the answer
export const SHOTS = TABLE.shots; // examples of each digit
export const RATES = Object.keys(TABLE.rates);

/** Whether each part learns if the last n do. */
export const flags = (n) => PARTS.map((_, i) => i >= PARTS.length - n);

/** How many parameters learn if the last n parts do. */
export const learning = (n) => flags(n).reduce((sum, on, i) => sum + (on ? TABLE.parameters[i] : 0), 0);

export const total = TABLE.parameters.reduce((sum, size) => sum + size, 0);

/** A share as it stands on the page, in percent. */
export const percent = (share) => (100 * share).toFixed(1);

/** By how many points one share is above another, as a reader works it out from the two numbers on the page. */
export const points = (one, other) => Number((percent(one) - percent(other)).toFixed(1));

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** One cell of the record: the draws and their mean for the new digits and for the old ones, and what from scratch gives. */
export function recorded({ thawed, shots, rate }) {
  const [row, n] = [SHOTS.indexOf(shots), String(TABLE.thawed[thawed - 1])];
  const [fresh, kept, scratch] = [TABLE.new[n][rate][row], TABLE.old[n][rate][row], TABLE.scratch[rate][row]];
  return { fresh: { draws: fresh, mean: mean(fresh) }, kept: { draws: kept, mean: mean(kept) }, scratch: mean(scratch), before: mean(TABLE.old_before) };
}
