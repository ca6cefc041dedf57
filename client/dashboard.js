// The dashboard. Messages are only stored as they come; the display's own beat draws the newest, and nothing is drawn when
// nothing changed. Everything that a model or a server says is set as text, never as markup, and what is kept is bounded:
// the page may stay open for weeks, hidden or not.
import { EnergyLines, EnergyPlot } from "/dashboard-plot.js";
import { WirthforgeClient } from "/wirthforge.js";

const KEPT_TEXT = 20000; // characters of one answer
const KEPT_STREAMS = 8;
const KEPT_FEED = 60;
const ERROR_ANNOUNCED_MS = 10000; // at most one in this time: a screen reader must get a word in

const byId = (id) => document.getElementById(id);
const isLight = matchMedia("(prefers-color-scheme: light)");
const isCalm = matchMedia("(prefers-reduced-motion: reduce)");
// The server's token comes in the address's fragment, which is sent nowhere. It need not stay in sight; a reload needs it.
const handed = new URLSearchParams(location.hash.slice(1)).get("token");
if (handed) {
  sessionStorage.setItem("wirthforge.token", handed);
  history.replaceState(null, "", location.pathname);
}
const token = sessionStorage.getItem("wirthforge.token") ?? undefined;
const client = new WirthforgeClient(`${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/ws`, { token });
const frames = { received: 0, drawn: 0, newest: -1 };
window.wirthforge = { client, frames };

// --- what has come and is not drawn yet ---
const lines = new EnergyLines();
const streams = new Map(); // sessionId -> { model, pending, isOpen, isChanged, tokens, and its elements once it is drawn }
const news = []; // for the feed, oldest first
let tokenCount = 0;
let tokenTimes = []; // [when, how many]
let hasNewEnergy = false;
let isResized = true;

client.on("energy_update", (event) => {
  if (event.frameNumber !== frames.newest) frames.received += 1; // several models share a frame
  frames.newest = event.frameNumber;
  lines.add(event, performance.now());
  hasNewEnergy = true;
});

client.on("token_stream", ({ payload }) => {
  const { sessionId, modelId, tokens, isComplete } = payload;
  const stream = streams.get(sessionId) ?? { pending: "", tokens: 0 };
  if (!streams.has(sessionId)) keepStream(sessionId, stream);
  stream.model = modelId;
  stream.pending = (stream.pending + tokens.join("")).slice(-KEPT_TEXT);
  stream.tokens += tokens.length;
  stream.isOpen = !isComplete;
  stream.isChanged = true;
  tokenCount += tokens.length;
  tokenTimes.push([performance.now(), tokens.length]);
  if (tokenTimes.length > 1000) tokenTimes = tokenTimes.slice(-500);
});

function keepStream(id, stream) {
  streams.set(id, stream);
  if (streams.size <= KEPT_STREAMS) return;
  const [oldest, gone] = streams.entries().next().value;
  gone.article?.remove();
  streams.delete(oldest);
}

function note(kind, timestamp, what, detail, worth, unit = "") {
  news.push({ kind, timestamp, what, detail, worth, unit });
  if (news.length > KEPT_FEED) news.shift();
}
client.on("interference_event", ({ timestamp, payload }) => {
  const { patternType, models, coherenceScore } = payload;
  note("council", timestamp, `${patternType} interference`, models.join(" + "), coherenceScore.toFixed(2), "coherence");
});
client.on("resonance_event", ({ timestamp, payload }) => {
  const { resonanceType, frequency, amplitude, participants } = payload;
  note(
    "council",
    timestamp,
    `${resonanceType} resonance`,
    participants.join(" + "),
    amplitude.toFixed(2),
    `at ${round(frequency)} Hz`,
  );
});
client.on("reward_event", ({ timestamp, payload }) => {
  const { title, description, points, level } = payload;
  const detail = [level && `level ${level}`, description].filter(Boolean).join(": ");
  note("reward", timestamp, title, detail, `+${round(points)}`, "points");
});
let errorAnnouncedAt = -ERROR_ANNOUNCED_MS;
client.on("error_event", ({ timestamp, payload }) => {
  const { severity, code, message, component } = payload;
  note(severity === "info" ? "info" : "error", timestamp, code, message, severity, component);
  const isGrave = severity === "error" || severity === "critical";
  if (!isGrave || performance.now() - errorAnnouncedAt < ERROR_ANNOUNCED_MS) return;
  errorAnnouncedAt = performance.now();
  announce(`${severity}: ${message}`);
});
client.on("startup_complete", ({ payload }) => {
  setText(byId("model"), `${payload.model} \u00b7 ${payload.tier} \u00b7 ${payload.version}`);
});

