// A canvas to draw on: as many pixels as its box has on the screen, within reason, and the page's colours and fonts. They are
// read anew after refresh(), not with every picture.

const INKS = {
  dark: ["#ff9d4d", "#5cc8ff", "#c3a6ff", "#7ee2a8", "#ff8fb1", "#f1e05a"],
  light: ["#b04a00", "#00629b", "#6b3fc4", "#1a7340", "#a8265c", "#766400"],
};
const SPRITE = 64; // pixels

/** The colour of the model that came as number `index`. */
export function inkOf(index, isLight) {
  const inks = INKS[isLight ? "light" : "dark"];
  return inks[index % inks.length];
}

export class Surface {
  pen;
  width = 0;
  height = 0;
  em = 14;
  isLight = false;
  #canvas;
  #mostPixels;
  #ratio = 1;
  #isStale = true;
  #style;
  #sprites = new Map();

  constructor(canvas, mostPixels = 4e6) {
    this.#canvas = canvas;
    this.#mostPixels = mostPixels;
    this.pen = canvas.getContext("2d");
  }

  refresh() {
    this.#isStale = true;
  }

  /** Fewer pixels from now on: better a softer picture than one that stutters. Half of the page's own are the least. */
  coarsen() {
    this.#mostPixels = Math.max(0.5, this.#ratio ** 2 * 0.7) * this.width * this.height;
    this.#isStale = true;
  }

  /** Clears it; from here on a unit is a CSS pixel. */
  begin() {
    if (this.#isStale) this.#measure();
    this.pen.setTransform(this.#ratio, 0, 0, this.#ratio, 0, 0);
    this.pen.clearRect(0, 0, this.width, this.height);
    return this;
  }

  get quiet() {
    return this.#style.quiet;
  }
  get line() {
    return this.#style.line;
  }
  get panel() {
    return this.#style.panel;
  }
  /** A colour of the style sheet. */
  colour(name) {
    return (this.#style[name] ??= getComputedStyle(this.#canvas).getPropertyValue(`--${name}`).trim());
  }
  ink(index) {
    return inkOf(index, this.isLight);
  }

  /** How light adds up: on a dark ground it is light, on paper it is ink. */
  mix() {
    this.pen.globalCompositeOperation = this.isLight ? "multiply" : "lighter";
  }
  overlay() {
    this.pen.globalCompositeOperation = "source-over";
    this.pen.globalAlpha = 1;
  }

  /** A soft light. */
  glow(x, y, radius, ink, alpha) {
    this.pen.globalAlpha = alpha;
    this.pen.drawImage(this.#sprite(ink), x - radius, y - radius, radius * 2, radius * 2);
    this.pen.globalAlpha = 1;
  }

  #sprite(ink) {
    let sprite = this.#sprites.get(ink);
    if (sprite) return sprite;
    sprite = document.createElement("canvas");
    sprite.width = sprite.height = SPRITE;
    const pen = sprite.getContext("2d");
    const glow = pen.createRadialGradient(SPRITE / 2, SPRITE / 2, 0, SPRITE / 2, SPRITE / 2, SPRITE / 2);
    for (const [at, alpha] of [
      [0, "ff"],
      [0.12, "b0"],
      [0.3, "50"],
      [0.6, "16"],
      [1, "00"],
    ])
      glow.addColorStop(at, ink + alpha);
    pen.fillStyle = glow;
    pen.fillRect(0, 0, SPRITE, SPRITE);
    this.#sprites.set(ink, sprite);
    return sprite;
  }

  #measure() {
    const canvas = this.#canvas;
    const { clientWidth, clientHeight } = canvas;
    this.width = clientWidth;
    this.height = clientHeight;
    this.#ratio = Math.min(devicePixelRatio || 1, Math.sqrt(this.#mostPixels / Math.max(1, clientWidth * clientHeight)));
    canvas.width = Math.round(clientWidth * this.#ratio);
    canvas.height = Math.round(clientHeight * this.#ratio);
    const style = getComputedStyle(canvas);
    const named = (name) => style.getPropertyValue(`--${name}`).trim();
    this.#style = { quiet: style.color, line: named("line"), panel: named("panel") };
    this.isLight = matchMedia("(prefers-color-scheme: light)").matches;
    this.em = parseFloat(style.fontSize);
    this.pen.font = `${this.em}px ${style.fontFamily}`;
    this.pen.lineJoin = "round";
    this.pen.lineCap = "round";
    this.#isStale = false;
  }
}
