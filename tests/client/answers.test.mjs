// An answer's whole life as the client tells it: waiting, thinking, calling tools, speaking, and an end of one kind or another;
// an id that comes again; and the models behind it. again.test.mjs has the answers that a greeting tells again. On virtual time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { about, comeBack, complete, live, read, settled } from "./answering.mjs";
import { life, token, World } from "./world.mjs";

test("tokens() ends with a reason, as its iterator's last value and as a property", async () => {
  for (const [code, reason] of [
    [undefined, "done"],
    ["ANSWER_DONE", "done"],
    ["ANSWER_LENGTH", "length"],
    ["ANSWER_STOPPED", "stopped"],
  ]) {
    const { world, client } = live();
    const tokens = client.tokens("s");
    world.say(token(101, "text"));
    assert.deepEqual(await tokens.next(), { value: "text", done: false });
    assert.equal(tokens.reason, undefined);
    if (code) world.say(life(102, code));
    world.say(token(103, "", complete));
    assert.deepEqual(await tokens.next(), { value: reason, done: true });
    assert.equal(tokens.reason, reason);
    assert.equal(client.answer("s").state, reason);
  }
});

test("a failed answer gives its text and then throws the server's reason", async () => {
  const { world, client } = live();
  world.say(token(101, "half a sen"));
  world.say(life(102, "ANSWER_FAILED", about("s", { reason: "out of memory" })));
  world.say(token(103, "", complete));
  assert.equal(await read(client), "half a sen[failed: out of memory]");
  assert.equal(client.answer("s").state, "failed");
  assert.equal(client.answer("s").reason, "out of memory");
  world.say(life(104, "ANSWER_FAILED", about("t")));
  world.say(token(105, "", { sessionId: "t", ...complete }));
  assert.equal(await read(client, "t"), "[failed: ANSWER_FAILED was said]");
});

test("how one answer ends says nothing of another that ends meanwhile", () => {
  const { world, client } = live();
  world.say(life(101, "ANSWER_STOPPED", about("a")));
  world.say(life(102, "ANSWER_LENGTH", about("b")));
  world.say(token(103, "a", { sessionId: "a", ...complete }));
  world.say(token(104, "c", { sessionId: "c", ...complete }));
  world.say(token(105, "b", { sessionId: "b", ...complete }));
  assert.deepEqual(["a", "b", "c"].map((id) => client.answer(id).state), ["stopped", "length", "done"]);
});

test("an answer's states are waiting, thinking, speaking, done, and each is told once", () => {
  const { world, client } = live();
  const told = [];
  client.on("answer", ({ sessionId, state, text }) => told.push(`${sessionId} ${state} ${text}`.trim()));
  assert.equal(client.answer("s"), undefined);
  world.say(life(1101, "ANSWER_WAITING", about("s", { progress: 0.25 })));
  assert.equal(client.answer("s").progress, 0.25);
  world.say(token(1601, "hm", { sessionId: "s:thinking" }));
  assert.equal(client.answer("s").progress, undefined);
  world.say(token(1602, "", { sessionId: "s:thinking", ...complete }));
  world.say(token(1603, "Hello"));
  world.say(life(1604, "ANSWER_DONE", about("s", { tokens: 222, seconds: 2, tokensPerSecond: 111 })));
  world.say(token(1605, "", complete));
  assert.deepEqual(told, ["s waiting", "s thinking", "s thinking", "s speaking Hello", "s done Hello"]);
  const { tokens, seconds, tokensPerSecond, secondsToFirstToken } = client.answer("s");
  assert.deepEqual({ tokens, seconds, tokensPerSecond, secondsToFirstToken }, { tokens: 222, seconds: 2, tokensPerSecond: 111, secondsToFirstToken: 0.5 });
});

test("tokens are the server's count, not the number of pieces", () => {
  const { world, client } = live();
  for (let piece = 0; piece < 146; piece += 1) world.say(token(101 + piece, "piece "));
  assert.equal(client.answer("s").tokens, undefined);
  world.say(life(900, "ANSWER_DONE", about("s", { tokens: 222, seconds: 1, tokensPerSecond: 222 })));
  world.say(token(901, "", complete));
  assert.equal(client.answer("s").tokens, 222);
});

