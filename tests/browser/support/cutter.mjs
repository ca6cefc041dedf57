// A forwarder between a page and a server that cuts at random bytes, in either direction. A page of its address takes it for
// the server: the port in the page's request heads is replaced on the way.
import { createServer, connect } from "node:net";

/** `cutAfter(cuts)` says for each WebSocket {isUp, bytes}: cut after so many from the page, or towards it; null: never. */
export async function openCutter(serverPort, cutAfter) {
  const state = { cuts: 0 };
  const lines = new Set();
  const proxy = createServer((page) => {
    const server = connect(serverPort, "127.0.0.1");
    const end = () => {
      lines.delete(end);
      page.destroy();
      server.destroy();
    };
    lines.add(end);
    let cut = null;
    const hand = (isUp, from, to) => {
      from.on("data", (bytes) => {
        if (!cut || cut.isUp !== isUp) return void to.write(bytes);
        if (bytes.length <= cut.bytes) {
          cut.bytes -= bytes.length;
          return void to.write(bytes);
        }
        state.cuts += 1;
        const last = bytes.subarray(0, cut.bytes); // the bytes before the cut
        cut = null;
        from.removeAllListeners("data");
        if (last.length > 0) to.write(last, end);
        else end();
      });
      for (const event of ["close", "error"]) from.on(event, end);
    };
    page.once("data", (head) => {
      const text = head.toString("latin1").replaceAll(`:${proxy.address().port}`, `:${serverPort}`);
      if (/^upgrade: websocket/im.test(text)) cut = cutAfter(state.cuts);
      hand(true, page, server);
      hand(false, server, page);
      page.emit("data", Buffer.from(text, "latin1"));
    });
  });
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return Object.assign(state, {
    url: `http://127.0.0.1:${proxy.address().port}/`,
    close() {
      proxy.close();
      for (const end of lines) end();
    },
  });
}
