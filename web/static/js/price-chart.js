// The chart of a room's prices, drawn anew as bids come in: the same picture as web/pages/public/price_chart.py makes.

import { figures } from "../room.js";

const WIDTH = 1000n;
const TOP = 12n;
const HEIGHT = 200n;
const DRAW_MS = 250; // not more often: nobody sees more, and a storm leaves the page its time

/** Paths of SVG for accepted bids in any order; null while there is none. Whole numbers throughout, as in the page. */
export function priceChart(bids) {
  if (!bids.length) return null;
  const rising = [...bids].sort((a, b) => a.n - b.n);
  const count = BigInt(rising.length);
  const low = BigInt(rising[0].price_fen);
  const high = BigInt(rising.at(-1).price_fen);
  const across = (index) => (BigInt(index) * WIDTH) / count;
  const down = (fen) => TOP + HEIGHT - (high > low ? ((BigInt(fen) - low) * HEIGHT) / (high - low) : 0n);
  let path = "";
  let extensions = "";
  rising.forEach((bid, index) => {
    const x = across(index);
    path += index ? `H${x}V${down(bid.price_fen)}` : `M${x} ${down(bid.price_fen)}`;
    if (bid.extended) extensions += `M${x} 0V${HEIGHT + 2n * TOP}`;
  });
  return { path: `${path}H${WIDTH}`, extensions, low: Number(low), high: Number(high), count: rising.length };
}

class LiveChart {
  constructor(figure) {
    this.figure = figure;
    this.drawnAt = -DRAW_MS;
    this.timer = 0;
    this.bids = () => [];
  }

  /** Draw soon; of several calls in a row the last one counts. */
  take(bids) {
    this.bids = bids;
    if (this.timer) return;
    const wait = Math.max(0, this.drawnAt + DRAW_MS - performance.now());
    this.timer = setTimeout(() => requestAnimationFrame(() => this.draw()), wait);
  }

  draw() {
    this.timer = 0;
    this.drawnAt = performance.now();
    const chart = priceChart(this.bids());
    if (!chart) return;
    const part = (name) => this.figure.querySelector(`[data-chart="${name}"]`);
    part("path").setAttribute("d", chart.path);
    part("extensions").setAttribute("d", chart.extensions);
    part("low").textContent = figures(chart.low);
    part("high").textContent = figures(chart.high);
    part("count").textContent = String(chart.count);
    this.figure.hidden = false;
  }
}

for (const figure of document.querySelectorAll("[data-price-chart]")) {
  const chart = new LiveChart(figure);
  document.addEventListener("room:state", (event) => chart.take(event.detail.bids));
}
