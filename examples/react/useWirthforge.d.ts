// Types of useWirthforge.js.
import type { Answer, ClientState, Model, WirthforgeClient } from "wirthforge-ws-client";

/** For everything besides state: `client.stop(id)`, `client.on("reward_event", ...)`. */
export const client: WirthforgeClient;
/** Connects with the first component that uses it. */
export function useConnection(): ClientState;
/** The newest answer of this id, or undefined before it begins. */
export function useAnswer(sessionId: string): Answer | undefined;
/** By id. */
export function useModels(): ReadonlyMap<string, Model>;
