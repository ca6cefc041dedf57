// The dashboard's accessibility: axe-core finds nothing, the keyboard reaches everything, and pictures are described in words.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fill, has, stageTests } from "./support/pageful.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const onStage = stageTests();

async function violations(page) {
  const found = await page.evaluate(async () => {
    const { violations } = await window.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
  });
  return found;
}

for (const colorScheme of ["dark", "light"]) {
  for (const [width, height] of [
    [1440, 900],
    [360, 740],
  ]) {
    onStage(
      `axe finds nothing, ${colorScheme}, ${width} px wide: empty, live, held, waiting`,
      async (stage, page) => {
        await stage.begin();
        await page.evaluate(axe);
        assert.deepEqual(await violations(page), [], "empty");
        await fill(stage);
        assert.deepEqual(await violations(page), [], "live");
        await page.click("summary");
        assert.deepEqual(await violations(page), [], "unfolded");
        await page.click("#hold");
        assert.deepEqual(await violations(page), [], "held");
        stage.sockets[0].close({ code: 1012, reason: "restart" });
        await has(page, "#state-text", "reconnecting");
        assert.deepEqual(await violations(page), [], "waiting");
      },
      { colorScheme, viewport: { width, height } },
    );
  }
}

onStage("the keyboard reaches everything that can be worked or scrolled, and the focus is seen", async (stage, page) => {
  await stage.begin();
  await fill(stage);
  const reached = [];
  for (let press = 0; press < 30; press += 1) {
    await page.keyboard.press("Tab");
    const [name, outline] = await page.evaluate(() => {
      const { activeElement: at } = document;
      const shown = at.id === "file" ? at.nextElementSibling : at; // only its label is visible
      const style = getComputedStyle(shown);
      return [at.getAttribute("aria-label") ?? at.labels?.[0]?.textContent ?? at.textContent, `${style.outlineStyle} ${style.outlineWidth}`];
    });
    if (await page.evaluate(() => document.activeElement === document.body)) break;
    assert.equal(outline, "solid 2px", name);
    reached.push(name);
  }
  assert.deepEqual(reached, [
    "Enlarge",
    "Stop answer answer-2",
    "Answer answer-2",
    "Thought, 5 characters",
    "Stop answer answer-3",
    "Answer answer-3",
    "Stop answer answer-4",
    "Answer answer-4",
    "Answer answer-1",
    "Models and their meetings",
    "Rewards and errors, newest first",
    "Pause",
    "Moment shown",
    "Speed of playback",
    "Open journal",
  ]);
});

onStage("the keyboard pauses, scrubs, plays on and comes back to now", async (stage, page) => {
  await stage.begin();
  const mode = () => page.evaluate(() => window.wirthforge.player.mode);
  const at = () => page.evaluate(() => window.wirthforge.player.at);
  stage.tokens("a", ["first "]);
  for (let frame = 1; frame <= 150; frame += 1) {
    stage.energy(frame, "m", 0.5);
    await page.waitForTimeout(16);
  }
  await page.focus("#hold");
  await page.keyboard.press("Enter");
  assert.equal(await mode(), "held");
  await page.focus("#seek");
  const end = await at();
  await page.keyboard.press("ArrowLeft");
  assert.ok(Math.abs(end - (await at()) - 1000) < 1);
  await page.keyboard.press("Shift+ArrowRight");
  assert.ok(Math.abs(end - (await at()) - 900) < 1);
  await page.keyboard.press("Home");
  await page.waitForFunction(() => window.wirthforge.player.at === window.wirthforge.player.recording.from);
  const [, minutes, seconds] = /^(\d+):(\d\d) ago$/.exec(await page.getAttribute("#seek", "aria-valuetext"));
  assert.ok(minutes * 60 + Number(seconds) >= 2); // so long it took at least
  await page.focus("#hold");
  await page.keyboard.press("Space");
  assert.equal(await mode(), "playing");
  await page.keyboard.press("Escape");
  assert.equal(await mode(), "live");
  await page.focus("#seek");
  await page.keyboard.press("ArrowLeft");
  assert.equal(await mode(), "held");
  await page.keyboard.press("End");
  assert.equal(await mode(), "live");
});

onStage("the field's picture is also described in words", async (stage, page) => {
  await stage.begin();
  await fill(stage);
  await page.click("#hold"); // a held page describes the scene that is shown
  const words = await page.getAttribute("#field", "aria-label");
  for (const part of [/model-0: lightning, intensity \d\.\d\d, 8 points/, /model-2: energy \d\.\d\d per tick/, /harmonic resonance/])
    assert.match(words, part);
  assert.equal(await page.locator("#field").getAttribute("aria-live"), null);
});
