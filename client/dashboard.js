// The dashboard. Messages are only stored as they come; the display's own beat draws the newest, and nothing is drawn when
// nothing changed. Everything that a model or a server says is set as text, never as markup.
import { WirthforgeClient } from "/wirthforge.js";

const SPAN_MS = 10000; // of the plot
const FRAME_MS = 1000 / 60;
const KEPT_TEXT = 20000; // characters of one answer
const KEPT_STREAMS = 8;
const KEPT_FEED = 60;
const MODEL_INKS = {
  dark: ["#ff9d4d", "#5cc8ff", "#c3a6ff", "#7ee2a8", "#ff8fb1", "#f1e05a"],
  light: ["#b04a00", "#00629b", "#6b3fc4", "#1a7340", "#a8265c", "#766400"],
};

const byId = (id) => document.getElementById(id);
const isLight = matchMedia("(prefers-color-scheme: light)");
const isCalm = matchMedia("(prefers-reduced-motion: reduce)");
const scheme = location.protocol === "https:" ? "wss:" : "ws:";
const client = new WirthforgeClient(`${scheme}//${location.host}/ws`);
const frames = { received: 0, drawn: 0, newest: -1 };
window.wirthforge = { client, frames };

// --- what has come and is not drawn yet ---
const models = new Map(); // modelId -> { points: [{ at, value }], total, ink }
const streams = new Map(); // sessionId -> { article, text, title, pending, isOpen, model }
let tokenCount = 0;
let tokenTimes = [];
let hasNewEnergy = false;
let isResized = true;

client.on("energy_update", ({ payload, frameNumber }) => {
  if (frameNumber !== frames.newest) frames.received += 1; // several models share a frame
  frames.newest = frameNumber;
  if (!models.has(payload.modelId)) models.set(payload.modelId, { points: [], total: 0, ink: models.size });
  const model = models.get(payload.modelId);
  model.points.push({ at: momentOf(frameNumber), value: payload.deltaEnergy });
  model.total = payload.totalEnergy;
  hasNewEnergy = true;
});

// When a frame was made, on this page's clock: by its number, so that the jitter of arrival does not bend the curve. After a
// stall or a restart the numbers are tied to the clock anew.
let frameZero = 0;
function momentOf(frameNumber) {
  const now = performance.now();
  const late = now - (frameZero + frameNumber * FRAME_MS);
  if (late < 0 || late > 250) frameZero = now - frameNumber * FRAME_MS;
  return frameZero + frameNumber * FRAME_MS;
}

client.on("token_stream", ({ payload }) => {
  const now = performance.now();
  tokenCount += payload.tokens.length;
  for (const _ of payload.tokens) tokenTimes.push(now);
  if (tokenTimes.length > 5000) tokenTimes = tokenTimes.slice(-2500);
  const stream = streams.get(payload.sessionId) ?? addStream(payload.sessionId);
  stream.model = payload.modelId;
  stream.pending += payload.tokens.join("");
  stream.isOpen = !payload.isComplete;
});

client.on("interference_event", ({ timestamp, payload }) => {
  note(timestamp, `${payload.patternType} interference of ${payload.models.join(", ")}`, payload.coherenceScore.toFixed(2));
});
client.on("resonance_event", ({ timestamp, payload }) => {
  note(timestamp, `${payload.resonanceType} resonance, ${payload.frequency} Hz: ${payload.participants.join(", ")}`, payload.amplitude.toFixed(2));
});
client.on("reward_event", ({ timestamp, payload }) => {
  note(timestamp, payload.description ? `${payload.title}: ${payload.description}` : payload.title, `+${payload.points}`);
});
client.on("error_event", ({ timestamp, payload }) => {
  note(timestamp, `${payload.code}: ${payload.message}`, payload.severity, "error");
  announce(`${payload.severity}: ${payload.message}`);
});
client.on("startup_complete", ({ payload }) => {
  byId("model").textContent = `${payload.model} \u00b7 ${payload.tier} \u00b7 ${payload.version}`;
});

