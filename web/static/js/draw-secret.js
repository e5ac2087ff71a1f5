// Makes a secret for a draw in the browser (32 bytes) and its commitment, as DRAW.md rule 4 has it. Nothing is sent but
// the commitment that stands in the form's field.
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

async function commitmentOf(draw, name, secret) {
  const lines = new TextEncoder().encode(["fapai-entropy-v1", draw, name, secret].join("\n"));
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", lines)));
}

function chosenDraw(draws) {
  const chosen = document.querySelector("input[name=draw_id]:checked, select[name=draw_id], input[type=hidden][name=draw_id]");
  return (chosen && chosen.value) || (draws.length === 1 ? draws[0] : "");
}

for (const section of document.querySelectorAll("[data-draw-secret]")) {
  const field = document.getElementById("commitment");
  if (!field || !globalThis.crypto?.subtle) continue;
  section.hidden = false;
  const made = section.querySelector("[data-made]");
  section.querySelector("[data-make]").addEventListener("click", async () => {
    const draw = chosenDraw(section.dataset.draws.split(" "));
    if (!draw || (!made.hidden && !confirm(section.dataset.again))) return;
    const name = section.dataset.drawSecret;
    const secret = hex(crypto.getRandomValues(new Uint8Array(32)));
    const commitment = await commitmentOf(draw, name, secret);
    section.querySelector("[data-secret]").textContent = secret;
    section.querySelector("[data-commitment]").textContent = commitment;
    const link = section.querySelector("[data-download]");
    const file = JSON.stringify({ draw_id: draw, name, secret, commitment });
    link.href = URL.createObjectURL(new Blob([file], { type: "application/json" }));
    link.download = `fapai-secret-${name}-${draw}.json`;
    field.value = commitment;
    made.hidden = false;
  });
}
