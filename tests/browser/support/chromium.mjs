// Debian's Chromium, headless, with nothing that reaches for a network. Pages that complain fail their test.
import { chromium } from "playwright-core";

// No test may fail because a machine is slow: this ends a wait for something that never comes.
const PATIENCE_MS = 120000;

export async function openBrowser() {
  return chromium.launch({
    timeout: PATIENCE_MS,
    executablePath: process.env.WIRTHFORGE_CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A page, and what it said and asked for: console errors, exceptions, requests to anywhere but `origin`. */
export async function openPage(browser, origin, options = {}) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  const foreign = [];
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith("data:")) foreign.push(url);
  });
  page.on("websocket", (socket) => {
    if (new URL(socket.url()).host !== new URL(origin).host) foreign.push(socket.url());
  });
  return { page, context, complaints, foreign };
}
