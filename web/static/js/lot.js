// Small helps of the lot's and the registration's pages: copying what a transfer needs, and the way to the result.
// The live room itself is room.js; both pages work without either.

for (const field of document.querySelectorAll("[data-copy]")) {
  const words = document.querySelector("[data-copy-words]")?.dataset ?? {};
  const button = document.createElement("button");
  button.type = "button";
  button.className = "fapai-small";
  button.textContent = words.copyWords ?? "Copy";
  button.setAttribute("aria-label", `${button.textContent} ${field.closest("div")?.querySelector("dt")?.textContent ?? ""}`);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.textContent.trim());
      button.textContent = words.copiedWords ?? "Copied";
    } catch {
      getSelection()?.selectAllChildren(field); // No clipboard here: at least it is selected.
    }
  });
  field.after(button);
}

document.addEventListener("room:state", (event) => {
  event.target.dataset.shown = ""; // Only now has the live room something to show in place of what works without it.
  const over = event.target.querySelector("[data-room-over]");
  if (over) over.hidden = !["closed", "withdrawn"].includes(event.detail.view.phase);
});
