// Types of wirthforge.js. The events themselves are generated from the schemas.
import type { Channel, ErrorEvent, WirthforgeEvent, WirthforgeEventMap } from "./wirthforge-events.js";

export * from "./wirthforge-events.js";

/** The reply of `/health` from a server that cannot serve yet, or no more. */
export interface ServerHealth {
  status: "starting" | "stopping";
  /** Its current work, in its own words, such as `loading llama3_2-3b`. */
  phase?: string;
  /** 0 to 1. */
  progress?: number;
}

/**
 * Where the connection stands. Times in milliseconds; codes as in RFC 6455 section 7.4. `attempt` counts what failed since it
 * was last live. `waiting`: it comes back by itself after `delay`, or as soon as the server is there again. `refused` is the
 * same where the server is there and does not let this page in: `status` and `reason` are those of its HTTP answer. A page
 * whose origin is not invited may not read that answer, so that it is `waiting`, with a `reason` that names the origin.
 * `suspended`: the page left for the back-forward cache, or is hidden and `whenHidden` says so. `server` is there while it
 * says that it starts or stops.
 */
export type ClientState =
  | { name: "idle" | "live" | "suspended" }
  | { name: "connecting"; attempt: number }
  | { name: "handshaking"; attempt: number; server?: ServerHealth | undefined }
  | { name: "waiting"; attempt: number; delay: number; code: number; reason: string; server?: ServerHealth | undefined }
  | { name: "refused"; attempt: number; delay: number; code: number; reason: string; status: number; server?: ServerHealth | undefined }
  | { name: "closed"; code?: number; reason: string };

/** How an answer that did not fail ended: by itself, at a limit of length, or because somebody stopped it. */
export type FinishReason = "done" | "length" | "stopped";

/** A model's request to a tool. `arguments` is JSON text, whole once the call is complete. */
export interface ToolCall {
  readonly name: string;
  readonly arguments: string;
  readonly isComplete: boolean;
}

/**
 * An answer as of now. The object never changes; another one takes its place. Figures are the server's, and there as soon as
 * it told them, so that every page shows the same.
 */
export interface Answer {
  readonly sessionId: string;
  /** Not known while nothing but a part of it has come. */
  readonly modelId?: string | undefined;
  /**
   * `waiting`: the prompt is read; `thinking`: what came last is thinking or a tool call; `speaking`: it is text. Then it has
   * ended: with one of three reasons, or it `failed` and is not whole.
   */
  readonly state: "waiting" | "thinking" | "speaking" | FinishReason | "failed";
  /** The server's reason for its end: for a failed answer the cause. */
  readonly reason?: string | undefined;
  /** How much of the prompt is read, 0 to 1. */
  readonly progress?: number | undefined;
  /** The model's text. */
  readonly text: string;
  /** So many characters of the text's beginning are not kept, or had come before the page was reloaded. */
  readonly omitted: number;
  /** The model's thinking: the text of the answer `<sessionId>:thinking`. Each time that it thinks anew, on a new line. */
  readonly thinking: string;
  /** The newest 64 of the answers `<sessionId>:tool:<n>`. */
  readonly toolCalls: readonly ToolCall[];
  readonly tokens?: number;
  readonly seconds?: number;
  readonly tokensPerSecond?: number;
  /** From when the server said that it waits to the first text or thought, by the server's clock. */
  readonly secondsToFirstToken?: number;
}

/** A model as the server last told of it. */
export interface Model {
  readonly modelId: string;
  readonly state: "loading" | "ready" | "unloaded" | "failed";
  /** Of loading, 0 to 1. */
  readonly progress?: number;
  /** Why it failed. */
  readonly reason?: string;
}

/** The result of tokens(): pieces of text, and `reason` once there are no more. */
export interface TokenReader extends AsyncGenerator<string, FinishReason, undefined> {
  readonly reason?: FinishReason | "failed";
}

