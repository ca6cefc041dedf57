// The browser's end of the line to a local AI backend: connects, keeps the connection alive, comes back by itself, and hands
// out typed events. No dependencies. Types: wirthforge.d.ts. The wire: PROTOCOL in the project's documentation.
//
//   const client = new WirthforgeClient("ws://127.0.0.1:8145/ws");
//   client.on("token_stream", (event) => show(event.payload.tokens.join("")));
//   client.connect();

const CONNECT_TIMEOUT_MS = 5000; // from the attempt to an open socket
const STARTUP_TIMEOUT_MS = 5000; // from the open socket to startup_complete
const SILENCE_MS = 3000; // heartbeats come each second; this long without a message is death
const DELAYS_MS = [1000, 2000, 4000, 8000, 16000];
const RELIABLE = new Set(["experience", "council", "reward"]);
// Errors that concern one connection alone; all others concern everybody and are as reliable as a reward.
const OWN_ERROR = /^(RESUME_|CLIENT_MESSAGE_|BINARY_NOT_ACCEPTED$)/;
// 1000: the server is done with us. 1008: it does not want us. Coming back would help nobody.
const FINAL_CODES = new Set([1000, 1008]);

/** Delivers events and survives everything that happens to a local connection. Connects on connect(), not before. */
export class WirthforgeClient {
  #url;
  #options;
  #listeners = new Map();
  #socket = null;
  #generation = 0; // of the attempt: what an older socket still says is not listened to
  #attempt = 0;
  #timer = null;
  #state = { name: "idle" };
  #cursor = freshCursor();
  #startedAt; // timestamp of the newest startup_complete
  #heardAt = 0;
  #arrivals = []; // of energy frames, within the last second
  #lastFrame;

  /** The newest event of each type that is drawn rather than listened to. */
  latest = {};
  stats = {
    messages: 0,
    bytes: 0,
    duplicates: 0,
    reconnects: 0,
    gaps: 0,
    delayMs: undefined,
    serverFrameRate: undefined,
  };

