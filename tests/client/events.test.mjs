// The browser client's events, measures and listeners. On virtual time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { energy, token, World } from "./world.mjs";

test("a listener that throws stops nothing and is reported as an uncaught error, later", async () => {
  const world = new World();
  const client = world.client();
  let heard = 0;
  client.on("token_stream", () => {
    throw new Error("mine");
  });
  client.on("token_stream", () => (heard += 1));
  client.connect();
  world.goLive({ timestamp: 1 });
  const uncaught = new Promise((resolve) => process.setUncaughtExceptionCaptureCallback(resolve));
  world.say(token(2));
  assert.equal(heard, 1);
  assert.equal((await uncaught).message, "mine");
  process.setUncaughtExceptionCaptureCallback(null);
});

test("a listener that ends another before its turn, or adds one, is obeyed", () => {
  const world = new World();
  const client = world.client();
  const heard = [];
  let stopSecond;
  const first = () => {
    heard.push("first");
    stopSecond();
    client.on("heartbeat", () => heard.push("late"));
  };
  client.on("heartbeat", first);
  stopSecond = client.on("heartbeat", () => heard.push("second"));
  client.connect();
  world.goLive();
  assert.deepEqual(heard, ["first"]);
});

test("on() returns a function that ends it", () => {
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
  world.say({
    type: "heartbeat",
    channel: "system",
    timestamp: 1,
    payload: { sequence: 1, serverTime: world.now - 2, frameRate: 60 },
  });
  assert.equal(client.stats.delayMs, 2);
  assert.equal(client.stats.serverFrameRate, 60);
});

test("the jitter is the smoothed change of the delay", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  world.goLive();
  assert.equal(client.stats.jitterMs, 0);
  world.beat({ serverTime: world.now - 16 });
  assert.equal(client.stats.jitterMs, 1); // a sixteenth of what changed: RFC 3550 section 6.4.1
  world.beat({ serverTime: world.now - 16 });
  assert.equal(client.stats.jitterMs, 15 / 16);
});

test("a page's clock that lags behind the server's makes no negative delay", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  world.goLive();
  world.beat({ serverTime: world.now + 5 });
  assert.equal(client.stats.delayMs, 0);
});

test("frames that were passed over are counted; a pause, a reconnect and a shared frame are none", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  world.goLive();
  for (const [frame, model] of [
    [1, "a"],
    [1, "b"],
    [2, "a"],
    [5, "b"],
    [4, "a"],
    [605, "a"],
  ])
    world.say(energy(frame, model));
  assert.equal(client.stats.skippedFrames, 2);
  world.socket.drop(1006);
  world.pass(1000);
  world.goLive();
  world.say(energy(610));
  world.say(energy(612));
  assert.equal(client.stats.skippedFrames, 3);
});

test("with sendStats, it sends its measurements, and the page's own, with its answer to a heartbeat", () => {
  const world = new World();
  const client = world.client({ sendStats: true });
  client.connect();
  world.goLive();
  client.stats.paintMs = 9;
  world.say(energy(1));
  world.beat({ sequence: 7, serverTime: world.now - 2 });
  const { type, payload } = world.socket.sent.at(-1);
  assert.equal(type, "heartbeat_response");
  const { sequence, delayMs, frameRate, skippedFrames, reconnects, gaps, duplicates, paintMs } = payload;
  assert.deepEqual(
    { sequence, delayMs, frameRate, skippedFrames, reconnects, gaps, duplicates, paintMs },
    { sequence: 7, delayMs: 2, frameRate: 1, skippedFrames: 0, reconnects: 0, gaps: 0, duplicates: 0, paintMs: 9 },
  );
});

test("a message that is no event is ignored", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  world.goLive();
  const before = { ...client.stats };
  for (const data of ["not json", "null", "5", "[]", '"text"', "{}", new ArrayBuffer(4)])
    world.socket.onmessage({ data });
  assert.equal(client.state.name, "live");
  assert.deepEqual(client.stats, before);
});

test("an event of a type that this version does not know is handed on", () => {
  const world = new World();
  const client = world.client();
  const heard = [];
  client.on("*", (event) => heard.push(event.type));
  client.connect();
  world.goLive();
  world.say({ type: "of_tomorrow", channel: "system", timestamp: 1, payload: {} });
  assert.deepEqual(heard, ["startup_complete", "heartbeat", "of_tomorrow"]);
});
