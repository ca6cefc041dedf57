// The client's use of /health and of the HTTP reply to a WebSocket that was refused: a server that still loads its
// model, one that stops, one that does not let this page in. On virtual time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { World } from "./world.mjs";

const LOADING = { status: "starting", ready: false, phase: "loading m", progress: 0.25 };

test("after a model loaded for 40 seconds it is live at most two seconds after", () => {
  for (const wasLive of [false, true]) {
    for (const loadedAfter of [40_000, 40_300, 41_700, 44_900, 47_000]) {
      const world = new World();
      const client = world.client();
      client.connect();
      if (wasLive) {
        world.goLive();
        world.socket.drop(1012);
      }
      world.health = LOADING;
      for (let passed = 0; passed < loadedAfter; passed += 100) {
        if (world.socket.readyState === 0) world.socket.open(); // it is accepted, and greeted when the model is there
        world.pass(100);
      }
      const before = world.sockets.length;
      world.health = { status: "ok" };
      if (client.state.name !== "handshaking") {
        world.pass(1000);
        assert.equal(world.sockets.length, before + 1, `${loadedAfter} ms`);
      }
      world.goLive();
      assert.equal(client.state.name, "live");
    }
  }
});

test("while the server starts, the state says its phase and its progress, and each change once", () => {
  const world = new World();
  const client = world.client();
  const told = [];
  client.on("state", ({ name, server }) => told.push(server ? `${name} ${server.status} ${server.phase} ${server.progress}` : name));
  world.health = LOADING;
  client.connect();
  world.socket.open();
  world.pass(3500);
  assert.deepEqual(client.state.server, { status: "starting", phase: "loading m", progress: 0.25 });
  assert.deepEqual(told, ["connecting", "handshaking", "handshaking starting loading m 0.25"]);
  world.health = { ...LOADING, progress: 0.5 };
  world.pass(3000); // given up after five, and asked again
  assert.equal(client.state.name, "waiting");
  assert.equal(client.state.server.progress, 0.5);
  told.length = 0;
  world.pass(60_000);
  assert.deepEqual(told, []);
  assert.equal(world.sockets.length, 1);
  assert.equal(client.state.attempt, 1);
});

test("a server that stops is asked each second, and found when it is back", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  world.goLive();
  world.health = { status: "stopping" };
  world.socket.drop(1001);
  world.pass(5000);
  assert.equal(client.state.server.status, "stopping");
  world.isUp = false;
  world.pass(20_000);
  assert.equal(client.state.server, undefined);
  assert.equal(world.sockets.length, 1);
  Object.assign(world, { isUp: true, health: { status: "ok" } });
  world.pass(1000);
  assert.equal(world.sockets.length, 2);
});

test("a server that is stalled, or says 503 for another cause, is one that is there", () => {
  for (const health of [{ status: "stalled" }, "too many connections\n", {}]) {
    const world = new World();
    const client = world.client();
    client.connect();
    world.goLive();
    world.health = health;
    world.socket.drop(1006);
    world.pass(1000);
    assert.equal(world.sockets.length, 2);
  }
});

test("a hidden page asks a server that starts only after its delays, and does not stop asking", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  world.goLive();
  world.health = LOADING;
  world.socket.drop(1012);
  world.pass(3000);
  world.hide();
  world.probes.length = 0;
  world.pass(20_000);
  assert.ok(world.probes.length >= 1 && world.probes.length <= 21, String(world.probes.length));
  world.health = { status: "ok" };
  world.pass(20_000);
  assert.ok(world.sockets.length > 1);
});

test("a page that is refused learns the status and the reason, and goes on trying", () => {
  for (const [status, text] of [
    [401, "the access token is missing"],
    [403, "the origin is not invited"],
    [503, "too many connections"],
  ]) {
    const world = new World();
    const client = world.client();
    client.connect();
    world.refusal = { status, text: `${text}\n` };
    world.socket.drop(1006);
    const { name, reason, status: said, delay, attempt } = client.state;
    assert.deepEqual({ name, reason, said, delay, attempt }, { name: "refused", reason: text, said: status, delay: 1000, attempt: 1 });
    world.pass(1000);
    assert.equal(world.sockets.length, 2);
    world.goLive();
    assert.equal(client.state.name, "live");
  }
});

test("the access token goes along with the question, in no address", () => {
  const world = new World();
  world.client({ accessToken: "c0ffee" }).connect();
  world.socket.drop(1006);
  assert.equal(world.fetched[0].headers.Authorization, "Bearer c0ffee");
  assert.equal(world.fetched[0].url, "http://127.0.0.1:8145/ws");
});

test("a page of an origin that may not be invited is told so with each attempt: browsers hide from it whether a server is there", () => {
  const world = new World();
  world.isReadable = false;
  const client = world.client();
  client.connect();
  for (const delay of [1000, 2000]) {
    world.socket.drop(1006);
    const { name, reason } = client.state;
    assert.deepEqual([name, reason], ["waiting", "the server is away, or does not invite http://localhost:3000"]);
    world.pass(delay);
  }
});

test("the server's own page, a program, and a page that read the server's health before are not told of origins", () => {
  const dropped = (client, world) => {
    world.isUp = false;
    client.connect();
    world.socket.drop(1006);
    return client.state;
  };
  for (const origin of ["http://127.0.0.1:8145", undefined]) {
    const world = new World();
    world.page.location = origin && { origin };
    assert.equal(dropped(world.client(), world).reason, "");
  }
  const world = new World();
  const client = world.client();
  client.connect();
  world.goLive();
  client.close();
  assert.deepEqual([dropped(client, world).name, client.state.reason], ["waiting", ""]);
});

test("a server that is away, one that answers as it should, and another's failure refuse nobody", () => {
  for (const [isUp, status] of [
    [false, 426],
    [true, 426],
    [true, 502],
    [true, 200],
  ]) {
    const world = new World();
    const client = world.client();
    client.connect();
    Object.assign(world, { isUp, refusal: { status, text: "" } });
    world.socket.drop(1006);
    assert.equal(client.state.name, "waiting");
  }
});

test("a connection that was cut is not a refused one", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  world.refusal = { status: 401, text: "" };
  world.socket.open();
  world.socket.drop(1006);
  assert.equal(client.state.name, "waiting");
  assert.equal(world.probes.length, 0);
});

test("late results of an attempt that is over are ignored", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  let tell;
  const { fetch } = world.page;
  world.page.fetch = () => ({ then: (yes) => (tell = yes) });
  world.socket.drop(1006);
  world.page.fetch = fetch;
  client.close();
  tell({ status: 401, text: () => ({ then: (yes) => yes("no") }) });
  assert.equal(client.state.name, "closed");
});
