// The energy fields as they may be shown: positions brought to 0...1, strengths to 0...1, and nothing that flashes more than
// three times a second, whatever a server sends. Pure: times are passed in.

const SWING = 0.1; // of the full brightness: a change by less is no flash
const GATE_MS = 172; // so that what goes up and down goes up at most three times a second
const SAME_MS = 6; // events this close belong to one picture
const NEAR = 0.08; // of the field's width: as far as a point may go in one step
const KEPT_FIELDS = 12;
const MOST_POINTS = 400; // more are thinned out

/** Opens at most six times a second, and then for all: nothing may turn round or leap but when it opens. */
export class Gate {
  at = -Infinity;

  allows(now) {
    if (now >= this.at && now < this.at + SAME_MS) return true;
    if (now >= this.at && now < this.at + GATE_MS) return false;
    this.at = now;
    return true;
  }
}

/** A brightness that follows what is wanted, but waits for the gate where it would turn round. */
export const newCalm = () => ({ value: 0, peak: 0, way: 1 });

export function follow(calm, wanted, now, gate) {
  const back = (calm.peak - wanted) * calm.way;
  if (back >= SWING) {
    if (!gate.allows(now)) return calm.value;
    calm.way = -calm.way;
  }
  if (back <= 0 || back >= SWING) calm.peak = wanted;
  calm.value = wanted;
  return calm.value;
}

/** One model's field. `points` is flat: x, y, strength, x, y, strength ... */
class Field {
  type = "";
  at = 0;
  frame = 0;
  points = new Float32Array(0);
  calm = newCalm();
  #top = 0; // the most energy of a point, lately

  clone() {
    const copy = Object.assign(new Field(), this, { calm: { ...this.calm } });
    copy.#top = this.#top;
    return copy;
  }

  get intensity() {
    return this.calm.value;
  }

  /** Where it is strongest, as [x, y]. */
  get centre() {
    let [x, y, sum] = [0, 0, 0];
    const { points } = this;
    for (let at = 0; at < points.length; at += 3) {
      const weight = points[at + 2] + 0.01;
      x += points[at] * weight;
      y += points[at + 1] * weight;
      sum += weight;
    }
    return sum > 0 ? [x / sum, y / sum] : [0.5, 0.5];
  }

  take(type, intensity, points, frame, now, gate) {
    this.at = now;
    this.frame = frame;
    let highest = 0;
    for (let at = 2; at < points.length; at += 3) highest = Math.max(highest, points[at]);
    this.#top = Math.max(highest, this.#top * 0.99, 1e-9);
    for (let at = 2; at < points.length; at += 3) points[at] /= this.#top;
    follow(this.calm, points.length > 0 ? intensity : 0, now, gate);
    if (points.length === 0) return; // it fades where it was
    if ((type !== this.type || isLeap(this.points, points)) && !gate.allows(now)) return;
    this.type = type;
    this.points = points;
  }
}

// True when the picture changes all at once: in brightness, or because most points are where none was.
function isLeap(before, after) {
  if (before.length === 0) return true;
  if (Math.abs(meanStrength(before) - meanStrength(after)) >= SWING) return true;
  return unmatchedShare(before, after) > 0.2 || unmatchedShare(after, before) > 0.2;
}

function meanStrength(points) {
  let sum = 0;
  for (let at = 2; at < points.length; at += 3) sum += points[at];
  return (sum * 3) / points.length;
}

// The share of `some` that has none of `others` near.
function unmatchedShare(some, others) {
  const step = 3 * Math.ceil(some.length / 3 / 64); // a sample is enough
  let [unmatched, seen] = [0, 0];
  for (let at = 0; at < some.length; at += step) {
    seen += 1;
    let isNear = Math.hypot(some[at] - others[at], some[at + 1] - others[at + 1]) < NEAR;
    for (let other = 0; !isNear && other < others.length; other += 3)
      isNear = Math.abs(some[at] - others[other]) < NEAR && Math.abs(some[at + 1] - others[other + 1]) < NEAR;
    if (!isNear) unmatched += 1;
  }
  return unmatched / seen;
}

/** [lowest, highest] of a scale that holds both: 0...1 where that is enough, else -1...1, else 1, 2, 5, 10 ... either way. */
export function rangeOf(lowest, highest) {
  const most = Math.max(-lowest, highest);
  const reach = most <= 1 ? 1 : [1, 2, 5, 10].map((step) => step * 10 ** Math.floor(Math.log10(most))).find((end) => end >= most);
  return [lowest < 0 ? -reach : 0, reach];
}

/** All fields: a model has one of each type at most, the newest. */
export class Fields {
  #fields = new Map(); // modelId -> Field
  #spread = [0, 1, 0, 1]; // of all coordinates so far: x from, x to, y from, y to

  clone() {
    const copy = new Fields();
    copy.#spread = this.#spread;
    for (const [id, field] of this.#fields) copy.#fields.set(id, field.clone());
    return copy;
  }

  get all() {
    return this.#fields;
  }

  /** Takes an energy_field whose coordinates are flat: x, y, energy, ... */
  take({ frameNumber, payload }, now, gate) {
    const { modelId, fieldType, intensity, coordinates } = payload;
    let field = this.#fields.get(modelId);
    if (!field) {
      this.#fields.set(modelId, (field = new Field()));
      if (this.#fields.size > KEPT_FIELDS) this.#fields.delete(this.#fields.keys().next().value);
    }
    field.take(fieldType, intensity, this.#placed(coordinates), frameNumber, now, gate);
  }

  #placed(coordinates) {
    let [left, right, top, bottom] = this.#spread;
    for (let at = 0; at < coordinates.length; at += 3) {
      left = Math.min(left, coordinates[at]);
      right = Math.max(right, coordinates[at]);
      top = Math.min(top, coordinates[at + 1]);
      bottom = Math.max(bottom, coordinates[at + 1]);
    }
    this.#spread = [left, right, top, bottom];
    const [x0, x1] = rangeOf(left, right);
    const [y0, y1] = rangeOf(top, bottom);
    const count = coordinates.length / 3;
    const step = 3 * Math.max(1, Math.ceil(count / MOST_POINTS));
    const placed = new Float32Array(3 * Math.ceil(coordinates.length / step));
    for (let from = 0, to = 0; from < coordinates.length; from += step, to += 3) {
      placed[to] = (coordinates[from] - x0) / (x1 - x0);
      placed[to + 1] = (coordinates[from + 1] - y0) / (y1 - y0);
      placed[to + 2] = coordinates[from + 2];
    }
    return placed;
  }
}
