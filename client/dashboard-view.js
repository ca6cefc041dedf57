// The parts of the page that are text: answers in columns, the council's models and meetings, rewards and errors. Each call
// changes only what is not yet so. Everything that a model or a server says is set as text, never as markup.
import { KEPT_TEXT, shortNumber } from "./dashboard-scene.js";

export const byId = (id) => document.getElementById(id);
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

export function setText(where, text) {
  if (where.textContent !== text) where.textContent = text;
}

function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

/** Answers, a column each: those that grow come first, then the newest that are complete. */
export class Answers {
  #box = byId("streams");
  #columns = new Map(); // sessionId -> { article, about, page, text, total, life, isFollowing }
  #order = "";

  draw(scene) {
    for (const [id, column] of this.#columns) {
      if (scene.streams.has(id)) continue;
      column.article.remove();
      this.#columns.delete(id);
    }
    for (const stream of scene.streams.values()) this.#drawColumn(this.#columns.get(stream.id) ?? this.#make(stream.id), stream);
    const streams = [...scene.streams.values()].reverse();
    const ordered = [...streams.filter((one) => one.isOpen).reverse(), ...streams.filter((one) => !one.isOpen)];
    const order = ordered.map((stream) => stream.id).join("\n");
    if (order !== this.#order) {
      this.#order = order;
      const isAtTop = this.#box.scrollTop < 40;
      ordered.forEach(({ id }, index) => {
        const { article } = this.#columns.get(id);
        if (this.#box.children[index] !== article) this.#box.insertBefore(article, this.#box.children[index] ?? null);
      });
      if (isAtTop) this.#box.scrollTop = 0; // what grows is there
      for (const column of this.#columns.values()) if (column.isFollowing) toEnd(column.page);
    }
    byId("no-text").hidden = ordered.length > 0;
  }

  #make(id) {
    const column = { article: element("article"), about: element("span", "quiet"), page: element("pre"), life: -1, isFollowing: true };
    const title = element("h3", "", id);
    title.append(column.about);
    column.text = document.createTextNode("");
    column.page.append(column.text);
    column.page.tabIndex = 0;
    column.page.role = "group";
    column.page.setAttribute("aria-label", `Answer ${id}`);
    column.page.addEventListener("scroll", () => {
      const { scrollHeight, scrollTop, clientHeight } = column.page;
      column.isFollowing = scrollHeight - scrollTop - clientHeight < 40; // until the reader scrolls up
    });
    column.article.append(title, column.page);
    this.#columns.set(id, column);
    this.#box.append(column.article);
    return column;
  }

  #drawColumn(column, stream) {
    column.article.dataset.open = stream.isOpen;
    const end = stream.isCut ? "cut off" : `complete, ${whole.format(stream.tokens)} tokens`;
    setText(column.about, stream.isOpen ? stream.model : `${stream.model} \u00b7 ${end}`);
    if (column.life === stream.life && column.total === stream.total) return;
    const more = stream.total - column.total;
    const isMore = column.life === stream.life && more > 0 && more <= stream.text.length;
    if (isMore) column.text.appendData(stream.text.slice(-more));
    else column.text.data = stream.text;
    const { length } = column.text;
    if (length > KEPT_TEXT) column.text.deleteData(0, length - KEPT_TEXT * 0.75); // seldom, since it moves the whole page
    column.life = stream.life;
    column.total = stream.total;
    if (column.isFollowing) toEnd(column.page);
  }
}

function toEnd(box) {
  box.scrollTop = box.scrollHeight;
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
    for (const [id, row] of this.#rows) {
      if (scene.lines.models.has(id)) continue;
      row.item.remove();
      this.#rows.delete(id);
    }
    for (const [id, model] of scene.lines.models) {
      const row = this.#rows.get(id) ?? this.#makeRow(id);
      const level = scene.lines.level(model, now);
      const score = scene.coherence.get(id);
      const width = `${Math.round(Math.min(1, Math.max(0, level / scene.top)) * 100)}%`;
      row.item.style.setProperty("--ink-of", inkOf(model.ink));
      row.bar.style.setProperty("--part", width);
      setText(row.energy, level < 10000 ? level.toFixed(2) : shortNumber(level));
      setText(row.coherence, score === undefined ? "" : score.toFixed(2));
      row.coherence.parentNode.hidden = score === undefined;
    }
  }

  #makeRow(id) {
    const row = { item: element("li"), bar: element("i"), energy: element("span"), coherence: element("span") };
    const said = (what, name) => {
      const box = element("span", "quiet", `${name} `);
      box.append(what);
      return box;
    };
    row.item.append(element("b", "", id), said(row.energy, "energy"), said(row.coherence, "coherence"), row.bar);
    row.item.lastChild.ariaHidden = "true";
    this.#rows.set(id, row);
    byId("models").append(row.item);
    return row;
  }
}
