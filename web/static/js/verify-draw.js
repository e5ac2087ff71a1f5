// Verify the transcript of a draw (Draw v1) in the browser. Written from valuation/DRAW.md, not from the server's code, so
// that the two can disagree; a test holds them against each other. Nothing here touches the page or the network.
//
// verify({transcript, keys, head, chain}, beaconHolds) → {held, code, facts}. The files are Uint8Array; chain may be null.
// beaconHolds(round, signature) → whether the beacon signed that round.

const QUICKNET = {
  kind: "drand",
  chain_hash: "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
  public_key:
    "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a",
  scheme: "bls-unchained-g1-rfc9380",
  genesis: 1692803367,
  period: 3,
};
export const BEACON_KEY = QUICKNET.public_key;
const LARGEST_FILE = 16_000_000;
const DEEPEST = 32;
const MARGIN_US = 60_000_000n;
const LAWFUL_PICKS = 3; // 参考价 16
const FIRST_ENTRY = "0".repeat(64);
const WORDS = 1n << 64n;
const OFFICES = ["court", "second"];

/** What does not fit: the code is the same as the command's, the facts fill its sentence. */
class Refused extends Error {
  constructor(code, facts = {}) {
    super(code);
    this.code = code;
    this.facts = facts;
  }
}

function refuseUnless(fits, code, facts) {
  if (!fits) throw new Refused(code, facts);
}

// Bytes ------------------------------------------------------------------------------------------------------------

const utf8 = new TextEncoder();

export function toHex(bytes) {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function fromHex(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

async function fingerprintOf(value) {
  return toHex(await sha256(utf8.encode(canonical(value))));
}

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

// Canonical JSON -----------------------------------------------------------------------------------------------------

/** Write a value in the canonical form; throws for what a record may not hold. */
function canonical(value, deeper = DEEPEST) {
  if (value === null || value === true || value === false) return String(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new RangeError("not a whole number in its limits");
    return String(value);
  }
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw new RangeError("half a surrogate pair");
    return JSON.stringify(value);
  }
  if (deeper === 0) throw new RangeError("too deep");
  if (Array.isArray(value)) return `[${value.map((part) => canonical(part, deeper - 1)).join(",")}]`;
  const fields = Object.keys(value).sort();
  return `{${fields.map((name) => `${canonical(name)}:${canonical(value[name], deeper - 1)}`).join(",")}}`;
}

/** Read bytes that are, to the last one, the canonical form of what they say. */
function readCanonical(bytes) {
  refuseUnless(bytes.length <= LARGEST_FILE, "draw_record_too_large", { given: bytes.length, limit: LARGEST_FILE });
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const value = JSON.parse(text);
    if (canonical(value) === text) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError)) throw error;
  }
  throw new Refused("draw_record_not_canonical");
}

/** Take blanks from both ends: a kept file may have got a line break. */
function trimmed(bytes) {
  const isBlank = (byte) => byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
  let [first, last] = [0, bytes.length];
  while (first < last && isBlank(bytes[first])) first += 1;
  while (last > first && isBlank(bytes[last - 1])) last -= 1;
  return bytes.subarray(first, last);
}

// Shapes -------------------------------------------------------------------------------------------------------------
// A shape is a function from a value to whether it has that shape.

const matches = (pattern) => (value) => typeof value === "string" && pattern.test(value);
const text = (least, most) => (value) => {
  if (typeof value !== "string") return false;
  const { length } = [...value];
  return least <= length && length <= most;
};
const whole = (least, most = Number.MAX_SAFE_INTEGER) => (value) => Number.isInteger(value) && least <= value && value <= most;
const exactly = (...allowed) => (value) => allowed.includes(value);
const orNull = (shape) => (value) => value === null || shape(value);
const list = (shape, least, most = Infinity) => (value) =>
  Array.isArray(value) && least <= value.length && value.length <= most && value.every(shape);
const oneOf = (...shapes) => (value) => shapes.some((shape) => shape(value));
const record = (fields) => (value) =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  Object.keys(value).length === Object.keys(fields).length &&
  Object.entries(fields).every(([name, shape]) => Object.hasOwn(value, name) && shape(value[name]));

