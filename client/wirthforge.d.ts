// Types of wirthforge.js. The events themselves are generated from the schemas.
import type { Channel, ErrorEvent, WirthforgeEvent, WirthforgeEventMap } from "./wirthforge-events.js";

export * from "./wirthforge-events.js";

/** Where the connection stands. Times in milliseconds; codes as in RFC 6455 section 7.4. */
export type ClientState =
  | { name: "idle" }
  | { name: "connecting" | "handshaking"; attempt: number }
  | { name: "live" }
  | { name: "waiting"; attempt: number; delay: number; code: number; reason: string }
  | { name: "closed"; code?: number; reason?: string };

export interface ClientOptions {
  /** Channels to listen to; all by default. System always comes. */
  channels?: Channel[];
  /** Closes the client for good when it is aborted. */
  /** What the server asks for (server_options::token). Offered as a subprotocol, never in the address. */
  token?: string;
  signal?: AbortSignal;
  /** For tests: the wall clock in milliseconds, timers, randomness in [0, 1), and the socket's class. */
  now?: () => number;
  setTimeout?: (call: () => void, ms: number) => unknown;
  clearTimeout?: (id: unknown) => void;
  random?: () => number;
  WebSocket?: new (url: string) => WebSocket;
  /** Receives what a listener threw; the browser's own by default. */
  reportError?: (error: unknown) => void;
}

export interface ClientStats {
  messages: number;
  /** Characters received. */
  bytes: number;
  /** Reliable events that had been delivered before. */
  duplicates: number;
  /** How often it was live again. */
  reconnects: number;
  /** How often the server said that something was missed. */
  gaps: number;
  /** One-way delay of the last heartbeat, by the clock that server and page share. */
  delayMs: number | undefined;
  /** What the server measured of its own tick, in Hz. */
  serverFrameRate: number | undefined;
}

interface ListenerMap extends WirthforgeEventMap {
  state: ClientState;
  gap: ErrorEvent["payload"];
  "*": WirthforgeEvent;
}

export class WirthforgeClient {
  constructor(url: string, options?: ClientOptions);
  readonly state: ClientState;
  readonly frameRate: number;
  readonly latest: Partial<WirthforgeEventMap>;
  readonly stats: ClientStats;
  connect(): void;
  close(code?: number, reason?: string): void;
  /** Resolves when it is live, at once if it is; rejects when it is closed first. */
  ready(): Promise<void>;
  on<Type extends keyof ListenerMap>(type: Type, listener: (value: ListenerMap[Type]) => void): () => void;
  subscribe(channels: Channel[]): void;
}
