// What every page gets when scripts run: the behaviour of the standard components. All pages work without it.
const { href } = new URL(document.querySelector("script[data-govuk]").dataset.govuk, location.origin);
const { initAll } = await import(href);
initAll();

// A field for a fingerprint gets a file chooser beside it: the browser computes SHA-256 itself, nothing is uploaded.
async function fingerprintOf(file) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

if (globalThis.crypto?.subtle) {
  for (const field of document.querySelectorAll("input[data-fingerprint]")) {
    const label = document.createElement("label");
    label.className = "govuk-label fapai-paper__label";
    label.textContent = field.dataset.fingerprint;
    const chooser = document.createElement("input");
    chooser.type = "file";
    chooser.id = `${field.id}.file`;
    chooser.className = "govuk-file-upload fapai-paper__file";
    label.htmlFor = chooser.id;
    chooser.addEventListener("change", async () => {
      if (chooser.files.length) field.value = await fingerprintOf(chooser.files[0]);
    });
    field.after(label, chooser);
  }
}
