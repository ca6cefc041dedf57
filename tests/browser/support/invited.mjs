// A page of an origin of its own that uses the module, as an application does that a server invites: nothing but the module
// on it, no policy, and nothing that keeps it out of the back-forward cache.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

const PAGE = "<!doctype html><meta charset=utf-8><title>invited</title><link rel=icon href=data:,>";

export async function startInvited() {
  const site = createServer(async ({ url }, response) => {
    const isModule = url === "/wirthforge.js";
    response.setHeader("Content-Type", isModule ? "text/javascript" : "text/html");
    response.end(isModule ? await readFile(new URL("../../../client/wirthforge.js", import.meta.url)) : PAGE);
  });
  await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${site.address().port}`;
  return {
    origin,
    url: `${origin}/`,
    close() {
      site.close();
      site.closeAllConnections();
    },
  };
}
