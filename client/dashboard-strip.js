// The small pictures of the health strip, and the timeline that is scrubbed: what history tells, drawn once a second.
import { SPAN_S, extent } from "./dashboard-history.js";
import { Surface } from "./dashboard-surface.js";

const JOINED_S = 5; // further apart, what was between is unknown

/** Five minutes of one number. `ink` names a colour of the style sheet. */
export class Spark {
  #surface;
  #name;
  #ink;
  #floor;

  constructor(canvas, name, { ink = "live", floor = 0 } = {}) {
    this.#surface = new Surface(canvas, 5e5);
    this.#name = name;
    this.#ink = ink;
    this.#floor = floor;
  }

  refresh() {
    this.#surface.refresh();
  }

  draw(history, at) {
    const surface = this.#surface.begin();
    const { pen, width, height, em } = surface;
    const values = history.series(this.#name, at);
    if (width < 8) return;
    pen.fillStyle = surface.line;
    pen.fillRect(0, height - em / 8, width, 1);
    const known = extent(values);
    if (!known) return;
    const top = Math.max(known[1], this.#floor, 1e-9);
    const x = (index) => ((index + 0.5) / values.length) * (width - em / 2);
    const y = (value) => height - em / 6 - (value / top) * (height - em / 2);
    pen.strokeStyle = pen.fillStyle = surface.colour(this.#ink);
    pen.lineWidth = em / 9;
    const runs = [];
    let before = -Infinity;
    values.forEach((value, index) => {
      if (value === undefined) return;
      if (index - before > JOINED_S) runs.push([]);
      before = index;
      runs[runs.length - 1].push([x(index), y(value)]);
    });
    for (const run of runs) {
      pen.beginPath();
      for (const point of run) pen.lineTo(...point);
      pen.globalAlpha = 1;
      pen.stroke();
      pen.lineTo(run[run.length - 1][0], height);
      pen.lineTo(run[0][0], height);
      pen.globalAlpha = 0.14;
      pen.fill();
    }
    pen.globalAlpha = 1;
    if (runs.length === 0) return;
    const [endX, endY] = runs.pop().pop();
    pen.beginPath();
    pen.arc(endX, endY, em / 5, 0, 2 * Math.PI);
    pen.fill();
  }
}

// The looks of the bits of `marks`: rewards, errors, gaps, reconnects.
const MARKS = [
  [1, "ember"],
  [2, "down"],
  [4, "wait"],
  [8, "council"],
];

const STATES = { live: "live", closed: "down", refused: "down", idle: "line", suspended: "line" }; // the others wait

/** The energy of the whole recording, the state of the line below it, and what happened. */
export class Timeline {
  #surface;

  constructor(canvas) {
    this.#surface = new Surface(canvas, 1e6);
  }

  refresh() {
    this.#surface.refresh();
  }

  /** From `from` to `to`, in milliseconds; `at` is the moment that is shown. */
  draw(history, from, to, at) {
    const surface = this.#surface.begin();
    const { pen, width, height, em } = surface;
    if (width < 8) return;
    const spanS = Math.max(1, Math.ceil((to - from) / 1000));
    const count = Math.min(SPAN_S, spanS);
    const energy = history.series("energy", to, count, spanS);
    const marks = history.series("marks", to + 1000, count, spanS);
    const states = history.series("state", to, count, spanS);
    const foot = height - em / 2;
    const x = (index) => (index / count) * width;
    pen.fillStyle = surface.line;
    pen.fillRect(0, foot, width, 1);
    states.forEach((state, index) => {
      if (state === undefined) return;
      pen.fillStyle = surface.colour(STATES[state] ?? "wait");
      pen.fillRect(x(index), foot, width / count + 0.5, em / 5);
    });
    pen.fillStyle = surface.colour("ember");
    const shownUpTo = ((at - from) / Math.max(1, to - from)) * width;
    const bar = Math.max(1, width / count - 1);
    energy.forEach((value, index) => {
      if (value === undefined) return;
      pen.globalAlpha = x(index) <= shownUpTo ? 0.6 : 0.25;
      const size = Math.max(1, value * (foot - em / 2));
      pen.fillRect(x(index), foot - size, bar, size);
    });
    pen.globalAlpha = 1;
    marks.forEach((bits, index) => {
      for (const [bit, ink] of MARKS) {
        if (!(bits & bit)) continue;
        pen.fillStyle = surface.colour(ink);
        pen.beginPath();
        pen.arc(x(index + 0.5), foot + em / 10, em / 3.4, 0, 2 * Math.PI);
        pen.fill();
      }
    });
  }
}
