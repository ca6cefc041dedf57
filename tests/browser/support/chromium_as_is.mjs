// Debian's Chromium, headless, over its own protocol and as a user has it: tabs are hidden behind others, slowed down, and
// kept in the back-forward cache, all of which Playwright turns off. A fresh profile each time, removed at the end.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RemotePage, listeningAddress, openRemote } from "./remote.mjs";

const ARGUMENTS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--no-default-browser-check",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
  "--remote-debugging-port=0",
];

export async function openChromiumAsIs(more = []) {
  const profile = mkdtempSync(join(tmpdir(), "wirthforge-chromium-"));
  const program = process.env.WIRTHFORGE_CHROMIUM ?? "/usr/bin/chromium";
  const child = spawn(program, [...ARGUMENTS, ...more, `--user-data-dir=${profile}`, "about:blank"], { stdio: ["ignore", "ignore", "pipe"] });
  const forget = () => child.kill("SIGKILL");
  process.once("exit", forget);
  const gone = new Promise((resolve) => child.once("exit", resolve));
  const remote = await openRemote(await listeningAddress(child, /DevTools listening on (ws:\S+)/));
  const browser = {
    ...remote,
    name: "chromium",
    pid: child.pid,
    async tabs() {
      const { targetInfos } = await remote.command("Target.getTargets");
      return targetInfos.filter(({ type }) => type === "page").map(({ targetId }) => targetId);
    },
    async pageOf(targetId) {
      const { sessionId } = await remote.command("Target.attachToTarget", { targetId, flatten: true });
      return new Page(browser, targetId, sessionId);
    },
    /** A page in a window of its own, so that no other hides it. */
    async openPage() {
      const { targetId } = await remote.command("Target.createTarget", { url: "about:blank", newWindow: true });
      return browser.pageOf(targetId);
    },
    async close() {
      await remote.command("Browser.close").catch(forget);
      await gone;
      process.removeListener("exit", forget);
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
  return browser;
}

class Page extends RemotePage {
  #targetId;
  #more;

  constructor(browser, targetId, sessionId) {
    super();
    this.browser = browser;
    this.#targetId = targetId;
    this.#more = { sessionId };
  }

  command = (method, params) => this.browser.command(method, params, this.#more);
  #command = this.command;

  async run(expression) {
    const options = { awaitPromise: true, returnByValue: true, userGesture: true };
    const { result, exceptionDetails } = await this.#command("Runtime.evaluate", { expression, ...options });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  async goto(url) {
    const { errorText } = await this.#command("Page.navigate", { url });
    if (errorText) throw new Error(`${errorText}: ${url}`);
    await this.waitFor(() => document.readyState === "complete");
  }
  async reload() {
    await this.evaluate(() => void (window.isOld = true));
    await this.#command("Page.reload");
    await this.waitFor(() => !window.isOld && document.readyState === "complete");
  }
  /** Back by one, through the back-forward cache if the page is in it. */
  back() {
    return this.evaluate(() => void setTimeout(() => history.back()));
  }
  toFront() {
    return this.browser.command("Target.activateTarget", { targetId: this.#targetId });
  }
  close() {
    return this.browser.command("Target.closeTarget", { targetId: this.#targetId });
  }
}
