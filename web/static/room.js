/*
The live room (竞价现场) in the page: one socket to a gateway, a countdown on the room's own clock, bids in two steps.
The protocol is bidding/rooms/asyncapi.yaml. Works under a policy without inline scripts; without it the page still works.

What the page provides (the contract)
  <section data-room
    data-lot="UUID"                     the lot
    data-ticket-url="/api/lots/…/room-ticket"   POST; answers {"ticket", "gateway_url"}; spectators: …/spectator-ticket
    data-csrf="…"                       form token, sent as x-csrf-token
    data-json-url="/…/room"             room_json of bidding/rooms/spectators.py, polled with ?after=n when sockets fail
    data-role="bidder" | "spectator"
    data-locale="zh" | "en"
    data-first-refusal                  present: this bidder may match the leading price
    data-large-jump="20">               increments above the floor from which a bid is asked about again
  Inside, each element by data-room-part (all optional but the texts):
    texts      <script type="application/json">: an object with the texts listed at TEXT_KEYS below
    line       connection state in words; gets data-state = live | reconnecting | closed | stale | stalled | polling
    phase      state of the session in words; gets data-state
    price, price-words, leader, floor, bids     figures; price-words reads a large price beside them
    increment, increment-now, extensions        figures: the increment that holds now, how often bids extended the end
    confirm-above              figures: above this a bid is asked about again (where the notice says so)
    standing   领先 / 出局 / nothing yet, in words; gets data-state = leading | outbid | none
    countdown  role="timer"; hours, minutes and seconds to the end (or to the opening)
    polite     aria-live="polite"; at most one summary of prices in five seconds, countdown marks, line changes
    alert      role="alert"; being outbid, answers to bids
    quiet      checkbox: checked, prices are not announced
    form       the form that also bids without scripts; taken over while the socket is live
    amount     its text input, in yuan
    less, more     buttons: the entry one increment down (never below the floor) or up
    entry-reading  the entry as it was understood, in figures and read out: a zero too many is seen before it is sent
    ladder     a container that gets five buttons (1x to 5x)
    match      button: bid the leading price by right of first refusal (hidden without data-first-refusal)
    confirm    <dialog> or a hidden section, with confirm-figures, confirm-wan, confirm-capitals, confirm-changed,
               confirm-large, confirm-yes (button), confirm-raise (button: take the new floor), confirm-no (button);
               where the bidder stated a limit: confirm-loan, shown above data-limit-fen;
               where the notice asks twice: confirm-heading, confirm-again (why), confirm-english (the amount in words)
    answer     the last answer in words
    log        <tbody> or <ol>; rows are made from log-row
    log-row    <template> with elements data-room-cell = code, price, time, tag
    pause      button: holds the log still; gets aria-pressed
    reconnect  button, shown when the room does not come back by itself
  The section gets data-ready once the module runs, and these events:
    "room:state"   on each change; detail: view, n, line, bids (a function that gives the accepted bids known here)
    "room:outbid"  this bidder led and does no longer; detail: text
*/

export const TEXT_KEYS = [
  "line_live", // 实时 / Live
  "line_reconnecting", // 重连中 / Reconnecting
  "line_closed", // 已断开 / Disconnected
  "line_stale", // 数据可能已过时 / What you see may be out of date
  "line_stalled", // 计时已暂停 / The clock stands
  "line_polling", // 定时刷新 / Refreshing every few seconds
  "phase_recorded", // 尚未就绪 / Not ready yet
  "phase_before", // 即将开始 / Opens soon
  "phase_running", // 竞价中 / Bidding
  "phase_ending", // 等待确认结束 / Waiting for the close
  "phase_stopped", // 已暂停 / Stopped
  "phase_paused", // 紧急暂停 / Emergency pause
  "phase_withdrawn", // 已撤回 / Withdrawn
  "phase_closed", // 已结束 / Closed
  "standing_leading", // 领先 / Leading
  "standing_outbid", // 出局 / Outbid
  "tag_leading", // 领先
  "tag_out", // 出局
  "tag_match", // 优先购买权人应价 / Match by right of first refusal
  "tag_extended", // 延时 / Extended
  "no_price", // 暂无出价 / No bid yet
  "step", // {times}倍（{amount}） / {times}x ({amount})
  "step_start", // 起拍价（{amount}） / Starting price ({amount})
  "said_price", // 当前价{amount}，竞买代码{code} / Price {amount}, bidder {code}
  "said_outbid", // 您已被超越，当前价{amount} / You have been outbid; the price is {amount}
  "said_leading", // 您已领先 / You are leading
  "said_left", // 距结束还有{left} / {left} to go
  "said_extended", // 竞价延时 / The end was moved back
  "said_closed", // 竞价已结束 / Bidding has closed
  "said_paused", // 竞价紧急暂停，计时已停，已报告法院 / Emergency pause: the clock stands; reported to the court
  "left_minutes", // {n}分钟 / {n} minutes
  "left_seconds", // {n}秒 / {n} seconds
  "days", // {n}天 / {n} d
  "sent", // 已提交，等待确认 / Sent; waiting for the answer
  "not_sent", // 未连接，请稍候 / Not connected; please wait
  "accepted", // 出价成功：{amount} / Bid accepted: {amount}
  "not_received", // 该次出价未被受理，请重新提交 / That bid was not received; please submit it again
  "entry_malformed", // 请输入金额，单位元 / Enter an amount in yuan
  "changed", // 确认期间有更高出价，现最低可出{amount} / A higher bid arrived meanwhile; the least is now {amount}
  "changed_still_good", // 确认期间有新出价，您的金额仍然有效 / A bid arrived meanwhile; your amount is still good
  "confirm_heading", // 确认出价 / Confirm your bid
  "confirm_yes", // 确认出价 / Confirm bid
  "again_heading", // 二次确认 / Second confirmation
  "again_why", // 公告要求对此金额二次确认；此前的出价尚未生效 / The notice asks for a second confirmation of this amount; it does not count yet
  "again_yes", // 金额无误，再次确认 / The amount is right: confirm again
  "again_asked", // 请二次确认：{amount} / Please confirm a second time: {amount}
  "large_jump", // 高出最低可出价{times}个增价幅度，请核对 / {times} increments above the least; please check
];

