// The React hooks as an application has them: under Vite's development server, in strict mode, in Chromium. The test plays
// the backend. Edits reload them hot: as many connections as before, and nothing forgotten.
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { createServer } from "vite";
import { WebSocketServer } from "ws";
import { openBrowser, openPage } from "../support/chromium.mjs";

const root = new URL("../../../", import.meta.url);
const home = new URL("build/", import.meta.url); // beside React, and left out by git
const HOOKS = new URL("useWirthforge.js", home);
const PAGE = new URL("Page.jsx", home);

const page = (edit) => `
import { useAnswer, useConnection, useModels } from "./useWirthforge.js";
export function Page() {
  const answer = useAnswer("s");
  const told = answer ? answer.state + " [" + answer.text + "] [" + answer.thinking + "] " + (answer.reason ?? "") : "none";
  return <p>{"${edit}: " + useConnection().name + ", " + told + ", " + [...useModels().keys()]}</p>;
}
`;
const INDEX = `<!doctype html><link rel="icon" href="data:,"><div id="root"></div>
<script type="module" src="/main.jsx"></script>`;
const MAIN = `
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Page } from "./Page.jsx";
createRoot(document.getElementById("root")).render(<StrictMode><Page /></StrictMode>);
`;

let browser;
let backend;
let answering;
let http;
let vite;
before(async () => {
  browser = await openBrowser();
  // Of another origin, which it invited: so the page may read its health.
  answering = createHttpServer(({ headers }, response) => {
    response.setHeader("Access-Control-Allow-Origin", headers.origin ?? "null");
    response.end('{"status":"ok"}');
  });
  backend = new WebSocketServer({ server: answering });
  await new Promise((resolve) => answering.listen(0, "127.0.0.1", resolve));
  mkdirSync(home, { recursive: true });
  writeFileSync(new URL("index.html", home), INDEX);
  writeFileSync(new URL("main.jsx", home), MAIN);
  writeFileSync(PAGE, page("first"));
  copyFileSync(new URL("client/wirthforge.js", root), new URL("client.js", home));
  const hooks = readFileSync(new URL("examples/react/useWirthforge.js", root), "utf8");
  writeFileSync(HOOKS, hooks.replace("127.0.0.1:8145", `127.0.0.1:${answering.address().port}`));
  http = createHttpServer((request, response) => vite.middlewares(request, response));
  vite = await createServer({
    root: fileURLToPath(home),
    configFile: false,
    logLevel: "error",
    plugins: [react()],
    resolve: { alias: { "wirthforge-ws-client": fileURLToPath(new URL("client.js", home)) } },
    cacheDir: fileURLToPath(new URL("cache/", home)),
    server: { middlewareMode: true, hmr: { server: http } },
  });
  await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
});
after(async () => {
  await browser?.close();
  await vite?.close();
  http?.close();
  http?.closeAllConnections();
  for (const socket of backend?.clients ?? []) socket.terminate();
  answering?.close();
  answering?.closeAllConnections();
  rmSync(home, { recursive: true, force: true });
});

let timestamp = 100;
const send = (socket, type, channel, payload) => {
  timestamp += 1;
  socket.send(JSON.stringify({ type, channel, timestamp, payload }));
};
const say = (text, more = {}) => {
  const payload = { sessionId: "s", modelId: "m", tokens: [text], isComplete: false, ...more };
  for (const socket of backend.clients) send(socket, "token_stream", "experience", payload);
};
function greet(socket, epoch) {
  send(socket, "startup_complete", "system", { model: "m", tier: "Low-Tier", version: "1.0.0", frameRate: 60 });
  const beat = (sequence) => send(socket, "heartbeat", "system", { sequence, serverTime: Date.now(), connectionId: `${epoch}.1` });
  beat(0);
  let sequence = 0;
  const heart = setInterval(() => beat((sequence += 1)), 1000);
  socket.on("close", () => clearInterval(heart));
}

test("hot reload leaks no connection, and reused ids and cut-off answers are shown", { timeout: 60000 }, async () => {
  let epoch = "e";
  let connections = 0;
  backend.on("connection", (socket) => {
    connections += 1;
    greet(socket, epoch);
  });
  const origin = `http://127.0.0.1:${http.address().port}/`;
  const { page: tab, context, complaints } = await openPage(browser, origin);
  const shows = (text) => tab.waitForFunction((all) => document.querySelector("p")?.textContent === all, text);
  try {
    await tab.goto(origin);
    await shows("first: live, none, m");
    await tab.evaluate(() => (window.isTheSame = true));
    say("one ");
    await shows("first: live, speaking [one ] [] , m");

    const hooks = readFileSync(HOOKS, "utf8");
    for (const edit of ["second", "third", "fourth"]) {
      // Both files, the hooks first: the page's text shows that both ran anew.
      writeFileSync(HOOKS, hooks.replace("return useSyncExternalStore(answer", `window.edited = "${edit}";\n  return useSyncExternalStore(answer`));
      await tab.waitForFunction((name) => window.edited === name, edit);
      writeFileSync(PAGE, page(edit));
      await shows(`${edit}: live, speaking [one ] [] , m`);
      assert.equal(await tab.evaluate(() => window.isTheSame), true, "it was no reload of the whole page");
      assert.deepEqual([connections, backend.clients.size], [1, 1], edit);
    }

    say("hm", { sessionId: "s:thinking", isComplete: true });
    say("two", { isComplete: true });
    await shows("fourth: live, done [one two] [hm] , m");
    say("another");
    await shows("fourth: live, speaking [another] [] , m");
    epoch = "f"; // the server is restarted
    for (const socket of backend.clients) socket.close(1012);
    await shows("fourth: live, failed [another] [] the answer was cut off, m");
    say("new run", { isComplete: true });
    await shows("fourth: live, done [new run] [] , m");
    assert.equal(backend.clients.size, 1);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
});
