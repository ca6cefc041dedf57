// From a model server to the pixel, in Chromium and in Firefox: a real model server's formats with their faults, the bridge, the
// dashboard. What the page shows equals what the model server meant, and a button on the page closes the model server's socket.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { each, gotoLive, openBoth, sleep, withPages } from "./support/both.mjs";
import { meant, startBridge, startModels } from "./support/bridge.mjs";

let browsers;
before(async () => (browsers = await openBoth()), { timeout: 300000 });
after(() => each(browsers, (browser) => browser.close()));

/** A dashboard in each browser before one server and one model server; `act` gets all. */
const story = (name, act) =>
  test(name, { timeout: 300000 }, async () => {
    const models = await startModels();
    const server = await startBridge();
    try {
      await withPages(browsers, async (pages) => {
        await each(pages, (page) => gotoLive(page, server.url));
        await act(pages, server, models);
      });
    } finally {
      await server.kill();
      await models.close();
    }
  });

// In the page: what the column of an answer shows.
const column = (id) => {
  const article = [...document.querySelectorAll("article")].find((one) => one.querySelector("h3").firstChild.data === id);
  if (!article) return undefined;
  const textOf = (part) => article.querySelector(part).textContent;
  const isSeen = (part) => article.querySelector(part).checkVisibility();
  return {
    text: textOf("pre"),
    end: textOf(".end"),
    thought: textOf(".thought"),
    isThoughtSeen: isSeen(".thought"),
    calls: [...article.querySelectorAll(".calls li")].map((item) => [item.firstChild.textContent, item.lastChild.textContent]),
    isStoppable: isSeen(".stop"),
    bar: isSeen(".bar") ? article.querySelector(".bar").getAttribute("aria-valuenow") : null,
    about: textOf(".title > .quiet"),
  };
};

/** Waits until the column's part is this; gives the whole column. */
async function shows(page, id, part, wanted) {
  for (let turn = 0; ; turn += 1) {
    const shown = await page.evaluate(column, id);
    if (wanted instanceof RegExp ? wanted.test(shown?.[part]) : shown?.[part] === wanted) return shown;
    if (turn > 6000) assert.fail(`${page.browser.name}: of ${id} ${part} is never ${wanted}: ${JSON.stringify(shown)}`);
    await sleep(20);
  }
}

const bytes = (text) => Buffer.from(text, "utf8").toString("hex");

/** How the newest question with this fault ended, once it has. */
async function ended(models, fault, path) {
  for (;;) {
    const question = (await models.seen()).findLast((one) => one.fault === fault && (!path || one.path === path));
    if (question?.ended) return question.ended;
    await sleep(10);
  }
}

story("the text of every dialect, cut inside its characters, is shown byte for byte", async (pages, server, models) => {
  for (const [index, path] of meant.paths.entries()) {
    const id = `all-${index}`;
    server.ask(models, id, path, "unicode");
    await each(pages, async (page) => {
      const shown = await shows(page, id, "end", "done");
      assert.equal(bytes(shown.text), bytes(meant.text), `${page.browser.name}, ${path}`);
    });
  }
});

story("an answer that is stopped on the page closes the model server's socket, and keeps what was said", async (pages, server, models) => {
  // Once by each browser's button; the other sees it end, too.
  for (const [index, presser] of pages.entries()) {
    const id = `stopped-${index}`;
    server.ask(models, id, "/api/chat", "slow");
    for (let step = 0; step < 3; step += 1) await models.go();
    await each(pages, (page) => shows(page, id, "text", meant.half));
    assert.equal((await models.seen()).findLast(({ fault }) => fault === "slow").ended, null);
    assert.ok((await presser.evaluate(column, id)).isStoppable);
    const began = Date.now();
    await presser.evaluate((name) => document.querySelector(`[aria-label="Stop answer ${name}"]`).click(), id);
    assert.equal(await ended(models, "slow"), "was left");
    console.log(`${presser.browser.name}: from the click to the closed socket, ${Date.now() - began} ms at most`);
    await each(pages, async (page) => {
      const shown = await shows(page, id, "end", "stopped");
      assert.equal(bytes(shown.text), bytes(meant.half));
      assert.equal(shown.isStoppable, false);
    });
    await server.heard(`stop ${id}`);
  }
});

story("a model server that dies in the middle is shown as failed, never as done", async (pages, server, models) => {
  for (const fault of ["dies", "resets", "error-line", "wrong-length"]) {
    server.ask(models, fault, "/v1/chat/completions", fault);
    await each(pages, async (page) => {
      const shown = await shows(page, fault, "end", /^failed: ./);
      assert.equal(bytes(shown.text), bytes(meant.half), `${page.browser.name}, ${fault}`);
    });
  }
  const failures = await pages[0].evaluate(() => [...document.querySelectorAll("#feed b:first-child")].map((one) => one.textContent));
  assert.ok(failures.filter((code) => code === "ANSWER_FAILED").length >= 4, failures.join());
});