// --- the line's state ---
let returnsAt = 0;
client.on("state", (state) => {
  byId("state").dataset.state = state.name;
  returnsAt = state.name === "waiting" ? Date.now() + state.delay : 0;
  showState(state);
  if (state.name === "live") announce("connected");
  if (state.name === "waiting" && state.attempt === 1) announce("connection lost, reconnecting");
});

function showState(state) {
  const texts = {
    live: "live",
    connecting: "connecting",
    handshaking: "waiting for the backend",
    waiting: `reconnecting in ${Math.max(0, (returnsAt - Date.now()) / 1000).toFixed(0)} s`,
    closed: state.reason ? `closed: ${state.reason}` : "closed",
  };
  setText(byId("state-text"), texts[state.name] ?? "not connected");
}

// --- answers ---
function addStream(id) {
  byId("streams").querySelector(".empty")?.remove();
  const article = document.createElement("article");
  const title = document.createElement("h3");
  const text = document.createElement("pre");
  article.append(title, text);
  byId("streams").append(article);
  const stream = { article, title, text: document.createTextNode(""), pending: "", isOpen: true, model: "" };
  text.append(stream.text);
  streams.set(id, stream);
  if (streams.size > KEPT_STREAMS) {
    const [oldest, gone] = streams.entries().next().value;
    gone.article.remove();
    streams.delete(oldest);
  }
  return stream;
}

function drawStreams() {
  const box = byId("streams");
  const isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
  let isChanged = false;
  for (const [id, stream] of streams) {
    const isOpen = String(stream.isOpen);
    if (stream.pending === "" && stream.article.dataset.open === isOpen) continue;
    stream.text.appendData(stream.pending);
    stream.pending = "";
    if (stream.text.length > KEPT_TEXT) stream.text.deleteData(0, stream.text.length - KEPT_TEXT);
    stream.article.dataset.open = isOpen;
    setText(stream.title, `${id} \u00b7 ${stream.model}${stream.isOpen ? "" : " \u00b7 complete"}`);
    isChanged = true;
  }
  if (isChanged && isAtEnd) box.scrollTop = box.scrollHeight;
}

// --- the feed ---
function note(timestamp, what, worth, kind = "") {
  const feed = byId("feed");
  feed.querySelector(".empty")?.remove();
  const item = document.createElement("li");
  item.className = kind;
  const time = document.createElement("time");
  const moment = new Date(timestamp);
  time.dateTime = moment.toISOString();
  time.textContent = moment.toLocaleTimeString([], { hour12: false });
  item.append(time, span("what", what), span("worth", worth));
  feed.prepend(item);
  while (feed.children.length > KEPT_FEED) feed.lastChild.remove();
}

function span(name, text) {
  const element = document.createElement("span");
  element.className = name;
  element.textContent = text;
  return element;
}

function announce(text) {
  byId("announcer").textContent = text;
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// --- the plot ---
const canvas = byId("plot");
const pen = canvas.getContext("2d");
new ResizeObserver(() => (isResized = true)).observe(canvas);
isLight.addEventListener("change", () => (isResized = true));
let scale = 1; // the value at the top

function inkOf(model) {
  const inks = MODEL_INKS[isLight.matches ? "light" : "dark"];
  return inks[model.ink % inks.length];
}

function drawPlot(now) {
  const ratio = devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (isResized) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    isResized = false;
  }
  let highest = 1;
  for (const model of models.values()) {
    let gone = 0;
    while (gone < model.points.length - 2 && model.points[gone + 1].at < now - SPAN_MS) gone += 1;
    model.points.splice(0, gone);
    for (const point of model.points) highest = Math.max(highest, point.value);
  }
  scale += (highest - scale) * (highest > scale ? 0.3 : 0.02);
  const rim = 14;
  const right = width - rim;
  const x = (at) => right - ((now - at) / SPAN_MS) * width;
  const y = (value) => height - rim - (Math.max(0, value) / scale) * (height - 2 * rim);

  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  const style = getComputedStyle(document.documentElement);
  pen.strokeStyle = style.getPropertyValue("--line");
  pen.fillStyle = style.getPropertyValue("--quiet");
  pen.font = `${Math.max(11, Math.round(height / 30))}px ${style.getPropertyValue("--mono")}`;
  pen.lineWidth = 1;
  for (let line = 0; line <= 2; line += 1) {
    const value = (scale * line) / 2;
    const at = Math.round(y(value)) + 0.5;
    pen.beginPath();
    pen.moveTo(0, at);
    pen.lineTo(width, at);
    pen.stroke();
    pen.fillText(value.toFixed(1), 18, at - 5);
  }
  for (const model of models.values()) drawModel(model, x, y, height - rim);
}

