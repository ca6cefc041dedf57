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
 * In the page: frames a second over `seconds`; the pauses over 50 ms between two beats of the display, for which the machine
 * may be to blame, and the page's own beats that took so long, in ms.
 */
export const measurePace = (seconds) =>
  new Promise((resolve) => {
    const { frames } = window.wirthforge;
    const from = { ...frames };
    const [pauses, long] = [[], []];
    const display = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (call) =>
      display((at) => {
        const began = performance.now();
        call(at);
        const took = Math.round(performance.now() - began);
        if (took > 50) long.push(took);
      });
    const began = performance.now();
    let [beats, beatAt] = [0, began];
    const beat = () => {
      const now = performance.now();
      if (beats > 0 && now - beatAt > 50) pauses.push(Math.round(now - beatAt));
      beats += 1;
      beatAt = now;
      if (now - began < seconds * 1000) return void display(beat);
      window.requestAnimationFrame = display;
      const passed = (now - began) / 1000;
      const rate = (name) => (frames[name] - from[name]) / passed;
      resolve({ received: rate("received"), drawn: rate("drawn"), display: (beats - 1) / passed, pauses, long });
    };
    display(beat);
  });
