// The answers that a greeting tells again, and another run of the server: nothing comes twice, no two answers are joined. On
// virtual time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { about, comeBack, complete, live, read, settled } from "./answering.mjs";
import { gap, life, token, World } from "./world.mjs";

test("an answer that ended before the page was opened is read at once, and a reload shows it", async () => {
  const { world, client } = live({ replay: "recent" });
  assert.equal(world.socket.url, "ws://127.0.0.1:8145/ws?replay=recent");
  const early = read(client);
  world.say(token(100, "all of it", complete));
  assert.equal(await early, "all of it[done]");
  assert.equal(await read(client), "all of it[done]");
});

test("how an answer ended is told again with it, and is not taken for news", async () => {
  const { world, client } = live({ replay: "recent" });
  world.say(life(100, "ANSWER_FAILED", about("s", { reason: "gone" })));
  world.say(token(100, "half", complete));
  world.say(token(100, "open", { sessionId: "t" }));
  world.say(token(101, " and on", { sessionId: "t", ...complete }));
  assert.equal(await read(client), "half[failed: gone]");
  assert.equal(await read(client, "t"), "open and on[done]");
  assert.equal(client.stats.duplicates, 0);
});

test("after a gap, answers that it had whole are not handed on again, however often their id came", () => {
  const { world, client } = live({ replay: "recent" });
  const texts = [];
  client.on("token_stream", ({ payload }) => texts.push(payload.tokens.join("") + (payload.isComplete ? "." : "")));
  world.say(token(101, "yes", complete));
  world.say(token(102, "yes", complete));
  world.say(token(103, "no"));
  comeBack(world, { timestamp: 900, code: "RESUME_GAP" });
  for (const text of ["yes", "yes", "no, never", "yes"]) world.say(token(900, text, complete));
  world.say(token(900, "well", {}));
  world.say(token(901, ", well", complete));
  assert.deepEqual(texts, ["yes.", "yes.", "no", ", never.", "yes.", "well", ", well."]);
  assert.equal(client.answer("s").text, "well, well");
});

test("an answer that ended in a gap and another that has its id since are not joined", async () => {
  for (const replay of ["open", "recent"]) {
    const { world, client } = live({ replay });
    const first = read(client);
    world.say(token(101, "the first answer"));
    await settled();
    comeBack(world, { timestamp: 900, code: "RESUME_LAGGED" });
    world.say(token(900, "a second answer, which is longer"));
    world.say(token(901, "!", complete));
    assert.equal(await first, "the first answer[failed: the answer was cut off]");
    assert.equal(await read(client), "a second answer, which is longer![done]");
  }
});

test("a page that kept its place over a reload joins no other answer to what it had", () => {
  const kept = new Map();
  const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, text) => kept.set(key, text) };
  const before = live({ storage, replay: "recent" });
  before.world.say(token(101, "whole", { sessionId: "w", ...complete }));
  before.world.say(token(102, "the first"));
  before.world.tell("pagehide");
  const world = new World();
  const client = world.client({ storage, replay: "recent" });
  const texts = [];
  client.on("token_stream", ({ payload }) => texts.push(payload.tokens.join("")));
  client.connect();
  world.goLive({ timestamp: 900 });
  world.say(gap("RESUME_GAP"));
  world.say(token(900, "whole", { sessionId: "w", ...complete }));
  world.say(token(900, "a second answer"));
  assert.deepEqual(texts, ["a second answer"]);
});

test("an answer that waits for its first token is waited for across a gap", async () => {
  const { world, client } = live({ replay: "recent" });
  const reader = read(client);
  world.say(life(101, "ANSWER_WAITING"));
  await settled();
  comeBack(world, { timestamp: 900, code: "RESUME_GAP" });
  world.beat();
  world.say(token(901, "here", complete));
  assert.equal(await reader, "here[done]");
  assert.equal(client.answer("s").secondsToFirstToken, 0.8);
});

