// Behaviour of Firefox alone: it delays WebSockets after others failed, and reports no long tasks.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gotoLive, sleep, withPages } from "./support/both.mjs";
import { openFirefox } from "./support/firefox.mjs";
import { assertPace } from "./support/pace.mjs";
import { startServer } from "./support/server.mjs";

let browser;
before(
  async () => {
    browser = await openFirefox();
  },
  { timeout: 300000 },
);
after(() => browser.close());

test("without the probe the page would be late: Firefox delays a WebSocket after others failed", { timeout: 300000 }, async () => {
  const server = await startServer("live");
  await withPages([browser], async ([page]) => {
    await gotoLive(page, server.url);
    await server.kill();
    // Failures of the page's own, to another path: Firefox counts each path for itself.
    const times = await page.evaluate(async (port) => {
      const times = [];
      for (let attempt = 0; attempt < 6; attempt += 1) {
        const began = performance.now();
        await new Promise((resolve) => (new WebSocket(`ws://127.0.0.1:${port}/else`).onclose = resolve));
        times.push(performance.now() - began);
      }
      return times;
    }, server.port);
    assert.ok(times[5] > 800, String(times)); // at least 200 ms, times 1.5 for each of four more
  });
});

test("it draws each event at the next beat of the display", { timeout: 300000 }, async () => {
  const server = await startServer("live");
  try {
    await withPages([browser], async ([page]) => {
      await gotoLive(page, server.url);
      await sleep(1000);
      await assertPace(page, "firefox");
    });
  } finally {
    await server.kill();
  }
});