const ID = matches(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/);
const TEXT = text(1, 2000);
const REMARK = text(0, 2000);
const HEX32 = matches(/^[0-9a-f]{64}$/);
const HEX48 = matches(/^[0-9a-f]{96}$/);
const HEX64 = matches(/^[0-9a-f]{128}$/);
const HEX96 = matches(/^[0-9a-f]{192}$/);
const INSTANT = matches(/^20(?:19|[2-9][0-9])-[0-9]{2}-[0-9]{2}T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z$/);
const COUNT = whole(0);

const POOL = record({
  kind: exactly("fapai-draw-pool"),
  version: exactly(1),
  draw_id: ID,
  mandate: ID,
  restart_of: orNull(record({ draw_id: ID, failure_sha256: HEX32, court: TEXT, order_no: TEXT })),
  purpose: exactly("valuation_agency", "audit_firm", "auxiliary_provider"),
  court: TEXT,
  case_no: TEXT,
  asset: TEXT,
  sub_list: record({
    profession: TEXT,
    places: list(record({ name: TEXT, count: COUNT, threshold: COUNT }), 1, 100),
    used: TEXT,
  }),
  members: list(record({ id: ID, name: TEXT, licence_no: TEXT }), 0, 10_000),
  excluded: list(record({ id: ID, name: TEXT, reason: ID, article: TEXT, detail: REMARK }), 0, 10_000),
  picks: whole(1, 100),
  frozen_at: INSTANT,
  commit_by: INSTANT,
  reveal_by: INSTANT,
  draw_at: INSTANT,
  requested_by: TEXT,
  drawn_by: TEXT,
  court_commitment: HEX32,
  second: oneOf(
    record({
      kind: exactly("drand"),
      chain_hash: HEX32,
      public_key: HEX96,
      scheme: TEXT,
      genesis: COUNT,
      period: COUNT,
      round: COUNT,
    }),
    record({ kind: exactly("secret"), office: TEXT, commitment: HEX32 }),
  ),
});
const OPENINGS = record({
  court_secret: HEX32,
  second: oneOf(
    record({ kind: exactly("drand"), signature: HEX48, randomness: HEX32 }),
    record({ kind: exactly("secret"), value: HEX32 }),
  ),
  entropy: list(
    record({ party: ID, commitment: HEX32, committed_at: INSTANT, value: orNull(HEX32), opened_at: orNull(INSTANT) }),
    0,
    1000,
  ),
});
const ENTRY = record({
  n: whole(1),
  previous: HEX32,
  kind: exactly("pool", "entropy", "draw", "failure", "restart", "withdrawal"),
  draw_id: ID,
  sha256: HEX32,
  at: INSTANT,
});
const TRANSCRIPT = record({
  kind: exactly("fapai-draw-transcript"),
  version: exactly(1),
  pool: POOL,
  openings: OPENINGS,
  seed: HEX32,
  order: list(ID, 0, 10_000),
  picks: list(ID, 0, 100),
  drawn_at: INSTANT,
  chain: list(ENTRY, 2),
  key_id: ID,
  signature: HEX64,
});
const HEAD = record({ n: whole(1), head: HEX32, at: INSTANT, key_id: ID, signature: HEX64 });
const CONTINUATION = record({ kind: exactly("fapai-draw-chain"), version: exactly(1), entries: list(ENTRY, 1) });

function shaped(value, shape) {
  refuseUnless(shape(value), "draw_record_misshapen");
  return value;
}

/** Read a file of the visitor's own, told apart from the transcript when it is wrong. */
function readKept(bytes, shape, code) {
  try {
    return shaped(readCanonical(trimmed(bytes)), shape);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    throw new Refused(code);
  }
}

