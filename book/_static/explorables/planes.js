// Axes with labels, on which curves and dots are drawn in the numbers of the figure.

import { svg } from "./drawing.js";

const MARGIN = { left: 38, right: 8, top: 26, bottom: 38 };
const FAR = 1e4; // how far outside of a plane a browser still draws well

/** Write a formula in an SVG: letters in italics, and what follows _ or ^ lower or higher.
 *
 * Braces hold a longer index: formula("h_{t+1}"). What stands between quotes is upright text.
 */
export function formula(text, attributes = {}) {
  const node = svg("text", { class: "typeset", ...attributes });
  const parts = text.matchAll(/"([^"]*)"|([_^])(?:\{([^}]*)\}|(.))|([^_^"]+)/g);
  let level = 0;
  for (const [, words, sign, long, short, plain] of parts) {
    const shift = sign === undefined ? 0 : sign === "_" ? 4 : -6;
    const options = { dy: shift - level, class: sign === undefined ? null : "index" };
    level = shift;
    if (words === undefined) node.append(...italics(long ?? short ?? plain, options));
    else node.append(svg("tspan", options, words));
  }
  return node;
}

/** Set letters in italics, and signs and digits upright. */
function italics(text, { dy, class: name }) {
  return text.match(/\p{L}+|\P{L}+/gu).map((run, index) =>
    svg(
      "tspan",
      { dy: index === 0 ? dy : null, class: name, "font-style": /\p{L}/u.test(run) ? "italic" : null },
      run,
    ),
  );
}

/** Make a plane: `x` and `y` are ranges, ticks are numbers or pairs of a number and its text.
 *
 * Returns {node, at, points, curves, dots}: `at(x, y)` is a place in the SVG, `points(pairs)` the list
 * that a polyline takes, `curves` and `dots` are groups to fill, of which the first ends at the frame.
 */
export function plane({ label, x, y, xticks, yticks, xlabel, ylabel, width = 300, height = 318 }) {
  const { left, right, top, bottom } = MARGIN;
  const at = (a, b) => [
    place(a, x, left, width - right),
    place(b, y, height - bottom, top),
  ];
  const axes = svg("g", { class: "axes" });
  for (const tick of xticks) {
    const [value, text] = pair(tick);
    const [across] = at(value, y[0]);
    axes.append(
      svg("line", { x1: across, x2: across, y1: top, y2: height - bottom }),
      svg("text", { x: across, y: height - bottom + 15, class: "below" }, text),
    );
  }
  for (const tick of yticks) {
    const [value, text] = pair(tick);
    const [, down] = at(x[0], value);
    axes.append(
      svg("line", { x1: left, x2: width - right, y1: down, y2: down }),
      svg("text", { x: left - 5, y: down + 4, class: "left" }, text),
    );
  }
  axes.append(
    formula(xlabel, { x: (left + width - right) / 2, y: height - 6, class: "typeset below" }),
    formula(ylabel, { x: 2, y: 14 }),
  );
  const inside = svg("svg", {
    x: left,
    y: top,
    width: width - left - right,
    height: height - top - bottom,
    viewBox: `${left} ${top} ${width - left - right} ${height - top - bottom}`,
  });
  const curves = inside.appendChild(svg("g"));
  const dots = svg("g");
  const box = `0 0 ${width} ${height}`;
  return {
    node: svg("svg", { class: "plane", viewBox: box, role: "img", "aria-label": label }, axes, inside, dots),
    at,
    points: (pairs) => pairs.map(([a, b]) => at(a, b).map((n) => n.toFixed(1)).join(",")).join(" "),
    curves,
    dots,
  };
}

function place(number, [low, high], start, end) {
  const found = start + ((number - low) / (high - low)) * (end - start);
  return Math.max(-FAR, Math.min(FAR, found));
}

function pair(tick) {
  return Array.isArray(tick) ? tick : [tick, String(tick).replace("-", "−")];
}
