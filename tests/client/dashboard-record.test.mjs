// The ring, the scrubber and the journal: any moment is reached again as it was, memory is bounded, and no file breaks
// the page. Times are made up; nothing sleeps.
import assert from "node:assert/strict";
import { test } from "node:test";
import { History, SPAN_S, extent } from "../../client/dashboard-history.js";
import { JournalReader, maxPauseOf } from "../../client/dashboard-journal.js";
import { Player, Recording } from "../../client/dashboard-record.js";
import { Scene } from "../../client/dashboard-scene.js";

const T0 = 1_700_000_000_000;
const energy = (frameNumber, deltaEnergy = 0.5, modelId = "m") => ({
  type: "energy_update",
  channel: "energy",
  timestamp: T0 + frameNumber * 17,
  frameNumber,
  payload: { modelId, deltaEnergy, totalEnergy: frameNumber, tokensGenerated: 0, processingTime: 1 },
});
const field = (frameNumber, count = 3) => ({
  type: "energy_field",
  channel: "energy",
  timestamp: T0 + frameNumber * 17,
  frameNumber,
  payload: {
    modelId: "m",
    fieldType: "stream",
    intensity: (frameNumber % 100) / 100,
    coordinates: Array.from({ length: count }, (_, index) => ({ x: index / count, y: 0.5, energy: 1 })),
  },
});
const words = (text, more = {}) => ({
  type: "token_stream",
  channel: "experience",
  timestamp: T0 + 1,
  payload: { sessionId: "a", modelId: "m", tokens: [text], isComplete: false, ...more },
});
const failure = (code, severity = "warning") => ({
  type: "error_event",
  channel: "system",
  timestamp: T0,
  payload: { severity, code, message: "what", component: "websocket" },
});
const said = (code, details) => ({
  type: "error_event",
  channel: "system",
  timestamp: T0,
  payload: { severity: "info", code, message: code, component: "model", details },
});
const reward = (points, more = {}) => ({
  type: "reward_event",
  channel: "reward",
  timestamp: T0,
  payload: { rewardType: "milestone", title: `t${points}`, points, ...more },
});
const met = (coherenceScore) => ({
  type: "interference_event",
  channel: "council",
  timestamp: T0,
  frameNumber: 1,
  payload: { patternType: "neutral", models: ["m", "n"], intensity: 0.5, coherenceScore },
});

// Everything that can be seen of a scene.
const seen = (scene) => ({
  lines: [...scene.lines.models].map(([id, model]) => [id, model.points.slice(-600), model.total]),
  fields: [...scene.fields.all].map(([id, one]) => [id, one.type, one.intensity, [...one.points]]),
  answers: scene.answers.values(),
  states: [...scene.states],
  levels: [...scene.levels],
  feed: scene.feed,
  meetings: scene.meetings,
  sums: [scene.points, scene.level, scene.errors, scene.about, [...scene.coherence]],
});

// A minute of everything, ten events a second.
function session(recording = new Recording(), seconds = 60) {
  const snapshots = [];
  for (let step = 0; step < seconds * 10; step += 1) {
    const at = step * 100;
    recording.add(energy(step * 6, Math.abs(Math.sin(step / 9))), at);
    recording.add(field(step * 6), at);
    if (step % 3 === 0) recording.add(words(`${step} `, { isComplete: step % 60 === 57 }), at);
    if (step % 20 === 0) recording.add(words("hm ", { sessionId: "a:thinking", isComplete: step % 40 === 0 }), at);
    if (step % 30 === 0) recording.add(words('f{"x":1}', { sessionId: "a:tool:1", isComplete: true }), at);
    if (step % 50 === 0) recording.add(said("MODEL_LOADING", { modelId: "n", progress: step / 600 }), at);
    if (step % 70 === 0) recording.add(reward(step + 1), at);
    if (step % 40 === 0) recording.add(met((step % 50) / 50), at);
    if (step % 90 === 0) recording.add(failure("SLOW"), at);
    if (step % 25 === 0) snapshots.push([at, seen(recording.scene.clone())]);
  }
  return { recording, snapshots };
}

test("any moment is reached again as it was, in whatever order they are asked for", () => {
  const { recording, snapshots } = session();
  const player = new Player(recording);
  const order = snapshots.map((_, index) => (index * 7) % snapshots.length); // to and fro
  for (const index of order) {
    const [at, wanted] = snapshots[index];
    player.seek(at);
    assert.equal(player.at, at);
    assert.deepEqual(seen(player.scene), wanted, `at ${at}`);
  }
});

test("playing on gives the same scenes as seeking, at any speed", () => {
  const { recording, snapshots } = session();
  const player = new Player(recording);
  player.seek(10_000);
  player.setSpeed(4, 0);
  player.play(0);
  for (let now = 0; now <= 2500; now += 16) player.advance(now);
  player.advance(2500);
  assert.equal(player.at, 20_000);
  assert.deepEqual(seen(player.scene), snapshots.find(([at]) => at === 20_000)[1]);
});

