// An answer's whole life at the real server, in Chromium and in Firefox: it loads, speaks, is stopped, fails, is read again. The page
// shows the commands of bridge_target; and a page of an invited origin reads the same with the module.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { each, gotoLive, openBoth, withPages } from "./support/both.mjs";
import { startBridge } from "./support/bridge.mjs";
import { startInvited } from "./support/invited.mjs";

let browsers;
before(async () => (browsers = await openBoth()), { timeout: 300000 });
after(() => each(browsers, (browser) => browser.close()));

const story = (name, act, options = []) =>
  test(name, { timeout: 300000 }, async () => {
    const server = await startBridge({ options });
    try {
      await withPages(browsers, (pages) => act(pages, server));
    } finally {
      await server.kill();
    }
  });

/** Waits until the columns show this: id, how it ended, text. */
const showColumns = (page, wanted) =>
  page.waitFor((all) => {
    const shown = [...document.querySelectorAll("article")].map((article) => [
      article.querySelector("h3").firstChild.data,
      article.querySelector(".end").textContent,
      article.querySelector("pre").textContent,
    ]);
    return JSON.stringify(shown) === JSON.stringify(all);
  }, wanted);

story("a page that was there while the model loaded for long is live with the second look after ready, and showed how far it was", async (pages, server) => {
  server.tell("starting 0.25 reading the index");
  await each(pages, async (page) => {
    await page.goto(server.url);
    await page.waitFor(() => /the backend is starting, reading the index, 25 %/.test(document.getElementById("state-text").textContent));
  });
  server.tell("loading big-70b 0.5");
  await each(pages, async (page) => {
    await page.waitFor(() => /the backend is starting, .*big-70b, 50 %/.test(document.getElementById("state-text").textContent));
    const bar = await page.evaluate(() => [document.getElementById("start").role, document.getElementById("start").ariaValueNow]);
    assert.deepEqual(bar, ["progressbar", "50"]);
    // So long that the first connection was given up.
    await page.waitFor(() => window.wirthforge.client.state.name === "waiting");
    await page.evaluate(() => {
      window.looks = 0;
      const ask = window.fetch;
      window.fetch = (...what) => ((window.looks += 1), ask(...what));
    });
  });
  server.tell("open early m", "write early said before it was ready", "finish early stop", "loaded big-70b");
  await each(pages, (page) => page.evaluate(() => (window.looks = 0)));
  server.tell("ready");
  await each(pages, async (page) => {
    await page.waitFor(() => window.wirthforge.client.state.name === "live");
    const looks = await page.evaluate(() => window.looks); // one each second
    assert.ok(looks <= 2, `${page.browser.name}: ${looks} looks`);
    await showColumns(page, [["early", "done", "said before it was ready"]]);
    assert.equal(await page.evaluate(() => window.wirthforge.client.stats.gaps), 0);
  });
}, ["--not-ready"]);

story("a page that loads after answers ended shows each with its end, and again after a reload", async (pages, server) => {
  server.tell(
    "open whole m", "think whole let me see", 'call whole find {"what":"text"}', "write whole all of it", "finish whole stop",
    "open cut m", "write cut a part", "finish cut length",
    "open broken m", "write broken half of", "fail broken out of memory",
    "open halted m", "write halted until", "finish halted stopped",
    "open whole m", "write whole the same id again", "finish whole stop",
  );
  const wanted = [
    ["whole", "done", "the same id again"],
    ["halted", "stopped", "until"],
    ["broken", "failed: out of memory", "half of"],
    ["cut", "cut at its limit", "a part"],
    ["whole", "done", "all of it"],
  ];
  await each(pages, async (page) => {
    await gotoLive(page, server.url);
    await showColumns(page, wanted);
    await page.reload();
    await showColumns(page, wanted);
    const parts = await page.evaluate(() => {
      const oldest = [...document.querySelectorAll("article")].at(-1);
      return [".thought", ".calls li"].map((part) => oldest.querySelector(part).textContent);
    });
    assert.deepEqual(parts, ["let me see", 'find {"what":"text"}']);
  });
});

