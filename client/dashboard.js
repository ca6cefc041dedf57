// The dashboard. Messages are only stored as they come; each frame of the display draws the newest, and nothing is drawn when
// nothing changed. Memory is bounded: the page may stay open for weeks, hidden or not.
import { Answers } from "./dashboard-columns.js";
import { JournalReader, maxPauseOf } from "./dashboard-journal.js";
import { FieldPainter, MEETING_MS, describeField } from "./dashboard-paint.js";
import { EnergyPlot } from "./dashboard-plot.js";
import { Player, Recording } from "./dashboard-record.js";
import { shortNumber } from "./dashboard-scene.js";
import { Pace, showState } from "./dashboard-state.js";
import { Spark, Timeline } from "./dashboard-strip.js";
import { inkOf } from "./dashboard-surface.js";
import { Council, News, byId, setText } from "./dashboard-view.js";
import { WirthforgeClient } from "./wirthforge.js";

const REPLAY = "recent";
const RING = { keepMs: 300000, keepBytes: 48e6 };
const MOST_JOURNAL = 256e6; // bytes of events in memory
const ERROR_ANNOUNCED_MS = 10000; // at most one in this time: a screen reader must get a word in
const CALM_MS = 500; // between two pictures where motion is not wanted
const NUMBERS_MS = 200; // digits that change faster cannot be read

const isLight = matchMedia("(prefers-color-scheme: light)");
const isCalm = matchMedia("(prefers-reduced-motion: reduce)");
// The access token comes in the address's fragment, which is sent nowhere. It need not stay in sight; a reload needs it.
const handed = new URLSearchParams(location.hash.slice(1)).get("token");
if (handed) {
  sessionStorage.setItem("wirthforge.token", handed);
  history.replaceState(null, "", location.pathname + location.search);
}
const accessToken = sessionStorage.getItem("wirthforge.token") ?? undefined;
const client = new WirthforgeClient(`${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/ws`, { accessToken, replay: REPLAY });
const own = new Recording(RING);
const player = new Player(own);
const frames = { received: 0, drawn: 0, pictures: 0, newest: -1 };
window.wirthforge = { client, frames, player };

// --- what comes is recorded ---
let hasNews = false; // something that is not drawn yet
let hasEnergy = false;
const stopping = new Set(); // answers whose end was asked for
let busyUntil = 0; // so long a picture changes of itself: something fades
const pace = new Pace();

client.on("*", (event) => {
  if (event.type === "heartbeat") return;
  const now = performance.now();
  own.add(event, now);
  if (event.channel === "energy") {
    hasEnergy = true;
    if (event.type === "energy_update" && event.frameNumber !== frames.newest) {
      frames.received += 1; // several models share a frame
      frames.newest = event.frameNumber;
    }
  } else {
    hasNews = true;
  }
  if (event.channel === "energy") busyUntil = Math.max(busyUntil, now + 2000);
  if (event.channel === "council") busyUntil = Math.max(busyUntil, now + MEETING_MS);
  pace.take(event, now);
});

// An answer that the client gave up ends here, too.
client.on("answer", ({ sessionId, state, reason }) => {
  const isCut = state === "failed" && reason === "the answer was cut off";
  if (isCut) own.add({ type: "cut_off", payload: { sessionId } }, performance.now());
  if (stopping.has(sessionId) && /^(done|length|stopped|failed)$/.test(state)) {
    stopping.delete(sessionId);
    announce(`answer ${sessionId}: ${state}`);
  }
  hasNews = true;
});

function sample() {
  const { stats, state } = client;
  const { delayMs: delay, jitterMs: jitter, gaps, reconnects, skippedFrames: skipped } = stats;
  const isLive = state.name === "live";
  own.history.sample(performance.now(), { gaps, reconnects, skipped, state: state.name, ...(isLive && { delay, jitter }) });
}
client.on("heartbeat", sample);
client.on("state", sample);
setInterval(sample, 1000);

