// The answers on the dashboard, against a server that the test plays.
import assert from "node:assert/strict";
import { beats, has, stageTests } from "./support/pageful.mjs";

const onStage = stageTests();

onStage("markup and controls in what models say stay text", async (stage, page) => {
  await stage.begin();
  const text = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>\u202e\n  two  spaces \ud83d\udd25';
  stage.tokens("<b>id</b>", [text], true);
  await has(page, "article pre", "two  spaces");
  assert.equal(await page.textContent("article pre"), text);
  assert.equal(await page.locator("article img, article script, article b").count(), 0);
  assert.equal(await page.evaluate(() => window.hit), undefined);
});

onStage("text and streams are bounded, and what still grows stands first", async (stage, page) => {
  await stage.begin();
  for (let number = 1; number <= 12; number += 1) stage.tokens(`s${number}`, ["x ".repeat(5)], number % 2 === 0);
  for (let number = 0; number < 50; number += 1) stage.tokens("s11", [`${number}`.padStart(1000, "- ")]);
  await page.waitForFunction(() => document.querySelector("article:nth-child(4) pre")?.textContent.endsWith("49"));
  const ids = await page.locator("article h3").evaluateAll((titles) => titles.map((title) => title.firstChild.data));
  assert.deepEqual(ids, ["s5", "s7", "s9", "s11", "s12", "s10", "s8", "s6"]);
  const { length } = await page.textContent("article:nth-child(4) pre");
  assert.ok(length > 10000 && length <= 20000, String(length));
  const below = await page.evaluate(() => {
    const box = document.querySelector("article:nth-child(4) pre");
    return box.scrollHeight - box.scrollTop - box.clientHeight;
  });
  assert.ok(below < 5, "it follows the end");
});

onStage("an answer that begins is seen, however many came before it", async (stage, page) => {
  await stage.begin();
  for (let number = 1; number <= 12; number += 1) {
    stage.tokens(`s${number}`, ["text ".repeat(20)], number > 1 && number % 2 === 0);
    await page.waitForTimeout(30);
  }
  stage.tokens("s1", ["done"], true);
  stage.tokens("last", ["begins"]);
  await has(page, "#streams", "begins");
  await beats(page, 3);
  for (const id of ["last", "s11"])
    assert.ok(await page.locator("article", { hasText: id }).first().isVisible(), id);
  assert.equal(await page.evaluate(() => document.getElementById("streams").scrollTop), 0);
});

onStage("who reads further up is left there", async (stage, page) => {
  await stage.begin();
  stage.tokens("a", ["line\n".repeat(200)]);
  await has(page, "article pre", "line");
  await page.focus("article pre");
  await page.keyboard.press("Home");
  await page.waitForFunction(() => document.querySelector("article pre").scrollTop === 0);
  stage.tokens("a", ["the end"]);
  await has(page, "article pre", "the end");
  await beats(page, 5);
  assert.equal(await page.evaluate(() => document.querySelector("article pre").scrollTop), 0);
});

onStage("an answer goes on where it was after a gap, and begins anew under another server", async (stage, page) => {
  const shows = (text) => page.waitForFunction((all) => document.querySelector("article pre").textContent === all, text);
  // All that a server says at once: the greeting, the gap, the text so far with the greeting's time.
  const greet = (code, epoch, soFar) => {
    const timestamp = stage.timestamp + 1;
    stage.greet(epoch);
    stage.say("error_event", { severity: "warning", code, message: "", component: "websocket", details: {} });
    stage.say("token_stream", { tokens: [soFar], isComplete: false, sessionId: "a", modelId: "m" }, { timestamp });
  };
  await stage.begin();
  stage.tokens("a", ["one ", "two "]);
  await has(page, "article pre", "one two ");
  stage.sockets[0].close({ code: 1013, reason: "" });
  await stage.connection(2);
  greet("RESUME_LAGGED", "e", "one two three ");
  stage.tokens("a", ["four"]);
  await shows("one two three four");

  stage.sockets[1].close({ code: 1012, reason: "restart" });
  await stage.connection(3);
  greet("RESUME_EPOCH_CHANGED", "other", "new ");
  stage.tokens("a", ["text"]);
  await shows("new text");
});
