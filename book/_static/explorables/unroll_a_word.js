// The tanh network of chapter 3, one letter at a time: state, the weights used, and what it expects.

import { affine, oneHot, rnnStep, softmax, zeroState } from "./arithmetic.js";
import { heatMap } from "./charts.js";
import * as controls from "./controls.js";
import * as drawing from "./drawing.js";
import { whole } from "./language_model.js";

const { element, math, sub } = drawing;
const [W_IH, W_HH, X, H, A] = [sub("𝐖", "ih"), sub("𝐖", "hh"), sub("𝐱", "t"), sub("𝐡", "t"), sub("𝐚", "t")];
const [B, BEFORE] = ["<mi>𝐛</mi>", sub("𝐡", "t−1")];

export const about = {
  title: "Unroll a word",
  task: "type <i>guuu</i> and step from the second <i>u</i> to the third.",
  look: "the unit whose state changes most, and the largest product in its sum.",
  key: [["signed", "−1 to 1; for weights and sums, −2 to 2"], ["framed", "what one unit adds up"]],
};

const LONGEST = 40; // letters that are read
const LARGEST = 2; // weights and sums of this size and more have the full color
const MILLISECONDS = 900; // of a step while it plays
// A step as a picture: of each part its formula, its name, and the sign before it.
const PARTS = [
  { formula: W_IH + X, label: "The weights of the letter, one for each unit" },
  { formula: B, label: "The biases, one for each unit", sign: "+" },
  { formula: W_HH, label: "The recurrent weights, a row for each unit", sign: "+", wide: true },
  { formula: BEFORE, label: "The state before, a number for each unit", sign: "·", all: true },
  { formula: A, label: "The sum of each unit", sign: "=" },
  { formula: H, label: "The new state of each unit", sign: "→" },
];
const STEP =
  `<mrow>${A}<mo>=</mo>${W_IH}${X}<mo>+</mo>${B}<mo>+</mo>${W_HH}${BEFORE}</mrow><mo>,</mo>` +
  `<mspace width="0.5em"></mspace><mrow>${H}<mo>=</mo><mi>tanh</mi><mspace width="0.17em"></mspace>${A}</mrow>`;

/** The network, with its weights as the arithmetic takes them. */
export class Network {
  constructor({ letters, weights, output }) {
    const flat = (array) => Float32Array.from(array.flat());
    this.letters = Array.from(letters);
    this.weights = Object.fromEntries(Object.entries(weights).map(([name, w]) => [name, flat(w)]));
    this.output = { weight: flat(output.weight), bias: flat(output.bias) };
    this.size = weights.weight_hh.length;
  }

  /** Return the states before the first letter and after each. */
  run(word) {
    const states = [zeroState("rnn", this.size)];
    for (const letter of word) states.push(rnnStep(this.weights, this.hot(letter), states.at(-1)));
    return states;
  }

  hot(letter) {
    return oneHot(this.letters.indexOf(letter), this.letters.length);
  }

  probabilities(state) {
    return softmax(affine(this.output.weight, this.output.bias, state.h));
  }

  /** Return what a unit adds up in a step: from the letter, its biases, and from each unit before. */
  terms(unit, letter, { h }) {
    const { weight_ih, weight_hh, bias_ih, bias_hh } = this.weights;
    const place = unit * this.letters.length + this.letters.indexOf(letter);
    const row = weight_hh.subarray(unit * this.size, (unit + 1) * this.size);
    return {
      letter: weight_ih[place],
      bias: bias_ih[unit] + bias_hh[unit],
      row,
      products: row.map((weight, before) => weight * h[before]),
    };
  }
}

/** Part a text into the letters that the network knows, and the others, each once. */
export function prepare(text, letters) {
  const all = Array.from(text.toLowerCase().replace(/\s+/gu, ""));
  const known = all.filter((letter) => letters.includes(letter));
  const strange = [...new Set(all.filter((letter) => !letters.includes(letter)))];
  return { word: known.slice(0, LONGEST), strange, all: known.length };
}