test("the scene that is held does not change while more events come, and the player says so", () => {
  const { recording } = session();
  const player = new Player(recording);
  player.hold();
  assert.equal(player.advance(0), true);
  const before = seen(player.scene.clone());
  recording.add(words("more"), 70_000);
  recording.add(energy(9000), 70_001);
  assert.equal(player.advance(10_000), false, "nothing to draw");
  assert.deepEqual(seen(player.scene), before);
  player.goLive();
  assert.equal(player.scene.answers.newest("a").text.endsWith("more"), true);
});

test("playing catches up with the live scene and stays there", () => {
  const { recording } = session();
  const player = new Player(recording);
  player.seek(59_000);
  player.play(0);
  player.advance(500);
  assert.equal(player.mode, "playing");
  player.advance(1000);
  assert.equal(player.mode, "live");
});

test("a journal stops at its end and begins anew when it is played again", () => {
  const player = new Player(new Recording());
  player.open(session(new Recording(), 10).recording);
  assert.equal(player.mode, "held");
  assert.equal(player.at, 0);
  player.play(0);
  player.advance(60_000);
  assert.deepEqual([player.mode, player.at], ["held", 9900]);
  player.play(60_000);
  player.advance(61_000);
  assert.deepEqual([player.mode, player.at], ["playing", 1000]);
  player.goLive();
  assert.equal(player.isJournal, false);
});

test("the ring keeps the last minutes and forgets older events", () => {
  const { recording, snapshots } = session(new Recording({ keepMs: 20_000 }), 60);
  assert.ok(recording.from >= 60_000 - 20_000 - 5100 && recording.from <= 40_000, String(recording.from));
  const player = new Player(recording);
  player.seek(1000);
  assert.equal(player.at, recording.from);
  const [at, wanted] = snapshots.find(([moment]) => moment >= recording.from);
  player.seek(at);
  assert.deepEqual(seen(player.scene), wanted);
});

test("a player that lags behind while the ring moves on is moved along", () => {
  const { recording } = session(new Recording({ keepMs: 20_000 }), 60);
  const player = new Player(recording);
  player.seek(recording.from);
  for (let at = 60_000; at < 120_000; at += 100) recording.add(energy(at / 16), at);
  player.play(0);
  assert.equal(player.advance(16), true);
  assert.equal(player.at, recording.from);
});

test("the ring is bounded in bytes, whatever comes", () => {
  const recording = new Recording({ keepMs: 300_000, keepBytes: 1e6 });
  for (let step = 0; step < 20_000; step += 1) {
    recording.add(field(step, 50), step * 17);
    recording.add(words("x".repeat(200)), step * 17);
  }
  assert.ok(recording.cost < 1.4e6, String(recording.cost));
  assert.ok(recording.length < 4000, String(recording.length));
});

test("answers of a server that is no more are cut off, and the next one's begin anew", () => {
  const scene = new Scene();
  scene.apply(words("half an ans"), 0);
  scene.apply(failure("RESUME_EPOCH_CHANGED"), 1);
  const { isOpen, end } = scene.answers.newest("a");
  assert.deepEqual([isOpen, end], [false, "cut"]);
  scene.apply(words("another "), 2);
  scene.apply(words("one"), 3);
  assert.equal(scene.answers.newest("a").text, "another one");
});

test("a scene keeps a bounded number of everything", () => {
  const scene = new Scene();
  for (let number = 0; number < 1000; number += 1) {
    scene.apply(words("x".repeat(1000), { sessionId: `s${number % 20}` }), number);
    scene.apply(reward(1), number);
    scene.apply(met(0.5), number);
    scene.apply(energy(number, 1, `m${number}`), number);
  }
  assert.equal(scene.answers.size, 8);
  assert.equal(scene.feed.length, 60);
  assert.equal(scene.meetings.length, 12);
  assert.equal(scene.levels.size, 12);
  assert.equal(scene.points, 1000);
});

test("history counts frames by the second, and counters by their growth", () => {
  const { recording } = session(new Recording(), 30);
  const { history } = recording;
  history.sample(10_000, { gaps: 0, skipped: 5, delay: 3 });
  for (const [at, gaps] of [
    [30_000, 0],
    [31_000, 2],
    [32_000, 2],
    [33_000, 2],
  ])
    history.sample(at, { gaps, skipped: 5, delay: 4 });
  assert.deepEqual(history.series("gaps", 33_000).slice(-3), [0, 2, 0]);
  const frames = history.series("frames", 30_000);
  assert.equal(frames.length, SPAN_S);
  assert.deepEqual(frames.slice(-30), new Array(30).fill(10));
  assert.equal(frames[0], undefined);
  assert.deepEqual(extent(frames), [10, 10]);
  assert.equal(extent([undefined]), undefined);
});

test("history knows the state of the line of each second", () => {
  const history = new History();
  ["live", "waiting", "live"].forEach((state, second) => history.sample(second * 1000, { state }));
  assert.deepEqual(history.series("state", 3000).slice(-4), [undefined, "live", "waiting", "live"]);
});

test("history stays as long as it is told", () => {
  const history = new History(10_000);
  for (let second = 0; second < 100_000; second += 1) history.sample(second * 1000, { delay: 1 });
  assert.ok(history.seconds.length < 400, String(history.seconds.length));
  assert.equal(history.entry(99_999_000).delay, 1);
});

