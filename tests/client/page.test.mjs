// The browser client when its page is hidden, goes into the back-forward cache, or sleeps. On virtual time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { energy, token, World } from "./world.mjs";

const subscriptions = (socket) => socket.sent.filter(({ type }) => type === "subscribe").map(({ payload }) => payload.channels);

test("while the page is hidden it does without energy, and has it back at once", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  world.goLive();
  assert.deepEqual(subscriptions(world.socket), []);
  world.hide();
  world.show();
  assert.deepEqual(subscriptions(world.socket), [
    ["experience", "council", "reward"],
    ["energy", "experience", "council", "reward"],
  ]);
  assert.equal(client.state.name, "live");
  assert.equal(world.sockets.length, 1);
});

test("it keeps to the channels that were chosen, hidden or not, and across reconnects", () => {
  const world = new World();
  const client = world.client({ channels: ["energy", "reward"] });
  client.connect();
  world.goLive();
  world.hide();
  assert.deepEqual(subscriptions(world.socket), [["energy", "reward"], ["reward"]]);
  world.socket.drop(1012);
  world.pass(1000);
  world.goLive();
  assert.deepEqual(subscriptions(world.socket), [["reward"]]);
  client.subscribe(["energy"]);
  world.show();
  assert.deepEqual(subscriptions(world.socket), [["reward"], [], ["energy"]]);
});

test("a page that is hidden from the start does without energy from the start", () => {
  const world = new World();
  world.page.document.hidden = true;
  world.client().connect();
  world.goLive();
  assert.deepEqual(subscriptions(world.socket), [["experience", "council", "reward"]]);
});

test("with whenHidden keep, it keeps everything while hidden", () => {
  const world = new World();
  const client = world.client({ whenHidden: "keep" });
  client.connect();
  world.goLive();
  world.hide();
  world.say(energy(1));
  assert.equal(client.latest.energy_update.frameNumber, 1);
  for (const channels of subscriptions(world.socket)) assert.ok(channels.includes("energy"));
});

test("with whenHidden suspend, it disconnects while hidden and comes back where it was", () => {
  const world = new World();
  const client = world.client({ whenHidden: "suspend" });
  const states = [];
  client.on("state", ({ name }) => states.push(name));
  client.connect();
  world.goLive({ timestamp: 100 });
  world.say(token(101));
  world.hide();
  assert.equal(client.state.name, "suspended");
  assert.deepEqual(world.socket.closedWith, { code: undefined, reason: undefined });
  world.pass(3_600_000);
  assert.equal(world.sockets.length, 1);
  world.show();
  assert.match(world.socket.url, /since=101/);
  world.goLive();
  assert.deepEqual(states.slice(2), ["live", "suspended", "connecting", "handshaking", "live"]);
});

test("with whenHidden suspend, it does not even connect while hidden", () => {
  const world = new World();
  world.page.document.hidden = true;
  const client = world.client({ whenHidden: "suspend" });
  client.connect();
  assert.equal(client.state.name, "suspended");
  assert.equal(world.sockets.length, 0);
  world.show();
  assert.equal(client.state.name, "connecting");
});

test("a page that is left closes its socket, at every moment, and one that comes back goes on where it was", () => {
  for (const moment of ["connecting", "handshaking", "live", "waiting"]) {
    const world = new World();
    const client = world.client();
    let suspended = 0;
    client.on("state", ({ name }) => (suspended += name === "suspended"));
    client.connect();
    if (moment !== "connecting") world.socket.open();
    if (moment === "live") world.goLive({ timestamp: 100 });
    if (moment === "waiting") world.socket.drop(1006);
    assert.equal(client.state.name, moment);
    const left = world.socket;
    world.tell("pagehide");
    world.hide(); // browsers say both
    assert.equal(client.state.name, "suspended", moment);
    if (moment !== "waiting") assert.notEqual(left.closedWith, null, moment);
    world.pass(100_000);
    assert.equal(world.sockets.length, 1, moment);
    world.show(); // Chromium says so first
    assert.equal(suspended, 1, moment);
    world.tell("pageshow");
    assert.equal(world.sockets.length, 2, moment);
    world.goLive({ timestamp: 200 });
    assert.equal(client.state.name, "live", moment);
    if (moment === "live") assert.match(world.socket.url, /since=100/);
  }
});

test("a page that just loaded says so while it connects, and that changes nothing", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  world.tell("pageshow");
  assert.equal(world.sockets.length, 1);
  world.goLive();
  world.tell("pageshow");
  assert.deepEqual(subscriptions(world.socket), []);
  assert.equal(client.state.name, "live");
});

test("a closed client does not listen to its page", () => {
  for (const end of [(world, client) => client.close(), (world) => world.socket.drop(1008)]) {
    const world = new World();
    const client = world.client({ whenHidden: "suspend" });
    client.connect();
    world.goLive();
    end(world, client);
    for (const step of [() => world.hide(), () => world.show(), () => world.tell("pagehide"), () => world.tell("pageshow")])
      step();
    assert.equal(client.state.name, "closed");
    assert.equal(world.sockets.length, 1);
    client.connect();
    world.hide();
    assert.equal(client.state.name, "suspended");
  }
});

test("a client that is closed while it is suspended stays closed", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  world.goLive();
  world.tell("pagehide");
  client.close();
  world.tell("pageshow");
  world.pass(100_000);
  assert.equal(client.state.name, "closed");
  assert.equal(world.sockets.length, 1);
});

test("a page that is shown while it waits tries at once", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  for (const delay of [1000, 2000, 4000]) {
    world.socket.drop(1013);
    world.pass(delay);
  }
  world.socket.drop(1013);
  assert.equal(client.state.delay, 8000);
  const before = world.sockets.length;
  world.hide();
  assert.equal(world.sockets.length, before);
  world.show();
  assert.equal(world.sockets.length, before + 1);
  assert.equal(client.state.name, "connecting");
});

test("after a laptop's sleep a dead line is found at once, and it goes on where it was", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  world.goLive({ timestamp: 100 });
  world.now += 3_600_000;
  world.pass(0); // the late timer, and the look after what came meanwhile
  assert.equal(client.state.name, "waiting");
  assert.equal(client.state.reason, "silence");
  world.pass(1000);
  assert.match(world.socket.url, /since=100/);
});

test("it works where there is no page at all, as in a worker", () => {
  const world = new World();
  for (const part of ["document", "addEventListener", "removeEventListener"]) world.page[part] = undefined;
  const client = world.client();
  client.connect();
  world.goLive();
  assert.equal(client.state.name, "live");
  client.close();
  assert.equal(client.state.name, "closed");
});
