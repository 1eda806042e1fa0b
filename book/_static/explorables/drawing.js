// What explorables draw with: elements, controls with names, bars, and maps of signed numbers.
//
// Colors are classes and custom properties of explorables.css, so they follow the theme by
// themselves. A signed number is shown by its color, which a class turns
// from that of negative numbers to that of positive ones, and by its opacity.

/** Make an element; attributes that are functions are listeners, such as {onclick: ...}. */
export function element(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** Make an element of an SVG. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

let count = 0;

/** Return an id that no other element of the page has. */
export function newId() {
  count += 1;
  return `explorable-${count}`;
}

/** Say whether the reader has asked for less motion. */
export function lessMotion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Make a button. */
export function button(text, onclick) {
  return element("button", { type: "button", onclick }, text);
}

/** Make a slider with its label and its value; `show` turns a number into what is read.
 *
 * Returns {node, input, get value, set value}; `change` is called with each new number.
 */
export function slider({ label, min, max, step, value, show = String, change }) {
  const id = newId();
  const shown = element("span", { class: "value", "aria-hidden": "true" }); // aria-valuetext says it
  const input = element("input", { type: "range", id, min, max, step });
  const update = () => {
    shown.textContent = show(input.valueAsNumber);
    input.setAttribute("aria-valuetext", shown.textContent);
  };
  input.addEventListener("input", () => {
    update();
    change(input.valueAsNumber);
  });
  const node = element("div", { class: "control" }, element("label", { for: id }, label), input, shown);
  const made = {
    node,
    input,
    get value() {
      return input.valueAsNumber;
    },
    set value(number) {
      input.value = number;
      update();
    },
  };
  made.value = value;
  return made;
}

/** Make a menu with its label; `options` are pairs of a value and a text. */
export function menu({ label, options, value, change }) {
  const id = newId();
  const choices = options.map(([key, text]) =>
    element("option", { value: key, selected: key === value }, text),
  );
  const input = element("select", { id, onchange: () => change(input.value) }, ...choices);
  return { node: element("div", { class: "control" }, element("label", { for: id }, label), input), input };
}

/** Make a field for text with its label. */
export function textField({ label, value, rows = 4, change }) {
  const id = newId();
  const input = element("textarea", { id, rows, dir: "auto", spellcheck: "false" });
  input.value = value;
  input.addEventListener("input", () => change(input.value));
  return { node: element("div", { class: "field" }, element("label", { for: id }, label), input), input };
}

/** Make a line that says what happened; screen readers read what is said, so say little. */
export function statusLine() {
  const node = element("p", { class: "status", role: "status" });
  return {
    node,
    say(text) {
      if (node.textContent !== text) node.textContent = text;
    },
  };
}

/** Make a list of readings: names with numbers that are set by name. */
export function readings(names) {
  const values = Object.fromEntries(names.map((name) => [name, element("dd")]));
  const pairs = names.map((name) => element("div", {}, element("dt", {}, name), values[name]));
  return {
    node: element("dl", { class: "readings" }, ...pairs),
    set(name, text) {
      values[name].textContent = text;
    },
  };
}

/** Return a number with so many digits after the point, and a true minus sign. */
export function decimal(number, digits = 2) {
  return number.toFixed(digits).replace("-", "−");
}

/** Return how a character is shown: a name in place of what cannot be seen. */
export function visible(character) {
  return { " ": "␣", "\n": "↵" }[character] ?? character;
}

/** Give an element the color and the opacity of a number from -1 to 1. */
export function color(node, number) {
  node.classList.toggle("positive", number >= 0);
  node.style.setProperty("--size", Math.min(1, Math.abs(number)).toFixed(3));
}

/** Draw a row of bars, one for each symbol, as a table that screen readers can read.
 *
 * `set(rows)` takes a list of {label, value, outline, title}: lengths from 0 to 1 of the bar and
 * of its outline, which may be left out.
 */
export function bars({ caption, rows, show = (value) => decimal(value, 3) }) {
  const made = Array.from({ length: rows }, () => {
    const label = element("th", { scope: "row" });
    const bar = element("span", { class: "bar" });
    const outline = element("span", { class: "outline" });
    const number = element("td", { class: "number" });
    const track = element("td", { class: "track" }, element("span", {}, outline, bar));
    return { label, bar, outline, number, row: element("tr", {}, label, track, number) };
  });
  const node = element(
    "table",
    { class: "bars" },
    element("caption", {}, caption),
    element("tbody", {}, ...made.map(({ row }) => row)),
  );
  return {
    node,
    set(values) {
      made.forEach(({ label, bar, outline, number, row }, index) => {
        const { label: text, value, outline: before = 0 } = values[index] ?? {};
        row.hidden = text === undefined;
        if (row.hidden) return;
        label.textContent = text;
        number.textContent = show(value);
        bar.style.setProperty("--size", value.toFixed(4));
        outline.style.setProperty("--size", before.toFixed(4));
        outline.hidden = before === 0;
      });
    },
  };
}

/** Draw a map of signed numbers as squares, so many in a row.
 *
 * It is a picture to click on: give readers without a pointer another control for what `choose`
 * does. `set(numbers)` colors the squares, `mark(index)` puts a frame around one.
 */
export function squares({ label, length, columns, choose }) {
  const marks = Array.from({ length }, (_, index) =>
    svg("rect", {
      x: index % columns,
      y: Math.floor(index / columns),
      width: 0.92,
      height: 0.92,
      "data-index": index,
    }),
  );
  const frame = svg("rect", { class: "frame", width: 1.04, height: 1.04, x: -9, y: -9 });
  const box = `-0.2 -0.2 ${columns + 0.4} ${Math.ceil(length / columns) + 0.4}`;
  const node = svg(
    "svg",
    { class: "squares", viewBox: box, role: "img", "aria-label": label },
    ...marks,
    frame,
  );
  node.addEventListener("click", ({ target }) => {
    if (target.dataset.index !== undefined) choose?.(Number(target.dataset.index));
  });
  return {
    node,
    set(numbers) {
      marks.forEach((mark, index) => color(mark, numbers[index] ?? 0));
    },
    mark(index) {
      frame.setAttribute("x", (index % columns) - 0.06);
      frame.setAttribute("y", Math.floor(index / columns) - 0.06);
    },
  };
}

/** Show a text in which each character has the color of a number from -1 to 1.
 *
 * `set(characters, first)` takes a list of {character, value, strange} and the place of the first
 * one in the whole text. Strange ones are underlined. Only what has changed is drawn.
 */
export function coloredText() {
  const node = element("div", { class: "colored", dir: "auto" });
  const marks = [];
  let start = 0;
  return {
    node,
    set(characters, first) {
      const gone = first > start ? marks.splice(0, first - start) : [];
      gone.push(...marks.splice(characters.length));
      for (const { mark } of gone) mark.remove();
      start = first;
      characters.forEach(({ character, value, strange }, index) => {
        if (index === marks.length) {
          marks.push({ mark: node.appendChild(element("span")) });
        }
        const drawn = marks[index];
        if (drawn.character !== character) {
          drawn.mark.textContent = character === "\n" ? "↵\n" : character;
          drawn.mark.classList.toggle("strange", strange);
        }
        if (drawn.value !== value) color(drawn.mark, value);
        Object.assign(drawn, { character, value });
      });
    },
  };
}
