// The client's examples do what they say: the plain page with a document of three lines, the hooks in React, also on a server.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, symlinkSync, rmSync } from "node:fs";
import { test } from "node:test";
import { life, token, World } from "../world.mjs";

const root = new URL("../../../", import.meta.url);

// The examples use a browser's globals: here they are the test world's.
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
  elements.answers.text = "";
  world.say(token(102, "half", { sessionId: "t" }));
  world.say(life(103, "ANSWER_FAILED", { sessionId: "t", reason: "out of memory" }));
  world.say(token(104, "", { sessionId: "t", isComplete: true }));
  assert.equal(elements.answers.text, "half [failed: out of memory]\n\n");
  world.socket.drop(1012);
  assert.equal(elements.state.textContent, "waiting, attempt 1");
});

test("the hooks give the state and the answer, mounted twice as in strict mode", async (context) => {
  const world = borrowed();
  // In the folder where an application would have them, beside React.
  const home = new URL("node_modules/", import.meta.url);
  rmSync(new URL("wirthforge-ws-client", home), { force: true });
  symlinkSync(new URL("client", root), new URL("wirthforge-ws-client", home), "dir");
  mkdirSync(new URL("application/", home), { recursive: true });
  copyFileSync(new URL("examples/react/useWirthforge.js", root), new URL("application/useWirthforge.mjs", home));
  const { client, useAnswer, useConnection, useModels } = await import(new URL("application/useWirthforge.mjs", home));
  context.after(() => client.close()); // its timers are real ones
  const { StrictMode, act, createElement } = await import("react");
  const { create } = await import("react-test-renderer");
  globalThis.IS_REACT_ACT_ENVIRONMENT = true;

  const told = (answer) => answer && `${answer.state} ${answer.text}`;
  const Answer = ({ id }) => `${useConnection().name}: ${told(useAnswer(id))}, ${[...useModels().keys()]}`;
  const drawn = (id) => createElement(StrictMode, null, createElement(Answer, { id }));
  let view;
  await act(async () => (view = create(drawn("s"))));
  assert.equal(view.toJSON(), "connecting: undefined, ");
  assert.equal(world.sockets.length, 1);
  await act(async () => {
    world.goLive({ timestamp: 100 });
    world.say(token(101, "one "));
    world.say(token(102, "other", { sessionId: "t" }));
  });
  await act(async () => world.say(token(103, "two")));
  assert.equal(view.toJSON(), "live: speaking one two, m");
  await act(async () => view.update(drawn("t")));
  assert.equal(view.toJSON(), "live: speaking other, m");
  await act(async () => {
    world.say(token(104, "", { sessionId: "t", isComplete: true }));
    world.say(token(105, "new", { sessionId: "t" }));
  });
  assert.equal(view.toJSON(), "live: speaking new, m");
  await act(async () => {
    client.close();
    client.connect();
    world.goLive({ epoch: "f", timestamp: 200 });
  });
  assert.equal(view.toJSON(), "live: failed new, m");

  // Hot reload: the file runs anew, and the connection is the same one.
  for (const edit of [1, 2, 3]) assert.equal((await import(`${home}application/useWirthforge.mjs?edit=${edit}`)).client, client);
  assert.equal(world.sockets.length, 2);
  await act(async () => client.close());
  assert.equal(view.toJSON(), "closed: failed new, m");
  await act(async () => view.unmount());
});

test("a server renders with the hooks, and touches no window", async () => {
  const script = `
    for (const name of ["window", "document", "location", "sessionStorage", "localStorage"])
      Object.defineProperty(globalThis, name, { get() { throw new Error(name + " was touched"); } });
    const { client, useAnswer, useConnection, useModels } = await import("./node_modules/application/useWirthforge.mjs");
    const { createElement } = await import("react");
    const { renderToString } = await import("react-dom/server");
    const Page = () => useConnection().name + " " + (useAnswer("s") === undefined) + " " + useModels().size;
    console.log(renderToString(createElement(Page)), client.state.name);`;
  const cwd = new URL(".", import.meta.url);
  const said = execFileSync(process.execPath, ["--input-type=module", "--eval", script], { cwd, encoding: "utf8" });
  assert.equal(said, "idle true 0 idle\n");
});
