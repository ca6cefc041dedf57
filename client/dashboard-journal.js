// Reads a journal: one event a line, as on the wire. What is no event is counted and left out, so that nothing in a file can
// break the page. Pure.

const isNumber = Number.isFinite;
const isText = (value) => typeof value === "string";
const areTexts = (value) => Array.isArray(value) && value.every(isText);
const isShare = (value) => isNumber(value) && value >= 0 && value <= 1;
const arePoints = (value) => Array.isArray(value) && value.every((at) => isNumber(at?.x) && isNumber(at?.y) && isNumber(at?.energy));

// What the page counts on, of each type.
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
  const needed = Object.hasOwn(NEEDED, event?.type ?? "") && NEEDED[event.type];
  if (!needed || !isNumber(event.timestamp) || !event.payload) return false;
  if (event.channel === "energy" && !isNumber(event.frameNumber)) return false;
  return Object.entries(needed).every(([name, fits]) => fits(event.payload[name]));
}

export class JournalReader {
  events = 0;
  strays = 0; // lines that hold no event
  #take;
  #rest = "";
  #first;
  #at = 0;

  /** `take(event, at)` gets each event and its time: milliseconds since the first, never going back. */
  constructor(take) {
    this.#take = take;
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
      event = JSON.parse(line);
    } catch {
      event = undefined;
    }
    if (!isEvent(event)) {
      this.strays += 1;
      return;
    }
    this.#first ??= event.timestamp;
    this.#at = Math.max(this.#at, event.timestamp - this.#first);
    this.events += 1;
    this.#take(event, this.#at);
  }
}
