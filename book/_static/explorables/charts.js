// Maps of many numbers, and curves on axes with a logarithm.

import { decimal, element, svg } from "./drawing.js";

/** Call a function again whenever the page turns light or dark. */
function onTheme(redraw) {
  const root = document.documentElement;
  new MutationObserver(redraw).observe(root, { attributeFilter: ["data-theme"] });
}

/** Draw a table of numbers as a map, one field for each, on a canvas.
 *
 * A positive number is shown in the color of the custom property `positive`, a negative one in that
 * of `negative`, as strongly as it is large. `set(rows)` takes a list of rows of numbers from -1 to
 * 1, `mark(row, column)` frames a field, and `choose(row, column)` is called with the one that is
 * clicked on; give readers without a pointer another control for that.
 */
export function heatMap({ label, positive = "--ink", negative = "--negative", choose }) {
  const canvas = element("canvas", { role: "img", "aria-label": label });
  const frame = element("span", { class: "frame", hidden: true });
  const node = element("div", { class: "map" }, canvas, frame);
  let rows = [];
  const draw = () => {
    canvas.width = rows[0]?.length ?? 1;
    canvas.height = rows.length || 1;
    const context = canvas.getContext("2d");
    const style = getComputedStyle(canvas);
    const colors = [positive, negative].map((name) => style.getPropertyValue(name));
    rows.forEach((row, y) => {
      row.forEach((number, x) => {
        context.fillStyle = colors[number < 0 ? 1 : 0];
        context.globalAlpha = Math.min(1, Math.abs(number));
        context.fillRect(x, y, 1, 1);
      });
    });
  };
  onTheme(draw);
  canvas.addEventListener("click", ({ offsetX, offsetY }) => {
    const column = Math.floor((offsetX / canvas.clientWidth) * canvas.width);
    const row = Math.floor((offsetY / canvas.clientHeight) * canvas.height);
    if (rows[row]?.[column] !== undefined) choose?.(row, column);
  });
  return {
    node,
    canvas,
    set(table) {
      rows = table;
      if (rows.length === 0) frame.hidden = true;
      draw();
    },
    mark(row, column) {
      frame.hidden = rows[row]?.[column] === undefined;
      frame.style.left = `${(100 * column) / canvas.width}%`;
      frame.style.setProperty("--middle", `${(100 * (row + 0.5)) / canvas.height}%`);
      frame.style.width = `${100 / canvas.width}%`;
      frame.style.setProperty("--row", `${100 / canvas.height}%`);
    },
  };
}

const BOX = { width: 330, height: 240, left: 42, right: 8, top: 8, bottom: 40 };
const TICK = 10; // powers of ten, and steps

/** Draw curves over whole numbers from 0 to `last`, with common logarithms upwards.
 *
 * `set(curves, dots)` takes {name: numbers} and [x, number] pairs; a curve has its name as class.
 * What lies outside of the limits is cut off. `xlabel` is a text and the letter of the quantity.
 */
export function logChart({ label, last, low, high, xlabel: [words, letter] }) {
  const { width, height, left, right, top, bottom } = BOX;
  const x = (step) => left + (step / last) * (width - left - right);
  const y = (log) => top + ((high - log) / (high - low)) * (height - top - bottom);
  const axes = svg("g", { class: "axes" });
  const line = (x1, y1, x2, y2) => axes.append(svg("line", { x1, y1, x2, y2 }));
  const text = (attributes, ...content) => axes.append(svg("text", attributes, ...content));
  for (let log = Math.ceil(low / TICK) * TICK; log <= high; log += TICK) {
    line(x(0), y(log), x(last), y(log));
    const raised = svg("tspan", { dy: -5, class: "raised" }, decimal(log, 0));
    text({ x: left - 5, y: y(log) + 4, class: "left" }, ...(log === 0 ? ["1"] : ["10", raised]));
  }
  for (let step = 0; step <= last; step += TICK) {
    line(x(step), y(low), x(step), y(low) + 4);
    text({ x: x(step), y: height - bottom + 17, class: "below" }, String(step));
  }
  const quantity = svg("tspan", { "font-style": "italic" }, letter);
  text({ x: (x(0) + x(last)) / 2, y: height - 5, class: "below" }, words, quantity);
  const drawn = svg("g", { class: "curves" });
  const box = `0 0 ${width} ${height}`;
  const node = svg("svg", { class: "chart", viewBox: box, role: "img", "aria-label": label }, axes, drawn);
  return {
    node,
    set(curves, dots) {
      const lines = Object.entries(curves).map(([name, numbers]) => {
        // the last point may lie outside: the line then ends at the edge
        const points = Array.from(numbers, (log, step) => [step, log]);
        const end = points.findIndex(([, log]) => log < low || log > high);
        const inside = end < 0 ? points : points.slice(0, end);
        if (end > 0) inside.push(edge(points[end - 1], points[end], points[end][1] < low ? low : high));
        return svg("polyline", {
          class: name,
          points: inside.map(([step, log]) => `${x(step).toFixed(1)},${y(log).toFixed(1)}`).join(" "),
        });
      });
      const marks = dots
        .filter(([, log]) => log >= low && log <= high)
        .map(([step, log]) => svg("circle", { cx: x(step), cy: y(log), r: 3.5 }));
      drawn.replaceChildren(...lines, ...marks);
    },
  };
}

/** Return the point of a line between two points at which it reaches a level. */
function edge([x1, y1], [x2, y2], level) {
  return [x1 + ((x2 - x1) * (level - y1)) / (y2 - y1), level];
}
