// The npm package `ws`, as a client that others wrote: to the echo and to the library's own server.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after, test } from "node:test";
import { WebSocket } from "ws";

const folder = process.env.WIRTHFORGE_BIN_DIR ?? new URL("../../../build/tests/bin", import.meta.url).pathname;
const running = [];
after(() => running.forEach((child) => child.kill("SIGKILL")));

// Starts a program of the build; resolves with its port once it says its address.
async function start(name, ...args) {
  const child = spawn(join(folder, name), args, { stdio: ["ignore", "pipe", "inherit"] });
  running.push(child);
  const [said] = await once(child.stdout, "data");
  return Number(/127\.0\.0\.1:(\d+)\//.exec(said)[1]);
}
const echoPort = await start("echo_server", "0");
const helloPort = await start("hello", "--port", "0");

async function connect(url, ...more) {
  const socket = new WebSocket(url, ...more);
  socket.inbox = [];
  socket.on("message", (data, isBinary) => socket.inbox.push(isBinary ? data : data.toString()));
  await once(socket, "open");
  return socket;
}
const echo = (options) => connect(`ws://127.0.0.1:${echoPort}/echo`, options);
const bounded = { timeout: 20000 };

async function next(socket) {
  while (socket.inbox.length === 0) await once(socket, "message");
  return socket.inbox.shift();
}
async function nextOf(socket, type) {
  for (;;) {
    const event = JSON.parse(await next(socket));
    if (event.type === type) return event;
  }
}

test("text and binary of every form of length come back", bounded, async () => {
  const socket = await echo();
  for (const size of [0, 1, 125, 126, 127, 65535, 65536, 1 << 20]) {
    const words = "0123456789abcde\u00e4".repeat(size / 16 + 1).slice(0, size);
    socket.send(words);
    assert.equal(await next(socket), words);
    const octets = Buffer.alloc(size, (at) => at);
    socket.send(octets);
    assert.ok(octets.equals(await next(socket)));
  }
  socket.close();
});

test("fragments make one message, and a ping among them is answered", bounded, async () => {
  const socket = await echo();
  socket.send("one ", { fin: false });
  socket.ping("now");
  assert.equal((await once(socket, "pong"))[0].toString(), "now");
  socket.send("two ", { fin: false });
  socket.send("three", { fin: true });
  assert.equal(await next(socket), "one two three");
  socket.close();
});

test("a thousand messages come back in order", bounded, async () => {
  const socket = await echo();
  for (let at = 0; at < 1000; at += 1) socket.send(String(at));
  for (let at = 0; at < 1000; at += 1) assert.equal(await next(socket), String(at));
  socket.close();
});

test("the compression that it offers is not granted, and it manages without", bounded, async () => {
  const socket = await echo({ perMessageDeflate: true });
  assert.equal(socket.extensions, "");
  socket.send("x".repeat(5000));
  assert.equal(await next(socket), "x".repeat(5000));
  socket.close();
});

test("code and reason of the closing handshake come back clean", bounded, async () => {
  for (const code of [1000, 1001, 3000, 4999]) {
    const socket = await echo();
    socket.close(code, "it was \u03ba\u1f79\u03c3\u03bc\u03b5");
    const [answered] = await once(socket, "close");
    assert.equal(answered, code);
  }
});

test("frames that it sends wrongly on purpose fail with the right code", bounded, async () => {
  for (const [code, misbehave] of [
    [1002, (socket) => socket._socket.write(Buffer.from([0x81, 0x01, 0x78]))],
    [1002, (socket) => socket.send("x", { mask: false })],
    [1007, (socket) => socket._socket.write(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff]))],
  ]) {
    const socket = await echo();
    misbehave(socket);
    assert.equal((await once(socket, "close"))[0], code);
  }
});

test("the server sends it the greeting, heartbeats, and energy", bounded, async () => {
  for (const protocol of ["wirthforge.v1", "wirthforge-v1"]) {
    const socket = await connect(`ws://127.0.0.1:${helloPort}/ws`, ["chat", protocol]);
    assert.equal(socket.protocol, protocol);
    const first = JSON.parse(await next(socket));
    assert.equal(first.type, "startup_complete");
    assert.ok(Array.isArray(first.payload.capabilities));
    const second = JSON.parse(await next(socket));
    assert.equal(second.type, "heartbeat");
    assert.match(second.payload.connectionId, /^[0-9a-f]{32}\.\d+$/);
    socket.send(JSON.stringify({ type: "stop", payload: { sessionId: "nobody-knows-it" } }));
    socket.send(JSON.stringify({ type: "stop", payload: {} }));
    let complaint; // the first is passed over in silence
    do complaint = (await nextOf(socket, "error_event")).payload;
    while (complaint.code !== "CLIENT_MESSAGE_MALFORMED");
    assert.equal(complaint.details.pointer, "/payload/sessionId");
    const one = await nextOf(socket, "energy_update");
    assert.ok((await nextOf(socket, "energy_update")).frameNumber > one.frameNumber);
    socket.close(1000);
    assert.equal((await once(socket, "close"))[0], 1000);
  }
});

test("a client whose subprotocols are all unknown is given none", bounded, async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${helloPort}/ws`, ["chat"]);
  const [error] = await once(socket, "error");
  assert.match(error.message, /subprotocol/i);
});

test("a page of another origin is refused before 101", bounded, async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${helloPort}/ws`, { origin: "https://evil.test" });
  const [error] = await once(socket, "error");
  assert.match(error.message, /403/);
});

test("a message too big is closed with 1009, and the next connection is as good as any", bounded, async () => {
  const socket = await connect(`ws://127.0.0.1:${helloPort}/ws`);
  socket.on("error", () => {}); // a reset may follow the close frame
  socket.send("x".repeat(65537));
  assert.equal((await once(socket, "close"))[0], 1009);
  const again = await connect(`ws://localhost:${helloPort}/ws`);
  assert.equal(JSON.parse(await next(again)).type, "startup_complete");
  again.close();
});
