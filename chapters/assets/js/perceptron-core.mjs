// The perceptron of deepbook/perceptron.py in JavaScript, for two features. Nothing here knows of the page.
// A test feeds both the same points and compares every number. Coordinates are multiples of 1/16, so that 32-bit and
// 64-bit arithmetic agree to the last bit.

export const GRID = 1 / 16;

export const ZERO = { w: [0, 0], b: 0 };

/** 1 where z is positive, otherwise 0. */
export const step = (z) => (z > 0 ? 1 : 0);

export const weightedSum = ({ w, b }, x) => w[0] * x[0] + w[1] * x[1] + b;

export const predict = (params, x) => step(weightedSum(params, x));

/** Rosenblatt's rule for one example: W += lr (y - yhat) x, b += lr (y - yhat). */
export function update(params, { x, y }, lr = 1) {
  const error = lr * (y - predict(params, x));
  return { w: [params.w[0] + error * x[0], params.w[1] + error * x[1]], b: params.b + error };
}

/** Every example once, in the given order; `mistakes` counts those that were answered wrongly when their turn came. */
export function epoch(params, points, lr = 1) {
  let mistakes = 0;
  for (const point of points) {
    if (predict(params, point.x) !== point.y) mistakes += 1;
    params = update(params, point, lr);
  }
  return { params, mistakes };
}

/** As many epochs as asked, from zero: the last parameters and the mistakes of each epoch. */
export function fit(points, epochs, lr = 1) {
  let params = ZERO;
  const mistakes = [];
  for (let i = 0; i < epochs; i++) {
    const one = epoch(params, points, lr);
    params = one.params;
    mistakes.push(one.mistakes);
  }
  return { params, mistakes };
}

/**
 * A training that can stop after each example. `next` is the example whose turn it is, `mistakes` has one number for
 * each epoch, the last of them still growing unless `next` is 0.
 */
export const start = () => ({ params: ZERO, next: 0, mistakes: [] });

/** Look at one example. Returns the training after it and what happened: {index, point, yhat, wrong, before}. */
export function lookAtNext({ params, next, mistakes }, points) {
  const point = points[next];
  const yhat = predict(params, point.x);
  const wrong = yhat !== point.y;
  const counts = next === 0 ? [...mistakes, 0] : [...mistakes];
  counts[counts.length - 1] += wrong ? 1 : 0;
  const after = { params: update(params, point), next: (next + 1) % points.length, mistakes: counts };
  return { after, seen: { index: next, point, yhat, wrong, before: params } };
}

/** Go on to the end of the epoch that is under way, or through a whole one. */
export function finishEpoch(training, points) {
  do training = lookAtNext(training, points).after;
  while (training.next !== 0);
  return training;
}

/** Epoch after epoch until one passes without a mistake, or until there are `limit` of them. */
export function runUntilNoMistakes(training, points, limit = 100) {
  do training = finishEpoch(training, points);
  while (training.mistakes.at(-1) > 0 && training.mistakes.length < limit);
  return training;
}

const points = (...rows) => rows.map(([x0, x1, y]) => ({ x: [x0, x1], y }));

export const PRESETS = {
  separable: points([-1.25, 0.5, 0], [0.25, 1.5, 1], [-0.5, -1.25, 0], [1.5, 0.25, 1], [0.375, -0.75, 0], [1, 1.125, 1]),
  overlapping: points([-1.25, 0.5, 0], [0.25, 1.5, 1], [-0.5, -1.25, 0], [-0.5, -0.375, 1], [0.875, 0.75, 0], [1.5, 0.25, 1]),
  XOR: points([-1, -1, 0], [-1, 1, 1], [1, -1, 1], [1, 1, 0]),
};
