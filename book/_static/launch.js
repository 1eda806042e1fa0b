// Opens a chapter in the reader's own JupyterHub, by nbgitpuller, and remembers the hub's address.
window.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("form[data-pull]").forEach((form) => {
    form.hub.value = localStorage.getItem("hub") || "";
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const hub = form.hub.value.replace(/\/+$/, "");
      localStorage.setItem("hub", hub);
      window.location.assign(`${hub}/hub/user-redirect/${form.dataset.pull}`);
    });
  });
});
