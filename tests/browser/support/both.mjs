// Stories that are told in Chromium and in Firefox: both browsers, a page in each, and a few things to ask of a page.
import { openChromiumAsIs } from "./chromium_as_is.mjs";
import { openFirefox } from "./firefox.mjs";

export const openBoth = () => Promise.all([openChromiumAsIs(), openFirefox()]);

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A page in each browser, in windows of their own; closes them however the story ends. `act` gets both. */
export async function withPages(browsers, act) {
  const pages = await Promise.all(browsers.map((browser) => browser.openPage()));
  try {
    await act(pages);
  } finally {
    await Promise.all(pages.map((page) => page.close().catch(() => {})));
  }
}

export const each = (pages, act) => Promise.all(pages.map(act));

export const isLive = (page, ms) => page.waitFor(() => window.wirthforge?.client.state.name === "live", null, ms);

export async function gotoLive(page, url) {
  await page.goto(url);
  await isLive(page);
}

/**
 * Begins clients of the page's own that write down what they hear, in `window.ledgers`: text by answer, rewards, meetings,
 * energy by model, and what was wrong. `resumes`: the place is kept in the sessionStorage.
 */
export const beginLedgers = (page, { count = 1, url = null, resumes = false } = {}) =>
  page.evaluate(
    async ({ count, url, resumes }) => {
      const { WirthforgeClient } = await import("/wirthforge.js");
      window.wirthforge?.client.close();
      const address = url ?? `ws://${location.host}/ws`;
      window.ledgers = Array.from({ length: count }, () => {
        const client = new WirthforgeClient(address, resumes ? { storage: sessionStorage } : {});
        const ledger = { client, texts: {}, whole: [], rewards: [], meetings: [], energy: {}, hasEnded: false };
        client.on("token_stream", ({ payload: { sessionId, tokens, isComplete } }) => {
          ledger.texts[sessionId] = (ledger.texts[sessionId] ?? "") + tokens.join("");
          if (isComplete) ledger.whole.push(sessionId);
        });
        client.on("reward_event", ({ payload }) => {
          if (payload.title === "the end") ledger.hasEnded = true;
          else ledger.rewards.push(payload.points);
        });
        client.on("interference_event", ({ payload }) => ledger.meetings.push(Number(payload.models[0].split("-")[1])));
        client.on("energy_update", ({ payload: { modelId, totalEnergy, deltaEnergy } }) => {
          const sums = (ledger.energy[modelId] ??= { before: totalEnergy - deltaEnergy, sum: 0, total: 0 });
          sums.sum += deltaEnergy;
          sums.total = totalEnergy;
        });
        client.connect();
        return ledger;
      });
    },
    { count, url, resumes },
  );

/** What the ledgers hold, and the statistics of their clients. */
export const readLedgers = (page) =>
  page.evaluate(() => window.ledgers.map(({ client, ...ledger }) => ({ ...ledger, stats: client.stats, state: client.state.name })));
