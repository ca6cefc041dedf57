// For tests that run in Chromium and in Firefox: both browsers, a page in each, and a few helpers that ask a page.
import { openChromiumAsIs } from "./chromium_as_is.mjs";
import { openFirefox } from "./firefox.mjs";

export const openBoth = () => Promise.all([openChromiumAsIs(), openFirefox()]);

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A page in each browser, in windows of their own; closes them however the test ends. `act` gets both. */
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
