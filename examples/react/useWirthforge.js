// React hooks over one connection for the whole page: its state, an answer with all its parts, the models.
//   const { name } = useConnection();            // "live", "waiting", ...
//   const answer = useAnswer("session-1");       // { text, thinking, toolCalls, state, ... }, or undefined before it begins
//   const models = useModels();                  // a Map: what is loading, ready, unloaded, failed
import { useEffect, useSyncExternalStore } from "react";
import { WirthforgeClient } from "wirthforge-ws-client";

const ADDRESS = "ws://127.0.0.1:8145/ws";

// Hot reload runs this file anew. The client stays, with its connection and its answers; for another address there is another.
const kept = (globalThis.wirthforgeOfPage ??= {});
if (kept.address !== ADDRESS) {
  kept.client?.close();
  Object.assign(kept, { address: ADDRESS, client: new WirthforgeClient(ADDRESS) });
}
export const client = kept.client;

const listenTo = (type) => (changed) => client.on(type, changed);
const [state, answer, models] = ["state", "answer", "models"].map(listenTo);

export function useConnection() {
  useEffect(() => client.connect(), []); // again in strict mode: it does nothing while it is at work
  return useSyncExternalStore(state, () => client.state, () => client.state);
}

/** The newest answer of this id. One that failed or was cut off stays, and its `state` says so; an id that comes again is a new one. */
export function useAnswer(sessionId) {
  return useSyncExternalStore(answer, () => client.answer(sessionId), () => undefined);
}

export function useModels() {
  return useSyncExternalStore(models, () => client.models, () => client.models);
}
