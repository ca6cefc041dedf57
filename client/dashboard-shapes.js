// How the four kinds of field look. Each draws the points that came, as bright as the field's intensity: lightning joins them
// by bolts, a stream by a ribbon as wide as their energy, interference takes them as sources of waves that add up, resonance
// shows them as the turning points of something that swings.

const TAU = 2 * Math.PI;

// A smooth noise in -1...1: the same for the same numbers.
function noise(seed, time) {
  const step = Math.floor(time);
  const share = time - step;
  const ease = share * share * (3 - 2 * share);
  return hash(seed, step) * (1 - ease) + hash(seed, step + 1) * ease;
}

function hash(one, other) {
  const mixed = Math.sin(one * 127.1 + other * 311.7) * 43758.5453;
  return (mixed - Math.floor(mixed)) * 2 - 1;
}

function strokes(pen, steps) {
  for (const [width, alpha] of steps) {
    pen.lineWidth = width;
    pen.globalAlpha = alpha;
    pen.stroke();
  }
  pen.globalAlpha = 1;
}

/** `points` is a list of [x, y, strength] on the canvas; `time` in seconds, standing still for those who want calm. */
export function lightning(surface, points, { intensity, ink, time }) {
  const { pen, em } = surface;
  const core = surface.isLight ? ink : "#fff3e6";
  const path = new Path2D();
  const twigs = new Path2D();
  points.forEach(([x, y, strength], index) => {
    if (index === 0) return path.moveTo(x, y);
    const [fromX, fromY] = points[index - 1];
    const most = Math.min(1, (9 * em) / (Math.hypot(x - fromX, y - fromY) || 1)); // a long bolt does not swing more than a short one
    const [acrossX, acrossY] = [(y - fromY) * most, (fromX - x) * most];
    for (let part = 1; part <= 6; part += 1) {
      const bend = part === 6 ? 0 : noise(index * 7 + part, time * 2.2 + part) * 0.34 * (0.35 + 0.65 * strength);
      const [atX, atY] = [fromX + ((x - fromX) * part) / 6 + acrossX * bend, fromY + ((y - fromY) * part) / 6 + acrossY * bend];
      path.lineTo(atX, atY);
      if (part !== 3 || strength < 0.45 || Math.hypot(acrossX, acrossY) < 2 * em) continue;
      const way = noise(index * 13, time * 0.7) * 2.4;
      const reach = strength * 1.1;
      twigs.moveTo(atX, atY);
      twigs.lineTo(atX + (acrossX * way + (x - fromX)) * 0.28 * reach, atY + (acrossY * way + (y - fromY)) * 0.28 * reach);
      twigs.lineTo(atX + (acrossX * way * 0.8 + (x - fromX) * 1.7) * 0.5 * reach, atY + (acrossY * way * 0.8 + (y - fromY) * 1.7) * 0.5 * reach);
    }
  });
  const stroke = (what, colour, width, alpha) => {
    pen.strokeStyle = colour;
    pen.lineWidth = width * em;
    pen.globalAlpha = alpha;
    pen.stroke(what);
  };
  const bright = 0.15 + 0.85 * intensity;
  stroke(path, ink, 0.75, 0.2 * bright);
  stroke(twigs, ink, 0.12, 0.45 * bright);
  stroke(path, ink, 0.24, 0.7 * bright);
  stroke(path, core, 0.1, 0.9 * bright);
  for (const [x, y, strength] of points) surface.glow(x, y, (0.4 + 2.4 * strength) * em, ink, 0.75 * bright * strength);
}

