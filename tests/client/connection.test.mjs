// How the browser client connects, comes back, gives up and closes. On virtual time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { energy, World } from "./world.mjs";

test("it connects on connect() and not in the constructor", () => {
  const world = new World();
  const client = world.client();
  assert.equal(world.sockets.length, 0);
  assert.equal(client.state.name, "idle");
  client.connect();
  client.connect();
  assert.equal(world.sockets.length, 1);
  assert.equal(client.state.name, "connecting");
});

test("its states are connecting, handshaking, live", () => {
  const world = new World();
  const client = world.client();
  const names = [];
  client.on("state", (state) => names.push(state.name));
  client.connect();
  world.goLive();
  assert.deepEqual(names, ["connecting", "handshaking", "live"]);
});

test("the delays are 1, 2, 4, 8, 16, 16 seconds, and a startup_complete starts them over", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  for (const seconds of [1, 2, 4, 8, 16, 16, 16]) {
    world.socket.drop(1006);
    assert.equal(client.state.name, "waiting");
    assert.equal(client.state.delay, seconds * 1000);
    const before = world.sockets.length;
    world.pass(seconds * 1000 - 1);
    assert.equal(world.sockets.length, before);
    world.pass(1);
    assert.equal(world.sockets.length, before + 1);
  }
  world.goLive();
  world.socket.drop(1012);
  assert.equal(client.state.delay, 1000);
  assert.equal(client.state.attempt, 1);
  assert.equal(client.state.code, 1012);
});

test("jitter only ever shortens a delay, by a quarter at most", () => {
  const world = new World();
  world.random = 0.999;
  const client = world.client();
  client.connect();
  world.socket.drop(1006);
  assert.ok(client.state.delay >= 750 && client.state.delay < 1000);
});

test("an open socket without startup_complete is given up after 5 seconds", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  world.socket.open();
  world.pass(4999);
  assert.equal(client.state.name, "handshaking");
  world.pass(1);
  assert.equal(client.state.name, "waiting");
  assert.notEqual(world.socket.closedWith, null);
});

test("a socket that never opens is given up after 5 seconds, and its later events are ignored", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  const stuck = world.socket;
  world.pass(5000);
  assert.equal(client.state.name, "waiting");
  stuck.open();
  stuck.drop(1006);
  assert.equal(client.state.name, "waiting");
  assert.equal(client.state.attempt, 1);
});

test("three seconds of silence are death, a message puts it off", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  world.goLive();
  for (let second = 0; second < 10; second += 1) {
    world.pass(2900);
    world.say(energy(second));
  }
  assert.equal(client.state.name, "live");
  world.pass(2999);
  assert.equal(client.state.name, "live");
  world.pass(1);
  assert.equal(client.state.name, "waiting");
  assert.equal(client.state.reason, "silence");
});

test("a page that slept reads the messages that came meanwhile before it gives up", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  world.goLive();
  world.now += 60_000; // asleep: timers are late
  const [id, timer] = [...world.timers][0];
  world.timers.delete(id);
  timer.call();
  assert.equal(client.state.name, "live");
  world.say(energy(1));
  world.pass(0);
  assert.equal(client.state.name, "live");
});

test("close() wins at every moment and nothing comes after it", () => {
  for (const moment of ["connecting", "handshaking", "live", "waiting"]) {
    const world = new World();
    const client = world.client();
    client.connect();
    if (moment === "handshaking") world.socket.open();
    if (moment === "live") world.goLive();
    if (moment === "waiting") world.socket.drop(1006);
    assert.equal(client.state.name, moment);
    const sockets = world.sockets.length;
    client.close();
    world.pass(100_000);
    assert.equal(client.state.name, "closed", moment);
    assert.equal(world.sockets.length, sockets, moment);
    client.connect();
    assert.equal(client.state.name, "connecting");
  }
});

test("a listener that closes in any state is obeyed, and hears nothing more", () => {
  for (const moment of ["connecting", "handshaking", "live", "waiting"]) {
    const world = new World();
    const client = world.client();
    const heard = [];
    client.on("*", (event) => heard.push(event.type));
    client.on("state", (state) => state.name === moment && client.close());
    client.connect();
    if (world.socket) world.goLive();
    world.socket?.drop(1006);
    const sockets = world.sockets.length;
    world.pass(100_000);
    assert.equal(client.state.name, "closed", moment);
    assert.equal(world.sockets.length, sockets, moment);
    assert.equal(sockets, moment === "connecting" ? 0 : 1, moment);
    assert.equal(world.timers.size, 0, moment);
    if (moment !== "waiting") assert.deepEqual(heard, [], moment);
  }
});

