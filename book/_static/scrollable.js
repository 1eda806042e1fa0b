// What does not fit a line scrolls in a box of its own, also for those who read with the keyboard.
const SCROLLABLE = ".formula, .math.wide, .sd-tab-content, .output.text_html";

function fitToScreen() {
  document.querySelectorAll("span.math").forEach((formula) => {
    const line = formula.closest("p, li, dd, td, th, figcaption, h1, h2, h3, div");
    const width = formula.firstElementChild.getBoundingClientRect().width;
    formula.classList.toggle("wide", width > line.clientWidth);
  });
  document.querySelectorAll(SCROLLABLE).forEach((box) => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  });
}

window.addEventListener("load", fitToScreen);
window.addEventListener("resize", fitToScreen);
