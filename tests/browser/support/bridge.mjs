// The whole chain for a browser's test: a model server (tests/support/model_server.py) and a server of ours that is told what to
// do (bridge_target.cpp).
import { spawn, execFileSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { startServer } from "./server.mjs";

const support = new URL("../../support/", import.meta.url).pathname;

/** The content of the model server's answers: `text`, `half` of it, `thought`, `call`, and the `paths` of its dialects. */
export const meant = JSON.parse(
  execFileSync(
    "python3",
    [
      "-c",
      `import json, model_dialects as d
print(json.dumps({"text": "".join(d.WORDS), "half": "".join(d.WORDS[:3]), "words": d.WORDS, "thought": d.THOUGHT + " ",
                  "call": json.loads(d.ARGUMENTS), "paths": list(d.DIALECTS)}))`,
    ],
    { cwd: support, encoding: "utf8", env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" } },
  ),
);

export async function startModels() {
  const child = spawn("python3", [`${support}model_server.py`], { stdio: ["pipe", "pipe", "inherit"] });
  const [port] = await once(createInterface(child.stdout), "line");
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    go: () => fetch(`${url}/go`, { method: "POST", body: "{}" }),
    seen: async () => (await fetch(`${url}/seen`)).json(),
    async close() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}

/** bridge_target: `tell(line)` says what it shall do, `said` are its lines, `heard(line)` waits for one. */
export async function startBridge({ options = [], port } = {}) {
  const server = await startServer("bridge_target", { port, options, input: "pipe" });
  const said = [];
  const lines = createInterface(server.child.stdout);
  lines.on("line", (line) => said.push(line));
  return {
    ...server,
    said,
    tell: (...all) => server.child.stdin.write(all.map((line) => `${line}\n`).join("")),
    async heard(line) {
      while (!said.includes(line)) await once(lines, "line");
    },
    ask(models, session, path, fault) {
      const body = JSON.stringify({ model: fault, stream: true, prompt: fault, messages: [{ role: "user", content: "why?" }] });
      server.child.stdin.write(`ask ${session} ${models.url}${path} ${body}\n`);
    },
  };
}