/** A ribbon through the points, of strands that follow it. */
export function stream(surface, points, { intensity, ink, time }) {
  const { pen, em } = surface;
  const bright = 0.2 + 0.8 * intensity;
  const curve = smooth(points);
  const sides = curve.map(([x, y, strength], index) => {
    const [beforeX, beforeY] = curve[Math.max(0, index - 1)];
    const [afterX, afterY] = curve[Math.min(curve.length - 1, index + 1)];
    const length = Math.hypot(afterX - beforeX, afterY - beforeY) || 1;
    return [x, y, (beforeY - afterY) / length, (afterX - beforeX) / length, (0.3 + 1.5 * strength) * em];
  });
  pen.strokeStyle = ink;
  for (let strand = -3; strand <= 3; strand += 1) {
    pen.beginPath();
    sides.forEach(([x, y, acrossX, acrossY, reach], index) => {
      const sway = strand === 0 ? 0 : Math.sin(index * 0.2 - time * 2.4 + strand * 1.7) * 0.35;
      const out = (strand / 3 + sway / 2) * reach;
      pen.lineTo(x + acrossX * out, y + acrossY * out);
    });
    if (strand === 0) strokes(pen, [[0.6 * em, 0.2 * bright], [0.17 * em, 0.95 * bright]]);
    else strokes(pen, [[0.075 * em, (0.62 - 0.13 * Math.abs(strand)) * bright]]);
  }
  for (const [x, y, strength] of points) {
    if (strength < 0.06) continue;
    surface.glow(x, y, (0.3 + 2.2 * strength) * em, ink, 0.8 * strength * bright);
  }
}

// Through the points by Catmull and Rom's curve.
function smooth(points) {
  if (points.length < 3) return points;
  const parts = Math.max(2, Math.min(6, Math.ceil(80 / points.length)));
  const curve = [];
  for (let index = 0; index < points.length - 1; index += 1) {
    const [a, b, c, d] = [-1, 0, 1, 2].map((step) => points[Math.min(points.length - 1, Math.max(0, index + step))]);
    for (let part = 0; part < parts; part += 1) {
      const t = part / parts;
      curve.push(
        b.map((value, axis) => {
          const bent =
            0.5 *
            (2 * value +
              (c[axis] - a[axis]) * t +
              (2 * a[axis] - 5 * value + 4 * c[axis] - d[axis]) * t * t +
              (3 * value - a[axis] - 3 * c[axis] + d[axis]) * t * t * t);
          return axis === 2 ? Math.max(0, bent) : bent;
        }),
      );
    }
  }
  curve.push(points[points.length - 1]);
  return curve;
}

/** The points and their mirror images about the line from first to last, or about their middle where that line is closed. */
export function resonance(surface, points, { intensity, ink }) {
  const { pen, em } = surface;
  const bright = 0.2 + 0.8 * intensity;
  const last = points.length - 1;
  const [fromX, fromY] = points[0];
  const [toX, toY] = points[last];
  const extent = Math.max(...points.map(([x, y]) => Math.hypot(x - fromX, y - fromY)));
  const isClosed = Math.hypot(toX - fromX, toY - fromY) < extent / 10;
  const middle = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
  const radius = points.reduce((sum, [x, y]) => sum + Math.hypot(x - middle[0], y - middle[1]), 0) / points.length;
  const restOf = ([x, y], index) => {
    if (!isClosed) return [fromX + ((toX - fromX) * index) / last, fromY + ((toY - fromY) * index) / last];
    const distance = Math.hypot(x - middle[0], y - middle[1]) || 1;
    const share = radius / distance;
    return [middle[0] + (x - middle[0]) * share, middle[1] + (y - middle[1]) * share];
  };
  const rests = points.map(restOf);
  pen.strokeStyle = ink;
  for (let swing = -3; swing <= 3; swing += 1) {
    pen.beginPath();
    points.forEach(([x, y], index) => {
      const [restX, restY] = rests[index];
      pen.lineTo(restX + ((x - restX) * swing) / 3, restY + ((y - restY) * swing) / 3);
    });
    if (swing === 3) strokes(pen, [[0.5 * em, 0.22 * bright], [0.16 * em, bright]]);
    else strokes(pen, [[0.07 * em, (0.2 + 0.07 * Math.abs(swing)) * bright]]);
  }
  if (isClosed) surface.glow(...middle, radius * 1.5, ink, 0.3 * bright);
  const step = Math.ceil(points.length / 16);
  for (let index = 0; index <= last; index += step) {
    const [x, y, strength] = points[index];
    if (strength > 0.5) surface.glow(x, y, 1.4 * strength * em, ink, 0.5 * strength * bright);
  }
}

