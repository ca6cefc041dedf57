// Answers read with for await: whole, in order, once, and to an end of one kind or the other. On virtual time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { complete, live, settled } from "./answering.mjs";
import { gap, token } from "./world.mjs";

// Reads an answer to its end, into {pieces, ended} as it goes.
function read(client, sessionId = "s") {
  const reader = { pieces: [], ended: undefined };
  reader.done = (async () => {
    try {
      for await (const text of client.tokens(sessionId)) reader.pieces.push(text);
      reader.ended = "complete";
    } catch (error) {
      reader.ended = error.message;
    }
  })();
  return reader;
}

test("it gives an answer's text as it comes, of that answer alone, and ends with it", async () => {
  const { world, client } = live();
  const reader = read(client);
  world.say(token(101, "one "));
  await settled();
  world.say(token(102, "other ", { sessionId: "t" }));
  world.say(token(103, "two "));
  await settled();
  assert.deepEqual(reader.pieces, ["one ", "two "]);
  world.say(token(104, "three", complete));
  await reader.done;
  assert.deepEqual(reader.pieces, ["one ", "two ", "three"]);
  assert.equal(reader.ended, "complete");
});

test("a late reader gets the text from its beginning, even when the answer is complete", async () => {
  const { world, client } = live();
  world.say(token(101, "one "));
  const middle = read(client);
  world.say(token(102, "two", complete));
  const late = read(client);
  await Promise.all([middle.done, late.done]);
  assert.equal(middle.pieces.join(""), "one two");
  assert.deepEqual(late.pieces, ["one two"]);
});

test("a slow reader gets longer pieces and loses nothing", async () => {
  const { world, client } = live();
  const tokens = client.tokens("s")[Symbol.asyncIterator]();
  world.say(token(101, "one "));
  assert.equal((await tokens.next()).value, "one ");
  for (let count = 0; count < 100; count += 1) world.say(token(102 + count, "."));
  world.say(token(300, "!", complete));
  assert.equal((await tokens.next()).value, `${".".repeat(100)}!`);
  assert.equal((await tokens.next()).done, true);
});

test("two readers may read one answer, and one may leave", async () => {
  const { world, client } = live();
  const reader = read(client);
  const leaver = (async () => {
    for await (const text of client.tokens("s")) return text;
  })();
  world.say(token(101, "one "));
  assert.equal(await leaver, "one ");
  world.say(token(102, "two", complete));
  await reader.done;
  assert.equal(reader.pieces.join(""), "one two");
});

test("it goes on across a reconnect, with or without a gap", async () => {
  const { world, client } = live({ replay: "open" });
  const reader = read(client);
  world.say(token(101, "one "));
  await settled();
  world.socket.drop(1006);
  world.pass(1000);
  world.goLive({ timestamp: 200 });
  world.say(token(150, "two "));
  await settled();
  world.socket.drop(1013);
  world.pass(1000);
  world.goLive({ timestamp: 900 });
  world.say(gap("RESUME_LAGGED"));
  world.say(token(900, "one two three "));
  world.beat();
  world.say(token(901, "four", complete));
  await reader.done;
  assert.equal(reader.pieces.join(""), "one two three four");
  assert.equal(reader.ended, "complete");
});

test("an answer that ended inside a gap throws, one that had ended does not, one that begins later goes on", async () => {
  const { world, client } = live({ replay: "open" });
  const cut = read(client, "cut");
  world.say(token(101, "one ", { sessionId: "cut" }));
  world.say(token(102, "whole", { sessionId: "whole", ...complete }));
  const later = read(client, "later");
  await settled();
  world.socket.drop(1013);
  world.pass(1000);
  world.goLive({ timestamp: 900 });
  world.say(gap("RESUME_GAP"));
  await settled();
  assert.equal(cut.ended, undefined);
  world.beat();
  await cut.done;
  assert.equal(cut.ended, "the answer was cut off");
  const whole = read(client, "whole");
  await whole.done;
  assert.equal(whole.ended, "complete");
  world.say(token(901, "here", { sessionId: "later", ...complete }));
  await later.done;
  assert.deepEqual(later.pieces, ["here"]);
});

test("an answer that a restart cut throws", async () => {
  const { world, client } = live();
  const reader = read(client);
  world.say(token(101, "one "));
  await settled();
  world.socket.drop(1006);
  world.pass(1000);
  world.goLive({ epoch: "f", timestamp: 50 });
  await reader.done;
  assert.deepEqual(reader.pieces, ["one "]);
  assert.equal(reader.ended, "the answer was cut off");
});

test("closing throws, after the text so far was given", async () => {
  const { world, client } = live();
  const reader = read(client);
  const none = read(client, "none");
  world.say(token(101, "one "));
  client.close();
  await Promise.all([reader.done, none.done]);
  assert.deepEqual(reader.pieces, ["one "]);
  assert.equal(reader.ended, "the answer was cut off");
  assert.equal(none.ended, "the answer was cut off");
});

test("an answer of the same name after a complete one is another answer", async () => {
  const { world, client } = live();
  world.say(token(101, "first", complete));
  world.say(token(102, "second", complete));
  const reader = read(client);
  await reader.done;
  assert.deepEqual(reader.pieces, ["second"]);
});

test("the kept text is bounded: the newest 64 answers, and the end of a text without end", async () => {
  const { world, client } = live();
  for (let count = 0; count < 72; count += 1) world.say(token(101 + count, "t", { sessionId: `s${count}`, ...complete }));
  const oldest = read(client, "s8");
  await oldest.done;
  assert.equal(oldest.ended, "complete");
  const gone = read(client, "s7");
  await settled();
  assert.equal(gone.ended, undefined);
  for (let count = 0; count < 30; count += 1) world.say(token(1000 + count, "x".repeat(100_000), { sessionId: "endless" }));
  world.say(token(2000, "end", { sessionId: "endless", ...complete }));
  const endless = read(client, "endless");
  await endless.done;
  const text = endless.pieces.join("");
  assert.ok(text.length >= 500_000 && text.length <= 1_000_000, String(text.length));
  assert.ok(text.endsWith("xend"));
  client.close();
  await gone.done;
});
