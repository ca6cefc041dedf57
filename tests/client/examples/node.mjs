// The client in Node, at a real server of ours (bridge_target): with the constructor of the package `ws`, as Node 20 needs it, and
// with Node's own WebSocket, which 22 has and 20 has behind a flag.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import WebSocket from "ws";
import { WirthforgeClient } from "../../../client/wirthforge.js";
import { startBridge } from "../../browser/support/bridge.mjs";

async function open(context) {
  const server = await startBridge();
  context.after(() => server.kill());
  return { ...server, address: `ws://127.0.0.1:${server.port}/ws` };
}

async function read(client, id) {
  const tokens = client.tokens(id);
  let text = "";
  for await (const piece of tokens) text += piece;
  return [text, tokens.reason];
}

test("with the constructor of the package ws: an answer that ended before it came, one that fails, one that is stopped", async (context) => {
  const { address, tell, heard } = await open(context);
  tell("open before m", "write before hello node", "finish before stop");
  const client = new WirthforgeClient(address, { WebSocket });
  context.after(() => client.close());
  client.connect();
  assert.deepEqual(await read(client, "before"), ["hello node", "done"]);
  tell("open broken m", "write broken half", "fail broken out of memory");
  await assert.rejects(read(client, "broken"), /^Error: out of memory$/);
  tell("open long m", "write long on and on");
  while (client.answer("long")?.text !== "on and on") await new Promise((resolve) => setImmediate(resolve));
  assert.equal(client.stop("long"), true);
  await heard("stop long");
  tell("finish long stopped");
  assert.deepEqual(await read(client, "long"), ["on and on", "stopped"]);
});

test("a server that is not there, and a close before the connection is open, break no process", async () => {
  const none = await startBridge();
  await none.kill();
  const client = new WirthforgeClient(`ws://127.0.0.1:${none.port}/ws`, { WebSocket });
  const waiting = new Promise((resolve) => client.on("state", ({ name }) => name === "waiting" && resolve()));
  client.connect();
  await waiting;
  client.close();
  client.connect();
  client.close();
  assert.equal(client.state.name, "closed");
});

test("with the WebSocket that Node has", async (context) => {
  const { address, tell } = await open(context);
  tell("open s m", "write s hello node", "finish s stop");
  const script = `
    const { WirthforgeClient } = await import(${JSON.stringify(new URL("../../../client/wirthforge.js", import.meta.url).href)});
    const client = new WirthforgeClient(${JSON.stringify(address)});
    client.connect();
    for await (const text of client.tokens("s")) process.stdout.write(text);
    client.close();`;
  const flags = Number(process.versions.node.split(".")[0]) < 22 ? ["--experimental-websocket", "--no-warnings"] : [];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, "--input-type=module", "--eval", script]);
  assert.equal(stdout, "hello node");
});
