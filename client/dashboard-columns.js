// The answers as columns: those that run come first, then the newest that have ended. Each call changes only what is not yet so.
// Everything that a model says is set as text, never as markup.
import { KEPT_TEXT, callOf } from "./dashboard-answers.js";
import { byId, counted, element, setText, showProgress } from "./dashboard-view.js";

const BLOCK = 4000; // characters that are laid out again when text is appended
const FOLLOWS = 40; // pixels from the end, within which a reader is taken along
const ENDS = { done: "done", length: "cut at its limit", stopped: "stopped", cut: "cut off" };

export class Answers {
  #box = byId("streams");
  #columns = new Map(); // the answer's key -> Column
  #order = "";
  #recording;
  #stop;

  /** `stop(id)` asks for an answer's end, and says whether it could. */
  constructor(stop) {
    this.#stop = stop;
  }

  /** `canStop`: the answers are those of now, and somebody hears. A key names one answer of one recording. */
  draw({ scene, recording }, canStop) {
    const answers = scene.answers.values().reverse();
    const isOther = this.#recording !== recording;
    this.#recording = recording;
    for (const [key, column] of this.#columns) {
      if (!isOther && answers.some((answer) => answer.key === key)) continue;
      column.article.remove();
      this.#columns.delete(key);
    }
    for (const answer of answers) {
      if (!this.#columns.has(answer.key)) {
        this.#columns.set(answer.key, new Column(answer.id, this.#stop));
        this.#order = ""; // it has no place yet
      }
      this.#columns.get(answer.key).draw(answer, canStop);
    }
    const running = answers.filter((answer) => answer.isOpen).reverse();
    this.#arrange([...running, ...answers.filter((answer) => !answer.isOpen)].map(({ key }) => key));
    byId("no-text").hidden = answers.length > 0;
  }

