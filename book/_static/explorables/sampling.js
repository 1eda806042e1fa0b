// Ways to choose the next character: temperature, top-k and nucleus, over a real distribution.

import * as arithmetic from "./arithmetic.js";
import * as controls from "./controls.js";
import * as drawing from "./drawing.js";
import { LanguageModel, Reading } from "./language_model.js";

export const about = {
  title: "Ways to choose the next character",
  task: "set the temperature to 2 after <i>HAMLE</i>, and a nucleus of 0.5 after <i>not to</i>.",
  look: "whether the T keeps more than half, and how many characters are left.",
  key: [["outlined", "the model’s own distribution"], ["negative", "after your settings"]],
};

const LONGEST = 2_000; // characters that are read
const BARS = 16;
const WRITTEN = 200; // characters of a sample
const READING = 25; // milliseconds of a frame for arithmetic
const FILTERS = [
  ["none", "no filter"],
  ["top-k", "top-k"],
  ["nucleus", "nucleus"],
];

export function mount(element, data, binary) {
  const model = new LanguageModel(binary);
  const reading = new Reading(model, LONGEST);
  const way = { temperature: 1, filter: "none", k: 5, p: 0.9 };
  let seed = 0;
  let frame = 0;

  const field = controls.textField({
    label: "The text that the model has read",
    rows: 4,
    value: data.contexts[0].text,
    change: read,
  });
  const contexts = data.contexts.map(({ name, text }) =>
    controls.button(name, () => {
      field.input.value = text;
      read(text);
    }),
  );
  const status = controls.statusLine(1, 3);
  const temperature = controls.slider({
    label: "Temperature",
    min: 0,
    max: 2,
    step: 0.05,
    value: way.temperature,
    show: (value) => (value === 0 ? "0, greedy" : drawing.decimal(value)),
    change: (value) => set({ temperature: value }),
  });
  const filter = controls.menu({
    label: "Filter",
    options: FILTERS,
    value: way.filter,
    change: (value) => set({ filter: value }),
  });
  const k = controls.slider({
    label: "k",
    min: 1,
    max: model.characters.length,
    step: 1,
    value: way.k,
    change: (value) => set({ k: value }),
  });
  const p = controls.slider({
    label: "p",
    min: 0.05,
    max: 1,
    step: 0.05,
    value: way.p,
    show: (value) => drawing.decimal(value),
    change: (value) => set({ p: value }),
  });
  const numbers = drawing.readings({
    drawn: "can be drawn",
    entropy: "entropy",
    largest: "largest probability",
  });
  const bars = drawing.bars({
    caption: `The ${BARS} most probable next characters`,
    rows: BARS,
  });
  const sample = drawing.textBox("What the model wrote", 8);
  const write = controls.button(`Write ${WRITTEN} characters`, () => {
    seed += 1;
    sample.textContent = written(model, reading, way, arithmetic.uniformNumbers(seed));
  });

  element.replaceChildren(
    field.node,
    drawing.element("div", { class: "buttons" }, "Examples:", ...contexts),
    status.node,
    drawing.element(
      "div",
      { class: "columns" },
      drawing.element(
        "div",
        { class: "stack" },
        temperature.node,
        filter.node,
        drawing.element("div", { class: "swap" }, k.node, p.node),
        numbers.node,
      ),
      drawing.element("div", { class: "tall" }, bars.node),
      drawing.element("div", { class: "stack" }, drawing.element("div", { class: "buttons" }, write), sample),
    ),
  );

  function set(changes) {
    Object.assign(way, changes);
    show();
  }

  function read(text) {
    reading.replace(text);
    sample.textContent = "";
    readOn();
  }

  function readOn() {
    cancelAnimationFrame(frame);
    const done = reading.advance(READING);
    show();
    if (!done) frame = requestAnimationFrame(readOn);
  }

  function show() {
    const greedy = way.temperature === 0;
    const ready = reading.done && reading.states.length > 0;
    filter.input.disabled = greedy;
    for (const [node, name] of [[k.node, "top-k"], [p.node, "nucleus"]])
      node.style.visibility = !greedy && way.filter === name ? "visible" : "hidden";
    controls.turn(write, ready);
    status.say(reading.message);
    const logits = model.logits(reading.state);
    const own = arithmetic.softmax(logits);
    const chosen = choice(logits, way);
    const order = ready ? arithmetic.byProbability(logits).slice(0, BARS) : [];
    bars.set(
      order.map((symbol) => ({
        label: drawing.visible(model.characters[symbol]),
        value: chosen[symbol],
        outline: own[symbol],
      })),
    );
    const measures = {
      drawn: String(chosen.filter((value) => value > 0).length),
      entropy: `${drawing.decimal(arithmetic.entropy(chosen))} bits`,
      largest: drawing.decimal(Math.max(...chosen), 3),
    };
    for (const [name, text] of Object.entries(measures)) numbers.set(name, ready ? text : "none");
  }

  read(data.contexts[0].text);
  return { text: field.input, temperature: temperature.input, filter: filter.input, k: k.input, p: p.input };
}

/** Return the probabilities with which the next symbol is drawn. */
export function choice(logits, { temperature, filter, k, p }) {
  if (temperature === 0) {
    return arithmetic.keepTopK(logits, 1).map(Math.exp);
  }
  const tempered = arithmetic.temper(logits, temperature);
  if (filter === "top-k") return arithmetic.keepTopK(tempered, k).map(Math.exp);
  if (filter === "nucleus") return arithmetic.keepNucleus(tempered, p).map(Math.exp);
  return tempered.map(Math.exp);
}

/** Return what a model writes after what it has read, chosen in one way. */
function written(model, { state }, way, uniform) {
  let text = "";
  for (let count = 0; count < WRITTEN; count += 1) {
    const character = model.draw(state, (logits) => choice(logits, way), uniform);
    text += character;
    state = model.read(character, state);
  }
  return text;
}
