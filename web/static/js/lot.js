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
  const section = event.target;
  section.dataset.shown = ""; // Only now has the live room something to show in place of what works without it.
  const over = section.querySelector("[data-room-over]");
  if (over) over.hidden = !["closed", "withdrawn"].includes(event.detail.view.phase);
  showOwnStanding(section, event.detail);
});

/** Polled news do not say whose page this is; the page itself knows its own code. */
function showOwnStanding(section, { view, bids }) {
  const part = section.querySelector('[data-room-part="standing"]');
  const { code } = section.dataset;
  if (!part || !code || part.dataset.state !== "none" || !view.price_fen) return;
  const has = bids().some((bid) => bid.code === code);
  if (view.leader !== code && !has) return;
  const state = view.leader === code ? "leading" : "outbid";
  const texts = JSON.parse(section.querySelector('[data-room-part="texts"]').textContent);
  part.dataset.state = state;
  part.textContent = texts[`standing_${state}`];
}
