// A TCP forwarder as `ssh -L` is one: a port of its own, and every byte handed on as it is, in both directions.
import { createServer, connect } from "node:net";

export async function openForwarder(serverPort) {
  const lines = new Set();
  const forwarder = createServer((page) => {
    const server = connect(serverPort, "127.0.0.1");
    const end = () => {
      lines.delete(end);
      page.destroy();
      server.destroy();
    };
    lines.add(end);
    page.pipe(server).pipe(page);
    for (const each of [page, server]) for (const event of ["close", "error"]) each.on(event, end);
  });
  await new Promise((resolve) => forwarder.listen(0, "127.0.0.1", resolve));
  return {
    port: forwarder.address().port,
    close() {
      forwarder.close();
      for (const end of lines) end();
    },
  };
}
