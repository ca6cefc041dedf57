// The answers on the dashboard, against a server that the test plays.
import assert from "node:assert/strict";
import { beats, has, stageTests } from "./support/pageful.mjs";

const onStage = stageTests();

onStage("markup and controls in a model's text stay text", async (stage, page) => {
  await stage.begin();
  const text = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>\u202e\n  two  spaces \ud83d\udd25';
  stage.tokens("<b>id</b>", [text], true);
  await has(page, "article pre", "two  spaces");
  assert.equal(await page.textContent("article pre"), text);
  assert.equal(await page.locator("article img, article script, article b").count(), 0);
  assert.equal(await page.evaluate(() => window.hit), undefined);
});

onStage("Markdown in a model's text and thoughts stays text", async (stage, page) => {
  await stage.begin();
  const text = "# Title\n\n**bold** `code` [link](https://example.org) ![picture](x.png)\n\n- item\n\n| a | b |\n|---|---|\n";
  stage.tokens("a:thinking", [text], true);
  stage.tokens("a", [text], true);
  await has(page, "article pre", "|---|---|");
  assert.equal(await page.textContent("article pre"), text);
  assert.equal(await page.textContent(".thought"), text);
  assert.equal(await page.locator("article pre :not(span), .thought *").count(), 0);
});

