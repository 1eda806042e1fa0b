// Marks in the contents of a page the section that is read: the last whose heading has passed a line.
window.addEventListener("DOMContentLoaded", () => {
  const links = [...document.querySelectorAll("#page-toc-nav a[href^='#']")];
  const places = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
  const passed = (place) => place.getBoundingClientRect().top <= window.innerHeight * 0.4;

  function mark() {
    const read = links[places.findLastIndex(passed)];
    for (const link of links) {
      link.classList.toggle("active", link === read);
      link.setAttribute("aria-current", link === read);
      // the theme unfolds the sections in one that is read
      link.parentElement.classList.toggle("active", link.parentElement.contains(read ?? null));
    }
  }

  window.addEventListener("scroll", () => requestAnimationFrame(mark), { passive: true });
  window.addEventListener("resize", mark);
  mark();
});
