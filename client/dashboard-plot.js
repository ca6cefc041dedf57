// The plot of the dashboard: energy per tick over the last ten seconds, a line for each model. `add` only stores; `draw`
// paints the newest. Its memory is bounded, so that a page left open in a hidden tab does not grow.

import { Surface } from "./dashboard-surface.js";

export const SPAN_MS = 10000; // across the plot
const FRAME_MS = 1000 / 60;
const BREAK_MS = 250; // further apart, two points are not joined: what was between is unknown
const KEPT_POINTS = 2 * (SPAN_MS / FRAME_MS);
const KEPT_MODELS = 12;

/** The lines: what came, by model, on the page's own clock. No canvas, no document. */
export class EnergyLines {
  #models = new Map(); // modelId -> { points: [{ at, value }], total, frame, ink }
  #zero = 0; // when frame 0 would have been made

  get models() {
    return this.#models;
  }

  /** A copy that goes its own way; points themselves never change and are shared. */
  clone() {
    const copy = new EnergyLines();
    copy.#zero = this.#zero;
    for (const [id, model] of this.#models) copy.#models.set(id, { ...model, points: model.points.slice() });
    return copy;
  }

  /** Takes an energy_update that arrived at `now`. */
  add({ frameNumber, payload }, now) {
    const { modelId, deltaEnergy, totalEnergy } = payload;
    const model = this.#models.get(modelId) ?? this.#join(modelId);
    const before = model.points[model.points.length - 1];
    const value = before ? perTick(deltaEnergy, frameNumber - model.frame, before.value) : deltaEnergy;
    model.frame = frameNumber;
    model.total = totalEnergy;
    const at = this.#momentOf(frameNumber, now);
    model.points.push({ at: before ? Math.max(at, before.at) : at, value }); // a line never goes back
    if (model.points.length > KEPT_POINTS) model.points.splice(0, KEPT_POINTS / 2);
  }

  /** Energy per tick of a model, while it is heard of. */
  level(model, now) {
    const last = model.points[model.points.length - 1];
    return last && now - last.at < 1000 ? last.value : 0;
  }

  /** The points in sight, and one before them, in runs that may be drawn as one line each. */
  runs(model, now) {
    const { points } = model;
    let first = points.length;
    while (first > 0 && points[first - 1].at >= now - SPAN_MS) first -= 1;
    const runs = [];
    for (let index = Math.max(0, first - 1); index < points.length; index += 1) {
      const isJoined = index > 0 && points[index].at - points[index - 1].at < BREAK_MS;
      if (isJoined && runs.length > 0) runs[runs.length - 1].push(points[index]);
      else runs.push([points[index]]);
    }
    return runs;
  }

  #join(modelId) {
    const taken = new Set([...this.#models.values()].map((model) => model.ink));
    let ink = 0;
    while (taken.has(ink)) ink += 1;
    const model = { points: [], total: 0, frame: undefined, ink };
    this.#models.set(modelId, model);
    if (this.#models.size > KEPT_MODELS) this.#models.delete(this.#models.keys().next().value);
    return model;
  }

  // When a frame was made, by its number: so the jitter of arrival does not bend the line. The clock follows the mean of the
  // arrivals; after a pause or a restart of the server it is set anew.
  #momentOf(frameNumber, now) {
    const late = now - (this.#zero + frameNumber * FRAME_MS);
    this.#zero += Math.abs(late) > BREAK_MS ? late : late * 0.02;
    return this.#zero + frameNumber * FRAME_MS;
  }
}

// Frame numbers leap when the server missed ticks (deltaEnergy is that of one tick) and when frames were merged on their way to
// us (it is the sum of all). Nothing on the wire says which: what continues the line better is taken.
function perTick(deltaEnergy, ticks, before) {
  const share = deltaEnergy / Math.max(1, ticks);
  return Math.abs(share - before) < Math.abs(deltaEnergy - before) ? share : deltaEnergy;
}

/** The next of 1, 2, 5, 10, 20 ... that is not below `value`. */
export function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value * 0.999999);
}

/** Draws EnergyLines on a canvas. Colours and sizes are the page's, read anew after `refresh()`. */
export class EnergyPlot {
  #surface;
  #top = 1; // where the scale is going to
  #shownTop = 1;
  #bottom = 0;

  constructor(canvas) {
    this.#surface = new Surface(canvas);
  }

