// A character model in 8 bits a weight, as rnn_tutorial.models.checkpoint writes it, and its reading.

import { STEPS, affine, draw, zeroState } from "./arithmetic.js";

const UNKNOWN = 1; // 0 is padding; the characters follow

/** Read the tensors of a file; a matrix of 8 bits is multiplied by the scale of each row. */
export function readTensors(buffer) {
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  const { __metadata__: about, ...entries } = header;
  const raw = ({ dtype, data_offsets: [start, end] }) => {
    const bytes = buffer.slice(8 + length + start, 8 + length + end);
    return dtype === "I8" ? new Int8Array(bytes) : new Float32Array(bytes);
  };
  const tensors = {};
  for (const [name, entry] of Object.entries(entries)) {
    if (name.endsWith(".scale")) continue;
    const numbers = new Float32Array(raw(entry));
    tensors[name] = numbers;
    if (entry.dtype !== "I8") continue;
    const columns = entry.shape[1];
    raw(entries[`${name}.scale`]).forEach((scale, row) => {
      for (let at = row * columns; at < (row + 1) * columns; at += 1) numbers[at] *= scale;
    });
  }
  return { about, tensors };
}

/** A language model of characters with an embedding and one recurrent layer. */
export class LanguageModel {
  constructor(buffer) {
    const { about, tensors } = readTensors(buffer);
    this.cell = about.cell;
    this.hiddenSize = Number(about.hidden_size);
    this.characters = ["", "", ...about.symbols];
    this.indices = new Map(this.characters.map((character, index) => [character, index]));
    this.embedding = tensors["embedding.weight"];
    this.features = this.embedding.length / this.characters.length;
    this.weights = {
      weight_ih: tensors["recurrent.weight_ih_l0"],
      weight_hh: tensors["recurrent.weight_hh_l0"],
      bias_ih: tensors["recurrent.bias_ih_l0"],
      bias_hh: tensors["recurrent.bias_hh_l0"],
    };
    this.output = { weight: tensors["output.weight"], bias: tensors["output.bias"] };
  }

  /** Say whether the model has seen a character in training. */
  knows(character) {
    return this.indices.has(character);
  }

  /** Return the state before anything is read. */
  start() {
    return zeroState(this.cell, this.hiddenSize);
  }

  /** Read a character from a state on; return the gates and the new state. */
  read(character, state) {
    const index = this.indices.get(character) ?? UNKNOWN;
    const x = this.embedding.subarray(index * this.features, (index + 1) * this.features);
    return STEPS[this.cell](this.weights, x, state);
  }

  /** Return the logits of the next symbol; their softmax is its probability. */
  logits(state) {
    return affine(this.output.weight, this.output.bias, state.h);
  }

  /** Draw the next character; `choose` makes probabilities of logits. */
  draw(state, choose, uniform) {
    const logits = this.logits(state);
    logits.fill(-Infinity, 0, UNKNOWN + 1); // padding and unknown are never written
    return this.characters[draw(choose(logits), uniform())];
  }
}

/** A text and the states after each of its characters; what has been read is not read again. */
export class Reading {
  constructor(model, longest = Infinity) {
    this.model = model;
    this.longest = longest; // how many characters are read at most
    this.characters = [];
    this.states = [];
    this.left = 0; // characters of the text that were left out
  }

  /** Put another text in place; the states of what both begin with stay. */
  replace(text) {
    const characters = Array.from(text);
    this.left = Math.max(0, characters.length - this.longest);
    characters.length -= this.left;
    let same = 0;
    while (same < this.states.length && this.characters[same] === characters[same]) same += 1;
    this.characters = characters;
    this.states.length = same;
  }

  /** Read on for so many milliseconds at most; return whether all is read. */
  advance(milliseconds) {
    const end = performance.now() + milliseconds;
    while (!this.done) {
      this.states.push(this.model.read(this.characters[this.states.length], this.state));
      if (performance.now() > end) break;
    }
    return this.done;
  }

  /** Add a character and read it. */
  append(character) {
    this.characters.push(character);
    this.states.push(this.model.read(character, this.state));
  }

  get done() {
    return this.states.length >= this.characters.length;
  }

  /** Whether the text is as long as it may be. */
  get full() {
    return this.characters.length >= this.longest;
  }

  /** The state after what has been read. */
  get state() {
    return this.states.at(-1) ?? this.model.start();
  }

  /** The characters that the model has never seen, each once. */
  get unknown() {
    return [...new Set(this.characters)].filter((character) => !this.model.knows(character));
  }

  /** What is odd about the text, in words; empty if nothing is. */
  get message() {
    const { characters, states, unknown, left } = this;
    if (characters.length === 0) return "Nothing is read yet: type a character.";
    if (!this.done) return `Read: ${whole(states.length)} of ${whole(characters.length)}.`;
    const notes = [];
    if (left > 0) notes.push(`Only the first ${whole(characters.length)} characters are read.`);
    else if (this.full) notes.push(`That is all that it reads here: ${whole(characters.length)} characters.`);
    if (unknown.length > 0) {
      const some = unknown.slice(0, 8).join(" ");
      const more = unknown.length > 8 ? " and others" : "";
      notes.push(`Never seen in training, so read as "unknown": ${some}${more}.`);
    }
    return notes.join(" ");
  }
}

/** Return a whole number with a comma between thousands. */
export function whole(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}
