// The dashboard's answers: an id that comes again, thinking, tool calls, ends, figures; and that their memory stays bounded.
import assert from "node:assert/strict";
import { test } from "node:test";
import { KEPT_TEXT, callOf } from "../../client/dashboard-answers.js";
import { freePlace } from "../../client/dashboard-paint.js";
import { Pace } from "../../client/dashboard-state.js";
import { Scene } from "../../client/dashboard-scene.js";

const T0 = 1000;
const said = (timestamp, text, more = {}) => ({
  type: "token_stream",
  channel: "experience",
  timestamp,
  payload: { sessionId: "a", modelId: "m", tokens: [text], isComplete: false, ...more },
});
const life = (timestamp, code, details = { sessionId: "a", modelId: "m" }, severity = "info") => ({
  type: "error_event",
  channel: "system",
  timestamp,
  payload: { severity, code, message: `${code}!`, component: "model", details },
});
const startup = (timestamp) => ({ type: "startup_complete", channel: "system", timestamp, payload: { model: "m", tier: "t", version: "1" } });

function scene(...events) {
  const made = new Scene();
  for (const event of [startup(T0), ...events]) made.apply(event, event.timestamp);
  return made;
}
const complete = { isComplete: true };

test("an id that comes again is another answer, and the old one is still shown", () => {
  const { answers } = scene(said(1001, "the old one", complete), said(1002, "the "), said(1003, "new one", complete));
  assert.deepEqual(answers.values().map(({ text, isOpen }) => [text, isOpen]), [["the old one", false], ["the new one", false]]);
  assert.equal(answers.newest("a").text, "the new one");
});

test("an answer that the client gave up is cut off, and the next text under its id is another answer", () => {
  const { answers } = scene(said(1001, "half"), { type: "cut_off", timestamp: 1002, payload: { sessionId: "a" } }, said(1003, "whole", complete));
  assert.deepEqual(answers.values().map(({ text, end }) => [text, end]), [["half", "cut"], ["whole", "done"]]);
});

test("each end is told, with its reason, for the answer that it is of", () => {
  for (const [code, end] of [["ANSWER_LENGTH", "length"], ["ANSWER_STOPPED", "stopped"], ["ANSWER_FAILED", "failed"], ["ANSWER_DONE", "done"]]) {
    const { answers } = scene(
      said(1001, "x"),
      life(1002, code, { sessionId: "a", reason: "why" }),
      said(1003, "b", { sessionId: "b", ...complete }),
      said(1004, "", complete),
    );
    assert.deepEqual([answers.newest("a").end, answers.newest("a").reason, answers.newest("b").end], [end, "why", "done"]);
  }
  assert.equal(scene(said(1001, "x"), life(1002, "ANSWER_FAILED"), said(1003, "", complete)).answers.newest("a").reason, "ANSWER_FAILED!");
});

test("figures are the server's; the time to the first token is known to a page that heard the answer's start", () => {
  const done = { sessionId: "a", tokens: 222, seconds: 2, tokensPerSecond: 111 };
  const { answers } = scene(
    life(1100, "ANSWER_WAITING", { sessionId: "a", progress: 0.5 }),
    said(1600, "hm", { sessionId: "a:thinking" }),
    said(1700, "x"),
    life(1800, "ANSWER_DONE", done),
    said(1900, "", complete),
  );
  const { tokens, tokensPerSecond, secondsToFirstToken } = answers.newest("a").figures;
  assert.deepEqual({ tokens, tokensPerSecond, secondsToFirstToken }, { tokens: 222, tokensPerSecond: 111, secondsToFirstToken: 0.5 });
  const late = scene(life(1001, "ANSWER_WAITING"), said(T0, "told again")).answers.newest("a");
  assert.equal(late.figures.secondsToFirstToken, undefined);
});

test("thinking and tool calls are parts of their answer, whichever comes first or ends last", () => {
  const made = scene(
    said(1001, "one", { sessionId: "a:thinking", ...complete }),
    said(1002, "f", { sessionId: "a:tool:1", tokens: ["find", '{"q":'] }),
    said(1003, "1}", { sessionId: "a:tool:1", ...complete }),
    said(1004, "two", { sessionId: "a:thinking" }),
    said(1005, "text", complete),
    said(1006, "!", { sessionId: "a:thinking", ...complete }),
    said(1007, "next", { sessionId: "a:thinking" }),
  );
  const [first, second] = made.answers.values();
  assert.deepEqual([first.text, first.thinking.text, first.calls.map(callOf)], ["text", "one\ntwo!", [{ name: "find", argumentText: '{"q":1}' }]]);
  assert.deepEqual([second.text, second.thinking.text, second.isOpen], ["", "next", true]);
});

