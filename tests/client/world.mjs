// A world for the client's tests: virtual time, and sockets that do what the test says. Nothing sleeps.
import { WirthforgeClient } from "../../client/wirthforge.js";

export class World {
  now = 1_700_000_000_000;
  timers = new Map();
  nextTimer = 1;
  sockets = [];
  random = 0;

  client(options = {}) {
    const world = this;
    return new WirthforgeClient("ws://127.0.0.1:8145/ws", {
      now: () => this.now,
      setTimeout: (call, ms) => {
        this.timers.set(this.nextTimer, { at: this.now + ms, call });
        return this.nextTimer++;
      },
      clearTimeout: (id) => this.timers.delete(id),
      random: () => this.random,
      WebSocket: class extends FakeSocket {
        constructor(url, protocols) {
          super(url);
          this.protocols = protocols;
          world.sockets.push(this);
        }
      },
      ...options,
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

  get socket() {
    return this.sockets.at(-1);
  }

  /** The newest socket opens and the server says its first two messages. */
  goLive({ epoch = "e", timestamp = this.now } = {}) {
    this.socket.open();
    this.say({ type: "startup_complete", channel: "system", timestamp, payload: {} });
    this.say({
      type: "heartbeat",
      channel: "system",
      timestamp,
      payload: { sequence: 0, serverTime: this.now, connectionId: `${epoch}.1` },
    });
  }

  say(event) {
    this.socket.onmessage?.({ data: JSON.stringify(event) });
  }
}

class FakeSocket {
  readyState = 0;
  sent = [];
  closedWith = null;

  constructor(url) {
    this.url = url;
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
    this.sent.push(JSON.parse(text));
  }
  /** Refuses what browsers refuse. */
  close(code, reason) {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999))
      throw new DOMException("code", "InvalidAccessError");
    if (reason?.length > 123) throw new DOMException("reason", "SyntaxError");
    this.readyState = 2;
    this.closedWith = { code, reason };
  }
}
