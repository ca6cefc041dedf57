// Reads a journal: one event a line, as on the wire. A line that is no event is counted and left out, so that no file can
// break the page. Pure.

const isNumber = Number.isFinite;
const isText = (value) => typeof value === "string";
const areTexts = (value) => Array.isArray(value) && value.every(isText);
const isShare = (value) => isNumber(value) && value >= 0 && value <= 1;
const arePoints = (value) => Array.isArray(value) && value.every((at) => isNumber(at?.x) && isNumber(at?.y) && isNumber(at?.energy));

// The members that the page needs, of the types that it shows. Another type is a newer server's: it is kept, and shown nowhere.
const NEEDED = {
  startup_complete: { model: isText, tier: isText, version: isText },
  heartbeat: { serverTime: isNumber },
  energy_update: { modelId: isText, totalEnergy: isNumber, deltaEnergy: isNumber },
  energy_field: { modelId: isText, fieldType: isText, intensity: isShare, coordinates: arePoints },
  token_stream: { sessionId: isText, modelId: isText, tokens: areTexts },
  interference_event: { patternType: isText, models: areTexts, intensity: isShare, coherenceScore: isShare },
  resonance_event: { resonanceType: isText, frequency: isNumber, amplitude: isShare, participants: areTexts },
  reward_event: { rewardType: isText, title: isText, points: isNumber },
  error_event: { severity: isText, code: isText, message: isText, component: isText },
};

function isEvent(event) {
  if (!isText(event?.type) || !isText(event.channel) || !isNumber(event.timestamp) || !event.payload) return false;
  const needed = Object.hasOwn(NEEDED, event.type) ? NEEDED[event.type] : {};
  if (event.channel === "energy" && !isNumber(event.frameNumber)) return false;
  return Object.entries(needed).every(([name, fits]) => fits(event.payload[name]));
}

/** From an address's query: `?max-pause=SECONDS`, or `none`; undefined without it. */
export function maxPauseOf(search) {
  const text = new URLSearchParams(search).get("max-pause");
  if (text === "none") return Infinity;
  return /^\d+(\.\d+)?$/.test(text ?? "") ? Number(text) * 1000 : undefined;
}

// "8 h 0 min 5 s"
function inWords(ms) {
  const seconds = Math.floor(ms / 1000);
  const minutes = seconds >= 60 ? `${Math.floor(seconds / 60) % 60} min ` : "";
  return `${seconds >= 3600 ? `${Math.floor(seconds / 3600)} h ` : ""}${minutes}${seconds % 60} s`;
}

export class JournalReader {
  events = 0;
  rejected = 0; // lines that hold no event
  skippedMs = 0; // of pauses that were too long
  #take;
  #maxPauseMs;
  #rest = "";
  #latest;
  #at = 0;

  /**
   * `take(event, at)` gets each event and its time: milliseconds since the first, never going back. A pause that is longer than
   * `maxPauseMs` counts as that: nobody waits out a night, or looks for a minute in it.
   */
  constructor(take, maxPauseMs = 10_000) {
    this.#take = take;
    this.#maxPauseMs = maxPauseMs;
  }

  /** The parts that are not shown, in words; begins with a comma unless it is empty. */
  get leftOut() {
    const skipped = this.skippedMs >= 1000 ? `, ${inWords(this.skippedMs)} without an event skipped` : "";
    return skipped + (this.rejected > 0 ? `, ${this.rejected} lines left out` : "");
  }

  /** Takes the next piece of the file, cut anywhere. */
  push(text) {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop();
    for (const line of lines) this.#line(line);
  }

  end() {
    this.#line(this.#rest);
    this.#rest = "";
  }

  #line(line) {
    if (line.trim() === "") return;
    let event;
    try {
      event = JSON.parse(line.replace(/^\uFEFF/, "")); // an editor's byte order mark
    } catch {
      event = undefined;
    }
    if (!isEvent(event)) {
      this.rejected += 1;
      return;
    }
    const pause = Math.max(0, event.timestamp - (this.#latest ?? event.timestamp));
    const shown = Math.min(pause, this.#maxPauseMs);
    this.#latest = (this.#latest ?? event.timestamp) + pause;
    this.#at += shown;
    this.skippedMs += pause - shown;
    this.events += 1;
    this.#take(event, this.#at);
  }
}
