// The error surface of chapter 5: put the start where you like, and descend with and without clipping.

import { sigmoid } from "./arithmetic.js";
import { heatMap } from "./charts.js";
import * as controls from "./controls.js";
import * as drawing from "./drawing.js";
import { whole } from "./language_model.js";

export const about = {
  title: "The cliff",
  task: "drag the start over the picture and play the two descents.",
  look: "where a plain step jumps, and how large it is there.",
  key: [["shade", "loss, from low to high"], ["plain", "plain"], ["clipped", "clipped by norm"]],
};

const GRID = [150, 120]; // fields of the map from left to right and from top to bottom
const SHARP = 200; // fields of a slider
const LEVELS = 10; // shades of the map, whose borders are lines of equal loss
const TARGET = 0.7;

/** Return the loss of x_t = w σ(x_{t-1}) + b from x_0 = 0.5, and its gradient. */
export function surface(w, b, steps) {
  let [x, byW, byB] = [0.5, 0, 0];
  for (let step = 0; step < steps; step += 1) {
    const s = sigmoid(x);
    const slope = w * s * (1 - s);
    [x, byW, byB] = [w * s + b, s + slope * byW, 1 + slope * byB];
  }
  const s = sigmoid(x);
  const outer = 2 * (s - TARGET) * s * (1 - s);
  return { loss: (s - TARGET) ** 2, gradient: [outer * byW, outer * byB] };
}

/** Descend from a point; return all points. Without a largest norm the steps are not clipped. */
export function descend(start, { learning_rate: rate, updates, steps }, largest = Infinity) {
  const points = [start];
  for (let update = 0; update < updates; update += 1) {
    const [w, b] = points.at(-1);
    const [byW, byB] = surface(w, b, steps).gradient;
    const factor = rate * Math.min(1, largest / Math.hypot(byW, byB));
    points.push([w - factor * byW, b - factor * byB]);
  }
  return points;
}

export function mount(root, data) {
  const { box, steps } = data;
  const [[left, right], [bottom, top]] = [box.w, box.b];
  let point = [...data.start];

  const map = heatMap({ label: "Map of the loss over w and b: the stronger the gray, the lower." });
  const overlay = drawing.svg("svg", {
    class: "overlay",
    viewBox: `0 0 ${GRID[0]} ${GRID[1]}`,
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  const lines = Object.fromEntries(
    ["plain", "clipped"].map((name) => [name, drawing.svg("polyline", { class: name })]),
  );
  const handle = drawing.svg("circle", { class: "handle", r: 3 });
  overlay.append(...Object.values(lines), handle);
  map.node.append(overlay);
  const axis = (label, place, [low, high]) =>
    controls.slider({
      label,
      min: low,
      max: high,
      step: (high - low) / SHARP,
      value: point[place],
      show: (number) => drawing.decimal(number, 3),
      change: (number) => {
        point[place] = number;
        show();
      },
    });
  const sliders = [axis("Start: w", 0, box.w), axis("Start: b", 1, box.b)];
  const largest = controls.slider({
    label: "Clip at the norm",
    min: 0.1,
    max: 3,
    step: 0.1,
    value: data.max_norm,
    show: (number) => drawing.decimal(number, 1),
    change: show,
  });
  const edge = controls.button("To the edge of the cliff", () => put(data.start));
  const numbers = drawing.readings({
    gradient: "gradient at the start",
    first: "first step",
    firstClipped: "clipped",
    plain: "loss, plain",
    clipped: "loss, clipped",
  });
  const status = controls.statusLine();
  const ends = drawing.element(
    "div",
    { class: "ends", "aria-hidden": "true" },
    ...[left, "w", right].map((text) => drawing.element("span", {}, String(text).replace("-", "−"))),
  );
  root.replaceChildren(
    drawing.element(
      "div",
      { class: "stack" },
      drawing.element("p", { class: "heading" }, `b, from ${bottom} to ${top}. The stronger the gray, the lower the loss.`.replaceAll("-", "−")),
      drawing.element("div", {}, map.node, ends),
      ...sliders.map(({ node }) => node),
      largest.node,
      drawing.element("div", { class: "buttons" }, edge),
      numbers.node,
      status.node,
    ),
  );
  overlay.addEventListener("pointerdown", (event) => {
    overlay.setPointerCapture(event.pointerId);
    follow(event);
  });
  overlay.addEventListener("pointermove", (event) => {
    if (overlay.hasPointerCapture(event.pointerId)) follow(event);
  });
  drawSurface();
  show();
  return { w: sliders[0].input, b: sliders[1].input, norm: largest.input };

  function drawSurface() {
    const rows = Array.from({ length: GRID[1] }, (_, y) =>
      Array.from({ length: GRID[0] }, (_, x) => {
        const w = left + ((x + 0.5) / GRID[0]) * (right - left);
        const b = top - ((y + 0.5) / GRID[1]) * (top - bottom);
        return surface(w, b, steps).loss;
      }),
    );
    const highest = Math.max(...rows.flat());
    const shade = (loss) => (0.75 * Math.round(LEVELS * (1 - Math.sqrt(loss / highest)))) / LEVELS;
    map.set(rows.map((row) => row.map(shade)));
  }

  /** Put the start where the pointer is. */
  function follow({ clientX, clientY }) {
    const frame = overlay.getBoundingClientRect();
    const inside = (share) => Math.max(0, Math.min(1, share));
    put([
      left + inside((clientX - frame.left) / frame.width) * (right - left),
      top - inside((clientY - frame.top) / frame.height) * (top - bottom),
    ]);
  }

  function put(start) {
    point = [...start];
    show();
  }

  function show() {
    sliders.forEach((slider, place) => (slider.value = point[place]));
    const norm = largest.value;
    const paths = { plain: descend(point, data), clipped: descend(point, data, norm) };
    const drawn = ([w, b]) => [
      ((w - left) / (right - left)) * GRID[0],
      ((top - b) / (top - bottom)) * GRID[1],
    ];
    for (const [name, path] of Object.entries(paths))
      lines[name].setAttribute("points", path.map((place) => drawn(place).map(short).join(",")).join(" "));
    const [x, y] = drawn(point);
    handle.setAttribute("cx", x);
    handle.setAttribute("cy", y);
    const first = (path) => Math.hypot(path[1][0] - path[0][0], path[1][1] - path[0][1]);
    const loss = (path) => surface(...path.at(-1), steps).loss;
    numbers.set("gradient", readable(Math.hypot(...surface(...point, steps).gradient)));
    numbers.set("first", readable(first(paths.plain)));
    numbers.set("firstClipped", readable(first(paths.clipped)));
    numbers.set("plain", drawing.decimal(loss(paths.plain), 4));
    numbers.set("clipped", drawing.decimal(loss(paths.clipped), 4));
    status.say(report(paths));
  }

  function report(paths) {
    const outside = ([w, b]) => w < left || w > right || b < bottom || b > top;
    const said = Object.entries(paths).map(([name, path]) => {
      const left = path.findIndex(outside);
      if (left < 0) return `The ${name} path stays in the picture.`;
      const back = outside(path.at(-1)) ? "ends outside" : "comes back";
      return `The ${name} path leaves the picture at update ${left} and ${back}.`;
    });
    return said.join(" ");
  }
}

/** Write a coordinate of a path, within what a browser can draw. */
function short(number) {
  return Math.max(-1e5, Math.min(1e5, number)).toFixed(2);
}

function readable(number) {
  return number < 10 ? drawing.decimal(number, 3) : whole(Math.round(number));
}
