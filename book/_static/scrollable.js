// What does not fit a line scrolls in a box of its own, also for those who read with the keyboard, and
// fades where something is cut off.
const SCROLLABLE =
  ".formula, span.math, .sd-tab-content, .output.text_html, .pst-scrollable-table-container," +
  " details[open] pre";

function fade(box, scrolled, hidden) {
  box.classList.toggle("cut-left", scrolled > 1);
  box.classList.toggle("cut-right", scrolled < hidden - 1);
}

// Measures all before it changes any: a measure after a change would lay out the whole page again.
function fitToScreen() {
  const formulas = [...document.querySelectorAll("span.math")];
  const wide = formulas.map((formula) => {
    const line = formula.closest("p, li, dd, td, th, figcaption, h1, h2, h3, div");
    // has no child yet where the fonts have come before the end of the page
    return formula.firstElementChild?.getBoundingClientRect().width > line.clientWidth;
  });
  formulas.forEach((formula, i) => formula.classList.toggle("wide", wide[i]));
  const boxes = [...document.querySelectorAll(SCROLLABLE)];
  const hidden = boxes.map((box) => box.scrollWidth - box.clientWidth);
  const scrolled = boxes.map((box) => box.scrollLeft);
  boxes.forEach((box, i) => {
    if (hidden[i] > 0) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
    fade(box, scrolled[i], hidden[i]);
    box.onscroll = () => fade(box, box.scrollLeft, box.scrollWidth - box.clientWidth);
  });
}

// The page changes its size with the window, and where an answer opens, which is narrower than closed.
window.addEventListener("load", () => new ResizeObserver(fitToScreen).observe(document.body));
document.fonts.addEventListener("loadingdone", fitToScreen);
// Until here closed folds have no boxes, see custom.css: the theme measures each block of code as soon as
// the page is loaded, and would have each fold laid out for it. From now on a search in the page finds what
// is folded.
window.addEventListener("load", () => {
  setTimeout(() => document.documentElement.classList.add("settled"), 1000);
});
