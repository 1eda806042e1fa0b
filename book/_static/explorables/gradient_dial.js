// Three sliders over a gradient: what spectral radius, slope and non-normality do to it by lag.
//
// Everything is measured beforehand (rnn_tutorial.explorables.gradient_dial): a tick only draws.

import { logChart } from "./charts.js";
import * as controls from "./controls.js";
import * as drawing from "./drawing.js";

const SIGMA = "<msub><mi>σ</mi><mi>max</mi></msub>";

export const about = {
  title: "Gradient dial",
  task: "find a spectral radius below 1 with which the gradient grows, and one above 1 with which it vanishes.",
  look: "how far the bound is from what is measured.",
  key: [
    ["bound", "the bound, <math><msubsup><mi>σ</mi><mi>max</mi><mi>k</mi></msubsup></math>"],
    ["even", "if each slope were the mean"],
    ["measured", "measured in a tanh network on noise"],
  ],
};

const BEGIN = { radius: 0.9, departure: 0.1, slope: 0.7 }; // the bound explodes, the gradient vanishes
const [LOW, HIGH] = [-20, 20]; // powers of ten that are drawn

export function mount(root, data) {
  const { radii, departures, slopes, lags } = data;
  const last = lags.at(-1);
  const place = {
    radius: radii.indexOf(BEGIN.radius),
    departure: departures.indexOf(BEGIN.departure),
    slope: slopes.indexOf(BEGIN.slope),
  };
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
    dial("spectral radius", "radius", radii),
    dial("mean slope", "slope", slopes),
    dial("non-normality", "departure", departures),
  ];
  const chart = logChart({
    label: "Norm of the gradient against the lag: line, bound and measured dots. The numbers stand beside it.",
    last,
    low: LOW,
    high: HIGH,
    xlabel: ["lag ", "k"],
  });
  const numbers = drawing.readings({
    sigma: drawing.math(SIGMA),
    bound: `bound at lag ${last}`,
    line: `line at lag ${last}`,
    measured: `measured at lag ${last}`,
  });
  const status = controls.statusLine(6, 4);
  root.replaceChildren(
    drawing.element(
      "div",
      { class: "columns" },
      drawing.element("div", {}, drawing.element("p", { class: "heading" }, "norm of the gradient"), chart.node),
      drawing.element("div", { class: "stack" }, ...sliders.map(({ node }) => node), numbers.node, status.node),
    ),
  );
  show();
  const [radius, slope, departure] = sliders.map(({ input }) => input);
  return { radius, slope, departure };

  function show() {
    const { radius, departure, slope } = place;
    const sigma = data.sigma_max[radius][departure];
    const steeper = Math.log10(slopes[slope]);
    const line = data.powers[radius][departure].map((log, k) => log + k * steeper);
    const bound = line.map((_, k) => k * Math.log10(sigma));
    const measured = data.norms[radius][departure][slope];
    const dots = measured ? [[0, 0], ...lags.map((lag, index) => [lag, measured[index]])] : [];
    chart.set({ bound, even: line }, dots);
    numbers.set("sigma", drawing.decimal(sigma));
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
        : `It ends ${tens(Math.abs(apart))} ${side} the line: slopes differ from unit to unit and from step to step.`;
    const edge = log < LOW ? " The dots go on below the picture." : "";
    return `At lag ${last} the measured gradient ${words}. ${far}${edge}`;
  }

  function unreachable() {
    const steepest = drawing.decimal(data.steepest[place.radius][place.departure]);
    return `No dots: no input makes the slopes of this network that steep. It saturates by itself, and even on the weakest noise its mean slope is ${steepest}.`;
  }
}

/** Write a number that is given by its common logarithm. */
function power(log) {
  const exponent = Math.floor(log + 1e-9);
  if (exponent >= -2 && exponent <= 2) return drawing.decimal(10 ** log);
  const number = (text) => `<mn>${text}</mn>`;
  const sign = exponent < 0 ? "<mo>−</mo>" : "";
  const raised = `<mrow>${sign}${number(Math.abs(exponent))}</mrow>`;
  const factor = (10 ** (log - exponent)).toFixed(0);
  return drawing.math(`${number(factor)}<mo>·</mo><msup>${number(10)}${raised}</msup>`);
}

function tens(log) {
  const number = Math.round(log);
  return number === 1 ? "a power of ten" : `${number} powers of ten`;
}

function nearest(settings, number) {
  const distances = settings.map((setting) => Math.abs(setting - number));
  return distances.indexOf(Math.min(...distances));
}