const RETRY_FIRST_MS = 500;
const RETRY_LAST_MS = 20_000;
const AT_ONCE_LIMIT = 3; // "come back at once" is believed so often within…
const AT_ONCE_WINDOW_MS = 10_000;
const SILENCE_MS = 13_000; // two heartbeats and a bit
const WAITING_SILENCE_MS = 5_000; // a bid waits for its answer: bids are acknowledged again within ten seconds
const WAITING_PING_MS = 2_000;
const PING_MS = 10_000;
const PINGS_KEPT = 8;
const JUMP_US = 1_500_000; // the room's clock was moved
const RESEND_MS = 120_000; // an unanswered bid is asked for again for so long
const SUMMARY_MS = 5_000;
const POLL_MS = 2_000;
const FAILURES_BEFORE_POLLING = 3;
const LOG_ROWS = 200;
const STEPS = 5;
const MARKS_S = [600, 300, 60, 30, 10];
const FEN_BOUND = 10 ** 14;

// ---- Amounts: whole fen, never a fraction. ----

/** Figures: ¥3,280,000 and ¥3,280,000.50. */
export function figures(fen) {
  const yuan = Math.floor(fen / 100);
  const rest = fen % 100;
  const grouped = String(yuan).replace(/\B(?=(\d{3})+$)/g, ",");
  return `¥${grouped}${rest ? `.${String(rest).padStart(2, "0")}` : ""}`;
}

const LARGE = { // In fen, the larger unit first.
  zh: [[10 ** 10, "亿元"], [10 ** 6, "万元"]],
  en: [[10 ** 11, " billion yuan"], [10 ** 8, " million yuan"]],
};

/** The amount as it is read: in 万 or 亿, in English in million or billion; exact, empty below the smaller unit. */
export function reading(fen, locale) {
  const units = LARGE[locale === "en" ? "en" : "zh"];
  const [unit, name] = units.find(([size]) => fen >= size) ?? units[1];
  if (fen < unit) return "";
  const whole = Math.floor(fen / unit);
  const digits = String(unit).length - 1;
  const rest = String(fen % unit).padStart(digits, "0").replace(/0+$/, "");
  return `${whole}${rest ? `.${rest}` : ""}${name}`;
}

const DIGITS = "零壹贰叁肆伍陆柒捌玖";
const PLACES = ["", "拾", "佰", "仟"];
const GROUPS = ["", "万", "亿"];

function capitalGroup(number) {
  let text = "";
  let gap = false;
  for (let place = 3; place >= 0; place -= 1) {
    const digit = Math.floor(number / 10 ** place) % 10;
    if (digit === 0) {
      gap = gap || text !== "";
      continue;
    }
    text += (gap ? "零" : "") + DIGITS[digit] + PLACES[place];
    gap = false;
  }
  return text;
}

/** Chinese capitals as on a cheque: 叁佰贰拾捌万元整. */
export function capitals(fen) {
  const yuan = Math.floor(fen / 100);
  const jiao = Math.floor(fen / 10) % 10;
  const cent = fen % 10;
  let text = "";
  let gap = false;
  for (let index = 2; index >= 0; index -= 1) { // Amounts stay below 10^12 yuan.
    const group = Math.floor(yuan / 10 ** (4 * index)) % 10_000;
    if (group === 0) {
      gap = gap || text !== "";
      continue;
    }
    const zero = text !== "" && (gap || group < 1000) ? "零" : "";
    text += zero + capitalGroup(group) + GROUPS[index];
    gap = false;
  }
  if (text) text += "元";
  if (!jiao && !cent) return `${text || "零元"}整`;
  if (jiao) text += `${DIGITS[jiao]}角`;
  else if (text) text += "零";
  return cent ? `${text}${DIGITS[cent]}分` : `${text}整`;
}