function drawModel(model, x, y, ground) {
  const { points } = model;
  if (points.length < 2) return;
  const ink = inkOf(model);
  pen.beginPath();
  pen.moveTo(x(points[0].at), y(points[0].value));
  for (const point of points) pen.lineTo(x(point.at), y(point.value));
  pen.strokeStyle = ink;
  pen.lineWidth = 2;
  pen.lineJoin = "round";
  pen.stroke();
  const last = points[points.length - 1];
  pen.lineTo(x(last.at), ground);
  pen.lineTo(x(points[0].at), ground);
  const glow = pen.createLinearGradient(0, 0, 0, ground);
  glow.addColorStop(0, `${ink}66`);
  glow.addColorStop(1, `${ink}00`);
  pen.fillStyle = glow;
  pen.fill();
  pen.fillStyle = ink;
  pen.beginPath();
  pen.arc(x(last.at), y(last.value), 4.5, 0, 2 * Math.PI);
  pen.fill();
}

// --- numbers, a few times a second: digits that change faster cannot be read ---
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
let legendSize = 0;

function showNumbers(now) {
  const levels = [...models.values()].map((model) => model.points[model.points.length - 1]?.value ?? 0);
  const energy = levels.reduce((sum, level) => sum + level, 0);
  const total = [...models.values()].reduce((sum, model) => sum + model.total, 0);
  tokenTimes = tokenTimes.filter((at) => at > now - 2000);
  setText(byId("energy-now"), energy.toFixed(2));
  setText(byId("rate"), String(client.frameRate));
  setText(byId("delay"), client.stats.delayMs === undefined ? "\u2013" : String(client.stats.delayMs));
  setText(byId("total"), whole.format(total));
  setText(byId("token-count"), whole.format(tokenCount));
  setText(byId("messages"), whole.format(client.stats.messages));
  setText(byId("reconnects"), String(client.stats.reconnects));
  setText(byId("token-rate"), tokenTimes.length > 0 ? `${(tokenTimes.length / 2).toFixed(0)} a second` : "");
  if (client.state.name === "waiting") showState(client.state);
  if (legendSize !== models.size) showLegend();
}

function showLegend() {
  legendSize = models.size;
  byId("legend").replaceChildren(
    ...[...models].map(([id, model]) => {
      const item = document.createElement("li");
      item.textContent = id;
      item.style.setProperty("--ink-of", inkOf(model));
      return item;
    }),
  );
}
isLight.addEventListener("change", showLegend);

function describePlot() {
  const parts = [...models].map(([id, { points }]) => `${id} ${(points[points.length - 1]?.value ?? 0).toFixed(2)}`);
  if (parts.length > 0) canvas.setAttribute("aria-label", `Energy per tick over the last ten seconds. Now: ${parts.join(", ")}`);
}

// --- the display's beat ---
let numbersAt = 0;
let describedAt = 0;
let plottedAt = 0;

function beat(now) {
  requestAnimationFrame(beat);
  const isDue = !isCalm.matches || now - plottedAt > 500;
  if ((hasNewEnergy || isResized) && isDue) {
    hasNewEnergy = false;
    plottedAt = now;
    drawPlot(now);
    frames.drawn += 1;
  }
  drawStreams();
  if (now - numbersAt > 200) {
    numbersAt = now;
    showNumbers(now);
  }
  if (now - describedAt > 5000) {
    describedAt = now;
    describePlot();
  }
}

requestAnimationFrame(beat);
client.connect();
