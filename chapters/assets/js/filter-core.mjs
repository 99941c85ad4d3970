// A filter that slides over a picture, like conv and MaxPool of deepbook/cnn.py. Nothing here knows of the page. A test lets JAX
// compute the same boards and compares every number.

/** Rows of pixels in quarters of ink: 0 is paper, 4 is ink. The last one is a digit of scikit-learn's. */
export const PICTURES = {
  "vertical line": ["00040000", "00040000", "00040000", "00040000", "00040000", "00040000", "00040000", "00040000"],
  diagonal: ["40000000", "04000000", "00400000", "00040000", "00004000", "00000400", "00000040", "00000004"],
  "line at the border": ["40000000", "40000000", "40000000", "40000000", "40000000", "40000000", "40000000", "40000000"],
  square: ["00000000", "04444440", "04000040", "04000040", "04000040", "04000040", "04444440", "00000000"],
  "all ink": ["44444444", "44444444", "44444444", "44444444", "44444444", "44444444", "44444444", "44444444"],
  "handwritten 7": ["00034420", "00232410", "00000410", "00023440", "00444310", "00214000", "00023000", "00041000"],
};

/** The weights, row by row. */
export const FILTERS = {
  vertical: [0, 1, 0, 0, 1, 0, 0, 1, 0],
  horizontal: [0, 0, 0, 1, 1, 1, 0, 0, 0],
  diagonal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  "line, not area": [-1, 2, -1, -1, 2, -1, -1, 2, -1],
  edge: [1, 0, -1, 1, 0, -1, 1, 0, -1],
};

export const SIZE = 3; // of the filter
export const WEIGHTS = [-2, -1, 0, 1, 2]; // what a weight can be set to

/** A picture as rows of numbers from 0 to 1. */
export const pixels = (name) => PICTURES[name].map((row) => [...row].map((quarters) => Number(quarters) / 4));

/** How many places the filter has along one axis of n pixels. */
export const places = (n, { padding, stride }) => Math.floor((n + 2 * padding - SIZE) / stride) + 1;

/** The nine pixels under the filter at place (i, j), row by row; outside of the picture they are 0. */
export function patch(picture, i, j, { padding, stride }) {
  const [top, left] = [i * stride - padding, j * stride - padding];
  return Array.from({ length: SIZE * SIZE }, (_, k) => picture[top + Math.floor(k / SIZE)]?.[left + (k % SIZE)] ?? 0);
}

/** The score of every place: the sum of the pixels under the filter, each times its weight. */
export function scores(picture, weights, how) {
  const n = places(picture.length, how);
  const score = (i, j) => patch(picture, i, j, how).reduce((sum, pixel, k) => sum + pixel * weights[k], 0);
  return Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => score(i, j)));
}

/** The largest number of each window of 2 × 2; what is left over at the end belongs to none. */
export function maxPool(board) {
  const n = Math.floor(board.length / 2);
  const window = (i, j) => [board[2 * i][2 * j], board[2 * i][2 * j + 1], board[2 * i + 1][2 * j], board[2 * i + 1][2 * j + 1]];
  return Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Math.max(...window(i, j))));
}
