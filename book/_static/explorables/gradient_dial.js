// Three sliders over a gradient: what spectral radius, slope and non-normality do to it by lag.

import { logChart } from "./charts.js";
import * as controls from "./controls.js";
import * as drawing from "./drawing.js";

const SIGMA = "<msub><mi>σ</mi><mi>max</mi></msub>";
const POWER = "<msubsup><mi>σ</mi><mi>max</mi><mi>k</mi></msubsup>";

export const about = {
  title: "Gradient dial",
  task: "find a spectral radius below 1 with which the gradient grows, and one above 1 with which it vanishes.",
  look: "how far the bound is from what is measured.",
  key: [
    ["bound", `bound: <math>${POWER}</math>`],
    ["even", "if each slope were the mean"],
    ["measured", "measured in a tanh network on noise"],
  ],
};

const LAST = 60; // the largest lag
const [LOW, HIGH] = [-40, 30]; // powers of ten that are drawn
const CLOSE = 1e-12; // relative change at which a norm is taken as found
const ROUNDS = 5000;

/** Return ρ I + d N, row after row, from the rows of N above its diagonal. */
export function matrix(radius, departure, above) {
  const size = above.length;
  const made = new Float64Array(size * size);
  above.forEach((row, i) => {
    made[i * size + i] = radius;
    row.forEach((number, j) => (made[i * size + i + 1 + j] = departure * number));
  });
  return made;
}

/** Return the spectral norms of the powers 0 to `last` of a matrix. */
export function normsOfPowers(w, size, last) {
  let power = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) power[i * size + i] = 1;
  const norms = [1];
  let vector = new Float64Array(size).fill(1);
  for (let k = 1; k <= last; k += 1) {
    power = product(power, w, size);
    let norm = 0;
    [norm, vector] = spectralNorm(power, size, vector);
    norms.push(norm);
  }
  return norms;
}

function product(a, b, size) {
  const made = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1)
    for (let k = 0; k < size; k += 1) {
      const factor = a[i * size + k];
      if (factor === 0) continue;
      for (let j = 0; j < size; j += 1) made[i * size + j] += factor * b[k * size + j];
    }
  return made;
}

/** Find the spectral norm by power iteration of A'A from a vector; return it with its vector. */
function spectralNorm(a, size, start) {
  let vector = unit(start)[1];
  let norm = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const image = new Float64Array(size);
    for (let i = 0; i < size; i += 1)
      for (let j = 0; j < size; j += 1) image[i] += a[i * size + j] * vector[j];
    const [length] = unit(image);
    const back = new Float64Array(size);
    for (let i = 0; i < size; i += 1)
      for (let j = 0; j < size; j += 1) back[j] += a[i * size + j] * image[i];
    vector = unit(back)[1];
    const change = Math.abs(length - norm);
    norm = length;
    if (change <= CLOSE * norm) break;
  }
  return [norm, vector];
}

function unit(vector) {
  const length = Math.hypot(...vector);
  return [length, length > 0 ? vector.map((number) => number / length) : vector];
}

export function mount(root, data) {
  const { radii, departures, slopes, lags } = data;
  const size = data.above.length;
  const place = { radius: radii.indexOf(0.9), departure: departures.indexOf(0.1), slope: slopes.length - 1 };

  const dial = (label, name, settings) =>
    controls.slider({
      label,
      min: settings[0],
      max: settings.at(-1),
      step: (settings.at(-1) - settings[0]) / (settings.length - 1),
      value: settings[place[name]],
      show: (number) => drawing.decimal(number, 1),
      change: (number) => {
        place[name] = nearest(settings, number);
        show();
      },
    });
  const sliders = [
    dial("Spectral radius", "radius", radii),
    dial("Mean slope of tanh", "slope", slopes),
    dial("Non-normality", "departure", departures),
  ];
  const chart = logChart({
    label: "Norm of the gradient against the lag: line, bound and measured dots. The numbers stand below.",
    last: LAST,
    low: LOW,
    high: HIGH,
    xlabel: "lag k (steps)",
  });
  const numbers = drawing.readings({
    sigma: drawing.math(SIGMA),
    bound: `bound at ${LAST}`,
    line: `line at ${LAST}`,
    measured: `measured at ${LAST}`,
  });
  const status = controls.statusLine();
  root.replaceChildren(
    drawing.element(
      "div",
      { class: "stack" },
      ...sliders.map(({ node }) => node),
      drawing.element("div", {}, drawing.element("p", { class: "heading" }, "norm"), chart.node),
      numbers.node,
      status.node,
    ),
  );
  show();
  const [radius, slope, departure] = sliders.map(({ input }) => input);
  return { radius, slope, departure };

  function show() {
    const [radius, departure, slope] = [
      radii[place.radius],
      departures[place.departure],
      slopes[place.slope],
    ];
    const w = matrix(radius, departure, data.above);
    const norms = normsOfPowers(w, size, LAST);
    const line = norms.map((norm, k) => Math.log10(norm) + k * Math.log10(slope));
    const bound = norms.map((_, k) => k * Math.log10(data.sigma_max[place.radius][place.departure]));
    const measured = data.norms[place.radius][place.departure][place.slope];
    const dots = measured ? [[0, 0], ...lags.map((lag, index) => [lag, measured[index]])] : [];
    chart.set({ bound, even: line }, dots);
    numbers.set("sigma", drawing.decimal(data.sigma_max[place.radius][place.departure]));
    numbers.set("bound", power(bound.at(-1)));
    numbers.set("line", power(line.at(-1)));
    numbers.set("measured", measured ? power(measured.at(-1)) : "none");
    status.say(measured ? verdict(measured.at(-1), line.at(-1)) : unreachable());
  }

  function verdict(log, line) {
    const words = log < -2 ? "has shrunk" : log > 2 ? "has grown" : "has kept its order of size";
    const apart = log - line;
    const side = apart > 0 ? "above" : "below";
    const far =
      Math.abs(apart) < 0.5
        ? "The line with even slopes predicts it."
        : `It ends ${drawing.decimal(Math.abs(apart), 0)} powers of ten ${side} the line: slopes differ from unit to unit and from step to step.`;
    return `At lag ${LAST} the measured gradient ${words}. ${far}`;
  }

  function unreachable() {
    const steepest = drawing.decimal(data.steepest[place.radius][place.departure]);
    return `No dots: this network saturates by itself. On the weakest noise its mean slope is ${steepest}.`;
  }
}

/** Write a number that is given by its common logarithm. */
function power(log) {
  const exponent = Math.floor(log + 1e-9);
  if (exponent >= -2 && exponent <= 2) return drawing.decimal(10 ** log);
  return `${(10 ** (log - exponent)).toFixed(0)}e${exponent}`.replace("-", "−");
}

function nearest(settings, number) {
  const distances = settings.map((setting) => Math.abs(setting - number));
  return distances.indexOf(Math.min(...distances));
}
