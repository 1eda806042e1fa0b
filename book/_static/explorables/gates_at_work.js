// The LSTM of chapter 6 reads a name: gates and cell of every unit, and a dial for the forget bias.

import { softmax } from "./arithmetic.js";
import { heatMap } from "./charts.js";
import * as controls from "./controls.js";
import * as drawing from "./drawing.js";
import { LanguageModel, Reading } from "./language_model.js";

export const about = {
  title: "Gates at work",
  task: "read <i>Hanáková</i> and <i>Hanakova</i>. Then turn the dial to both ends with a long name.",
  look: "what the á does to the gates and to the answer.",
  key: [["shade", "a gate, from 0 to 1"], ["signed", "the cell, from −1 to 1"]],
};

const LONGEST = 24; // letters that are read
const BARS = 5;
const MAPS = {
  i: "input gate i: what to write",
  f: "forget gate f: what to keep",
  o: "output gate o: what to show",
  c: "cell c, as tanh c",
};
const GATES = ["i", "f", "o"];

/** Bring a name into the form of the training names, as rnn_tutorial.data.text.clean does. */
export function prepare(text) {
  return text.toLowerCase().normalize("NFC").replace(/\s+/gu, " ").trim();
}

/** Return the network with a number added to each forget bias; the classes are its symbols' answers. */
export function shifted(binary, shift) {
  const model = new LanguageModel(binary); // reads letters in the same way
  const size = model.hiddenSize;
  for (let unit = size; unit < 2 * size; unit += 1) model.weights.bias_ih[unit] += shift;
  return model;
}

export function mount(root, data, binary) {
  const dial = data.dial.map(({ shift }) => shift);
  let model = shifted(binary, 0);
  let reading = new Reading(model, LONGEST);
  let step = 0;
  let unit = 0;

  const field = controls.textField({ label: "A surname", value: data.text, rows: 1, change: show });
  const bias = controls.slider({
    label: "Added to each forget bias",
    min: dial[0],
    max: dial.at(-1),
    step: dial[1] - dial[0],
    value: 0,
    show: (number) => (number > 0 ? "+" : "") + drawing.decimal(number, 0),
    change(shift) {
      model = shifted(binary, shift);
      show();
    },
  });
  const status = controls.statusLine();
  const letters = [];
  const maps = Object.entries(MAPS).map(([name, label]) => {
    const map = heatMap({
      label: `Map of the ${label}. Rows are units, columns letters.`,
      positive: name === "c" ? "--positive" : "--ink",
      choose: (row, column) => {
        [unit, step] = [row, column];
        select();
      },
    });
    const line = drawing.element("div", { class: "letters", "aria-hidden": "true" });
    letters.push(line);
    const heading = drawing.element("p", { class: "heading" }, label);
    return { name, ...map, box: drawing.element("div", {}, heading, map.node, line) };
  });
  const letter = controls.slider({
    label: "Letter",
    min: 1,
    max: 1,
    step: 1,
    value: 1,
    show: (number) => reading.characters[number - 1] ?? "none",
    change: (number) => {
      step = number - 1;
      select();
    },
  });
  const row = controls.slider({
    label: "Unit",
    min: 0,
    max: model.hiddenSize - 1,
    step: 1,
    value: 0,
    change: (number) => {
      unit = number;
      select();
    },
  });
  const ofUnit = drawing.readings({ i: "i", f: "f", o: "o", g: "g", c: "c", h: "h" });
  const ofAll = drawing.readings({ i: "mean i", f: "mean f", o: "mean o" });
  const answer = drawing.bars({ caption: "", rows: BARS });

  root.replaceChildren(
    drawing.element(
      "div",
      { class: "stack" },
      field.node,
      bias.node,
      status.node,
      drawing.element("div", { class: "columns" }, ...maps.map(({ box }) => box)),
      letter.node,
      row.node,
      drawing.element("p", { class: "heading" }, "This unit at this letter"),
      ofUnit.node,
      drawing.element("p", { class: "heading" }, "All units at this letter"),
      ofAll.node,
      answer.node,
    ),
  );
  show();
  return { name: field.input, bias: bias.input, letter: letter.input, unit: row.input };

  /** Read the name again, and show its end. */
  function show() {
    reading = new Reading(model, LONGEST);
    reading.replace(prepare(field.input.value));
    reading.advance(Infinity);
    step = Math.max(0, reading.states.length - 1);
    const units = Array.from({ length: model.hiddenSize }, (_, index) => index);
    for (const { name, set } of maps) {
      const value = name === "c" ? Math.tanh : (number) => number;
      set(reading.states.length ? units.map((u) => reading.states.map((s) => value(s[name][u]))) : []);
    }
    for (const line of letters) {
      const marks = reading.characters.map((c) => drawing.element("span", {}, drawing.visible(c)));
      line.replaceChildren(...marks);
    }
    letter.input.max = Math.max(1, reading.states.length);
    for (const { input } of [letter, row]) input.disabled = reading.states.length === 0;
    select();
    status.say(report());
  }

  /** Show the unit and the letter that are chosen. */
  function select() {
    letter.value = step + 1;
    row.value = unit;
    const state = reading.states[step];
    for (const { mark } of maps) mark(unit, step);
    for (const name of ["i", "f", "o", "g", "c", "h"])
      ofUnit.set(name, state ? drawing.decimal(state[name][unit]) : "–");
    for (const name of GATES) ofAll.set(name, state ? drawing.decimal(mean(state[name])) : "–");
    const read = reading.characters.slice(0, step + 1).join("");
    answer.node.caption.textContent = state ? `Its answer if the name were “${read}”` : "No answer";
    answer.set(state ? ranked(state).slice(0, BARS) : []);
  }

  function ranked(state) {
    const rows = Array.from(softmax(model.logits(state)), (value, index) => ({
      label: data.classes[index],
      value,
    }));
    return rows.sort((a, b) => b.value - a.value);
  }

  /** Say what was read, and what the dial does to all test names. */
  function report() {
    const { accuracy } = data.dial.find(({ shift }) => shift === bias.value);
    const parts = [reading.message].filter(Boolean);
    if (reading.states.length > 0) {
      const [{ label, value }] = ranked(reading.state);
      parts.push(`Read to the end: ${label}, ${drawing.decimal(value)}.`);
    }
    parts.push(`With this bias, ${drawing.decimal(accuracy)} of the test names are right.`);
    return parts.join(" ");
  }
}

function mean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