let errorAnnouncedAt = -ERROR_ANNOUNCED_MS;
client.on("error_event", ({ payload: { severity, code, message } }) => {
  if (code.startsWith("CLIENT_MESSAGE_")) answers.wasRefused();
  const isGrave = severity === "error" || severity === "critical";
  if (!isGrave || performance.now() - errorAnnouncedAt < ERROR_ANNOUNCED_MS) return;
  errorAnnouncedAt = performance.now();
  announce(`${severity}: ${message}`);
});

const announce = (text) => (byId("announcer").textContent = text);

// --- the line's state ---
let returnsAt = 0;
client.on("state", (state) => {
  document.body.dataset.state = state.name;
  hasNews = true; // without a connection no answer can be stopped
  returnsAt = state.name === "waiting" ? performance.now() + state.delay : 0;
  showState(state, returnsAt);
  if (state.name === "live") announce("connected");
  if (state.name === "waiting" && state.attempt === 1 && !state.server) announce("connection lost, reconnecting");
  if (state.name === "refused" && state.attempt === 1) announce("connection refused");
  if (state.name === "closed") announce("connection closed");
});

// --- what is drawn ---
const painter = new FieldPainter(byId("field"));
const plot = new EnergyPlot(byId("plot"));
const timeline = new Timeline(byId("timeline"));
const inks = { frames: "live", delay: "council", skipped: "wait", gaps: "wait", reconnects: "wait", errors: "down" };
const sparks = [...document.querySelectorAll("[data-series]")].map((canvas) => {
  const name = canvas.dataset.series;
  return new Spark(canvas, name, { ink: inks[name], floor: name === "frames" ? 60 : name === "delay" ? 20 : 1 });
});
sparks.push(new Spark(byId("coherence"), "coherence", { ink: "council", floor: 1 }));
const answers = new Answers((id) => client.stop(id) && stopping.add(id));
const news = new News();
const council = new Council();

let isStale = true; // sizes or colours have changed
const restyle = () => (isStale = true);
const watcher = new ResizeObserver(restyle);
for (const canvas of document.querySelectorAll("canvas")) watcher.observe(canvas);
isLight.addEventListener("change", restyle);
isCalm.addEventListener("change", restyle);

let [drawnAt, numbersAt, stripAt, describedAt] = [0, 0, 0, 0];
let isWaiting = false; // another moment is to be shown

// A display that could do better and does not: the field is too much for this machine.
let [frameAt, best, slow] = [0, 1000, 0];
function watchPace(at) {
  const pause = at - frameAt;
  frameAt = at;
  if (pause > 500) return; // hidden, or asleep
  best = Math.min(best, pause);
  slow = Math.max(0, slow + (pause > 25 && best < 20 ? 1 : -0.5));
  if (slow < 30) return;
  slow = 0;
  painter.coarsen();
}

function drawNext(displayAt) {
  requestAnimationFrame(drawNext);
  const now = performance.now();
  watchPace(displayAt);
  if (client.state.name === "waiting" && now - numbersAt > NUMBERS_MS) showState(client.state, returnsAt);
  const { mode } = player;
  isWaiting = player.advance(now) || isWaiting;
  if (mode !== player.mode) showMode(); // it caught up, or came to the end
  const at = player.mode === "live" ? now : player.at;
  const { scene } = player;
  if (player.mode !== "live") hasEnergy = hasNews = false;
  const isFading = player.mode === "live" && now < busyUntil;
  if (isStale) for (const each of [painter, plot, timeline, ...sparks]) each.refresh();
  const isDue = !isCalm.matches || now - drawnAt > CALM_MS;
  const isMoved = isWaiting && (isDue || player.mode === "held");
  if (isMoved) isWaiting = false;
  if (isStale || isMoved || ((hasEnergy || isFading) && isDue)) {
    painter.draw(scene, at, isCalm.matches);
    if (isStale || isMoved || hasEnergy) plot.draw(scene.lines, at);
    if (hasEnergy) frames.drawn += 1;
    frames.pictures += 1;
    hasEnergy = false;
    drawnAt = now;
  }
  if (isMoved || hasNews) {
    answers.draw(player, player.mode === "live" && client.state.name === "live");
    council.drawMeetings(scene);
    news.draw(scene);
    hasNews = false;
  }
  const isRunning = player.mode !== "held";
  if (isStale || isMoved || (isRunning && now - numbersAt > NUMBERS_MS)) {
    numbersAt = now;
    showNumbers(scene, at);
  }
  if (isStale || (isMoved && !isRunning) || (isRunning && now - stripAt > 1000)) {
    stripAt = now;
    drawStrip(at);
  }
  if (isRunning && now - describedAt > 5000) {
    describedAt = now;
    describe(scene, at);
  }
  isStale = false;
}

