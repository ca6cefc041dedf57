// The dashboard in a real browser against the real server: it connects, keeps 60 frames a second, shows the text, and comes
// back after the server was killed and started again.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { openBrowser, openPage } from "./support/chromium.mjs";
import { recordStates, wasState } from "./support/dashboard_states.mjs";
import { assertPace } from "./support/pace.mjs";
import { startServer } from "./support/server.mjs";

let browser;
before(async () => {
  browser = await openBrowser();
});
after(async () => {
  await browser.close();
});

const isLive = (page) =>
  page.waitForFunction(() => window.wirthforge?.client.state.name === "live");

test("it draws each event at the next beat of the display", { timeout: 300000 }, async () => {
  const server = await startServer("live");
  const { page, context, complaints, foreign } = await openPage(browser, server.url);
  try {
    await page.goto(server.url);
    await isLive(page);
    await page.waitForTimeout(1000);
    await assertPace(page, "chromium");
    assert.ok(Number(await page.textContent("#rate")) > 0);
    const { length } = await page.textContent("#streams");
    await page.waitForFunction((before) => document.querySelector("#streams").textContent.length > before, length);
    assert.match(await page.textContent("#model"), /live-1/);
    assert.deepEqual(complaints, []);
    assert.deepEqual(foreign, []);
  } finally {
    await context.close();
    await server.kill();
  }
});

test("text that is piped in is shown as it arrives, markup as text", { timeout: 300000 }, async () => {
  const server = await startServer("live", { input: "pipe" });
  const { page, context, complaints } = await openPage(browser, server.url);
  try {
    await page.goto(server.url);
    await isLive(page);
    server.child.stdin.write("hello <b>bold</b> ");
    await page.waitForFunction(() => document.querySelector("#streams").textContent.includes("hello <b>bold</b> "));
    const euro = Buffer.from("\u20ac5");
    server.child.stdin.write(euro.subarray(0, 2));
    await page.waitForTimeout(200);
    server.child.stdin.end(euro.subarray(2));
    await page.waitForFunction(() => document.querySelector("#streams pre").textContent.endsWith("\u20ac5"));
    await page.waitForFunction(() => document.querySelector("#streams article").dataset.open === "false");
    assert.equal(await page.locator("#streams b").count(), 0);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
    await server.kill();
  }
});

test("it survives a server that is killed and started again", { timeout: 300000 }, async () => {
  let server = await startServer("live");
  const { page, context, foreign } = await openPage(browser, server.url);
  try {
    await page.goto(server.url);
    await isLive(page);
    const { port } = server;
    await recordStates(page);
    await server.kill();
    await wasState(page, /^reconnecting in \d+ s, attempt 1 /);
    await page.evaluate(() => {
      window.wirthforge.client.on("state", (state) => (window.attempts = state.attempt ?? window.attempts));
      window.back = new Promise((resolve) => window.wirthforge.client.on("energy_update", () => resolve(Date.now())));
    });
    server = await startServer("live", { port });
    const reachable = Date.now();
    const recovery = (await page.evaluate(() => window.back)) - reachable;
    const attempts = await page.evaluate(() => window.attempts);
    // Under 2 s on an idle machine; both.test.mjs counts the steps that this takes.
    console.log(`first energy ${recovery} ms after the server was reachable again, on attempt ${attempts}`);
    const before = await page.evaluate(() => window.wirthforge.frames.received);
    await page.waitForFunction((seen) => window.wirthforge.frames.received > seen + 30, before);
    await page.waitForFunction(() => document.getElementById("state-text").textContent === "live");
    assert.equal(await page.evaluate(() => window.wirthforge.client.stats.reconnects), 1);
    assert.deepEqual(foreign, []);
  } finally {
    await context.close();
    await server.kill();
  }
});

test("a server that stops in good order is waited for, too", { timeout: 300000 }, async () => {
  const server = await startServer("live");
  const { page, context } = await openPage(browser, server.url);
  try {
    await page.goto(server.url);
    await isLive(page);
    await page.evaluate(() => {
      window.ends = [];
      window.wirthforge.client.on("state", (state) => state.name === "waiting" && window.ends.push(state.code));
    });
    await server.kill("SIGTERM");
    await page.waitForFunction(() => window.ends.length > 0);
    assert.equal(await page.evaluate(() => window.ends[0]), 1001);
  } finally {
    await context.close();
    await server.kill();
  }
});

test("a page of another origin cannot connect or read", { timeout: 300000 }, async () => {
  const server = await startServer("live");
  const other = await startServer("live");
  const { page, context } = await openPage(browser, other.url);
  try {
    await page.goto(other.url.replace("127.0.0.1", "localhost"));
    const code = await page.evaluate(
      (port) =>
        new Promise((resolve) => {
          document.addEventListener("securitypolicyviolation", () => resolve("csp"));
          const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
          socket.onclose = (event) => resolve(event.code);
          socket.onopen = () => resolve("open");
        }),
      server.port,
    );
    assert.ok(code === "csp" || code === 1006, `got ${code}`);
  } finally {
    await context.close();
    await server.kill();
    await other.kill();
  }
});

test("it fits a telephone, a laptop and a wall, dark and light", { timeout: 300000 }, async () => {
  const folder = process.env.WIRTHFORGE_SCREENSHOTS ?? new URL("../../build/screenshots", import.meta.url).pathname;
  mkdirSync(folder, { recursive: true });
  const server = await startServer("council");
  try {
    for (const colorScheme of ["dark", "light"]) {
      for (const [width, height] of [
        [360, 740],
        [1440, 900],
        [3840, 2160],
      ]) {
        const { page, context, complaints } = await openPage(browser, server.url, {
          viewport: { width, height },
          colorScheme,
        });
        await page.goto(server.url);
        await isLive(page);
        await page.waitForTimeout(2500);
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        assert.ok(overflow <= 0, `${width} px: ${overflow} px too wide`);
        await page.screenshot({ path: `${folder}/${width}-${colorScheme}.png` });
        assert.deepEqual(complaints, []);
        await context.close();
      }
    }
  } finally {
    await server.kill();
  }
});
