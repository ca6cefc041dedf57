// The errors in a page's console, which browsers show in red.

/** Calls `take(text)` for each error line of any page from now on. Resolves once it listens. */
export async function listenToErrors(page, take) {
  const { browser } = page;
  if (browser.name === "firefox") {
    browser.onEvent(({ method, params }) => {
      if (method === "log.entryAdded" && params.level === "error") take(params.text);
    });
    return browser.command("session.subscribe", { events: ["log.entryAdded"] });
  }
  browser.onEvent(({ method, params }) => {
    if (method === "Log.entryAdded" && params.entry.level === "error") take(params.entry.text);
    if (method === "Runtime.exceptionThrown") take(params.exceptionDetails.text);
    if (method === "Runtime.consoleAPICalled" && params.type === "error") take(JSON.stringify(params.args));
  });
  await page.command("Log.enable");
  return page.command("Runtime.enable");
}
