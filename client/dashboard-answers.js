// The answers of a scene: what models say, think and ask of tools, and how each answer ends. An id that comes again is a new
// answer. Clones go their own way, and what is kept is bounded. No document, no clock.

export const KEPT_TEXT = 100000; // characters of one answer
const KEPT_ANSWERS = 8;
const KEPT_THOUGHT = 20000;
const KEPT_CALLS = 16;
const PART = /^(.+):(thinking|tool:\d+)$/s; // the id of what belongs to another answer

/** Takes an event about an answer: WAITING, or the one that tells its end. */
const LIFE = /^ANSWER_(WAITING|LENGTH|STOPPED|FAILED|DONE)$/;

const newText = () => ({ text: "", total: 0, isOpen: true });

// Appends; of a text that is too long the beginning goes, seldom, since that copies it.
function add(to, more, most) {
  to.text += more;
  to.total += more.length;
  if (to.text.length > most) to.text = to.text.slice(-0.8 * most);
}

export class AnswerList {
  // key -> { key, id, model, text, total, isOpen, end, reason, phase, progress, since, figures, thinking, calls }
  #answers = new Map();
  #endings = new Map(); // id -> { end, ... }
  #count = 0;

  get size() {
    return this.#answers.size;
  }
  values() {
    return [...this.#answers.values()];
  }
  newest(id) {
    return this.values().findLast((answer) => answer.id === id);
  }

  clone() {
    const copy = new AnswerList();
    copy.#count = this.#count;
    copy.#endings = new Map(this.#endings);
    for (const [key, answer] of this.#answers) {
      const { figures, thinking, calls } = answer;
      const parts = { thinking: { ...thinking }, calls: calls.map((call) => ({ ...call })) };
      copy.#answers.set(key, { ...answer, ...parts, figures: { ...figures } });
    }
    return copy;
  }

  /** `isAgain`: what was said before the page listened, so that its time says nothing. */
  takeText({ timestamp, payload: { sessionId, modelId, tokens, isComplete } }, isAgain) {
    const [, owner = sessionId, part] = PART.exec(sessionId) ?? [];
    const answer = this.#open(owner, part);
    const where = part ? this.#part(answer, part) : answer;
    const text = tokens.join("");
    answer.model ??= modelId;
    if (!part) answer.model = modelId;
    if (text && !answer.phase && answer.since && !isAgain) answer.figures.secondsToFirstToken = (timestamp - answer.since) / 1000;
    if (text) answer.phase = part ? "thinking" : "speaking";
    add(where, text, part ? KEPT_THOUGHT : KEPT_TEXT);
    where.isOpen = !isComplete;
    if (!isComplete) return;
    const { end = "done", ...more } = this.#endings.get(sessionId) ?? {};
    this.#endings.delete(sessionId);
    if (!part) Object.assign(answer, { end, reason: more.reason, figures: { ...answer.figures, ...more } });
  }

  /** True when this code is one of an answer's life. `isAgain` as for a text. */
  takeLife({ timestamp, payload: { code, message, details } }, isAgain) {
    const [, what] = LIFE.exec(code) ?? [];
    const { sessionId, modelId, ...more } = details ?? {};
    if (!what || typeof sessionId !== "string") return false;
    if (what !== "WAITING") {
      this.#endings.set(sessionId, { reason: message, ...more, end: what.toLowerCase() });
      if (this.#endings.size > KEPT_ANSWERS) this.#endings.delete(this.#endings.keys().next().value);
      return true;
    }
    const answer = this.#open(sessionId);
    answer.model ??= modelId;
    if (!isAgain) answer.since ??= timestamp;
    answer.progress = more.progress;
    return true;
  }

  /** Ends an answer of which nothing more will come; without an id, all that are open. */
  cutOff(id) {
    for (const answer of this.#answers.values()) {
      if (!answer.isOpen || (id !== undefined && answer.id !== id)) continue;
      Object.assign(answer, { isOpen: false, end: "cut" });
    }
  }

  // The answer that grows under this id. A part that ends after its answer still belongs to it.
  #open(id, part) {
    const before = this.newest(id);
    if (before?.isOpen || (part && before && this.#openPart(before, part))) return before;
    this.#count += 1;
    const key = this.#count;
    this.#answers.set(key, { key, id, ...newText(), figures: {}, thinking: { text: "", total: 0, isOpen: false }, calls: [] });
    if (this.#answers.size > KEPT_ANSWERS) this.#answers.delete(this.#answers.keys().next().value);
    return this.#answers.get(key);
  }

  #openPart({ thinking, calls }, part) {
    if (part === "thinking") return thinking.isOpen && thinking;
    return calls.find((call) => call.part === part && call.isOpen);
  }

  #part(answer, part) {
    const open = this.#openPart(answer, part);
    if (open) return open;
    const { thinking, calls } = answer;
    if (part === "thinking") {
      if (thinking.total > 0) add(thinking, "\n", KEPT_THOUGHT); // it thinks once more
      return thinking;
    }
    calls.push({ part, ...newText() });
    if (calls.length > KEPT_CALLS) calls.shift();
    return calls[calls.length - 1];
  }
}

/** A tool call's name and its arguments: the first token and the rest, which may have come as one. */
export function callOf({ text }) {
  const [name] = /^[^{[]*/.exec(text);
  return { name, argumentText: text.slice(name.length) };
}
