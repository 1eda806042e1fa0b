// What readers operate: buttons, sliders, a player, menus and fields, each with its name.
//
// A maker returns {node, input, ...}: the node to place, and the input, whose value the address
// keeps. `change` is called with each new value. At its ends a button stays where it is and can be
// focused, so that the focus is not lost; it only does nothing (aria-disabled).

import { element, newId, svg } from "./drawing.js";

const ICONS = {
  play: "M4 2v12l9-6z",
  pause: "M3 2h4v12H3zM9 2h4v12H9z",
  back: "M2 2h2v12H2zM14 2v12L5 8z",
  forward: "M12 2h2v12h-2zM2 2v12l9-6z",
};

/** Make a button; it is off when there is nothing to do, and can be focused all the same. */
export function button(content, onclick) {
  const node = element("button", { type: "button" }, content);
  node.addEventListener("click", () => isOff(node) || onclick());
  return node;
}

/** Turn a button on or off. */
export function turn(node, on) {
  node.setAttribute("aria-disabled", String(!on));
}

function isOff(node) {
  return node.getAttribute("aria-disabled") === "true";
}

/** Make a slider; `label` is a text or an element, `show` turns a number into what is read.
 *
 * `value` and `max` of what is returned can be set; `updated` is called when anything has changed.
 */
export function slider(options) {
  const { label, min, max, step = 1, value, show = String, change, updated, buttons = [] } = options;
  const id = newId();
  const shown = element("span", { class: "value", "aria-hidden": "true" }); // aria-valuetext says it
  const input = element("input", { type: "range", id, min, max, step, value });
  const update = () => {
    shown.textContent = show(input.valueAsNumber);
    input.setAttribute("aria-valuetext", shown.textContent);
    updated?.(input);
  };
  input.addEventListener("input", () => {
    update();
    change(input.valueAsNumber);
  });
  update();
  const name = element("label", { for: id }, label);
  return {
    node: element("div", { class: "control" }, name, ...buttons, input, shown),
    input,
    get value() {
      return input.valueAsNumber;
    },
    set value(number) {
      input.value = number;
      update();
    },
    get max() {
      return Number(input.max);
    },
    set max(number) {
      input.max = number;
      update();
    },
  };
}

/** Make a slider over whole numbers with buttons to step and, with `milliseconds`, to play.
 *
 * Playing goes on by one each time, and begins again after the last. Readers who want less motion
 * have no button to play (explorables.css): they step. `name` is what the buttons are called by.
 */
export function stepper({ name, label = name, min = 0, milliseconds, change, ...others }) {
  let timer = 0;
  const back = iconButton("back", `${name} back`, () => step(-1));
  const forward = iconButton("forward", `${name} forward`, () => step(1));
  const play = iconButton("play", "Play", () => (timer ? stop() : start()));
  play.classList.add("play");
  const all = slider({
    ...others,
    label,
    min,
    buttons: milliseconds ? [play, back, forward] : [back, forward],
    change(number) {
      stop();
      change(number);
    },
    updated({ valueAsNumber: number, max }) {
      turn(back, number > min);
      turn(forward, number < max);
      turn(play, max > min);
    },
  });
  all.node.classList.add("stepper");
  return all;

  function go(number) {
    all.value = number;
    change(all.value);
  }

  function step(by) {
    stop();
    go(all.value + by);
  }

  function start() {
    if (all.value >= all.max) go(min);
    setIcon(play, "pause", "Pause");
    timer = setTimeout(tick, milliseconds);
  }

  function tick() {
    go(all.value + 1);
    if (all.value >= all.max) stop();
    else timer = setTimeout(tick, milliseconds);
  }

  function stop() {
    if (!timer) return;
    clearTimeout(timer);
    timer = 0;
    setIcon(play, "play", "Play");
    all.input.dispatchEvent(new Event("change", { bubbles: true })); // what the address waits for
  }
}

function iconButton(icon, title, onclick) {
  const node = button("", onclick);
  setIcon(node, icon, title);
  return node;
}

function setIcon(node, icon, title) {
  const path = svg("path", { d: ICONS[icon] });
  node.replaceChildren(svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, path));
  node.setAttribute("aria-label", title);
  node.setAttribute("title", title);
}

/** Make a menu; `options` are pairs of a value and a text. */
export function menu({ label, options, value, change }) {
  const id = newId();
  const choices = options.map(([key, text]) =>
    element("option", { value: key, selected: key === value }, text),
  );
  const input = element("select", { id, oninput: () => change(input.value) }, ...choices);
  return { node: element("div", { class: "control" }, element("label", { for: id }, label), input), input };
}

/** Make a field for text; without `rows` it has one line. */
export function textField({ label, value, rows, change }) {
  const id = newId();
  const kind = rows ? { rows, class: "lines" } : { type: "text", autocomplete: "off", autocapitalize: "off" };
  const attributes = { id, dir: "auto", spellcheck: "false", ...kind };
  const input = element(rows ? "textarea" : "input", attributes);
  input.value = value;
  input.addEventListener("input", () => change(input.value));
  return { node: element("div", { class: "field" }, element("label", { for: id }, label), input), input };
}

/** Make a line that says what happened, with room for so many lines on a wide and a narrow screen.
 *
 * Screen readers read what is said, so say little.
 */
export function statusLine(wide = 1, narrow = 2) {
  const style = `--wide: ${wide}; --narrow: ${narrow}`;
  const node = element("p", { class: "status", role: "status", style });
  return {
    node,
    say(text) {
      if (node.textContent !== text) node.textContent = text;
    },
  };
}
