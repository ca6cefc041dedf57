// The parts of the page that are text, but for the answers: models and their meetings, rewards and errors. Each call changes
// only what is not yet so. Everything that a model or a server says is set as text, never as markup.
import { shortNumber } from "./dashboard-scene.js";

export const byId = (id) => document.getElementById(id);
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

export function setText(where, text) {
  if (where.textContent !== text) where.textContent = text;
}

/** Such as "1 token" and "2,000 tokens". */
export const counted = (number, what) => `${whole.format(number)} ${what}${number === 1 ? "" : "s"}`;

export function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

/** A list that grows at its top. Items are the same objects as long as they are there. */
class NewestFirst {
  #list;
  #make;
  #shown = [];

  constructor(list, make) {
    this.#list = list;
    this.#make = make;
  }

  draw(items) {
    const last = this.#shown[this.#shown.length - 1];
    if (items.length === this.#shown.length && items[items.length - 1] === last) return;
    const known = items.lastIndexOf(last);
    if (known < 0) this.#list.replaceChildren();
    for (const item of items.slice(known + 1)) this.#list.prepend(this.#make(item));
    while (this.#list.children.length > items.length) this.#list.lastChild.remove();
    this.#shown = items.slice();
  }
}

function listItem({ kind, timestamp, what, detail, worth, unit }) {
  const item = element("li", kind);
  const moment = new Date(timestamp);
  const time = element("time", "", moment.toLocaleTimeString([], { hour12: false }));
  time.dateTime = moment.toISOString();
  const about = element("span", "quiet");
  about.append(time, detail);
  item.append(element("b", "", what), element("b", "worth", worth), about, element("span", "quiet", unit));
  return item;
}

export class News {
  #list = new NewestFirst(byId("feed"), listItem);

  draw(scene) {
    this.#list.draw(scene.feed);
    byId("no-news").hidden = scene.feed.length > 0;
    const level = scene.level > 0 ? ` \u00b7 level ${scene.level}` : "";
    setText(byId("rewards"), scene.points > 0 ? `${shortNumber(scene.points)} points${level}` : "");
  }
}

/** The models with their energy and coherence, and how they met. */
export class Council {
  #rows = new Map(); // modelId -> its elements
  #meetings = new NewestFirst(byId("meetings"), ({ kind, timestamp, text, models }) =>
    listItem({ kind, timestamp, what: text[0], detail: models.join(" + "), worth: text[1], unit: text[2] }),
  );

  drawMeetings(scene) {
    this.#meetings.draw(scene.meetings);
    byId("agreement").hidden = byId("coherence").hidden = scene.meetings.length === 0;
    byId("no-council").hidden = scene.meetings.length > 0;
  }

  drawModels(scene, now, inkOf) {
    const ids = [...scene.lines.models.keys(), ...[...scene.states].filter(([, { state }]) => state !== "ready").map(([id]) => id)];
    for (const [id, row] of this.#rows) {
      if (ids.includes(id)) continue;
      row.item.remove();
      this.#rows.delete(id);
    }
    for (const id of new Set(ids)) {
      const row = this.#rows.get(id) ?? this.#makeRow(id);
      const model = scene.lines.models.get(id);
      const level = model ? scene.lines.level(model, now) : 0;
      const score = scene.coherence.get(id);
      const { state, progress, reason } = scene.states.get(id) ?? {};
      const isLoading = state === "loading";
      row.item.dataset.state = state ?? "";
      row.item.style.setProperty("--ink-of", model ? inkOf(model.ink) : "");
      row.bar.role = isLoading ? "progressbar" : "presentation";
      if (isLoading) row.bar.setAttribute("aria-label", `Loading ${id}`);
      showProgress(row.bar, isLoading ? progress : level / scene.top);
      setText(row.state, state && state !== "ready" ? wordsOf(state, progress, reason) : "");
      setText(row.energy, level < 10000 ? level.toFixed(2) : shortNumber(level));
      setText(row.coherence, score === undefined ? "" : score.toFixed(2));
      row.energy.parentNode.hidden = !model;
      row.bar.hidden = !model && !isLoading;
      row.coherence.parentNode.hidden = score === undefined;
    }
  }

  #makeRow(id) {
    const row = { item: element("li"), bar: element("div", "bar") };
    for (const name of ["state", "energy", "coherence"]) row[name] = element("span");
    const named = (what, name) => {
      const box = element("span", "quiet", `${name} `);
      box.append(what);
      return box;
    };
    row.state.className = "quiet state";
    row.item.append(element("b", "", id), named(row.energy, "energy"), named(row.coherence, "coherence"), row.state, row.bar);
    this.#rows.set(id, row);
    byId("models").append(row.item);
    return row;
  }
}

const wordsOf = (state, progress, reason) =>
  [state === "loading" && progress !== undefined ? `loading, ${Math.round(progress * 100)} %` : state, reason].filter(Boolean).join(": ");

/** A bar from 0 to 1; without a number its extent is unknown. */
export function showProgress(bar, progress) {
  const part = `${Math.round(Math.min(1, Math.max(0, progress ?? 1)) * 100)}`;
  if (bar.role === "progressbar" && progress !== undefined) bar.setAttribute("aria-valuenow", part);
  else bar.removeAttribute("aria-valuenow");
  bar.dataset.known = progress !== undefined;
  bar.style.setProperty("--part", `${part}%`);
}
