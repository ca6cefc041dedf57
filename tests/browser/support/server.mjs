// Starts a real example server, and tells when it listens and when it has ended.
import { spawn } from "node:child_process";
import { join } from "node:path";

// A test's servers end with it, however it ends.
const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

const folder = process.env.WIRTHFORGE_BIN_DIR ?? new URL("../../../build/tests/bin", import.meta.url).pathname;

/**
 * Runs an example with `--port`; resolves with its port once it says its address. stdin is given as `input`, if
 * any; `options` are more of its command line.
 */
export async function startServer(example, { port = 0, input = "ignore", options = [] } = {}) {
  const child = spawn(join(folder, example), ["--port", String(port), ...options], {
    stdio: [input, "pipe", "inherit"],
    cwd: new URL("../../..", import.meta.url).pathname,
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  const address = await new Promise((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (bytes) => {
      said += bytes;
      const found = said.match(/http:\/\/127\.0\.0\.1:(\d+)\//);
      if (found) resolve(found);
    });
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`${example} ended with ${code} before it said its address`)));
  });
  return {
    url: address[0],
    port: Number(address[1]),
    child,
    async kill(signal = "SIGKILL") {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill(signal);
      await gone;
    },
  };
}
