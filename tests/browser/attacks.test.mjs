// The rows of tests/attacks/README.md that a page tries, in Chromium and in Firefox. The name evil.test resolves to this machine,
// as it does after a rebinding; no name server is asked.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openChromiumAsIs } from "./support/chromium_as_is.mjs";
import { isLive, sleep } from "./support/both.mjs";
import { openFirefox } from "./support/firefox.mjs";
import { startSite, startTarget } from "./support/target.mjs";

const TOKEN = "a-token-that-is-long-enough-0123456789";

let browsers;
let site;
before(
  async () => {
    site = await startSite();
    browsers = await Promise.all([
      openChromiumAsIs(["--no-proxy-server", "--host-resolver-rules=MAP evil.test 127.0.0.1"]),
      openFirefox({ "network.dns.localDomains": "evil.test", "network.proxy.type": 0 }),
    ]);
  },
  { timeout: 300000 },
);
after(async () => {
  await Promise.all(browsers.map((browser) => browser.close()));
  site.close();
});

/** An attack on a server of its own, in a window of each browser, one after the other. */
const attack = (name, options, act) =>
  test(name, { timeout: 300000 }, async () => {
    for (const browser of browsers) {
      const target = await startTarget(...options.map((option) => option.replace("$SITE", site.port)));
      const page = await browser.openPage();
      try {
        await act(page, target);
      } finally {
        await page.close().catch(() => {});
        await target.kill();
      }
    }
  });

// In the page: "open", or the code that it was closed with.
const tryWebSocket = ([address, ...protocols]) =>
  new Promise((resolve) => {
    const socket = new WebSocket(address, protocols);
    socket.onopen = () => resolve("open");
    socket.onclose = ({ code }) => resolve(code);
  });

const tryFetch = ([address, mode]) =>
  fetch(address, { mode }).then(
    async (response) => `${response.type} ${response.status} ${(await response.text()).length}`,
    () => "refused",
  );

const tryElement = ([kind, address]) =>
  new Promise((resolve) => {
    const element = document.createElement(kind);
    element.onload = () => resolve("loaded");
    element.onerror = () => resolve("refused");
    element.src = address;
    document.body.append(element);
  });

const refusals = (target) => target.said.split("refused a request").length - 1;

describe("pages of other origins", { concurrency: 1 }, () => {
  for (const host of ["evil.test", "localhost"]) {
    attack(`a page of http://${host} on another port neither connects nor reads nor frames`, [], async (page, target) => {
      await page.goto(`http://${host}:${site.port}/`);
      for (const ours of ["127.0.0.1", "localhost"]) {
        assert.equal(await page.evaluate(tryWebSocket, [`ws://${ours}:${target.port}/ws`]), 1006);
      }
      await target.waitFor(`Origin 'http://${host}:${site.port}' is not invited`);
      for (const path of ["", "ws", "health", "api/metrics", "metrics", "wirthforge.js", "schemas/heartbeat.schema.json"]) {
        assert.equal(await page.evaluate(tryFetch, [target.url + path, "cors"]), "refused", path);
        const unread = await page.evaluate(tryFetch, [target.url + path, "no-cors"]);
        assert.ok(["refused", "opaque 0 0"].includes(unread), `${path}: ${unread}`);
      }
      await target.waitFor("a page of another site loads it");
      for (const kind of ["script", "img"]) {
        assert.equal(await page.evaluate(tryElement, [kind, `${target.url}wirthforge.js`]), "refused");
      }
      assert.ok(!target.said.includes("left"), "nobody was connected");
    });
  }

  attack("a frame around our page is refused, whoever frames it", ["allowed_origins=http://evil.test:$SITE"], async (page, target) => {
    await page.goto(`http://evil.test:${site.port}/`);
    const before = refusals(target);
    await page.evaluate((url) => {
      const frame = document.createElement("iframe");
      frame.src = url;
      document.body.append(frame);
    }, target.url);
    await target.waitFor("a page of another site loads it");
    assert.ok(refusals(target) > before);
    await sleep(500); // a dashboard would connect meanwhile
    assert.equal(await connections(target), 0);
  });

  attack("an invited page connects, so that it is the gate that refuses the others", ["allowed_origins=http://evil.test:$SITE"], async (page, target) => {
    await page.goto(`http://evil.test:${site.port}/`);
    assert.equal(await page.evaluate(tryWebSocket, [`ws://127.0.0.1:${target.port}/ws`]), "open");
  });
});

