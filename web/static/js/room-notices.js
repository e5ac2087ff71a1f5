// Being outbid, told also by a sound and by a notification of the browser, where the bidder switched them on.
// Both are kept on this device only. What is told holds an amount and the lot's title, nothing about a person.

const TONES = [[880, 0], [660, 0.18]]; // Hertz, and the second in which each begins
const TONE_S = 0.15;
const LOUDNESS = 0.2;

class Notices {
  constructor(section) {
    this.section = section;
    this.sound = section.querySelector('[data-notice="sound"]');
    this.push = section.querySelector('[data-notice="push"]');
    this.said = section.querySelector("[data-notice-denied]");
    this.audio = null;
    this.sound?.addEventListener("change", () => this.soundChanged());
    this.push?.addEventListener("change", () => this.pushChanged());
    this.restore();
    section.addEventListener("room:outbid", (event) => this.outbid(event.detail.text));
  }

  restore() {
    if (this.sound) this.sound.checked = kept("sound");
    if (this.push) this.push.checked = kept("push") && "Notification" in window && Notification.permission === "granted";
    // A browser plays nothing before somebody has touched the page.
    document.addEventListener("pointerdown", () => this.sound?.checked && this.listen(), { once: true });
  }

  listen() {
    this.audio ??= new AudioContext();
    if (this.audio.state === "suspended") this.audio.resume();
  }

  soundChanged() {
    keep("sound", this.sound.checked);
    if (!this.sound.checked) return;
    this.listen();
    this.play(); // so that everybody hears once what it sounds like
  }

  async pushChanged() {
    const wanted = this.push.checked;
    const granted = wanted && "Notification" in window && (await Notification.requestPermission()) === "granted";
    this.push.checked = granted;
    if (this.said) this.said.hidden = !wanted || granted;
    keep("push", granted);
  }

  outbid(text) {
    if (this.sound?.checked) this.play();
    if (!this.push?.checked || !document.hidden) return;
    const title = this.section.dataset.noticeTitle ?? document.title;
    const notice = new Notification(title, { body: text, tag: this.section.dataset.lot });
    notice.addEventListener("click", () => {
      window.focus();
      notice.close();
    });
  }

  play() {
    if (!this.audio || this.audio.state !== "running") return;
    for (const [hertz, after] of TONES) {
      const tone = new OscillatorNode(this.audio, { frequency: hertz });
      const volume = new GainNode(this.audio, { gain: LOUDNESS });
      tone.connect(volume).connect(this.audio.destination);
      tone.start(this.audio.currentTime + after);
      tone.stop(this.audio.currentTime + after + TONE_S);
    }
    this.section.dispatchEvent(new CustomEvent("room:sounded"));
  }
}

function kept(name) {
  try {
    return localStorage.getItem(`fapai-notice-${name}`) === "on";
  } catch {
    return false; // no storage: it is asked for on each visit
  }
}

function keep(name, on) {
  try {
    localStorage.setItem(`fapai-notice-${name}`, on ? "on" : "off");
  } catch {
    // No storage: see above.
  }
}

for (const section of document.querySelectorAll("[data-room]")) new Notices(section);
