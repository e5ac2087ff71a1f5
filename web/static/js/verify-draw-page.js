// The page at /verify-draw: takes the files, asks verify-draw.js, and shows what it found. Nothing leaves the browser; the
// beacon's curve is loaded with the page, so that nothing is fetched while a file is verified.
import { beaconBy, verify } from "./verify-draw.js";

const form = document.querySelector("[data-verify-draw]");
const shown = document.querySelector("[data-verdict]");
const read = (name) => JSON.parse(document.querySelector(`[data-${name}]`).textContent);
const [sentences, names, signed] = [read("sentences"), read("names"), read("signed")];
const curve = import(new URL(form.dataset.bls, location.origin).href);
curve.catch(() => {}); // Told when a file is to be verified.

const filled = (words, facts) => words.replace(/\{(\w+)\}/g, (_, name) => facts[name] ?? "");
const named = (code) => (Object.hasOwn(names, code) ? names[code] : code);
const beijing = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium", timeZone: "Asia/Shanghai" });
const bytesOf = async (file) => (file ? new Uint8Array(await file.arrayBuffer()) : null);

function show(name) {
  const copy = document.querySelector(`template[data-${name}]`).content.cloneNode(true);
  shown.replaceChildren(copy);
  return (fact) => shown.querySelector(`[data-fact="${fact}"]`);
}

function fillList(name, texts) {
  const list = shown.querySelector(`[data-list="${name}"]`);
  for (const text of texts.length || !list.dataset.none ? texts : [list.dataset.none]) {
    const item = document.createElement("li");
    item.textContent = text;
    list.append(item);
  }
}

function showHeld({ transcript, head, isFrozenBefore }) {
  const cell = show("held");
  const { pool, order, picks } = transcript;
  for (const name of ["court", "case_no", "asset"]) cell(name).textContent = pool[name];
  cell("seed").textContent = transcript.seed;
  cell("drawn_at").textContent = filled(cell("drawn_at").dataset.words, { at: beijing.format(new Date(transcript.drawn_at)) });
  cell("sub_list").textContent = filled(cell("sub_list").dataset.words, {
    used: pool.sub_list.used,
    profession: named(pool.sub_list.profession),
    count: pool.members.length,
  });
  cell("second").textContent = filled(cell("second").dataset[pool.second.kind], { ...pool.second, office: named(pool.second.office) });
  cell("head").textContent = filled(cell("head").dataset.words, { n: head.n, at: beijing.format(new Date(head.at)) });
  shown.querySelector(isFrozenBefore ? "[data-before]" : "[data-since]").hidden = false;
  const members = new Map(pool.members.map((member) => [member.id, `${member.name} (${member.licence_no})`]));
  fillList("picks", picks.map((id) => members.get(id)));
  fillList("rest", order.slice(picks.length).map((id) => members.get(id)));
  shown.querySelector('[data-list="rest"]').start = picks.length + 1;
  fillList("excluded", pool.excluded.map((one) => `${one.name} · ${[named(one.reason), one.article, one.detail].filter(Boolean).join(" · ")}`));
}

function showRefused({ code, facts }) {
  const cell = show("refused");
  const { sentence, article } = sentences[code];
  cell("sentence").textContent = filled(sentence, { ...facts, what: signed[facts.what] });
  cell("article").textContent = article.startsWith("house:") ? "" : `${article} · `;
  cell("code").textContent = code;
}

async function verifyChosen() {
  const [transcript, keys, head, chain] = await Promise.all(
    ["transcript", "keys", "head", "chain"].map((name) => bytesOf(form.elements[name].files[0])),
  );
  if (!transcript || !keys || !head) {
    show("missing");
    return;
  }
  try {
    const found = await verify({ transcript, keys, head, chain }, beaconBy((await curve).bls12_381));
    (found.held ? showHeld : showRefused)(found);
  } catch {
    show("unable");
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  await verifyChosen();
  shown.scrollIntoView({ block: "nearest" });
});

// Files dropped anywhere find their field by what is in them.
function fieldFor(text) {
  try {
    const value = JSON.parse(text);
    if (Array.isArray(value)) return "keys";
    if (value.kind === "fapai-draw-transcript") return "transcript";
    if (value.kind === "fapai-draw-chain") return "chain";
    if ("head" in value) return "head";
  } catch {
    // What is no JSON may still be a transcript that was changed; it is verified as one.
  }
  return "transcript";
}

document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", async (event) => {
  event.preventDefault();
  for (const file of [...event.dataTransfer.files]) {
    const field = form.elements[fieldFor(await file.text())];
    const chosen = new DataTransfer();
    chosen.items.add(file);
    field.files = chosen.files;
  }
});
