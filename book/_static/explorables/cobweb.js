// One tanh unit without an input: its map as a cobweb, its states over time, its fixed points.

import * as controls from "./controls.js";
import * as drawing from "./drawing.js";
import { plane } from "./planes.js";

const CURVE = 120; // points of the curve, less one
const LONG = 4000; // steps after which a unit has settled
const EDGE = 1e-9; // how close to 1 a slope is taken for 1
const SAME = 1e-3; // states that are closer look the same
const TICKS = [-1, -0.5, 0, 0.5, 1];

export const about = {
  title: "One unit, step by step",
  task:
    "move <math><mi>w</mi></math> slowly from 0.8 to 1.2, then to −1.5. For which " +
    "<math><mi>w</mi></math> can you tell after 40 steps from which of the two starts the unit came?",
  look:
    "the slope of the curve where it crosses the diagonal. Flatter than the diagonal, and the " +
    "crossing draws states in (full dot); steeper, and it drives them away (ring).",
  key: [
    ["first", 'from <math><msub><mi>h</mi><mn>0</mn></msub></math>'],
    ["second", 'from <math><mo>−</mo><msub><mi>h</mi><mn>0</mn></msub></math>'],
  ],
};

/** Return the states of a unit from a start: h, tanh(w h + b), and so on. */
export function orbit(w, b, start, steps) {
  const states = [start];
  for (let step = 0; step < steps; step += 1) states.push(Math.tanh(w * states.at(-1) + b));
  return states;
}

/** Solve h = tanh(w h + b), as rnn_tutorial.states.dynamics.fixed_points does. */
export function fixedPoints(w, b) {
  const excess = (h) => Math.tanh(w * h + b) - h;
  const ends = [-1, 1];
  if (w > 1) {
    const bend = Math.atanh(Math.sqrt(1 - 1 / w));
    const turns = [(-bend - b) / w, (bend - b) / w];
    ends.splice(1, 0, ...turns.filter((turn) => turn > -1 && turn < 1));
  }
  const roots = [];
  for (let piece = 0; piece + 1 < ends.length; piece += 1) {
    let [low, high] = ends.slice(piece, piece + 2);
    if (excess(low) * excess(high) > 0) continue;
    const rising = excess(high) > excess(low);
    let middle = (low + high) / 2;
    while (low < middle && middle < high) {
      if (excess(middle) > 0 === rising) high = middle;
      else low = middle;
      middle = (low + high) / 2;
    }
    if (roots.length === 0 || middle > roots.at(-1)) roots.push(middle);
  }
  return roots;
}

/** Return the slope of the map at a fixed point. */
export function slopeAt(w, point) {
  return w * (1 - point * point);
}

