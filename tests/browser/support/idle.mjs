// How much of the processor nobody wanted. Without a graphics card a browser's display is the first to give way where others
// want it: seconds without an idle share judge nothing.
import { cpus } from "node:os";

/** Returns what gives the idle share since then, 0 to 1. */
export function idleMeter() {
  const sums = () => {
    const all = { idle: 0, busy: 0 };
    for (const { times } of cpus()) {
      all.idle += times.idle;
      all.busy += times.user + times.nice + times.sys + times.irq;
    }
    return all;
  };
  const before = sums();
  return () => {
    const now = sums();
    const [idle, busy] = [now.idle - before.idle, now.busy - before.busy];
    return idle / Math.max(1, idle + busy);
  };
}
