// Passkeys: a form that needs one asks the site for a challenge, lets the browser answer it, and then sends itself with the answer.
// Without scripts, or where the browser knows no passkeys, these forms stay hidden and a sentence says so.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const keys = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

function read(options) {
  const read = { ...options, challenge: bytes(options.challenge) };
  if (options.user) read.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) read.excludeCredentials = keys(options.excludeCredentials);
  if (options.allowCredentials) read.allowCredentials = keys(options.allowCredentials);
  return read;
}

function written(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response, clientExtensionResults: {} });
}

async function answer(form) {
  const asked = await fetch(form.dataset.passkey, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { accept: "application/json" } });
  const said = await asked.json();
  if (!asked.ok) throw new Error(said[document.documentElement.lang.startsWith("zh") ? "zh" : "en"] ?? form.dataset.failed);
  const publicKey = read(said);
  try {
    return written(publicKey.user ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey }));
  } catch {
    throw new Error(form.dataset.failed);
  }
}

async function send(event) {
  const form = event.currentTarget;
  event.preventDefault();
  if (form.dataset.running) return;
  form.dataset.running = "yes";
  const message = form.querySelector("[data-passkey-message]");
  message.textContent = "";
  try {
    form.elements.credential.value = await answer(form);
    form.submit();
  } catch (fault) {
    message.textContent = fault.message;
    delete form.dataset.running;
  }
}

const isKnown = Boolean(globalThis.PublicKeyCredential && navigator.credentials);
for (const form of document.querySelectorAll("form[data-passkey]")) {
  const isHere = location.hostname === form.dataset.host;
  if (isKnown && isHere) {
    form.hidden = false;
    form.addEventListener("submit", send);
  }
  const elsewhere = document.getElementById(form.dataset.elsewhere);
  if (elsewhere) elsewhere.hidden = isKnown && isHere;
}