// --- the line's state ---
let returnsAt = 0;
client.on("state", (state) => {
  document.body.dataset.state = state.name;
  returnsAt = state.name === "waiting" ? performance.now() + state.delay : 0;
  showState(state);
  if (state.name === "live") announce("connected");
  if (state.name === "waiting" && state.attempt === 1) announce("connection lost, reconnecting");
  if (state.name === "closed") announce("connection closed");
});

function showState({ name, attempt, code, reason }) {
  const again = attempt > 0 ? `, attempt ${attempt}` : "";
  const texts = {
    live: "live",
    connecting: `connecting${again}`,
    handshaking: `waiting for the backend${again}`,
    waiting: `reconnecting in ${Math.max(0, Math.ceil((returnsAt - performance.now()) / 1000))} s${again}`,
    closed: ["closed", code, reason].filter(Boolean).join(" \u00b7 "),
  };
  setText(byId("state-text"), texts[name] ?? "not connected");
  byId("state").title = name === "waiting" ? [code, reason].filter(Boolean).join(": ") : "";
}

// --- answers, stream by stream ---
const answers = byId("streams");
let isFollowing = true; // until the reader scrolls up
answers.addEventListener("scroll", () => {
  isFollowing = answers.scrollHeight - answers.scrollTop - answers.clientHeight < 40;
});

function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

function showStream(id, stream) {
  stream.article = element("article");
  stream.title = element("h3", "", id);
  stream.about = element("span", "quiet");
  stream.text = document.createTextNode("");
  const page = element("pre");
  page.append(stream.text);
  stream.title.append(stream.about);
  stream.article.append(stream.title, page);
  answers.append(stream.article);
}

// What is complete stands above what still grows, so that the end of the box is where things happen.
function settle(article) {
  const growing = answers.querySelector('article[data-open="true"]');
  if (growing && growing.compareDocumentPosition(article) & Node.DOCUMENT_POSITION_FOLLOWING) growing.before(article);
}

function drawStreams() {
  let isChanged = false;
  for (const [id, stream] of streams) {
    if (!stream.isChanged) continue;
    if (!stream.article) showStream(id, stream);
    stream.text.appendData(stream.pending);
    stream.pending = "";
    const { length } = stream.text;
    if (length > KEPT_TEXT) stream.text.deleteData(0, length - KEPT_TEXT * 0.75); // seldom, since it moves the whole page
    stream.article.dataset.open = stream.isOpen;
    if (!stream.isOpen) settle(stream.article);
    setText(
      stream.about,
      stream.isOpen ? stream.model : `${stream.model} \u00b7 complete, ${whole.format(stream.tokens)} tokens`,
    );
    stream.isChanged = false;
    isChanged = true;
  }
  if (!isChanged) return;
  byId("no-text").hidden = true;
  if (isFollowing) answers.scrollTop = answers.scrollHeight;
}

