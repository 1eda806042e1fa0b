// The LSTM of chapter 6 reads a name: the gates of one unit, then of all, and a dial for the forget bias.

import { softmax } from "./arithmetic.js";
import { heatMap } from "./charts.js";
import * as controls from "./controls.js";
import * as drawing from "./drawing.js";
import { LanguageModel, Reading } from "./language_model.js";

const { decimal, element } = drawing;

export const about = {
  title: "Gates at work",
  task: "read <i>Hanáková</i> and <i>Hanakova</i>. Then turn the dial to both ends with a long name.",
  look: "what the á does to the gates of the unit and to the answer.",
  key: [
    ["shade", "a gate, from 0 to 1"],
    ["signed", "the cell, from −1 to 1"],
    ["framed", "the unit and letter that are chosen"],
  ],
};

const LONGEST = 24; // letters that are read
const BARS = 5;
const MILLISECONDS = 700; // of a letter while it plays
const STRIPS = {
  i: "input gate: what to write",
  f: "forget gate: what to keep",
  o: "output gate: what to show",
  c: "cell, as tanh c",
};
const GATES = ["i", "f", "o"];

/** Bring a name into the form of the training names, as rnn_tutorial.data.text.clean does. */
export function prepare(text) {
  const seen = text.replace(/\p{Default_Ignorable_Code_Point}/gu, "").replace(/[‘’‛ʻʼ´]/gu, "'");
  const plain = seen.normalize("NFKC").toLowerCase().normalize("NFC");
  return plain.replace(/\s+/gu, " ").trim();
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

  const field = controls.textField({ label: "A surname", value: data.text, change: show });
  const bias = controls.slider({
    label: "added to each forget bias",
    min: dial[0],
    max: dial.at(-1),
    step: dial[1] - dial[0],
    value: 0,
    show: (number) => (number > 0 ? "+" : "") + decimal(number, 0),
    change(shift) {
      model = shifted(binary, shift);
      show();
    },
  });
  const status = controls.statusLine(4, 4);
  const answer = drawing.bars({ caption: "", rows: BARS });
  const letter = controls.stepper({
    name: "Letter",
    min: 1,
    max: LONGEST,
    value: LONGEST,
    milliseconds: MILLISECONDS,
    show: (number) => drawing.visible(reading.characters[number - 1] ?? "none"),
    change: select,
  });
  const unit = controls.stepper({ name: "Unit", max: model.hiddenSize - 1, value: data.unit, change: select });
  const strips = Object.entries(STRIPS).map(([name, label]) => strip(name, label));
  const letters = element("div", { class: "letters", "aria-hidden": "true" });
  const story = element("p", { class: "story" });
  const ofUnit = drawing.readings({ i: "i", f: "f", o: "o", g: "g", c: "c", h: "h" });
  const maps = Object.entries(STRIPS).map(([name, label]) => {
    const map = heatMap({
      label: `Map of the ${label}. Rows are units, columns letters.`,
      positive: name === "c" ? "--positive" : "--ink",
      choose: (row, column) => {
        unit.value = row;
        letter.value = column + 1;
        select();
      },
    });
    return { name, ...map, box: element("div", {}, element("p", { class: "heading" }, label), map.node) };
  });
  const ofAll = drawing.readings({ i: "mean i", f: "mean f", o: "mean o" });

  root.replaceChildren(
    element(
      "div",
      { class: "columns" },
      element("div", { class: "stack" }, field.node, bias.node, answer.node, status.node),
      element(
        "div",
        { class: "stack" },
        unit.node,
        element("div", { class: "strips" }, ...strips.map(({ node }) => node), letters),
        letter.node,
        story,
        ofUnit.node,
      ),
    ),
    element("div", { class: "maps" }, ...maps.map(({ box }) => box)),
    element("div", { class: "all" }, element("p", { class: "heading" }, "All units at this letter"), ofAll.node),
  );
  show();
  return { name: field.input, bias: bias.input, letter: letter.input, unit: unit.input };

  /** Make the story of one gate over the letters, as a row of bars. */
  function strip(name, label) {
    const bars = element("div", { class: "strip" });
    const kind = name === "c" ? "bar signed" : "bar";
    const title = element("span", { "aria-hidden": "true" }, name);
    const node = element("div", { class: "row", role: "img", "aria-label": `${label}, letter by letter` }, title, bars);
    bars.addEventListener("click", ({ target }) => {
      const place = [...bars.children].indexOf(target.closest(".strip > span"));
      if (place >= 0) letter.value = place + 1;
      select();
    });
    return {
      name,
      node,
      set(values) {
        while (bars.childElementCount > values.length) bars.lastChild.remove();
        values.forEach((value, index) => {
          const bar = bars.children[index] ?? bars.appendChild(element("span", {}, element("span", { class: kind })));
          drawing.color(bar.firstChild, value);
          bar.title = decimal(value);
        });
      },
      mark(place) {
        [...bars.children].forEach((bar, index) => bar.classList.toggle("framed", index === place));
      },
    };
  }

  /** Read the name again; a letter that was the last stays the last. */
  function show() {
    const atEnd = letter.value === letter.max;
    reading = new Reading(model, LONGEST);
    reading.replace(prepare(field.input.value));
    reading.advance(Infinity);
    const length = reading.states.length;
    letter.max = Math.max(1, length);
    if (atEnd) letter.value = length;
    for (const { input } of [letter, unit]) input.disabled = length === 0;
    const units = Array.from({ length: model.hiddenSize }, (_, index) => index);
    for (const { name, set } of maps) {
      set(length ? units.map((u) => reading.states.map((state) => shown(name, state[name][u]))) : []);
    }
    letters.replaceChildren(...reading.characters.map((c) => element("span", {}, drawing.visible(c))));
    select();
    status.say(report());
  }

  /** Show the unit and the letter that are chosen. */
  function select() {
    const { states, characters } = reading;
    const [row, place] = [unit.value, letter.value - 1];
    const state = states[place];
    for (const { name, set, mark } of strips) {
      set(states.map((each) => shown(name, each[name][row])));
      mark(place);
    }
    for (const { mark } of maps) mark(row, place);
    for (const name of ["i", "f", "o", "g", "c", "h"]) ofUnit.set(name, state ? decimal(state[name][row]) : "–");
    for (const name of GATES) ofAll.set(name, state ? decimal(mean(state[name])) : "–");
    story.textContent = state ? told(state, states[place - 1], row, drawing.visible(characters[place])) : "";
    const read = characters.slice(0, place + 1).join("");
    answer.node.caption.textContent = state ? `Its answer if the name were “${read}”` : "No answer";
    answer.set(state ? ranked(state).slice(0, BARS) : []);
  }

  function told({ i, f, g, c }, before, row, character) {
    const keep = `${decimal(f[row])} · ${decimal(before?.c[row] ?? 0)}`;
    const write = `${decimal(i[row])} · ${decimal(g[row])}`;
    return `At ${character} unit ${row} keeps ${keep} and writes ${write}: its cell is ${decimal(c[row])}.`;
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
      parts.push(`Read to the end: ${label}, ${decimal(value)}.`);
    }
    parts.push(`With this bias, ${decimal(accuracy)} of the test names are right.`);
    return parts.join(" ");
  }
}

/** Return what is drawn of a gate or of a cell. */
function shown(name, value) {
  return name === "c" ? Math.tanh(value) : value;
}

function mean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