  /**
   * @param {string} url such as ws://127.0.0.1:8145/ws
   * @param {object} [options] channels to subscribe to; token, if the server asks for one; signal, an AbortSignal that
   * closes it for good; now, setTimeout, clearTimeout, random, WebSocket and reportError can be replaced
   */
  constructor(url, options = {}) {
    this.#url = url;
    this.#options = {
      now: () => Date.now(),
      setTimeout: (call, ms) => setTimeout(call, ms),
      clearTimeout: (id) => clearTimeout(id),
      random: Math.random,
      WebSocket: globalThis.WebSocket,
      reportError: (error) =>
        queueMicrotask(() => {
          throw error;
        }), // as uncaught as any other, and in nobody's way
      ...options,
    };
    options.signal?.addEventListener("abort", () => this.close());
  }

  /** {name: idle | connecting | handshaking | live | waiting | closed, attempt, delay, code, reason} */
  get state() {
    return this.#state;
  }

  /** Energy frames a second, counted over the last second. */
  get frameRate() {
    this.#forgetArrivals();
    return this.#arrivals.length;
  }

  /** Starts, or starts again after close(). Does nothing while it is at work. */
  connect() {
    if (this.#options.signal?.aborted) return;
    if (this.#state.name !== "idle" && this.#state.name !== "closed") return;
    this.#attempt = 0;
    this.#open();
  }

  /** Ends for good, whatever is under way; connect() starts anew. */
  close(code = 1000, reason = "") {
    if (this.#state.name === "idle" || this.#state.name === "closed") return;
    const socket = this.#detach();
    this.#become({ name: "closed", code, reason });
    closeQuietly(socket, code, reason);
  }

  /** Resolves when it is live, at once if it is; rejects when it is closed first. */
  ready() {
    return new Promise((resolve, reject) => {
      const settle = ({ name, code, reason }) => {
        if (name === "live") resolve();
        else if (name === "closed") reject(new Error(`closed: ${code ?? ""} ${reason ?? ""}`));
        else return;
        stop();
      };
      const stop = this.on("state", settle);
      settle(this.#state);
    });
  }

  /**
   * Listens to a type of event, or to "state", "gap" (the server says what was missed) or "*" (every event).
   * Returns a function that ends it. What a listener throws is reported and stops nothing.
   */
  on(type, listener) {
    if (!this.#listeners.has(type)) this.#listeners.set(type, new Set());
    this.#listeners.get(type).add(listener);
    return () => this.#listeners.get(type)?.delete(listener);
  }

  /** From now on only these channels; system always comes. Kept across reconnects. */
  subscribe(channels) {
    this.#options.channels = [...channels];
    if (this.#state.name === "live") this.#sendSubscription();
  }

  #open() {
    const generation = ++this.#generation;
    const isCurrent = () => generation === this.#generation;
    if (!this.#become({ name: "connecting", attempt: this.#attempt })) return;
    let socket;
    try {
      socket = new this.#options.WebSocket(this.#address(), this.#protocols());
    } catch (error) {
      this.#become({ name: "closed", reason: String(error) }); // a malformed address: trying again cannot help
      return;
    }
    this.#socket = socket;
    this.#after(CONNECT_TIMEOUT_MS, () => this.#lost(1006, "no connection in time"));
    socket.onopen = () => {
      if (!isCurrent()) return;
      if (!this.#become({ name: "handshaking", attempt: this.#attempt })) return;
      this.#after(STARTUP_TIMEOUT_MS, () => this.#lost(1006, "no startup_complete in time"));
    };
    socket.onmessage = (message) => {
      if (isCurrent()) this.#take(message.data);
    };
    socket.onclose = (event) => {
      if (isCurrent()) this.#lost(event.code, event.reason);
    };
    socket.onerror = () => {}; // onclose follows
  }

  // Resume parameters: a server that kept its log replays what was missed.
  #address() {
    const { epoch, since, frame, first, frames } = this.#cursor;
    if (epoch === undefined || since === undefined) return this.#url;
    const query = new URLSearchParams({ epoch, since });
    if (frame !== undefined) query.set("frame", frame);
    if (frames.size > 1 && frames.size <= 32) {
      // Several models share a frame: which of them had arrived when the line was cut?
      query.set("first", first);
      query.set("frames", [...frames].map(([model, number]) => `${model}:${number}`).join());
    }
    return this.#url + (this.#url.includes("?") ? "&" : "?") + query;
  }

  // The token travels as a subprotocol: what is in an address ends up in logs and histories.
  #protocols() {
    const { token } = this.#options;
    return token ? ["wirthforge.v1", `wirthforge.token.${token}`] : [];
  }

  #take(data) {
    this.#heardAt = this.#options.now();
    let event;
    try {
      event = JSON.parse(data);
    } catch {
      return; // nothing of ours
    }
    if (!event?.type) return;
    this.stats.messages += 1;
    this.stats.bytes += data.length;
    if (event.type === "startup_complete") this.#started(event);
    else if (event.type === "heartbeat") this.#heartbeat(event);
    else if (event.channel === "energy") this.#energy(event);
    else if (isReliable(event) && !this.#advance(event.timestamp)) return;
    if (!this.#socket) return; // a listener closed us
    this.latest[event.type] = event;
    if (event.type === "error_event" && event.payload.code.startsWith("RESUME_")) {
      this.stats.gaps += 1;
      const { epoch, since } = this.#cursor;
      const isFresh = event.payload.code === "RESUME_INVALID";
      this.#cursor = { ...freshCursor(), epoch, since: isFresh ? this.#startedAt : since };
      this.#emit("gap", event.payload);
    }
    this.#emit(event.type, event);
    this.#emit("*", event);
  }

  #started(event) {
    this.#startedAt = event.timestamp;
    this.#cursor.since ??= event.timestamp;
    if (this.#attempt > 0) this.stats.reconnects += 1;
    this.#attempt = 0;
    if (!this.#become({ name: "live" })) return;
    this.#after(SILENCE_MS, () => this.#watch());
    if (this.#options.channels) this.#sendSubscription();
  }

  #heartbeat(event) {
    const { connectionId, serverTime, frameRate, sequence } = event.payload;
    const epoch = connectionId?.split(".")[0];
    if (epoch !== undefined && epoch !== this.#cursor.epoch) {
      // Another run of the server: its times do not continue the ones we know.
      this.#cursor = { ...freshCursor(), epoch, since: this.#startedAt };
    }
    this.stats.delayMs = Math.max(0, this.#options.now() - serverTime);
    this.stats.serverFrameRate = frameRate;
    this.#send({ type: "heartbeat_response", payload: { sequence } });
  }

  #energy(event) {
    if (event.type !== "energy_update") return;
    this.#cursor.first ??= event.frameNumber;
    this.#cursor.frame = Math.max(this.#cursor.frame ?? 0, event.frameNumber);
    this.#cursor.frames.set(event.payload.modelId, event.frameNumber);
    if (event.frameNumber === this.#lastFrame) return;
    this.#lastFrame = event.frameNumber; // several models share a frame
    this.#forgetArrivals();
    this.#arrivals.push(this.#heardAt);
  }

  // The cursor moves on strictly; what is not above it came before.
  #advance(timestamp) {
    if (this.#cursor.since !== undefined && timestamp <= this.#cursor.since) {
      this.stats.duplicates += 1;
      return false;
    }
    this.#cursor.since = timestamp;
    return true;
  }

  #forgetArrivals() {
    const from = this.#options.now() - 1000;
    while (this.#arrivals.length > 0 && this.#arrivals[0] <= from) this.#arrivals.shift();
  }

  // Timers of a page that slept fire before the messages that came meanwhile: let those be read first.
  #watch(isSecondLook = false) {
    const now = this.#options.now();
    this.#heardAt = Math.min(this.#heardAt, now); // the clock may have been set back
    const silence = now - this.#heardAt;
    if (silence < SILENCE_MS) this.#after(SILENCE_MS - silence, () => this.#watch());
    else if (!isSecondLook) this.#after(0, () => this.#watch(true));
    else this.#lost(1006, "silence");
  }

  #lost(code, reason) {
    closeQuietly(this.#detach());
    if (FINAL_CODES.has(code)) {
      this.#become({ name: "closed", code, reason });
      return;
    }
    const full = DELAYS_MS[Math.min(this.#attempt, DELAYS_MS.length - 1)];
    const delay = Math.round(full * (1 - 0.25 * this.#options.random())); // only ever sooner
    this.#attempt += 1;
    const isWaiting = this.#become({ name: "waiting", attempt: this.#attempt, delay, code, reason });
    if (isWaiting) this.#after(delay, () => this.#open());
  }

  // Lets go of the socket and of every timer; nothing that they still say is heard.
  #detach() {
    const socket = this.#socket;
    this.#generation += 1;
    this.#socket = null;
    this.#options.clearTimeout(this.#timer);
    return socket;
  }

  #after(ms, call) {
    this.#options.clearTimeout(this.#timer);
    this.#timer = this.#options.setTimeout(call, ms);
  }

  #sendSubscription() {
    this.#send({ type: "subscribe", payload: { channels: this.#options.channels } });
  }

  #send(message) {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(message));
  }

  // False when a listener called close() or connect(): then what was under way must not go on.
  #become(state) {
    const generation = this.#generation;
    this.#state = state;
    this.#emit("state", state);
    return generation === this.#generation;
  }

  #emit(type, value) {
    const listeners = this.#listeners.get(type);
    for (const listener of [...(listeners ?? [])]) {
      if (!listeners.has(listener)) continue; // ended by one before it
      try {
        listener(value);
      } catch (error) {
        this.#options.reportError(error);
      }
    }
  }
}

// Where a client stands: the last reliable event, and the last energy of each model.
function freshCursor() {
  return { epoch: undefined, since: undefined, frame: undefined, first: undefined, frames: new Map() };
}

function isReliable({ type, channel, payload }) {
  return RELIABLE.has(channel) || (type === "error_event" && !OWN_ERROR.test(payload.code));
}

// Closes without waiting for the other side, and without hearing what it still says.
function closeQuietly(socket, code, reason) {
  if (!socket) return;
  socket.onopen = socket.onmessage = socket.onclose = null;
  try {
    socket.close(code, reason);
  } catch {
    socket.close(); // browsers refuse most codes and long reasons; the socket must go all the same
  }
}
