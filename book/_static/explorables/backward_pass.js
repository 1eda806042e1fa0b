// The hand network of chapter 4, step by step: forward through three states, back to the weight.
//
// Input below, output above, time to the right, gradients dashed: the drawing of
// rnn_tutorial.figures.hand_network, which is made anew at each step.

import * as controls from "./controls.js";
import * as drawing from "./drawing.js";
import { formula } from "./planes.js";

const GAP = 96; // from state to state
const RADIUS = 25;
const ASIDE = 30; // how far from the middle of a gradient its arrows begin and end
const [BACK, ROW, INPUT, SUM, BARS] = [34, 112, 184, 226, 238]; // heights of the rows
const [LOSS, EDGE, LONGEST] = [380, 402, 44]; // where L is, the right edge, the longest bar
const LOW = "₀₁₂₃";

const letter = (name, index) => `<msub><mi>${name}</mi><mn>${index}</mn></msub>`;
const total = (top, under) =>
  `<mrow><mi mathvariant="normal">d</mi>${top}<mo lspace="0" rspace="0">/</mo><mi mathvariant="normal">d</mi>${under}</mrow>`;

export const about = {
  title: "Forward, and back to the weight",
  task:
    "step through both passes. Then move <math><mi>w</mi></math>: for which value does most of the " +
    `gradient come back to <math>${letter("h", 1)}</math>? Does it help to make <math><mi>w</mi></math> larger still?`,
  look:
    "the factor at each dashed arrow. It holds <math><mi>w</mi></math> and the slope of tanh, and " +
    "where one is large the other is small.",
  key: [
    ["recurrent", "<span>the one weight <math><mi>w</mi></math>, used three times</span>"],
    ["gradient", "<span>gradient, and what each use of <math><mi>w</mi></math> adds to it</span>"],
  ],
};

/** Run the hand network forward and back: every number of the drawing. */
export function bothWays({ w, u, inputs, target }) {
  const states = [0];
  for (const x of inputs) states.push(Math.tanh(w * states.at(-1) + u * x));
  const slopes = states.slice(1).map((h) => 1 - h * h);
  const factors = slopes.map((slope) => slope * w); // ∂h_t/∂h_{t-1}
  const gradients = [states.at(-1) - target]; // dL/dh_t, the last one first
  for (let t = inputs.length - 1; t > 0; t -= 1) gradients.push(gradients.at(-1) * factors[t]);
  gradients.reverse();
  const shares = gradients.map((gradient, t) => gradient * slopes[t] * states[t]);
  const loss = (states.at(-1) - target) ** 2 / 2;
  return { states, factors, gradients, shares, loss, derivative: factors[1] * factors[2] };
}

/** Return dL/dw if the gradient goes back so many steps. */
export function keptOf(shares, steps) {
  return shares.slice(-steps).reduce((sum, share) => sum + share, 0);
}

