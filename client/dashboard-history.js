// The health of the line over five minutes, second by second, for the strip and for the timeline. Pure: no clock, no document.

export const SPAN_S = 300;
const COUNTED = ["skipped", "gaps", "reconnects", "errors"]; // these only grow

/** One entry a second; what was not heard of stays undefined. */
export class History {
  #seconds = []; // { second, frames, energy, delay, jitter, skipped, gaps, reconnects, errors, coherence, state, marks }
  #keptSeconds;
  #frame;

  constructor(keepMs = Infinity) {
    this.#keptSeconds = keepMs / 1000 + SPAN_S;
  }

  get seconds() {
    return this.#seconds;
  }

  /** Counts an event that came at `at`; `scene` has taken it. */
  take({ type, frameNumber, payload }, at, scene) {
    const now = this.#at(at);
    if (type === "energy_update") {
      if (frameNumber !== this.#frame) now.frames += 1; // several models share a frame
      this.#frame = frameNumber;
      now.energy = Math.max(now.energy ?? 0, scene.levels.get(payload.modelId)?.calm.value ?? 0);
    } else if (type === "interference_event") {
      now.coherence = payload.coherenceScore;
    } else if (type === "reward_event") {
      now.marks |= 1;
    } else if (type === "error_event") {
      now.marks |= payload.code.startsWith("RESUME_") ? 4 : payload.severity === "info" ? 0 : 2;
      now.errors = scene.errors;
    }
  }

  /** The client's statistics of the connection. */
  sample(at, values) {
    const { now, before } = { now: this.#at(at), before: this.#seconds[this.#seconds.length - 2] };
    if (before && values.reconnects > (before.reconnects ?? 0)) now.marks |= 8;
    Object.assign(now, values);
  }

  #at(at) {
    const second = Math.floor(at / 1000);
    const last = this.#seconds[this.#seconds.length - 1];
    if (last && last.second >= second) return last;
    const next = { second, frames: 0, marks: 0 };
    for (const name of COUNTED) next[name] = last?.[name];
    this.#seconds.push(next);
    if (this.#seconds[0].second < second - this.#keptSeconds) this.#seconds.splice(0, 60);
    return next;
  }

  /** The entry of a moment, or the last before it. */
  entry(at) {
    return this.#seconds[this.#indexOf(Math.floor(at / 1000))];
  }

  #indexOf(second) {
    let [low, high] = [0, this.#seconds.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#seconds[middle].second <= second) low = middle;
      else high = middle;
    }
    return low;
  }

  /**
   * `name` over `count` steps of equal length that end with the moment `at`; undefined where nothing is known. Counts are given
   * as what was added in the step. The second that is not over yet is left out, for it would always look bad.
   */
  series(name, at, count = SPAN_S, spanS = SPAN_S) {
    const values = new Array(count).fill(undefined);
    const end = Math.floor(at / 1000);
    const isCount = COUNTED.includes(name);
    for (let index = this.#indexOf(end); index >= 0; index -= 1) {
      const entry = this.#seconds[index];
      if (!entry || entry.second <= end - spanS - 1) break;
      if (entry.second >= end) continue;
      const step = Math.floor(((entry.second - (end - spanS)) * count) / spanS);
      if (step < 0) break;
      const value = isCount ? (entry[name] ?? 0) - (this.#seconds[index - 1]?.[name] ?? 0) : entry[name];
      if (name === "marks") values[step] = value ? values[step] | value : values[step];
      else if (typeof value === "string") values[step] ??= value; // the newest of the step
      else if (value !== undefined) values[step] = isCount ? value + (values[step] ?? 0) : Math.max(value, values[step] ?? value);
    }
    return values;
  }
}

/** Lowest and highest of what is known, or nothing. */
export function extent(values) {
  let [lowest, highest] = [Infinity, -Infinity];
  for (const value of values) {
    if (value === undefined) continue;
    lowest = Math.min(lowest, value);
    highest = Math.max(highest, value);
  }
  return lowest <= highest ? [lowest, highest] : undefined;
}
