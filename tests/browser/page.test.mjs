// The dashboard page alone, against a server that the test plays, for behaviour that a real one shows seldom, late or never.
import assert from "node:assert/strict";
import { recordStates, wasState } from "./support/dashboard_states.mjs";
import { beatEvenly, beats, fixSizes, has, stageTests } from "./support/pageful.mjs";

const onStage = stageTests();
const drawn = (page) => page.evaluate(() => window.wirthforge.frames.drawn);

onStage(
  "tokens without energy are shown, and the plot says that none came and is not drawn again",
  async (stage, page) => {
    await beatEvenly(page);
    await page.addInitScript(() => {
      window.cleared = 0;
      const { clearRect } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.clearRect = function (...where) {
        if (["field", "plot"].includes(this.canvas.id)) window.cleared += 1;
        return clearRect.apply(this, where);
      };
    });
    await stage.begin();
    // The first numbers change the sizes of their neighbours.
    await page.waitForFunction(() => /\d/.test(document.querySelector("#delay").textContent));
    await fixSizes(page);
    const before = await page.evaluate(() => window.cleared);
    for (const word of ["only ", "words ", "here"]) stage.tokens("a", [word]);
    await has(page, "article pre", "only words here");
    await beats(page, 30);
    assert.equal(await page.evaluate(() => window.cleared), before, "nothing changed in the plot");
    assert.equal(await drawn(page), 0);
    assert.ok(await page.isVisible("#no-energy"));
    await has(page, "#pace", "characters a second");
    await has(page, "article .title", "15 characters");
  },
);

onStage("each model has its line and its name, and the energies add up", async (stage, page) => {
  await stage.begin();
  for (let frame = 1; frame <= 30; frame += 1) {
    for (const [model, delta] of [
      ["a", 0.5],
      ["b", 0.25],
      ["c", 1],
    ])
      stage.energy(frame, model, delta, 100);
    await page.waitForTimeout(16);
  }
  await has(page, "#energy-now", "1.75");
  await has(page, "#total", "300");
  assert.deepEqual(await page.locator("#models b").allTextContents(), ["a", "b", "c"]);
  assert.ok(await page.isHidden("#no-energy"));
  assert.equal(await page.evaluate(() => window.wirthforge.frames.received), 30);
  const inks = await page
    .locator("#models li")
    .evaluateAll((items) => items.map((item) => item.style.getPropertyValue("--ink-of")));
  assert.equal(new Set(inks).size, 3);
});

onStage("while it waits it says for how long, and which attempt it will be", async (stage, page) => {
  await stage.begin();
  await recordStates(page);
  stage.sockets[0].close({ code: 1012, reason: "restart" });
  await wasState(page, "reconnecting in 1 s, attempt 1 (1012: restart)");
  await stage.connection(2);
  stage.sockets[1].close({ code: 1013, reason: "" });
  await wasState(page, "reconnecting in 2 s, attempt 2 (1013)");
  await wasState(page, "reconnecting in 1 s, attempt 2 (1013)");
  await stage.connection(3);
  await has(page, "#state-text", "waiting for the backend, attempt 2");
  stage.greet();
  await has(page, "#state-text", "live");
  await has(page, "#reconnects", "1");
  assert.equal(await page.textContent("#announcer"), "connected");
});

onStage("a page that the server refuses for good does not try again", async (stage, page) => {
  await stage.begin();
  stage.sockets[0].close({ code: 1008, reason: "not wanted" });
  await has(page, "#state-text", "closed \u00b7 1008 \u00b7 not wanted");
  await page.waitForTimeout(1500);
  assert.equal(stage.sockets.length, 1);
  assert.equal(await page.textContent("#energy-now"), "\u2013");
});

// tests/client/connection.test.mjs tells after how long, on a clock of its own.
onStage("the page leaves a server that is silent", async (stage, page) => {
  await stage.begin();
  await recordStates(page);
  await page.evaluate(() => (window.isServerSilent = true));
  await wasState(page, "reconnecting in 1 s, attempt 1 (1006: silence)");
});