/** Read an entry in yuan (separators and ¥ allowed) as fen; null: it is no amount. */
export function parseYuan(entry) {
  const text = entry.normalize("NFKC").replace(/[\s,¥元]/g, "");
  const match = /^(0|[1-9]\d{0,11})(?:\.(\d{1,2}))?$/.exec(text);
  if (!match) return null;
  const fen = Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0"));
  return fen > 0 && fen < FEN_BOUND ? fen : null;
}

// ---- Time and ids. ----

/** The room's clock, from round trips; the device's clock plays no part. */
export class Clock {
  constructor(monotonicMs = () => performance.now()) {
    this.monotonicMs = monotonicMs;
    this.readings = [];
  }

  get known() {
    return this.readings.length > 0;
  }

  /** A time that was sent between two instants of ours (in a pong), or came by itself (askedMs null). */
  read(serverUs, askedMs) {
    const now = this.monotonicMs();
    const trip = askedMs === null ? null : now - askedMs;
    const offset = serverUs - ((trip === null ? now : (now + askedMs) / 2) * 1000);
    const jumped = this.known && Math.abs(offset - this.best().offset) > JUMP_US;
    if (jumped) this.readings = [];
    // One that came by itself is late by an unknown time: good only until a round trip says better.
    if (trip === null && this.known) return jumped;
    this.readings.push({ offset, trip: trip ?? 2_000 });
    if (this.readings.length > PINGS_KEPT) this.readings.shift();
    return jumped;
  }

  best() {
    return this.readings.reduce((a, b) => (b.trip <= a.trip ? b : a));
  }

  nowUs() {
    return this.known ? this.monotonicMs() * 1000 + this.best().offset : 0;
  }
}

/** A UUID of version 7 on the room's clock: ids of one bidder grow (bid-core 8). */
export function bidId(nowUs, random = (bytes) => crypto.getRandomValues(bytes)) {
  const bytes = random(new Uint8Array(16));
  let ms = Math.floor(nowUs / 1000);
  for (let index = 5; index >= 0; index -= 1) {
    bytes[index] = ms % 256;
    ms = Math.floor(ms / 256);
  }
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const timeOfDay = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false,
});

/** Beijing time to the millisecond. */
export function stamp(us) {
  const ms = Math.floor(us / 1000);
  return `${timeOfDay.format(new Date(ms)).replace(/^24/, "00")}.${String(ms % 1000).padStart(3, "0")}`;
}

/** What to do after a close, by the code's range. */
export function reconnectOf(code) {
  if ([1002, 1003, 1007, 1008, 1009].includes(code)) return "no";
  return { 40: "now", 42: "ticket", 43: "no" }[Math.floor(code / 100)] ?? "later";
}

// ---- The line: one socket at a time, coming back by itself. ----

class RoomLine {
  constructor(room) {
    this.room = room;
    this.socket = null;
    this.resume = "";
    this.tries = 0;
    this.failures = 0; // sockets in a row that never got a snapshot
    this.atOnce = [];
    this.lastHeardMs = 0;
    this.timer = 0;
    this.ended = false;
    this.entered = false;
    this.pings = new Map();
    this.pingNumber = 0;
    this.reason = null;
    setInterval(() => this.watch(), 1_000);
    addEventListener("online", () => this.again(0));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.wake();
    });
  }

  get isLive() {
    return this.entered && this.socket?.readyState === WebSocket.OPEN;
  }

  async open() {
    clearTimeout(this.timer);
    if (this.ended || this.socket) return;
    this.reason = null;
    let admission;
    try {
      admission = await this.admission();
    } catch (error) {
      this.lost(error instanceof RangeError ? 4300 : 1006);
      return;
    }
    if (this.socket || this.ended) return;
    const socket = new WebSocket(admission.url);
    this.socket = socket;
    this.lastHeardMs = performance.now();
    socket.onopen = () => {
      this.send({
        type: "hello", lot_id: this.room.lot, ticket: admission.ticket, resume: admission.resume,
        epoch: this.room.epoch, after: this.room.n,
      });
    };
    socket.onmessage = (event) => {
      if (this.socket === socket) this.hear(JSON.parse(event.data));
    };
    socket.onclose = (event) => {
      if (this.socket === socket) this.lost(event.code);
    };
  }

  /** A resume token if there is one, else a fresh ticket from the site. */
  async admission() {
    if (this.resume && this.url) {
      const resume = this.resume;
      this.resume = ""; // good once
      return { url: this.url, ticket: "", resume };
    }
    const answer = await fetch(this.room.data.ticketUrl, {
      method: "POST", credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(10_000),
      headers: { "x-csrf-token": this.room.data.csrf ?? "", accept: "application/json" },
    });
    if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) throw new RangeError("no admission");
    if (!answer.ok) throw new Error("the site is away");
    const { ticket, gateway_url: url } = await answer.json();
    this.url = url;
    return { url, ticket, resume: "" };
  }

  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  ping() {
    this.pingNumber += 1;
    this.pings.clear();
    this.pings.set(this.pingNumber, performance.now());
    this.send({ type: "ping", sent: this.pingNumber });
  }

  hear(message) {
    this.lastHeardMs = performance.now();
    if (message.type === "pong") {
      const asked = this.pings.get(message.sent);
      if (asked !== undefined) this.room.clock.read(message.server_us, asked);
      return;
    }
    if (message.server_us && this.room.clock.read(message.server_us, null)) this.ping();
    if (message.type === "snapshot") {
      this.entered = true;
      this.tries = 0;
      this.failures = 0;
      this.resume = message.resume;
      this.ping();
      setTimeout(() => this.ping(), 1_000);
    }
    if (message.type === "renewed") this.resume = message.resume;
    else if (message.type === "bye") this.reason = message;
    else this.room.take(message);
  }

  lost(code) {
    this.socket = null;
    if (!this.entered) this.failures += 1;
    this.entered = false;
    const how = this.reason?.reconnect ?? reconnectOf(code);
    if (how === "no") {
      this.ended = true;
      this.room.ended(this.reason);
      return;
    }
    if (how === "ticket" || this.failures) this.resume = "";
    this.room.away();
    const now = performance.now();
    this.atOnce = this.atOnce.filter((at) => now - at < AT_ONCE_WINDOW_MS);
    if (how === "now" && this.atOnce.length < AT_ONCE_LIMIT) {
      this.atOnce.push(now);
      this.again(Math.random() * 500);
      return;
    }
    const most = Math.min(RETRY_LAST_MS, RETRY_FIRST_MS * 2 ** this.tries);
    this.tries += 1;
    this.again(most * (0.5 + Math.random() / 2));
  }

  again(delayMs) {
    if (this.ended || this.socket) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), delayMs);
  }

  restart() {
    this.ended = false;
    this.resume = "";
    this.again(0);
  }

  wake() {
    if (this.isLive) this.ping();
    else this.again(0);
  }

  watch() {
    const now = performance.now();
    if (!this.socket) return;
    const waits = this.room.waiting.bids.size > 0;
    if (now - this.lastHeardMs > (waits ? WAITING_SILENCE_MS : SILENCE_MS)) {
      const socket = this.socket;
      socket.onclose = null;
      socket.close();
      this.lost(1006);
      return;
    }
    const restless = waits && now - this.lastHeardMs > WAITING_PING_MS;
    if (this.isLive && now - (this.lastPingMs ?? 0) > (restless ? WAITING_PING_MS : PING_MS)) {
      this.lastPingMs = now;
      this.ping();
    }
  }
}

