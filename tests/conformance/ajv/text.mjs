// Values as text, and random choices from a seed.
//
// A value is what JSON.parse would give, or a `Raw`: text that goes out as it stands, for what JSON.stringify would
// never write (1.0, 1e3, -0, 1e400, "\ud800").

export class Raw {
  // `refused`: valid JSON to JSON.parse that has no value in C++ and that our reader refuses.
  constructor(text, refused = false) {
    this.text = text;
    this.refused = refused;
  }
}

// A property named twice; JSON.parse and our reader both keep the last one.
export class Twice {
  constructor(first, last) {
    this.first = first;
    this.last = last;
  }
}

export function random(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const below = (count) => Math.floor(next() * count);
  return { next, below, chance: (share) => next() < share, pick: (list) => list[below(list.length)] };
}

// The text; whether our reader must refuse it; whether a member is in it twice.
export function write(value) {
  let refused = false;
  let twice = false;
  const put = (each) => {
    if (each instanceof Raw) {
      refused ||= each.refused;
      return each.text;
    }
    if (Array.isArray(each)) return `[${each.map(put).join(",")}]`;
    if (typeof each === "string") refused ||= !each.isWellFormed();
    if (each === null || typeof each !== "object") return JSON.stringify(each);
    const members = [];
    for (const [name, member] of Object.entries(each)) {
      const key = JSON.stringify(name);
      if (member instanceof Twice) members.push(`${key}:${put(member.first)}`);
      members.push(`${key}:${put(member instanceof Twice ? member.last : member)}`);
      twice ||= member instanceof Twice;
    }
    return `{${members.join(",")}}`;
  };
  const text = put(value);
  return { text, refused, twice };
}
