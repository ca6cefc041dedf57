// How the dashboard keeps pace with its events. A display's rate depends on the machine, above all without a graphics card, and
// `npm run pace` measures it; on any machine the page must draw at each beat of the display that brought something new.
import assert from "node:assert/strict";

/** Judges without a clock: every event was drawn at the next beat, and beats that take 50 ms are the exception. */
export async function assertPace(page, name) {
  const pace = await page.evaluate(measure, 5);
  console.log(`${name}: ${told(pace)}`);
  assert.ok(pace.owed > 0);
  assert.ok(pace.drawn >= pace.owed - 1, `drawn ${pace.drawn} of ${pace.owed}`);
  assert.ok(pace.long.length <= pace.beats / 10, `${pace.long.length} of ${pace.beats} beats took over 50 ms`);
}

/** Frames a second over ten seconds, and whether they keep the promise: 58 heard and drawn, and nothing that takes 50 ms. */
export async function judgePace(page) {
  const pace = await page.evaluate(measure, 10);
  const { seconds, received, drawn, long } = pace;
  return { isKept: received / seconds >= 58 && drawn / seconds >= 58 && long.length === 0, text: told(pace) };
}

function told({ seconds, received, drawn, beats, pauses, long }) {
  const rate = (count) => (count / seconds).toFixed(2);
  const listed = (times) => times.join(", ") || "none";
  return (
    `received ${rate(received)} frames a second, drawn ${rate(drawn)}, display ${rate(beats)}; ` +
    `pauses over 50 ms: ${listed(pauses)}; tasks over 50 ms: ${listed(long)}`
  );
}

// In the page: frames over `length` seconds; `owed`, at how many beats of the display there was something new; the pauses over
// 50 ms between two beats, for which the machine may be the cause; and the page's own long work, in ms: its own beats,
// and all tasks where the browser reports them.
const measure = (length) =>
  new Promise((resolve) => {
    const { frames } = window.wirthforge;
    const from = { ...frames };
    const [pauses, long] = [[], []];
    const observer = new PerformanceObserver((list) => long.push(...list.getEntries().map((entry) => Math.round(entry.duration))));
    if (PerformanceObserver.supportedEntryTypes.includes("longtask")) observer.observe({ type: "longtask" });
    const display = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (call) =>
      display((at) => {
        const began = performance.now();
        call(at);
        const took = Math.round(performance.now() - began);
        if (took > 50) long.push(took);
      });
    const began = performance.now();
    let [beats, owed, seen, beatAt] = [-1, 0, from.received, began];
    const beat = () => {
      const now = performance.now();
      if (beats >= 0 && now - beatAt > 50) pauses.push(Math.round(now - beatAt));
      beats += 1;
      beatAt = now;
      if (frames.received > seen) owed += 1;
      seen = frames.received;
      if (now - began < length * 1000) return void display(beat);
      observer.disconnect();
      window.requestAnimationFrame = display;
      const [received, drawn] = [frames.received - from.received, frames.drawn - from.drawn];
      resolve({ seconds: (now - began) / 1000, received, drawn, beats, owed, pauses, long });
    };
    display(beat);
  });