  #arrange(keys) {
    if (keys.join() === this.#order) return;
    this.#order = keys.join();
    const isAtTop = this.#box.scrollTop < FOLLOWS;
    const { activeElement } = document;
    keys.forEach((key, index) => {
      const column = this.#columns.get(key);
      const there = this.#box.children[index] ?? null;
      if (there !== column.article) column.keepPlace(() => this.#box.insertBefore(column.article, there));
    });
    if (isAtTop) this.#box.scrollTop = 0; // running answers are there
    if (this.#box.contains(activeElement)) activeElement.focus({ preventScroll: true }); // it was moved
  }

  /** The server did not know the message: the buttons can be pressed again. */
  wasRefused() {
    for (const column of this.#columns.values()) column.wasRefused();
  }
}

class Column {
  article = element("article");
  #about = element("span", "quiet");
  #end = element("span", "end");
  #button = element("button", "stop", "Stop");
  #bar = element("div", "bar");
  #body = element("div", "body");
  #omitted = element("p", "quiet omitted");
  #thinking = element("details");
  #thought = element("p", "thought");
  #calls = element("ul", "calls");
  #page = element("pre");
  #total = 0;
  #shown = 0;
  #isFollowing = true;

  constructor(id, stop) {
    const title = element("h3", "", id);
    title.append(this.#end);
    const head = element("div", "title");
    head.append(title, this.#button, this.#about);
    this.#button.type = "button";
    this.#button.setAttribute("aria-label", `Stop answer ${id}`);
    this.#button.addEventListener("click", () => {
      if (stop(id)) setText(this.#button, "Stopping");
    });
    this.#bar.role = "progressbar";
    this.#bar.setAttribute("aria-label", `Prompt of ${id}`);
    this.#thinking.append(element("summary"), this.#thought);
    this.#body.append(this.#omitted, this.#thinking, this.#calls, this.#page);
    Object.assign(this.#body, { tabIndex: 0, role: "group" });
    this.#body.setAttribute("aria-label", `Answer ${id}`);
    this.#body.addEventListener("scroll", () => {
      const { scrollHeight, scrollTop, clientHeight } = this.#body;
      this.#isFollowing = scrollHeight - scrollTop - clientHeight < FOLLOWS; // until the reader scrolls up
    });
    this.article.append(head, this.#bar, this.#body);
  }

  /** Where it is read stays the same while it is moved. */
  keepPlace(move) {
    const top = this.#body.scrollTop;
    move();
    this.#body.scrollTop = this.#isFollowing ? this.#body.scrollHeight : top;
  }

  wasRefused() {
    setText(this.#button, "Stop");
  }

  draw(answer, canStop) {
    const { isOpen, end, reason, model, progress, phase, thinking, calls } = answer;
    this.article.dataset.open = isOpen;
    this.article.dataset.end = end ?? "";
    const state = phase ?? (answer.since ? "reading the prompt" : "");
    setText(this.#about, [model, isOpen && state, ...figuresOf(answer)].filter(Boolean).join(" \u00b7 "));
    setText(this.#end, isOpen ? "" : (ENDS[end] ?? `failed: ${reason}`));
    if (!isOpen && document.activeElement === this.#button) this.#body.focus({ preventScroll: true });
    this.#button.hidden = !isOpen || !canStop;
    this.#bar.hidden = !isOpen || Boolean(phase) || progress === undefined;
    if (progress !== undefined) showProgress(this.#bar, progress);
    this.#thinking.hidden = thinking.total === 0;
    setText(this.#thinking.firstChild, `${thinking.isOpen ? "Thinking" : "Thought"}, ${counted(thinking.total, "character")}`);
    const left = thinking.total - thinking.text.length;
    setText(this.#thought, left > 0 ? `[${counted(left, "character")} left out] ${thinking.text}` : thinking.text);
    this.#drawCalls(calls);
    this.#drawText(answer);
    if (this.#isFollowing) this.#body.scrollTop = this.#body.scrollHeight;
  }

  #drawCalls(calls) {
    while (this.#calls.children.length > calls.length) this.#calls.lastChild.remove();
    calls.forEach((call, index) => {
      if (!this.#calls.children[index]) {
        const item = element("li");
        item.append(element("code"), " ", element("span"));
        this.#calls.append(item);
      }
      const item = this.#calls.children[index];
      const { name, argumentText } = callOf(call);
      item.dataset.open = call.isOpen;
      setText(item.firstChild, name);
      setText(item.lastChild, argumentText);
    });
    this.#calls.hidden = calls.length === 0;
  }

  #drawText({ text, total }) {
    const more = total - this.#total;
    if (more < 0 || more > text.length || this.#shown === 0) {
      this.#page.replaceChildren();
      this.#shown = 0;
      this.#append(text);
    } else if (more > 0) {
      this.#append(text.slice(-more));
    }
    this.#total = total;
    while (this.#shown > KEPT_TEXT && this.#page.children.length > 1) {
      this.#shown -= this.#page.firstChild.textContent.length;
      this.#page.firstChild.remove();
    }
    const left = total - this.#shown;
    this.#omitted.hidden = left === 0;
    setText(this.#omitted, `The first ${counted(left, "character")} of this answer are not kept here.`);
  }

  // In blocks that end with a line, so that a long answer costs no more to draw than a short one.
  #append(text) {
    this.#shown += text.length;
    for (let rest = text; rest !== ""; ) {
      const last = this.#page.lastChild;
      const room = BLOCK - (last?.textContent.length ?? BLOCK);
      const isOver = !last || (room <= 0 && last.textContent.endsWith("\n"));
      const block = isOver ? this.#page.appendChild(element("span")) : last;
      const end = rest.indexOf("\n", isOver ? BLOCK : Math.max(0, room)) + 1 || rest.length;
      block.append(rest.slice(0, end));
      rest = rest.slice(end);
    }
  }
}

// The server's count, which each page has alike; where it did not tell, characters.
function figuresOf({ total, isOpen, figures: { tokens, tokensPerSecond, secondsToFirstToken } }) {
  return [
    tokens >= 0 ? counted(tokens, "token") : (total > 0 || !isOpen) && counted(total, "character"),
    tokensPerSecond >= 0 && `${Number(tokensPerSecond.toFixed(1))} a second`,
    secondsToFirstToken >= 0 && `first after ${timeOf(secondsToFirstToken)}`,
  ];
}

const timeOf = (seconds) => (seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`);
