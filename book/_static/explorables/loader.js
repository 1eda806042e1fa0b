// Starts each explorable of a page when it comes near the screen; before that it loads nothing.
//
// An explorable NAME is the module NAME.js with `about`, the words around it (panel.js), and a
// function mount(element, data, binary) that fills the element and returns the inputs whose values
// are kept in the address. Data is data/NAME.json, and binary the file that data.binary names, as an
// ArrayBuffer, if it does. Until it has started, and wherever no script runs, the page shows its
// still image, in the room that heights.css reserves.

const MARGIN = "200px";
const loaded = new Map();

/** Load a file once, however many explorables of the page ask for it. */
function load(path, kind) {
  if (!loaded.has(path)) {
    const content = fetch(new URL(path, import.meta.url)).then((response) => {
      if (!response.ok) throw new Error(`${path}: status ${response.status}`);
      return response[kind]();
    });
    loaded.set(path, content);
  }
  return loaded.get(path);
}

async function start(element) {
  const figure = element.closest("figure");
  const name = element.dataset.explorable;
  try {
    const numbers = load(`data/${name}.json`, "json");
    const file = numbers.then(({ binary }) => binary && load(`data/${binary}`, "arrayBuffer"));
    const scripts = [`${name}.js`, "panel.js"].map((script) => import(new URL(script, import.meta.url)));
    const [explorable, panel, data, binary] = await Promise.all([...scripts, numbers, file]);
    const body = panel.frame(element, explorable.about);
    panel.keepInAddress(figure, await explorable.mount(body, data, binary));
    figure.classList.add("is-live");
  } catch (error) {
    console.error(error);
    figure.classList.add("is-still");
    element.replaceChildren("This picture could not be brought to life; here it is as it stands.");
  }
}

const observer = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      start(target.querySelector("[data-explorable]"));
    }
  },
  { rootMargin: MARGIN },
);
// What is observed is the figure: the element itself may not be shown, and so never be in view.
for (const element of document.querySelectorAll("[data-explorable]")) {
  observer.observe(element.closest("figure"));
}
