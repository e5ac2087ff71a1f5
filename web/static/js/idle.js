// Says that the session is about to end, and lets the visitor stay. The site alone knows when it ends: this module asks it, and only
// keeps the time between. What was typed stays on the page, also after the end.
const WARN_S = 300;
const MARKS_S = [120, 60, 30]; // spoken again at these
const SLACK_S = 2;
const LONGEST_S = 3600;

const bar = document.querySelector("[data-idle]");
const part = (name) => bar.querySelector(`[data-idle-part="${name}"]`);
let endsAt = 0;
let mayExtend = true;
let marks = [];
let timer = 0;

const left = () => Math.round((endsAt - Date.now()) / 1000);
const minutes = (seconds) => Math.max(1, Math.ceil(seconds / 60));

function wait(seconds, then) {
  clearTimeout(timer);
  timer = setTimeout(then, Math.min(Math.max(seconds, 1), LONGEST_S) * 1000);
}

function say(text) {
  bar.hidden = false;
  part("said").textContent = text;
}

function warn() {
  const seconds = left();
  if (seconds <= 0) {
    ask();
    return;
  }
  say(bar.dataset[mayExtend ? "soon" : "last"].replace("{minutes}", minutes(seconds)));
  part("stay").hidden = !mayExtend;
  marks = marks.filter((mark) => mark < seconds);
  wait(seconds - (marks[0] ?? 0) + (marks.length ? 0 : SLACK_S), marks.length ? warn : ask);
}

function keep(told) {
  endsAt = Date.now() + told.left_s * 1000;
  mayExtend = told.may_extend;
  if (told.left_s > WARN_S) {
    bar.hidden = true;
    part("said").textContent = "";
    wait(told.left_s - WARN_S, ask);
    return;
  }
  marks = [...MARKS_S];
  warn();
}

function over() {
  clearTimeout(timer);
  say(bar.dataset.over);
  part("stay").hidden = true;
  part("enter").hidden = false;
}

async function ask(options = {}) {
  try {
    const answer = await fetch(options.method ? "/account/session/extend" : "/account/session", { headers: { accept: "application/json" }, ...options });
    if (answer.status === 401) over();
    else if (answer.ok) keep(await answer.json());
    else wait(30, ask);
  } catch {
    wait(30, ask); // no line: nothing is known, so nothing is said
  }
}

if (bar) {
  part("stay").addEventListener("submit", (event) => {
    event.preventDefault();
    ask({ method: "POST", body: new URLSearchParams(new FormData(event.currentTarget)) });
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && left() <= WARN_S) ask();
  });
  keep({ left_s: Number(bar.dataset.idle), may_extend: true });
}
