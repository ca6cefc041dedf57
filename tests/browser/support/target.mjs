// tests/attacks/attack_target, a server whose every option is on its command line, and its text on stderr; and a site
// of another origin whose pages have no policy of their own, so that our gate alone refuses them.
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { join } from "node:path";

const folder = process.env.WIRTHFORGE_BIN_DIR ?? new URL("../../../build/tests/bin", import.meta.url).pathname;

export async function startTarget(...options) {
  const child = spawn(join(folder, "attack_target"), options, { stdio: ["ignore", "pipe", "pipe"] });
  const forget = () => child.kill("SIGKILL");
  process.once("exit", forget);
  const target = {
    said: "",
    async kill() {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = new Promise((resolve) => child.once("exit", resolve));
        child.kill("SIGKILL");
        await gone;
      }
      process.removeListener("exit", forget);
    },
  };
  child.stderr.on("data", (bytes) => (target.said += bytes));
  target.port = await new Promise((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (bytes) => {
      said += bytes;
      const found = said.match(/http:\/\/127\.0\.0\.1:(\d+)\//);
      if (found) resolve(Number(found[1]));
    });
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`attack_target ended with ${code}: ${target.said}`)));
  });
  target.url = `http://127.0.0.1:${target.port}/`;
  /** Waits for a line on stderr that holds this; a refusal is logged there a moment later. */
  target.waitFor = async (text) => {
    for (let waited = 0; !target.said.includes(text); waited += 10) {
      if (waited > 5000) throw new Error(`the server never said "${text}" but: ${target.said}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  return target;
}

export async function startSite() {
  const site = createServer((_, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end("<!doctype html><meta charset=utf-8><title>elsewhere</title><link rel=icon href=data:,><body>");
  });
  await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
  return {
    port: site.address().port,
    close() {
      site.close();
      site.closeAllConnections();
    },
  };
}
