"""What the tests ask of a page that is laid out for paper: scripts that return a list of faults."""

# Whatever is there to be clicked, and icons
CONTROLS = """[...document.querySelectorAll(
    `button, input, select, svg:not(.drawing), .headerlink, .launch, [data-explorable],
    nav:not(#contents)`
)].filter((one) => one.checkVisibility()).map((one) => one.outerHTML.slice(0, 80))"""
# What a reader would miss; folded code is in the notebook, and the table that opens a chapter, the
# first one, has no head on the page either
HIDDEN = """[...document.querySelectorAll("article :is(h1, h2, p, pre, table, img, figcaption)")]
    .filter((one) => !one.closest(".above-input, .hide > summary") && !one.checkVisibility())
    .filter((one) => !one.closest(".launch ~ p + .pst-scrollable-table-container thead"))
    .map((one) => one.outerHTML.slice(0, 80))"""
# A browser shrinks all pages until the widest line fits. Formulas are boxes within boxes.
WIDER = """(() => {
    const right = document.querySelector("article").getBoundingClientRect().right + 1;
    return [...document.querySelectorAll("article *")]
        .filter((one) => !one.closest("math") && one.getBoundingClientRect().right > right)
        .map((one) => `${one.localName}.${one.className}: ${one.textContent.slice(0, 60)}`);
})()"""
THEME = "document.documentElement.dataset.theme"
EVENT = "(name) => { window.dispatchEvent(new Event(name)); }"
