// What explorables draw with: elements, formulas, readings, bars, and maps of signed numbers.
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

/** Make a formula of MathML, such as math(sub("𝐖", "hh")); browsers draw it themselves. */
export function math(content) {
  const node = element("span", { class: "symbol" });
  node.innerHTML = `<math>${content}</math>`;
  return node;
}

/** Name a control by a word and a formula: some tools do not read formulas. */
export function named(word, content) {
  return element("span", {}, `${word} `, math(content));
}

/** Return the MathML of a name with an index; a single letter is italic if it is not a bold one. */
export function sub(name, index) {
  const signs = Array.from(index, (sign) => {
    if (/\d/.test(sign)) return `<mn>${sign}</mn>`;
    return /\p{L}/u.test(sign) ? `<mi>${sign}</mi>` : `<mo lspace="0" rspace="0">${sign}</mo>`;
  });
  return `<msub><mi>${name}</mi><mrow>${signs.join("")}</mrow></msub>`;
}

/** Make a list of readings: names with numbers that are set by name.
 *
 * `names` maps each name to what stands above its number, a text or an element.
 */
export function readings(names) {
  const values = Object.fromEntries(Object.keys(names).map((name) => [name, element("dd")]));
  const pairs = Object.entries(names).map(([name, shown]) =>
    element("div", {}, element("dt", {}, shown), values[name]),
  );
  return {
    node: element("dl", { class: "readings" }, ...pairs),
    set(name, content) {
      values[name].replaceChildren(content);
    },
  };
}

/** Return a number with so many digits after the point, and a true minus sign unless it is 0. */
export function decimal(number, digits = 2) {
  return number.toFixed(digits).replace(/^-(?=[0.]+$)/, "").replace("-", "−");
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
 * `set(rows)` takes a list of {label, value, outline}: a number that is not negative, and another
 * that an outline shows, which may be left out. The largest has the whole length. A row that is
 * missing keeps its place, so that nothing below moves.
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
      const largest = Math.max(...values.flatMap(({ value, outline = 0 }) => [value, outline]), 0);
      const length = (number) => (largest ? number / largest : 0).toFixed(4);
      made.forEach(({ label, bar, outline, number, row }, index) => {
        const { label: text = "\u00a0", value = 0, outline: before = 0 } = values[index] ?? {};
        row.style.visibility = index < values.length ? "" : "hidden";
        label.textContent = text;
        number.textContent = show(value);
        bar.style.setProperty("--size", length(value));
        outline.style.setProperty("--size", length(before));
        outline.hidden = before === 0;
      });
    },
  };
}

/** Draw a map of signed numbers as squares, so many in a row.
 *
 * It is a picture to click on: give readers without a pointer another control for what `choose`
 * does. `set(numbers)` colors the squares, `mark(row, column, rows, columns)` puts a frame around
 * some, and `tell(index)` returns what a pointer reads at a square.
 */
export function squares({ label, length, columns, choose, tell }) {
  const marks = Array.from({ length }, (_, index) =>
    svg("rect", {
      x: index % columns,
      y: Math.floor(index / columns),
      width: 0.92,
      height: 0.92,
      "data-index": index,
    }),
  );
  const frame = svg("rect", { class: "frame" });
  const box = `-0.2 -0.2 ${columns + 0.32} ${Math.ceil(length / columns) + 0.32}`;
  const node = svg(
    "svg",
    { class: "squares", viewBox: box, role: "img", "aria-label": label },
    ...marks,
    frame,
  );
  node.addEventListener("click", ({ target }) => {
    if (target.dataset.index !== undefined) choose?.(Number(target.dataset.index));
  });
  const title = svg("title");
  node.addEventListener("pointerover", ({ target }) => {
    if (!tell || target.dataset.index === undefined) return;
    title.textContent = tell(Number(target.dataset.index));
    target.append(title);
  });
  return {
    node,
    set(numbers) {
      marks.forEach((mark, index) => color(mark, numbers[index] ?? 0));
    },
    mark(row, column, rows = 1, wide = 1) {
      const place = { x: column - 0.06, y: row - 0.06, width: wide + 0.04, height: rows + 0.04 };
      for (const [name, number] of Object.entries(place)) frame.setAttribute(name, number);
    },
  };
}

/** Show a text in which each character has the color of a number from -1 to 1, in so many lines.
 *
 * `set(characters, first)` takes a list of {character, value, strange} and the place of the first
 * one in the whole text. Strange ones are underlined. Only what has changed is drawn. A pointer
 * reads the number of a character.
 */
export function coloredText(lines) {
  const node = textBox("The text, colored", lines);
  const marks = [];
  let start = 0;
  node.addEventListener("pointerover", ({ target }) => {
    const found = marks.find(({ mark }) => mark === target);
    if (found) target.title = decimal(found.value);
  });
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

/** Make a box for so many lines of text, which scrolls if there are more. */
export function textBox(label, lines) {
  const style = `--lines: ${lines}`;
  return element("div", { class: "colored lines", dir: "auto", tabindex: 0, role: "region", "aria-label": label, style });
}
