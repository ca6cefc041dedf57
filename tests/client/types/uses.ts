// What compiles here is what the types promise; each line marked with @ts-expect-error must not compile.
import { WirthforgeClient, type ClientState, type EnergyUpdate, type TokenStream } from "../../../client/wirthforge.js";

const client = new WirthforgeClient("ws://127.0.0.1:8145/ws", {
  channels: ["energy", "experience"],
  token: "c0ffee",
  signal: new AbortController().signal,
  storage: sessionStorage,
  whenHidden: "suspend",
  replayOpen: false,
  sendStats: true,
});
new WirthforgeClient("ws://127.0.0.1:8145/ws", { storage: null });

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
client.on("*", (event) => {
  if (event.type === "reward_event") event.payload.points.toFixed();
});

// A state's name says what else it has.
client.on("state", (state: ClientState) => {
  if (state.name === "waiting") state.delay.toFixed();
  if (state.name === "connecting") state.attempt.toFixed();
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

// @ts-expect-error: no such event
client.on("token_steam", () => {});
// @ts-expect-error: no such channel
client.subscribe(["tokens"]);
// @ts-expect-error: no such wish
new WirthforgeClient("ws://127.0.0.1:8145/ws", { whenHidden: "sleep" });
// @ts-expect-error: the state is read
client.state = { name: "live" };
