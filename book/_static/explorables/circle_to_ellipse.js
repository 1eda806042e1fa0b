// What k steps make of a circle of directions: an ellipse, whose half axes are singular values.

import * as controls from "./controls.js";
import * as drawing from "./drawing.js";
import { plane } from "./planes.js";

const TURN = 90; // points of the circle
const SIDE = 2.5; // what the picture shows around the middle
const [LOW, HIGH] = [-3, 2]; // powers of ten of the chart
const RAISED = { "-": "⁻", ...Array.from("⁰¹²³⁴⁵⁶⁷⁸⁹") };
const OWN = "your own";
const NETWORK = "the network of the drawing";

const LARGEST =
  "largest singular value of <math><msup><mi>𝐖</mi><mi>k</mi></msup></math>";

export const about = {
  title: "From circle to needle",
  task:
    "let it play. Then leave both singular values alone and move only the turn, to 0° and to 90°: " +
    "does the gradient explode or vanish?",
  look:
    "the longest half axis. It is the most that a gradient can keep of its size over " +
    "<math><mi>k</mi></math> steps; in the long run the spectral radius decides, not the first ellipse.",
  key: [
    ["longest", `<span>longest half axis: ${LARGEST}</span>`],
    ["shortest", "shortest"],
    ["radius", "<span><math><msup><mi>ρ</mi><mi>k</mi></msup></math>, by the largest eigenvalue</span>"],
    ["bound", "<span><math><msubsup><mi>σ</mi><mi>max</mi><mi>k</mi></msubsup></math>, the bound</span>"],
    ["followed", "one direction, followed"],
  ],
};

/** Return the matrix [[a, b], [c, d]] that stretches both axes, then turns by an angle in degrees. */
export function matrix(largest, smallest, turn) {
  const [c, s] = [Math.cos((turn * Math.PI) / 180), Math.sin((turn * Math.PI) / 180)];
  return [
    [c * largest, -s * smallest],
    [s * largest, c * smallest],
  ];
}

/** Return the products of the first 0, 1, 2, ... of some matrices, each with its singular values. */
export function products(steps) {
  const found = [{ matrix: [[1, 0], [0, 1]], values: [1, 1] }];
  let determinant = 1; // of the product, more exact than from its entries
  for (const step of steps) {
    const made = multiply(found.at(-1).matrix, step);
    determinant *= step[0][0] * step[1][1] - step[0][1] * step[1][0];
    found.push({ matrix: made, values: singularValues(made, determinant) });
  }
  return found;
}

/** Return the spectral radius of a matrix. */
export function spectralRadius([[a, b], [c, d]]) {
  const [half, determinant] = [(a + d) / 2, a * d - b * c];
  const inside = half * half - determinant;
  return inside < 0 ? Math.sqrt(determinant) : Math.abs(half) + Math.sqrt(inside);
}

function multiply([[a, b], [c, d]], [[e, f], [g, h]]) {
  return [
    [a * e + b * g, a * f + b * h],
    [c * e + d * g, c * f + d * h],
  ];
}

function singularValues([[a, b], [c, d]], determinant) {
  const squares = a * a + b * b + c * c + d * d;
  const apart = Math.sqrt(Math.max(0, squares * squares - 4 * determinant * determinant));
  const largest = Math.sqrt((squares + apart) / 2);
  return [largest, Math.abs(determinant) / largest];
}

/** Return the ends of the longest and of the shortest half axis of the ellipse of a matrix. */
function halfAxes([[a, b], [c, d]], [largest, smallest]) {
  const angle = Math.atan2(2 * (a * c + b * d), a * a + b * b - c * c - d * d) / 2;
  const [x, y] = [Math.cos(angle), Math.sin(angle)];
  return [
    [largest * x, largest * y],
    [-smallest * y, smallest * x],
  ];
}

