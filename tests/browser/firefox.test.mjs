// What only Firefox does in the page's way: it lets WebSockets wait after others failed, and tells of no long tasks.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gotoLive, measurePace, sleep, withPages } from "./support/both.mjs";
import { openFirefox } from "./support/firefox.mjs";
import { idleMeter } from "./support/idle.mjs";
import { startServer } from "./support/server.mjs";

let browser;
before(
  async () => {
    browser = await openFirefox();
  },
  { timeout: 60000 },
);
after(() => browser.close());

test("without the probe it would not be: Firefox holds a WebSocket back after others failed", { timeout: 60000 }, async () => {
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

function idleShare(before, after) {
  const sum = (cpus, names) => cpus.reduce((all, { times }) => all + names.reduce((part, name) => part + times[name], 0), 0);
  const spent = (...names) => sum(after, names) - sum(before, names);
  return spent("idle") / spent("idle", "user", "nice", "sys", "irq");
}

// Without a graphics card its display is the first to give way where others want the processor: such seconds judge nothing.
test("58 frames a second are heard and drawn for ten seconds, and no drawing takes 50 ms", { timeout: 90000 }, async (context) => {
  const server = await startServer("live");
  try {
    await withPages([browser], async ([page]) => {
      await gotoLive(page, server.url);
      await sleep(1000);
      let [isGood, isJudged] = [false, false];
      for (let attempt = 1; attempt <= 3 && !isGood; attempt += 1) {
        const idleShare = idleMeter();
        const { received, drawn, display, pauses, long } = await page.evaluate(measurePace, 10);
        console.log(
          `firefox, frames a second: received ${received.toFixed(2)}, drawn ${drawn.toFixed(2)}, display ${display.toFixed(2)}; ` +
            `pauses over 50 ms: ${pauses.join(", ") || "none"}; own beats over 50 ms: ${long.join(", ") || "none"}`,
        );
        isGood = received >= 58 && drawn >= 58 && long.length === 0;
        isJudged ||= idleShare() > 0.2;
      }
      if (!isGood && !isJudged) return context.skip("others had the processor all the time");
      assert.ok(isGood);
    });
  } finally {
    await server.kill();
  }
});
