// Motion on the dashboard: nothing is drawn when nothing changed or when it is held, and nothing flashes.
import assert from "node:assert/strict";
import { beatEvenly, countPictures, fill, fixSizes, has, stageTests, tick } from "./support/pageful.mjs";

const onStage = stageTests();
const cleared = (page) => page.evaluate(() => ({ ...window.cleared }));

onStage("while it is held, nothing at all is drawn, and events that come meanwhile are kept", async (stage, page) => {
  await countPictures(page);
  await stage.begin();
  await fill(stage);
  await page.click("#hold");
  await page.waitForTimeout(300);
  await page.evaluate(() => {
    window.mutations = 0;
    const watcher = new MutationObserver((list) => (window.mutations += list.length));
    watcher.observe(document.querySelector("main"), { subtree: true, childList: true, attributes: true, characterData: true });
  });
  const before = await cleared(page);
  for (let frame = 21; frame <= 90; frame += 1) {
    tick(stage, frame);
    stage.tokens("answer-3", [` ${frame}`]);
    await page.waitForTimeout(16);
  }
  assert.deepEqual(await cleared(page), before);
  assert.equal(await page.evaluate(() => window.mutations), 0);
  assert.doesNotMatch(await page.textContent("#streams"), /90/);
  await page.click("#live");
  await has(page, "#streams", " 89 90");
  assert.ok((await cleared(page)).field > before.field);
});

onStage("when nothing changes any more, fading parts fade, and then nothing is drawn", async (stage, page) => {
  await countPictures(page);
  await beatEvenly(page);
  await stage.begin();
  for (let frame = 1; frame <= 30; frame += 1) {
    tick(stage, frame);
    await page.waitForTimeout(16);
  }
  await has(page, "#models", "model-3");
  await fixSizes(page);
  await page.waitForTimeout(2500); // as long as anything fades, by the page's clock
  const counts = () => page.evaluate(() => ({ ...window.cleared, at: performance.now() }));
  const before = await counts();
  await page.waitForTimeout(1500);
  const after = await counts();
  assert.equal(after.field, before.field);
  assert.equal(after.plot, before.plot);
  const most = Math.ceil((after.at - before.at) / 1000) + 1; // however long it took
  for (const name of ["timeline", "frames"]) assert.ok(after[name] - before[name] <= most, `${name}: once a second`);
});

// Flashes as WCAG counts them, in the worst of 16 x 10 parts of the field (WCAG asks only of larger ones), over two
// seconds of the worst input that can be sent. Painted tick by tick on a clock of the test's own.
for (const [name, ticks] of [
  ["each tick", 1],
  ["five times a second", 6],
]) {
  onStage(`a field that is turned on and off ${name} flashes at most three times a second`, async (stage, page) => {
    await stage.begin();
    const samples = await page.evaluate(async (length) => {
      const { FieldPainter } = await import("/dashboard-paint.js");
      const { Scene, compact } = await import("/dashboard-scene.js");
      const [painter, scene, canvas] = [new FieldPainter(document.getElementById("field")), new Scene(), document.getElementById("field")];
      const small = document.createElement("canvas");
      [small.width, small.height] = [16, 10];
      const pen = small.getContext("2d", { willReadFrequently: true });
      pen.imageSmoothingQuality = "high"; // the mean of a part, not a pixel of it
      const light = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
      const samples = [];
      for (let frameNumber = 1; frameNumber <= 120; frameNumber += 1) {
        const at = (frameNumber * 1000) / 60;
        const isOn = Math.floor(frameNumber / length) % 2 === 0;
        for (let model = 0; model < 4; model += 1) {
          const modelId = `m${model}`;
          const coordinates = Array.from({ length: 12 }, (_, index) => ({
            x: ((index * 7 + model * 3 + (isOn ? 6 : 0)) % 12) / 12,
            y: ((index * 5 + model) % 12) / 12,
            energy: isOn || model % 2 ? 1 : 0,
          }));
          const fieldType = ["lightning", "stream", "interference", "resonance"][(model + (isOn && model > 1 ? 1 : 0)) % 4];
          const field = { modelId, fieldType, intensity: isOn ? 1 : 0, coordinates: isOn || model ? coordinates : [] };
          const energy = { modelId, deltaEnergy: isOn ? 1 : 0, totalEnergy: 1 };
          scene.apply(compact({ type: "energy_field", frameNumber, payload: field }), at);
          scene.apply({ type: "energy_update", frameNumber, payload: energy }, at);
        }
        painter.draw(scene, at, false);
        pen.fillStyle = "#0c1016";
        pen.fillRect(0, 0, 16, 10);
        pen.drawImage(canvas, 0, 0, 16, 10);
        const { data } = pen.getImageData(0, 0, 16, 10);
        const part = (from) => 0.2126 * light(data[from]) + 0.7152 * light(data[from + 1]) + 0.0722 * light(data[from + 2]);
        samples.push([at, Array.from({ length: 160 }, (_, index) => part(index * 4))]);
      }
      return samples;
    }, ticks);
    let [worst, brightest] = [0, 0];
    for (let part = 0; part < 160; part += 1) {
      brightest = Math.max(brightest, ...samples.map(([, parts]) => parts[part]));
      worst = Math.max(worst, mostFlashes(samples.map(([at, parts]) => [at, parts[part]])));
    }
    console.log(`brightest part ${brightest.toFixed(2)}, at most ${worst} flashes a second`);
    assert.ok(brightest > 0.1, "something is to be seen");
    assert.ok(worst <= 3, `${worst} flashes`);
  }, { colorScheme: "dark" });
}

// WCAG 2.2, "general flash": pairs of opposing changes of relative luminance by 10 % of its maximum or more.
function mostFlashes(samples) {
  const turns = [];
  let [peak, way] = [samples[0][1], 0];
  for (const [at, value] of samples) {
    if (way === 0 ? Math.abs(value - peak) >= 0.1 : (peak - value) * way >= 0.1) {
      turns.push(at);
      way = way === 0 ? Math.sign(value - peak) : -way;
      peak = value;
    } else if ((value - peak) * way > 0) {
      peak = value;
    }
  }
  return Math.floor(Math.max(0, ...turns.map((at) => turns.filter((other) => other >= at && other < at + 1000).length)) / 2);
}
