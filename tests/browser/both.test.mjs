// The life of a connection, in a real Chromium and a real Firefox against the real server: the same stories in both, and at
// the same time where one server serves both. WIRTHFORGE_LONG=1 adds a server that is away for three minutes.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { goAway, isProbed } from "./support/away.mjs";
import { each, gotoLive, isLive, openBoth, sleep, withPages } from "./support/both.mjs";
import { openCutter } from "./support/cutter.mjs";
import { startInvited } from "./support/invited.mjs";
import { assertCounted, assertExact, beginLedgers, counted, upTo } from "./support/ledgers.mjs";
import { startServer } from "./support/server.mjs";

let browsers;
before(async () => (browsers = await openBoth()), { timeout: 300000 });
after(() => Promise.all(browsers.map((browser) => browser.close())));

/** A test with a page in each browser at a server of its own; `stage.server` may be replaced. */
const story = (name, example, act, { timeout = 90000, whose = () => browsers, ...options } = {}) =>
  test(name, { timeout }, async () => {
    const stage = { server: await startServer(example, options) };
    try {
      await withPages(whose(), (pages) => act(pages, stage));
    } finally {
      await stage.server.kill();
    }
  });

const COUNTED = { input: "pipe" };
const LINES = 6; // in each page
const CUTS = 60; // in each browser
// Bytes. Each fourth cut is on the way up, in the head (some 500) or in the answers to heartbeats; the others on the way down, in the head and the
// greeting (some 1000) or later. Seldom before a connection is open: Firefox makes the next one wait longer each time.
const MOST = [900, 30000, 40000, 20000, 1500, 40000, 30000, 20000, 700, 50000, 30000, 20000];

// 2 s on an idle machine: a second at most until the next probe, as tests/client/recovery.test.mjs shows, then one handshake. A
// slow machine takes longer for the same two steps, so that the steps are counted here.
const away = (seconds, whose) =>
  story(
    `the first probe finds the server that was away for ${seconds} s, and no WebSocket was opened in vain`,
    "live",
    async (pages, stage) => {
      await each(pages, (page) => gotoLive(page, stage.server.url));
      await each(pages, isProbed);
      for (const { answered, dialled } of await goAway(pages, stage, seconds)) {
        assert.equal(dialled, 0);
        assert.equal(answered, 1);
      }
      for (const page of pages) assert.equal(await page.evaluate(() => window.wirthforge.client.stats.reconnects), 1);
    },
    { timeout: 60000 + seconds * 1000, whose },
  );

