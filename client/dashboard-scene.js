// Everything that is to be seen, made of the events so far: apply() takes the next one. A clone goes its own way, so a
// recording can keep scenes and go on from any of them. Its memory is bounded. No document, no clock.
import { AnswerList } from "./dashboard-answers.js";
import { Fields, Gate, follow, newCalm } from "./dashboard-field.js";
import { EnergyLines } from "./dashboard-plot.js";

const KEPT_FEED = 60;
const KEPT_MEETINGS = 12;
const KEPT_MODELS = 12;
const MODEL_LIFE = /^MODEL_(LOADING|READY|UNLOADED|FAILED)$/;

/** The event as it is kept: a field's coordinates flat, x, y, energy, ...; the rest as it came. */
export function compact(event) {
  if (event.type !== "energy_field" || event.payload.coordinates instanceof Float32Array) return event;
  const { coordinates } = event.payload;
  const flat = new Float32Array(coordinates.length * 3);
  coordinates.forEach(({ x, y, energy }, index) => flat.set([x, y, energy], index * 3));
  return { ...event, payload: { ...event.payload, coordinates: flat } };
}

export class Scene {
  lines = new EnergyLines();
  fields = new Fields();
  levels = new Map(); // modelId -> { calm, at, shares }
  answers = new AnswerList();
  states = new Map(); // modelId -> { state, progress, reason }: loading, ready, unloaded, failed
  feed = []; // rewards and errors, oldest first
  meetings = []; // of the council, oldest first
  coherence = new Map(); // modelId -> its newest score
  about = ""; // the backend, in a line
  points = 0;
  level = 0;
  errors = 0;
  top = 1; // the most energy of one tick, lately
  #gate = new Gate();
  #startedAt; // answers that are told again have this time

  clone() {
    const copy = Object.assign(new Scene(), this);
    copy.#gate.at = this.#gate.at;
    copy.lines = this.lines.clone();
    copy.fields = this.fields.clone();
    copy.levels = new Map([...this.levels].map(([id, level]) => [id, { ...level, calm: { ...level.calm } }]));
    copy.#startedAt = this.#startedAt;
    copy.answers = this.answers.clone();
    copy.states = new Map(this.states);
    copy.feed = this.feed.slice();
    copy.meetings = this.meetings.slice();
    copy.coherence = new Map(this.coherence);
    return copy;
  }

  /** Takes a compact event that came at `now`. */
  apply(event, now) {
    this[`take_${event.type}`]?.(event, event.payload, now);
  }

  take_startup_complete({ timestamp }, { model, tier, version }) {
    this.#startedAt = timestamp;
    if (!this.states.has(model)) put(this.states, model, { state: "ready" }, KEPT_MODELS);
    this.about = `${model} \u00b7 ${tier} \u00b7 ${version}`;
  }

  take_energy_update(event, payload, now) {
    this.lines.add(event, now);
    const value = this.lines.level(this.lines.models.get(payload.modelId), now);
    this.top = Math.max(value, 1, this.top * 0.9995);
    const level = this.levels.get(payload.modelId) ?? { calm: newCalm() };
    follow(level.calm, Math.max(0, value) / this.top, now, this.#gate);
    level.at = now;
    level.shares = payload.energyDistribution;
    put(this.levels, payload.modelId, level, KEPT_MODELS);
  }

  take_energy_field(event, _payload, now) {
    this.fields.take(event, now, this.#gate);
  }

  take_token_stream(event) {
    this.answers.takeText(event, event.timestamp === this.#startedAt);
  }

  /** No event of the wire: the client found that an answer will not go on. */
  take_cut_off(_event, { sessionId }) {
    this.answers.cutOff(sessionId);
  }

  take_interference_event({ timestamp }, { patternType, models, intensity, coherenceScore }, now) {
    for (const id of models) put(this.coherence, id, coherenceScore, KEPT_MODELS);
    const text = [`${patternType} interference`, coherenceScore.toFixed(2), "coherence"];
    this.#meet({ kind: patternType, models, strength: intensity, coherence: coherenceScore, timestamp, now, text });
  }

  take_resonance_event({ timestamp }, { resonanceType, frequency, amplitude, participants, phase }, now) {
    const text = [`${resonanceType} resonance`, amplitude.toFixed(2), `at ${shortNumber(frequency)} Hz`];
    this.#meet({ kind: resonanceType, models: participants, strength: amplitude, phase, timestamp, now, text });
  }

  #meet(meeting) {
    this.meetings.push(meeting);
    if (this.meetings.length > KEPT_MEETINGS) this.meetings.shift();
  }

  take_reward_event({ timestamp }, { rewardType, title, description, points, level }) {
    this.points += points;
    this.level = level ?? this.level;
    const detail = [rewardType.replace("_", " "), level && `level ${level}`, description].filter(Boolean).join(" \u00b7 ");
    this.#note({ kind: "reward", timestamp, what: title, detail, worth: `+${shortNumber(points)}`, unit: "points" });
  }

  take_error_event(event, { severity, code, message, component, details }) {
    const isAgain = event.timestamp === this.#startedAt;
    const [, state] = MODEL_LIFE.exec(code) ?? [];
    const isTold = state && typeof details?.modelId === "string";
    if (isTold) put(this.states, details.modelId, { ...details, state: state.toLowerCase() }, KEPT_MODELS);
    if (code === "RESUME_EPOCH_CHANGED") {
      this.answers.cutOff(); // the server that wrote them is no more
      this.states.clear();
    }
    if (isTold && isAgain) return; // a state and no news, on each connection
    if (severity !== "info") this.errors += 1;
    if ((this.answers.takeLife(event, isAgain) || isTold) && severity === "info") return; // shown elsewhere
    this.#note({ kind: severity, timestamp: event.timestamp, what: code, detail: message, worth: severity, unit: component });
  }

  #note(item) {
    this.feed.push(item);
    if (this.feed.length > KEPT_FEED) this.feed.shift();
  }
}

// The oldest entry is removed first.
function put(map, key, value, most) {
  map.set(key, value);
  if (map.size > most) map.delete(map.keys().next().value);
}

const compactFormat = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 });

/** A number in few characters. */
export function shortNumber(number) {
  return Math.abs(number) < 10000 ? String(Number(number.toFixed(1))) : compactFormat.format(number);
}
