// Pages that reach the server from another address than its own, in Chromium and in Firefox: through a forwarded port, and from an
// origin that is invited, without one red line in the console.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openChromiumAsIs } from "./support/chromium_as_is.mjs";
import { isLive } from "./support/both.mjs";
import { listenToErrors } from "./support/console.mjs";
import { openFirefox } from "./support/firefox.mjs";
import { openForwarder } from "./support/forwarder.mjs";
import { startInvited } from "./support/invited.mjs";
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

/** A test with a server of its own, in a window of each browser, one after the other. */
const story = (name, options, act) =>
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
const tryWebSocket = (address) =>
  new Promise((resolve) => {
    const socket = new WebSocket(address);
    socket.onopen = () => resolve("open");
    socket.onclose = ({ code }) => resolve(code);
  });

// In the page: uses the imported module and the shared paths, and returns what it read. The client stays in `window.client`.
const useModule = async ([url, accessToken]) => {
  const { WirthforgeClient } = await import(`${url}wirthforge.js`);
  window.client = new WirthforgeClient(`${url.replace("http", "ws")}ws`, { accessToken });
  window.client.connect();
  await window.client.ready();
  const headers = accessToken && { Authorization: `Bearer ${accessToken}` };
  const read = async (path, more) => (await fetch(url + path, more)).text();
  return {
    health: JSON.parse(await read("health")).status,
    schema: JSON.parse(await read("schemas/heartbeat.schema.json")).properties.type.const,
    metrics: /^wirthforge_connections \d+$/m.test(await read("metrics", { headers })),
  };
};

describe("pages of another address", { concurrency: 1 }, () => {
  story("through a forwarder our page is live, and a page of another port is refused", [], async (page, target) => {
    const forwarder = await openForwarder(target.port);
    try {
      for (const host of ["localhost", "127.0.0.1"]) {
        await page.goto(`http://${host}:${forwarder.port}/`);
        await isLive(page);
      }
      await page.goto(`http://localhost:${site.port}/`);
      assert.equal(await page.evaluate(tryWebSocket, `ws://localhost:${forwarder.port}/ws`), 1006);
      await target.waitFor(`Origin 'http://localhost:${site.port}' is not invited`);
      await page.goto(`http://evil.test:${forwarder.port}/`);
      assert.match(await page.evaluate(() => document.body.innerText), /^Host is not this machine's/);
      await target.waitFor(`Host 'evil.test:${forwarder.port}'`);
    } finally {
      forwarder.close();
    }
  });

  const twin = ["allowed_origins=http://localhost:$SITE"];
  const withToken = ["allowed_origins=http://evil.test:$SITE", `token=${TOKEN}`];
  const expected = { health: "ok", schema: "heartbeat", metrics: true };

  // Invited by another name of loopback than the one in the address bar.
  story("an invited page imports the module, is live and reads, without a red line in the console", twin, async (page, target) => {
    const errors = [];
    await listenToErrors(page, (text) => errors.push(text));
    await page.goto(`http://127.0.0.1:${site.port}/`);
    assert.deepEqual(await page.evaluate(useModule, [target.url]), expected);
    assert.deepEqual(errors, []);
    await page.evaluate(() => console.error("the mark"));
    for (let turn = 0; errors.length === 0 && turn < 1000; turn += 1) await page.evaluate(() => 0);
    assert.match(errors.join(), /the mark/, "the console is not heard");
  });

  story("an invited page with the token does so, too", withToken, async (page, target) => {
    const errors = [];
    await listenToErrors(page, (text) => errors.push(text));
    await page.goto(`http://evil.test:${site.port}/`);
    assert.deepEqual(await page.evaluate(useModule, [target.url, TOKEN]), expected);
    assert.deepEqual(errors, []);
  });

  story("an invited page without the token learns that it is missing", withToken, async (page, target) => {
    await page.goto(`http://evil.test:${site.port}/`);
    await page.evaluate(async (url) => {
      const { WirthforgeClient } = await import(`${url}wirthforge.js`);
      window.client = new WirthforgeClient(`${url.replace("http", "ws")}ws`);
      window.states = [];
      window.client.on("state", (state) => window.states.push(state));
      window.client.connect();
    }, target.url);
    const refused = await page.waitFor(() => window.states.find(({ name }) => name === "refused"));
    assert.equal(refused.reason, "the access token is missing");
    assert.equal(refused.status, 401);
  });

  story("a page that is not invited learns which origin the log names, though its browser hides whether a server is there", [], async (page, target) => {
    const own = await startInvited();
    try {
      await page.goto(own.url);
      await page.evaluate(async (url) => {
        const { WirthforgeClient } = await import("/wirthforge.js");
        window.client = new WirthforgeClient(url);
        window.states = [];
        window.client.on("state", (state) => window.states.push(state));
        window.client.connect();
      }, `ws://127.0.0.1:${target.port}/ws`);
      const told = await page.waitFor(() => window.states.find(({ reason }) => reason));
      assert.deepEqual([told.name, told.reason], ["waiting", `the server is away, or does not invite ${own.origin}`]);
      await target.waitFor(`Origin '${own.origin}' is not invited`);
    } finally {
      own.close();
    }
  });
});
