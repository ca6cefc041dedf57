// Uses that the types must permit; each line marked with @ts-expect-error must not compile.
import { client as ofHooks, useAnswer, useConnection, useModels } from "../../../examples/react/useWirthforge.js";
import { WirthforgeClient, type Answer, type ClientState, type EnergyUpdate, type FinishReason, type TokenStream } from "../../../client/wirthforge.js";

const client = new WirthforgeClient("ws://127.0.0.1:8145/ws", {
  channels: ["energy", "experience"],
  accessToken: "c0ffee",
  signal: new AbortController().signal,
  storage: sessionStorage,
  whenHidden: "suspend",
  replay: "recent",
  sendStats: true,
});
new WirthforgeClient("ws://127.0.0.1:8145/ws", { storage: null });
new WirthforgeClient("ws://127.0.0.1:8145/ws", { WebSocket });
// As that of the package `ws`, whose constructor has overloads.
declare const ofPackage: { new (address: null): object; new (address: string | URL, protocols?: string | string[], more?: object): object };
new WirthforgeClient("ws://127.0.0.1:8145/ws", { WebSocket: ofPackage });

// Events are typed by the names of their schemas.
const stop: () => void = client.on("token_stream", (event) => {
  const text: string = event.payload.tokens.join("");
  const stream: TokenStream = event;
  return [text, stream];
});
stop();
client.on("energy_update", ({ frameNumber, payload }) => frameNumber + payload.deltaEnergy);
client.on("gap", ({ code, details }) => [code.length, details?.["from"]]);
client.on("resumed", ({ since }) => since.toFixed());
client.on("answer", ({ state, text, toolCalls }) => [state, text, toolCalls.map((call) => call.name)]);
client.on("models", (models) => [...models.values()].map(({ modelId, state, progress }) => [modelId, state, progress ?? 0]));
client.on("*", (event) => {
  if (event.type === "reward_event") event.payload.points.toFixed();
});

// A state's name decides its other members.
client.on("state", (state: ClientState) => {
  if (state.name === "waiting") state.delay.toFixed();
  if (state.name === "connecting") state.attempt.toFixed();
  if (state.name === "waiting") state.server?.progress?.toFixed();
  if (state.name === "refused") [state.reason, state.status.toFixed()];
  // @ts-expect-error: live has no delay
  if (state.name === "live") state.delay;
});

const newest: EnergyUpdate | undefined = client.latest.energy_update;
client.stats.paintMs = 9;
const jitter: number = client.stats.jitterMs;

export async function read(): Promise<string> {
  let whole = "";
  await client.ready();
  for await (const text of client.tokens("session-1")) whole += text;
  return whole + String(newest) + String(jitter);
}

export async function reason(): Promise<FinishReason> {
  const tokens = client.tokens("session-1");
  for await (const text of tokens) text.trim();
  const last = await tokens.next();
  return last.done ? last.value : tokens.reason === "failed" ? "done" : "length";
}
const answer: Answer | undefined = client.answer("session-1");
const figures: (number | undefined)[] = [answer?.tokens, answer?.seconds, answer?.tokensPerSecond, answer?.secondsToFirstToken];
const wasSent: boolean = client.stop("session-1");
// The hooks of examples/react have the same types.
export function Page(): string {
  const shown = useAnswer("session-1");
  // @ts-expect-error: undefined before the answer begins
  shown.text;
  return `${useConnection().name} ${shown?.state} ${useModels().get("m")?.state} ${ofHooks.stop("session-1")}`;
}
export const uses = [figures, wasSent];

// @ts-expect-error: a reason is read
client.tokens("session-1").reason = "done";
// @ts-expect-error: an answer is read
client.answer("session-1")!.text = "";
// @ts-expect-error: no such event
client.on("token_steam", () => {});
// @ts-expect-error: no such channel
client.subscribe(["tokens"]);
// @ts-expect-error: no such way
new WirthforgeClient("ws://127.0.0.1:8145/ws", { whenHidden: "sleep" });
// @ts-expect-error: the state is read
client.state = { name: "live" };
