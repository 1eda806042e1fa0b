// The character model of chapter 10: it reads what you type, shows its state, and writes on.

import { byProbability, entropy, softmax, uniformNumbers } from "./arithmetic.js";
import * as controls from "./controls.js";
import * as drawing from "./drawing.js";
import { LanguageModel, Reading, whole } from "./language_model.js";

export const about = {
  title: "The character model, live",
  task: "let it write and watch the unit that is chosen, then choose others.",
  look: "a unit that follows something you can name, such as the length of the line.",
  key: [["signed", "value of a unit, from −1 to 1"]],
};

const LONGEST = 10_000; // characters that are read
const SHOWN = 500; // characters that are colored
const BARS = 10;
const COLUMNS = 16; // of the map of units
const WRITTEN = 1_000; // characters of one push of the button
const READING = 25; // milliseconds of a frame for arithmetic while it reads,
const WRITING = 25; // and while it writes and is watched
const SPEEDS = [
  ["8", "8 a second"],
  ["50", "50 a second"],
  ["1000000", "as fast as it can"],
];
const STILL = 1_000; // milliseconds between two pictures for readers who want less motion
const SEED = 10;

export function mount(element, data, binary) {
  const model = new LanguageModel(binary);
  const reading = new Reading(model, LONGEST);
  const uniform = uniformNumbers(SEED);
  let unit = data.unit;
  let speed = 50;
  let writing = null; // while it writes, how many characters are left, and since when
  let frame = 0;

  const field = controls.textField({
    label: "The text that it reads",
    value: data.text,
    rows: 5,
    change: read,
  });
  const status = controls.statusLine(1, 2);
  const write = controls.button("Write on", () => (writing === null ? begin() : pause()));
  const one = controls.button("One character", () => {
    writeFor(1, 0);
    show();
  });
  const again = controls.button("Start again", () => {
    field.input.value = data.text;
    read(data.text);
  });
  const pace = controls.menu({
    label: "Speed",
    options: SPEEDS,
    value: String(speed),
    change: (value) => (speed = Number(value)),
  });
  const next = drawing.bars({ caption: `The next character: the ${BARS} most probable`, rows: BARS });
  const map = drawing.squares({
    label: `The hidden state: ${model.hiddenSize} units`,
    length: model.hiddenSize,
    columns: COLUMNS,
    choose: (index) => {
      chosen.value = index;
      choose(index);
    },
    tell: (index) => `unit ${index}: ${drawing.decimal(reading.state.h[index])}`,
  });
  const chosen = controls.stepper({
    name: "Unit",
    max: model.hiddenSize - 1,
    value: unit,
    show: (index) => `${index}: ${drawing.decimal(reading.state.h[index])}`,
    change: choose,
  });
  const colored = drawing.coloredText(8);
  const heading = drawing.element("p", { class: "heading" });
  const numbers = drawing.readings({
    read: "read",
    entropy: "entropy of the next",
    written: "written",
  });
  numbers.set("written", "nothing yet");

  element.replaceChildren(
    drawing.element(
      "div",
      { class: "stack" },
      field.node,
      drawing.element("div", { class: "buttons" }, write, one, again, pace.node),
      status.node,
      drawing.element(
        "div",
        { class: "columns" },
        drawing.element("div", {}, next.node),
        drawing.element(
          "div",
          { class: "stack" },
          drawing.element("p", { class: "heading" }, "The hidden state now; choose a unit"),
          map.node,
          chosen.node,
        ),
      ),
      numbers.node,
      heading,
      colored.node,
    ),
  );

  function choose(index) {
    unit = index;
    show();
  }

  function read(text) {
    stop();
    reading.replace(text);
    readOn();
  }

  function readOn(milliseconds = READING) {
    cancelAnimationFrame(frame);
    if (reading.advance(milliseconds)) return show();
    status.say(reading.message);
    for (const control of [write, one]) controls.turn(control, false);
    frame = requestAnimationFrame(() => readOn());
  }

  /** Write so many characters, or as many as are written in so many milliseconds. */
  function writeFor(characters, milliseconds) {
    const end = performance.now() + milliseconds;
    let written = 0;
    do {
      reading.append(model.draw(reading.state, softmax, uniform));
      written += 1;
    } while (written < characters && performance.now() < end && !reading.full);
    field.input.value = reading.characters.join("");
    field.input.scrollTop = field.input.scrollHeight;
    return written;
  }

  function begin() {
    writing = { left: WRITTEN, since: performance.now() };
    write.textContent = "Pause";
    status.say("It writes.");
    writeOn(performance.now(), 0);
  }

  /** Stop writing, and say how fast it was. */
  function stop() {
    cancelAnimationFrame(frame);
    if (writing !== null) {
      const seconds = (performance.now() - writing.since) / 1000;
      const written = WRITTEN - writing.left;
      numbers.set("written", `${whole(written)}, ${whole(Math.round(written / seconds))} a second`);
    }
    writing = null;
    write.textContent = "Write on";
  }

  function pause() {
    stop();
    show();
  }

  /** Write what is due since the last frame; readers who want less motion see a picture a second. */
  function writeOn(before, owed, drawn = before) {
    frame = requestAnimationFrame((now) => {
      const passed = Math.max(0, now - before); // a frame may have begun before the push
      const due = Math.min(owed + (passed * speed) / 1000, writing.left);
      const count = Math.floor(due);
      if (count > 0) writing.left -= writeFor(count, WRITING);
      if (writing.left === 0 || reading.full) return pause();
      const still = drawing.lessMotion() && now - drawn < STILL;
      if (!still) {
        numbers.set("written", `${whole(WRITTEN - writing.left)} of ${whole(WRITTEN)}`);
        show();
      }
      writeOn(now, due - count, still ? drawn : now);
    });
  }

  function show() {
    const { characters, states } = reading;
    const empty = states.length === 0;
    const probabilities = softmax(model.logits(reading.state));
    const most = empty ? [] : byProbability(probabilities).slice(0, BARS);
    next.set(
      most.map((symbol) => ({
        label: drawing.visible(model.characters[symbol]),
        value: probabilities[symbol],
      })),
    );
    map.set(reading.state.h);
    map.mark(Math.floor(unit / COLUMNS), unit % COLUMNS);
    const from = Math.max(0, states.length - SHOWN);
    heading.textContent =
      (from > 0 ? `The last ${SHOWN} characters` : "The text") + `, colored by unit ${unit}`;
    colored.set(
      characters.slice(from, states.length).map((character, at) => ({
        character,
        value: states[from + at].h[unit],
        strange: !model.knows(character),
      })),
      from,
    );
    colored.node.scrollTop = colored.node.scrollHeight;
    numbers.set("read", `${whole(states.length)} characters`);
    chosen.value = unit;
    numbers.set("entropy", empty ? "none" : `${drawing.decimal(entropy(probabilities))} bits`);
    for (const control of [write, one]) controls.turn(control, !empty && !reading.full);
    if (writing === null) status.say(reading.message);
  }

  reading.replace(data.text);
  readOn(Infinity);
  return { text: field.input, unit: chosen.input, speed: pace.input };
}
