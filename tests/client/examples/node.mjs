// The client in Node, over a real socket: with the constructor of the package `ws`, as Node 20 needs it, and with Node's own
// WebSocket, which 22 has and 20 has behind a flag.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import WebSocket, { WebSocketServer } from "ws";
import { WirthforgeClient } from "../../../client/wirthforge.js";

const event = (type, channel, timestamp, payload) => JSON.stringify({ type, channel, timestamp, payload });

// A server that greets, tells an answer, and records its requests.
async function open(context) {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await new Promise((resolve) => server.once("listening", resolve));
  const heard = [];
  server.on("connection", (socket) => {
    socket.on("message", (text) => heard.push(JSON.parse(text)));
    socket.send(event("startup_complete", "system", 100, { model: "m", tier: "Low-Tier", version: "1.0.0", frameRate: 60 }));
    socket.send(event("heartbeat", "system", 100, { sequence: 0, serverTime: Date.now(), connectionId: "e.1" }));
    for (const [timestamp, text, isComplete] of [[101, "hello ", false], [102, "node", true]])
      socket.send(event("token_stream", "experience", timestamp, { sessionId: "s", modelId: "m", tokens: [text], isComplete }));
  });
  context.after(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  return { server, heard, url: `ws://127.0.0.1:${server.address().port}/ws` };
}

test("with the constructor of the package ws", async (context) => {
  const { url, server } = await open(context);
  const client = new WirthforgeClient(url, { WebSocket });
  client.connect();
  const tokens = client.tokens("s");
  let text = "";
  for await (const piece of tokens) text += piece;
  assert.equal(text, "hello node");
  assert.equal(tokens.reason, "done");
  assert.equal(client.stop("s"), true);
  const gone = new Promise((resolve) => [...server.clients][0].once("close", resolve));
  client.close();
  assert.equal(await gone, 1000);
});

test("a server that is not there, and a close before the connection is open, break no process", async () => {
  const none = await open({ after: (end) => queueMicrotask(end) });
  const client = new WirthforgeClient(none.url, { WebSocket });
  const waiting = new Promise((resolve) => client.on("state", ({ name }) => name === "waiting" && resolve()));
  client.connect();
  await waiting;
  client.close();
  client.connect();
  client.close();
  assert.equal(client.state.name, "closed");
});

test("with the WebSocket that Node has", async (context) => {
  const { url } = await open(context);
  const script = `
    const { WirthforgeClient } = await import(${JSON.stringify(new URL("../../../client/wirthforge.js", import.meta.url).href)});
    const client = new WirthforgeClient(${JSON.stringify(url)});
    client.connect();
    for await (const text of client.tokens("s")) process.stdout.write(text);
    client.close();`;
  const flags = Number(process.versions.node.split(".")[0]) < 22 ? ["--experimental-websocket", "--no-warnings"] : [];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, "--input-type=module", "--eval", script]);
  assert.equal(stdout, "hello node");
});