// --- the feed ---
function drawFeed() {
  if (news.length === 0) return;
  const feed = byId("feed");
  byId("no-news").hidden = true;
  for (const { kind, timestamp, what, detail, worth, unit } of news.splice(0)) {
    const item = element("li", kind);
    const moment = new Date(timestamp);
    const time = element("time", "", moment.toLocaleTimeString([], { hour12: false }));
    time.dateTime = moment.toISOString();
    const about = element("span", "quiet");
    about.append(time, detail);
    item.append(element("b", "", what), element("b", "worth", worth), about, element("span", "quiet", unit));
    feed.prepend(item);
  }
  while (feed.children.length > KEPT_FEED) feed.lastChild.remove();
}

function announce(text) {
  byId("announcer").textContent = text;
}

function setText(where, text) {
  if (where.textContent !== text) where.textContent = text;
}

// --- the plot ---
const canvas = byId("plot");
const plot = new EnergyPlot(canvas, lines);
new ResizeObserver(() => (isResized = true)).observe(canvas);
isLight.addEventListener("change", () => {
  isResized = true;
  legendOf = "";
});

// --- numbers, a few times a second: digits that change faster cannot be read ---
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 });
const round = (number) => (Math.abs(number) < 10000 ? String(Number(number.toFixed(1))) : short.format(number));
let legendOf = "";

function showNumbers(now) {
  const { stats, state } = client;
  const models = [...lines.models.values()];
  const level = models.reduce((sum, model) => sum + lines.level(model, now), 0);
  const total = models.reduce((sum, model) => sum + model.total, 0);
  tokenTimes = tokenTimes.filter(([at]) => at > now - 2000);
  const perSecond = tokenTimes.reduce((sum, [, count]) => sum + count, 0) / 2;
  const isLive = state.name === "live";
  setText(byId("energy-now"), isLive ? (Math.abs(level) < 10000 ? level.toFixed(2) : round(level)) : "\u2013");
  setText(byId("rate"), String(client.frameRate));
  setText(byId("delay"), isLive && stats.delayMs !== undefined ? whole.format(stats.delayMs) : "\u2013");
  setText(byId("total"), round(total));
  setText(byId("token-count"), round(tokenCount));
  setText(byId("messages"), round(stats.messages));
  setText(byId("reconnects"), round(stats.reconnects));
  setText(byId("token-rate"), perSecond > 0 ? `${perSecond.toFixed(0)} a second` : "");
  if (state.name === "waiting") showState(state);
  // The mark glows with the energy of one model, whatever their number.
  const heat = isCalm.matches ? 0.5 : Math.min(1, Math.max(0, level / Math.max(1, models.length)));
  byId("mark").style.setProperty("--heat", isLive ? heat.toFixed(2) : "0");
  showLegend();
}

function showLegend() {
  const ids = [...lines.models.keys()].join(" ");
  if (ids === legendOf) return;
  legendOf = ids;
  byId("no-energy").hidden = ids !== "";
  byId("legend").replaceChildren(
    ...[...lines.models].map(([id, model]) => {
      const item = element("li", "", id);
      item.style.setProperty("--ink-of", plot.inkOf(model));
      return item;
    }),
  );
}

function describePlot(now) {
  const parts = [...lines.models].map(([id, model]) => `${id} ${lines.level(model, now).toFixed(2)}`);
  if (parts.length === 0) return;
  canvas.setAttribute("aria-label", `Energy per tick over the last ten seconds. Now: ${parts.join(", ")}`);
}

// --- the display's beat ---
let numbersAt = 0;
let describedAt = 0;
let plottedAt = 0;

function beat() {
  requestAnimationFrame(beat);
  const now = performance.now();
  if (isResized || (hasNewEnergy && (!isCalm.matches || now - plottedAt > 500))) {
    if (isResized) plot.refresh();
    plot.draw(now);
    if (hasNewEnergy) frames.drawn += 1;
    hasNewEnergy = isResized = false;
    plottedAt = now;
  }
  drawStreams();
  drawFeed();
  if (now - numbersAt > 200) {
    numbersAt = now;
    showNumbers(now);
  }
  if (now - describedAt > 5000) {
    describedAt = now;
    describePlot(now);
  }
}

requestAnimationFrame(beat);
client.connect();
