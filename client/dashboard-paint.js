// Draws the energy field: each model's field in its own way, a core for each model as large as its energy, and the council's
// meetings as lines between the cores. Everything is a number that came, nothing is made up; and nothing moves of itself.
import { WaveSheet, lightning, resonance, stream } from "./dashboard-shapes.js";
import { Surface } from "./dashboard-surface.js";

const FRESH_MS = 700; // so long a field is shown as it came; then it fades
const FADE_MS = 1000;
export const MEETING_MS = 5000;
const HALF_WAVES = { fundamental: 1, harmonic: 2, overtone: 3 };

const fade = (age) => Math.min(1, Math.max(0, 1 - (age - FRESH_MS) / FADE_MS));

export class FieldPainter {
  #surface;
  #sheets = new Map(); // modelId -> its waves

  constructor(canvas) {
    this.#surface = new Surface(canvas, 2.2e6);
  }

  refresh() {
    this.#surface.refresh();
  }
  coarsen() {
    this.#surface.coarsen();
  }

  /** `isCalm`: without any motion that the numbers do not make. */
  draw(scene, now, isCalm) {
    const surface = this.#surface.begin();
    const { pen, width, height, em } = surface;
    if (width < 8 || height < 8) return; // it is hidden
    const box = { x: 2 * em, y: 4 * em, width: width - 4 * em, height: height - 6 * em };
    const inkOf = (id) => surface.ink(scene.lines.models.get(id)?.ink ?? 1);
    const anchors = this.#anchors(scene, box, now);

    surface.mix();
    for (const kind of ["interference", "resonance", "stream", "lightning"]) {
      for (const [id, field] of scene.fields.all) {
        const shown = fade(now - field.at);
        if (field.type !== kind || shown === 0 || field.points.length === 0) continue;
        const points = [];
        for (let at = 0; at < field.points.length; at += 3) {
          const [x, y, strength] = field.points.subarray(at, at + 3);
          points.push([box.x + x * box.width, box.y + y * box.height, strength]);
        }
        const how = { intensity: field.intensity * shown, ink: inkOf(id), time: isCalm ? 0 : field.at / 1000 };
        pen.globalAlpha = 1;
        if (kind === "interference") {
          if (this.#sheets.size > scene.fields.all.size) this.#sheets.clear();
          if (!this.#sheets.has(id)) this.#sheets.set(id, new WaveSheet());
          this.#sheets.get(id).draw(surface, points, how, surface);
        } else if (points.length > 1) {
          ({ lightning, stream, resonance })[kind](surface, points, how);
        } else {
          surface.glow(points[0][0], points[0][1], 4 * em, how.ink, how.intensity);
        }
      }
    }
    const meetings = new Map(); // of the same models, the newest
    for (const meeting of scene.meetings)
      if (now - meeting.now < MEETING_MS) meetings.set(`${meeting.models} ${meeting.coherence === undefined}`, meeting);
    for (const meeting of meetings.values()) this.#drawMeeting(meeting, anchors, now);
    for (const [id, level] of scene.levels) {
      if (anchors.has(id)) this.#drawCore(anchors.get(id), level, inkOf(id), fade(now - level.at), scene.fields.all.has(id));
    }
    surface.overlay();
    const names = this.#label(anchors, scene, inkOf, box);
    const last = scene.meetings[scene.meetings.length - 1];
    if (last) this.#labelMeeting(last, anchors, now, box, names);
    surface.overlay();
  }

  // Where a model's core is: in the midst of its field, or on an oval with the others that have none.
  #anchors(scene, box, now) {
    const anchors = new Map();
    const withoutField = [];
    for (const [id, level] of scene.levels) {
      if (fade(now - level.at) === 0) continue;
      const field = scene.fields.all.get(id);
      if (field && fade(now - field.at) > 0 && field.points.length > 0) {
        const [x, y] = field.centre;
        anchors.set(id, [box.x + x * box.width, box.y + y * box.height]);
      } else {
        withoutField.push(id);
      }
    }
    const reach = withoutField.length > 1 ? 0.32 : 0;
    withoutField.forEach((id, index) => {
      const angle = (index / withoutField.length) * 2 * Math.PI - Math.PI / 2;
      const [x, y] = [0.5 + reach * Math.cos(angle), 0.5 + reach * Math.sin(angle)];
      anchors.set(id, [box.x + x * box.width, box.y + y * box.height]);
    });
    return anchors;
  }

  // The area of the disc is the energy; around it what it was spent on, where that is told.
  #drawCore([x, y], { calm, shares }, ink, shown, hasField) {
    const { pen, em, isLight } = this.#surface;
    const level = calm.value * shown;
    const size = (hasField ? 0.9 : 2.6) * em;
    const radius = size * (0.2 + Math.sqrt(level));
    this.#surface.glow(x, y, radius * 4, ink, (0.18 + 0.5 * level) * shown);
    pen.fillStyle = isLight ? ink : "#fff6ec";
    pen.globalAlpha = (0.35 + 0.65 * level) * shown;
    pen.beginPath();
    pen.arc(x, y, radius * 0.5, 0, 2 * Math.PI);
    pen.fill();
    const parts = ["generation", "attention", "reasoning"].map((name) => shares?.[name] ?? 0);
    const sum = parts[0] + parts[1] + parts[2];
    pen.strokeStyle = ink;
    pen.globalAlpha = 0.8 * shown;
    parts.reduce((from, part, index) => {
      if (part <= 0) return from;
      const to = from + (part / sum) * 2 * Math.PI;
      pen.lineWidth = em * (0.34 - index * 0.11);
      pen.beginPath();
      pen.arc(x, y, radius + 0.7 * em, from + 0.06, Math.max(from + 0.07, to - 0.06));
      pen.stroke();
      return to;
    }, -Math.PI / 2);
    pen.globalAlpha = 1;
  }