  /** Size, colours or fonts have changed. */
  refresh() {
    this.#surface.refresh();
  }

  draw(lines, now) {
    const surface = this.#surface.begin();
    const { pen, width, height, em, quiet, line } = surface;
    if (width < 8 || height < 8) return;
    const runs = [...lines.models.values()].map((model) => ({
      ink: surface.ink(model.ink),
      runs: lines.runs(model, now),
    }));
    this.#scale(runs);
    const foot = height - 1.7 * em;
    const right = width - 1.47 * em;
    const head = 1.6 * em;
    const x = (at) => right - ((now - at) / SPAN_MS) * right;
    const y = (value) => foot - ((value - this.#bottom) / (this.#shownTop - this.#bottom)) * (foot - head);

    const step = this.#top / 2;
    const marks = [];
    for (let value = Math.ceil(this.#bottom / step) * step; value <= this.#shownTop * 1.001; value += step)
      marks.push(value);
    pen.strokeStyle = line;
    pen.lineWidth = em / 14;
    pen.beginPath();
    for (const value of marks) {
      pen.moveTo(0, y(value));
      pen.lineTo(width, y(value));
    }
    pen.stroke();
    for (const each of runs) {
      for (const run of each.runs) this.#drawRun(run, each.ink, x, y, runs.length);
      if (each.runs.length > 0) this.#drawHead(each.runs.pop().pop(), each.ink, x, y);
    }
    pen.fillStyle = quiet;
    pen.strokeStyle = surface.panel;
    pen.lineWidth = em / 3;
    const write = (text, at, height, align) => {
      pen.textAlign = align;
      pen.strokeText(text, at, height); // ground around it, so that it is read on the lines
      pen.fillText(text, at, height);
    };
    const left = 1.47 * em; // where the page's own texts begin
    for (const value of marks)
      if (value !== 0) write(String(Number(value.toPrecision(3))), left, y(value) - 0.4 * em, "left");
    write("10 s ago", left, height - 0.5 * em, "left");
    write("5 s ago", right / 2, height - 0.5 * em, "center");
    write("now", width - left, height - 0.5 * em, "right");
  }

  #drawRun(run, ink, x, y, crowd) {
    const { pen, em } = this.#surface;
    const last = run[run.length - 1];
    const ground = y(0);
    pen.beginPath();
    pen.moveTo(x(run[0].at), y(run[0].value));
    for (const point of run) pen.lineTo(x(point.at), y(point.value));
    pen.strokeStyle = ink;
    pen.lineWidth = em / 7;
    pen.lineJoin = "round";
    pen.stroke();
    // Several fills would mix to mud: the more lines there are, the fainter what is below each.
    const glow = pen.createLinearGradient(0, y(this.#shownTop), 0, ground);
    glow.addColorStop(0, ink + (crowd > 1 ? "38" : "73"));
    glow.addColorStop(1, `${ink}00`);
    pen.lineTo(x(last.at), ground);
    pen.lineTo(x(run[0].at), ground);
    pen.fillStyle = glow;
    pen.fill();
  }

  #drawHead(last, ink, x, y) {
    const { pen, em } = this.#surface;
    pen.fillStyle = ink;
    for (const [radius, alpha] of [
      [0.75, 0.22],
      [0.32, 1],
    ]) {
      pen.globalAlpha = alpha;
      pen.beginPath();
      pen.arc(x(last.at), y(last.value), radius * em, 0, 2 * Math.PI);
      pen.fill();
    }
    pen.globalAlpha = 1;
  }

  // 0...1 is what energy is mostly given in; beyond that the scale goes up at once and comes down late, gliding either way.
  #scale(all) {
    let highest = 0;
    let lowest = 0;
    for (const { runs } of all) {
      for (const run of runs) {
        for (const { value } of run) {
          highest = Math.max(highest, value);
          lowest = Math.min(lowest, value);
        }
      }
    }
    const wanted = roundUp(Math.max(1, highest));
    if (wanted > this.#top || wanted * 4 < this.#top) this.#top = wanted;
    const rest = this.#top - this.#shownTop;
    this.#shownTop = Math.abs(rest) < this.#top / 500 ? this.#top : this.#shownTop + rest * 0.15;
    this.#bottom = lowest < 0 ? -roundUp(-lowest) : 0;
  }
}
