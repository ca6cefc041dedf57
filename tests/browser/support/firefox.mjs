// Debian's Firefox, headless, over WebDriver BiDi, which it speaks itself. A fresh profile each time, removed at the end.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RemotePage, listeningAddress, openRemote } from "./remote.mjs";

// Nothing that reaches for a network; everything else as a user has it, the delays of WebSockets above all.
const PREFERENCES = {
  "app.normandy.enabled": false,
  "app.update.disabledForTesting": true,
  "browser.safebrowsing.downloads.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.search.update": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage": "about:blank",
  "browser.topsites.contile.enabled": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "dom.push.connection.enabled": false,
  "extensions.getAddons.cache.enabled": false,
  "extensions.systemAddon.update.enabled": false,
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "network.dns.disablePrefetch": true,
  "network.prefetch-next": false,
  "services.settings.server": "data:,#",
  "toolkit.telemetry.enabled": false,
};

export async function openFirefox(more = {}) {
  const profile = mkdtempSync(join(tmpdir(), "wirthforge-firefox-"));
  const lines = Object.entries({ ...PREFERENCES, ...more }).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});\n`);
  writeFileSync(join(profile, "user.js"), lines.join(""));
  const child = spawn(
    process.env.WIRTHFORGE_FIREFOX ?? "/usr/bin/firefox-esr",
    ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0", "about:blank"],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const forget = () => child.kill("SIGKILL");
  process.once("exit", forget);
  const gone = new Promise((resolve) => child.once("exit", resolve));

  const remote = await openRemote(`${await listeningAddress(child, /WebDriver BiDi listening on (ws:\S+)/)}/session`);
  await remote.command("session.new", { capabilities: {} });
  const browser = {
    ...remote,
    name: "firefox",
    pid: child.pid,
    async tabs() {
      const { contexts } = await remote.command("browsingContext.getTree", { maxDepth: 0 });
      return contexts.map(({ context }) => context);
    },
    pageOf: (context) => new Page(browser, context),
    /** A page in a window of its own, so that no other hides it. */
    async openPage() {
      const { context } = await remote.command("browsingContext.create", { type: "window" });
      return browser.pageOf(context);
    },
    async close() {
      await remote.command("browser.close").catch(forget);
      await gone;
      process.removeListener("exit", forget);
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
  return browser;
}

class Page extends RemotePage {
  #context;

  constructor(browser, context) {
    super();
    this.browser = browser;
    this.#context = context;
  }

  #command = (method, params) => this.browser.command(`browsingContext.${method}`, { context: this.#context, ...params });

  async run(expression) {
    const target = { context: this.#context };
    const said = await this.browser.command("script.evaluate", { expression, target, awaitPromise: true, userActivation: true });
    if (said.type === "exception") throw new Error(said.exceptionDetails.text);
    return said.result.value;
  }

  goto(url) {
    return this.#command("navigate", { url, wait: "complete" });
  }
  reload() {
    return this.#command("reload", { wait: "complete" });
  }
  /** Back by one, through the back-forward cache if the page is in it. */
  back() {
    return this.#command("traverseHistory", { delta: -1 });
  }
  toFront() {
    return this.#command("activate");
  }
  close() {
    return this.#command("close");
  }
}
