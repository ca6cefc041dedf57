// How soon the browser client is back after its server was away, without a WebSocket that fails meanwhile: Firefox would make
// the next one wait for it. On virtual time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { World } from "./world.mjs";

// Live, and then the server is gone for 20 s: the first probe that is answered brings the page back.
function assertFoundByProbes(world) {
  world.isUp = false;
  world.socket.drop(1006);
  world.pass(20_000);
  assert.equal(world.sockets.length, 1, "no WebSocket was opened in vain");
  world.isUp = true;
  world.pass(1000);
  assert.equal(world.sockets.length, 2);
}

// Live once, and then the server is gone.
function bereft(options) {
  const world = new World();
  const client = world.client(options);
  client.connect();
  world.goLive();
  world.isUp = false;
  world.socket.drop(1006);
  return { world, client };
}

test("a server that is back after any time is found within a second, and no WebSocket was opened in vain", () => {
  for (const seconds of [1.5, 3, 7.2, 40, 180, 7200]) {
    const { world, client } = bereft();
    world.pass(seconds * 1000);
    assert.equal(world.sockets.length, 1, `${seconds} s`);
    world.isUp = true;
    world.pass(1000);
    assert.equal(world.sockets.length, 2, `${seconds} s`);
    world.goLive();
    assert.equal(client.state.name, "live");
    assert.equal(client.stats.reconnects, 1);
  }
});

test("it asks for the health of the same server, once a second", () => {
  const { world } = bereft();
  world.probes.length = 0;
  world.pass(10_000);
  assert.ok(world.probes.length >= 10 && world.probes.length <= 14, String(world.probes.length));
  assert.deepEqual([...new Set(world.probes)], ["http://127.0.0.1:8145/health"]);
});

test("on a page over TLS it asks over TLS", () => {
  const world = new World();
  world.client({}, "wss://example.test:1/sub/ws?room=ws").connect();
  world.goLive();
  assert.deepEqual(world.probes, ["https://example.test:1/health"]);
});

test("while the server is away its delays are told as they are, and the reason", () => {
  const { world, client } = bereft();
  const delays = [];
  client.on("state", ({ name, delay, reason }) => name === "waiting" && delays.push([delay, reason]));
  world.pass(1000 + 2000 + 4000 + 8000 + 16000 + 16000);
  assert.deepEqual(
    delays,
    [2000, 4000, 8000, 16000, 16000, 16000].map((delay) => [delay, "the server is down"]),
  );
});

test("a server that answers and refuses is not asked more often", () => {
  const world = new World();
  const client = world.client();
  client.connect();
  world.goLive();
  let attempts = 0;
  for (const delay of [1000, 2000, 4000, 8000, 16000, 16000]) {
    world.socket.drop(1013);
    assert.equal(client.state.delay, delay);
    world.pass(delay - 1);
    assert.equal(world.sockets.length, 1 + attempts);
    world.pass(1);
    attempts += 1;
    assert.equal(world.sockets.length, 1 + attempts);
  }
});

test("where a probe fails although the server is there, it is unreadable and not asked again", () => {
  const world = new World();
  world.isReadable = false; // forbidden by a policy, or to another origin
  const client = world.client();
  client.connect();
  world.goLive();
  assert.equal(world.probes.length, 1);
  world.pass(1000);
  for (const delay of [1000, 2000, 4000, 8000, 16000, 16000]) {
    const before = world.sockets.length;
    world.socket.open();
    world.socket.drop(1006);
    assert.equal(client.state.delay, delay);
    world.pass(delay);
    assert.equal(world.sockets.length, before + 1);
  }
  assert.equal(world.probes.length, 1);
});

