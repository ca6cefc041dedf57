// The page on a stage: its files straight from client/, and a WebSocket whose other end is the test. For behaviour that a real server
// shows only in an hour, or never.
import { readFile } from "node:fs/promises";
import { openPage } from "./chromium.mjs";

const ORIGIN = "http://127.0.0.1:8145/";
const TYPES = { html: "text/html", css: "text/css", js: "text/javascript" };
// The strictest that the server sends; see page_policy in src/net/site.hpp.
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws://127.0.0.1:8145; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Opens the page. `say(type, payload, more)` sends an event; `sockets` are the connections so far, newest last. */
export async function openStage(browser, options = {}) {
  const opened = await openPage(browser, ORIGIN, options);
  const { page } = opened;
  const sockets = [];
  await page.route("**/*", async (route) => {
    const { pathname } = new URL(route.request().url());
    const [, name, ending] = /^\/([a-z-]+\.(html|css|js))$/.exec(pathname === "/" ? "/dashboard.html" : pathname) ?? [];
    if (pathname === "/health") {
      const { status, body } = stage.health;
      return route.fulfill({ status, body: JSON.stringify(body), contentType: "application/json" });
    }
    const body = name && (await readFile(new URL(`../../../client/${name}`, import.meta.url)).catch(() => undefined));
    if (!body) return route.fulfill({ status: 404, body: "" });
    const contentType = `${TYPES[ending]}; charset=utf-8`;
    return route.fulfill({ body, contentType, headers: { "Content-Security-Policy": POLICY } });
  });
  await page.routeWebSocket(/\/ws/, (socket) => sockets.push(socket));
  await page.addInitScript(beatInPage);

  const stage = {
    ...opened,
    sockets,
    health: { status: 200, body: { status: "ok" } },
    timestamp: Date.now(),
    say(type, payload, more = {}) {
      stage.timestamp += 1;
      sockets
        .at(-1)
        .send(JSON.stringify({ type, channel: CHANNELS[type], timestamp: stage.timestamp, payload, ...more }));
    },
    greet(epoch = "e") {
      stage.say("startup_complete", {
        model: "stage-1",
        tier: "Low-Tier",
        version: "1.2.3",
        frameRate: 60,
        capabilities: [],
      });
      stage.say("heartbeat", { sequence: 0, serverTime: Date.now(), frameRate: 60, connectionId: `${epoch}.1` });
    },
    energy(frameNumber, modelId, deltaEnergy, totalEnergy = frameNumber) {
      stage.say(
        "energy_update",
        { totalEnergy, deltaEnergy, tokensGenerated: 0, processingTime: 1, modelId },
        { frameNumber },
      );
    },
    field(frameNumber, modelId, fieldType, intensity, coordinates) {
      stage.say("energy_field", { fieldType, intensity, coordinates, modelId }, { frameNumber });
    },
    tokens(sessionId, tokens, isComplete = false, modelId = "stage-1") {
      stage.say("token_stream", { tokens, isComplete, sessionId, modelId });
    },
    /** Waits for the next connection of the page. */
    async connection(number = sockets.length + 1) {
      while (sockets.length < number) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    /** Opens the page and greets it. A page that gave up on a greeting which came late, from a test that was held up, is greeted again. */
    async begin() {
      await page.goto(ORIGIN);
      for (let greeted = 0; !(await page.evaluate(() => window.wirthforge?.client.state.name === "live")); ) {
        if (sockets.length > greeted) {
          greeted = sockets.length;
          stage.greet();
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
  };
  return stage;
}

// In the page: repeats the heartbeat of the greeting once a second, until `window.isServerSilent`. They come from the page itself, since
// the test's process may be held up for so long that the page would take its server for dead, and lose what is said next.
function beatInPage() {
  window.WebSocket = class extends window.WebSocket {
    constructor(...address) {
      super(...address);
      let beat;
      this.addEventListener("message", ({ data }) => {
        if (data.startsWith('{"type":"heartbeat"')) beat = JSON.parse(data);
      });
      const heart = setInterval(() => {
        if (this.readyState > WebSocket.OPEN) return clearInterval(heart);
        if (!beat || window.isServerSilent) return;
        Object.assign(beat.payload, { sequence: beat.payload.sequence + 1, serverTime: Date.now() });
        this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(beat) }));
      }, 1000);
    }
  };
}

const CHANNELS = {
  startup_complete: "system",
  heartbeat: "system",
  error_event: "system",
  energy_update: "energy",
  energy_field: "energy",
  token_stream: "experience",
  interference_event: "council",
  resonance_event: "council",
  reward_event: "reward",
};
