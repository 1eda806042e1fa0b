// The error surface of chapter 5: put the start where you like, and descend with and without clipping.

import { sigmoid } from "./arithmetic.js";
import { heatMap } from "./charts.js";
import * as controls from "./controls.js";
import * as drawing from "./drawing.js";
import { whole } from "./language_model.js";

const { element, math, svg } = drawing;

export const about = {
  title: "The cliff",
  task: "drag the ring to another place and play both descents.",
  look: "what a plain step does at the edge, and a clipped one.",
  key: [
    ["shade", "loss, 10<sup>−4</sup> to 1"],
    ["plain", "plain"],
    ["clipped", "clipped by norm"],
  ],
};

const GRID = [150, 120]; // fields of the map from left to right and from top to bottom
const SHARP = 200; // fields of a slider
const DARKEST = 0.5; // how black the highest loss is, so that paths can be seen on it
const TARGET = 0.7;
const MILLISECONDS = 50; // of an update while it plays

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
  const { box, steps, levels } = data;
  const [[left, right], [bottom, top]] = [box.w, box.b];
  let point = [...data.start];
  let paths = {};

  const map = heatMap({ label: "Map of the loss over w and b: the darker, the higher.", positive: "--black" });
  const dot = (name) => {
    const size = { id: `cliff-${name}`, refX: 1, refY: 1, markerWidth: 2, markerHeight: 2 };
    const circle = svg("circle", { class: name, cx: 1, cy: 1, r: 0.7 });
    return svg("marker", { ...size, markerUnits: "userSpaceOnUse" }, circle);
  };
  const line = (name) => {
    const every = `url(#cliff-${name})`;
    return svg("polyline", { class: name, "marker-mid": every, "marker-end": every });
  };
  const lines = { plain: line("plain"), clipped: line("clipped") };
  const handle = svg("circle", { class: "handle", r: 3.5 });
  const overlay = svg(
    "svg",
    { class: "overlay", viewBox: `0 0 ${GRID[0]} ${GRID[1]}`, "aria-hidden": "true" },
    svg("defs", {}, dot("plain"), dot("clipped")),
    ...Object.values(lines),
    handle,
  );
  map.node.append(overlay);
  const start = (letter, place, [low, high]) =>
    controls.slider({
      label: element("span", {}, "start ", math(`<mi>${letter}</mi>`)),
      min: low,
      max: high,
      step: (high - low) / SHARP,
      value: point[place],
      show: (number) => drawing.decimal(number, 3),
      change: (number) => {
        point[place] = number;
        descendAgain();
      },
    });
  const sliders = [start("w", 0, box.w), start("b", 1, box.b)];
  const largest = controls.slider({
    label: "clip at",
    min: 0.1,
    max: 3,
    step: 0.1,
    value: data.max_norm,
    show: (number) => drawing.decimal(number, 1),
    change: descendAgain,
  });
  const time = controls.stepper({
    name: "Update",
    max: data.updates,
    value: data.updates,
    milliseconds: MILLISECONDS,
    change: show,
  });
  const edge = controls.button("To the edge of the cliff", () => put(data.start));
  const numbers = drawing.readings({
    gradient: "gradient at the start",
    first: "first step, plain",
    firstClipped: "first step, clipped",
    plain: "loss, plain",
    clipped: "loss, clipped",
  });
  const status = controls.statusLine(3, 3);
  const ends = (name, letter, values) => {
    const shown = values.map((value) => element("span", {}, drawing.decimal(value, 1)));
    return element("div", { class: name, "aria-hidden": "true" }, shown[0], math(`<mi>${letter}</mi>`), shown[1]);
  };
  root.replaceChildren(
    element(
      "div",
      { class: "columns" },
      element(
        "div",
        { class: "stack" },
        element("div", { class: "plane" }, ends("up", "b", [top, bottom]), map.node, ends("across", "w", box.w)),
        time.node,
      ),
      element(
        "div",
        { class: "stack" },
        ...sliders.map(({ node }) => node),
        largest.node,
        element("div", { class: "buttons" }, edge),
        numbers.node,
        status.node,
      ),
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
  descendAgain();
  return { w: sliders[0].input, b: sliders[1].input, clip: largest.input, update: time.input };

  /** Shade the loss by its common logarithm, in the levels of the chapter's figure. */
  function drawSurface() {
    const rows = Array.from({ length: GRID[1] }, (_, y) =>
      Array.from({ length: GRID[0] }, (_, x) => {
        const w = left + ((x + 0.5) / GRID[0]) * (right - left);
        const b = top - ((y + 0.5) / GRID[1]) * (top - bottom);
        const log = Math.log10(surface(w, b, steps).loss);
        const passed = levels.filter((level) => level <= log).length;
        return (DARKEST * Math.max(0, passed - 1)) / (levels.length - 2);
      }),
    );
    map.set(rows);
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
    sliders.forEach((slider, place) => (slider.value = point[place]));
    descendAgain();
  }

  function descendAgain() {
    paths = { plain: descend(point, data), clipped: descend(point, data, largest.value) };
    const first = (path) => Math.hypot(path[1][0] - path[0][0], path[1][1] - path[0][1]);
    numbers.set("gradient", readable(Math.hypot(...surface(...point, steps).gradient)));
    numbers.set("first", readable(first(paths.plain)));
    numbers.set("firstClipped", readable(first(paths.clipped)));
    status.say(report(paths));
    show();
  }

  /** Show both descents up to the update that is chosen. */
  function show() {
    const drawn = ([w, b]) => [
      ((w - left) / (right - left)) * GRID[0],
      ((top - b) / (top - bottom)) * GRID[1],
    ];
    for (const [name, path] of Object.entries(paths)) {
      const points = path.slice(0, time.value + 1);
      lines[name].setAttribute("points", points.map((place) => drawn(place).map(short).join(",")).join(" "));
      numbers.set(name, drawing.decimal(surface(...points.at(-1), steps).loss, 4));
    }
    const [x, y] = drawn(point);
    handle.setAttribute("cx", x);
    handle.setAttribute("cy", y);
  }

  function report(paths) {
    const outside = ([w, b]) => w < left || w > right || b < bottom || b > top;
    const said = Object.entries(paths).map(([name, path]) => {
      const left = path.findIndex(outside);
      if (left < 0) return `${name} stays in the picture`;
      const back = outside(path.at(-1)) ? "ends outside" : "comes back";
      return `${name} leaves the picture at update ${left} and ${back}`;
    });
    return `In all ${data.updates} updates, ${said.join("; ")}.`;
  }
}

/** Write a coordinate of a path, within what a browser can draw. */
function short(number) {
  return Math.max(-1e5, Math.min(1e5, number)).toFixed(2);
}

function readable(number) {
  return number < 10 ? drawing.decimal(number, 3) : whole(Math.round(number));
}
