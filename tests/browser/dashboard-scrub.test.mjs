// Recorded sessions: the page's own last minutes, and journals from files, which are read in the page and sent nowhere.
import assert from "node:assert/strict";
import { has, stageTests } from "./support/pageful.mjs";

const onStage = stageTests();

const T0 = 1_700_000_000_000;
// Ten seconds: energy with every tick, a word each half second, a reward in the middle.
function journal(seconds = 10) {
  const lines = [];
  for (let frame = 0; frame < seconds * 60; frame += 1) {
    const timestamp = T0 + Math.round((frame * 1000) / 60);
    const payload = { totalEnergy: frame, deltaEnergy: 0.5, tokensGenerated: 0, processingTime: 1, modelId: "m" };
    lines.push({ type: "energy_update", channel: "energy", timestamp, frameNumber: frame, payload });
    if (frame % 30 === 0) {
      const tokens = [frame === 0 ? "<i>zero</i> " : `w${frame / 30} `];
      lines.push({ type: "token_stream", channel: "experience", timestamp, payload: { tokens, isComplete: false, sessionId: "told", modelId: "m" } });
    }
    if (frame === 300)
      lines.push({ type: "reward_event", channel: "reward", timestamp, payload: { rewardType: "milestone", title: "Half way", points: 5 } });
  }
  return lines.map((line) => JSON.stringify(line)).join("\n") + "\n";
}
const file = (text, name = "told.ndjson") => ({ name, mimeType: "application/x-ndjson", buffer: Buffer.from(text) });
const scrub = (page, share) =>
  page.evaluate((where) => {
    const seek = document.getElementById("seek");
    seek.value = Number(seek.min) + where * (Number(seek.max) - Number(seek.min));
    seek.dispatchEvent(new Event("input", { bubbles: true }));
  }, share);

onStage("the page's own last minutes are scrubbed back and forth", async (stage, page) => {
  await stage.begin();
  for (const word of ["one ", "two ", "three "]) {
    stage.tokens("a", [word]);
    await has(page, "article pre", word);
    await page.waitForTimeout(250);
  }
  await page.click("#hold");
  const [from, to] = await page.evaluate(() => [window.wirthforge.player.recording.from, window.wirthforge.player.at]);
  const seekTo = (at) => page.evaluate((where) => {
    const seek = document.getElementById("seek");
    seek.value = where;
    seek.dispatchEvent(new Event("input", { bubbles: true }));
  }, at);
  await seekTo(to - 100);
  await page.waitForFunction(() => document.querySelector("article pre")?.textContent === "one two ");
  await seekTo(from);
  await page.waitForFunction(() => !document.querySelector("article"));
  stage.tokens("a", ["four "]);
  await seekTo(to);
  await page.waitForFunction(() => document.querySelector("article pre")?.textContent === "one two three ");
  await page.click("#live");
  await page.waitForFunction(() => document.querySelector("article pre")?.textContent === "one two three four ");
  await has(page, "#moment", "now");
});

onStage("a journal is opened, scrubbed, played to its end and closed, and nothing of it leaves the page", async (stage, page) => {
  await stage.begin();
  stage.tokens("mine", ["live text"]);
  const requests = [];
  page.on("request", (request) => requests.push(request.url()));
  await page.setInputFiles("#file", file(journal()));
  await has(page, "#source", "told.ndjson: 621 events");
  await has(page, "#moment", "0:00 of 0:09");
  await page.waitForFunction(() => document.querySelector("article pre")?.textContent === "<i>zero</i> ");
  assert.equal(await page.locator("article i").count(), 0);
  await scrub(page, 0.5);
  await page.waitForFunction(() => document.querySelector("article pre")?.textContent.endsWith("w9 "));
  assert.equal(await page.textContent("#rewards"), "");
  await scrub(page, 1);
  await has(page, "#rewards", "5 points");
  await scrub(page, 0.1);
  await page.waitForFunction(() => document.querySelector("article pre")?.textContent.endsWith("w1 "));
  await page.selectOption("#speed", "16");
  await page.click("#hold");
  await page.waitForFunction(() => document.querySelector("article pre")?.textContent.endsWith("w19 "));
  await has(page, "#hold", "Play");
  await page.click("#live");
  await has(page, "article h3", "mine");
  assert.equal(await page.textContent("#source"), "");
  assert.deepEqual(requests, []);
  assert.ok(stage.sockets.length === 1, "the line stayed");
});

onStage("a journal can be dropped on the page; lines that are no event are left out and counted", async (stage, page) => {
  await stage.begin();
  const text = `${journal(1)}what?\n{"type":"reward_event","timestamp":1,"payload":{}}\n`;
  const drop = (content, name) =>
    page.evaluate(
      ([inside, called]) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([inside], called));
        document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
      },
      [content, name],
    );
  await drop(text, "dropped.ndjson");
  await has(page, "#source", "dropped.ndjson: 62 events, 2 lines left out");
  await drop("\u0000\u0001 nothing of ours", "photo.jpg");
  await has(page, "#source", "photo.jpg holds no events, 1 lines left out");
  assert.equal(await page.evaluate(() => window.wirthforge.player.isJournal), true, "the one before stays open");
});

onStage("a journal of ten minutes is read in small steps, between which the page goes on", async (stage, page) => {
  await stage.begin();
  await page.evaluate(() => {
    window.long = [];
    new PerformanceObserver((list) => window.long.push(...list.getEntries().map((entry) => Math.round(entry.duration)))).observe({
      type: "longtask",
    });
  });
  await page.evaluate((text) => (window.told = new File([text], "told.ndjson")), journal(600)); // this, too, takes its time
  await page.waitForTimeout(100);
  await page.evaluate(() => {
    window.long.length = 0;
    window.steps = [];
    const { arrayBuffer } = Blob.prototype;
    Blob.prototype.arrayBuffer = function () {
      window.steps.push(this.size);
      return arrayBuffer.call(this);
    };
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(window.told);
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  });
  await has(page, "#source", "37201 events");
  await scrub(page, 0.75);
  await page.waitForFunction(() => document.querySelector("article pre")?.textContent.endsWith("w899 "));
  await scrub(page, 0.25);
  await page.waitForFunction(() => document.querySelector("article pre")?.textContent.endsWith("w299 "));
  const [long, steps, size] = await page.evaluate(() => [window.long, window.steps, window.told.size]);
  console.log(`tasks over 50 ms, of which an idle machine has none: ${long.join(", ") || "none"}`);
  assert.equal(steps.reduce((sum, each) => sum + each), size);
  assert.ok(Math.max(...steps) <= 32768, String(Math.max(...steps)));
});