story("a page that was opened after the only loading call showed no progress bar, and none of a prompt that was being read", async (pages, server) => {
  server.tell("loading big-70b 0.5", "failed broken-7b no memory", "open slow m", "reading slow 0.25");
  const shown = (page) =>
    page.waitFor(() => {
      const bar = document.querySelector('#models [role="progressbar"]');
      const states = [...document.querySelectorAll("#models .state")].map((state) => state.textContent);
      return bar?.ariaLabel === "Loading big-70b" && bar.getAttribute("aria-valuenow") === "50" && states.includes("failed: no memory") &&
        document.querySelector("article h3")?.firstChild.data === "slow";
    });
  await each(pages, async (page) => {
    await gotoLive(page, server.url);
    await shown(page);
    assert.equal(await page.evaluate(() => window.wirthforge.client.models.get("big-70b").progress), 0.5);
    assert.equal(await page.evaluate(() => window.wirthforge.client.answer("slow").progress), 0.25);
    await page.reload();
    await shown(page);
  });
  server.tell("loaded big-70b", "write slow at last");
  await each(pages, async (page) => {
    await page.waitFor(() => !document.querySelector('#models [role="progressbar"]'));
    await page.waitFor(() => document.querySelector("article pre")?.textContent === "at last");
  });
});

// In the page: the answer's text and how it ended, as the module tells a program.
const readAnswer = async (id) => {
  const tokens = window.client.tokens(id);
  let text = "";
  try {
    for await (const piece of tokens) text += piece;
    return [text, tokens.reason];
  } catch (error) {
    return [text, tokens.reason, error.message];
  }
};

test("the module tells a page of an invited origin how each answer ended, and its stop reaches the program", { timeout: 300000 }, async () => {
  const invited = await startInvited();
  const server = await startBridge({ options: ["--allow-origin", invited.origin] });
  try {
    await withPages(browsers, (pages) =>
      each(pages, async (page) => {
        const id = (name) => `${name}-${page.browser.name}`;
        await page.goto(invited.url);
        await page.evaluate(async (address) => {
          const { WirthforgeClient } = await import("/wirthforge.js");
          window.client = new WirthforgeClient(address);
          window.client.connect();
          await window.client.ready();
        }, `ws://127.0.0.1:${server.port}/ws`);
        for (const [name, end, ...expected] of [
          ["whole", "finish $ stop", "done"],
          ["cut", "finish $ length", "length"],
          ["broken", "fail $ out of memory", "failed", "out of memory"],
        ]) {
          server.tell(`open ${id(name)} m`, `write ${id(name)} some text`, end.replace("$", id(name)));
          assert.deepEqual(await page.evaluate(readAnswer, id(name)), ["some text", ...expected]);
        }
        const running = id("running");
        server.tell(`open ${running} m`, `write ${running} on and on`);
        await page.waitFor((name) => window.client.answer(name)?.text === "on and on", running);
        assert.equal(await page.evaluate((name) => window.client.stop(name), running), true);
        await server.heard(`stop ${running}`);
        server.tell(`finish ${running} stopped`);
        assert.deepEqual(await page.evaluate(readAnswer, running), ["on and on", "stopped"]);
        assert.equal(await page.evaluate((name) => window.client.answer(name).state, running), "stopped");

        const model = id("model");
        const stateOf = (name) => window.client.models.get(name)?.state;
        for (const [line, state] of [[`loading ${model} 0.5`, "loading"], [`loaded ${model}`, "ready"], [`failed ${model} it died`, "failed"]]) {
          server.tell(line);
          await page.waitFor(([name, wanted]) => window.client.models.get(name)?.state === wanted, [model, state]);
        }
        assert.equal(await page.evaluate(stateOf, model), "failed");
        assert.equal(await page.evaluate((name) => window.client.models.get(name).reason, model), "it died");
      }),
    );
  } finally {
    await server.kill();
    invited.close();
  }
});

story("the dashboard's stop reaches the program, and the page tells that it was stopped", async (pages, server) => {
  await each(pages, async (page) => {
    const id = `answer-${page.browser.name}`;
    await gotoLive(page, server.url);
    server.tell(`open ${id} m`, `write ${id} on and on`);
    const label = `[aria-label="Stop answer ${id}"]`;
    await page.waitFor((button) => document.querySelector(button)?.checkVisibility(), label);
    await page.evaluate((button) => document.querySelector(button).click(), label);
    await server.heard(`stop ${id}`);
    await page.waitFor((button) => document.querySelector(button).textContent === "Stopping", label);
    server.tell(`finish ${id} stopped`);
    await page.waitFor((name) => document.getElementById("announcer").textContent === `answer ${name}: stopped`, id);
    await page.waitFor((button) => !document.querySelector(button).checkVisibility(), label);
  });
});
