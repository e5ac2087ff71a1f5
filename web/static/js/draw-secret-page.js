// The page at /draw-secret: makes a secret and its commitment. Nothing leaves the browser but what is handed in by hand.
import { commitmentTo, toHex } from "./verify-draw.js";

const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/;
const SECRET_BYTES = 32;
const form = document.querySelector("[data-draw-secret]");
const shown = document.querySelector("[data-made]");

function show(name) {
  shown.replaceChildren(document.querySelector(`template[data-${name}]`).content.cloneNode(true));
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const draw_id = form.elements.draw.value.trim();
  const name = form.elements.name.value.trim();
  if (!ID.test(draw_id) || !ID.test(name)) {
    show("malformed");
    return;
  }
  const secret = toHex(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));
  const commitment = await commitmentTo(draw_id, name, secret);
  show("secret");
  for (const [fact, value] of Object.entries({ secret, commitment })) {
    shown.querySelector(`[data-fact="${fact}"]`).textContent = value;
  }
  const file = new Blob([JSON.stringify({ draw_id, name, secret, commitment })], { type: "application/json" });
  const link = shown.querySelector("[data-save]");
  link.href = URL.createObjectURL(file);
  link.download = `draw-secret-${draw_id}-${name}.json`;
});
