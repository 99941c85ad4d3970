// From scores to probabilities as deepbook/activations.py does it, and as one would do it at first. Nothing here knows of
// the page. Every number is rounded to 32 bits, as JAX rounds it, so that what overflows there overflows here.

const f = Math.fround;

export const START = [1.9, 1.1, 0.2];

/**
 * exp(z / T), or with `subtract` exp(z / T − the largest of them), their sum, and the probabilities: each divided by the
 * sum. Without `subtract` large scores give ∞ and NaN.
 */
export function softmax(logits, { temperature = 1, subtract = true } = {}) {
  const scores = logits.map((z) => f(f(z) / f(temperature)));
  const largest = Math.max(...scores);
  const exponents = scores.map((z) => (subtract ? f(z - largest) : z));
  const exponentials = exponents.map((z) => f(Math.exp(z)));
  const total = exponentials.reduce((sum, each) => f(sum + each), 0);
  return { exponents, exponentials, total, p: exponentials.map((each) => f(each / total)) };
}

/** The surprise at the true class, −log p[y], in nats; with `subtract` computed without p, which may have become 0. */
export function crossEntropy(logits, y, { temperature = 1, subtract = true } = {}) {
  const { exponents, total, p } = softmax(logits, { temperature, subtract });
  return subtract ? f(f(Math.log(total)) - exponents[y]) : f(-Math.log(p[y]));
}