export function mount(body, data) {
  const { presets, network, ranges } = data;
  const lags = network.steps.length;
  const choice = controls.menu({
    label: "Matrix",
    options: [...Object.keys(presets), NETWORK, OWN].map((name) => [name, name]),
    value: data.first,
    change: choose,
  });
  const dial = (name, label, by, digits, unit = "") =>
    controls.slider({
      label,
      min: ranges[name][0],
      max: ranges[name][1],
      step: by,
      value: presets[data.first][name],
      show: (number) => drawing.decimal(number, digits) + unit,
      change: (number) => turn(name, number),
    });
  const sliders = {
    largest: dial("largest", drawing.named("Largest", "<msub><mi>σ</mi><mi>max</mi></msub>"), 0.05, 2),
    smallest: dial("smallest", drawing.named("Smallest", "<msub><mi>σ</mi><mi>min</mi></msub>"), 0.05, 2),
    turn: dial("turn", "Turn", 5, 0, "°"),
  };
  const dials = drawing.element("div", { class: "dials" }, ...Object.values(sliders).map(({ node }) => node));
  const lag = controls.stepper({
    name: "Lag",
    max: lags,
    value: 4,
    milliseconds: 700,
    change: show,
  });
  const picture = plane({
    label: "The circle, and the ellipse that k steps make of it, with its half axes.",
    x: [-SIDE, SIDE],
    y: [-SIDE, SIDE],
    xticks: [-2, -1, 0, 1, 2],
    yticks: [-2, -1, 0, 1, 2],
    xlabel: '"change of unit 1"',
    ylabel: '"change of unit 2"',
  });
  const chart = plane({
    label: "Singular values against the lag, with the spectral radius and the bound to the power k.",
    x: [0, lags],
    y: [LOW, HIGH],
    xticks: [0, 5, 10, 15, 20],
    yticks: [-3, -2, -1, 0, 1, 2].map((log) => [log, String(Number(`1e${log}`))]),
    xlabel: '"lag "k',
    ylabel: '"stretched by"',
    height: 230,
  });
  const math = (content) => drawing.math(content);
  const power = (name) => math(`<msup><mi>${name}</mi><mi>k</mi></msup>`);
  const numbers = drawing.readings({
    longest: "longest",
    shortest: "shortest",
    radius: power("ρ"),
    bound: math("<msubsup><mi>σ</mi><mi>max</mi><mi>k</mi></msubsup>"),
  });
  const step = drawing.element("div");
  const status = controls.statusLine(2, 4);
  body.append(
    drawing.element(
      "div",
      { class: "planes" },
      picture.node,
      chart.node,
      drawing.element("div", { class: "stack" }, lag.node, choice.node, dials),
      drawing.element("div", { class: "beside" }, step, numbers.node),
    ),
    status.node,
  );
  show();
  return {
    matrix: choice.input,
    largest: sliders.largest.input,
    smallest: sliders.smallest.input,
    turn: sliders.turn.input,
    lag: lag.input,
  };

  /** Set the sliders to a matrix that has a name. */
  function choose(name) {
    for (const [key, slider] of Object.entries(sliders))
      if (name in presets) slider.value = presets[name][key];
    dials.inert = name === NETWORK;
    show();
  }

  /** Follow a slider; the largest singular value stays the largest, each takes the other along. */
  function turn(name, number) {
    const { largest, smallest } = sliders;
    if (name === "largest") smallest.value = Math.min(smallest.value, number);
    if (name === "smallest") largest.value = Math.max(largest.value, number);
    const named = Object.keys(presets).find((preset) =>
      Object.entries(sliders).every(([key, { value }]) => value === presets[preset][key]),
    );
    choice.input.value = named ?? OWN;
    show();
  }

  function show() {
    const { largest, smallest, turn } = sliders;
    const ofNetwork = choice.input.value === NETWORK;
    const w = matrix(largest.value, smallest.value, turn.value);
    const all = products(ofNetwork ? network.steps : Array(lags).fill(w));
    const rho = spectralRadius(w);
    const k = lag.value;
    drawEllipses(all.slice(0, k + 1));
    drawCurves(all, k, ofNetwork ? {} : { radius: rho, bound: largest.value });
    const [longest, shortest] = all[k].values;
    step.replaceChildren(math(ofNetwork ? entries("J", network.steps[Math.max(0, k - 1)]) : entries("W", w)));
    numbers.set("longest", readable(longest));
    numbers.set("shortest", readable(shortest));
    numbers.set("radius", ofNetwork ? "–" : readable(rho ** k));
    numbers.set("bound", ofNetwork ? "–" : readable(largest.value ** k));
    status.say(verdict(all.map(({ values }) => values[0]), ofNetwork ? null : rho));
  }

  function drawEllipses(all) {
    const image = ({ matrix: [[a, b], [c, d]] }, x, y) => [a * x + b * y, c * x + d * y];
    const outline = (each, name) => {
      const angles = Array.from({ length: TURN + 1 }, (_, index) => (2 * Math.PI * index) / TURN);
      const places = angles.map((angle) => image(each, Math.cos(angle), Math.sin(angle)));
      return drawing.svg("polyline", { class: name, points: picture.points(places) });
    };
    const now = all.at(-1);
    const [long, short] = halfAxes(now.matrix, now.values);
    const [cx, cy] = picture.at(...image(now, 1, 0));
    picture.curves.replaceChildren(
      outline(all[0], "circle"),
      ...all.slice(1, -1).map((each) => outline(each, "earlier")),
      outline(now, "ellipse"),
      drawing.svg("polyline", { class: "shortest", points: picture.points([[0, 0], short]) }),
      drawing.svg("polyline", { class: "longest", points: picture.points([[0, 0], long]) }),
      drawing.svg("circle", { class: "followed", cx, cy, r: 4 }),
    );
  }

  function drawCurves(all, k, powers) {
    const line = (name, numbers) =>
      drawing.svg("polyline", {
        class: name,
        points: chart.points(numbers.map((number, lag) => [lag, Math.log10(number)])),
      });
    const dot = (name, number) => {
      const [cx, cy] = chart.at(k, Math.log10(number));
      return drawing.svg("circle", { class: name, cx, cy, r: 4 });
    };
    const [longest, shortest] = [0, 1].map((index) => all.map(({ values }) => values[index]));
    chart.curves.replaceChildren(
      drawing.svg("polyline", { class: "now", points: chart.points([[k, LOW], [k, HIGH]]) }),
      ...Object.entries(powers).map(([name, base]) => line(name, all.map((_, lag) => base ** lag))),
      line("shortest", shortest),
      line("longest", longest),
      dot("shortest", shortest[k]),
      dot("longest", longest[k]),
    );
  }
}