test("thinking and tool calls belong to their answer, and can be read on their own", async () => {
  const { world, client } = live();
  const thinking = read(client, "s:thinking");
  world.say(token(101, "let me ", { sessionId: "s:thinking" }));
  await settled();
  world.say(token(102, "see", { sessionId: "s:thinking", ...complete }));
  world.say(token(103, "", { sessionId: "s:tool:1", tokens: ["get_weather", '{"city":'] }));
  assert.deepEqual(client.answer("s").toolCalls, [{ name: "get_weather", arguments: '{"city":', isComplete: false }]);
  world.say(token(104, '"Paris"}', { sessionId: "s:tool:1", ...complete }));
  world.say(token(105, "", { sessionId: "s:tool:2", tokens: ["stop"], ...complete }));
  world.say(token(106, "and now ", { sessionId: "s:thinking" })); // it thinks once more
  world.say(token(107, "It rains.", { modelId: "other" }));
  world.say(token(108, "!", { modelId: "other", ...complete }));
  world.say(token(109, "I know", { sessionId: "s:thinking", ...complete })); // ends with the answer
  assert.equal(await thinking, "let me see[done]");
  const answer = client.answer("s");
  assert.equal(answer.text, "It rains.!");
  assert.equal(answer.state, "done");
  assert.equal(answer.modelId, "other");
  assert.equal(answer.thinking, "let me see\nand now I know");
  assert.deepEqual(answer.toolCalls, [
    { name: "get_weather", arguments: '{"city":"Paris"}', isComplete: true },
    { name: "stop", arguments: "", isComplete: true },
  ]);
  assert.equal(client.answer("s:thinking").text, "and now I know");
});

test("an id that comes again is a new answer, with nothing of the old one's thinking, tools or figures", async () => {
  const { world, client } = live();
  world.say(token(101, "old thought", { sessionId: "s:thinking", ...complete }));
  world.say(token(102, "f{}", { sessionId: "s:tool:1", ...complete }));
  world.say(token(103, "old text"));
  const old = read(client);
  world.say(life(104, "ANSWER_DONE", about("s", { tokens: 3, seconds: 1, tokensPerSecond: 3 })));
  world.say(token(105, "", complete));
  world.say(token(106, "new thought", { sessionId: "s:thinking" }));
  const { text, thinking, toolCalls, tokens, state } = client.answer("s");
  assert.deepEqual({ text, thinking, toolCalls, tokens, state }, { text: "", thinking: "new thought", toolCalls: [], tokens: undefined, state: "thinking" });
  world.say(token(107, "new text", complete));
  assert.equal(await old, "old text[done]");
  assert.equal(await read(client), "new text[done]");
});

test("an id that comes again before its end is waited for begins with the wait", () => {
  const { world, client } = live();
  world.say(token(101, "old", complete));
  world.say(life(102, "ANSWER_WAITING", about("s")));
  assert.deepEqual([client.answer("s").state, client.answer("s").text], ["waiting", ""]);
});

test("an answer is one object as long as nothing of it changed", () => {
  const { world, client } = live();
  world.say(token(101, "one"));
  const before = client.answer("s");
  world.say(token(102, "other", { sessionId: "t" }));
  assert.equal(client.answer("s"), before);
  world.say(token(103, "f", { sessionId: "s:tool:1" }));
  assert.notEqual(client.answer("s"), before);
});

test("the part of a long text that is not kept any more is counted", () => {
  const { world, client } = live();
  for (let count = 0; count < 15; count += 1) world.say(token(101 + count, "x".repeat(100_000)));
  const { text, omitted } = client.answer("s");
  assert.equal(text.length + omitted, 1_500_000);
  assert.ok(omitted > 0);
});