onStage("text and streams are bounded, and the answers that still grow stand first", async (stage, page) => {
  await stage.begin();
  for (let number = 1; number <= 12; number += 1) stage.tokens(`s${number}`, ["x ".repeat(5)], number % 2 === 0);
  for (let number = 0; number < 250; number += 1) stage.tokens("s11", [`${number}`.padStart(999, "- "), "\n"]);
  await page.waitForFunction(() => document.querySelector("article:nth-child(4) pre")?.textContent.endsWith("249\n"));
  const ids = await page.locator("article h3").evaluateAll((titles) => titles.map((title) => title.firstChild.data));
  assert.deepEqual(ids, ["s5", "s7", "s9", "s11", "s12", "s10", "s8", "s6"]);
  const { length } = await page.textContent("article:nth-child(4) pre");
  assert.ok(length > 50000 && length <= 105000, String(length));
  const left = 250010 - length;
  assert.equal(
    await page.textContent("article:nth-child(4) .omitted"),
    `The first ${left.toLocaleString("en")} characters of this answer are not kept here.`,
  );
  const below = await page.evaluate(() => {
    const box = document.querySelector("article:nth-child(4) .body");
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

onStage("a reader who has scrolled up stays there", async (stage, page) => {
  await stage.begin();
  stage.tokens("a", ["line\n".repeat(200)]);
  await has(page, "article pre", "line");
  await page.focus("article .body");
  await page.keyboard.press("Home");
  await page.waitForFunction(() => document.querySelector("article .body").scrollTop === 0);
  stage.tokens("a", ["the end"]);
  await has(page, "article pre", "the end");
  await beats(page, 5);
  assert.equal(await page.evaluate(() => document.querySelector("article .body").scrollTop), 0);
});

onStage("an answer goes on where it was after a gap, and begins anew under another server", async (stage, page) => {
  const shows = (text) => page.waitForFunction((all) => document.querySelector("article pre").textContent === all, text);
  // All at once: the greeting, the gap, the text so far with the greeting's time.
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

const life = (stage, code, details, severity = "info") =>
  stage.say("error_event", { severity, code, message: `${code} was said`, component: "model", details: { modelId: "m", ...details } });

onStage("an id that comes again is shown as another answer", async (stage, page) => {
  await stage.begin();
  stage.tokens("a", ["the old answer"], true);
  stage.tokens("a", ["the new one"]);
  await has(page, "article pre", "the new one");
  assert.deepEqual(await page.locator("article pre").allTextContents(), ["the new one", "the old answer"]);
});

onStage("a prompt that is read, thinking, a tool call and the end are shown, and the thinking is folded", async (stage, page) => {
  await stage.begin();
  life(stage, "ANSWER_WAITING", { sessionId: "a", progress: 0.25 });
  await has(page, "article .title", "reading the prompt");
  assert.equal(await page.getAttribute("article .bar", "aria-valuenow"), "25");
  stage.tokens("a:thinking", ["<b>let me see</b>"], true);
  stage.tokens("a:tool:1", ["get_weather", '{"city":"<i>Paris</i>"}'], true);
  stage.tokens("a", ["It rains."]);
  await has(page, "article pre", "It rains.");
  assert.ok(await page.isHidden("article .bar"));
  assert.ok(await page.isHidden(".thought"));
  assert.equal(await page.textContent("summary"), "Thought, 17 characters");
  await page.focus("summary");
  await page.keyboard.press("Enter");
  assert.equal(await page.innerText(".thought"), "<b>let me see</b>");
  assert.equal(await page.textContent(".calls li"), 'get_weather {"city":"<i>Paris</i>"}');
  const inks = await page.evaluate(() => [".thought", "article pre"].map((part) => getComputedStyle(document.querySelector(part)).color));
  assert.notEqual(inks[0], inks[1]);
  life(stage, "ANSWER_DONE", { sessionId: "a", tokens: 1, seconds: 0.5, tokensPerSecond: 2 });
  stage.tokens("a", [""], true);
  await has(page, "article .end", "done");
  assert.match(await page.textContent("article .title .quiet"), /1 token \u00b7 2 a second \u00b7 first after \d+ ms$/);
});

onStage("how each answer ended is told, and two pages count the same", async (stage, page) => {
  await stage.begin();
  for (const [id, code, details] of [
    ["cut", "ANSWER_LENGTH"],
    ["halted", "ANSWER_STOPPED"],
    ["broken", "ANSWER_FAILED", { reason: "out of memory" }],
    ["counted", "ANSWER_DONE", { tokens: 222, seconds: 2, tokensPerSecond: 111 }],
    ["plain"],
  ]) {
    stage.tokens(id, ["two ", "pieces"]);
    if (code) life(stage, code, { sessionId: id, ...details }, code === "ANSWER_FAILED" ? "error" : "info");
    stage.tokens(id, [""], true);
  }
  await page.waitForFunction(() => document.querySelectorAll('article[data-end="done"]').length === 2);
  const told = await page
    .locator("article .title")
    .evaluateAll((all) => all.map((one) => one.innerText.split(/\s*\n\s*/).filter(Boolean).join(" | ")));
  assert.deepEqual(told, [
    "plain | done | stage-1 \u00b7 10 characters",
    "counted | done | stage-1 \u00b7 222 tokens \u00b7 111 a second",
    "broken | failed: out of memory | stage-1 \u00b7 10 characters",
    "halted | stopped | stage-1 \u00b7 10 characters",
    "cut | cut at its limit | stage-1 \u00b7 10 characters",
  ]);
  assert.deepEqual(await page.locator("#feed b:first-child").allTextContents(), ["ANSWER_FAILED"]);
});

onStage("an answer that runs can be stopped with the keyboard, and its end is announced", async (stage, page) => {
  const heard = [];
  await stage.begin();
  stage.sockets[0].onMessage((text) => heard.push(JSON.parse(text)));
  stage.tokens("a", ["on and on "]);
  await has(page, "article pre", "on and on ");
  await page.getByRole("button", { name: "Stop answer a" }).focus();
  await page.keyboard.press("Enter");
  await has(page, ".stop", "Stopping");
  while (!heard.some(({ type }) => type === "stop")) await beats(page, 1);
  assert.deepEqual(heard.filter(({ type }) => type === "stop"), [{ type: "stop", payload: { sessionId: "a" } }]);
  life(stage, "ANSWER_STOPPED", { sessionId: "a" });
  stage.tokens("a", [""], true);
  await has(page, "article .end", "stopped");
  assert.ok(await page.isHidden(".stop"));
  assert.equal(await page.textContent("#announcer"), "answer a: stopped");
  assert.equal(await page.evaluate(() => document.activeElement.className), "body"); // the focus is not lost with its button
});

onStage("without a connection, or in the past, no stop button is offered; a server that does not know the message re-enables it", async (stage, page) => {
  await stage.begin();
  stage.tokens("a", ["text"]);
  await has(page, "article pre", "text");
  assert.ok(await page.isVisible(".stop"));
  await page.click(".stop");
  await has(page, ".stop", "Stopping");
  stage.say("error_event", { severity: "warning", code: "CLIENT_MESSAGE_UNKNOWN", message: "", component: "websocket" });
  await page.waitForFunction(() => document.querySelector(".stop").textContent === "Stop");
  await page.click("#hold");
  await page.waitForFunction(() => document.querySelector(".stop").hidden);
  await page.click("#live");
  await page.waitForFunction(() => !document.querySelector(".stop").hidden);
  stage.sockets[0].close({ code: 1012, reason: "restart" });
  await page.waitForFunction(() => document.querySelector(".stop").hidden);
});

onStage("the answers can be enlarged, and of a long one more is seen and its first line reached", async (stage, page) => {
  await stage.begin();
  stage.tokens("a", Array.from({ length: 600 }, (_, line) => `line ${line}\n`));
  await has(page, "article pre", "line 599");
  const height = () => page.evaluate(() => document.querySelector(".body").clientHeight);
  const before = await height();
  await page.focus("#enlarge");
  await page.keyboard.press("Enter");
  assert.equal(await page.getAttribute("#enlarge", "aria-pressed"), "true");
  await page.waitForFunction((least) => document.querySelector(".body").clientHeight > least, before);
  await page.focus(".body");
  await page.keyboard.press("Home");
  await page.waitForFunction(() => document.querySelector(".body").scrollTop === 0);
  assert.ok(await page.isHidden(".omitted"));
  assert.match(await page.textContent("article pre"), /^line 0\n/);
  await page.click("#enlarge");
  await page.waitForFunction((height) => document.querySelector(".body").clientHeight === height, before);
});

onStage("a long text looks the same in blocks as in one piece", async (stage, page) => {
  await stage.begin();
  const text = Array.from({ length: 400 }, (_, line) => (line % 7 === 3 ? "" : `line ${line} ${"word ".repeat(line % 23)}`)).join("\n");
  for (let from = 0; from < text.length; from += 997) stage.tokens("a", [text.slice(from, from + 997)]);
  stage.tokens("a", [""], true);
  await has(page, "article .end", "done");
  assert.equal(await page.textContent("article pre"), text);
  assert.ok(await page.evaluate(() => document.querySelectorAll("article pre span").length > 3));
  const [blocks, whole] = await page.evaluate((all) => {
    const page = document.querySelector("article pre");
    const before = page.getBoundingClientRect().height;
    page.replaceChildren(all);
    return [before, page.getBoundingClientRect().height];
  }, text);
  assert.equal(blocks, whole);
});

onStage("a model that loads has a bar, and one that failed its reason", async (stage, page) => {
  await stage.begin();
  life(stage, "MODEL_LOADING", { modelId: "big-70b", progress: 0.4 });
  await has(page, "#models", "loading, 40 %");
  const bar = page.getByRole("progressbar", { name: "Loading big-70b" });
  assert.equal(await bar.getAttribute("aria-valuenow"), "40");
  life(stage, "MODEL_LOADING", { modelId: "big-70b" });
  await page.waitForFunction(() => !document.querySelector("#models .bar").hasAttribute("aria-valuenow"));
  life(stage, "MODEL_FAILED", { modelId: "big-70b", reason: "no such file" }, "error");
  await has(page, "#models", "failed: no such file");
  life(stage, "MODEL_READY", { modelId: "big-70b" });
  await page.waitForFunction(() => document.querySelector("#models").children.length === 0);
});

onStage("a backend that loads its model says so at the top", async (stage, page) => {
  stage.health = { status: 503, body: { status: "starting", phase: "loading big-70b", progress: 0.5 } };
  await page.goto("http://127.0.0.1:8145/");
  await stage.connection(1);
  await has(page, "#state-text", "the backend is starting, loading big-70b, 50 %");
  assert.equal(await page.getByRole("progressbar", { name: "The backend's start" }).getAttribute("aria-valuenow"), "50");
  stage.greet();
  await has(page, "#state-text", "live");
  assert.ok(await page.isHidden("#start"));
  for (const complaint of stage.complaints.splice(0)) assert.match(complaint, /503/); // the console lists them
});
