// Starts each explorable of a page when it comes near the screen; before that it loads nothing.
//
// An explorable NAME is the module NAME.js with a title and a function mount(element, data, binary).
// Data is data/NAME.json, and binary the file that data.binary names, as an ArrayBuffer, if it does.
// Until it has started, and wherever no script runs, the page shows its still image.

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
  const name = element.dataset.explorable;
  const began = performance.now();
  try {
    const numbers = load(`data/${name}.json`, "json");
    const file = numbers.then(({ binary }) => binary && load(`data/${binary}`, "arrayBuffer"));
    const script = import(new URL(`${name}.js`, import.meta.url));
    const [module, data, binary] = await Promise.all([script, numbers, file]);
    element.hidden = false;
    element.setAttribute("role", "group");
    element.setAttribute("aria-label", module.title);
    await module.mount(element, data, binary);
    element.closest("figure")?.classList.add("is-live");
    element.dataset.milliseconds = Math.round(performance.now() - began);
  } catch (error) {
    console.error(error);
    element.hidden = false;
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
// What is observed is the figure: the element itself is hidden, and so never in view.
for (const element of document.querySelectorAll("[data-explorable]")) {
  observer.observe(element.parentElement);
}
