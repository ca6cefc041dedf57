// Shared by the tests of answers: a client that is live, one that comes back, and an answer read to its end.
import { gap, World } from "./world.mjs";

export const complete = { isComplete: true };
export const settled = () => new Promise((resolve) => setImmediate(resolve));
export const about = (sessionId, more = {}) => ({ sessionId, modelId: "m", ...more });

export function live(options) {
  const world = new World();
  const client = world.client(options);
  client.connect();
  world.goLive({ timestamp: 100 });
  return { world, client };
}

// Cut, and live again after `code`, or without a gap.
export function comeBack(world, { timestamp, code, epoch }) {
  world.socket.drop(1013);
  world.pass(1000);
  world.goLive({ timestamp, epoch });
  if (code) world.say(gap(code));
}

// All of an answer's text, then how it ended.
export async function read(client, sessionId = "s") {
  const tokens = client.tokens(sessionId);
  let text = "";
  try {
    for await (const piece of tokens) text += piece;
    return `${text}[${tokens.reason}]`;
  } catch (error) {
    return `${text}[${tokens.reason}: ${error.message}]`;
  }
}
