// Takes docs/dashboard.png by a real run of the live example: `npm run picture`. Three model servers stand beside it: one thinks,
// calls a tool and is stopped with the page's button, one goes on speaking, one still loads. `npm run picture -- FOLDER` takes
// the same page there, dark and light, wide and narrow, and leaves the one in docs/ as it is.
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { openBrowser, openPage } from "./support/chromium.mjs";
import { startServer } from "./support/server.mjs";

const [folder] = process.argv.slice(2);
const PICTURE = fileURLToPath(new URL("../../docs/dashboard.png", import.meta.url));
const THOUGHT = "The question is why the sky is blue. Whether it is blue there now, a tool can say; then the scattering of light explains it.";
const paragraphs = (...all) => all.map((each) => each.join(" ")).join("\n\n");
const FIRST = paragraphs(
  ["It is clear over K\u00f6ln, so the sky is blue there as well."],
  [
    "Sunlight has all colours. Air scatters light the more, the shorter its wave is: blue five times as much as red,",
    "and so it comes from everywhere above.",
  ],
);
const SECOND = paragraphs(
  [
    "Because of Rayleigh scattering. Short waves are turned aside by the air far more than long ones,",
    "so blue light reaches your eye from the whole sky, while red goes straight on.",
  ],
  ["In the evening the way through the air is long. Most of the blue is gone by then, and what is left is red and gold."],
  ["Violet is scattered even more, but there is less of it in sunlight, some is lost high up, and eyes see it poorly."],
);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function openModel(listing, answer) {
  const server = createServer(async (request, response) => {
    if (request.method === "GET") {
      response.statusCode = listing[request.url] ? 200 : 404;
      return response.end(JSON.stringify(listing[request.url] ?? {}));
    }
    let isLeft = false;
    response.on("close", () => (isLeft = true));
    for await (const line of answer()) {
      if (isLeft) return;
      response.write(line);
    }
    await new Promise((resolve) => response.on("close", resolve));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => (server.close(), server.closeAllConnections());
  return { url: `http://127.0.0.1:${server.address().port}`, close };
}

const ollama = (name, answer) => openModel({ "/api/tags": { models: [{ name }] } }, answer);
const say = (message) => `${JSON.stringify({ message: { role: "assistant", content: "", ...message }, done: false })}\n`;
async function* speak(text, perSecond, key = "content") {
  for (const word of text.match(/\S*\s+|\S+/g)) {
    yield say({ [key]: word });
    await sleep((1000 / perSecond) * (0.5 + Math.random()));
  }
}

const models = await Promise.all([
  ollama("qwen3:4b", async function* () {
    yield* speak(THOUGHT, 30, "thinking");
    yield say({ tool_calls: [{ function: { name: "get_weather", arguments: { city: "K\u00f6ln", days: 1 } } }] });
    yield* speak(FIRST, 12);
    await new Promise(() => {}); // until it is left
  }),
  ollama("llama3.2:3b", () => speak(`${SECOND}\n\n`.repeat(40), 24)),
  openModel({ "/api/v1/models": { models: [{ key: "llama-3.3-70b" }] } }, async function* () {
    for (let progress = 0.3; progress < 0.99; progress += 0.01) {
      yield `event: model_load.progress\ndata: ${JSON.stringify({ type: "model_load.progress", progress })}\n\n`;
      await sleep(400);
    }
  }),
]);
const options = [...models.flatMap(({ url }) => ["--model", url]), "Why is the sky blue?"];
const server = await startServer("live", { options });
const browser = await openBrowser();
try {
  const { page } = await openPage(browser, server.url, { viewport: { width: 1440, height: 900 }, colorScheme: "dark" });
  await page.goto(server.url);
  await page.waitForFunction(() => /five times as much as red/.test(document.getElementById("streams").textContent), null, { timeout: 120000 });
  await page.getByRole("button", { name: "Stop answer answer-1" }).click();
  await page.waitForFunction(() => document.querySelector('[data-end="stopped"]'));
  await page.waitForTimeout(2000);
  await page.evaluate(() => document.activeElement.blur());
  await page.mouse.move(0, 0);
  const take = async (path) => {
    await page.screenshot({ path });
    console.log(`wrote ${path}`);
  };
  if (!folder) await take(PICTURE);
  else {
    for (const colorScheme of ["dark", "light"]) {
      await page.emulateMedia({ colorScheme });
      for (const [width, height] of [[1440, 900], [1366, 650], [900, 700], [390, 844], [320, 640]]) {
        await page.setViewportSize({ width, height });
        await page.waitForTimeout(1200);
        await take(`${folder}/${width}-${colorScheme}.png`);
        if (width < 500) await page.screenshot({ path: `${folder}/${width}-${colorScheme}-whole.png`, fullPage: true });
      }
    }
  }
} finally {
  await browser.close();
  await server.kill();
  for (const model of models) model.close();
}