// The first waits for most of its time; meanwhile the others run, one after the other.
describe("both", { concurrency: 2 }, () => {
  // In browsers of its own: when a WebSocket to this machine has to wait, Firefox delays all others to it, too.
  describe("long away", { concurrency: 2 }, () => {
    let own;
    before(async () => (own = await openBoth()), { timeout: 300000 });
    after(() => each(own, (browser) => browser.close()));
    for (const seconds of process.env.WIRTHFORGE_LONG ? [40, 180] : [40]) away(seconds, () => own);
  });
  describe("at their side", { concurrency: 1 }, () => {
    story(
      "cut at random bytes in both directions, nothing is lost, nothing is heard twice, and energy adds up",
      "known_sequence",
      async (pages, stage) => {
        const wires = await each(pages, () => {
          let turn = 0;
          return openCutter(stage.server.port, (cuts) => {
            if (cuts >= CUTS) return null;
            turn += 1;
            return { isUp: turn % 4 === 0, bytes: Math.floor(Math.random() * MOST[turn % MOST.length]) };
          });
        });
        try {
          await each(pages, async (page, index) => {
            await page.goto(wires[index].url);
            await beginLedgers(page, { count: LINES });
          });
          const ledgers = await counted(pages, stage, async () => {
            const began = Date.now();
            for (const wire of wires) {
              while (wire.cuts < CUTS) {
                assert.ok(Date.now() < began + 120000, `${wire.cuts} cuts in two minutes`);
                await sleep(50);
              }
              console.log(`${CUTS} cuts in ${Date.now() - began} ms`);
            }
          });
          pages.forEach(({ browser }, index) => {
            const stats = ledgers[index].map((ledger) => ledger.stats);
            const sum = (name) => stats.reduce((all, each) => all + each[name], 0);
            const { cuts } = wires[index];
            console.log(`${browser.name}: ${cuts} cuts, ${sum("reconnects")} reconnects, ${sum("duplicates")} duplicates dropped`);
            assert.ok(cuts >= CUTS);
            assert.ok(sum("reconnects") >= LINES);
            ledgers[index].forEach(assertExact);
          });
        } finally {
          for (const wire of wires) wire.close();
        }
      },
      { ...COUNTED, timeout: 200000 },
    );

    story(
      "a reload in mid-answer shows the whole answer",
      "live",
      async (pages, { server }) => {
        const shows = (text) => document.querySelector("#streams pre")?.textContent === text;
        const [start, rest] = [upTo(200), "and the end"];
        server.child.stdin.write(start);
        await each(pages, async (page) => {
          await gotoLive(page, server.url);
          await page.waitFor(shows, start);
          await page.reload();
          await isLive(page);
          await page.waitFor(shows, start);
        });
        server.child.stdin.end(rest);
        await each(pages, async (page) => {
          await page.waitFor(shows, start + rest);
          await page.waitFor(() => document.querySelector("#streams article").dataset.open === "false");
        });
      },
      COUNTED,
    );

    story(
      "with its place kept, a page that is reloaded goes on where it was, and so does a duplicated tab",
      "known_sequence",
      async (pages, stage) => {
        const heardFive = () => window.ledgers[0].rewards.length >= 5;
        const firsts = await each(pages, async (page) => {
          await gotoLive(page, stage.server.url);
          await beginLedgers(page, { resumes: true });
          await page.waitFor(heardFive);
          await page.evaluate(() => {
            const { rewards, meetings } = window.ledgers[0];
            addEventListener("pagehide", () => sessionStorage.setItem("ledger", JSON.stringify({ rewards, meetings })));
          });
          await page.reload();
          return JSON.parse(await page.evaluate(() => sessionStorage.getItem("ledger")));
        });
        const twins = await each(pages, (page) => page.openBeside());
        try {
          const all = [...pages, ...twins];
          await each(twins, (twin) => twin.waitFor(() => window.wirthforge));
          const ledgers = await counted(all, stage, async () => {
            await each(all, (page) => beginLedgers(page, { resumes: true }));
            await each(all, (page) => page.waitFor(heardFive));
          });
          ledgers.forEach(([ledger], index) => {
            const first = firsts[index % pages.length];
            assertCounted([...first.rewards, ...ledger.rewards], "rewards");
            assertCounted([...first.meetings, ...ledger.meetings], "meetings");
            assert.equal(ledger.stats.gaps, 0);
          });
        } finally {
          await each(twins, (twin) => twin.close());
        }
      },
      COUNTED,
    );

    story(
      "two tabs hear the same",
      "known_sequence",
      async (pages, stage) => {
        await each(pages, (page) => gotoLive(page, stage.server.url));
        const others = await each(pages, (page) => page.openBeside());
        try {
          const all = [...pages, ...others];
          await each(others, (other) => isLive(other));
          const ledgers = await counted(all, stage, async () => {
            await each(all, (page) => beginLedgers(page));
            await each(all, (page) => page.waitFor(() => window.ledgers[0].rewards.length >= 10));
          });
          for (const [ledger] of ledgers) {
            assertCounted(ledger.rewards, "rewards");
            const [shorter, longer] = [ledger.rewards, ledgers[0][0].rewards].sort((one, other) => one.length - other.length);
            assert.deepEqual(shorter, longer.slice(-shorter.length));
            for (const [id, text] of Object.entries(ledger.texts)) assert.equal(text, ledgers[0][0].texts[id] ?? text, id);
          }
        } finally {
          await each(others, (other) => other.close());
        }
      },
      COUNTED,
    );

    away(3);

    story("behind another tab the page gets no energy, and gets it again at once when it is shown", "live", async (pages, { server }) => {
      const frame = () => window.wirthforge.client.latest.energy_update?.frameNumber ?? 0;
      await each(pages, async (page) => {
        await gotoLive(page, server.url);
        await page.waitFor(() => window.wirthforge.client.frameRate > 30);
        const other = await page.openBeside("about:blank");
        try {
          await page.waitFor(() => document.hidden);
          await page.waitFor(() => window.wirthforge.client.frameRate === 0);
          assert.equal(await page.evaluate(() => window.wirthforge.client.state.name), "live");
          const before = await page.evaluate(frame);
          await page.toFront();
          await page.waitFor(() => !document.hidden);
          const began = Date.now();
          while ((await page.evaluate(frame)) === before) assert.ok(Date.now() - began < 5000, "no energy again");
        } finally {
          await other.close();
        }
      });
    });

    // The server forbids that its own page is stored, so that browsers load it anew.
    story("after the way back from another page, the dashboard is live and shows the answer", "live", async (pages, { server }) => {
      await each(pages, async (page) => {
        await gotoLive(page, server.url);
        await page.waitFor(() => window.wirthforge.client.latest.token_stream);
        await page.goto(`${server.url}health`);
        await page.back();
        await isLive(page);
        await page.waitFor(() => document.querySelector("#streams pre")?.textContent.length > 0);
      });
    });

    test("a page in the back-forward cache has no line, and out of it the same page goes on without a gap", { timeout: 60000 }, async () => {
      const invited = await startInvited();
      const server = await startServer("known_sequence", { ...COUNTED, options: ["--allow-origin", invited.origin] });
      try {
        await withPages(browsers, async (pages) => {
          const ledgers = await counted(pages, { server }, () =>
            each(pages, async (page) => {
              await page.goto(invited.url);
              await beginLedgers(page, { url: `ws://127.0.0.1:${server.port}/ws` });
              await page.waitFor(() => window.ledgers[0].rewards.length >= 3);
              await page.evaluate(() => {
                window.states = [];
                window.ledgers[0].client.on("state", ({ name }) => window.states.push(name));
                addEventListener("pageshow", ({ persisted }) => (window.wasKept = persisted));
              });
              await page.goto("about:blank");
              await sleep(500);
              await page.back();
              if (page.browser.name === "firefox") {
                // Firefox decides before `pagehide`, by the socket that is open then, and loads the page anew.
                await page.waitFor(() => window.wasKept || (document.readyState === "complete" && !window.ledgers));
                if (await page.evaluate(() => !window.ledgers)) {
                  await beginLedgers(page, { url: `ws://127.0.0.1:${server.port}/ws` });
                  return page.waitFor(() => window.ledgers[0].rewards.length >= 3);
                }
              }
              await page.waitFor(() => window.wasKept && window.ledgers[0].client.state.name === "live");
              assert.deepEqual(await page.evaluate(() => window.states), ["suspended", "connecting", "handshaking", "live"]);
              const { length } = await page.evaluate(() => window.ledgers[0].rewards);
              await page.waitFor((before) => window.ledgers[0].rewards.length > before + 3, length);
            }),
          );
          for (const [ledger] of ledgers) assertExact(ledger);
        });
      } finally {
        await server.kill();
        invited.close();
      }
    });

    test("a page of an invited origin asks for the server's health, too, and is back with the first retry", { timeout: 90000 }, async () => {
      const invited = await startInvited();
      const options = { options: ["--allow-origin", invited.origin] };
      let server = await startServer("known_sequence", { ...COUNTED, ...options });
      try {
        await withPages(browsers, async (pages) => {
          await each(pages, async (page) => {
            await page.goto(invited.url);
            await beginLedgers(page, { url: `ws://127.0.0.1:${server.port}/ws` });
            await page.waitFor(() => window.ledgers[0].rewards.length >= 3);
            const health = (url) => fetch(url).then((reply) => reply.json());
            assert.equal((await page.evaluate(health, `${server.url}health`)).status, "ok");
            await page.evaluate(() => {
              window.attempts = [];
              window.ledgers[0].client.on("state", ({ name, attempt }) => name === "waiting" && window.attempts.push(attempt));
            });
          });
          await server.kill();
          await each(pages, (page) => page.waitFor(() => window.attempts.length > 0));
          server = await startServer("known_sequence", { ...COUNTED, ...options, port: server.port });
          const began = Date.now();
          await each(pages, async (page) => {
            await page.waitFor(() => window.ledgers[0].client.state.name === "live", null, 40000);
            console.log(`${page.browser.name}, invited: back after ${Date.now() - began} ms`);
            assert.equal(await page.evaluate(() => window.ledgers[0].client.stats.reconnects), 1);
          });
        });
      } finally {
        await server.kill();
        invited.close();
      }
    });

    const token = "abcdefghijklmnopqrstuvwxyz0123456789";
    story(
      "the token that the address hands over lets the page in, after a reload too; without it the page says that one is wanted",
      "known_sequence",
      async (pages, { server }) => {
        await each(pages, async (page) => {
          await page.goto(server.url);
          await page.waitFor(() => /token/.test(document.getElementById("state-text").textContent));
          assert.equal(await page.evaluate(() => window.wirthforge.client.stats.messages), 0);
        });
        await withPages(browsers, (others) =>
          each(others, async (page) => {
            await gotoLive(page, `${server.url}#token=${token}`);
            assert.equal(await page.evaluate(() => location.href), server.url);
            await page.reload();
            await isLive(page);
          }),
        );
      },
      { ...COUNTED, options: ["--token", token] },
    );
  });
});