test("ids that are names of an object's own parts are ids like others", async () => {
  for (const id of ["__proto__", "constructor", "toString"]) {
    const kept = new Map();
    const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, text) => kept.set(key, text) };
    const { world, client } = live({ replay: "open", storage });
    world.say(token(101, "one ", { sessionId: id, modelId: id }));
    world.say({ type: "energy_update", channel: "energy", timestamp: 1, frameNumber: 7, payload: { modelId: id } });
    comeBack(world, { timestamp: 900, code: "RESUME_GAP" });
    world.say(token(900, "one two", { sessionId: id }));
    world.say(token(901, "", { sessionId: id, ...complete }));
    assert.equal(await read(client, id), "one two[done]");
    world.tell("pagehide");
    assert.ok(JSON.parse([...kept.values()][0]));
  }
});

// --- stop ---

test("stop() asks the server, and says whether it could", () => {
  const world = new World();
  const client = world.client();
  assert.equal(client.stop("s"), false);
  client.connect();
  assert.equal(client.stop("s"), false);
  world.goLive();
  assert.equal(client.stop("s"), true);
  assert.deepEqual(world.socket.sent.at(-1), { type: "stop", payload: { sessionId: "s" } });
  world.socket.drop(1006);
  assert.equal(client.stop("s"), false);
});

// --- models ---

const stateOf = (client) => [...client.models.values()].map(({ modelId, state, progress, reason }) => [modelId, state, progress ?? reason]);

test("models tell which model is loading, ready, unloaded or failed", () => {
  const { world, client } = live();
  const told = [];
  client.on("models", (models) => told.push(models));
  assert.deepEqual(stateOf(client), [["m", "ready", undefined]]);
  world.say(life(101, "MODEL_LOADING", { modelId: "n", progress: 0.5 }));
  assert.deepEqual(stateOf(client)[1], ["n", "loading", 0.5]);
  world.say(life(102, "MODEL_LOADING", { modelId: "n" }));
  assert.deepEqual(stateOf(client)[1], ["n", "loading", undefined]);
  world.say(life(103, "MODEL_READY", { modelId: "n" }));
  world.say(life(104, "MODEL_UNLOADED", { modelId: "m" }));
  world.say(life(105, "MODEL_FAILED", { modelId: "o", reason: "no such file" }));
  assert.deepEqual(stateOf(client), [["m", "unloaded", undefined], ["n", "ready", undefined], ["o", "failed", "no such file"]]);
  assert.equal(told.length, 5);
  assert.equal(new Set(told).size, 5); // each a new map, for frameworks
  assert.equal(told.at(-1), client.models);
});

test("models are kept over a resume, and begun anew after a gap and under another run", () => {
  for (const [code, epoch, kept] of [
    [undefined, "e", true],
    ["RESUME_GAP", "e", false],
    [undefined, "f", false],
  ]) {
    const { world, client } = live();
    world.beat();
    world.say(life(101, "MODEL_LOADING", { modelId: "n", progress: 0.5 }));
    world.say(life(102, "MODEL_UNLOADED", { modelId: "m" }));
    comeBack(world, { timestamp: 200, code, epoch });
    assert.deepEqual(stateOf(client), kept ? [["m", "unloaded", undefined], ["n", "loading", 0.5]] : [["m", "ready", undefined]]);
  }
});

test("life events without an id, and codes of tomorrow, are handed on and change nothing", () => {
  const { world, client } = live();
  const codes = [];
  client.on("error_event", ({ payload }) => codes.push(payload.code));
  const all = ["ANSWER_WAITING", "ANSWER_STOPPED", "MODEL_LOADING", "ANSWER_LATER", "MODEL_ELSEWHERE"];
  all.forEach((code, index) => world.say(life(101 + index, code, index < 3 ? {} : about("s"))));
  world.say({ ...life(110, "ANSWER_WAITING"), payload: { ...life(110, "ANSWER_WAITING").payload, details: undefined } });
  assert.deepEqual(codes, [...all, "ANSWER_WAITING"]);
  assert.equal(client.answer("s"), undefined);
  assert.equal(client.models.size, 1);
});
