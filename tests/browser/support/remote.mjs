// A browser's remote control: numbered commands and their answers, as WebDriver BiDi and Chromium's protocol both have them,
// and the methods that every page has with either driver.
import { openTextSocket } from "./text_socket.mjs";

export async function openRemote(url) {
  const socket = await openTextSocket(url);
  const answers = new Map();
  const listeners = [];
  let commands = 0;
  socket.onText = (text) => {
    const { id, result, error, message, method, params } = JSON.parse(text);
    if (id === undefined || id === null) for (const hear of listeners) hear({ method, params });
    const answer = answers.get(id);
    answers.delete(id);
    if (error) answer?.reject(new Error(message ? `${error}: ${message}` : error.message));
    else answer?.resolve(result);
  };
  socket.onEnd = () => {
    for (const { reject } of answers.values()) reject(new Error("the browser hung up"));
  };
  return {
    /** Called with {method, params} of each event that was subscribed to. */
    onEvent: (hear) => void listeners.push(hear),
    /** `more` goes beside the params, such as Chromium's sessionId. */
    command(method, params = {}, more = {}) {
      const id = ++commands;
      return new Promise((resolve, reject) => {
        answers.set(id, { resolve, reject });
        socket.send(JSON.stringify({ id, method, params, ...more }));
      });
    },
  };
}

/** The base of a driver's page, which gives `run(expression)`: it awaits and resolves with a string or undefined. */
export class RemotePage {
  /** Calls a function in the page with one argument; both ways as JSON, promises awaited. */
  async evaluate(call, argument = null) {
    const text = await this.run(`(async () => JSON.stringify(await (${call})(${JSON.stringify(argument)})))()`);
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** Resolves when the function gives something true in the page, looked at every 10 ms, through reloads too. */
  async waitFor(call, argument = null, ms = 120000) {
    const end = Date.now() + ms;
    for (;;) {
      const found = await this.evaluate(call, argument).catch((error) => {
        if (Date.now() > end) throw error;
      });
      if (found) return found;
      if (Date.now() > end) throw new Error(`not within ${ms} ms: ${call}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** A tab beside this one and in front of it, at the same address if none is given: that has this tab's sessionStorage. */
  async openBeside(url = null) {
    const before = new Set(await this.browser.tabs());
    await this.evaluate((where) => void window.open(where ?? location.href), url);
    for (;;) {
      const tab = (await this.browser.tabs()).find((each) => !before.has(each));
      if (tab) return this.browser.pageOf(tab);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** Resolves with the address at which a browser says on stderr that it listens. */
export function listeningAddress(child, pattern) {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr.on("data", (bytes) => {
      said += bytes;
      const found = pattern.exec(said);
      if (found) resolve(found[1]);
    });
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`the browser ended with ${code}: ${said.slice(-1000)}`)));
  });
}