/** A bid as it is sent; one that was asked about carries the confirmation of exactly its amount. */
function bidFrame(id, bid) {
  const frame = { type: "bid", bid_id: id, amount_fen: bid.amount_fen, kind: bid.kind };
  return bid.confirmed ? { ...frame, confirmed_fen: bid.amount_fen } : frame;
}

// ---- Bids that wait for an answer: kept over reloads of this tab. ----

class Waiting {
  constructor(key) {
    this.key = `fapai-room-${key}`;
    this.bids = new Map();
    try {
      this.bids = new Map(JSON.parse(sessionStorage.getItem(this.key) ?? "[]"));
    } catch {
      this.bids = new Map(); // no storage: bids are kept for as long as the page
    }
  }

  put(id, bid) {
    this.bids.set(id, bid);
    this.store();
  }

  take(id) {
    const bid = this.bids.get(id);
    if (this.bids.delete(id)) this.store();
    return bid;
  }

  store() {
    try {
      sessionStorage.setItem(this.key, JSON.stringify([...this.bids]));
    } catch {
      // No storage: see above.
    }
  }
}

// ---- The page. ----

export class RoomPage {
  constructor(section) {
    this.section = section;
    this.data = section.dataset;
    this.lot = this.data.lot;
    this.parts = new Map();
    for (const part of section.querySelectorAll("[data-room-part]")) this.parts.set(part.dataset.roomPart, part);
    this.texts = JSON.parse(this.part("texts")?.textContent ?? "{}");
    this.clock = new Clock();
    this.epoch = 0;
    this.n = 0;
    this.view = null;
    this.code = "";
    this.hasBid = false;
    this.refusedFor = "";
    this.lineState = "live";
    this.log = new Map();
    this.shownLine = "";
    this.said = { at: 0, timer: 0 };
    this.marks = { end: 0, passed: new Set() };
    this.proposal = null;
    this.paused = false;
    this.drawing = 0;
    this.polling = 0;
    this.waiting = new Waiting(this.lot);
    this.line = new RoomLine(this);
    this.listen();
    setInterval(() => this.tick(), 200);
    this.showLine("reconnecting");
    this.section.dataset.ready = "";
    this.line.open();
  }

  part(name) {
    return this.parts.get(name);
  }

  text(key, values = {}) {
    const template = this.texts[key] ?? key;
    return template.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  }

  show(name, text) {
    const part = this.part(name);
    if (part && part.textContent !== text) part.textContent = text;
  }

  // -- What comes in.

