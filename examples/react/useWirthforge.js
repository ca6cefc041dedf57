// React hooks over one connection for the whole page: its state, and an answer's text as it grows.
//   const { name } = useConnection();            // "live", "waiting", ...
//   const text = useAnswer("session-1");
import { useEffect, useState, useSyncExternalStore } from "react";
import { WirthforgeClient } from "wirthforge-ws-client";

export const client = new WirthforgeClient("ws://127.0.0.1:8145/ws");
const listen = (changed) => client.on("state", changed);
const state = () => client.state;

export function useConnection() {
  useEffect(() => client.connect(), []);
  return useSyncExternalStore(listen, state, state);
}

export function useAnswer(sessionId) {
  const [text, setText] = useState("");
  useEffect(() => {
    let isWanted = true;
    setText("");
    (async () => {
      for await (const piece of client.tokens(sessionId)) {
        if (!isWanted) return;
        setText((before) => before + piece);
      }
    })().catch(() => {}); // cut off: what came stays
    return () => void (isWanted = false);
  }, [sessionId]);
  return text;
}
