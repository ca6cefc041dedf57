// The browser client in a real Firefox against the real server. Firefox makes WebSockets wait after failures, for up to a
// minute: coming back soon all the same is what these tests are about, and what else Firefox does in its own way.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openFirefox } from "./support/firefox.mjs";
import { startServer } from "./support/server.mjs";

let browser;
before(
  async () => {
    browser = await openFirefox();
  },
  { timeout: 60000 },
);
after(async () => {
  await browser.close();
});

// A tab with the dashboard of a server of its own, live.
function onPage(name, act, timeout = 60000) {
  test(name, { timeout }, async () => {
    const stage = { server: await startServer("live"), page: await browser.openPage() };
    try {
      await stage.page.goto(stage.server.url);
      await isLive(stage.page);
      await act(stage);
    } finally {
      await stage.page.close();
      await stage.server.kill();
    }
  });
}

const isLive = (page, ms) => page.waitFor(() => window.wirthforge?.client.state.name === "live", null, ms);
const client = (page, call, argument) => page.evaluate(call, argument);

for (const seconds of [3, 40]) {
  onPage(
    `it is back within 2 s after the server was away for ${seconds} s`,
    async (stage) => {
      const { page } = stage;
      await stage.server.kill();
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      assert.notEqual(await client(page, () => window.wirthforge.client.state.name), "live");
      stage.server = await startServer("live", { port: stage.server.port });
      const began = Date.now();
      await isLive(page, 70000);
      const took = Date.now() - began;
      console.log(`firefox: back ${took} ms after the server was, which was away for ${seconds} s`);
      assert.ok(took < 2000, `${took} ms`);
      assert.equal(await client(page, () => window.wirthforge.client.stats.reconnects), 1);
    },
    120000,
  );
}

onPage("without the probe it would not be: Firefox holds a WebSocket back after others failed", async ({ page, server }) => {
  await server.kill();
  // Failures of the page's own, to another path: Firefox counts each path for itself.
  const times = await client(
    page,
    async (port) => {
      const times = [];
      for (let attempt = 0; attempt < 6; attempt += 1) {
        const began = performance.now();
        await new Promise((resolve) => (new WebSocket(`ws://127.0.0.1:${port}/else`).onclose = resolve));
        times.push(performance.now() - began);
      }
      return times;
    },
    server.port,
  );
  assert.ok(times[5] > 800, String(times)); // at least 200 ms, times 1.5 for each of four more
});

// Firefox keeps no page in its back-forward cache that had an open WebSocket: it loads it anew.
onPage("left and gone back to, the page is live and hears the answer", async ({ page, server }) => {
  await page.waitFor(() => window.wirthforge.client.latest.token_stream);
  await page.goto(`${server.url}health`);
  await page.back();
  await page.waitFor(() => window.wirthforge?.client.latest.token_stream);
  assert.equal(await client(page, () => window.wirthforge.client.state.name), "live");
});

onPage("behind another tab it does without energy, and has it back at once", async ({ page }) => {
  const frame = () => window.wirthforge.client.latest.energy_update?.frameNumber ?? 0;
  await page.waitFor(() => window.wirthforge.client.frameRate > 30);
  const other = await browser.openPage();
  try {
    await page.waitFor(() => document.hidden);
    await page.waitFor(() => window.wirthforge.client.frameRate === 0);
    assert.equal(await client(page, () => window.wirthforge.client.state.name), "live");
    const before = await page.evaluate(frame);
    await page.toFront();
    await page.waitFor(() => !document.hidden);
    const began = Date.now();
    while ((await page.evaluate(frame)) === before) assert.ok(Date.now() - began < 1000, "no energy within a second");
  } finally {
    await other.close();
  }
});

onPage("two tabs hear the same", async ({ page, server }) => {
  const other = await browser.openPage();
  try {
    await other.goto(server.url);
    await isLive(other);
    await client(other, () => {
      window.heard = [];
      window.wirthforge.client.on("token_stream", ({ timestamp, payload }) => {
        window.heard.push(timestamp + payload.tokens.join(""));
      });
    });
    await client(page, () => {
      window.heard = [];
      window.wirthforge.client.on("token_stream", ({ timestamp, payload }) => {
        window.heard.push(timestamp + payload.tokens.join(""));
      });
    });
    for (const tab of [page, other]) await tab.waitFor(() => window.heard.length >= 20);
    const [one, two] = [await client(page, () => window.heard), await client(other, () => window.heard)];
    const shared = two.slice(two.indexOf(one[0]));
    assert.ok(shared.length >= 10);
    const length = Math.min(one.length, shared.length);
    assert.deepEqual(one.slice(0, length), shared.slice(0, length));
  } finally {
    await other.close();
  }
});