function readKeys(bytes) {
  try {
    const keys = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (Array.isArray(keys) && keys.every((key) => ID(key?.key_id) && HEX32(key?.public_key))) {
      return new Map(keys.map((key) => [key.key_id, fromHex(key.public_key)]));
    }
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
  throw new Refused("draw_keys_unreadable");
}

// Time ---------------------------------------------------------------------------------------------------------------

/** Microseconds since 1970; null: no such day or hour. */
function microseconds(instant) {
  const seconds = Date.parse(`${instant.slice(0, 19)}Z`);
  if (Number.isNaN(seconds) || new Date(seconds).toISOString().slice(0, 19) !== instant.slice(0, 19)) return null;
  return BigInt(seconds) * 1000n + BigInt(instant.slice(20, 26));
}

function roundNamedFor(drawAt) {
  const since = drawAt - BigInt(QUICKNET.genesis) * 1_000_000n;
  if (since < 0n) return null;
  const period = BigInt(QUICKNET.period) * 1_000_000n;
  return Number((since + period - 1n) / period) + 1;
}

function timeOfRound(round) {
  const at = new Date((QUICKNET.genesis + (round - 1) * QUICKNET.period) * 1000);
  return `${at.toISOString().slice(0, 19)}.000000Z`;
}

// The pool -----------------------------------------------------------------------------------------------------------

function checkOnce(names) {
  const seen = new Set();
  for (const name of names) {
    refuseUnless(!seen.has(name), "draw_pool_member_twice", { who: name });
    seen.add(name);
  }
}

function checkLists(pool) {
  const [members, excluded] = [pool.members, pool.excluded].map((part) => part.map((one) => one.id));
  for (const ids of [members, excluded]) {
    checkOnce(ids);
    refuseUnless(ids.every((id, i) => i === 0 || ids[i - 1] < id), "draw_pool_unsorted");
  }
  checkOnce([...members, ...excluded]);
  checkOnce(pool.members.map((member) => member.licence_no));
}

function checkTimes(pool) {
  const facts = { margin_s: Number(MARGIN_US / 1_000_000n) };
  const times = [pool.frozen_at, pool.commit_by, pool.reveal_by, pool.draw_at].map(microseconds);
  const inOrder = times.every((at, i) => at !== null && (i === 0 || times[i - 1] < at));
  refuseUnless(inOrder && times[3] - times[2] >= MARGIN_US, "draw_pool_times_out_of_order", facts);
}

function checkPlaces({ places, used }) {
  const enough = places.slice(0, -1).find((place) => place.count >= place.threshold);
  refuseUnless(!enough, "draw_pool_widened_without_need", { place: enough?.name });
  refuseUnless(places.at(-1).name === used, "draw_pool_widened_without_need", { place: used });
}

function checkSecond(pool) {
  const { second } = pool;
  if (second.kind === "secret") {
    const isOutside = second.office !== pool.requested_by && second.office !== pool.drawn_by;
    refuseUnless(isOutside, "draw_second_not_independent", { office: second.office });
    return;
  }
  const round = roundNamedFor(microseconds(pool.draw_at));
  refuseUnless(round !== null && canonical(second) === canonical({ ...QUICKNET, round }), "draw_pool_beacon_unknown");
}

function checkPool(pool) {
  checkLists(pool);
  checkTimes(pool);
  const isLawful = pool.purpose !== "valuation_agency" || pool.picks === LAWFUL_PICKS;
  refuseUnless(isLawful, "draw_picks_not_lawful", { lawful: LAWFUL_PICKS, picks: pool.picks });
  const counts = { members: pool.members.length, picks: pool.picks };
  refuseUnless(pool.members.length >= pool.picks, "draw_pool_too_small", counts);
  checkPlaces(pool.sub_list);
  checkSecond(pool);
}

// The chain ----------------------------------------------------------------------------------------------------------

async function checkFollows(last, entry) {
  const follows = entry.n === last.n + 1 && entry.previous === (await fingerprintOf(last)) && last.at <= entry.at;
  refuseUnless(follows, "draw_chain_broken", { n: entry.n });
}

async function checkChain(chain) {
  const [first] = chain;
  refuseUnless((first.n === 1) === (first.previous === FIRST_ENTRY), "draw_chain_broken", { n: first.n });
  for (let i = 1; i < chain.length; i += 1) await checkFollows(chain[i - 1], chain[i]);
}

async function checkPlacesInChain(transcript) {
  const { pool, chain } = transcript;
  const [first] = chain;
  const isPools = first.kind === "pool" && first.draw_id === pool.draw_id && first.at === pool.frozen_at;
  refuseUnless(isPools && first.sha256 === (await fingerprintOf(pool)), "draw_pool_not_in_chain");
  const own = chain.filter((entry) => entry.draw_id === pool.draw_id);
  const kinds = own.map((entry) => entry.kind).join(" ");
  refuseUnless(/^pool(?: entropy)* draw$/.test(kinds), "draw_not_in_chain");
  const { chain: _chain, key_id: _key, signature: _signature, ...drawRecord } = transcript;
  const draw = own.at(-1);
  const isDrawn = draw.sha256 === (await fingerprintOf(drawRecord)) && draw.at === transcript.drawn_at;
  refuseUnless(isDrawn, "draw_not_in_chain");
}

async function checkEntropy({ pool, openings, chain }) {
  const told = [];
  const { draw_id } = pool;
  for (const one of openings.entropy) {
    const { party, commitment, value } = one;
    refuseUnless(one.committed_at <= pool.commit_by, "draw_entropy_not_as_published");
    const committed = { kind: "fapai-draw-entropy-commitment", version: 1, draw_id, party, commitment, at: one.committed_at };
    told.push(`${await fingerprintOf(committed)} ${one.committed_at}`);
    refuseUnless((value === null) === (one.opened_at === null), "draw_record_misshapen");
    if (value === null) continue;
    const inTime = pool.commit_by < one.opened_at && one.opened_at <= pool.reveal_by;
    refuseUnless(inTime, "draw_entropy_not_as_published");
    const opened = { kind: "fapai-draw-entropy-opening", version: 1, draw_id, party, value, at: one.opened_at };
    told.push(`${await fingerprintOf(opened)} ${one.opened_at}`);
  }
  const published = chain.filter((entry) => entry.draw_id === draw_id && entry.kind === "entropy");
  const expected = published.map((entry) => `${entry.sha256} ${entry.at}`);
  refuseUnless(expected.sort().join() === told.sort().join(), "draw_entropy_not_as_published");
}

// The draw -----------------------------------------------------------------------------------------------------------

/** Give the commitment of a party, of `court` or `second`, to a secret of 32 bytes in hexadecimal. */
export async function commitmentTo(drawId, name, secret) {
  return toHex(await sha256(utf8.encode(["fapai-entropy-v1", drawId, name, secret].join("\n"))));
}

async function checkOpening(drawId, party, secret, committed) {
  const fits = (await commitmentTo(drawId, party, secret)) === committed;
  refuseUnless(fits, "draw_commitment_wrong", { party });
}

async function checkOpenings(pool, openings) {
  const parties = openings.entropy.map((one) => one.party);
  const areNamed = parties.every((party, i) => !OFFICES.includes(party) && (i === 0 || parties[i - 1] < party));
  refuseUnless(areNamed, "draw_entropy_names_wrong");
  await checkOpening(pool.draw_id, "court", openings.court_secret, pool.court_commitment);
  const { second } = openings;
  refuseUnless(second.kind === pool.second.kind, "draw_opening_of_other_kind");
  if (second.kind === "secret") {
    await checkOpening(pool.draw_id, "second", second.value, pool.second.commitment);
  } else {
    const fits = toHex(await sha256(fromHex(second.signature))) === second.randomness;
    refuseUnless(fits, "draw_commitment_wrong", { party: "drand" });
  }
  for (const one of openings.entropy) {
    if (one.value !== null) await checkOpening(pool.draw_id, one.party, one.value, one.commitment);
  }
}

async function seedOf(pool, openings) {
  const { second } = openings;
  const opened = openings.entropy.filter((one) => one.value !== null);
  return fingerprintOf({
    version: "fapai-draw-v1",
    pool_sha256: await fingerprintOf(pool),
    court_secret: openings.court_secret,
    second: second.kind === "secret" ? second.value : second.randomness,
    entropy: opened.map(({ party, value }) => ({ party, value })),
  });
}

async function* wordsOf(seed) {
  const counter = new DataView(new ArrayBuffer(8));
  for (let block = 0n; ; block += 1n) {
    counter.setBigUint64(0, block);
    const digest = new DataView((await sha256(joined(seed, new Uint8Array(counter.buffer)))).buffer);
    for (let at = 0; at < 32; at += 8) yield digest.getBigUint64(at);
  }
}

async function below(words, count) {
  const n = BigInt(count);
  const limit = WORDS - (WORDS % n);
  for (;;) {
    const { value } = await words.next();
    if (value < limit) return Number(value % n);
  }
}

async function orderOf(seed, ids) {
  const order = [...ids];
  const words = wordsOf(fromHex(seed));
  for (let i = 0; i < order.length - 1; i += 1) {
    const j = i + (await below(words, order.length - i));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** The instant from which the outcome could be known. */
function knownFrom(pool) {
  return pool.second.kind === "drand" ? timeOfRound(pool.second.round) : pool.reveal_by;
}

async function checkOutcome(transcript) {
  const { pool, openings, seed, order, picks } = transcript;
  await checkOpenings(pool, openings);
  refuseUnless(seed === (await seedOf(pool, openings)), "draw_seed_differs");
  const again = await orderOf(seed, pool.members.map((member) => member.id));
  refuseUnless(canonical(order) === canonical(again), "draw_order_differs");
  refuseUnless(canonical(picks) === canonical(order.slice(0, pool.picks)), "draw_picks_differ");
  const inTime = transcript.drawn_at >= pool.draw_at && transcript.drawn_at >= knownFrom(pool);
  refuseUnless(inTime, "draw_too_early");
}

// Head and signatures ------------------------------------------------------------------------------------------------

async function checkHead(head, chain, further) {
  refuseUnless(head.n >= chain[0].n, "draw_head_before_pool", { n: head.n });
  const after = [chain.at(-1), ...further];
  for (let i = 1; i < after.length; i += 1) {
    await checkFollows(after[i - 1], after[i]);
    refuseUnless(after[i].draw_id !== chain[0].draw_id, "draw_chain_broken", { n: after[i].n });
  }
  refuseUnless(further.length === 0 || head.n === further.at(-1).n, "draw_head_not_of_chain");
  const all = [...chain, ...further];
  refuseUnless(head.n <= all.at(-1).n, "draw_head_after_chain", { n: head.n });
  const entry = all[head.n - chain[0].n];
  refuseUnless((await fingerprintOf(entry)) === head.head && entry.at <= head.at, "draw_head_not_of_chain");
}

async function checkSignature(scheme, signed, keys, what) {
  const { signature, ...fields } = signed;
  refuseUnless(keys.has(signed.key_id), "draw_key_unknown", { key_id: signed.key_id });
  const message = utf8.encode(`${scheme}\n${canonical(fields)}`);
  let holds = false;
  try {
    const key = await crypto.subtle.importKey("raw", keys.get(signed.key_id), "Ed25519", false, ["verify"]);
    holds = await crypto.subtle.verify("Ed25519", key, fromHex(signature), message);
  } catch (error) {
    if (error.name !== "DataError") throw error; // Bytes that are no key sign nothing; another fault is no verdict.
  }
  refuseUnless(holds, "draw_signature_wrong", { what });
}

// All of it ----------------------------------------------------------------------------------------------------------

async function checkAll({ transcript: file, keys, head: headFile, chain: chainFile }, pinned, beaconHolds) {
  const transcript = shaped(readCanonical(file), TRANSCRIPT);
  const head = readKept(headFile, HEAD, "draw_head_unreadable");
  const further = chainFile ? readKept(chainFile, CONTINUATION, "draw_continuation_unreadable").entries : [];
  const { pool, openings, chain } = transcript;
  checkPool(pool);
  await checkChain(chain);
  await checkPlacesInChain(transcript);
  await checkEntropy(transcript);
  await checkOutcome(transcript);
  await checkHead(head, chain, further);
  await checkSignature("fapai-draw-transcript-v1", transcript, pinned, "transcript");
  await checkSignature("fapai-draw-head-v1", head, pinned, "head");
  if (pool.second.kind === "drand") {
    const holds = await beaconHolds(pool.second.round, openings.second.signature);
    refuseUnless(holds, "draw_beacon_signature_wrong", { round: pool.second.round });
  }
  return { transcript, head, isFrozenBefore: head.at < knownFrom(pool) };
}

/** Verify a transcript; what does not fit is named by its code, as the command does. */
export async function verify(files, beaconHolds) {
  try {
    const found = await checkAll(files, readKeys(files.keys), beaconHolds);
    return { held: true, code: "", facts: {}, ...found };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { held: false, code: error.code, facts: error.facts };
  }
}

/** Give the check of the beacon's rounds by a library of BLS12-381 (noble-curves). */
export function beaconBy(bls) {
  return async (round, signature) => {
    const number = new DataView(new ArrayBuffer(8));
    number.setBigUint64(0, BigInt(round));
    const message = await sha256(new Uint8Array(number.buffer));
    const short = bls.shortSignatures;
    try {
      const point = short.hash(message, "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_");
      return short.verify(fromHex(signature), point, fromHex(BEACON_KEY));
    } catch {
      return false; // The library throws for bytes that are no point of the curve.
    }
  };
}