const SHEET = 9000; // pixels; it is enlarged smoothly
const WAVES = 1024; // entries of the table of waves
const WAVE = 6.4; // pixels of the sheet
const FINE = 16; // steps in a pixel
const REACH = 1024; // pixels: no sheet is longer
const SHEET_MS = 30; // between two sheets: waves do not visibly move in less

/** Waves from every point that add up and cancel, as they would on water. */
export class WaveSheet {
  #canvas = document.createElement("canvas");
  #pen = this.#canvas.getContext("2d");
  #image = null;
  #shore = null; // towards the edges of the sheet the waves run out
  #drawnAt = 0; // seconds
  #wave = Float32Array.from({ length: WAVES }, (_, index) => Math.sin((index / WAVES) * TAU));
  #decay = Float32Array.from({ length: REACH * FINE }, (_, index) => 1 / (1.2 + (index / FINE) * 0.05));

  draw(surface, points, { intensity, ink, time }, { width: boxWidth, height: boxHeight }) {
    const scale = Math.sqrt(SHEET / (boxWidth * boxHeight));
    const width = Math.max(8, Math.round(boxWidth * scale));
    const height = Math.max(8, Math.round(boxHeight * scale));
    if (this.#image?.height !== height || this.#image.width !== width) this.#resize(width, height);
    if (Math.abs(time - this.#drawnAt) * 1000 >= SHEET_MS || time === 0) {
      this.#drawnAt = time;
      this.#compute(points, scale, ink, time);
    }
    surface.pen.globalAlpha = intensity;
    surface.pen.drawImage(this.#canvas, 0, 0, boxWidth, boxHeight);
    for (const [x, y, strength] of points) surface.glow(x, y, (0.5 + 1.6 * strength) * surface.em, ink, 0.7 * intensity * strength);
  }

  #compute(points, scale, ink, time) {
    const sources = [...points]
      .sort((one, other) => other[2] - one[2])
      .slice(0, 6)
      .map(([x, y, strength]) => [x * scale, y * scale, strength]);
    const { data, width, height } = this.#image;
    const [wave, decay, shore, turnOfStep] = [this.#wave, this.#decay, this.#shore, WAVES / WAVE / FINE];
    const [red, green, blue] = [1, 3, 5].map((at) => parseInt(ink.slice(at, at + 2), 16));
    const turn = WAVES - ((time * 0.6 * WAVES) % WAVES);
    for (let y = 0, at = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1, at += 1) {
        let sum = 0;
        for (const [sourceX, sourceY, strength] of sources) {
          const step = (Math.sqrt((x - sourceX) * (x - sourceX) + (y - sourceY) * (y - sourceY)) * FINE) | 0;
          sum += strength * wave[(step * turnOfStep + turn) & (WAVES - 1)] * decay[step];
        }
        const light = sum > 0 ? Math.min(1, sum) : 0;
        data[at * 4] = red;
        data[at * 4 + 1] = green;
        data[at * 4 + 2] = blue;
        data[at * 4 + 3] = light * shore[at] * 150;
      }
    }
    this.#pen.putImageData(this.#image, 0, 0);
  }

  #resize(width, height) {
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#image = this.#pen.createImageData(width, height);
    this.#drawnAt = -1;
    const slope = (at, size) => Math.sin((Math.min(at, size - 1 - at) / (size - 1)) * Math.PI);
    this.#shore = Float32Array.from({ length: width * height }, (_, at) =>
      Math.min(1, 1.3 * slope(at % width, width) * slope(Math.floor(at / width), height)),
    );
  }
}