  take(message) {
    switch (message.type) {
      case "snapshot":
        this.stopPolling();
        this.code = message.code;
        this.lineState = message.line;
        if (!message.complete) this.log.clear();
        // The log may begin after this bidder's own bids; the outcomes of these do not.
        this.hasBid ||= message.outcomes.some((outcome) => outcome.accepted);
        this.advance(message, message.log);
        message.outcomes.forEach((outcome) => this.answered(outcome));
        this.sendAgain();
        break;
      case "events":
        if (message.first > this.n + 1) {
          this.line.send({ type: "missed", after: this.n });
          return;
        }
        this.advance(message, message.events);
        break;
      case "decision":
        this.answered(message);
        break;
      case "beat":
        this.lineState = message.line;
        this.epoch = Math.max(this.epoch, message.epoch);
        if (message.n > this.n) this.line.send({ type: "missed", after: this.n });
        break;
      case "line":
        this.lineState = message.line;
        break;
      default: // A message of a later protocol: nothing that this page needs.
    }
    this.showLine(this.lineState === "live" ? "live" : this.lineState);
  }

  advance(message, events) {
    if (message.n < this.n) return; // A gateway that is behind: newer news follow.
    this.epoch = Math.max(this.epoch, message.epoch ?? 0);
    const before = this.view;
    const fresh = events.filter((event) => !this.log.has(event.n));
    fresh.forEach((event) => this.log.set(event.n, event));
    this.n = message.n;
    this.view = message.view;
    this.showView();
    this.showLogSoon();
    if (before) this.announce(before, fresh);
    this.recheckProposal(before);
    this.section.dispatchEvent(
      new CustomEvent("room:state", {
        bubbles: true,
        detail: { view: this.view, n: this.n, line: this.shownLine, bids: () => this.bids() },
      }),
    );
  }

  answered(decision) {
    const bid = this.waiting.take(decision.bid_id);
    if (!bid) return;
    if (decision.confirm && !this.proposal) {
      this.askAgain(bid, decision.confirm);
      return;
    }
    const text = decision.accepted
      ? this.text("accepted", { amount: figures(bid.amount_fen) })
      : decision[this.data.locale === "en" ? "en" : "zh"];
    this.show("answer", text);
    this.alert(text);
    this.refusedFor = decision.accepted ? "" : decision.code;
    if (decision.accepted) this.clearEntry(bid.amount_fen);
  }

  away() {
    this.showLine("reconnecting");
    if (this.line.failures >= FAILURES_BEFORE_POLLING) this.startPolling();
  }

  ended(reason) {
    this.showLine("closed");
    const text = reason?.[this.data.locale === "en" ? "en" : "zh"] ?? this.text("line_closed");
    this.alert(text);
    const button = this.part("reconnect");
    if (button) button.hidden = false;
    if (!reason) this.startPolling();
  }

  // -- Bids.

  /** Ask for the outcome of what has no answer yet, by sending it again; what is too old was never received. */
  sendAgain() {
    for (const [id, bid] of [...this.waiting.bids]) {
      if (Date.now() - bid.at > RESEND_MS) {
        this.waiting.take(id);
        this.show("answer", this.text("not_received"));
        this.alert(this.text("not_received"));
      } else {
        this.line.send(bidFrame(id, bid));
      }
    }
  }

  propose(amountFen, kind = "bid") {
    if (amountFen === null) {
      this.show("answer", this.text("entry_malformed"));
      this.alert(this.text("entry_malformed"));
      this.part("amount")?.focus();
      return;
    }
    this.proposal = { amountFen, kind, again: null, by: document.activeElement };
    this.showProposal("");
    if (this.part("confirm")) this.openConfirm();
    else this.send();
  }

  /** The notice asks twice about so high a bid: show the amount as the room brought it back, in words. */
  askAgain(bid, again) {
    const text = this.text("again_asked", { amount: figures(again.amount_fen) });
    this.show("answer", text);
    this.alert(text);
    if (!this.part("confirm")) return;
    this.proposal = { amountFen: again.amount_fen, kind: bid.kind, again, by: this.part("amount") };
    this.showProposal("");
    this.openConfirm();
  }

  openConfirm() {
    const confirm = this.part("confirm");
    if (typeof confirm.showModal === "function") {
      if (!confirm.open) confirm.showModal();
    } else {
      confirm.hidden = false;
    }
    this.part("confirm-no")?.focus();
  }

  showProposal(changed) {
    const { amountFen, kind, again } = this.proposal;
    this.show("confirm-heading", this.text(again ? "again_heading" : "confirm_heading"));
    this.show("confirm-yes", this.text(again ? "again_yes" : "confirm_yes"));
    this.show("confirm-again", again ? this.text("again_why") : "");
    this.show("confirm-figures", figures(amountFen));
    this.show("confirm-wan", reading(amountFen, this.data.locale));
    this.show("confirm-capitals", again?.zh ?? capitals(amountFen));
    this.show("confirm-english", again?.en ?? "");
    this.show("confirm-changed", changed);
    const floor = this.view?.floor_fen ?? 0;
    const step = this.view?.increment_fen || 1;
    const above = Math.floor((amountFen - floor) / step);
    const large = floor > 0 && above > Number(this.data.largeJump ?? 20);
    this.show("confirm-large", large && !again ? this.text("large_jump", { times: above }) : "");
    const loan = this.part("confirm-loan");
    if (loan) loan.hidden = amountFen <= Number(loan.dataset.limitFen);
    const tooLow = kind === "match" ? amountFen !== this.view?.price_fen : amountFen < floor && !this.mayMatch(amountFen);
    const yes = this.part("confirm-yes");
    const raise = this.part("confirm-raise");
    if (yes) yes.disabled = tooLow;
    if (raise) raise.hidden = !tooLow;
  }

