// The points that the dashboard's plot keeps, and how it cuts them into lines. No canvas, no time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EnergyLines, SPAN_MS, roundUp } from "../../client/dashboard-plot.js";

const FRAME_MS = 1000 / 60;
const event = (frameNumber, deltaEnergy = 1, modelId = "m") => ({
  frameNumber,
  payload: { modelId, deltaEnergy, totalEnergy: frameNumber },
});
const only = (lines) => [...lines.models.values()][0];

function fed(frames, jitter = () => 0) {
  const lines = new EnergyLines();
  for (let frame = 1; frame <= frames; frame += 1) lines.add(event(frame), 5000 + frame * FRAME_MS + jitter(frame));
  return lines;
}

test("points are as far apart as their frames, however they arrive", () => {
  const lines = fed(600, (frame) => (frame % 2) * 10);
  const { points } = only(lines);
  for (let index = 1; index < points.length; index += 1) {
    const gap = points[index].at - points[index - 1].at;
    assert.ok(Math.abs(gap - FRAME_MS) < 0.5, `frame ${index}: ${gap} ms`);
  }
});

test("energy that was summed over skipped frames is shared among them", () => {
  const lines = new EnergyLines();
  lines.add(event(10, 2), 0);
  lines.add(event(15, 10), 5 * FRAME_MS);
  assert.deepEqual(
    only(lines).points.map((point) => point.value),
    [2, 2],
  );
});

test("ticks that the server missed make no dent in the line", () => {
  const lines = new EnergyLines();
  lines.add(event(10, 0.5), 0);
  lines.add(event(13, 0.52), 3 * FRAME_MS);
  assert.deepEqual(
    only(lines).points.map((point) => point.value),
    [0.5, 0.52],
  );
});

test("after a restart, frame numbers and time begin anew and nothing is divided by a negative number", () => {
  const lines = fed(1000);
  const now = 5000 + 1000 * FRAME_MS + 4000;
  lines.add(event(1, 3), now);
  const { points } = only(lines);
  assert.equal(points.at(-1).value, 3);
  assert.ok(Math.abs(points.at(-1).at - now) < 1);
});

test("a stall breaks the line", () => {
  const lines = fed(60);
  const resumed = 5000 + 60 * FRAME_MS + 3000;
  for (let frame = 0; frame < 30; frame += 1) lines.add(event(240 + frame), resumed + frame * FRAME_MS);
  const runs = lines.runs(only(lines), resumed + 500);
  assert.deepEqual(
    runs.map((run) => run.length),
    [60, 30],
  );
});

test("points out of sight are not drawn, but for the one before the edge", () => {
  const lines = fed(1000);
  const { at } = only(lines).points.at(-1);
  const [run] = lines.runs(only(lines), at);
  assert.ok(run[0].at < at - SPAN_MS);
  assert.ok(run[1].at >= at - SPAN_MS);
  assert.deepEqual(lines.runs(only(lines), at + 60_000).flat().length, 1);
});

test("the kept data is bounded in time and in models", () => {
  const lines = fed(100_000);
  assert.ok(only(lines).points.length <= 1200);
  for (let number = 0; number < 100; number += 1) lines.add(event(1, 1, `m${number}`), 0);
  assert.equal(lines.models.size, 12);
  const inks = new Set([...lines.models.values()].map((model) => model.ink));
  assert.equal(inks.size, 12);
});

test("a model that fell silent has no level", () => {
  const lines = fed(10);
  const { at } = only(lines).points.at(-1);
  assert.equal(lines.level(only(lines), at + 999), 1);
  assert.equal(lines.level(only(lines), at + 1001), 0);
});

test("the scale ends at 1, 2 or 5 times a power of ten", () => {
  for (const [value, wanted] of [
    [1, 1],
    [1.01, 2],
    [2, 2],
    [3, 5],
    [5, 5],
    [7, 10],
    [42, 50],
    [1e6, 1e6],
    [0.03, 0.05],
  ]) {
    assert.ok(Math.abs(roundUp(value) - wanted) < wanted * 1e-9, `${value} -> ${roundUp(value)}`);
  }
});