onStage("a test that is held up for five seconds loses neither its page nor what it says next", async (stage, page) => {
  await stage.begin();
  stage.tokens("a", ["before, "]);
  await has(page, "article pre", "before, ");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5000); // this process stands still, as on a busy machine
  stage.tokens("a", ["after"]);
  await has(page, "article pre", "before, after");
  assert.equal(stage.sockets.length, 1);
});

onStage("rewards and errors are listed with their codes, newest first, sixty at most", async (stage, page) => {
  await stage.begin();
  for (let number = 1; number <= 70; number += 1) {
    stage.say("reward_event", { rewardType: "milestone", title: `number ${number}`, points: number });
  }
  stage.say("interference_event", {
    patternType: "constructive",
    models: ["a", "b"],
    intensity: 1,
    coherenceScore: 0.5,
  });
  stage.say("resonance_event", {
    resonanceType: "overtone",
    frequency: 440.5,
    amplitude: 1,
    participants: ["a", "b"],
    phase: 90,
  });
  stage.say("error_event", { severity: "critical", code: "MODEL_GONE", message: "<i>gone</i>", component: "model" });
  await has(page, "#feed", "MODEL_GONE");
  await has(page, "#meetings", "440.5");
  const items = await page.locator("#feed li").allInnerTexts();
  const meetings = await page.locator("#meetings li").allInnerTexts();
  assert.equal(items.length, 60);
  assert.match(items[0], /MODEL_GONE[^]*critical[^]*<i>gone<\/i>[^]*model/);
  assert.match(items[1], /number 70[^]*\+70/);
  assert.match(meetings[0], /overtone resonance[^]*1\.00[^]*a \+ b[^]*at 440\.5 Hz/i);
  assert.match(meetings[1], /constructive interference[^]*0\.50[^]*coherence/i);
  await has(page, "#coherence-now", "0.50");
  await has(page, "#rewards", "2485 points");
  assert.equal(await page.locator("#feed i").count(), 0);
});

onStage("a screen reader hears of grave errors, once in ten seconds, and of no warnings", async (stage, page) => {
  await stage.begin();
  await page.evaluate(() => {
    window.announced = [];
    const announcer = document.getElementById("announcer");
    new MutationObserver(() => window.announced.push(announcer.textContent)).observe(announcer, { childList: true });
  });
  const fail = (severity, message) => stage.say("error_event", { severity, code: "X", message, component: "model" });
  fail("warning", "slow");
  for (let number = 0; number < 20; number += 1) {
    fail("error", `broken ${number}`);
    await page.waitForTimeout(10);
  }
  await has(page, "#feed", "broken 19");
  assert.deepEqual(await page.evaluate(() => window.announced), ["error: broken 0"]);
});

onStage(
  "nothing is wider than a small telephone, whatever the names",
  async (stage, page) => {
    await stage.begin();
    const id = "a-model-whose-name-will-not-end_".repeat(8);
    for (let frame = 1; frame <= 10; frame += 1) stage.energy(frame, id, 1e9, 1e15);
    stage.tokens(id, ["x".repeat(300)], false, id);
    stage.say("reward_event", {
      rewardType: "level_up",
      title: "t".repeat(100),
      points: 2 ** 53 - 1,
      description: "d".repeat(500),
      level: 5,
    });
    stage.say("interference_event", { patternType: "neutral", models: [id, id], intensity: 1, coherenceScore: 1 });
    stage.say("error_event", {
      severity: "warning",
      code: "C".repeat(200),
      message: "m".repeat(1000),
      component: "orchestrator",
    });
    await has(page, "#feed", "CCC");
    await has(page, "#total", "1000T");
    for (const width of [320, 360, 800]) {
      await page.setViewportSize({ width, height: 800 });
      await beats(page, 3);
      const wide = await page.evaluate(() =>
        [document.documentElement, ...document.querySelectorAll("section, .scroll, dl, #models, #streams, #transport")]
          .filter((box) => box.scrollWidth > box.clientWidth)
          .map((box) => `${box.tagName} ${box.className || box.id}: ${box.scrollWidth} of ${box.clientWidth}`),
      );
      assert.deepEqual(wide, [], `at ${width} px`);
    }
  },
  { viewport: { width: 360, height: 800 } },
);