function showNumbers(scene, at) {
  const isLive = player.mode === "live";
  const isKnown = !isLive || client.state.name === "live";
  const { history } = player.recording;
  const entry = history.entry(at) ?? {};
  const models = [...scene.lines.models.values()];
  const level = models.reduce((sum, model) => sum + scene.lines.level(model, at), 0);
  const total = models.reduce((sum, model) => sum + model.total, 0);
  const last = scene.meetings.findLast((meeting) => meeting.coherence !== undefined);
  const shown = (value) => (value === undefined ? "\u2013" : shortNumber(value));
  setText(byId("model"), scene.about);
  setText(byId("energy-now"), isKnown ? (Math.abs(level) < 10000 ? level.toFixed(2) : shortNumber(level)) : "\u2013");
  setText(byId("total"), shortNumber(total));
  setText(byId("coherence-now"), last ? last.coherence.toFixed(2) : "\u2013");
  setText(byId("pace"), isLive ? pace.words(at) : "");
  const delay = isLive ? client.stats.delayMs : entry.delay;
  const jitter = isLive ? client.stats.jitterMs : entry.jitter;
  setText(byId("jitter"), isKnown && jitter !== undefined ? `ms \u00b1 ${shown(Math.round(jitter))}` : "ms");
  setText(byId("rate"), String(isLive ? client.frameRate : (entry.frames ?? 0)));
  setText(byId("delay"), isKnown && delay !== undefined ? shown(Math.round(delay)) : "\u2013");
  const { skippedFrames: skipped, gaps, reconnects } = client.stats;
  const counts = isLive ? { skipped, gaps, reconnects } : entry;
  for (const name of ["skipped", "gaps", "reconnects"]) setText(byId(name), shown(counts[name]));
  setText(byId("errors"), shown(scene.errors));
  byId("no-energy").hidden = models.length > 0 || scene.fields.all.size > 0;
  council.drawModels(scene, at, (ink) => inkOf(ink, isLight.matches));
  // The mark glows with the energy of one model, whatever their number.
  const heat = isCalm.matches ? 0.5 : Math.min(1, Math.max(0, level / Math.max(1, models.length)));
  byId("mark").style.setProperty("--heat", isKnown ? heat.toFixed(2) : "0");
  showMoment(at);
}

function describe(scene, at) {
  byId("field").setAttribute("aria-label", describeField(scene, at));
  const parts = [...scene.lines.models].map(([id, model]) => `${id} ${scene.lines.level(model, at).toFixed(2)}`);
  if (parts.length > 0) byId("plot").setAttribute("aria-label", `Energy per tick over the last ten seconds. Now: ${parts.join(", ")}`);
}

// --- the timeline ---
const seek = byId("seek");
const span = () => {
  const { recording, isJournal } = player;
  const to = player.mode === "live" ? performance.now() : recording.to;
  return isJournal ? [recording.from, Math.max(to, recording.from + 1)] : [to - RING.keepMs, to];
};

