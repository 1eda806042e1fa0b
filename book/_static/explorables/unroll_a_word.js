// The tanh network of chapter 3, one letter at a time: state, the weights used, and what it expects.

import { affine, oneHot, rnnStep, softmax, zeroState } from "./arithmetic.js";
import { heatMap } from "./charts.js";
import * as drawing from "./drawing.js";
import { whole } from "./language_model.js";

export const title = "Unroll a word";

const LONGEST = 40; // letters that are read
const LARGEST = 2; // weights and sums of this size and more have the full color
const PARTS = {
  "W x": "The weights of the letter, one for each unit",
  b: "The biases, one for each unit",
  W_hh: "The recurrent weights, a row for each unit",
  h: "The state before, a number for each unit",
  a: "The sum of each unit",
  tanh: "The new state of each unit",
};
const KEY =
  "One step: the weights of the letter, W x, the biases b, and the recurrent weights times the " +
  "state before, W_hh · h, add up to a; the new state is tanh a.";

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
  let step = 1;
  let unit = 0;

  const field = drawing.textField({
    label: `A word of the letters ${network.letters.join(" ")}`,
    value: data.text,
    rows: 1,
    change: read,
  });
  const status = drawing.statusLine();
  const back = drawing.button("Step back", () => go(step - 1));
  const forward = drawing.button("Step forward", () => go(step + 1));
  const map = heatMap({
    label: "Map of the states. Rows are units, columns the steps from the start on.",
    positive: "--positive",
    choose: (row, column) => {
      unit = row;
      go(column);
    },
  });
  const line = drawing.element("div", { class: "letters", "aria-hidden": "true" });
  const time = drawing.slider({
    label: "Step",
    min: 0,
    max: 1,
    step: 1,
    value: 0,
    show: (number) => (number === 0 ? "0: start" : `${number}: ${word[number - 1]}`),
    change: go,
  });
  const row = drawing.slider({
    label: "Unit",
    min: 0,
    max: network.size - 1,
    step: 1,
    value: 0,
    change: (number) => {
      unit = number;
      show();
    },
  });
  const parts = Object.entries(PARTS).map(([name, label]) => {
    const columns = name === "W_hh" ? network.size : 1;
    const fields = drawing.squares({
      label,
      length: network.size * columns,
      columns,
      choose: (index) => {
        unit = Math.floor(index / columns);
        show();
      },
    });
    const heading = drawing.element("p", { class: "heading" }, name);
    return { ...fields, columns, box: drawing.element("div", { class: `part wide-${columns}` }, heading, fields.node) };
  });
  const signs = ["+", "+", "·", "=", "→"];
  const equation = parts.flatMap(({ box }, index) =>
    index ? [drawing.element("span", { "aria-hidden": "true" }, signs[index - 1]), box] : [box],
  );
  const sum = drawing.element("tbody");
  const caption = drawing.element("caption");
  const table = drawing.element("table", { class: "sums" }, caption, sum);
  const next = drawing.bars({ caption: "", rows: network.letters.length });

  root.classList.add("unroll");
  root.replaceChildren(
    drawing.element(
      "div",
      { class: "stack" },
      field.node,
      status.node,
      drawing.element("div", {}, map.node, line),
      time.node,
      drawing.element("div", { class: "buttons" }, back, forward),
      drawing.element("p", { class: "heading" }, KEY),
      drawing.element("div", { class: "equation" }, ...equation),
      row.node,
      drawing.element("div", { class: "columns numbers" }, table, next.node),
    ),
  );
  read();

  /** Read the word again, and show an early step. */
  function read() {
    const { word: letters, strange, all } = prepare(field.input.value, network.letters);
    word = letters;
    states = network.run(word);
    line.replaceChildren(...["0", ...word].map((letter) => drawing.element("span", {}, letter)));
    map.set(units.map((u) => states.map(({ h }) => h[u])));
    time.input.max = word.length;
    const notes = [];
    if (word.length === 0) notes.push("There is nothing to read: type some of the six letters.");
    if (all > LONGEST) notes.push(`Only the first ${LONGEST} of ${whole(all)} letters are read.`);
    if (strange.length > 0) notes.push(`The network has no input for these, they are left out: ${strange.join(" ")}`);
    status.say(notes.join(" "));
    go(Math.min(2, word.length));
  }

  function go(number) {
    step = Math.max(0, Math.min(word.length, number));
    show();
  }

  /** Show the step and the unit that are chosen. */
  function show() {
    time.value = step;
    row.value = unit;
    back.disabled = step === 0;
    forward.disabled = step === word.length;
    map.mark(unit, step);
    const before = step > 0 ? states[step - 1] : null;
    const terms = before && units.map((u) => network.terms(u, word[step - 1], before));
    const total = ({ letter, bias, products }) => products.reduce((a, b) => a + b, letter + bias);
    const columns = terms
      ? [
          terms.map(({ letter }) => letter / LARGEST),
          terms.map(({ bias }) => bias / LARGEST),
          terms.flatMap((term) => Array.from(term.row, (weight) => weight / LARGEST)),
          before.h,
          terms.map((term) => total(term) / LARGEST),
          states[step].h,
        ]
      : parts.map(() => []);
    parts.forEach(({ set, mark, columns: wide }, index) => {
      set(columns[index]);
      mark(unit * wide);
    });
    caption.textContent = terms
      ? `What unit ${unit} adds up at step ${step}, the letter ${word[step - 1]}`
      : "Before the first letter, every state is 0";
    sum.replaceChildren(...(terms ? lines(terms[unit], before, total(terms[unit])) : []));
    const done = word.slice(0, step).join("") || "nothing";
    next.node.caption.textContent = `The next letter after ${done}`;
    const probabilities = network.probabilities(states[step]);
    next.set(network.letters.map((label, index) => ({ label, value: probabilities[index] })));
  }

  function lines({ letter, bias, row: weights, products }, { h }, total) {
    const number = (value) => drawing.decimal(value, 3);
    const line = (name, value) =>
      drawing.element(
        "tr",
        {},
        drawing.element("th", { scope: "row" }, name),
        drawing.element("td", { class: "number" }, number(value)),
      );
    const recurrent = Array.from(products, (product, before) =>
      line(`unit ${before}: ${number(weights[before])} · ${number(h[before])}`, product),
    );
    return [
      line("weight of the letter", letter),
      line("both biases", bias),
      ...recurrent,
      line("sum a", total),
      line("h = tanh a", Math.tanh(total)),
    ];
  }
}
