// Types of wirthforge.js. The events themselves are generated from the schemas.
import type { Channel, ErrorEvent, WirthforgeEvent, WirthforgeEventMap } from "./wirthforge-events.js";

export * from "./wirthforge-events.js";

/**
 * Where the connection stands. Times in milliseconds; codes as in RFC 6455 section 7.4. `attempt` counts what failed since
 * it was last live. `suspended`: the page left for the back-forward cache, or is hidden and `whenHidden` says so.
 */
export type ClientState =
  | { name: "idle" | "live" | "suspended" }
  | { name: "connecting" | "handshaking"; attempt: number }
  | { name: "waiting"; attempt: number; delay: number; code: number; reason: string }
  | { name: "closed"; code?: number; reason: string };

export interface ClientOptions {
  /** Channels to listen to; all by default. System always comes. */
  channels?: Channel[];
  /**
   * The server's token, for one that asks for it. It goes into the subprotocol `wirthforge.token.<token>`, offered beside
   * `wirthforge.v1`, and never into an address or a cookie. Letters, digits, `-`, `_` and `.`.
   */
  token?: string;
  /** Closes the client for good when it is aborted. */
  signal?: AbortSignal;
  /**
   * Where the place in the stream is kept over a reload (written at `pagehide`), such as `sessionStorage`. None by default:
   * a page that starts afresh is sent each open answer whole, and that is what a page needs that forgets what it showed.
   * Give one only if the page keeps what it showed, too. A duplicated tab may go on from the same place: that only reads.
   */
  storage?: Pick<Storage, "getItem" | "setItem"> | null;
  /**
   * What happens while the page is hidden. `no-energy` (default): the energy channel is unsubscribed, and back at once
   * when the page is shown; what was produced meanwhile is in `totalEnergy`, but in no `deltaEnergy`. `keep`: nothing.
   * `suspend`: the connection is closed, and resumed when the page is shown.
   */
  whenHidden?: "no-energy" | "keep" | "suspend";
  /**
   * True (default): the server is asked for what open answers said so far, where it cannot be resumed without a gap: at the
   * first connection and after a gap. What is new of it is handed on as a `token_stream`, so that text is only appended.
   */
  replayOpen?: boolean;
  /** True: `stats` and the frame rate go along with each answer to a heartbeat. False by default. */
  sendStats?: boolean;
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
  /** What the server measured of its own tick, in Hz. */
  serverFrameRate?: number;
  /** What else the page measures and wants to be sent with `sendStats`, such as its time to paint. */
  [measured: string]: number | undefined;
}

export interface ClientEventMap extends WirthforgeEventMap {
  state: ClientState;
  /** The server says what was missed; then it goes on. */
  gap: ErrorEvent["payload"];
  /** Back on the same run of the server, and nothing was missed. Comes before what was sent meanwhile. */
  resumed: { since: number };
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
  /** Starts, or starts again after close(). Never gives up by itself. Does nothing while it is at work. */
  connect(): void;
  /** Ends for good, whatever is under way; connect() starts anew. */
  close(code?: number, reason?: string): void;
  /** Resolves when it is live, at once if it is; rejects when it is closed first. */
  ready(): Promise<void>;
  /** Returns a function that ends it. What a listener throws is reported as an uncaught error and stops nothing. */
  on<Type extends keyof ClientEventMap>(type: Type, listener: (value: ClientEventMap[Type]) => void): () => void;
  /** From now on only these channels; system always comes. Kept across reconnects. */
  subscribe(channels: Channel[]): void;
  /**
   * The text of an answer: what has come of it, then what comes. Ends with the answer. Throws when the client is closed, when
   * the server restarts, and when the answer ended inside a gap. A slow reader gets longer pieces. The newest 32 answers are
   * kept, of each the last half to whole million characters. Ids are taken to name one answer at a time.
   */
  tokens(sessionId: string): AsyncGenerator<string, void, undefined>;
}