  mayMatch(amountFen) {
    return "firstRefusal" in this.data && amountFen === this.view?.price_fen;
  }

  /** A bid that arrived while somebody confirms keeps his entry and tells him. */
  recheckProposal(before) {
    if (!this.proposal || !before || before.price_fen === this.view.price_fen) return;
    const good = this.proposal.amountFen >= this.view.floor_fen && this.proposal.kind === "bid";
    const amount = figures(this.view.floor_fen);
    this.showProposal(good ? this.text("changed_still_good") : this.text("changed", { amount }));
    this.alert(good ? this.text("changed_still_good") : this.text("changed", { amount }));
  }

  raiseProposal() {
    this.proposal = { ...this.proposal, amountFen: this.view.floor_fen, kind: "bid", again: null };
    this.enter(this.view.floor_fen);
    this.showProposal("");
    this.part("confirm-yes")?.focus();
  }

  closeConfirm() {
    const confirm = this.part("confirm");
    const back = this.proposal?.by;
    this.proposal = null;
    if (confirm && typeof confirm.close === "function") confirm.close();
    else if (confirm) confirm.hidden = true;
    if (back instanceof HTMLElement && back.isConnected && !back.disabled) back.focus();
    else this.part("amount")?.focus();
  }

  send() {
    const { amountFen, kind, again } = this.proposal;
    if (!this.line.isLive || !this.clock.known) {
      this.show("answer", this.text("not_sent"));
      this.alert(this.text("not_sent"));
      return;
    }
    const id = bidId(this.clock.nowUs());
    const bid = { amount_fen: amountFen, kind, confirmed: Boolean(again), at: Date.now() };
    this.waiting.put(id, bid);
    this.line.send(bidFrame(id, bid));
    this.show("answer", this.text("sent"));
    this.closeConfirm();
  }

  enter(amountFen) {
    const entry = this.part("amount");
    if (entry) entry.value = figures(amountFen).replace(/[¥,]/g, "");
    this.readEntry();
  }

  /** Move the entry to the next lawful amount above or below it; from no amount, or one too low, to the floor. */
  stepEntry(up) {
    if (!this.view) return;
    const { floor_fen: floor, increment_fen: step } = this.view;
    const entry = parseYuan(this.part("amount")?.value ?? "") ?? 0;
    const steps = (entry - floor) / (step || 1);
    const next = up ? Math.floor(steps) + 1 : Math.ceil(steps) - 1;
    this.enter(entry < floor ? floor : floor + Math.max(0, next) * step);
  }

  readEntry() {
    const fen = parseYuan(this.part("amount")?.value ?? "");
    const words = fen === null ? "" : reading(fen, this.data.locale);
    this.show("entry-reading", fen === null ? "" : `${figures(fen)}${words ? ` · ${words}` : ""}`);
  }

  clearEntry(amountFen) {
    const entry = this.part("amount");
    if (entry && parseYuan(entry.value) === amountFen) entry.value = "";
    this.readEntry();
  }