const read = (text, cut = text.length) => {
  const events = [];
  const reader = new JournalReader((event, at) => events.push([event, at]));
  for (let from = 0; from < text.length; from += cut) reader.push(text.slice(from, from + cut));
  reader.end();
  return { events, reader };
};

test("a journal is read the same wherever it is cut", () => {
  const lines = [energy(1), field(2), words("a\nb \u20ac"), failure("X"), reward(3), met(0.5)];
  const text = lines.map((line) => JSON.stringify(line)).join("\n");
  for (let cut = 1; cut < 200; cut += 1) {
    const { events, reader } = read(text, cut);
    assert.deepEqual(
      events.map(([event]) => event),
      lines,
    );
    assert.equal(reader.rejected, 0);
  }
});

test("a journal's time begins at its first event and never goes back", () => {
  const stamps = [500, 520, 510, 900];
  const { events } = read(stamps.map((timestamp) => JSON.stringify({ ...words("x"), timestamp })).join("\r\n"));
  assert.deepEqual(
    events.map(([, at]) => at),
    [0, 20, 20, 400],
  );
});

test("a night between two events is no night on the page, unless it is asked for", () => {
  const night = 8 * 3600_000;
  const text = [0, 500, night, night + 20_000, night + 20_100].map((at) => JSON.stringify({ ...words("x"), timestamp: T0 + at })).join("\n");
  const times = (maxPauseMs) => {
    const found = [];
    const reader = new JournalReader((_, at) => found.push(at), maxPauseMs);
    reader.push(text);
    reader.end();
    return [found, reader.skippedMs];
  };
  assert.deepEqual(times(), [[0, 500, 10_500, 20_500, 20_600], night - 500 - 10_000 + 10_000]);
  assert.deepEqual(times(maxPauseOf("")), times());
  assert.deepEqual(times(maxPauseOf("?max-pause=25.5")), [[0, 500, 26_000, 46_000, 46_100], night - 500 - 25_500]);
  assert.deepEqual(times(maxPauseOf("?max-pause=none")), [[0, 500, night, night + 20_000, night + 20_100], 0]);
  assert.equal(maxPauseOf("?max-pause=soon"), undefined);
  const said = (...stamps) => {
    const { reader } = read(stamps.map((timestamp) => JSON.stringify({ ...words("x"), timestamp })).join("\n"));
    return reader.leftOut;
  };
  assert.equal(said(0, night), ", 7 h 59 min 50 s without an event skipped");
  assert.equal(said(0, 71_000, 142_000), ", 2 min 2 s without an event skipped");
  assert.equal(said(0, 19_000), ", 9 s without an event skipped");
  assert.equal(said(0, 10_900), "");
});

test("a journal that begins with a byte order mark keeps its first line, also where files were joined", () => {
  const line = JSON.stringify(words("x"));
  const { events, reader } = read(`\uFEFF${line}\r\n\uFEFF${line}\r\n${line}\r\n`);
  assert.equal(events.length, 3);
  assert.equal(reader.rejected, 0);
});

test("an event of a type that the page does not show is kept, as a newer server's", () => {
  const event = { type: "mood_event", channel: "council", timestamp: 1, payload: { mood: "calm" } };
  const { events, reader } = read([JSON.stringify(event), JSON.stringify({ ...event, type: 7 }), JSON.stringify({ ...event, payload: null })].join("\n"));
  assert.deepEqual(events.map(([each]) => each), [event]);
  assert.equal(reader.rejected, 2);
});

test("lines that hold no event are counted and left out, and none breaks a recording", () => {
  const good = JSON.stringify(words("kept"));
  const strays = [
    "not json",
    "null",
    "[1]",
    '"energy_update"',
    '{"type":"clone","timestamp":1,"payload":{}}',
    '{"type":"__proto__","timestamp":1,"payload":{}}',
    '{"type":"token_stream","timestamp":1}',
    '{"type":"token_stream","timestamp":"1","payload":{"sessionId":"a","modelId":"m","tokens":["x"]}}',
    '{"type":"token_stream","timestamp":1,"payload":{"sessionId":"a","modelId":"m","tokens":[1]}}',
    '{"type":"energy_update","channel":"energy","timestamp":1,"payload":{"modelId":"m","deltaEnergy":1,"totalEnergy":1}}',
    '{"type":"energy_field","timestamp":1,"payload":{"modelId":"m","fieldType":"stream","intensity":7,"coordinates":[]}}',
    '{"type":"energy_field","timestamp":1,"payload":{"modelId":"m","fieldType":"stream","intensity":0,"coordinates":[{"x":1}]}}',
    '{"type":"interference_event","timestamp":1,"payload":{"patternType":"neutral","models":"m"}}',
  ];
  const { events, reader } = read([good, ...strays, "", good].join("\n"));
  assert.equal(events.length, 2);
  assert.equal(reader.rejected, strays.length);
  const recording = new Recording();
  for (const [event, at] of events) recording.add(event, at);
  assert.equal(recording.scene.answers.newest("a").text, "keptkept");
});