export function mount(body, data) {
  const { u, inputs, ranges } = data;
  const last = inputs.length;
  const forward = last + 1; // steps until the loss
  const dial = (label, value, [min, max]) =>
    controls.slider({
      label,
      min,
      max,
      step: 0.05,
      value,
      show: (number) => drawing.decimal(number, 2),
      change: show,
    });
  const weight = dial(drawing.named("Weight", "<mi>w</mi>"), data.w, ranges.w);
  const target = dial("Target", data.target, ranges.target);
  const reach = controls.menu({
    label: "Truncate",
    options: [
      ["3", "not at all"],
      ["2", "after 2 steps"],
      ["1", "after 1 step"],
    ],
    value: "3",
    change: () => {
      step.max = stages();
      show();
    },
  });
  const step = controls.stepper({
    name: "Step",
    max: forward + 2 * last,
    value: forward + 2 * last,
    milliseconds: 1200,
    change: show,
  });
  const picture = drawing.svg("svg", {
    class: "network",
    viewBox: `0 0 ${EDGE} ${BARS + LONGEST + 6}`,
    role: "img",
    "aria-label": "The hand network in time, its gradients, and what each use of w adds to dL/dw.",
  });
  const math = drawing.math;
  const numbers = drawing.readings({
    loss: "loss",
    slope: math(total("<mi>L</mi>", "<mi>w</mi>")),
    kept: "kept",
    derivative: math(total(letter("h", 3), letter("h", 1))),
  });
  const status = controls.statusLine(2, 4);
  body.append(
    picture,
    status.node,
    step.node,
    weight.node,
    target.node,
    reach.node,
    numbers.node,
  );
  show();
  return { w: weight.input, target: target.input, back: reach.input, step: step.input };

  /** Return how many steps there are: two for each step back, and one more to see the cut. */
  function stages() {
    const back = Number(reach.input.value);
    return forward + 2 * back + (back < last ? 1 : 0);
  }

  function show() {
    const back = Number(reach.input.value);
    const network = { w: weight.value, u, inputs, target: target.value };
    const all = bothWays(network);
    const stage = step.value;
    draw(all, stage, back);
    const whole = keptOf(all.shares, last);
    numbers.set("loss", three(all.loss));
    numbers.set("slope", three(keptOf(all.shares, back)));
    const share = Math.abs(whole) < 1e-9 ? "–" : `${Math.round((100 * keptOf(all.shares, back)) / whole)} %`;
    numbers.set("kept", share);
    numbers.set("derivative", three(all.derivative));
    status.say(sentence(all, stage, back, network));
  }

  function draw({ states, factors, gradients, shares, loss }, stage, back) {
    const at = (t) => 34 + GAP * t;
    const known = Math.min(stage, last);
    const parts = [];
    const add = (...nodes) => parts.push(...nodes);
    const judged = stage >= forward;
    for (let t = 0; t <= last; t += 1) {
      const reached = t <= known;
      if (t > 0) {
        const name = reached ? "recurrent" : "recurrent pale";
        add(arrow([at(t - 1) + RADIUS, ROW], [at(t) - RADIUS, ROW], name));
        add(formula("w", { x: at(t) - GAP / 2, y: ROW - 8, class: `typeset middle ${name}` }));
        add(arrow([at(t), INPUT - 14], [at(t), ROW + RADIUS], reached ? "input" : "input pale"));
        const text = `x_${t} "= ${inputs[t - 1]}"`;
        add(formula(text, { x: at(t), y: INPUT, class: "typeset middle" }));
      }
      const now = t === stage && t > 0 ? "state now" : "state";
      add(drawing.svg("circle", { class: reached ? now : `${now} pale`, cx: at(t), cy: ROW, r: RADIUS }));
      const name = reached ? "typeset middle" : "typeset middle pale";
      add(formula(`h_${t}`, { x: at(t), y: reached ? ROW - 5 : ROW + 4, class: name }));
      if (reached) add(word(three(states[t]), at(t), ROW + 13));
    }
    add(arrow([at(last) + RADIUS, ROW], [LOSS - 9, ROW], judged ? "" : "pale"));
    add(formula("L", { x: LOSS, y: ROW + 4, class: judged ? "typeset middle" : "typeset middle pale" }));
    if (judged) add(word(three(loss), LOSS, ROW + 22));
    add(formula('"d"L"/d"h_t', { x: 6, y: BACK + 4, class: "typeset gradient" }));
    add(formula('"d"L"/d"w" ="', { x: 0, y: SUM + 4, class: "typeset gradient" }));
    const scale = LONGEST / Math.max(...shares.map(Math.abs), Math.abs(keptOf(shares, last)), 1e-12);
    let sum = 0;
    for (let k = 1; k <= last; k += 1) {
      const t = last + 1 - k;
      const middle = at(t) - GAP / 2;
      const cut = k > back;
      if (stage > forward + 2 * (k - 1)) {
        if (k === 1) add(bent([LOSS, ROW - 16], [LOSS, BACK], [at(t) + ASIDE, BACK]));
        else {
          add(arrow([at(t + 1) - ASIDE, BACK], [at(t) + ASIDE, BACK], cut ? "gradient cut" : "gradient"));
          if (cut) add(word("cut", at(t) + GAP / 2, BACK - 8, "gradient"));
          else add(word(`× ${three(factors[t])}`, at(t) + GAP / 2, BACK - 8, "gradient"));
        }
        if (cut) add(bar(middle, Math.abs(shares[t - 1]) * scale, "lost"));
        else add(word(three(gradients[t - 1]), at(t), BACK + 4, "gradient"));
        if (cut) break;
      }
      if (!cut && stage > forward + 2 * k - 1) {
        sum += shares[t - 1];
        add(arrow([middle, ROW + 6], [middle, SUM - 14], "gradient"));
        add(word(three(shares[t - 1]), middle, SUM + 4, "gradient"));
        add(bar(middle, Math.abs(shares[t - 1]) * scale));
        if (k > 1) add(word("+", at(t), SUM + 4, "gradient"));
      }
    }
    if (stage > forward + 1) {
      add(word(`= ${three(sum)}`, 340, SUM + 4, "gradient"));
      add(bar(346, Math.abs(sum) * scale));
    }
    picture.replaceChildren(...parts);
  }

  /** Say what the last step has done, with its numbers. */
  function sentence({ states, factors, gradients, shares, loss }, stage, back, { w }) {
    if (stage === 0) return "The state is 0, and the inputs wait below. Step forward.";
    if (stage <= last) {
      const [before, x] = [states[stage - 1], inputs[stage - 1]];
      return `Forward: h${LOW[stage]} = tanh(${two(w)} · ${three(before)} + ${u} · ${x}) = ${three(states[stage])}.`;
    }
    if (stage === forward) return `The loss is ½ (h₃ − ${two(target.value)})² = ${three(loss)}. Now back.`;
    const k = Math.ceil((stage - forward) / 2);
    const t = last + 1 - k;
    if (k > back) {
      const lost = keptOf(shares, last) - keptOf(shares, back);
      return `Cut: the gradient does not go on to h${LOW[t]}, and dL/dw lacks ${three(lost)} from the uses of w before. The states themselves were passed on.`;
    }
    const arrives = `dL/dh${LOW[t]} = ${three(gradients[t - 1])}`;
    if ((stage - forward) % 2 === 1) {
      if (k === 1) return `The gradient starts at the end: ${arrives}, which is h₃ minus the target.`;
      return `One step back: times (1 − h${LOW[t + 1]}²) w = ${three(factors[t])}, so ${arrives}.`;
    }
    const direct = (1 - states[t] ** 2) * states[t - 1];
    const adds = `The use of w at step ${t} adds ${three(gradients[t - 1])} · ${three(direct)} = ${three(shares[t - 1])}`;
    if (t > 1) return `${adds}: what arrives at h${LOW[t]}, times ∂h${LOW[t]}/∂w = (1 − h${LOW[t]}²) h${LOW[t - 1]}.`;
    return `${adds}, since h₀ = 0. The sum is dL/dw = ${three(keptOf(shares, last))}.`;
  }
}