test("under another run of the server, open answers are cut off, and the same id is a new answer", async () => {
  const { world, client } = live({ replay: "recent" });
  world.say(token(101, "whole", { sessionId: "w", ...complete }));
  world.say(token(102, "thought", { sessionId: "s:thinking" }));
  world.say(token(103, "half"));
  const [text, thought] = [read(client), read(client, "s:thinking")];
  await settled();
  comeBack(world, { timestamp: 50, epoch: "f", code: "RESUME_EPOCH_CHANGED" });
  assert.equal(await text, "half[failed: the answer was cut off]");
  assert.equal(await thought, "thought[failed: the answer was cut off]");
  assert.deepEqual([client.answer("s").state, client.answer("w").state], ["failed", "done"]); // a page may go on showing them
  const [next, nextWhole] = [read(client), read(client, "w")]; // but a new reader gets the new run's
  world.say(token(50, "half a minute", complete));
  world.say(token(51, "new", { sessionId: "w", ...complete }));
  assert.equal(await next, "half a minute[done]");
  assert.equal(await nextWhole, "new[done]");
});

test("a restart in good order goes on in mid-answer and misses nothing", async () => {
  const { world, client } = live({ replay: "recent" });
  const reader = read(client);
  let resumed = 0;
  client.on("resumed", () => (resumed += 1));
  world.beat();
  world.say(token(101, "before "));
  world.socket.drop(1012);
  world.pass(1000);
  world.goLive({ timestamp: 300 });
  world.say(token(301, "after", complete));
  assert.equal(await reader, "before after[done]");
  assert.equal(resumed, 1);
});

const loading = (timestamp, progress) => life(timestamp, "MODEL_LOADING", { modelId: "n", progress });

test("a page that connected after the only MODEL_LOADING showed no progress bar", () => {
  for (const replay of ["none", "open", "recent"]) {
    const { world, client } = live({ replay });
    const heard = [];
    client.on("error_event", ({ payload }) => heard.push(payload.code));
    world.say(life(100, "MODEL_FAILED", { modelId: "m", reason: "no memory" }));
    world.say(loading(100, 0.5));
    assert.deepEqual([client.models.get("m").reason, client.models.get("n").progress], ["no memory", 0.5], replay);
    world.say(token(100, "open"));
    world.say(loading(101, 0.75));
    assert.equal(client.models.get("n").progress, 0.75);
    assert.deepEqual(heard, ["MODEL_FAILED", "MODEL_LOADING", "MODEL_LOADING"]);
    assert.deepEqual([client.answer("s").text, client.stats.duplicates], ["open", 0]);
  }
});

test("after a gap it knows the models that are told again, and a cut among them moves no cursor", () => {
  for (const replay of ["none", "recent"]) {
    const { world, client } = live({ replay });
    world.beat();
    world.say(loading(101, 0.25));
    for (const timestamp of [900, 950]) {
      comeBack(world, { timestamp, code: "RESUME_GAP" });
      assert.match(world.socket.url, /epoch=e&since=101&/);
      assert.equal(client.models.get("n"), undefined);
      world.say(loading(timestamp, 0.5));
      assert.equal(client.models.get("n").progress, 0.5);
    }
    world.say(life(951, "MODEL_READY", { modelId: "n" }));
    assert.deepEqual([client.models.get("n").state, client.stats.duplicates], ["ready", 0]);
  }
});

test("a page that kept its place over a reload resumes, and is told the models again", () => {
  const kept = new Map();
  const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, text) => kept.set(key, text) };
  const before = live({ storage, replay: "recent" });
  before.world.say(loading(101, 0.25));
  before.world.tell("pagehide");
  const world = new World();
  const client = world.client({ storage, replay: "recent" });
  const heard = [];
  client.on("resumed", () => heard.push("resumed"));
  client.on("models", (models) => heard.push(models.get("n")?.state));
  client.connect();
  world.goLive({ timestamp: 900 });
  world.say(loading(900, 0.25));
  world.say(token(901, "new"));
  assert.deepEqual(heard, [undefined, "loading", "resumed"]);
  assert.equal(client.models.get("n").progress, 0.25);
  world.tell("pagehide");
  assert.equal(JSON.parse([...kept.values()][0]).since, 901);
});

test("an answer whose prompt is being read is told again, and its time to the first token is not guessed", () => {
  const { world, client } = live({ replay: "recent" });
  world.say(token(100, "old", complete));
  world.say(life(100, "ANSWER_WAITING", about("s", { progress: 0.5 })));
  assert.deepEqual([client.answer("s").state, client.answer("s").text, client.answer("s").progress], ["waiting", "", 0.5]);
  world.say(token(900, "new"));
  assert.deepEqual([client.answer("s").state, client.answer("s").text, client.answer("s").secondsToFirstToken], ["speaking", "new", undefined]);
  assert.equal(client.stats.duplicates, 0);
});
