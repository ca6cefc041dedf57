// A world for the client's tests: virtual time, a page, and sockets that do what the test says. Nothing sleeps.
import { WirthforgeClient } from "../../client/wirthforge.js";

const ADDRESS = "ws://127.0.0.1:8145/ws";

export class World {
  now = 1_700_000_000_000;
  timers = new Map();
  nextTimer = 1;
  sockets = [];
  random = 0;
  isUp = true; // the server answers over HTTP; undefined: the request hangs
  health = { status: "ok" }; // the reply of /health, with 503 unless it is ok; a text is no JSON
  isSlow = false; // true: the request is given up before the answer comes
  isCut = false; // true: the answer's head came, and its content not before the request was given up
  isReadable = true; // false: the page's origin is not invited
  refusal = { status: 426, text: "this is a WebSocket endpoint\n" }; // the reply to a GET of the WebSocket's address
  probes = []; // the addresses that were fetched
  fetched = []; // the same, with the options
  page = this.#page();

  client(options = {}, url = ADDRESS) {
    return new WirthforgeClient(url, { page: this.page, replay: "none", ...options });
  }

  // The browser globals that the client uses.
  #page() {
    const world = this;
    return Object.assign(new EventTarget(), {
      Date: { now: () => this.now },
      Math: { random: () => this.random },
      document: { hidden: false },
      setTimeout: (call, ms) => {
        this.timers.set(this.nextTimer, { at: this.now + ms, call });
        return this.nextTimer++;
      },
      clearTimeout: (id) => this.timers.delete(id),
      location: { origin: "http://localhost:3000" },
      fetch: (url, options) => {
        this.probes.push(url);
        this.fetched.push({ url, ...options });
        if (this.isUp === undefined) return new Later();
        if (this.isSlow) return new Later(undefined, new DOMException("signal timed out", "TimeoutError"));
        if (!this.isUp || !this.isReadable) return new Later(undefined, new TypeError("fetch"));
        const { pathname } = new URL(url);
        const isHealth = pathname === "/health";
        const text = isHealth ? JSON.stringify(this.health) : this.refusal.text;
        let json = new Later(undefined, new SyntaxError("json"));
        if (this.isCut) json = new Later(undefined, new DOMException("signal timed out", "TimeoutError"));
        else if (isHealth && typeof this.health !== "string") json = new Later(JSON.parse(text));
        const status = !isHealth ? this.refusal.status : this.health.status === "ok" ? 200 : 503;
        return new Later({ status, json: () => json, text: () => new Later(text) });
      },
      WebSocket: class extends FakeSocket {
        constructor(url, protocols) {
          super(url, protocols);
          world.sockets.push(this);
        }
      },
    });
  }

  /** Lets time pass; timers fire in the order of their times. */
  pass(ms) {
    const end = this.now + ms;
    for (;;) {
      const due = [...this.timers].filter(([, timer]) => timer.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.timers.delete(due[0]);
      this.now = Math.max(this.now, due[1].at);
      due[1].call();
    }
    this.now = end;
  }

  /** The page is hidden or shown, or goes ("pagehide") or comes back ("pageshow"). */
  hide(hidden = true) {
    this.page.document.hidden = hidden;
    this.page.dispatchEvent(new Event("visibilitychange"));
  }
  show() {
    this.hide(false);
  }
  tell(type) {
    this.page.dispatchEvent(new Event(type));
  }

  get socket() {
    return this.sockets.at(-1);
  }

  /** The newest socket opens and the server says its first two messages. */
  goLive({ epoch = "e", timestamp = this.now } = {}) {
    this.socket.open();
    this.say({ type: "startup_complete", channel: "system", timestamp, payload: { model: "m" } });
    this.beat({ sequence: 0, connectionId: `${epoch}.1` }, timestamp);
  }

  beat(payload = {}, timestamp = this.now) {
    const whole = { sequence: 1, serverTime: this.now, connectionId: "e.1", ...payload };
    this.say({ type: "heartbeat", channel: "system", timestamp, payload: whole });
  }

  say(event) {
    this.socket.onmessage?.({ data: JSON.stringify(event) });
  }
}

// A settled promise that calls back at once: virtual time has no microtasks. Without arguments it never settles.
class Later {
  #settled;
  constructor(...settled) {
    this.#settled = settled;
  }
  then(yes, no) {
    if (this.#settled.length === 0) return new Later();
    const [value, error] = this.#settled;
    if (error && !no) return this;
    const next = error ? no(error) : yes(value);
    return next instanceof Later ? next : new Later(next);
  }
}

class FakeSocket {
  readyState = 0;
  sent = [];
  closedWith = null;

  constructor(url, protocols) {
    this.url = url;
    this.protocols = protocols;
  }
  open() {
    this.readyState = 1;
    this.onopen?.({});
  }
  drop(code, reason = "") {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }
  send(text) {
    if (this.readyState === 0) throw new DOMException("connecting", "InvalidStateError");
    this.sent.push(JSON.parse(text));
  }
  /** Refuses the arguments that browsers refuse. */
  close(code, reason) {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999))
      throw new DOMException("code", "InvalidAccessError");
    if (reason?.length > 123) throw new DOMException("reason", "SyntaxError");
    this.readyState = 2;
    this.closedWith = { code, reason };
  }
}

export const token = (timestamp, text = "t", more = {}) => ({
  type: "token_stream",
  channel: "experience",
  timestamp,
  payload: { tokens: [text], isComplete: false, sessionId: "s", modelId: "m", ...more },
});

export const energy = (frameNumber, modelId = "m") => ({
  type: "energy_update",
  channel: "energy",
  timestamp: 1,
  frameNumber,
  payload: { modelId },
});

export const gap = (code) => ({ type: "error_event", channel: "system", timestamp: 1, payload: { code, details: {} } });

/** An event that tells of an answer's or a model's life. */
export const life = (timestamp, code, details = { sessionId: "s", modelId: "m" }) => ({
  type: "error_event",
  channel: "system",
  timestamp,
  payload: { severity: "info", code, message: `${code} was said`, component: "model", details },
});
