// The React hooks as an application has them: under Vite's development server, in strict mode, in Chromium, at a real server of
// ours (bridge_target). Edits reload them hot: as many connections as before, by the server's own count, and nothing forgotten.
// A server renders with them as Vite bundles them for one.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import react from "@vitejs/plugin-react";
import { build, createServer } from "vite";
import { startBridge } from "../support/bridge.mjs";
import { openBrowser, openPage } from "../support/chromium.mjs";

const root = new URL("../../../", import.meta.url);
const home = new URL("build/", import.meta.url); // beside React, and left out by git
const HOOKS = new URL("useWirthforge.js", home);
const PAGE = new URL("Page.jsx", home);

const page = (edit) => `
import { useAnswer, useConnection, useModels } from "./useWirthforge.js";
export function Page() {
  const answer = useAnswer("s");
  const told = answer ? answer.state + " [" + answer.text + "] [" + answer.thinking + "] " + (answer.state === "failed" ? answer.reason : "") : "none";
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
const SERVED = `
import { StrictMode } from "react";
import { renderToString } from "react-dom/server";
import { Page } from "./Page.jsx";
console.log(renderToString(<StrictMode><Page /></StrictMode>));
`;

const alias = { "wirthforge-ws-client": fileURLToPath(new URL("client.js", home)) };

let browser;
let server;
let http;
let vite;
let origin;
let hooks;
const startAt = (port) => startBridge({ port, options: ["--allow-origin", origin] });

before(async () => {
  browser = await openBrowser();
  http = createHttpServer((request, response) => vite.middlewares(request, response));
  await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${http.address().port}`;
  server = await startAt(0);
  mkdirSync(home, { recursive: true });
  writeFileSync(new URL("index.html", home), INDEX);
  writeFileSync(new URL("main.jsx", home), MAIN);
  writeFileSync(PAGE, page("first"));
  copyFileSync(new URL("client/wirthforge.js", root), new URL("client.js", home));
  hooks = readFileSync(new URL("examples/react/useWirthforge.js", root), "utf8").replace("127.0.0.1:8145", `127.0.0.1:${server.port}`);
  writeFileSync(HOOKS, hooks);
  vite = await createServer({
    root: fileURLToPath(home),
    configFile: false,
    logLevel: "error",
    plugins: [react()],
    resolve: { alias },
    cacheDir: fileURLToPath(new URL("cache/", home)),
    server: { middlewareMode: true, hmr: { server: http } },
  });
});
after(async () => {
  await browser?.close();
  await vite?.close();
  http?.close();
  http?.closeAllConnections();
  await server?.kill();
  rmSync(home, { recursive: true, force: true });
});