async function connections(target) {
  const response = await fetch(`${target.url}metrics`);
  return Number(/^wirthforge_connections(?:_open)? (\d+)$/m.exec(await response.text())[1]);
}

describe("names and nulls", { concurrency: 1 }, () => {
  attack("a name that was bound to this machine is refused, whatever is asked for", [], async (page, target) => {
    const there = `http://evil.test:${target.port}/`;
    for (const path of ["", "api/metrics"]) {
      await page.goto(there + path);
      assert.match(await page.evaluate(() => document.body.innerText), /^Host is not this machine's/);
    }
    await target.waitFor(`Host 'evil.test:${target.port}'`);
    const status = await page.evaluate(() => fetch("/api/metrics").then(({ status }) => status, () => 403));
    assert.equal(status, 403); // by the gate, or by the refusal's own policy before it
    await page.goto(`http://evil.test:${site.port}/`);
    assert.equal(await page.evaluate(tryWebSocket, [`ws://evil.test:${target.port}/ws`]), 1006);
    assert.ok(!target.said.includes("left"));
  });

  // The end of the sandboxed frame's WebSocket: "open" or its close code.
  const trySandboxed = ([port, ...protocols]) =>
    new Promise((resolve) => {
      window.onmessage = ({ data, origin }) => resolve(`${origin} ${data}`);
      const frame = document.createElement("iframe");
      frame.sandbox = "allow-scripts";
      frame.srcdoc =
        `<script>const socket = new WebSocket("ws://127.0.0.1:${port}/ws", ${JSON.stringify(protocols)});` +
        'socket.onopen = () => parent.postMessage("open", "*");' +
        'socket.onclose = ({ code }) => parent.postMessage(code, "*");</scr' + "ipt>";
      document.body.append(frame);
    });

  attack("a sandboxed frame is refused, even one of an invited page", ["allowed_origins=http://evil.test:$SITE"], async (page, target) => {
    await page.goto(`http://evil.test:${site.port}/`);
    assert.equal(await page.evaluate(trySandboxed, [target.port]), "null 1006");
    await target.waitFor("Origin null");
  });

  attack("with the opt-in a sandboxed frame comes in with the token, and only with it", [`token=${TOKEN}`, "allow_null_origin=1"], async (page, target) => {
    await page.goto(`http://evil.test:${site.port}/`);
    assert.equal(await page.evaluate(trySandboxed, [target.port]), "null 1006");
    await target.waitFor("the access token is missing");
    const offered = ["wirthforge.v1", `wirthforge.token.${TOKEN}`];
    assert.equal(await page.evaluate(trySandboxed, [target.port, ...offered]), "null open");
    assert.ok(!target.said.includes(TOKEN));
  });
});

describe("the token", { concurrency: 1 }, () => {
  attack("our own page gets nothing without it and is live with it", [`token=${TOKEN}`], async (page, target) => {
    await page.goto(target.url);
    await target.waitFor("the access token is missing");
    assert.notEqual(await page.evaluate(() => window.wirthforge?.client.state.name), "live");
    assert.equal(await page.evaluate(tryFetch, [`${target.url}api/metrics`, "same-origin"]).then((said) => said.split(" ")[1]), "401");
    const second = await page.browser.openPage();
    try {
      await second.goto(`${target.url}#token=${TOKEN}`);
      await isLive(second);
    } finally {
      await second.close().catch(() => {});
    }
    assert.ok(!target.said.includes(TOKEN));
  });

  attack("an invited page needs it, too", [`token=${TOKEN}`, "allowed_origins=http://evil.test:$SITE"], async (page, target) => {
    await page.goto(`http://evil.test:${site.port}/`);
    const address = `ws://127.0.0.1:${target.port}/ws`;
    assert.equal(await page.evaluate(tryWebSocket, [address]), 1006);
    assert.equal(await page.evaluate(tryWebSocket, [address, "wirthforge.v1", `wirthforge.token.${TOKEN.slice(1)}`]), 1006);
    assert.equal(await page.evaluate(tryWebSocket, [address, "wirthforge.v1", `wirthforge.token.${TOKEN}`]), "open");
  });

  attack("an origin that has it and is not invited is refused", [`token=${TOKEN}`], async (page, target) => {
    await page.goto(`http://evil.test:${site.port}/`);
    const offered = [`ws://127.0.0.1:${target.port}/ws`, "wirthforge.v1", `wirthforge.token.${TOKEN}`];
    assert.equal(await page.evaluate(tryWebSocket, offered), 1006);
    await target.waitFor("is not invited");
  });
});
