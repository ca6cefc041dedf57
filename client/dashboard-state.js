// The page's short texts: the connection's state, also of a server that starts and of one that refuses; and how fast
// answers grow.
import { shortNumber } from "./dashboard-scene.js";
import { byId, setText, showProgress } from "./dashboard-view.js";

const percent = (share) => share !== undefined && `${Math.round(share * 100)} %`;

/** `returnsAt`: when it tries again, in milliseconds of `performance.now()`. */
export function showState({ name, attempt, code, reason, status, server }, returnsAt) {
  const again = attempt > 0 ? `, attempt ${attempt}` : "";
  const health = server && [`the backend is ${server.status}`, server.phase, percent(server.progress)].filter(Boolean).join(", ");
  const texts = {
    live: "live",
    connecting: `connecting${again}`,
    handshaking: health ?? `waiting for the backend${again}`,
    waiting: health ?? `reconnecting in ${Math.max(0, Math.ceil((returnsAt - performance.now()) / 1000))} s${again}`,
    refused: status === 401 ? "refused: the token is missing or wrong, open /#token=\u2026" : `refused: ${reason}`,
    suspended: "suspended",
    closed: ["closed", code, reason].filter(Boolean).join(" \u00b7 "),
  };
  setText(byId("state-text"), texts[name] ?? "not connected");
  byId("state").title = name === "waiting" ? [code, reason].filter(Boolean).join(": ") : "";
  byId("start").hidden = server?.progress === undefined;
  if (server) showProgress(byId("start"), server.progress);
}

const PACE_MS = 2000;

/**
 * How much is said a second: in tokens where the energy tells their number, which every page hears alike, in characters where it
 * does not. Pieces of text are neither.
 */
export class Pace {
  #said = []; // [when, tokens, characters]

  take({ type, payload }, now) {
    if (type === "energy_update") this.#said.push([now, payload.tokensGenerated, 0]);
    if (type === "token_stream") this.#said.push([now, 0, payload.tokens.join("").length]);
    if (this.#said.length > 2000) this.#said = this.#said.slice(-1000);
  }

  words(now) {
    this.#said = this.#said.filter(([when]) => when > now - PACE_MS);
    const perSecond = (index) => Math.round(this.#said.reduce((sum, each) => sum + each[index], 0) / (PACE_MS / 1000));
    const [tokens, characters] = [perSecond(1), perSecond(2)];
    if (tokens === 0 && characters === 0) return "";
    return tokens > 0 ? `${shortNumber(tokens)} tokens a second` : `${shortNumber(characters)} characters a second`;
  }
}