test("a probe that failed since the server went does not pass for one that is unreadable", () => {
  for (const between of [0, 20, 999]) {
    const world = new World();
    world.isUp = false; // the server died after its greeting; the connection's end is noticed a little later
    const client = world.client();
    client.connect();
    world.goLive();
    world.pass(between);
    world.socket.drop(1006);
    world.pass(3500); // attempts at 1 and 3 s
    world.socket.drop(1006);
    const before = world.sockets.length;
    world.isUp = true;
    world.pass(1000);
    assert.equal(world.sockets.length, before + 1, `${between} ms`);
    world.goLive();
    assert.equal(client.state.name, "live");
  }
});

test("a probe that was too slow while the connection stands is no unreadable one, and is repeated until it is answered", () => {
  const world = new World();
  world.isSlow = true; // a busy machine
  const client = world.client();
  client.connect();
  world.goLive();
  world.pass(1000);
  world.beat();
  world.pass(1000);
  assert.equal(world.probes.length, 2);
  world.isSlow = false;
  for (let beats = 0; beats < 3; beats += 1) {
    world.beat();
    world.pass(1000);
  }
  assert.equal(world.probes.length, 3);
  assertFoundByProbes(world);
});

test("a probe whose content did not come in time passed for one that was answered", () => {
  const world = new World();
  world.isCut = true;
  const client = world.client();
  client.connect();
  world.goLive();
  world.pass(1000);
  world.beat();
  assert.equal(world.probes.length, 2, "it is asked again");
  world.isCut = false;
  world.pass(1000);
  world.beat();
  world.beat();
  assert.equal(world.probes.length, 3);
});

test("one failed probe of the server's own page made the server unreadable for good", () => {
  const world = new World();
  world.page.location.origin = "http://127.0.0.1:8145";
  world.isReadable = false; // the browser found the network changed
  const client = world.client();
  client.connect();
  world.goLive();
  world.pass(1000);
  world.isReadable = true;
  world.beat();
  assert.equal(world.probes.length, 2, "it is asked again");
  world.pass(1000);
  assertFoundByProbes(world);
});

test("before any probe was answered, an unanswered one keeps nobody from trying", () => {
  const world = new World();
  world.isUp = false;
  const client = world.client();
  client.connect();
  for (const delay of [1000, 2000, 4000, 8000, 16000, 16000]) {
    const before = world.sockets.length;
    world.socket.drop(1006);
    world.pass(delay);
    assert.equal(world.sockets.length, before + 1);
  }
  world.socket.drop(1006);
  world.pass(5000);
  const before = world.sockets.length;
  world.isUp = true;
  world.pass(1000);
  assert.equal(world.sockets.length, before + 1);
  world.goLive();
  assert.equal(client.state.name, "live");
});

test("a probe that hangs is an attempt that fails in time", () => {
  const { world, client } = bereft();
  world.isUp = undefined;
  world.pass(1000);
  assert.equal(client.state.name, "connecting");
  world.pass(5000);
  assert.equal(client.state.name, "waiting");
  assert.equal(client.state.attempt, 2);
  assert.equal(world.sockets.length, 1);
});

test("the late result of an old probe is ignored", () => {
  const world = new World();
  const late = [];
  const client = world.client();
  client.connect();
  world.goLive();
  world.page.fetch = () => ({ then: (yes, no) => late.push({ yes, no }) });
  world.socket.drop(1006);
  world.pass(1000);
  assert.equal(client.state.name, "connecting");
  client.close();
  for (const { yes } of late) yes({ json: () => ({ then: (parsed) => parsed({}) }) });
  assert.equal(world.sockets.length, 1);
  client.connect();
  for (const { no } of late) no();
  assert.equal(client.state.name, "connecting");
  assert.equal(world.sockets.length, 2);
});

test("a hidden page does not ask each second; when it is shown, it asks at once", () => {
  const { world, client } = bereft();
  world.hide();
  world.probes.length = 0;
  world.pass(31_000); // attempts at 1, 3, 7, 15 and 31 s
  assert.equal(world.probes.length, 5);
  world.isUp = true;
  world.show();
  assert.equal(world.sockets.length, 2);
  world.goLive();
  assert.equal(client.state.name, "live");
});
