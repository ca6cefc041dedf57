// The browser's client of a local AI backend; wirthforge.d.ts documents it.

const TIMEOUT_MS = 5000;
const SILENCE_MS = 3000;
const PROBE_MS = 1000;
const LONGEST_DELAY_MS = 16000;
const PAGE_EVENTS = ["visibilitychange", "pagehide", "pageshow"];
const CHANNELS = ["energy", "experience", "council", "reward"];
const MAX_TEXT = 1e6;
const MAX_KEPT = 64;
const OWN_ERROR = /^(RESUME_|CLIENT_MESSAGE_|BINARY_NOT_)/; // of one connection
const PART = /^(.+):(thinking|tool:\d+)$/s;
const LIFE = /^(?:MODEL_(LOADING|READY|UNLOADED|FAILED)|ANSWER_(WAITING|LENGTH|STOPPED|FAILED|DONE))$/;

function hashOf(text, hash = 7) {
  for (let at = 0; at < text.length; at += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return hash;
}

function put(map, key, value) {
  map.delete(key);
  map.set(key, value);
  if (map.size > MAX_KEPT) map.delete(map.keys().next().value);
}

function snapshotOf({ id, modelId, text, length, parts, outcome, whole, progress, figures }) {
  const thinking = parts.filter(({ id }) => /g$/.test(id)).map(({ text }) => text).join("\n");
  const toolCalls = parts.filter(({ id }) => !/g$/.test(id)).map(({ text, outcome }) => {
    const [, name, rest] = /^([^{[]*)(.*)$/s.exec(text);
    return { name, arguments: rest, isComplete: !!outcome };
  });
  const state = outcome ?? whole.phase ?? "waiting";
  return { ...figures, sessionId: id, modelId, state, progress, text, omitted: length - text.length, thinking, toolCalls };
}

export class WirthforgeClient {
  #url;
  #options;
  #page;
  #target = new EventTarget();
  #waiters = [];
  #isOn;
  #socket;
  #generation = 0;
  #attempt = 0;
  #timer;
  #isGone;
  #httpUrl;
  #server = "unknown"; // "up", "down", "away" (starts or stops), "unreadable"
  #cursor = { frames: { __proto__: null }, ended: [] }; // epoch, since, began, frame
  #epoch; // heard, not yet in the cursor
  #greeting; // "asked" to resume, "same" run; "open", "texts" so far
  #untold = [];
  #endings = new Map();
  #answers = new Map();
  #startedAt;
  #heardAt;
  #arrivals = [];
  #lastFrame;
  state = { name: "idle" };
  latest = {};
  models = new Map();
  stats = { messages: 0, bytes: 0, duplicates: 0, reconnects: 0, gaps: 0, skippedFrames: 0, jitterMs: 0 };

  constructor(url, options = {}) {
    this.#url = url;
    this.#options = { whenHidden: "no-energy", replay: "recent", ...options };
    this.#page = options.page ?? globalThis;
    options.signal?.addEventListener("abort", () => this.close());
    try {
      const { frames, open, ...rest } = JSON.parse(options.storage?.getItem(url));
      this.#cursor = { ended: [], ...rest, frames: { __proto__: null, ...frames } };
      this.#epoch = rest.epoch;
      for (const [id, length, hash] of open) Object.assign(this.#grow(id), { length, hash });
    } catch {}
  }

  get frameRate() {
    return this.#arrivals.filter((at) => at > this.#now() - 1000).length;
  }

  connect() {
    if (this.#options.signal?.aborted || this.#isOn) return;
    this.#isOn = true;
    this.#attempt = 0;
    this.#listenToPage("addEventListener");
    this.#open();
  }

  close(code = 1000, reason = "") {
    if (this.#isOn) this.#end(code, reason);
  }

  async ready() {
    while (this.state.name !== "live") {
      if (this.state.name === "closed") throw new Error(`closed: ${this.state.code} ${this.state.reason}`);
      await this.#change();
    }
  }

  on(type, listener) {
    const hear = ({ detail }) => listener(detail);
    this.#target.addEventListener(type, hear);
    return () => this.#target.removeEventListener(type, hear);
  }

  subscribe(channels) {
    this.#options.channels = [...channels];
    this.#sendSubscription();
  }

  stop(sessionId) {
    if (this.state.name !== "live") return false;
    this.#send("stop", { sessionId });
    return true;
  }

  answer(sessionId) {
    return this.#answers.get(sessionId)?.snapshot;
  }

  tokens(sessionId) {
    const reader = this.#read(sessionId, (reason) => (reader.reason = reason));
    return reader;
  }

  async *#read(sessionId, end) {
    for (let answer, given; ; ) {
      const newest = this.#answers.get(sessionId);
      if (newest?.epoch === this.#epoch) answer ??= newest;
      const { length, text, figures, outcome = this.state.name === "closed" && "failed" } = answer ?? {};
      given ??= answer && length - text.length;
      if (length > given) {
        yield text.slice(given - length);
        given = length;
      } else if (!outcome) await this.#change();
      else if (end(outcome) !== "failed") return outcome;
      else throw new Error(figures?.reason ?? "the answer was cut off");
    }
  }

  #open(isThere = this.#attempt === 0 || this.#server === "unreadable") {
    if (this.#mustRest()) return this.#stop({ name: "suspended" });
    if (!this.#stop({ name: "connecting", attempt: this.#attempt })) return;
    this.#after(TIMEOUT_MS, () => this.#lost(1006, "no connection in time"));
    if (isThere) return this.#dial();
    this.#probe(() => {
      if (/down|away/.test(this.#server)) this.#lost(1006, "the server is " + this.#server);
      else this.#dial();
    });
  }

  #dial() {
    const { accessToken, WebSocket = this.#page.WebSocket } = this.#options;
    try {
      this.#socket = new WebSocket(this.#address(), accessToken ? ["wirthforge.v1", "wirthforge.token." + accessToken] : []);
    } catch (error) {
      return this.#end(undefined, String(error));
    }
    const socket = this.#socket;
    this.#httpUrl = socket.url.replace("ws", "http");
    this.#lastFrame = undefined;
    socket.onopen = this.#ifCurrent(() => {
      if (this.#become({ name: "handshaking", attempt: this.#attempt })) this.#awaitStartup(TIMEOUT_MS);
    });
    socket.onmessage = this.#ifCurrent(({ data }) => this.#take(data));
    socket.onclose = this.#ifCurrent(({ code, reason }) => this.#lost(code, reason));
    socket.onerror = () => {}; // or Node's `ws` throws
  }

  #awaitStartup(left) {
    this.#after(PROBE_MS, () => {
      if (left === PROBE_MS) return this.#lost(1006, "no startup_complete in time");
      this.#awaitStartup(left - PROBE_MS);
      if (this.#server !== "unreadable") this.#probe((health) => this.#showHealth(health));
    });
  }

  #address() {
    const { epoch, since, frame, began, frames, ended } = this.#cursor;
    const { replay } = this.#options;
    const query = epoch ? [`epoch=${epoch}`, `since=${since}`, `began=${began}`] : [];
    this.#greeting = epoch ? "asked" : "open";
    this.#untold = [...ended];
    if (epoch && frame >= 0) query.push(`frame=${frame}`);
    const newest = Object.entries(frames).reverse().slice(0, 32).map((pair) => pair.join(":"));
    while (newest.join().length > 1500) newest.pop();
    if (epoch && newest.length) query.push(`frames=${newest}`);
    if (replay !== "none") query.push(`replay=${replay}`);
    return query.reduce((url, part) => url + (url.includes("?") ? "&" : "?") + part, this.#url);
  }

  // Firefox delays WebSockets after failed ones.
  #probe(then) {
    const decide = this.#ifCurrent((health, error) => {
      if (health || this.#server !== "unknown") this.#server = health ? "up" : "down";
      if (/^st(art|opp)ing$/.test(health?.status)) this.#server = "away";
      then(health, error);
    });
    this.#fetch("/health").then(
      (reply) => reply.json().then(decide, (error) => decide(error instanceof SyntaxError && {}, error)),
      (error) => decide(undefined, error),
    );
  }

  #fetch(path, more) {
    const signal = AbortSignal.timeout(PROBE_MS);
    return this.#page.fetch(new URL(path, this.#httpUrl).href, { cache: "no-store", signal, ...more });
  }

  #showHealth({ status, phase, progress } = {}) {
    const server = this.#server === "away" ? { status, phase, progress } : undefined;
    if (JSON.stringify(server) !== JSON.stringify(this.state.server)) this.#become({ ...this.state, server });
  }

  #isOwn() {
    return this.#httpUrl.startsWith(this.#page.location?.origin + "/");
  }

  #askWhy() {
    const { accessToken } = this.#options;
    const headers = accessToken && { Authorization: "Bearer " + accessToken };
    const tell = this.#ifCurrent((more) => this.#become({ ...this.state, ...more }));
    const origin = this.#page.location?.origin;
    this.#fetch("", { headers }).then(
      (reply) =>
        /^(4(?!26)|503)/.test(reply.status) &&
        reply.text().then((text) => tell({ name: "refused", reason: text.trim(), status: reply.status })),
      () => origin && !this.#isOwn() && this.#server === "unknown" && tell({ reason: `the server is away, or does not invite ${origin}` }),
    );
  }

  #take(data) {
    this.#heardAt = this.#now();
    let event;
    try {
      event = JSON.parse(data);
    } catch {}
    if (!event?.type) return;
    this.stats.messages += 1;
    this.stats.bytes += data.length;
    const { type, channel, payload } = event;
    if (type === "startup_complete") this.#started(event);
    else if (type === "heartbeat") this.#heartbeat(payload);
    else if (channel === "energy") this.#energy(event);
    else if (channel !== "system" || (type === "error_event" && !OWN_ERROR.test(payload.code)))
      event = this.#reliable(event);
    else if (/^RESUME_/.test(payload.code)) this.#gap(payload);
    if (!event || !this.#socket) return;
    this.latest[type] = event;
    this.#emit(type, event);
    this.#emit("*", event);
  }

  #started({ timestamp, payload: { model } }) {
    this.#startedAt = timestamp;
    this.#cursor.since ??= this.#cursor.began = timestamp;
    if (this.#attempt > 0) this.stats.reconnects += 1;
    this.#attempt = 0;
    if (!this.models.has(model)) this.#model(model, "ready");
    if (!this.#become({ name: "live" })) return;
    this.#watch();
    if (this.#options.channels || this.#isHidden("no-energy")) this.#sendSubscription();
  }

  #heartbeat({ connectionId, serverTime, frameRate, sequence }) {
    const { stats } = this;
    const unreadable = this.#ifCurrent(() => (this.#server = "unreadable"));
    const epoch = connectionId?.split(".")[0] ?? this.#epoch;
    if (this.#server === "unknown")
      this.#probe((health, error) => {
        if (error instanceof TypeError && !this.#isOwn()) this.#page.setTimeout(unreadable, PROBE_MS); // no timeout
      });
    if (sequence > 0) this.#endGreeting();
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#cursor = { since: this.#startedAt, began: this.#startedAt, frames: { __proto__: null }, ended: [] };
      if (this.#options.replay === "none") this.#cursor.epoch = epoch;
      this.#untold = [];
      this.#endings.clear();
      this.#forgetModels();
      this.#cutOff(() => true);
    } else if (this.#greeting === "asked") this.#greeting = "same";
    const delay = Math.max(0, this.#now() - serverTime);
    stats.jitterMs += (Math.abs(delay - (stats.delayMs ?? delay)) - stats.jitterMs) / 16;
    stats.delayMs = delay;
    stats.serverFrameRate = frameRate;
    const measured = this.#options.sendStats && { ...stats, frameRate: this.frameRate };
    this.#send("heartbeat_response", { sequence, ...measured });
  }

  #gap(payload) {
    const cursor = this.#cursor;
    cursor.began = this.#startedAt;
    cursor.frames = { __proto__: null };
    delete cursor.frame;
    if (payload.code === "RESUME_INVALID") {
      cursor.since = this.#startedAt;
      delete cursor.epoch;
    }
    this.#greeting = "open";
    this.#forgetModels();
    this.stats.gaps += 1;
    this.#emit("gap", payload);
  }

  // The cursor moves only now: a client that is cut in the greeting has to hear it again.
  #endGreeting() {
    const cursor = this.#cursor;
    const how = this.#greeting;
    if (!how) return;
    this.#greeting = null;
    cursor.epoch = this.#epoch;
    if (how === "same") return this.#emit("resumed", { since: cursor.since });
    if (how === "texts") cursor.since = this.#startedAt;
    // An answer not told again ended inside a gap.
    this.#cutOff(({ at, length }) => length > 0 && at !== this.#startedAt);
  }

  #energy({ type, frameNumber, payload: { modelId } }) {
    this.#endGreeting();
    if (type !== "energy_update") return;
    const cursor = this.#cursor;
    cursor.frame = Math.max(cursor.frame ?? 0, frameNumber);
    delete cursor.frames[modelId]; // the newest last
    cursor.frames[modelId] = frameNumber;
    if (frameNumber <= this.#lastFrame) return;
    const passed = frameNumber - this.#lastFrame - 1;
    if (passed < 60) this.stats.skippedFrames += passed; // more is a pause of the server
    this.#lastFrame = frameNumber;
    if (this.#arrivals.push(this.#heardAt) > 256) this.#arrivals.shift();
  }

  // Retold events bear the greeting's timestamp.
  #reliable(event) {
    const { type, timestamp, payload } = event;
    const { sessionId, modelId, ...details } = payload.details ?? {};
    const [, model, answer] = LIFE.exec(payload.code) ?? [];
    const isText = type === "token_stream";
    const isAgain = timestamp === this.#startedAt && this.#greeting;
    if (!isAgain) {
      this.#endGreeting();
      if (timestamp <= this.#cursor.since) return void (this.stats.duplicates += 1);
      this.#cursor.since = timestamp;
    }
    if (isText) return this.#text(event, isAgain);
    if (model) this.#model(modelId, model, details);
    if (!answer || !sessionId) return event;
    if (answer === "WAITING") {
      const waiting = this.#grow(sessionId);
      if (!isAgain) waiting.since ??= timestamp;
      this.#changed(Object.assign(waiting, { modelId, progress: details.progress, at: timestamp }));
    } else put(this.#endings, sessionId, { reason: payload.message, ...details, state: answer.toLowerCase() });
    return event;
  }

  #text(event, isAgain) {
    const { ended } = this.#cursor;
    const { timestamp, payload } = event;
    const { sessionId, modelId, tokens, isComplete } = payload;
    const ending = { state: "done", ...this.#endings.get(sessionId) };
    const keyOf = (length, hash) => `${length} ${hash} ${sessionId}`;
    let text = tokens.join("");
    if (isComplete) this.#endings.delete(sessionId);
    if (isAgain) {
      this.#greeting = "texts";
      const known = this.#untold.indexOf(keyOf(text.length, hashOf(text)));
      if (isComplete && known >= 0) return this.#untold.splice(known, 1), void (this.stats.duplicates += 1);
      this.#cutOff((each) => each.id === sessionId && hashOf(text.slice(0, each.length)) !== each.hash);
    }
    const answer = this.#grow(sessionId);
    if (isAgain) text = text.slice(answer.length);
    const { whole } = answer;
    if (text) {
      if (!whole.phase && whole.since && !isAgain) whole.figures.secondsToFirstToken = (timestamp - whole.since) / 1000;
      whole.phase = answer === whole ? "speaking" : "thinking";
      whole.progress = undefined;
    }
    answer.modelId = modelId;
    answer.at = whole.at = timestamp;
    answer.text += text;
    answer.length += text.length;
    answer.hash = hashOf(text, answer.hash);
    if (answer.text.length > MAX_TEXT) answer.text = answer.text.slice(-MAX_TEXT / 2);
    if (isComplete) {
      answer.outcome = ending.state;
      answer.figures = { ...answer.figures, ...ending };
      if (ended.push(keyOf(answer.length, answer.hash)) > MAX_KEPT) ended.shift();
    }
    this.#changed(answer);
    return isAgain ? { ...event, payload: { ...payload, tokens: [text] } } : event;
  }

  // After its end an id names a new answer.
  #grow(id) {
    let answer = this.#answers.get(id);
    if (!answer || answer.outcome) {
      answer = { id, epoch: this.#epoch, text: "", length: 0, hash: hashOf(""), parts: [], figures: {} };
      const [, owner] = PART.exec(id) ?? [];
      answer.whole = owner ? this.#grow(owner) : answer;
      if (owner && answer.whole.parts.push(answer) > MAX_KEPT) answer.whole.parts.shift();
    }
    put(this.#answers, id, answer);
    return answer;
  }

  #changed(answer) {
    const { whole } = answer;
    answer.snapshot = snapshotOf(answer);
    whole.snapshot = snapshotOf(whole);
    this.#emit("answer", whole.snapshot);
    this.#wake();
  }

  #cutOff(isLost) {
    for (const answer of this.#answers.values()) {
      if (answer.outcome || !isLost(answer)) continue;
      answer.outcome = "failed";
      answer.figures.reason = "the answer was cut off";
      this.#changed(answer);
    }
  }

  #model(modelId, state, details) {
    if (!modelId) return;
    this.models = new Map([...this.models].slice(-MAX_KEPT)).set(modelId, { ...details, modelId, state: state.toLowerCase() });
    this.#emit("models", this.models);
  }

  #forgetModels() {
    this.models = new Map();
    this.#model(this.latest.startup_complete?.payload.model, "ready");
  }

  // After sleep, timers fire before messages are read.
  #watch(isSecondLook) {
    const now = this.#now();
    this.#heardAt = Math.min(this.#heardAt, now);
    const left = this.#heardAt + SILENCE_MS - now;
    if (left > 0) this.#after(left, () => this.#watch());
    else if (!isSecondLook) this.#after(0, () => this.#watch(true));
    else this.#lost(1006, "silence");
  }

  #lost(code, reason) {
    if (code === 1000 || code === 1008) return this.#end(code, reason);
    const isRefused = this.#socket && this.state.name === "connecting";
    const full = Math.min(1000 * 2 ** this.#attempt, LONGEST_DELAY_MS);
    const delay = Math.round(full * (1 - 0.25 * this.#page.Math.random()));
    this.#attempt += 1;
    if (!this.#stop({ name: "waiting", attempt: this.#attempt, delay, code, reason })) return;
    this.#wait(delay);
    if (isRefused) this.#askWhy();
  }

  #wait(ms) {
    const step = Math.min(ms, PROBE_MS);
    this.#after(step, () => {
      const isAway = this.#server === "away" && !this.#isHidden();
      if (step === ms && !isAway) return this.#open();
      this.#wait(isAway ? PROBE_MS : ms - step);
      if (this.#server === "unreadable" || this.#isHidden()) return;
      const wasUp = this.#server === "up";
      this.#probe((health) => {
        if (this.#server === "up" && !wasUp) this.#open(true);
        else this.#showHealth(health);
      });
    });
  }

  #end(code, reason) {
    this.#isOn = false;
    this.#listenToPage("removeEventListener");
    this.#stop({ name: "closed", code, reason }, code, reason);
  }

  #onPage = ({ type }) => {
    const { name, delay } = this.state;
    if (type !== "visibilitychange") this.#isGone = type === "pagehide";
    try {
      const open = [...this.#answers.values()].filter(({ outcome }) => !outcome);
      const place = { ...this.#cursor, open: open.map(({ id, length, hash }) => [id, length, hash]) };
      if (this.#isGone) this.#options.storage?.setItem(this.#url, JSON.stringify(place));
    } catch {}
    const mayReturn = name === "suspended" || (delay && !this.#isHidden());
    if (this.#mustRest() ? name !== "suspended" : mayReturn) this.#open();
    else if (type === "visibilitychange") this.#sendSubscription();
  };

  #listenToPage = (verb) => PAGE_EVENTS.forEach((type) => this.#page[verb]?.(type, this.#onPage));
  #isHidden = (how = this.#options.whenHidden) => this.#page.document?.hidden && how === this.#options.whenHidden;
  #mustRest = () => this.#isGone || this.#isHidden("suspend");
  #change = () => new Promise((resolve) => this.#waiters.push(resolve));
  #wake = () => this.#waiters.splice(0).forEach((wake) => wake());
  #emit = (type, detail) => this.#target.dispatchEvent(new CustomEvent(type, { detail }));
  #send = (type, payload) => this.#socket?.send(JSON.stringify({ type, payload }));
  #now = () => this.#page.Date.now();

  #after(ms, call) {
    this.#page.clearTimeout(this.#timer);
    this.#timer = this.#page.setTimeout(call, ms);
  }

  #ifCurrent(call) {
    const generation = this.#generation;
    return (...values) => generation === this.#generation && call(...values);
  }

  #sendSubscription() {
    const channels = this.#options.channels ?? CHANNELS;
    const isWanted = (channel) => channel !== "energy" || !this.#isHidden("no-energy");
    if (this.state.name === "live") this.#send("subscribe", { channels: channels.filter(isWanted) });
  }

  #stop(state, code, reason) {
    const socket = this.#socket;
    this.#socket = null;
    this.#generation += 1;
    this.#page.clearTimeout(this.#timer);
    const isOurs = this.#become(state);
    try {
      socket?.close(code, reason);
    } catch {
      socket.close(); // most codes throw
    }
    return isOurs;
  }

  // False when a listener called close() or connect().
  #become(state) {
    const generation = this.#generation;
    this.state = state;
    this.#emit("state", state);
    this.#wake();
    return generation === this.#generation;
  }
}