export function mount(root, data) {
  const network = new Network(data);
  const units = Array.from({ length: network.size }, (_, index) => index);
  let word = [];
  let states = [];
  let unit = 0;

  const field = controls.textField({
    label: `A word of the letters ${network.letters.join(" ")}`,
    value: data.text,
    change: read,
  });
  const status = controls.statusLine(1, 2);
  const map = heatMap({
    label: "Map of the states. Rows are units, columns the steps from the start on.",
    positive: "--positive",
    choose: (row, column) => {
      unit = row;
      time.value = column;
      show();
    },
  });
  const line = element("div", { class: "letters", "aria-hidden": "true" });
  const time = controls.stepper({
    name: "Step",
    max: LONGEST,
    value: 2,
    milliseconds: MILLISECONDS,
    show: (number) => (number === 0 ? "0: start" : `${number}: ${word[number - 1] ?? ""}`),
    change: show,
  });
  const row = controls.stepper({
    name: "Unit",
    max: network.size - 1,
    value: 0,
    change: (number) => {
      unit = number;
      show();
    },
  });
  const parts = PARTS.map(({ formula, label, sign, wide, all }) => {
    const columns = wide ? network.size : 1;
    const fields = drawing.squares({
      label,
      length: network.size * columns,
      columns,
      choose: (index) => {
        unit = Math.floor(index / columns);
        show();
      },
    });
    const box = element("div", { class: wide ? "part wide" : "part" }, math(formula), fields.node);
    const nodes = sign ? [element("span", { "aria-hidden": "true" }, sign), box] : [box];
    const frame = () => (all ? fields.mark(0, 0, network.size) : fields.mark(unit, 0, 1, columns));
    return { nodes, set: fields.set, frame };
  });
  const names = ["weight of the letter", "both biases", ...units.map(() => ""), "", ""];
  const lines = names.map((name) => ({ name: element("th", { scope: "row" }, name), number: element("td") }));
  lines.at(-2).name.append("sum ", math(sub("𝑎", "t")));
  lines.at(-1).name.append("new state ", math(`${sub("ℎ", "t")}<mo>=</mo><mi>tanh</mi><mspace width="0.17em"/>${sub("𝑎", "t")}`));
  const caption = element("caption");
  const sum = lines.map(({ name, number }) => element("tr", {}, name, number));
  const next = drawing.bars({ caption: "", rows: network.letters.length });

  root.replaceChildren(
    element("div", {}, field.node, status.node),
    element(
      "div",
      { class: "columns" },
      element(
        "div",
        { class: "stack" },
        element("div", {}, map.node, line),
        time.node,
        element("p", {}, math(STEP)),
        element("div", { class: "equation" }, ...parts.flatMap(({ nodes }) => nodes)),
        row.node,
      ),
      element(
        "div",
        { class: "stack" },
        element("table", { class: "sums" }, caption, element("tbody", {}, ...sum)),
        next.node,
      ),
    ),
  );
  read();
  return { word: field.input, step: time.input, unit: row.input };

  /** Read the word again, and stay at the step if the word is long enough. */
  function read() {
    const { word: letters, strange, all } = prepare(field.input.value, network.letters);
    word = letters;
    states = network.run(word);
    line.replaceChildren(...["0", ...word].map((letter) => element("span", {}, letter)));
    map.set(units.map((u) => states.map(({ h }) => h[u])));
    time.max = word.length;
    const notes = [];
    if (word.length === 0) notes.push("There is nothing to read: type some of the six letters.");
    if (all > LONGEST) notes.push(`Only the first ${LONGEST} of ${whole(all)} letters are read.`);
    if (strange.length > 0) {
      const more = strange.length > 8 ? " …" : "";
      notes.push(`The network has no input for these, they are left out: ${strange.slice(0, 8).join(" ")}${more}`);
    }
    status.say(notes.join(" "));
    show();
  }

  /** Show the step and the unit that are chosen. */
  function show() {
    const step = time.value;
    row.value = unit;
    map.mark(unit, step);
    const before = step > 0 ? states[step - 1] : null;
    const terms = before && units.map((u) => network.terms(u, word[step - 1], before));
    const total = ({ letter, bias, products }) => products.reduce((a, b) => a + b, letter + bias);
    const numbers = terms && [
      terms.map(({ letter }) => letter / LARGEST),
      terms.map(({ bias }) => bias / LARGEST),
      terms.flatMap((term) => Array.from(term.row, (weight) => weight / LARGEST)),
      before.h,
      terms.map((term) => total(term) / LARGEST),
      states[step].h,
    ];
    parts.forEach(({ set, frame }, index) => {
      set(numbers?.[index] ?? []);
      frame();
    });
    caption.textContent = terms
      ? `What unit ${unit} adds up at step ${step}, the letter ${word[step - 1]}`
      : "Before the first letter, every state is 0";
    write(terms?.[unit], before, terms && total(terms[unit]));
    next.node.caption.textContent = `The next letter after ${word.slice(0, step).join("") || "nothing"}`;
    const probabilities = network.probabilities(states[step]);
    next.set(network.letters.map((label, index) => ({ label, value: probabilities[index] })));
  }

  /** Write the sum of a unit, or dashes before the first letter. */
  function write(terms, before, total) {
    const number = (value) => (terms ? drawing.decimal(value, 3) : "–");
    const { letter, bias, row: weights = [], products = [] } = terms ?? {};
    const values = [letter, bias, ...units.map((u) => products[u]), total, Math.tanh(total)];
    lines.forEach(({ name, number: cell }, index) => {
      const from = index - 2;
      if (from in units) name.textContent = `unit ${from}: ${number(weights[from])} · ${number(before?.h[from])}`;
      cell.textContent = number(values[index]);
    });
  }
}