  listen() {
    this.part("form")?.addEventListener("submit", (event) => {
      if (!this.line.isLive) return; // The form goes its own way, without us.
      event.preventDefault();
      this.propose(parseYuan(this.part("amount")?.value ?? ""));
    });
    this.part("amount")?.addEventListener("input", () => this.readEntry());
    this.part("less")?.addEventListener("click", () => this.stepEntry(false));
    this.part("more")?.addEventListener("click", () => this.stepEntry(true));
    this.part("ladder")?.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-fen]");
      if (!button) return;
      this.enter(Number(button.dataset.fen));
      if (this.line.isLive) this.propose(Number(button.dataset.fen));
    });
    this.part("match")?.addEventListener("click", () => {
      if (this.view?.price_fen) this.propose(this.view.price_fen, "match");
    });
    this.part("confirm-yes")?.addEventListener("click", (event) => {
      event.preventDefault();
      if (this.proposal) this.send();
    });
    this.part("confirm-raise")?.addEventListener("click", (event) => {
      event.preventDefault();
      if (this.proposal) this.raiseProposal();
    });
    this.part("confirm-no")?.addEventListener("click", (event) => {
      event.preventDefault();
      this.closeConfirm();
    });
    this.part("confirm")?.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.closeConfirm();
    });
    this.part("pause")?.addEventListener("click", () => this.togglePause());
    this.part("reconnect")?.addEventListener("click", (event) => {
      event.currentTarget.hidden = true;
      this.showLine("reconnecting");
      this.line.restart();
    });
  }

  // -- What is shown.

  get standing() {
    if (!this.code || !this.view?.price_fen) return "none";
    if (this.view.leader === this.code) return "leading";
    this.hasBid ||= [...this.log.values()].some((event) => event.event === "bid" && event.code === this.code);
    return this.hasBid ? "outbid" : "none";
  }

  get stage() {
    const view = this.view;
    if (!view) return "recorded";
    if (view.phase !== "running") return view.phase;
    const now = this.clock.nowUs();
    if (!now) return "running";
    if (now < view.opens_us) return "before";
    return now < view.end_us ? "running" : "ending";
  }

  showView() {
    const view = this.view;
    this.show("price", view.price_fen ? figures(view.price_fen) : this.text("no_price"));
    this.show("price-words", view.price_fen ? reading(view.price_fen, this.data.locale) : "");
    this.show("leader", view.leader);
    this.show("floor", figures(view.floor_fen));
    this.show("bids", String(view.bid_count));
    this.show("increment", figures(view.increment_fen));
    this.show("increment-now", figures(view.increment_fen));
    this.show("extensions", String(view.extensions ?? 0));
    this.show("confirm-above", figures(view.confirm_above_fen ?? 0));
    this.showState("standing", this.standing, this.standing === "none" ? "" : this.text(`standing_${this.standing}`));
    this.showLadder();
    this.tick();
  }

  showLadder() {
    const ladder = this.part("ladder");
    const match = this.part("match");
    const open = this.view.phase === "running" && this.standing !== "leading";
    if (match) {
      match.hidden = !("firstRefusal" in this.data) || !this.view.price_fen;
      match.disabled = !open;
    }
    if (!ladder) return;
    while (ladder.children.length < STEPS) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = ladder.dataset.buttonClass ?? "";
      ladder.append(button);
    }
    [...ladder.children].forEach((button, index) => {
      const fen = this.view.floor_fen + index * this.view.increment_fen;
      const times = this.view.price_fen ? index + 1 : index; // The first bid may be the starting price itself.
      const text = this.text(times ? "step" : "step_start", { times, amount: figures(fen) });
      if (button.textContent !== text) button.textContent = text;
      button.dataset.fen = String(fen);
      button.disabled = !open;
    });
  }

  showState(name, state, text) {
    const part = this.part(name);
    if (!part) return;
    part.dataset.state = state;
    if (part.textContent !== text) part.textContent = text;
  }

  showLine(state) {
    if (state === this.shownLine) return;
    this.shownLine = state;
    this.showState("line", state, this.text(`line_${state}`));
    if (state !== "live" || this.view) this.say(this.text(`line_${state}`), true);
  }

  /** Rows are moved once a frame, however many bids came in it. */
  showLogSoon() {
    if (this.drawing) return;
    this.drawing = requestAnimationFrame(() => {
      this.drawing = 0;
      this.showLog();
    });
  }

  showLog() {
    const body = this.part("log");
    const template = this.part("log-row");
    if (!body || !template || this.paused) return;
    const bids = this.bids();
    const shown = bids.slice(0, LOG_ROWS);
    const rows = new Map([...body.children].map((row) => [Number(row.dataset.n), row]));
    const kept = new Set(shown.map((bid) => bid.n));
    rows.forEach((row, n) => kept.has(n) || row.remove());
    let after = null;
    for (const bid of shown) {
      const row = rows.get(bid.n) ?? this.row(template, bid);
      const leading = bid === bids[0] && this.view.leader === bid.code;
      this.tagRow(row, bid, leading);
      if (after ? after.nextElementSibling !== row : body.firstElementChild !== row) {
        if (after) after.after(row);
        else body.prepend(row);
      }
      after = row;
    }
    for (const n of this.log.keys()) if (this.log.size > 4 * LOG_ROWS) this.log.delete(n);
  }

  /** The accepted bids known here, newest first. */
  bids() {
    return [...this.log.values()].filter((event) => event.event === "bid").sort((a, b) => b.n - a.n);
  }

  row(template, bid) {
    const row = template.content.firstElementChild.cloneNode(true);
    row.dataset.n = String(bid.n);
    const cell = (name) => row.querySelector(`[data-room-cell="${name}"]`);
    if (cell("code")) cell("code").textContent = bid.code;
    if (cell("price")) cell("price").textContent = figures(bid.price_fen);
    if (cell("time")) cell("time").textContent = stamp(bid.at_us);
    return row;
  }

  tagRow(row, bid, leading) {
    const state = leading ? "leading" : "out";
    if (row.dataset.state === state) return; // nothing else of a row ever changes
    row.dataset.state = state;
    const tags = [this.text(leading ? "tag_leading" : "tag_out")];
    if (bid.is_match) tags.push(this.text("tag_match"));
    if (bid.extended) tags.push(this.text("tag_extended"));
    const cell = row.querySelector('[data-room-cell="tag"]');
    if (cell && cell.textContent !== tags.join(" · ")) cell.textContent = tags.join(" · ");
  }

  togglePause() {
    this.paused = !this.paused;
    this.part("pause").setAttribute("aria-pressed", String(this.paused));
    if (!this.paused && this.view) this.showLog();
  }

  // -- Time.

  tick() {
    if (!this.view) return;
    const stage = this.stage;
    this.showState("phase", stage, this.phaseText(stage));
    const now = this.clock.nowUs();
    const until = stage === "before" ? this.view.opens_us : this.view.end_us;
    const stands = stage === "stopped" || this.lineState === "stalled";
    const leftUs = stage === "stopped" ? this.view.left_us : until - now;
    if (!now || ["closed", "withdrawn", "recorded"].includes(stage)) {
      this.show("countdown", "");
      return;
    }
    const left = Math.max(0, Math.ceil(leftUs / 1_000_000));
    this.show("countdown", this.clockText(left));
    if (stage === "running" && !stands) this.markTime(left);
  }

  clockText(seconds) {
    const days = Math.floor(seconds / 86_400);
    const two = (number) => String(number).padStart(2, "0");
    const rest = `${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    return days ? `${this.text("days", { n: days })} ${rest}` : rest;
  }

  markTime(left) {
    if (this.marks.end !== this.view.end_us) {
      this.marks = { end: this.view.end_us, passed: new Set(MARKS_S.filter((mark) => left < mark - 2)) };
    }
    // A page that was held up says a mark late, as long as it is still nearly true.
    const mark = MARKS_S.find((one) => left <= one && !this.marks.passed.has(one) && left > one - Math.max(3, one / 20));
    if (mark === undefined) return;
    MARKS_S.filter((one) => one >= mark).forEach((one) => this.marks.passed.add(one));
    const span = mark >= 60 ? this.text("left_minutes", { n: mark / 60 }) : this.text("left_seconds", { n: mark });
    this.say(this.text("said_left", { left: span }), true);
  }

  // -- What is said aloud.

  announce(before, fresh) {
    const view = this.view;
    const amount = figures(view.price_fen);
    if (before.phase !== view.phase) {
      this.say(this.saidOfPhase(view.phase), true);
    }
    if (this.code && before.leader === this.code && view.leader !== this.code) {
      const text = this.text("said_outbid", { amount });
      this.alert(text);
      this.show("answer", text); // "accepted" would still stand there, as if it still led
      this.section.dispatchEvent(new CustomEvent("room:outbid", { detail: { text } }));
    } else if (this.code && before.leader !== this.code && view.leader === this.code) {
      this.say(this.text("said_leading"), true);
    } else if (before.price_fen !== view.price_fen && !this.part("quiet")?.checked) {
      this.say(this.text("said_price", { amount, code: view.leader }), false);
    }
    if (this.refusedFor === "same_person_leads" && fresh.some((event) => event.event === "admitted")) {
      // It may have been told anew whose person a code is: the reason would still stand there, as if it still held.
      this.refusedFor = "";
      this.show("answer", "");
      this.alert("");
    }
    if (fresh.some((event) => event.extended)) this.say(this.text("said_extended"), true);
  }

  /** A pause that no court ordered is told from a stop that one did (网拍 28). */
  get isPaused() {
    return this.view.phase === "stopped" && this.view.stop_kind === "emergency_pause";
  }

  phaseText(stage) {
    return this.text(stage === "stopped" && this.isPaused ? "phase_paused" : `phase_${stage}`);
  }

  saidOfPhase(phase) {
    if (phase === "closed") return this.text("said_closed");
    return this.isPaused ? this.text("said_paused") : this.text(`phase_${phase}`);
  }

  /** Polite: what is urgent is said soon, prices at most once in a while, the newest wins. */
  say(text, urgent) {
    const region = this.part("polite");
    if (!region) return;
    const now = performance.now();
    clearTimeout(this.said.timer);
    if (urgent || now - this.said.at > SUMMARY_MS) {
      region.textContent = text;
      this.said.at = now;
    } else {
      this.said.timer = setTimeout(() => this.say(text, true), SUMMARY_MS - (now - this.said.at));
    }
  }

  alert(text) {
    const region = this.part("alert");
    if (!region) return;
    region.textContent = "";
    requestAnimationFrame(() => {
      region.textContent = text;
    });
  }

  // -- Without sockets.

  startPolling() {
    if (this.polling || !this.data.jsonUrl) return;
    this.polling = setInterval(() => this.poll(), POLL_MS);
    this.poll();
  }

  stopPolling() {
    clearInterval(this.polling);
    this.polling = 0;
  }

  async poll() {
    try {
      const answer = await fetch(`${this.data.jsonUrl}?after=${this.n}`, { signal: AbortSignal.timeout(10_000) });
      if (!answer.ok || !this.polling) return;
      const room = await answer.json();
      const time = Number(answer.headers.get("room-time-us") ?? 0);
      const age = Number(answer.headers.get("age") ?? 0);
      if (time) this.clock.read(time + age * 1_000_000, null);
      if (!room.complete) this.log.clear();
      this.advance(room, room.log);
      this.showLine("polling");
    } catch {
      this.showLine("reconnecting");
    }
  }
}

for (const section of document.querySelectorAll("[data-room]")) new RoomPage(section);
