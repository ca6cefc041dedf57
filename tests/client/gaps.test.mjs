// The browser client after events were missed, or might have been. On virtual time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { energy, gap, token, World } from "./world.mjs";

const errorEvent = (code, timestamp) => ({
  type: "error_event",
  channel: "system",
  timestamp,
  payload: { severity: "warning", code, message: "", component: "websocket" },
});
const queryOf = (world) => new URL(world.socket.url).searchParams;

test("a gap is told", () => {
  const world = new World();
  const client = world.client();
  const gaps = [];
  client.on("gap", ({ code }) => gaps.push(code));
  client.connect();
  world.goLive();
  world.say(gap("RESUME_GAP"));
  world.say(gap("FRAME_OVERRUN"));
  assert.deepEqual(gaps, ["RESUME_GAP"]);
  assert.equal(client.stats.gaps, 1);
});

test("another epoch forgets frames, too", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  world.goLive({ epoch: "one", timestamp: 100 });
  world.say(energy(900, "a"));
  world.say(energy(900, "b"));
  world.socket.drop(1006);
  world.pass(1000);
  world.goLive({ epoch: "two", timestamp: 200 });
  world.say(energy(3, "b"));
  world.socket.drop(1006);
  world.pass(1000);
  assert.match(world.socket.url, /\?epoch=two&since=200&began=200&frame=3&frames=b:3$/);
});

test("it does not say that it resumed after a gap, a restart, or at first", () => {
  for (const [epoch, code] of [
    ["e", "RESUME_GAP"],
    ["e", "RESUME_LAGGED"],
    ["f", "RESUME_EPOCH_CHANGED"],
  ]) {
    const world = new World();
    const client = world.client();
    let resumed = 0;
    client.on("resumed", () => (resumed += 1));
    client.connect();
    world.goLive();
    world.beat();
    world.socket.drop(1013);
    world.pass(1000);
    world.goLive({ epoch });
    world.say(gap(code));
    world.beat({ connectionId: `${epoch}.2` });
    assert.equal(resumed, 0, code);
    assert.equal(client.stats.gaps, 1);
  }
});

test("after a gap, the new part of an open answer is handed on, so that text is only ever appended", () => {
  const world = new World();
  const client = world.client({ replay: "open" });
  let page = "";
  client.on("token_stream", ({ payload }) => (page += payload.tokens.join("")));
  client.connect();
  world.goLive({ timestamp: 100 });
  world.say(token(101, "one "));
  world.say(token(102, "two "));
  world.socket.drop(1013);
  world.pass(1000);
  world.goLive({ timestamp: 900 });
  world.say(gap("RESUME_LAGGED"));
  world.say(token(900, "one two three "));
  world.say(token(901, "four"));
  assert.equal(page, "one two three four");
});

test("an error that concerns everybody is delivered once and moves the cursor; its own does not", () => {
  const world = new World();
  const client = world.client();
  const codes = [];
  client.on("error_event", ({ payload }) => codes.push(payload.code));
  client.connect();
  world.goLive({ timestamp: 100 });
  world.say(errorEvent("FRAME_OVERRUN", 105));
  world.say(errorEvent("FRAME_OVERRUN", 105));
  world.say(errorEvent("CLIENT_MESSAGE_UNKNOWN", 300));
  world.say(errorEvent("MODEL_LOST", 106));
  assert.deepEqual(codes, ["FRAME_OVERRUN", "CLIENT_MESSAGE_UNKNOWN", "MODEL_LOST"]);
  assert.equal(client.stats.duplicates, 1);
  world.socket.drop(1006);
  world.pass(1000);
  assert.equal(queryOf(world).get("since"), "106");
});

test("with several models it names the frame of each that it has, and after a gap none", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  world.goLive({ timestamp: 100 });
  world.say(energy(7, "a"));
  world.say(energy(8, "a"));
  world.say({ type: "energy_field", channel: "energy", timestamp: 1, frameNumber: 9, payload: { modelId: "a" } });
  assert.ok(client.latest.energy_field);
  world.socket.drop(1006);
  world.pass(1000);
  assert.equal(queryOf(world).get("frame"), "8");
  assert.equal(queryOf(world).get("frames"), "a:8");

  world.goLive({ timestamp: 200 });
  world.say(energy(10, "b"));
  world.socket.drop(1006);
  world.pass(1000);
  assert.equal(queryOf(world).get("frame"), "10");
  assert.equal(queryOf(world).get("began"), "100");
  assert.equal(queryOf(world).get("frames"), "b:10,a:8");

  world.goLive({ timestamp: 300 });
  world.say(errorEvent("RESUME_GAP", 301));
  world.socket.drop(1006);
  world.pass(1000);
  assert.equal(queryOf(world).get("since"), "100");
  assert.equal(queryOf(world).get("frame"), null);
});

test("an invalid cursor is given up for the startup's", () => {
  const world = new World();
  const client = world.client({ storage: { getItem: () => '{"epoch":"e","since":5,"frames":{}}', setItem() {} } });
  client.connect();
  assert.equal(queryOf(world).get("since"), "5");
  world.goLive({ timestamp: 100 });
  world.say(errorEvent("RESUME_INVALID", 100));
  world.beat({}, 101);
  world.socket.drop(1006);
  world.pass(1000);
  assert.equal(queryOf(world).get("epoch"), "e");
  assert.equal(queryOf(world).get("since"), "100");
});

test("a client that is cut among the texts so far is sent them again, and no text comes twice", () => {
  const world = new World();
  const client = world.client({ replay: "open" });
  let text = "";
  client.on("token_stream", ({ payload }) => (text += payload.tokens.join("")));
  client.connect();
  world.goLive({ timestamp: 100 });
  world.say(token(100, "one ", { sessionId: "a" }));
  world.socket.drop(1006);
  world.pass(1000);
  assert.equal(world.socket.url, "ws://127.0.0.1:8145/ws?replay=open"); // not its cursor: "b" would never come
  world.goLive({ timestamp: 200 });
  world.say(token(200, "one more ", { sessionId: "a" }));
  world.say(token(200, "two", { sessionId: "b" }));
  assert.equal(text, "one more two");
  world.beat({}, 201);
  world.socket.drop(1006);
  world.pass(1000);
  assert.equal(queryOf(world).get("since"), "200"); // now they are part of what it has
});

test("an answer that ended in a gap is not waited for", async () => {
  const world = new World();
  const client = world.client({ replay: "open" });
  client.connect();
  world.goLive({ timestamp: 100 });
  world.say(token(101, "cut ", { sessionId: "a" }));
  world.say(token(102, "whole ", { sessionId: "b" }));
  const read = async (id) => {
    let text = "";
    try {
      for await (const piece of client.tokens(id)) text += piece;
    } catch (error) {
      return `${text}[${error.message}]`;
    }
    return text;
  };
  const [a, b] = [read("a"), read("b")];
  world.socket.drop(1006);
  world.pass(1000);
  world.goLive({ timestamp: 200 });
  world.say(errorEvent("RESUME_GAP", 200));
  world.say(token(200, "whole and ", { sessionId: "b" }));
  world.say(token(201, "on", { sessionId: "b", isComplete: true }));
  assert.equal(await a, "cut [the answer was cut off]");
  assert.equal(await b, "whole and on");
});
