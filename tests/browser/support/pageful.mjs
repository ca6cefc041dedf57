// Shared by the dashboard's tests: a test on a stage, a stage full of everything, and a few ways to look at the page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser } from "./chromium.mjs";
import { openStage } from "./stage.mjs";

/**
 * Opens a browser for the file that calls it. Returns a function that makes a test on a stage of its own, which must end without a
 * complaint of the page and without a request to anywhere else.
 */
export function stageTests() {
  let browser;
  before(async () => (browser = await openBrowser()));
  after(() => browser.close());
  return (name, act, options) =>
    test(name, { timeout: 300000 }, async () => {
      const stage = await openStage(browser, options);
      try {
        await act(stage, stage.page);
        assert.deepEqual(stage.complaints, []);
        assert.deepEqual(stage.foreign, []);
      } finally {
        await stage.context.close();
      }
    });
}

export const has = (page, selector, text) =>
  page.waitForFunction(([where, what]) => document.querySelector(where)?.textContent.includes(what), [selector, text]);

/** Waits for so many beats of the display. */
export const beats = (page, count) =>
  page.evaluate(
    (left) =>
      new Promise((resolve) => {
        const beat = () => (left-- > 0 ? requestAnimationFrame(beat) : resolve());
        beat();
      }),
    count,
  );

/**
 * Before the page is opened: its display beats as on a fast machine, by the times that it hands on, so that the field is never made
 * coarser and drawn once more for it.
 */
export const beatEvenly = (page) =>
  page.addInitScript(() => {
    const display = window.requestAnimationFrame.bind(window);
    let at = 0;
    window.requestAnimationFrame = (call) => display(() => call((at += 8)));
  });

/** Once the page is open: no number that grows longer makes a canvas narrower, which would be drawn anew. */
export async function fixSizes(page) {
  await page.evaluate(() => document.querySelectorAll("dd .spark").forEach((canvas) => (canvas.style.flex = "none")));
  await beats(page, 15);
}

/** Counts how often each canvas is cleared, which is once for each picture: `window.cleared`, by id. */
export const countPictures = (page) =>
  page.addInitScript(() => {
    window.cleared = {};
    const { clearRect } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.clearRect = function (...where) {
      const name = this.canvas.id || this.canvas.dataset.series;
      window.cleared[name] = (window.cleared[name] ?? 0) + 1;
      return clearRect.apply(this, where);
    };
  });

const KINDS = ["lightning", "stream", "interference", "resonance"];

/** One tick of four models, each with energy and a field of its kind. */
export function tick(stage, frame) {
  KINDS.forEach((kind, index) => {
    const energy = 0.5 + 0.5 * Math.sin(frame / 20 + index);
    stage.energy(frame, `model-${index}`, energy, frame);
    const points = Array.from({ length: 8 }, (_, at) => ({
      x: 0.1 + 0.2 * index + 0.02 * at,
      y: 0.5 + 0.3 * Math.sin(at + frame / 30),
      energy: at / 8,
    }));
    stage.field(frame, `model-${index}`, kind, energy, points);
  });
}

/** Something of every kind that the page shows. */
export async function fill(stage) {
  for (let frame = 1; frame <= 20; frame += 1) {
    tick(stage, frame);
    await stage.page.waitForTimeout(16);
  }
  const life = (code, details) =>
    stage.say("error_event", { severity: "info", code, message: code, component: "model", details: { modelId: "model-0", ...details } });
  life("MODEL_LOADING", { modelId: "model-4", progress: 0.4 });
  life("MODEL_LOADING", { modelId: "model-5" });
  life("MODEL_FAILED", { modelId: "model-6", reason: "no such file" });
  stage.tokens("answer-1", ["Complete. "]);
  life("ANSWER_FAILED", { sessionId: "answer-1", reason: "out of memory" });
  stage.tokens("answer-1", [""], true);
  life("ANSWER_WAITING", { sessionId: "answer-2", progress: 0.5 });
  stage.tokens("answer-2:thinking", ["Hm..."], true);
  stage.tokens("answer-2:tool:1", ["find", '{"what":"text"}'], true);
  stage.tokens("answer-2", ["A line of text.\n".repeat(40)]);
  stage.tokens("answer-3", ["Growing"]);
  life("ANSWER_WAITING", { sessionId: "answer-4", progress: 0.5 });
  for (const patternType of ["constructive", "destructive", "neutral"])
    stage.say("interference_event", { patternType, models: ["model-0", "model-1"], intensity: 0.8, coherenceScore: 0.5 }, { frameNumber: 20 });
  stage.say(
    "resonance_event",
    { resonanceType: "harmonic", frequency: 440, amplitude: 0.9, participants: ["model-2", "model-3"], phase: 40 },
    { frameNumber: 20 },
  );
  for (const rewardType of ["achievement", "level_up"])
    stage.say("reward_event", { rewardType, title: "A reward", points: 20, level: 2, description: "For the test." });
  for (const severity of ["info", "warning", "error", "critical"])
    stage.say("error_event", { severity, code: "IT_HAPPENED", message: "Something happened.", component: "model" });
  await has(stage.page, "#feed", "critical");
  await has(stage.page, "#models", "model-3");
}
