// Shows what a link to a term or to a cited work leads to, without leaving the line.
const PREVIEWED = 'a.internal[href*="glossary.html#term-"], a.internal[href*="references.html#id"]';
const pages = new Map();
const preview = document.createElement("div");
preview.id = "preview";
preview.setAttribute("role", "tooltip");
preview.hidden = true;
let asked = null;

function fetched(address) {
  if (!pages.has(address)) {
    const page = fetch(address)
      .then((response) => (response.ok ? response.text() : ""))
      .then((text) => new DOMParser().parseFromString(text, "text/html"))
      .catch(() => null); // opened from a disk, where browsers read no other file
    pages.set(address, page);
  }
  return pages.get(address);
}

function explained(target) {
  if (!target) return null;
  if (target.tagName !== "DT") return target;
  let text = target.nextElementSibling; // terms that share an explanation stand in a row
  while (text && text.tagName === "DT") text = text.nextElementSibling;
  return text;
}

async function show(link) {
  asked = link;
  const address = new URL(link.href);
  const name = decodeURIComponent(address.hash.slice(1));
  const page = await fetched(address.pathname);
  const text = page && explained(page.getElementById(name));
  if (!text || asked !== link) return;
  preview.replaceChildren(...[...text.cloneNode(true).childNodes]);
  preview.querySelectorAll("[id]").forEach((element) => element.removeAttribute("id"));
  preview.querySelectorAll("a").forEach((inner) => inner.replaceWith(...inner.childNodes));
  preview.hidden = false;
  link.setAttribute("aria-describedby", preview.id);
  const line = link.getClientRects()[0];
  const left = Math.min(line.left, document.documentElement.clientWidth - preview.offsetWidth - 8);
  const below = line.bottom + preview.offsetHeight + 8 < window.innerHeight;
  const top = below ? line.bottom : line.top - preview.offsetHeight;
  preview.style.left = `${Math.max(8, left) + window.scrollX}px`;
  preview.style.top = `${top + window.scrollY}px`;
}

function hide() {
  asked?.removeAttribute("aria-describedby");
  asked = null;
  preview.hidden = true;
}

window.addEventListener("DOMContentLoaded", () => {
  document.body.append(preview);
  document.querySelectorAll(PREVIEWED).forEach((link) => {
    link.removeAttribute("title");
    link.addEventListener("focus", () => show(link));
    link.addEventListener("blur", hide);
    link.addEventListener("mouseenter", () => show(link));
    link.addEventListener("mouseleave", () => {
      // Long enough to reach the preview with the pointer.
      setTimeout(() => asked === link && !preview.matches(":hover") && hide(), 200);
    });
  });
});
preview.addEventListener("mouseleave", hide);
document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
