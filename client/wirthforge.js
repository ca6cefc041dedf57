// The browser's end of the line to a local AI backend. wirthforge.d.ts tells its calls and options.

const PATIENCE_MS = 5000; // to an open socket, and from there to startup_complete
const SILENCE_MS = 3000;
const PROBE_MS = 1000;
const LONGEST_DELAY_MS = 16000;
const PAGE_EVENTS = ["visibilitychange", "pagehide", "pageshow"];
const CHANNELS = ["energy", "experience", "council", "reward"];
const KEPT_ANSWERS = 32;
const KEPT_TEXT = 1e6; // characters
const OWN_ERROR = /^(RESUME_|CLIENT_MESSAGE_|BINARY_NOT_)/; // of one connection; others are as reliable as a reward

export class WirthforgeClient {
  #url;
  #options;
  #page;
  #target = new EventTarget(); // isolates listeners from each other
  #wakers = [];
  #isOn = false;
  #socket = null;
  #generation = 0; // of the attempt; an older one is not heard
  #attempt = 0;
  #timer;
  #isGone = false; // the page, perhaps into the back-forward cache, where no open socket may be
  #healthUrl;
  #server = "unknown"; // or "up", "down", or "mute": useless to probe
  #cursor = { frames: {}, said: {} }; // epoch, since, began, frame; a frame of each model, a length of each open answer
  #epoch; // heard, not yet in the cursor
  #preamble; // before new events: "asked" to resume and "same" run; or "open" to "texts" so far
  #answers = new Map(); // {text, length, isComplete, isLost, at} by sessionId, the newest last
  #startedAt;
  #heardAt = 0;
  #arrivals = [];
  #lastFrame;
  state = { name: "idle" };
  latest = {};
  stats = { messages: 0, bytes: 0, duplicates: 0, reconnects: 0, gaps: 0, skippedFrames: 0, jitterMs: 0 };

