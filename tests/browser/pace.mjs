// `npm run pace`: whether the dashboard hears and draws 58 frames a second and more for ten seconds in each browser, and nothing
// in it takes 50 ms. For a machine that does nothing else; fails otherwise.
import { gotoLive, openBoth, sleep, withPages } from "./support/both.mjs";
import { judgePace } from "./support/pace.mjs";
import { startServer } from "./support/server.mjs";

const browsers = await openBoth();
for (const browser of browsers) {
  const server = await startServer("live");
  await withPages([browser], async ([page]) => {
    await gotoLive(page, server.url);
    await sleep(1000);
    const { isKept, text } = await judgePace(page);
    console.log(`${browser.name}: ${text}`);
    if (!isKept) process.exitCode = 1;
  });
  await server.kill();
}
await Promise.all(browsers.map((browser) => browser.close()));
