// The limits of a field: nothing flashes, whatever is sent; positions and strengths are brought to 0...1.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fields, Gate, follow, newCalm, rangeOf } from "../../client/dashboard-field.js";

const TICK_MS = 1000 / 60;
const field = (intensity, coordinates, { fieldType = "stream", modelId = "m", frameNumber = 1 } = {}) => ({
  frameNumber,
  payload: { modelId, fieldType, intensity, coordinates: Float32Array.from(coordinates.flat()) },
});

// WCAG 2.2, "flash": a pair of opposing changes of 10 % or more. The most of them within any second.
function mostFlashes(values, stepMs = TICK_MS) {
  const turns = [];
  let [peak, way] = [values[0], 0];
  values.forEach((value, index) => {
    if (way === 0 ? Math.abs(value - peak) >= 0.1 : (peak - value) * way >= 0.1) {
      turns.push(index * stepMs);
      way = way === 0 ? Math.sign(value - peak) : -way;
      peak = value;
    } else if ((value - peak) * way > 0) {
      peak = value;
    }
  });
  const within = turns.map((at) => turns.filter((other) => other >= at && other < at + 1000).length);
  return Math.floor(Math.max(0, ...within) / 2);
}

const random = (seed) => () => {
  seed = (seed * 1664525 + 1013904223) % 2 ** 32;
  return seed / 2 ** 32;
};

test("a brightness that changes seldom is shown as it is", () => {
  const calm = newCalm();
  const gate = new Gate();
  for (let tick = 0; tick < 600; tick += 1) {
    const wanted = 0.5 + 0.5 * Math.sin((tick / 60) * 2 * Math.PI * 1.5); // one and a half times a second
    assert.equal(follow(calm, wanted, tick * TICK_MS, gate), wanted);
  }
});

for (const [name, next] of [
  ["on and off with every tick", (tick) => tick % 2],
  ["on and off five times a second", (tick) => Math.floor(tick / 6) % 2],
  ["at random", random(7)],
  ["at random, around a change that counts", ((next) => () => 0.5 + 0.12 * (next() - 0.5))(random(8))],
]) {
  test(`a brightness that flashes ${name} is calmed to three a second`, () => {
    const calm = newCalm();
    const gate = new Gate();
    const shown = Array.from({ length: 1200 }, (_, tick) => follow(calm, next(tick), tick * TICK_MS, gate));
    assert.ok(mostFlashes(shown) <= 3, String(mostFlashes(shown)));
    assert.ok(shown.every((value) => value >= 0 && value <= 1));
  });
}

test("a clock that begins anew does not hold the brightness", () => {
  const calm = newCalm();
  const gate = new Gate();
  for (let tick = 0; tick < 60; tick += 1) follow(calm, tick % 2, 1e6 + tick * TICK_MS, gate);
  follow(calm, 1, 0, gate);
  assert.equal(follow(calm, 0.2, 200, gate), 0.2);
});

const left = [
  [0.1, 0.5, 1],
  [0.2, 0.5, 0.5],
];
const right = [
  [0.8, 0.5, 1],
  [0.9, 0.5, 0.5],
];

test("a field that leaps to and fro changes at most six times a second", () => {
  const [fields, gate] = [new Fields(), new Gate()];
  let [changes, shown] = [0, undefined];
  for (let tick = 0; tick < 600; tick += 1) {
    fields.take(field(1, tick % 2 ? left : right), tick * TICK_MS, gate);
    const { points } = fields.all.get("m");
    if (points[0] !== shown) changes += 1;
    shown = points[0];
  }
  assert.ok(changes <= 60, String(changes));
});

test("a field that changes its kind, or all its strengths at once, changes at most six times a second", () => {
  for (const next of [
    (tick) => field(1, left, { fieldType: tick % 2 ? "lightning" : "stream" }),
    (tick) => field(1, tick % 2 ? [[0.1, 0.5, 1], [0.2, 0.5, 1]] : [[0.1, 0.5, 1], [0.2, 0.5, 0]]),
  ]) {
    const [fields, gate] = [new Fields(), new Gate()];
    let [changes, shown] = [0, ""];
    for (let tick = 0; tick < 600; tick += 1) {
      fields.take(next(tick), tick * TICK_MS, gate);
      const now = `${fields.all.get("m").type} ${fields.all.get("m").points.join()}`;
      if (now !== shown) changes += 1;
      shown = now;
    }
    assert.ok(changes > 1 && changes <= 60, String(changes));
  }
});

test("points that move on are shown where they are, and those that come and go with them", () => {
  const [fields, gate] = [new Fields(), new Gate()];
  for (let tick = 0; tick < 240; tick += 1) {
    const count = 12 + (tick % 3); // one enters, one leaves
    const points = Array.from({ length: count }, (_, index) => [1 - index / 14 - (tick % 4) / 200, 0.5, 0.5]);
    fields.take(field(0.5, points), tick * TICK_MS, gate);
    assert.equal(fields.all.get("m").points.length, count * 3, `tick ${tick}`);
    assert.ok(Math.abs(fields.all.get("m").points[0] - points[0][0]) < 1e-6);
  }
});

test("without points the field fades where it was", () => {
  const [fields, gate] = [new Fields(), new Gate()];
  fields.take(field(1, left), 0, gate);
  fields.take(field(1, []), 500, gate);
  assert.equal(fields.all.get("m").points.length, 6);
  assert.equal(fields.all.get("m").intensity, 0);
});

test("strengths are shares of the most energy of late", () => {
  const [fields, gate] = [new Fields(), new Gate()];
  fields.take(field(1, [[0, 0, 40], [1, 1, 10]]), 0, gate);
  const { points } = fields.all.get("m");
  assert.deepEqual([points[2], points[5]], [1, 0.25]);
});

test("coordinates of any size find their place on the canvas", () => {
  assert.deepEqual(rangeOf(0.2, 0.8), [0, 1]);
  assert.deepEqual(rangeOf(-0.2, 0.8), [-1, 1]);
  assert.deepEqual(rangeOf(0, 640), [0, 1000]);
  assert.deepEqual(rangeOf(-30, 12), [-50, 50]);
  const [fields, gate] = [new Fields(), new Gate()];
  fields.take(field(1, [[0, -100, 1], [640, 100, 1]]), 0, gate);
  const { points } = fields.all.get("m");
  [0, 0, 1, 0.64, 1, 1].forEach((value, index) => assert.ok(Math.abs(points[index] - value) < 1e-6, `${index}: ${points[index]}`));
});

test("the kept data is bounded: fields, and points of each", () => {
  const [fields, gate] = [new Fields(), new Gate()];
  const many = Array.from({ length: 10000 }, (_, index) => [index / 10000, 0.5, 1]);
  for (let number = 0; number < 50; number += 1) fields.take(field(1, many, { modelId: `m${number}` }), number, gate);
  assert.equal(fields.all.size, 12);
  assert.ok(fields.all.get("m49").points.length <= 1200);
});

test("a clone goes its own way", () => {
  const [fields, gate] = [new Fields(), new Gate()];
  fields.take(field(0.2, left), 0, gate);
  const copy = fields.clone();
  fields.take(field(0.9, left), 1000, gate);
  assert.ok(Math.abs(copy.all.get("m").intensity - 0.2) < 1e-6);
  assert.ok(Math.abs(fields.all.get("m").intensity - 0.9) < 1e-6);
});