  constructor(url, options = {}) {
    this.#url = url;
    this.#options = { whenHidden: "no-energy", replayOpen: true, ...options };
    this.#page = options.page ?? globalThis;
    options.signal?.addEventListener("abort", () => this.close());
    try {
      this.#cursor = { ...this.#cursor, ...JSON.parse(options.storage?.getItem(url)) };
      this.#epoch = this.#cursor.epoch;
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

  async *tokens(sessionId) {
    for (let answer, given; ; ) {
      answer ??= this.#answers.get(sessionId);
      given ??= answer && answer.length - answer.text.length;
      if (answer?.length > given) {
        const piece = answer.text.slice(given - answer.length);
        given = answer.length;
        yield piece;
      } else if (answer?.isComplete) return;
      else if (answer?.isLost || this.state.name === "closed") throw new Error("the answer was cut off");
      else await this.#change();
    }
  }

  #open(isThere = this.#attempt === 0 || this.#server === "mute") {
    if (this.#mustRest()) return this.#stop({ name: "suspended" });
    if (!this.#stop({ name: "connecting", attempt: this.#attempt })) return;
    this.#after(PATIENCE_MS, () => this.#lost(1006, "no connection in time"));
    if (isThere) this.#dial();
    else this.#probe(() => (this.#server === "down" ? this.#lost(1006, "nobody there") : this.#dial()));
  }

  #dial() {
    const { token } = this.#options;
    try {
      const protocols = token ? ["wirthforge.v1", "wirthforge.token." + token] : [];
      this.#socket = new this.#page.WebSocket(this.#address(), protocols);
    } catch (error) {
      return this.#end(undefined, String(error)); // a malformed address
    }
    const socket = this.#socket;
    this.#healthUrl = new URL("/health", socket.url).href.replace("ws", "http");
    this.#lastFrame = undefined;
    socket.onopen = this.#ifCurrent(() => {
      if (!this.#become({ name: "handshaking", attempt: this.#attempt })) return;
      this.#after(PATIENCE_MS, () => this.#lost(1006, "no startup_complete in time"));
    });
    socket.onmessage = this.#ifCurrent(({ data }) => this.#take(data));
    socket.onclose = this.#ifCurrent(({ code, reason }) => this.#lost(code, reason));
  }

  #address() {
    const { epoch, since, frame, began, frames } = this.#cursor;
    const query = epoch ? [`epoch=${epoch}`, `since=${since}`, `began=${began}`] : [];
    this.#preamble = epoch ? "asked" : "open";
    if (epoch && frame >= 0) query.push(`frame=${frame}`);
    // Models share frames: whose came before the cut?
    const newest = Object.entries(frames).reverse().slice(0, 32).map((pair) => pair.join(":"));
    while (newest.join().length > 1500) newest.pop();
    if (epoch && newest.length) query.push(`frames=${newest}`);
    if (this.#options.replayOpen) query.push("replay=open");
    return query.reduce((url, part) => url + (url.includes("?") ? "&" : "?") + part, this.#url);
  }

  // After others failed, Firefox lets a WebSocket wait, up to a minute. Fetches do not count.
  #probe(then) {
    const decide = this.#ifCurrent((isUp) => {
      if (isUp || this.#server !== "unknown") this.#server = isUp ? "up" : "down";
      then(isUp);
    });
    const request = { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(PROBE_MS) };
    this.#page.fetch(this.#healthUrl, request).then(() => decide(true), () => decide(false));
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
    if (!event || !this.#socket) return; // nothing new, or a listener closed us
    this.latest[type] = event;
    this.#emit(type, event);
    this.#emit("*", event);
  }

  #started({ timestamp }) {
    this.#startedAt = timestamp;
    this.#cursor.since ??= this.#cursor.began = timestamp;
    if (this.#attempt > 0) this.stats.reconnects += 1;
    this.#attempt = 0;
    if (!this.#become({ name: "live" })) return;
    this.#watch();
    if (this.#options.channels || this.#isHidden("no-energy")) this.#sendSubscription();
    if (this.#server !== "unknown") return;
    // No answer, yet the line stays: a policy forbids it, or we are of another origin.
    const mute = this.#ifCurrent(() => (this.#server = "mute"));
    this.#probe((isUp) => isUp || this.#page.setTimeout(mute, PROBE_MS));
  }

  #heartbeat({ connectionId, serverTime, frameRate, sequence }) {
    const { stats } = this;
    const epoch = connectionId?.split(".")[0] ?? this.#epoch;
    if (sequence > 0) this.#goOn();
    if (epoch !== this.#epoch) {
      // Another run of the server: its times and answers do not go on from ours.
      this.#epoch = epoch;
      this.#cursor = { since: this.#startedAt, began: this.#startedAt, frames: {}, said: {} };
      if (!this.#options.replayOpen) this.#cursor.epoch = epoch;
      this.#forget(() => true);
    } else if (this.#preamble === "asked") this.#preamble = "same";
    const delay = Math.max(0, this.#now() - serverTime);
    stats.jitterMs += (Math.abs(delay - (stats.delayMs ?? delay)) - stats.jitterMs) / 16; // RFC 3550 section 6.4.1
    stats.delayMs = delay;
    stats.serverFrameRate = frameRate;
    const measured = this.#options.sendStats && { ...stats, frameRate: this.frameRate };
    this.#send("heartbeat_response", { sequence, ...measured });
  }

  #gap(payload) {
    const began = this.#startedAt;
    const { epoch, since, said } = this.#cursor;
    this.#cursor = { epoch, since, began, said, frames: {} };
    if (payload.code === "RESUME_INVALID") this.#cursor = { since: began, began, said, frames: {} };
    this.#preamble = "open";
    this.stats.gaps += 1;
    this.#emit("gap", payload);
  }

  // Only now the cursor moves: a line cut in the preamble has to hear it again.
  #goOn() {
    const cursor = this.#cursor;
    const how = this.#preamble;
    if (!how) return;
    this.#preamble = null;
    cursor.epoch = this.#epoch;
    if (how === "same") return this.#emit("resumed", { since: cursor.since });
    if (how === "texts") cursor.since = this.#startedAt;
    // Answers that were not told again ended inside a gap.
    this.#forget(({ at, isComplete }) => !isComplete && at !== this.#startedAt);
  }

  #energy({ type, frameNumber, payload: { modelId } }) {
    this.#goOn();
    if (type !== "energy_update") return;
    const cursor = this.#cursor;
    cursor.frame = Math.max(cursor.frame ?? 0, frameNumber);
    delete cursor.frames[modelId]; // the newest last
    cursor.frames[modelId] = frameNumber;
    if (frameNumber <= this.#lastFrame) return; // several models share a frame
    const passed = frameNumber - this.#lastFrame - 1;
    if (passed < 60) this.stats.skippedFrames += passed; // after a second it is the server that paused
    this.#lastFrame = frameNumber;
    if (this.#arrivals.push(this.#heardAt) > 256) this.#arrivals.shift();
  }

  // An open answer's text so far bears the greeting's timestamp.
  #reliable(event) {
    const { type, timestamp } = event;
    const isText = type === "token_stream";
    if (isText && timestamp === this.#startedAt && /open|texts/.test(this.#preamble)) return this.#remember(event, true);
    this.#goOn();
    if (timestamp <= this.#cursor.since) return void (this.stats.duplicates += 1);
    this.#cursor.since = timestamp;
    return isText ? this.#remember(event) : event;
  }

  // Of a whole text, only what is new is handed on.
  #remember(event, isWhole) {
    const { said } = this.#cursor;
    const { sessionId, tokens, isComplete } = event.payload;
    if (isWhole) this.#preamble = "texts";
    let answer = this.#answers.get(sessionId);
    if (!answer || answer.isComplete) answer = { text: "", length: said[sessionId] ?? 0 };
    const text = tokens.join("").slice(isWhole ? answer.length : 0);
    answer.text += text;
    answer.length += text.length;
    if (answer.text.length > KEPT_TEXT) answer.text = answer.text.slice(-KEPT_TEXT / 2);
    Object.assign(answer, { isComplete, at: event.timestamp });
    said[sessionId] = answer.length;
    if (isComplete) delete said[sessionId];
    this.#answers.delete(sessionId);
    this.#answers.set(sessionId, answer);
    if (this.#answers.size > KEPT_ANSWERS) this.#answers.delete(this.#answers.keys().next().value);
    this.#wake();
    return isWhole ? { ...event, payload: { ...event.payload, tokens: [text] } } : event;
  }

  #forget(isLost) {
    for (const [sessionId, answer] of this.#answers) {
      if (isLost(answer)) answer.isLost = this.#answers.delete(sessionId);
    }
    this.#wake();
  }

  // A page that slept: timers fire before messages are read.
  #watch(isSecondLook) {
    const now = this.#now();
    this.#heardAt = Math.min(this.#heardAt, now); // the clock may have been set back
    const left = this.#heardAt + SILENCE_MS - now;
    if (left > 0) this.#after(left, () => this.#watch());
    else if (!isSecondLook) this.#after(0, () => this.#watch(true));
    else this.#lost(1006, "silence");
  }

  #lost(code, reason) {
    if (code === 1000 || code === 1008) return this.#end(code, reason); // it does not want us back
    const full = Math.min(1000 * 2 ** this.#attempt, LONGEST_DELAY_MS);
    const delay = Math.round(full * (1 - 0.25 * this.#page.Math.random())); // only ever sooner
    this.#attempt += 1;
    if (this.#stop({ name: "waiting", attempt: this.#attempt, delay, code, reason })) this.#wait(delay);
  }

  // A server that was away and is there again is not kept waiting.
  #wait(ms) {
    const step = Math.min(ms, PROBE_MS);
    this.#after(step, () => {
      if (step === ms) return this.#open();
      this.#wait(ms - step);
      const wasUp = this.#server === "up";
      if (this.#server !== "mute" && !this.#isHidden()) this.#probe((isUp) => isUp && !wasUp && this.#open(true));
    });
  }

  #end(code, reason) {
    this.#isOn = false;
    this.#listenToPage("removeEventListener");
    this.#stop({ name: "closed", code, reason }, code, reason);
  }

  #onPage = ({ type }) => {
    const { name } = this.state;
    if (type !== "visibilitychange") this.#isGone = type === "pagehide";
    try {
      if (this.#isGone) this.#options.storage?.setItem(this.#url, JSON.stringify(this.#cursor));
    } catch {} // full
    const mayReturn = name === "suspended" || (name === "waiting" && !this.#isHidden());
    if (this.#mustRest() ? name !== "suspended" : mayReturn) this.#open();
    else if (type === "visibilitychange") this.#sendSubscription();
  };

  #listenToPage = (verb) => PAGE_EVENTS.forEach((type) => this.#page[verb]?.(type, this.#onPage));
  #isHidden = (wish = this.#options.whenHidden) => this.#page.document?.hidden && wish === this.#options.whenHidden;
  #mustRest = () => this.#isGone || this.#isHidden("suspend");
  #change = () => new Promise((resolve) => this.#wakers.push(resolve));
  #wake = () => this.#wakers.splice(0).forEach((wake) => wake());
  #emit = (type, detail) => this.#target.dispatchEvent(new CustomEvent(type, { detail }));
  #send = (type, payload) => this.#socket?.send(JSON.stringify({ type, payload }));
  #now = () => this.#page.Date.now();

  #after(ms, call) {
    this.#page.clearTimeout(this.#timer);
    this.#timer = this.#page.setTimeout(call, ms);
  }

  #ifCurrent(call) {
    const generation = this.#generation;
    return (value) => generation === this.#generation && call(value);
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
      socket.close(); // most codes are refused
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
