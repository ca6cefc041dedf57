// The client's examples do what they say: the plain page with a document of three lines, the hooks in React.
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, symlinkSync, rmSync } from "node:fs";
import { test } from "node:test";
import { token, World } from "../world.mjs";

const root = new URL("../../../", import.meta.url);

// The examples use what a browser has: here it is the world's.
function borrowed() {
  const world = new World();
  Object.assign(globalThis, { WebSocket: world.page.WebSocket, fetch: world.page.fetch });
  return world;
}

test("the plain page shows the state and the answers", async (context) => {
  const world = borrowed();
  const elements = { state: { textContent: "" }, answers: { text: "", append: (...texts) => (elements.answers.text += texts.join("")) } };
  const { setTimeout } = globalThis;
  Object.assign(globalThis, { document: { getElementById: (id) => elements[id] }, setTimeout: world.page.setTimeout });
  context.after(() => Object.assign(globalThis, { setTimeout }));
  await import(new URL("examples/plain_page/page.js", root));
  delete globalThis.document;
  assert.equal(elements.state.textContent, "connecting");
  world.goLive({ timestamp: 100 });
  assert.equal(elements.state.textContent, "live");
  world.say(token(100, "so far, "));
  world.say(token(101, "and on", { isComplete: true }));
  assert.equal(elements.answers.text, "so far, and on\n\n");
  world.socket.drop(1012);
  assert.equal(elements.state.textContent, "waiting, attempt 1");
});

test("the hooks give the state and the answer, mounted twice as in strict mode", async () => {
  const world = borrowed();
  // Where an application would have them, beside React.
  const home = new URL("node_modules/", import.meta.url);
  rmSync(new URL("wirthforge-ws-client", home), { force: true });
  symlinkSync(new URL("client", root), new URL("wirthforge-ws-client", home), "dir");
  mkdirSync(new URL("application/", home), { recursive: true });
  copyFileSync(new URL("examples/react/useWirthforge.js", root), new URL("application/useWirthforge.mjs", home));
  const { client, useAnswer, useConnection } = await import(new URL("application/useWirthforge.mjs", home));
  const { StrictMode, act, createElement } = await import("react");
  const { create } = await import("react-test-renderer");
  globalThis.IS_REACT_ACT_ENVIRONMENT = true;

  const Answer = ({ id }) => `${useConnection().name}: ${useAnswer(id)}`;
  const drawn = (id) => createElement(StrictMode, null, createElement(Answer, { id }));
  let view;
  await act(async () => (view = create(drawn("s"))));
  assert.equal(view.toJSON(), "connecting: ");
  assert.equal(world.sockets.length, 1);
  await act(async () => {
    world.goLive({ timestamp: 100 });
    world.say(token(101, "one "));
    world.say(token(102, "other", { sessionId: "t" }));
  });
  await act(async () => world.say(token(103, "two")));
  assert.equal(view.toJSON(), "live: one two");
  await act(async () => view.update(drawn("t")));
  assert.equal(view.toJSON(), "live: other");
  await act(async () => client.close());
  assert.equal(view.toJSON(), "closed: other");
  await act(async () => view.unmount());
});
