// Debian's Firefox, headless, over WebDriver BiDi, which it speaks itself. A fresh profile each time, removed at the end.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTextSocket } from "./text_socket.mjs";

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

export async function openFirefox() {
  const profile = mkdtempSync(join(tmpdir(), "wirthforge-firefox-"));
  const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});\n`);
  writeFileSync(join(profile, "user.js"), lines.join(""));
  const child = spawn(
    process.env.WIRTHFORGE_FIREFOX ?? "/usr/bin/firefox-esr",
    ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0", "about:blank"],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const forget = () => child.kill("SIGKILL");
  process.once("exit", forget);
  const gone = new Promise((resolve) => child.once("exit", resolve));

  const address = await new Promise((resolve, reject) => {
    let said = "";
    child.stderr.on("data", (bytes) => {
      said += bytes;
      const found = said.match(/WebDriver BiDi listening on (ws:\S+)/);
      if (found) resolve(found[1]);
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`firefox ended with ${code}: ${said.slice(-1000)}`)));
  });
  const browser = new Browser(await openTextSocket(`${address}/session`));
  await browser.command("session.new", { capabilities: {} });
  return Object.assign(browser, {
    async close() {
      await browser.command("browser.close").catch(() => child.kill("SIGKILL"));
      await gone;
      process.removeListener("exit", forget);
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  });
}

class Browser {
  #socket;
  #answers = new Map();
  #commands = 0;

  constructor(socket) {
    this.#socket = socket;
    socket.onText = (text) => {
      const { id, type, result, error, message } = JSON.parse(text);
      const answer = this.#answers.get(id);
      this.#answers.delete(id);
      if (type === "error") answer?.reject(new Error(`${error}: ${message}`));
      else answer?.resolve(result);
    };
    socket.onEnd = () => {
      for (const { reject } of this.#answers.values()) reject(new Error("firefox hung up"));
    };
  }

  command(method, params = {}) {
    const id = ++this.#commands;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  /** A tab of its own, in front. */
  async openPage() {
    const { context } = await this.command("browsingContext.create", { type: "tab" });
    return new Page(this, context);
  }
}

class Page {
  #browser;
  #context;

  constructor(browser, context) {
    this.#browser = browser;
    this.#context = context;
  }

  goto(url) {
    return this.#browser.command("browsingContext.navigate", { context: this.#context, url, wait: "complete" });
  }
  reload() {
    return this.#browser.command("browsingContext.reload", { context: this.#context, wait: "complete" });
  }
  /** Back by one, through the back-forward cache if the page is in it. */
  back() {
    return this.#browser.command("browsingContext.traverseHistory", { context: this.#context, delta: -1 });
  }
  toFront() {
    return this.#browser.command("browsingContext.activate", { context: this.#context });
  }
  close() {
    return this.#browser.command("browsingContext.close", { context: this.#context });
  }

  /** Calls a function in the page with one argument; both ways as JSON, promises awaited. */
  async evaluate(call, argument = null) {
    const said = await this.#browser.command("script.callFunction", {
      functionDeclaration: `async (text) => JSON.stringify(await (${call})(JSON.parse(text)))`,
      arguments: [{ type: "string", value: JSON.stringify(argument) }],
      target: { context: this.#context },
      awaitPromise: true,
    });
    if (said.type === "exception") throw new Error(said.exceptionDetails.text);
    return said.result.value === undefined ? undefined : JSON.parse(said.result.value);
  }

  /** Resolves when the function gives something true in the page, looked at every 10 ms. */
  async waitFor(call, argument = null, ms = 20000) {
    const end = Date.now() + ms;
    for (;;) {
      const found = await this.evaluate(call, argument);
      if (found) return found;
      if (Date.now() > end) throw new Error(`not within ${ms} ms: ${call}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
