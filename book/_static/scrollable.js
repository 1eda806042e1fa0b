// What does not fit a line scrolls in a box of its own, also for those who read with the keyboard, and
// fades where something is cut off.
const SCROLLABLE =
  ".formula, span.math, .sd-tab-content, .output.text_html, .pst-scrollable-table-container";

function showEnds(box) {
  const hidden = box.scrollWidth - box.clientWidth;
  box.classList.toggle("cut-left", box.scrollLeft > 1);
  box.classList.toggle("cut-right", box.scrollLeft < hidden - 1);
}

function fitToScreen() {
  document.querySelectorAll("span.math").forEach((formula) => {
    const line = formula.closest("p, li, dd, td, th, figcaption, h1, h2, h3, div");
    // has no child yet where the fonts have come before the end of the page
    const width = formula.firstElementChild?.getBoundingClientRect().width;
    formula.classList.toggle("wide", width > line.clientWidth);
  });
  document.querySelectorAll(SCROLLABLE).forEach((box) => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
    showEnds(box);
    box.onscroll = () => showEnds(box);
  });
}

// The page changes its size with the window, and where an answer opens, which is narrower than closed.
window.addEventListener("load", () => new ResizeObserver(fitToScreen).observe(document.body));
document.fonts.addEventListener("loadingdone", fitToScreen);