/** Write a matrix with its entries. */
function entries(name, rows) {
  const cell = (number) => `<mtd><mn>${drawing.decimal(number)}</mn></mtd>`;
  const table = rows.map((row) => `<mtr>${row.map(cell).join("")}</mtr>`).join("");
  const bold = { W: "𝐖", J: "𝐉" }[name];
  return `<mi>${bold}</mi><mo>=</mo><mrow><mo>(</mo><mtable>${table}</mtable><mo>)</mo></mrow>`;
}

/** Say in a sentence what the longest half axis does from lag to lag. */
function verdict(longest, rho) {
  const most = Math.max(...longest);
  const at = longest.indexOf(most);
  const last = longest.findLastIndex((length) => length >= 1 - 1e-9);
  const end = `at lag ${longest.length - 1} the best direction keeps ${readable(longest.at(-1))}`;
  if (rho === null) return `Each step has another Jacobian: ${end}.`;
  if (rho > 1 + 1e-9) return `The spectral radius ${readable(rho)} is above 1: the needle grows without end; ${end}.`;
  if (rho > 1 - 1e-9) return `The spectral radius is 1: one direction is kept; ${end}.`;
  if (most > 1 + 1e-9)
    return `The spectral radius ${readable(rho)} is below 1, and yet the ellipse grows first, to ${readable(most)} at lag ${at}. From lag ${last + 1} on it stays inside the circle; ${end}.`;
  return `It shrinks from the first step on: the spectral radius is ${readable(rho)}; ${end}.`;
}

/** Write a length to two or three digits, very small and very large ones as powers of ten. */
function readable(number) {
  if (number >= 0.001 && number < 1000)
    return drawing.decimal(number, number < 0.1 ? 3 : number < 10 ? 2 : 0);
  const exponent = Math.floor(Math.log10(number) + 1e-9);
  const raised = Array.from(String(exponent), (sign) => RAISED[sign]).join("");
  return `${(number / 10 ** exponent).toFixed(0)}\u200a·\u200a10${raised}`;
}
