// Keeps what a reader predicts in this browser alone, and shows it beside the answer.
function inWords(form) {
  const choice = form.querySelector("input:checked");
  if (choice) return choice.nextElementSibling.cloneNode(true);
  const unit = form.querySelector("label > span").textContent;
  return `${form.elements.entry.value} ${unit}`.trim();
}

document.querySelectorAll(".prediction form").forEach((form) => {
  const answer = form.nextElementSibling;
  const key = `prediction-${form.dataset.key}`;
  const own = document.createElement("p");
  own.className = "own-prediction";
  answer.setAttribute("aria-live", "polite");

  function recall() {
    const strong = document.createElement("strong");
    strong.append(inWords(form));
    own.replaceChildren("You predicted ", strong);
    answer.querySelector(".sd-summary-content").prepend(own);
  }

  const kept = localStorage.getItem(key);
  if (kept !== null) {
    form.elements.entry.value = kept;
    if (form.checkValidity()) recall();
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    recall();
    answer.open = true;
    localStorage.setItem(key, form.elements.entry.value);
  });
});
