// How the browser client goes on where it was: cursor, whole answers, storage; gaps.test.mjs has the rest. On virtual time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { WirthforgeClient } from "../../client/wirthforge.js";
import { energy, gap, token, World } from "./world.mjs";

test("it comes back with its cursor and drops events that it had", () => {
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
  assert.equal(world.socket.url, "ws://127.0.0.1:8145/ws?epoch=e&since=105&began=100&frame=7&frames=m:7");
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
  assert.match(world.socket.url, /\?epoch=e&since=100&began=100$/);
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

test("with several models it says which of them it heard in which frame, and since when", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  world.goLive({ timestamp: 100 });
  for (const [frame, model] of [
    [5, "a"],
    [5, "b"],
    [6, "b"],
    [6, "a"],
    [7, "b"],
  ])
    world.say(energy(frame, model));
  world.say({ type: "energy_field", channel: "energy", timestamp: 1, frameNumber: 8, payload: { modelId: "c" } });
  world.socket.drop(1006);
  world.pass(1000);
  assert.equal(world.socket.url, "ws://127.0.0.1:8145/ws?epoch=e&since=100&began=100&frame=7&frames=b:7,a:6");
});

test("it names 32 models at most, in 1500 characters at most, those heard last", () => {
  for (const [length, models] of [
    [1, 32],
    [100, 14],
  ]) {
    const world = new World();
    const client = world.client();
    client.connect();
    world.goLive();
    for (let model = 0; model < 40; model += 1) world.say(energy(1000 + model, "m".repeat(length - 1) + (10 + model)));
    world.socket.drop(1006);
    world.pass(1000);
    const list = new URL(world.socket.url).searchParams.get("frames");
    assert.ok(list.length <= 1500);
    assert.equal(list.split(",").length, models);
    assert.match(list, /^m*49:1039,m*48:1038,/);
  }
});

test("a heartbeat that does not say its connection changes nothing", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  world.goLive({ timestamp: 100 });
  world.beat({ connectionId: undefined });
  world.socket.drop(1006);
  world.pass(1000);
  assert.match(world.socket.url, /\?epoch=e&since=100&began=100$/);
});

test("it says that it resumed as soon as the same epoch goes on without a gap, before the missed events", () => {
  const world = new World();
  const client = world.client();
  const heard = [];
  client.on("resumed", ({ since }) => heard.push(`resumed ${since}`));
  client.on("gap", ({ code }) => heard.push(code));
  client.on("token_stream", ({ payload }) => heard.push(payload.tokens[0]));
  client.connect();
  world.goLive({ timestamp: 100 });
  world.say(token(101, "a"));
  world.socket.drop(1006);
  world.pass(1000);
  world.goLive({ timestamp: 200 });
  assert.deepEqual(heard, ["a"]);
  world.say(token(150, "b"));
  world.beat();
  assert.deepEqual(heard, ["a", "resumed 101", "b"]);
});

test("it asks for the answers of late unless told otherwise, also where the address has a query", () => {
  for (const [address, options, url] of [
    ["ws://h/ws", {}, "ws://h/ws?replay=recent"],
    ["ws://h/ws?a=1", {}, "ws://h/ws?a=1&replay=recent"],
    ["ws://h/ws", { replay: "open" }, "ws://h/ws?replay=open"],
    ["ws://h/ws", { replay: "none" }, "ws://h/ws"],
  ]) {
    const world = new World();
    new WirthforgeClient(address, { page: world.page, ...options }).connect();
    assert.equal(world.socket.url, url);
  }
});

test("the text so far of an open answer comes first, and the cursor stays", () => {
  const world = new World();
  const client = world.client({ replay: "open" });
  const texts = [];
  client.on("token_stream", ({ payload }) => texts.push(payload.tokens.join("")));
  client.connect();
  world.goLive({ timestamp: 100 });
  world.say(token(100, "all that was said", { sessionId: "a" }));
  world.say(token(100, "and there", { sessionId: "b" }));
  world.say(token(101, ", and more", { sessionId: "a" }));
  assert.deepEqual(texts, ["all that was said", "and there", ", and more"]);
  assert.equal(client.stats.duplicates, 0);
  world.socket.drop(1006);
  world.pass(1000);
  assert.match(world.socket.url, /since=101&began=100&replay=open$/);
});

test("on a resume without a gap, an event with the greeting's timestamp is an event", () => {
  const world = new World();
  const client = world.client({ replay: "open" });
  let page = "";
  client.on("token_stream", ({ payload }) => (page += payload.tokens.join("")));
  client.connect();
  world.goLive({ timestamp: 100 });
  world.say(token(101, "one "));
  world.socket.drop(1006);
  world.pass(1000);
  world.goLive({ timestamp: 102 });
  world.say(token(102, "two "));
  assert.equal(page, "one two ");
});

test("an answer of another run of the server with the same name is another answer", () => {
  const world = new World();
  const client = world.client({ replay: "open" });
  const texts = [];
  client.on("token_stream", ({ payload }) => texts.push(payload.tokens.join("")));
  client.connect();
  world.goLive({ epoch: "one", timestamp: 100 });
  world.say(token(101, "a long text of old"));
  world.socket.drop(1006);
  world.pass(1000);
  world.goLive({ epoch: "two", timestamp: 50 });
  world.say(gap("RESUME_EPOCH_CHANGED"));
  world.say(token(50, "new"));
  assert.deepEqual(texts, ["a long text of old", "new"]);
});

test("with a storage it goes on after a reload where it was, in two tabs as well as in one", () => {
  const kept = new Map();
  const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, text) => kept.set(key, String(text)) };
  const before = new World();
  before.client({ storage, replay: "open" }).connect();
  before.goLive({ timestamp: 100 });
  before.say(token(101, "one "));
  before.say(energy(7, "a"));
  before.say(energy(7, "b"));
  assert.equal(kept.size, 0); // not for each event
  before.tell("pagehide");
  for (const tab of ["reloaded", "duplicated"]) {
    const world = new World();
    const client = world.client({ storage, replay: "open" });
    let page = "one ";
    client.on("token_stream", ({ payload }) => (page += payload.tokens.join("")));
    client.connect();
    const query = "epoch=e&since=101&began=100&frame=7&frames=b:7,a:7&replay=open";
    assert.equal(world.socket.url, `ws://127.0.0.1:8145/ws?${query}`, tab);
    world.goLive({ timestamp: 300 });
    world.say(gap("RESUME_GAP"));
    world.say(token(300, "one two "));
    assert.equal(page, "one two ", tab);
  }
});

test("a storage that is empty, broken, full or forbidden is none", () => {
  const fails = () => {
    throw new DOMException("no", "SecurityError");
  };
  for (const storage of [
    { getItem: () => null, setItem: fails },
    { getItem: () => "not json", setItem: fails },
    { getItem: () => "5", setItem: fails },
    { getItem: () => "null", setItem: fails },
    { getItem: fails, setItem: fails },
    null,
    undefined,
  ]) {
    const world = new World();
    const client = world.client({ storage });
    client.connect();
    assert.equal(world.socket.url, "ws://127.0.0.1:8145/ws");
    world.goLive();
    world.tell("pagehide");
    assert.equal(client.state.name, "suspended");
  }
});