test("a listener that closes and connects again gets one new attempt", () => {
  const world = new World();
  const client = world.client();
  let restarts = 0;
  client.on("state", (state) => {
    if (state.name !== "waiting" || restarts > 0) return;
    restarts += 1;
    client.close();
    client.connect();
  });
  client.connect();
  world.socket.drop(1006);
  assert.equal(client.state.name, "connecting");
  world.goLive();
  world.pass(2999);
  assert.equal(client.state.name, "live");
  assert.equal(world.sockets.length, 2);
});

test("the socket is closed even with a code or a reason that the browser refuses", () => {
  for (const [code, reason] of [
    [1001, ""],
    [1000, "r".repeat(124)],
    [70_000, ""],
  ]) {
    const world = new World();
    const client = world.client();
    client.connect();
    world.goLive();
    const closed = world.socket;
    client.close(code, reason);
    assert.deepEqual(closed.closedWith, { code: undefined, reason: undefined }, String(code));
    assert.equal(client.state.name, "closed");
  }
});

test("a silent server is found out although the clock was set back", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  world.goLive();
  const due = [...world.timers.values()];
  world.now -= 3_600_000;
  for (const timer of due) timer.at -= 3_600_000; // timers run on another clock
  world.pass(6001);
  assert.equal(client.state.name, "waiting");
  assert.equal(client.state.reason, "silence");
});

test("1000 and 1008 mean do not return, every other code means come back", () => {
  for (const code of [1000, 1008]) {
    const world = new World();
    const client = world.client();
    client.connect();
    world.goLive();
    world.socket.drop(code, "no");
    assert.deepEqual(client.state, { name: "closed", code, reason: "no" });
  }
  for (const code of [1001, 1002, 1006, 1009, 1011, 1012, 1013]) {
    const world = new World();
    const client = world.client();
    client.connect();
    world.goLive();
    world.socket.drop(code);
    assert.equal(client.state.name, "waiting", String(code));
  }
});

test("an address that can never work ends at once and says so", () => {
  const world = new World();
  world.page.WebSocket = class {
    constructor() {
      throw new SyntaxError("bad address");
    }
  };
  const client = world.client();
  client.connect();
  assert.equal(client.state.name, "closed");
  assert.match(client.state.reason, /bad address/);
  assert.equal(world.timers.size, 0);
});

test("ready() resolves when it is live, at once if it is", async () => {
  const world = new World();
  const client = world.client();
  const early = client.ready();
  client.connect();
  world.socket.drop(1006);
  world.pass(1000);
  world.goLive();
  await early;
  await client.ready();
});

test("ready() rejects when the client is closed, by the page or by the server", async () => {
  const world = new World();
  const client = world.client();
  client.connect();
  const refused = client.ready();
  world.socket.drop(1008, "not wanted");
  await assert.rejects(refused, /1008 not wanted/);
  await assert.rejects(client.ready(), /closed/);
  client.connect();
  const closed = client.ready();
  client.close();
  await assert.rejects(closed, /1000/);
});

test("a signal closes it for good", () => {
  const world = new World();
  const abort = new AbortController();
  const client = world.client({ signal: abort.signal });
  client.connect();
  world.goLive();
  abort.abort();
  assert.equal(client.state.name, "closed");
  assert.deepEqual(world.socket.closedWith, { code: 1000, reason: "" });
  client.connect();
  world.pass(100_000);
  assert.equal(client.state.name, "closed");
  assert.equal(world.sockets.length, 1);
});

test("an access token is offered as a subprotocol beside ours, and nowhere else", () => {
  const world = new World();
  world.client({ accessToken: "c0ffee" }).connect();
  assert.deepEqual(world.socket.protocols, ["wirthforge.v1", "wirthforge.token.c0ffee"]);
  assert.equal(world.socket.url, "ws://127.0.0.1:8145/ws");
  world.client().connect();
  assert.deepEqual(world.socket.protocols, []); // a server that picks none would be refused by browsers
});
