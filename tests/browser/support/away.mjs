// A server that goes away and comes back, and what the page does meanwhile.
import assert from "node:assert/strict";
import { each, sleep } from "./both.mjs";
import { startServer } from "./server.mjs";

/**
 * Resolves once a probe of the page was answered: before that, a client cannot know whether an unanswered one means that the
 * server is away, and opens a WebSocket to find out.
 */
export async function isProbed(page) {
  const { href } = new URL("/health", await page.evaluate(() => location.href));
  await page.waitFor((url) => performance.getEntriesByName(url).some(({ responseStatus }) => responseStatus === 200), href);
  await page.evaluate(() => fetch("/health").then((reply) => reply.json())); // answered after that one, and read after it
}

/**
 * Kills the server, waits, starts it again; resolves with what each page did: `dialled`, the number of its WebSockets while the
 * server was away; `answered`, the number of its probes that the new server had answered with "ok" when the page opened the next
 * WebSocket; and `took`, the ms until it was live.
 */
export async function goAway(pages, stage, seconds, options = {}) {
  await stage.server.kill();
  await each(pages, (page) =>
    page.waitFor(() => {
      const { client } = window.wirthforge;
      if (client.state.name === "live") return false;
      const { fetch, WebSocket } = window;
      window.backAt = window.ok = window.dialled = 0;
      window.answered = null;
      window.fetch = async (...request) => {
        const reply = await fetch(...request);
        const { status } = await reply.clone().json().catch(() => ({}));
        if (status === "ok") window.ok += 1;
        return reply;
      };
      window.WebSocket = class extends WebSocket {
        constructor(...request) {
          super(...request);
          window.dialled += 1;
          window.answered ??= window.ok;
        }
      };
      client.on("state", ({ name }) => {
        if (name === "live") window.backAt ||= Date.now();
      });
      return true;
    }),
  );
  await sleep(seconds * 1000);
  for (const page of pages) assert.notEqual(await page.evaluate(() => window.wirthforge.client.state.name), "live");
  const dialled = await each(pages, (page) => page.evaluate(() => window.dialled));
  stage.server = await startServer("live", { port: stage.server.port, ...options });
  const began = Date.now();
  const results = await each(pages, async (page, index) => ({
    took: (await page.waitFor(() => window.backAt, null, 70000)) - began,
    answered: await page.evaluate(() => window.answered),
    dialled: dialled[index],
  }));
  const said = pages.map(({ browser }, index) => `${browser.name} ${results[index].took} ms`).join(", ");
  console.log(`back after the server was, which was away for ${seconds} s: ${said}`);
  return results;
}