export interface ClientOptions {
  /** Channels to listen to; all by default. System always comes. */
  channels?: Channel[];
  /**
   * The server's access token, for one that asks for it. It goes into the subprotocol `wirthforge.token.<token>`, offered
   * beside `wirthforge.v1`, and never into an address or a cookie. Letters, digits, `-`, `_` and `.`.
   */
  accessToken?: string;
  /** Closes the client for good when it is aborted. */
  signal?: AbortSignal;
  /**
   * Where the place in the stream is kept over a reload (written at `pagehide`), such as `sessionStorage`. None by default:
   * a page that starts afresh is sent each open answer whole, and that is what a page needs that forgets what it showed.
   * Give one only if the page keeps what it showed, too. A duplicated tab may go on from the same place: that only reads.
   */
  storage?: { getItem(key: string): string | null; setItem(key: string, value: string): void } | null;
  /**
   * The behaviour while the page is hidden. `no-energy` (default): the energy channel is unsubscribed, and back at once
   * when the page is shown; what was produced meanwhile is in `totalEnergy`, but in no `deltaEnergy`. `keep`: nothing.
   * `suspend`: the connection is closed, and resumed when the page is shown.
   */
  whenHidden?: "no-energy" | "keep" | "suspend";
  /**
   * Which answers the server is asked to tell again where the connection cannot be resumed without a gap: at the first
   * connection and after a gap. `recent` (default): what open answers said so far, and the answers that ended within the age of
   * the server's log, two minutes by default. `open`: the open ones alone. `none`. The new part of each is handed on as a
   * `token_stream`, so that text is only ever appended.
   */
  replay?: "recent" | "open" | "none";
  /** True: `stats` and the frame rate go along with each answer to a heartbeat. False by default. */
  sendStats?: boolean;
  /** For Node 20, which has none of its own: such as that of the package `ws`. The global one by default. */
  WebSocket?: new (url: string, protocols: string[]) => object;
  /** For tests: what is used of the browser, in place of `globalThis`. */
  page?: object;
}

export interface ClientStats {
  messages: number;
  /** Characters received. */
  bytes: number;
  /** Reliable events that had been delivered before. */
  duplicates: number;
  /** How often it was live again after a failure. */
  reconnects: number;
  /** How often the server said that something was missed. */
  gaps: number;
  /** Frame numbers passed over, on the way or because nothing was published; a pause of a second or more is none. */
  skippedFrames: number;
  /** One-way delay of the last heartbeat, by the clock that server and page share. */
  delayMs?: number;
  /** How much that delay changes, smoothed as in RFC 3550 section 6.4.1. */
  jitterMs: number;
  /** The server's own measurement of its tick rate, in Hz. */
  serverFrameRate?: number;
  /** Other measurements of the page that `sendStats` sends too, such as its time to paint. */
  [measured: string]: number | undefined;
}

export interface ClientEventMap extends WirthforgeEventMap {
  state: ClientState;
  /** The server says what was missed; then it goes on. */
  gap: ErrorEvent["payload"];
  /** Back on the same run of the server, and nothing was missed. Comes before what was sent meanwhile. */
  resumed: { since: number };
  /** An answer has changed in any way; of thinking and tool calls, the answer that they belong to. */
  answer: Answer;
  /** The same as `models`, each time that it changes. */
  models: ReadonlyMap<string, Model>;
  /** Every event of the server. */
  "*": WirthforgeEvent;
}

/** Delivers events and survives everything that happens to a local connection. */
export class WirthforgeClient {
  /** Does not connect yet. `url` such as `ws://127.0.0.1:8145/ws`. */
  constructor(url: string, options?: ClientOptions);
  readonly state: ClientState;
  /** Energy frames in the last second. */
  readonly frameRate: number;
  /** The newest event of each type, for what is drawn rather than listened to. */
  readonly latest: Partial<WirthforgeEventMap>;
  readonly stats: ClientStats;
  /**
   * By id, what is known of models: the one of `startup_complete`, and those that the server told of; it tells the state of
   * each again on each connection. Begun anew after a gap. The map never changes; another one takes its place.
   */
  readonly models: ReadonlyMap<string, Model>;
  /** Starts, or starts again after close(). Never gives up by itself. Does nothing while it is at work. */
  connect(): void;
  /** Ends for good, whatever is under way; connect() starts anew. */
  close(code?: number, reason?: string): void;
  /** Resolves when it is live, at once if it is; rejects when it is closed first. */
  ready(): Promise<void>;
  /** Returns a function that ends it. An exception of a listener is reported as an uncaught error and stops nothing. */
  on<Type extends keyof ClientEventMap>(type: Type, listener: (value: ClientEventMap[Type]) => void): () => void;
  /** From now on only these channels; system always comes. Kept across reconnects. */
  subscribe(channels: Channel[]): void;
  /**
   * Asks the server to end an answer, which says how it ended in the usual way. The server promises nothing. False: not live,
   * and nothing was sent. An answer that has ended is passed over.
   */
  stop(sessionId: string): boolean;
  /**
   * The newest answer of this id, or undefined where none has come. The same object until something of it changes. The newest
   * 64 answers are kept, each part being one, and of each the last half to whole million characters.
   */
  answer(sessionId: string): Answer | undefined;
  /**
   * The text of an answer: what has come of it, then what comes; a slow reader gets longer pieces. Ends with the answer and
   * gives its reason, as the iterator's last value and in `reason`. Throws when the answer failed, when it was cut off by a
   * restart of the server or inside a gap, and when the client is closed. An id that comes again names another answer; a
   * reader stays with the one that it began. After a restart of the server it waits for an answer of the new run.
   */
  tokens(sessionId: string): TokenReader;
}
