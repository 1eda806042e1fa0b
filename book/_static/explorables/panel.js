// What every explorable has around it: words above, and its state in the address of the page.

import { element, newId } from "./drawing.js";

const PAUSE = 400; // milliseconds without a change after which the address is written
const LONGEST = 300; // characters of a value; a longer one is left out

/** Put the words above an explorable, and return the element that it fills.
 *
 * `about` has a title, a task, what to look for, and the key of the colors, a list of [class, words].
 * The words are HTML of our own, with formulas as <math>; no word of a reader ever comes here.
 */
export function frame(root, { title, task, look, key = [] }) {
  const written = (tag, attributes, html) => {
    const node = element(tag, attributes);
    node.innerHTML = html;
    return node;
  };
  const heading = written("p", { class: "title", id: newId() }, title);
  const marks = key.map(([name, words]) => written("li", { class: name }, `<span>${words}</span>`));
  const body = element("div", { class: "body" });
  root.classList.add(root.dataset.explorable.replaceAll("_", "-"));
  root.setAttribute("role", "group");
  root.setAttribute("aria-labelledby", heading.id);
  root.replaceChildren(
    heading,
    written("p", {}, `<b>Try:</b> ${task}`),
    written("p", {}, `<b>Look for:</b> ${look}`),
    ...(marks.length ? [element("ul", { class: "key", "aria-label": "Colors" }, ...marks)] : []),
    body,
  );
  return body;
}

/** Keep the values of inputs in the address, as page.html?step=3&unit=2#fig-of-this-explorable.
 *
 * They are written after the reader has changed one, and only those that differ from the values at
 * the start. Whoever opens such an address gets to the figure with these values. The query belongs
 * to the figure that the anchor names, so a page with two explorables keeps the state of the last.
 */
export function keepInAddress(figure, inputs = {}) {
  const begin = Object.entries(inputs).map(([name, input]) => [name, input, input.value]);
  const anchor = `#${figure.id}`;
  if (figure.id && location.hash === anchor) {
    const given = new URLSearchParams(location.search);
    for (const [name, input] of begin) if (given.has(name)) restore(input, given.get(name));
  }
  let timer;
  const write = () => {
    const changed = begin.filter(([, { value }, before]) => value !== before && value.length <= LONGEST);
    const query = new URLSearchParams(changed.map(([name, { value }]) => [name, value])).toString();
    const address = `${location.pathname}${query && `?${query}`}${anchor}`;
    const now = location.pathname + location.search + location.hash;
    const untouched = !query && location.hash !== anchor;
    if (figure.id && address !== now && !untouched) history.replaceState(history.state, "", address);
  };
  for (const event of ["input", "change", "click"])
    figure.addEventListener(event, () => {
      clearTimeout(timer);
      timer = setTimeout(write, PAUSE);
    });
}

/** Give an input the value of an address, if it can have it, as if the reader had. */
function restore(input, text) {
  const number = text !== "" && Number.isFinite(Number(text));
  if (input.type === "range" && !number) return;
  if (input.type === "select-one" && ![...input.options].some(({ value }) => value === text)) return;
  input.value = text;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}
