// What a classifier's output says: probabilities, and the most likely classes.

/** One class of a classifier's answer. */
export interface Prediction {
  readonly index: number;
  readonly probability: number;
}

/**
 * Turns logits into probabilities, in float64; the largest logit is subtracted first, so that nothing overflows.
 *
 * @param logits one number a class; a NaN among them makes every probability NaN
 */
export function softmax(logits: ArrayLike<number>): Float64Array {
  const result = new Float64Array(logits.length);
  let largest = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < logits.length; ++index) largest = Math.max(largest, logits[index]);
  let sum = 0;
  for (let index = 0; index < logits.length; ++index) {
    result[index] = Math.exp(logits[index] - largest);
    sum += result[index];
  }
  for (let index = 0; index < logits.length; ++index) result[index] /= sum;
  return result;
}

/** Whether these numbers already are probabilities of classes: each within 0…1, and together 1 within 1e-3. */
export function areProbabilities(values: ArrayLike<number>): boolean {
  let sum = 0;
  for (let index = 0; index < values.length; ++index) {
    if (!(values[index] >= 0 && values[index] <= 1)) return false;
    sum += values[index];
  }
  return Math.abs(sum - 1) <= 1e-3;
}

/**
 * The `k` largest values, largest first; of equal ones the lower index comes first.
 *
 * @param probabilities one number a class
 * @param k how many; all of them where there are fewer
 */
export function topK(probabilities: ArrayLike<number>, k: number): Prediction[] {
  return Array.from(probabilities, (probability, index) => ({ index, probability }))
    .sort((a, b) => b.probability - a.probability || a.index - b.index)
    .slice(0, k);
}