/** The number of the server's connections; waits until there is one at most. */
async function connections() {
  for (;;) {
    const text = await (await fetch(`${server.url}metrics`)).text();
    const count = Number(/^wirthforge_connections (\d+)$/m.exec(text)[1]);
    if (count <= 1) return count;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

// In the page, before it loads: its WebSockets to the server.
function recordSockets(port) {
  window.sockets = [];
  window.WebSocket = class extends window.WebSocket {
    constructor(...address) {
      super(...address);
      if (new URL(this.url).port === String(port)) window.sockets.push(this);
    }
  };
}

// In the page: how many of them are open at once, and how many there were. A machine that stands still for three seconds costs the client
// its connection, and it has another then: `hasReturned`.
const countSockets = () => ({
  open: window.sockets.filter(({ readyState }) => readyState <= WebSocket.OPEN).length,
  all: window.sockets.length,
  hasReturned: window.wirthforgeOfPage?.client.stats.reconnects > 0,
});

test("hot reload leaks no connection, and reused ids and cut-off answers are shown", { timeout: 300000 }, async () => {
  const { page: tab, context, complaints } = await openPage(browser, origin);
  const shows = async (text) => {
    const isShown = tab.waitForFunction((all) => document.querySelector("p")?.textContent === all, text);
    await isShown.catch(async () => assert.equal(await tab.textContent("p"), text));
  };
  try {
    await tab.addInitScript(recordSockets, server.port);
    await tab.goto(`${origin}/`);
    await shows("first: live, none, test-model");
    await tab.evaluate(() => (window.isTheSame = true));
    server.tell("open s m", "write s one ");
    await shows("first: live, speaking [one ] [] , test-model");

    for (const edit of ["second", "third", "fourth"]) {
      // Both files, the hooks first: the page's text shows that both ran anew.
      writeFileSync(HOOKS, hooks.replace("return useSyncExternalStore(answer", `window.edited = "${edit}";\n  return useSyncExternalStore(answer`));
      await tab.waitForFunction((name) => window.edited === name, edit);
      writeFileSync(PAGE, page(edit));
      await shows(`${edit}: live, speaking [one ] [] , test-model`);
      assert.equal(await tab.evaluate(() => window.isTheSame), true, "it was no reload of the whole page");
      const { open, all, hasReturned } = await tab.evaluate(countSockets);
      assert.equal(open, 1, edit);
      assert.ok(all === 1 || hasReturned, `${edit}: ${all} WebSockets`);
      assert.equal(await connections(), 1, edit);
    }

    server.tell("think s hm", "write s two", "finish s stop");
    await shows("fourth: live, done [one two] [hm] , test-model");
    server.tell("open s m", "write s another");
    await shows("fourth: live, speaking [another] [] , test-model");
    assert.deepEqual(complaints, []);

    await server.kill();
    server = await startAt(server.port); // another run
    await shows("fourth: live, failed [another] [] the answer was cut off, test-model");
    server.tell("open s m", "write s new run", "finish s stop");
    await shows("fourth: live, done [new run] [] , test-model");
    assert.equal(await connections(), 1);
  } finally {
    await context.close();
  }
});

test("Vite's bundle for a server renders the hooks, and touches no window", { timeout: 300000 }, async () => {
  writeFileSync(new URL("served.jsx", home), SERVED);
  writeFileSync(PAGE, page("served"));
  writeFileSync(HOOKS, hooks);
  const entry = { ssr: fileURLToPath(new URL("served.jsx", home)), outDir: fileURLToPath(new URL("served/", home)) };
  const options = { root: fileURLToPath(home), configFile: false, logLevel: "error", plugins: [react()], resolve: { alias } };
  await build({ ...options, ssr: { noExternal: true }, build: entry });
  const script = `
    for (const name of ["window", "document", "location", "sessionStorage", "localStorage"])
      Object.defineProperty(globalThis, name, { get() { throw new Error(name + " was touched"); } });
    await import(${JSON.stringify(new URL("served/served.js", home).href)});`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
  assert.equal(stdout, "<p>served: idle, none, </p>\n");
});

test("through Vite's proxy a page that nobody invited is at its own origin, as through a forwarded port", { timeout: 300000 }, async () => {
  const target = server.url.slice(0, -1);
  const proxy = { "/ws": { target, ws: true }, "/health": { target } };
  const options = { root: fileURLToPath(home), configFile: false, logLevel: "error", optimizeDeps: { noDiscovery: true } };
  const proxied = await createServer({ ...options, server: { host: "127.0.0.1", port: 0, proxy } });
  await proxied.listen();
  const own = `http://127.0.0.1:${proxied.httpServer.address().port}`;
  const { page: tab, context } = await openPage(browser, own);
  try {
    await tab.goto(`${own}/client.js`);
    const state = await tab.evaluate(async () => {
      const { WirthforgeClient } = await import("/client.js");
      const client = new WirthforgeClient(`ws://${location.host}/ws`);
      client.connect();
      await client.ready();
      const health = await (await fetch("/health")).json();
      client.close();
      return [client.latest.startup_complete.payload.model, health.status];
    });
    assert.deepEqual(state, ["test-model", "ok"]);
  } finally {
    await context.close();
    await proxied.close();
  }
});
