// A recording: events with the times at which they came, and scenes in between from which any moment is reached again. The
// page's own is a ring of the last minutes; a journal file is read into one that keeps everything. Pure: no clock, no file.
import { History } from "./dashboard-history.js";
import { Scene, compact } from "./dashboard-scene.js";

const KEY_MS = 5000; // between two kept scenes

/** Times are milliseconds on one clock that never goes back. */
export class Recording {
  scene = new Scene(); // as of the newest event
  history;
  #events = []; // { event, at, cost }
  #gone = 0; // events that were dropped: an index counts them
  #keys = []; // { scene, at, index }: the scene before the event at `index`
  #cost = 0;
  #keepMs;
  #keepBytes;

  /** Keeps what is younger than `keepMs` and at most `keepBytes`, as far as can be told. */
  constructor({ keepMs = Infinity, keepBytes = Infinity } = {}) {
    this.#keepMs = keepMs;
    this.#keepBytes = keepBytes;
    this.history = new History(keepMs);
  }

  get from() {
    return this.#events[0]?.at ?? 0;
  }
  get to() {
    return this.#events[this.#events.length - 1]?.at ?? 0;
  }
  get length() {
    return this.#events.length;
  }
  get cost() {
    return this.#cost;
  }

  add(event, at) {
    const small = compact(event);
    const cost = costOf(small);
    if (at - (this.#keys[this.#keys.length - 1]?.at ?? -Infinity) >= KEY_MS)
      this.#keys.push({ scene: this.scene.clone(), at, index: this.#gone + this.#events.length });
    this.#events.push({ event: small, at, cost });
    this.#cost += cost;
    this.scene.apply(small, at);
    this.history.take(small, at, this.scene);
    this.#forget(at);
  }

  // Whole stretches at a time: from one kept scene to the next.
  #forget(now) {
    while (this.#keys.length > 1 && (this.#keys[1].at < now - this.#keepMs || this.#cost > this.#keepBytes)) {
      const count = this.#keys[1].index - this.#gone;
      for (const { cost } of this.#events.splice(0, count)) this.#cost -= cost;
      this.#gone += count;
      this.#keys.shift();
    }
  }

  /** The kept scene at or before `at`, and what comes after it. */
  nearest(at) {
    let low = 0;
    for (let high = this.#keys.length; high - low > 1; ) {
      const middle = (low + high) >> 1;
      if (this.#keys[middle].at <= at) low = middle;
      else high = middle;
    }
    const key = this.#keys[low];
    return key ? { scene: key.scene.clone(), index: key.index } : { scene: new Scene(), index: this.#gone };
  }

  /** Applies what came up to `at` from `index` on, and returns the next index; undefined where that is not kept any more. */
  replay(scene, index, at) {
    if (index < this.#gone) return undefined;
    let next = index - this.#gone;
    for (; next < this.#events.length && this.#events[next].at <= at; next += 1)
      scene.apply(this.#events[next].event, this.#events[next].at);
    return next + this.#gone;
  }
}

// Bytes, roughly: an event's objects, and what varies.
function costOf({ type, payload }) {
  if (type === "energy_field") return 360 + payload.coordinates.length * 4;
  if (type === "token_stream") return 260 + payload.tokens.reduce((sum, token) => sum + 24 + token.length, 0);
  if (type === "error_event") return 600 + 2 * JSON.stringify(payload).length;
  return 260;
}

/** The scene that is shown: the live end of the page's recording, or a moment of it or of a journal, held or playing. */
export class Player {
  speed = 1;
  #own;
  #journal = null;
  #mode = "live"; // live, held, playing
  #at = 0;
  #begun = { now: 0, at: 0 };
  #scene = null;
  #index = 0;
  #isMoved = false;

  constructor(own) {
    this.#own = own;
  }

  get mode() {
    return this.#mode;
  }
  get recording() {
    return this.#journal ?? this.#own;
  }
  get isJournal() {
    return this.#journal !== null;
  }
  /** The moment that is shown. */
  get at() {
    return this.#mode === "live" ? this.#own.to : this.#at;
  }
  get scene() {
    return this.#mode === "live" ? this.#own.scene : this.#scene;
  }

  hold() {
    if (this.#mode === "live") this.seek(this.#own.to);
    this.#mode = "held";
  }

  /** Goes on from where it is held; at the end of a journal, from its beginning. */
  play(now) {
    if (this.#mode === "live") return;
    if (this.#at >= this.recording.to) {
      if (!this.#journal) return this.goLive();
      this.seek(this.recording.from);
    }
    this.#mode = "playing";
    this.#begun = { now, at: this.#at };
  }

  /** Shows the moment nearest to `at` that is recorded, and stays there, or goes on from there where it was running. */
  seek(at, now) {
    const { recording } = this;
    this.#at = Math.min(Math.max(at, recording.from), recording.to);
    this.#begun = { now, at: this.#at };
    if (this.#mode !== "playing" || now === undefined) this.#mode = "held";
    const { scene, index } = recording.nearest(this.#at);
    this.#scene = scene;
    this.#index = recording.replay(scene, index, this.#at);
    this.#isMoved = true;
  }

  setSpeed(speed, now) {
    this.speed = speed;
    this.#begun = { now, at: this.#at };
  }

  goLive() {
    this.#journal = null;
    this.#mode = "live";
    this.#scene = null;
    this.#isMoved = true;
  }

  /** Shows a journal from its beginning, held. */
  open(journal) {
    this.#journal = journal;
    this.#mode = "held";
    this.seek(journal.from);
  }

  /** Moves on to `now`; true when something else is to be seen since the last time. In live mode only the caller knows. */
  advance(now) {
    let isChanged = this.#isMoved;
    this.#isMoved = false;
    if (this.#mode !== "playing") return isChanged;
    const { recording } = this;
    const at = this.#begun.at + (now - this.#begun.now) * this.speed;
    if (at >= recording.to && !this.#journal) {
      this.goLive();
      return this.advance(now);
    }
    this.#at = Math.max(recording.from, Math.min(at, recording.to));
    const next = recording.replay(this.#scene, this.#index, this.#at);
    if (next === undefined) {
      this.seek(this.#at, now); // it fell out of the ring
      return this.advance(now);
    }
    isChanged ||= next !== this.#index;
    this.#index = next;
    if (at >= recording.to) this.#mode = "held";
    return isChanged || this.#mode === "held";
  }
}
