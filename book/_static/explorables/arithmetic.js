// The arithmetic of the book's networks: one step of each cell, the softmax, ways to choose.
//
// Weights are torch's, row after row: weight_ih, weight_hh, bias_ih and bias_hh, as Float32Array.
// Sums are taken in 64 bits and stored in 32, so a state agrees with PyTorch's to about 1e-6.
// A step returns everything that it computed, under the names of rnn_tutorial.states.gates.trace, and
// what it returns is the state that the next step takes.

/** Return weight x + bias, with as many rows as the bias has numbers. */
export function affine(weight, bias, x) {
  const columns = x.length;
  const result = new Float32Array(bias.length);
  let row = 0;
  // Four rows side by side take half the time of one after the other.
  for (; row + 4 <= bias.length; row += 4) {
    const at = row * columns;
    let a = bias[row];
    let b = bias[row + 1];
    let c = bias[row + 2];
    let d = bias[row + 3];
    for (let column = 0; column < columns; column += 1) {
      const number = x[column];
      a += weight[at + column] * number;
      b += weight[at + columns + column] * number;
      c += weight[at + 2 * columns + column] * number;
      d += weight[at + 3 * columns + column] * number;
    }
    result[row] = a;
    result[row + 1] = b;
    result[row + 2] = c;
    result[row + 3] = d;
  }
  for (; row < bias.length; row += 1) {
    let sum = bias[row];
    for (let column = 0; column < columns; column += 1) {
      sum += weight[row * columns + column] * x[column];
    }
    result[row] = sum;
  }
  return result;
}

/** Return a vector of zeros with a one, the code of a symbol. */
export function oneHot(symbol, size) {
  const vector = new Float32Array(size);
  vector[symbol] = 1;
  return vector;
}

/** Return the logistic function of a number. */
export function sigmoid(number) {
  return 1 / (1 + Math.exp(-number));
}

/** Return the state from which a cell starts: zeros. */
export function zeroState(cell, size) {
  const h = new Float32Array(size);
  return cell === "lstm" ? { h, c: new Float32Array(size) } : { h };
}

/** One step of the tanh RNN: h' = tanh(W_ih x + b_ih + W_hh h + b_hh). */
export function rnnStep(weights, x, { h }) {
  const fromInput = affine(weights.weight_ih, weights.bias_ih, x);
  const fromState = affine(weights.weight_hh, weights.bias_hh, h);
  return { h: fromInput.map((number, unit) => Math.tanh(number + fromState[unit])) };
}

/** One step of the LSTM: gates i, f, o, the candidate g, the cell c and the state h. */
export function lstmStep(weights, x, { h, c }) {
  const size = h.length;
  const fromInput = affine(weights.weight_ih, weights.bias_ih, x);
  const fromState = affine(weights.weight_hh, weights.bias_hh, h);
  const block = (index, squash) =>
    h.map((_, unit) => squash(fromInput[index * size + unit] + fromState[index * size + unit]));
  const [i, f, g, o] = [sigmoid, sigmoid, Math.tanh, sigmoid].map((squash, n) => block(n, squash));
  const cell = c.map((number, unit) => f[unit] * number + i[unit] * g[unit]);
  return { i, f, g, o, c: cell, h: cell.map((number, unit) => o[unit] * Math.tanh(number)) };
}

/** One step of the GRU, in torch's variant: gates r and z, the candidate n and the state h. */
export function gruStep(weights, x, { h }) {
  const size = h.length;
  const fromInput = affine(weights.weight_ih, weights.bias_ih, x);
  const fromState = affine(weights.weight_hh, weights.bias_hh, h);
  const r = h.map((_, unit) => sigmoid(fromInput[unit] + fromState[unit]));
  const z = h.map((_, unit) => sigmoid(fromInput[size + unit] + fromState[size + unit]));
  const n = h.map((_, unit) =>
    Math.tanh(fromInput[2 * size + unit] + r[unit] * fromState[2 * size + unit]),
  );
  return { r, z, n, h: h.map((number, unit) => (1 - z[unit]) * n[unit] + z[unit] * number) };
}

/** The step of each kind of cell. */
export const STEPS = { rnn: rnnStep, lstm: lstmStep, gru: gruStep };

/** Return log-probabilities; a logit of -Infinity has probability zero. */
export function logSoftmax(logits) {
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - largest);
  const logSum = largest + Math.log(sum);
  return new Float64Array(logits).map((logit) => logit - logSum);
}

/** Return probabilities. */
export function softmax(logits) {
  return logSoftmax(logits).map(Math.exp);
}

/** Divide logits by a temperature above 0, and return log-probabilities. */
export function temper(logits, temperature) {
  return logSoftmax(new Float64Array(logits).map((logit) => logit / temperature));
}

/** Return the symbols from the most probable to the least; of equals, the lower index first. */
export function byProbability(logits) {
  return Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a] || a - b);
}

/** Keep the k most probable symbols, and return log-probabilities. */
export function keepTopK(logits, k) {
  return keepOnly(logits, byProbability(logits).slice(0, k));
}

/** Keep the fewest symbols whose probabilities add up to at least p. */
export function keepNucleus(logits, p) {
  const probabilities = softmax(logits);
  const kept = [];
  let before = 0;
  for (const symbol of byProbability(logits)) {
    if (before >= p - 1e-9 && p < 1) break; // rounding must not let one more in
    kept.push(symbol);
    before += probabilities[symbol];
  }
  return keepOnly(logits, kept);
}

function keepOnly(logits, kept) {
  const filtered = new Float64Array(logits.length).fill(-Infinity);
  for (const symbol of kept) filtered[symbol] = logits[symbol];
  return logSoftmax(filtered);
}

/** Return the entropy of a distribution in bits. */
export function entropy(probabilities) {
  return probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log2(p) : sum), 0);
}

/** Draw a symbol: the first whose cumulated probability is above a uniform number in [0, 1). */
export function draw(probabilities, uniform) {
  const limit = uniform * probabilities.reduce((a, b) => a + b, 0);
  let cumulated = 0;
  let last = 0;
  for (const [symbol, probability] of probabilities.entries()) {
    if (probability === 0) continue;
    cumulated += probability;
    last = symbol;
    if (cumulated > limit) return symbol;
  }
  return last;
}

/** Return a function that draws uniform numbers in [0, 1), the same ones for the same seed.
 *
 * This is the generator mulberry32: enough to choose characters, and nothing more.
 */
export function uniformNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