  #pairs(models, anchors) {
    const there = models.filter((id) => anchors.has(id)).slice(0, 6);
    return there.flatMap((id, index) => there.slice(index + 1).map((other) => [anchors.get(id), anchors.get(other)]));
  }

  // An arc between two cores, bent away from the straight line; `side` moves it out, in ems.
  #arc([fromX, fromY], [toX, toY], share, side) {
    const { em } = this.#surface;
    const length = Math.hypot(toX - fromX, toY - fromY) || 1;
    const [acrossX, acrossY] = [(fromY - toY) / length, (toX - fromX) / length];
    const lift = -Math.sign(acrossY || 1) * length * 0.14 * 4 * share * (1 - share) + side * em;
    return [fromX + (toX - fromX) * share + acrossX * lift, fromY + (toY - fromY) * share + acrossY * lift];
  }

  // Interference: three strands, the closer the more coherent. Resonance: a wave that stands between them.
  #drawMeeting(meeting, anchors, now) {
    const { pen, em } = this.#surface;
    const { kind, strength, coherence, models, phase = 0 } = meeting;
    const left = 1 - (now - meeting.now) / MEETING_MS;
    const rings = coherence === undefined;
    const colours = { constructive: "live", destructive: "down", neutral: "quiet" };
    pen.strokeStyle = this.#surface.colour(colours[kind] ?? "council");
    pen.lineWidth = em / 8;
    pen.setLineDash(kind === "destructive" ? [em / 2, em / 2] : []);
    for (const [from, to] of this.#pairs(models, anchors)) {
      // The outer strands say how far it swings, the bright one between them where it is: its phase.
      const strands = rings ? [-1, 1, Math.cos((phase / 180) * Math.PI)] : [-1, 1, 0];
      strands.forEach((strand, index) => {
        pen.globalAlpha = (0.25 + 0.75 * strength) * left * (index === 2 ? 0.95 : 0.45);
        pen.beginPath();
        for (let step = 0; step <= 20; step += 1) {
          const share = step / 20;
          const swing = Math.sin(share * Math.PI * (HALF_WAVES[kind] ?? 1));
          const reach = rings ? 1.8 * strength : 2.4 * (1 - coherence);
          pen.lineTo(...this.#arc(from, to, share, strand * swing * reach));
        }
        pen.stroke();
      });
    }
    pen.setLineDash([]);
    pen.globalAlpha = 1;
  }

  #labelMeeting(meeting, anchors, now, box, names) {
    const left = 1 - (now - meeting.now) / MEETING_MS;
    const pairs = this.#pairs(meeting.models, anchors);
    if (pairs.length === 0 || left < 0.15) return;
    const { em, width, quiet } = this.#surface;
    const text = `${meeting.text[0]}  ${meeting.text[1]}`;
    // In the middle of the arc, or further along, or at the field's edges.
    const places = [0.5, 0.4, 0.6, 0.3, 0.7].flatMap((share) => {
      const [x, y] = this.#arc(...pairs[0], share, 0);
      return [[x, y - 1.2 * em], [x, y + 1.6 * em]];
    });
    places.push([width / 2, box.y + box.height + 1.4 * em], [width / 2, box.y]);
    const [x, y] = freePlace(places.map((place) => this.#boxOf(text, ...place)), names);
    this.#write(text, x, y, quiet);
  }

  /** Returns where the names are. */
  #label(anchors, scene, inkOf, box) {
    const { em } = this.#surface;
    return [...anchors].map(([id, [x, y]]) => {
      const below = Math.min(y + (scene.fields.all.has(id) ? 2.6 : 5.2) * em, box.y + box.height + 1.2 * em);
      this.#write(id, x, below, inkOf(id));
      return this.#boxOf(id, x, below);
    });
  }

  // The middle of a text, its foot, and half its width and its height with some room.
  #boxOf(text, x, y) {
    const { pen, em, width } = this.#surface;
    const half = pen.measureText(text).width / 2 + 0.5 * em;
    return [Math.min(Math.max(x, half), width - half), y, half, 1.4 * em];
  }

  // Text with the ground around it, so that it is read on whatever is below.
  #write(text, x, y, ink) {
    const { pen, em } = this.#surface;
    const [at] = this.#boxOf(text, x, y);
    pen.textAlign = "center";
    pen.globalAlpha = 0.85;
    pen.strokeStyle = this.#surface.panel;
    pen.lineWidth = em / 3;
    pen.strokeText(text, at, y);
    pen.globalAlpha = 1;
    pen.fillStyle = ink;
    pen.fillText(text, at, y);
  }
}

/** The first of the places [x, y, half width, height] that covers none of the taken ones; the last where each does. */
export function freePlace(places, taken) {
  const covers = ([x, y, half, height]) =>
    taken.some(([otherX, otherY, otherHalf]) => Math.abs(x - otherX) < half + otherHalf && Math.abs(y - otherY) < height);
  return places.find((place) => !covers(place)) ?? places[places.length - 1];
}

/** The field in words, for those who do not see it. */
export function describeField(scene, now) {
  const parts = [];
  for (const [id, field] of scene.fields.all) {
    if (fade(now - field.at) === 0) continue;
    parts.push(`${id}: ${field.type}, intensity ${field.intensity.toFixed(2)}, ${field.points.length / 3} points`);
  }
  for (const [id, level] of scene.levels) {
    if (fade(now - level.at) === 0) continue;
    parts.push(`${id}: energy ${scene.lines.level(scene.lines.models.get(id), now).toFixed(2)} per tick`);
  }
  const last = scene.meetings[scene.meetings.length - 1];
  if (last && now - last.now < MEETING_MS) parts.push(`${last.text.join(" ")}: ${last.models.join(", ")}`);
  return parts.length > 0 ? `The energy field. ${parts.join(". ")}.` : "The energy field: nothing comes now";
}
