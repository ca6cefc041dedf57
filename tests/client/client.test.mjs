// The browser client, on virtual time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { World } from "./world.mjs";

const token = (timestamp, text = "t") => ({
  type: "token_stream",
  channel: "experience",
  timestamp,
  payload: { tokens: [text], isComplete: false, sessionId: "s", modelId: "m" },
});
const energy = (frameNumber, modelId = "m") => ({ type: "energy_update", channel: "energy", timestamp: 1, frameNumber, payload: { modelId } });

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

test("a socket that never opens is given up after 5 seconds, and what it says later is not heard", () => {
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

test("a page that slept reads what came meanwhile before it gives up", () => {
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

test("a listener that closes on live is obeyed", () => {
  const world = new World();
  const client = world.client();
  client.on("state", (state) => state.name === "live" && client.close());
  client.connect();
  world.goLive();
  world.pass(100_000);
  assert.equal(client.state.name, "closed");
  assert.equal(world.sockets.length, 1);
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

test("it comes back with its cursor and drops what it had", () => {
  const world = new World();
  const client = world.client();
  const texts = [];
  client.on("token_stream", (event) => texts.push(event.payload.tokens[0]));
  client.connect();
  assert.equal(world.socket.url, "ws://127.0.0.1:8145/ws");
  world.goLive({ timestamp: 100 });
  world.say(token(101, "a"));
  world.say(energy(7));
  world.say(token(105, "b"));
  world.socket.drop(1006);
  world.pass(1000);
  assert.equal(world.socket.url, "ws://127.0.0.1:8145/ws?epoch=e&since=105&frame=7");
  world.goLive({ timestamp: 200 });
  world.say(token(105, "b"));
  world.say(token(106, "c"));
  assert.deepEqual(texts, ["a", "b", "c"]);
  assert.equal(client.stats.duplicates, 1);
  assert.equal(client.stats.reconnects, 1);
});

test("before any reliable event the cursor is the startup's timestamp", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  world.goLive({ timestamp: 100 });
  world.socket.drop(1001);
  world.pass(1000);
  assert.match(world.socket.url, /\?epoch=e&since=100$/);
});

test("another epoch starts a new cursor, even when the clock went back", () => {
  const world = new World();
  const client = world.client();
  const texts = [];
  client.on("token_stream", (event) => texts.push(event.payload.tokens[0]));
  client.connect();
  world.goLive({ epoch: "one", timestamp: 1000 });
  world.say(token(1001, "old"));
  world.socket.drop(1006);
  world.pass(1000);
  world.goLive({ epoch: "two", timestamp: 500 });
  world.say(token(501, "new"));
  assert.deepEqual(texts, ["old", "new"]);
});

test("a gap is told", () => {
  const world = new World();
  const client = world.client();
  const gaps = [];
  client.on("gap", (gap) => gaps.push(gap.code));
  client.connect();
  world.goLive();
  world.say({ type: "error_event", channel: "system", timestamp: 1, payload: { code: "RESUME_GAP", details: {} } });
  world.say({ type: "error_event", channel: "system", timestamp: 1, payload: { code: "FRAME_OVERRUN" } });
  assert.deepEqual(gaps, ["RESUME_GAP"]);
});

test("a listener that throws stops nothing and is reported", () => {
  const world = new World();
  const reported = [];
  const client = world.client({ reportError: (error) => reported.push(error.message) });
  let heard = 0;
  client.on("token_stream", () => {
    throw new Error("mine");
  });
  client.on("token_stream", () => (heard += 1));
  client.connect();
  world.goLive({ timestamp: 1 });
  world.say(token(2));
  assert.equal(heard, 1);
  assert.deepEqual(reported, ["mine"]);
});

test("on() gives back what ends it", () => {
  const world = new World();
  const client = world.client();
  let heard = 0;
  const stop = client.on("*", () => (heard += 1));
  client.connect();
  world.goLive();
  assert.equal(heard, 2);
  stop();
  world.say(energy(1));
  assert.equal(heard, 2);
});

test("it answers heartbeats and says its subscription, again after each reconnect", () => {
  const world = new World();
  const client = world.client({ channels: ["reward"] });
  client.connect();
  world.goLive();
  assert.deepEqual(world.socket.sent, [
    { type: "subscribe", payload: { channels: ["reward"] } },
    { type: "heartbeat_response", payload: { sequence: 0 } },
  ]);
  client.subscribe(["energy"]);
  assert.deepEqual(world.socket.sent.at(-1), { type: "subscribe", payload: { channels: ["energy"] } });
  world.socket.drop(1001);
  world.pass(1000);
  world.goLive();
  assert.deepEqual(world.socket.sent[0], { type: "subscribe", payload: { channels: ["energy"] } });
});

test("the frame rate counts frames of the last second once, whatever the number of models", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  world.goLive();
  for (let frame = 1; frame <= 120; frame += 1) {
    world.pass(1000 / 60);
    world.say(energy(frame, "a"));
    world.say(energy(frame, "b"));
  }
  assert.ok(Math.abs(client.frameRate - 60) <= 1, String(client.frameRate));
  assert.equal(client.latest.energy_update.frameNumber, 120);
  world.pass(1001);
  assert.equal(client.frameRate, 0);
});

test("the delay is the page's clock less the server's", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  world.goLive();
  world.now += 3;
  world.say({ type: "heartbeat", channel: "system", timestamp: 1, payload: { sequence: 1, serverTime: world.now - 2, frameRate: 60 } });
  assert.equal(client.stats.delayMs, 2);
  assert.equal(client.stats.serverFrameRate, 60);
});

test("text that is no JSON is ignored", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  world.goLive();
  world.socket.onmessage({ data: "not json" });
  assert.equal(client.state.name, "live");
});

test("an address that can never work ends at once and says so", () => {
  const world = new World();
  const client = world.client({
    WebSocket: class {
      constructor() {
        throw new SyntaxError("bad address");
      }
    },
  });
  client.connect();
  assert.equal(client.state.name, "closed");
  assert.match(client.state.reason, /bad address/);
  assert.equal(world.timers.size, 0);
});
