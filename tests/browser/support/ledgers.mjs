// Records the events that pages get from a server of a known sequence (known_sequence.cpp); checks that all came, once, in order.
import assert from "node:assert/strict";
import { each } from "./both.mjs";

/**
 * Begins clients of the page's own that record their events in `window.ledgers`: text by answer, rewards, meetings,
 * energy by model, and what was wrong. `resumes`: the place is kept in the sessionStorage.
 */
export const beginLedgers = (page, { count = 1, url = null, resumes = false } = {}) =>
  page.evaluate(
    async ({ count, url, resumes }) => {
      const { WirthforgeClient } = await import("/wirthforge.js");
      window.wirthforge?.client.close();
      const address = url ?? `ws://${location.host}/ws`;
      window.ledgers = Array.from({ length: count }, () => {
        const client = new WirthforgeClient(address, resumes ? { storage: sessionStorage } : {});
        const ledger = { client, texts: {}, whole: [], rewards: [], meetings: [], energy: {}, hasEnded: false };
        client.on("token_stream", ({ payload: { sessionId, tokens, isComplete } }) => {
          ledger.texts[sessionId] = (ledger.texts[sessionId] ?? "") + tokens.join("");
          if (isComplete) ledger.whole.push(sessionId);
        });
        client.on("reward_event", ({ payload }) => {
          if (payload.title === "the end") ledger.hasEnded = true;
          else ledger.rewards.push(payload.points);
        });
        client.on("interference_event", ({ payload }) => ledger.meetings.push(Number(payload.models[0].split("-")[1])));
        client.on("energy_update", ({ payload: { modelId, totalEnergy, deltaEnergy } }) => {
          const sums = (ledger.energy[modelId] ??= { before: totalEnergy - deltaEnergy, sum: 0, total: 0 });
          sums.sum += deltaEnergy;
          sums.total = totalEnergy;
        });
        client.connect();
        return ledger;
      });
    },
    { count, url, resumes },
  );

/** The contents of the ledgers, and the statistics of their clients. */
export const readLedgers = (page) =>
  page.evaluate(() => window.ledgers.map(({ client, ...ledger }) => ({ ...ledger, stats: client.stats, state: client.state.name })));

/** Begins, does `act`, ends the server, and returns the contents of each page's ledgers. */
export async function counted(pages, { server }, act) {
  await act();
  server.child.stdin.end();
  const isEnded = () => window.ledgers.every(({ hasEnded, client }) => hasEnded && client.state.name === "live");
  await each(pages, (page) => page.waitFor(isEnded));
  return Promise.all(pages.map(readLedgers));
}

/** From the first that was heard, every number once and in order. */
export const assertCounted = (numbers, what) => {
  assert.ok(numbers.length > 0, `no ${what}`);
  assert.deepEqual(numbers, Array.from(numbers, (_, index) => numbers[0] + index), what);
};

export const upTo = (count) => Array.from({ length: count }, (_, number) => `${number} `).join("");

/** Every token once and in order, no answer left out, rewards and meetings exact, energies to 0.01. */
export function assertExact(ledger) {
  const ids = Object.keys(ledger.texts);
  assertCounted(ids.map((id) => Number(id.split("-")[1])), "answers");
  assert.deepEqual(ledger.whole, ids, "each answer ends once");
  for (const id of ids) {
    const words = ledger.texts[id].split(" ").length - 1;
    assert.equal(ledger.texts[id], upTo(words), id);
    if (id !== ids.at(-1)) assert.equal(words, 150, id);
  }
  assertCounted(ledger.rewards, "rewards");
  assertCounted(ledger.meetings, "meetings");
  assert.equal(Object.keys(ledger.energy).length, 3);
  for (const [model, { before, sum, total }] of Object.entries(ledger.energy)) {
    assert.ok(Math.abs(before + sum - total) < 0.01, `${model}: ${before} + ${sum}, not ${total}`);
  }
  assert.equal(ledger.stats.gaps, 0);
}