test("a clone goes its own way in every part", () => {
  const parts = [said(1002, "t", { sessionId: "a:thinking" }), said(1003, "f", { sessionId: "a:tool:1" })];
  const made = scene(said(1001, "x"), ...parts, life(1004, "ANSWER_STOPPED"));
  const copy = made.clone();
  made.apply(said(1005, "y", { sessionId: "a:thinking" }), 0);
  made.apply(said(1006, "{}", { sessionId: "a:tool:1" }), 0);
  made.apply(said(1007, "z", complete), 0);
  const { text, thinking, calls, isOpen } = copy.answers.newest("a");
  assert.deepEqual([text, thinking.text, calls[0].text, isOpen], ["x", "t", "f", true]);
  copy.apply(said(1008, "", complete), 0);
  assert.equal(copy.answers.newest("a").end, "stopped");
});

test("a long answer is kept to a length, and how much there was is known", () => {
  const made = scene();
  for (let count = 0; count < 300; count += 1) made.apply(said(1001 + count, "0123456789".repeat(100)), 0);
  for (let count = 0; count < 300; count += 1) made.apply(said(2001 + count, "0123456789".repeat(100), { sessionId: "a:thinking" }), 0);
  for (let count = 0; count < 100; count += 1) made.apply(said(3001 + count, "f", { sessionId: `a:tool:${count}`, ...complete }), 0);
  const { text, total, thinking, calls } = made.answers.newest("a");
  assert.equal(total, 300_000);
  assert.ok(text.length <= KEPT_TEXT && text.length >= KEPT_TEXT / 2);
  assert.ok(thinking.text.length <= 20_000 && thinking.total === 300_000);
  assert.equal(calls.length, 16);
});

test("life that is no error is not listed among the errors; a failure is", () => {
  const made = scene(
    life(1001, "ANSWER_WAITING"),
    life(1002, "MODEL_LOADING", { modelId: "n", progress: 0.5 }),
    life(1003, "ANSWER_FAILED", { sessionId: "a" }, "error"),
    life(1004, "NEWS", {}),
  );
  assert.deepEqual(made.feed.map(({ what }) => what), ["ANSWER_FAILED", "NEWS"]);
  assert.equal(made.errors, 1);
  assert.deepEqual(made.states.get("n"), { modelId: "n", state: "loading", progress: 0.5 });
});

test("a model's failure that each connection tells again is shown as its state, and not counted as one more error", () => {
  const failed = (timestamp) => life(timestamp, "MODEL_FAILED", { modelId: "n", reason: "no memory" }, "error");
  const made = scene(failed(T0));
  assert.deepEqual([made.errors, made.feed.length, made.states.get("n").state], [0, 0, "failed"]);
  for (const event of [failed(1001), startup(1002), failed(1002)]) made.apply(event, 0);
  assert.deepEqual([made.errors, made.feed.length, made.states.get("n").state], [1, 1, "failed"]);
});

test("the wait of an answer that was told again is not measured from the page's connection", () => {
  const { answers } = scene(life(T0, "ANSWER_WAITING", { sessionId: "a", progress: 0.5 }), said(1500, "first"));
  assert.deepEqual([answers.newest("a").text, answers.newest("a").figures.secondsToFirstToken], ["first", undefined]);
});

test("a label gives way to names, and to the next place and the next", () => {
  const taken = [[100, 50, 30, 14]];
  assert.deepEqual(freePlace([[100, 55, 40, 14], [100, 80, 40, 14]], taken), [100, 80, 40, 14]);
  assert.deepEqual(freePlace([[175, 55, 40, 14]], taken), [175, 55, 40, 14]);
  assert.deepEqual(freePlace([[100, 50, 9, 14], [101, 50, 9, 14]], taken), [101, 50, 9, 14]);
});

test("the pace counts tokens where the energy tells them, and never pieces of text", () => {
  const pace = new Pace();
  const energy = (tokensGenerated) => ({ type: "energy_update", payload: { tokensGenerated } });
  assert.equal(pace.words(0), "");
  for (let at = 0; at < 2000; at += 100) pace.take(said(0, "ab"), at);
  assert.equal(pace.words(1999), "20 characters a second");
  for (let at = 0; at < 2000; at += 100) pace.take(energy(3), at);
  assert.equal(pace.words(1999), "30 tokens a second");
  assert.equal(pace.words(9000), "");
});