onStage("the strip with the timeline and the numbers is never cut off, however low the window is", async (stage, page) => {
  await stage.begin();
  for (const [width, height] of [[1366, 620], [1366, 650], [900, 700], [1280, 720], [1440, 900], [2560, 1000], [390, 640]]) {
    await page.setViewportSize({ width, height });
    await beats(page, 3);
    const [needed, given, below] = await page.evaluate(() => {
      const line = document.querySelector(".line");
      const bottom = document.documentElement.scrollHeight - window.scrollY;
      return [line.scrollHeight, line.clientHeight, line.getBoundingClientRect().bottom - bottom];
    });
    assert.ok(needed <= given, `${width} x ${height}: ${given} of ${needed} pixels are seen`);
    assert.ok(below <= 0, `${width} x ${height}: ${below} pixels cannot be scrolled to`);
  }
});

onStage("a page that was hidden shows at once the events that came meanwhile", async (stage, page) => {
  await page.addInitScript(() => {
    const display = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (call) =>
      display((now) => (window.isHidden ? window.requestAnimationFrame(call) : call(now)));
  });
  await stage.begin();
  await page.evaluate(() => (window.isHidden = true));
  for (let frame = 1; frame <= 500; frame += 1) {
    stage.energy(frame, "m", 1);
    stage.tokens("a", [`${frame} `.padStart(50, "word ")]);
  }
  await page.waitForFunction(() => window.wirthforge.frames.received === 500);
  assert.equal(await drawn(page), 0);
  await page.evaluate(() => (window.isHidden = false));
  await page.waitForFunction(() => document.querySelector("article pre")?.textContent.endsWith("500 "));
  assert.equal((await page.textContent("article pre")).length, 25000);
  assert.equal(await drawn(page), 1);
});

onStage(
  "with reduced motion the plot is drawn twice a second",
  async (stage, page) => {
    await stage.begin();
    const began = Date.now();
    for (let frame = 1; Date.now() < began + 2000; frame += 1) {
      stage.energy(frame, "m", Math.random());
      await page.waitForTimeout(15);
    }
    const count = await drawn(page);
    const most = (Date.now() - began) / 500 + 2; // however long it took
    assert.ok(count >= 2 && count <= most, `${count}, at most ${most}`);
  },
  { reducedMotion: "reduce" },
);

onStage("the plot has words for those who do not see it", async (stage, page) => {
  await stage.begin();
  assert.match(await page.getAttribute("#plot", "aria-label"), /no data yet/);
  for (let frame = 1; !/m 0\.25/.test(await page.getAttribute("#plot", "aria-label")); frame += 1) {
    stage.energy(frame, "m", 0.25);
    await page.waitForTimeout(16);
  }
});

for (const colorScheme of ["dark", "light"]) {
  onStage(
    `text stands out from its ground by 4.5 at least, ${colorScheme}`,
    async (stage, page) => {
      await stage.begin();
      const colours = await page.evaluate(() => {
        const style = getComputedStyle(document.documentElement);
        return Object.fromEntries(
          ["ground", "panel", "ink", "quiet", "ember", "council", "down"].map((name) => [
            name,
            style.getPropertyValue(`--${name}`).trim(),
          ]),
        );
      });
      for (const text of ["ink", "quiet", "ember", "council", "down"]) {
        for (const ground of ["panel", "ground"]) {
          const ratio = contrast(colours[text], colours[ground]);
          assert.ok(ratio >= 4.5, `${text} on ${ground}: ${ratio.toFixed(2)}`);
        }
      }
    },
    { colorScheme },
  );
}

// WCAG 2.2, "contrast ratio" and "relative luminance".
function contrast(one, other) {
  const luminance = (colour) => {
    const [red, green, blue] = colour.match(/[0-9a-f]{2}/gi).map((pair) => {
      const share = parseInt(pair, 16) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}