function arrow([x1, y1], [x2, y2], name) {
  const length = Math.hypot(x2 - x1, y2 - y1);
  const [ax, ay] = [(x2 - x1) / length, (y2 - y1) / length];
  const [bx, by] = [x2 - 7 * ax, y2 - 7 * ay];
  return drawing.svg(
    "g",
    { class: `arrow ${name}` },
    drawing.svg("line", { x1, y1, x2: bx, y2: by }),
    drawing.svg("polygon", {
      points: `${x2},${y2} ${bx - 3.2 * ay},${by + 3.2 * ax} ${bx + 3.2 * ay},${by - 3.2 * ax}`,
    }),
  );
}

/** Draw a gradient's arrow around a corner. */
function bent([x1, y1], [x2, y2], tip) {
  const group = arrow([x2, y2], tip, "gradient");
  group.prepend(drawing.svg("line", { x1, y1, x2, y2 }));
  return group;
}

function word(text, x, y, name = "") {
  return drawing.svg("text", { x, y, class: `middle ${name}` }, text);
}

function bar(middle, height, name = "") {
  return drawing.svg("rect", { class: `share ${name}`, x: middle - 15, y: BARS, width: 30, height });
}

function three(number) {
  return number === 0 ? "0" : drawing.decimal(number, 3);
}

function two(number) {
  return drawing.decimal(number, 2);
}