// The bar of a model, or null where none is seen.
const loadingBar = () => {
  const bar = document.querySelector('#models [data-state="loading"] .bar');
  return bar?.checkVisibility() ? { role: bar.role, now: bar.getAttribute("aria-valuenow") } : null;
};

story("a model that loads for a while has a bar, then its prompt, then its answer", async (pages, server, models) => {
  server.ask(models, "patient", "/api/v1/chat", "creeps");
  for (const percent of ["40", "80"]) {
    await each(pages, async (page) => {
      await page.waitFor((now) => document.querySelector('#models [data-state="loading"] .bar')?.getAttribute("aria-valuenow") === now, percent);
      assert.deepEqual(await page.evaluate(loadingBar), { role: "progressbar", now: percent });
    });
    await models.go();
  }
  await each(pages, async (page) => {
    const shown = await shows(page, "patient", "bar", "50");
    assert.match(shown.about, /reading the prompt/);
    assert.equal(await page.evaluate(loadingBar), null);
  });
  await models.go();
  await each(pages, async (page) => {
    const shown = await shows(page, "patient", "end", "done");
    assert.equal(bytes(shown.text), bytes(meant.text));
    assert.equal(shown.bar, null);
  });

  // llama.cpp refuses meanwhile: how far it is nobody knows.
  server.ask(models, "asked-again", "/v1/chat/completions", "loading");
  await each(pages, async (page) => {
    await page.waitFor(() => document.querySelector('#models [data-state="loading"]'));
    assert.deepEqual(await page.evaluate(loadingBar), { role: "progressbar", now: null });
  });
  await models.go();
  await each(pages, async (page) => {
    assert.equal((await shows(page, "asked-again", "end", "done")).text, meant.text);
    await page.waitFor(() => !document.querySelector('#models [data-state="loading"]'));
  });
});

story("what it thinks first is folded, and dimmer than the answer when it is unfolded", async (pages, server, models) => {
  server.ask(models, "thinker", "/api/chat", "thinks");
  await each(pages, async (page) => {
    const folded = await shows(page, "thinker", "end", "done");
    assert.equal(bytes(folded.text), bytes(meant.text));
    assert.equal(bytes(folded.thought), bytes(meant.thought));
    assert.equal(folded.isThoughtSeen, false);
    await page.evaluate(() => document.querySelector("article summary").click());
    await page.waitFor(() => document.querySelector("article .thought").checkVisibility());
    // How far each ink is from the ground, by its brightness.
    const contrast = await page.evaluate(() => {
      const bright = (colour) => {
        const [red, green, blue] = colour.match(/[\d.]+/g).map(Number);
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      };
      const ground = bright(getComputedStyle(document.body).backgroundColor);
      return [".thought", "pre"].map((part) => Math.abs(bright(getComputedStyle(document.querySelector(`article ${part}`)).color) - ground));
    });
    assert.ok(contrast[0] < contrast[1] - 20, String(contrast));
  });
});

story("a tool call is shown with its name and its arguments", async (pages, server, models) => {
  for (const path of ["/api/chat", "/v1/chat/completions", "/v1/responses", "/api/v1/chat"]) {
    const id = `caller-${meant.paths.indexOf(path)}`;
    server.ask(models, id, path, "calls");
    await each(pages, async (page) => {
      const { calls, text } = await shows(page, id, "end", "done");
      assert.equal(calls.length, 1, `${page.browser.name}, ${path}`);
      assert.equal(calls[0][0], "weather");
      assert.deepEqual(JSON.parse(calls[0][1]), meant.call);
      assert.equal(bytes(text), bytes(meant.text));
    });
  }
});

story("a council of two answers side by side, and one that is stopped leaves the other alone", async (pages, server, models) => {
  server.ask(models, "first", "/v1/responses", "slow");
  for (const page of pages) await shows(page, "first", "end", "");
  server.ask(models, "second", "/api/generate", "slow");
  for (const page of pages) await shows(page, "second", "end", "");
  const [presser] = pages;
  await presser.evaluate(() => document.querySelector('[aria-label="Stop answer first"]').click());
  await each(pages, (page) => shows(page, "first", "end", "stopped"));
  assert.equal(await ended(models, "slow", "/v1/responses"), "was left");
  for (let word = 0; word < meant.words.length; word += 1) await models.go();
  await each(pages, async (page) => {
    const shown = await shows(page, "second", "end", "done");
    assert.equal(bytes(shown.text), bytes(meant.text));
    const [one, other] = await page.evaluate(() => [...document.querySelectorAll("article")].map((article) => article.getBoundingClientRect().top));
    assert.equal(one, other, "side by side");
  });
});