function drawStrip(at) {
  const [from, to] = span();
  timeline.draw(player.recording.history, from, to, at);
  for (const spark of sparks) spark.draw(player.recording.history, at);
}

const clock = (ms) => `${Math.floor(ms / 60000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;

function showMoment(at) {
  const [from, to] = span();
  const text = player.mode === "live" ? "now" : player.isJournal ? `${clock(at - from)} of ${clock(to - from)}` : `${clock(to - at)} ago`;
  setText(byId("moment"), text);
  if (seek.getAttribute("aria-valuetext") !== text) seek.setAttribute("aria-valuetext", text);
  seek.min = from;
  seek.max = to;
  seek.value = at;
}

function showMode() {
  const { mode, isJournal } = player;
  document.body.dataset.mode = isJournal ? "journal" : mode;
  setText(byId("hold"), mode === "held" ? "Play" : "Pause");
  byId("live").disabled = mode === "live";
  if (!isJournal) setText(byId("source"), "");
  if (mode !== "live") showMoment(player.at);
  describe(player.scene, player.at);
}

byId("hold").addEventListener("click", () => {
  if (player.mode === "held") player.play(performance.now());
  else player.hold();
  showMode();
  if (player.mode === "held") announce("paused; what comes meanwhile is recorded");
});
byId("live").addEventListener("click", goLive);
byId("speed").addEventListener("change", (event) => player.setSpeed(Number(event.target.value), performance.now()));
seek.addEventListener("input", () => seekTo(Number(seek.value) + 0.01)); // an input may round its last digit down
seek.addEventListener("keydown", (event) => {
  const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 };
  const step = steps[event.key] * (event.shiftKey ? 0.1 : 1);
  if (event.key === "End" && !player.isJournal) goLive();
  else if (step) seekTo(player.at + step * 1000);
  else return;
  event.preventDefault();
});
byId("enlarge").addEventListener("click", () => {
  const isLarge = byId("enlarge").ariaPressed !== "true";
  byId("enlarge").ariaPressed = isLarge;
  document.body.dataset.large = isLarge;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && player.mode !== "live") goLive();
});

function seekTo(at) {
  player.seek(at, performance.now());
  showMode();
}

function goLive() {
  player.goLive();
  reading += 1; // a file that is still read is let go
  showMode();
}

// --- journals: read here, sent nowhere ---
let reading = 0;
byId("file").addEventListener("change", (event) => {
  const [file] = event.target.files;
  event.target.value = ""; // so that the same one can be chosen again
  if (file) openJournal(file);
});
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  const file = event.dataTransfer?.files[0];
  if (file) openJournal(file);
});

async function openJournal(file) {
  const mine = ++reading;
  const journal = new Recording();
  const reader = new JournalReader((event, at) => journal.add(event, at), maxPauseOf(location.search));
  const decoder = new TextDecoder();
  const say = (text) => setText(byId("source"), text);
  const step = 32768; // small enough that the page stays alive meanwhile
  let isWhole = true;
  try {
    for (let from = 0; from < file.size && isWhole; from += step) {
      const bytes = await file.slice(from, from + step).arrayBuffer();
      if (mine !== reading) return;
      reader.push(decoder.decode(bytes, { stream: true }));
      isWhole = journal.cost < MOST_JOURNAL;
      if (from % (step * 32) === 0) say(`Reading ${file.name}: ${Math.round((from / file.size) * 100)} %`);
    }
    if (isWhole) reader.push(decoder.decode());
    if (isWhole) reader.end();
  } catch (error) {
    say(`${file.name} cannot be read: ${error.message}`);
    return;
  }
  if (journal.length === 0) return say(`${file.name} holds no events${reader.leftOut}`);
  player.open(journal);
  showMode();
  say(`${file.name}: ${reader.events} events${reader.leftOut}${isWhole ? "" : ", cut off where it became too long"}`);
}

requestAnimationFrame(drawNext);
client.connect();