export function mount(body, { start, ranges, steps }) {
  const place = { ...start };
  const dial = (name, label, step) =>
    controls.slider({
      label,
      min: ranges[name][0],
      max: ranges[name][1],
      step,
      value: start[name],
      show: (number) => drawing.decimal(number, 2),
      change: (number) => {
        place[name] = number;
        show();
      },
    });
  const sliders = {
    w: dial("w", drawing.named("Weight", "<mi>w</mi>"), 0.05),
    b: dial("b", drawing.named("Bias", "<mi>b</mi>"), 0.05),
    h_0: dial("h_0", drawing.named("Start", drawing.sub("h", "0")), 0.02),
  };
  const step = controls.stepper({
    name: "Step",
    max: steps,
    value: steps,
    milliseconds: 250,
    change: show,
  });
  const map = plane({
    label: "The next state against the state: the curve, the diagonal, and two staircases between them.",
    x: [-1, 1],
    y: [-1, 1],
    xticks: TICKS,
    yticks: TICKS,
    xlabel: "h_{t−1}",
    ylabel: 'h_t" = tanh("w" "h_{t−1}" + "b")"',
  });
  const time = plane({
    label: "The states over time, from both starts, and the stable fixed points.",
    x: [0, steps],
    y: [-1, 1],
    xticks: [0, 10, 20, 30, 40],
    yticks: TICKS,
    xlabel: '"step "t',
    ylabel: "h_t",
    height: 210,
  });
  const table = drawing.element("tbody");
  const points = drawing.element(
    "table",
    { class: "points" },
    drawing.element(
      "thead",
      {},
      drawing.element(
        "tr",
        {},
        drawing.element("th", { scope: "col" }, "fixed point"),
        drawing.element("th", { scope: "col" }, "slope"),
        drawing.element("th", { scope: "col" }, "half-life (steps)"),
      ),
    ),
    table,
  );
  const status = controls.statusLine(2, 4);
  body.append(
    drawing.element(
      "div",
      { class: "planes" },
      map.node,
      time.node,
      drawing.element("div", { class: "stack" }, step.node, ...Object.values(sliders).map(({ node }) => node)),
      points,
    ),
    status.node,
  );
  show();
  return { w: sliders.w.input, b: sliders.b.input, h0: sliders.h_0.input, step: step.input };

  function show() {
    const { w, b, h_0: first } = place;
    const now = step.value;
    const orbits = { first: orbit(w, b, first, steps), second: orbit(w, b, -first, steps) };
    const found = fixedPoints(w, b).map((h) => ({ h, slope: slopeAt(w, h) }));
    drawMap(w, b, orbits, found, now);
    drawTime(orbits, found, now);
    table.replaceChildren(...Array.from({ length: 3 }, (_, index) => row(found[index])));
    status.say(verdict(w, b, first, found));
  }

  function drawMap(w, b, orbits, found, now) {
    const line = (name, pairs) => drawing.svg("polyline", { class: name, points: map.points(pairs) });
    const states = Array.from({ length: CURVE + 1 }, (_, index) => (2 * index) / CURVE - 1);
    map.curves.replaceChildren(
      line("diagonal", [[-1, -1], [1, 1]]),
      line("map", states.map((h) => [h, Math.tanh(w * h + b)])),
      ...Object.entries(orbits).map(([name, orbit]) => line(name, staircase(orbit.slice(0, now + 1)))),
    );
    map.dots.replaceChildren(
      ...found.map(({ h, slope }) => dot(map.at(h, h), Math.abs(slope) < 1 ? "stable" : "unstable", 6)),
      ...Object.entries(orbits).map(([name, orbit]) => dot(map.at(orbit[now], orbit[now]), name, 3.5)),
    );
  }

  function drawTime(orbits, found, now) {
    time.curves.replaceChildren(
      ...found.map(({ h, slope }) =>
        drawing.svg("polyline", {
          class: Math.abs(slope) < 1 ? "level stable" : "level unstable",
          points: time.points([[0, h], [steps, h]]),
        }),
      ),
      ...Object.entries(orbits).map(([name, orbit]) =>
        drawing.svg("polyline", {
          class: name,
          points: time.points(orbit.slice(0, now + 1).map((h, t) => [t, h])),
        }),
      ),
    );
    time.dots.replaceChildren(
      ...Object.entries(orbits).map(([name, orbit]) => dot(time.at(now, orbit[now]), name, 4)),
    );
  }

  function row(point) {
    const cells = point
      ? [drawing.decimal(point.h, 3), drawing.decimal(point.slope, 3), fate(point.slope)]
      : ["\u00a0", "", ""];
    return drawing.element("tr", {}, ...cells.map((text) => drawing.element("td", {}, text)));
  }

  /** Say in a sentence where the two starts end. */
  function verdict(w, b, first, found) {
    const [up, down] = [first, -first].map((h) => orbit(w, b, h, LONG).slice(-2));
    if (found.some(({ slope }) => Math.abs(Math.abs(slope) - 1) < EDGE))
      return "Exactly at the edge: the states approach the fixed point, but ever more slowly. No half-life describes it.";
    const apart = Math.abs(up[1] - down[1]) > SAME;
    if (Math.abs(up[0] - up[1]) > SAME) {
      const phase = apart
        ? "The two starts are out of step, so you can tell them apart, forever."
        : "Both starts fall into step, so it has forgotten which one it was.";
      return `The state jumps between ${drawing.decimal(up[0])} and ${drawing.decimal(up[1])}, a cycle of period 2. ${phase}`;
    }
    if (apart)
      return `One start ends at ${drawing.decimal(up[1])}, the other at ${drawing.decimal(down[1])}: the unit remembers which one it was, one bit, forever.`;
    return `Both starts end at ${drawing.decimal(up[1])}: in the long run the unit forgets where it began.`;
  }

  function fate(slope) {
    const size = Math.abs(slope);
    if (Math.abs(size - 1) < EDGE) return "at the edge";
    if (size > 1) return "unstable";
    return `${drawing.decimal(Math.log(0.5) / Math.log(size), 1)}: stable`;
  }

  function dot([cx, cy], name, r) {
    return drawing.svg("circle", { class: name, cx, cy, r });
  }
}

/** Return the corners of a staircase: up or down to the map, across to the diagonal. */
function staircase(states) {
  const corners = [[states[0], states[0]]];
  for (let step = 1; step < states.length; step += 1)
    corners.push([states[step - 1], states[step]], [states[step], states[step]]);
  return corners;
}
