// Makes instances of a schema: valid ones, and ones that were changed at one place. Everything comes from one seed.

import { Raw, Twice } from "./text.mjs";

// prettier-ignore
const characters = [
  "a", "Z", "0", "_", "-", " ", ".", "\u00e9", "\u0661", "\u2028", "\ufeff", "\uffff", "\u{1F600}",
  "\u{10FFFF}", "e\u0301", '"', "\\", "/", "\n", "\t", "\u0000", "\u001f", "\u007f",
  "\u{1F468}\u200d\u{1F469}",
];

function textOf(dice, length) {
  let text = "";
  const plain = dice.chance(0.5);
  for (let count = 0; count < length; ++count)
    text += plain ? dice.pick(["a", "b", "\u{1F600}"]) : dice.pick(characters);
  return text;
}

const words = (text) => text.trim().split(/\s+/);

const integers = words(`
  0 1 5 6 60 1.0 1e0 1e3 10e-1 0.5e1 -0 -0.0 -0e5 -1 -1e3 1.5 0.1e1 2e-1 60.0 6e1 59.99999999999999
  60.000000000000000000001 9007199254740991 9007199254740992 9007199254740993 9007199254740993.0
  9223372036854775807 9223372036854775808 9223372036854775808.0 9.223372036854775e18 -9223372036854775808
  -9223372036854775809 18446744073709551615 18446744073709551616 1e19 1e300 1e308 4.9e-324 1e-400 -1e-400
  9999999999999 10000000000000 0.99999999999999999999 4503599627370496.5 9007199254740992.5
  123456789012345678901234567890
`);
const numbers = words(`
  16.67 16.669999999999998 16.670000000000001 16.670000000000005 16.68 1.0000000000000002 1.0000000000000001 0.1
  0.30000000000000004 360 360.0 360.00000000000006 -5e-324 5e-324 2.2250738585072014e-308 1.7976931348623157e308
  1.7976931348623158e308 -1.7976931348623157e308 1E+2 1e-7 123456.789e-3
`);
const refusedNumbers = ["1e400", "-1e400", "1e309", "1.7976931348623159e308", "9".repeat(400)];
const refusedStrings = ['"\\ud800"', '"a\\udc00b"', '"\\ud800\\ud800"', '"\\udc00\\ud800"', '"\\uD83Dx"'];
const oddStrings = [
  '"\\ud83d\\ude00"',
  '"\\u0061"',
  '"\\/"',
  '"\\u0000"',
  '"\\uFFFF"',
  '"\\u00e9"',
  '"a\\u002db"',
  '"\\b\\f\\n\\r\\t"',
];
// prettier-ignore
const names = [
  "extra", "sequence", "__proto__", "constructor", "toString", "hasOwnProperty", "", "type", "channel",
  "timestamp", "frameNumber", "payload", "Type", "type ", "modelId", "\u00e9", "\u{1F600}", "a/b", "a~b",
  "length", "0",
];

function deep(dice) {
  let value = dice.pick([null, 1, "x", [], {}]);
  const levels = dice.pick([1, 3, 30, 200]);
  for (let level = 0; level < levels; ++level) value = dice.chance(0.5) ? [value] : { a: value };
  return value;
}

// Any value, for a mutation to put in.
function anything(dice) {
  switch (dice.below(16)) {
    case 0:
      return null;
    case 1:
      return dice.chance(0.5);
    case 2:
      return "";
    case 3:
      return textOf(dice, dice.below(8));
    case 4:
      return [];
    case 5:
      return {};
    case 6:
      return deep(dice);
    case 7:
      return new Raw(dice.pick(numbers));
    case 8:
      return dice.chance(0.3) ? new Raw(dice.pick(refusedNumbers), true) : new Raw(dice.pick(integers));
    case 9:
      return dice.chance(0.3) ? new Raw(dice.pick(refusedStrings), true) : new Raw(dice.pick(oddStrings));
    case 10:
      return dice.pick(["1", "true", "null", "0.5", "[]"]);
    case 11:
      return [dice.pick([null, 1, "a", {}]), "b"];
    case 12:
      return textOf(dice, dice.pick([99, 100, 101, 499, 500, 501, 999, 1000, 1001]));
    case 13:
      return dice.pick([
        "Low-Tier",
        "energy",
        "system",
        "harmonic",
        "info",
        "level_up",
        "heartbeat",
        "subscribe",
        "stop",
        "ui",
      ]);
    case 14:
      return dice.pick([
        "abc\n",
        "a b",
        "A_1",
        "1.2.3",
        "1.2.3\n",
        "\u0661.2.3",
        "FRAME_OVERRUN",
        "llama3.2:3b",
        "llama3_2-3b",
        "-",
        "_",
      ]);
    default:
      return new Raw(dice.pick(integers));
  }
}

function stringFor(schema, dice) {
  if (schema.pattern === "^[a-zA-Z0-9_-]+$")
    return dice.pick(["a", "llama3_2-3b", "-", "_", "Z9", "0".repeat(1 + dice.below(80))]);
  if (schema.pattern === "^\\d+\\.\\d+\\.\\d+$") return dice.pick(["1.0.0", "0.0.0", "12.345.6789", "00.01.2"]);
  if (schema.pattern === "^[A-Z0-9_]+$") return dice.pick(["A", "FRAME_OVERRUN", "_", "9", "RESUME_GAP"]);
  if (schema.pattern !== undefined)
    throw new Error(`instances.mjs knows no text that matches ${schema.pattern}: add one`);
  if (schema.maxLength !== undefined) {
    return [...textOf(dice, dice.pick([0, 1, 7, schema.maxLength]))].slice(0, schema.maxLength).join("");
  }
  return dice.chance(0.1) ? new Raw(dice.pick(oddStrings)) : textOf(dice, dice.below(12));
}

function numberFor(schema, dice) {
  const { minimum, maximum, type } = schema;
  for (let tries = 0; tries < 40; ++tries) {
    const text = dice.pick(type === "integer" ? integers : dice.chance(0.5) ? numbers : integers);
    const value = Number(text);
    if (
      (type !== "integer" || Number.isInteger(value)) &&
      Number.isFinite(value) &&
      !(value < minimum) &&
      !(value > maximum)
    )
      return new Raw(text);
  }
  return minimum ?? maximum ?? 0;
}

// A value that the schema permits, most of the time at an edge of it.
export function valid(schema, dice) {
  if (schema.const !== undefined)
    return schema.const === 60 && dice.chance(0.3) ? new Raw(dice.pick(["60.0", "6e1", "0.6E2"])) : schema.const;
  if (schema.enum) return dice.pick(schema.enum);
  switch (schema.type) {
    case "boolean":
      return dice.chance(0.5);
    case "integer":
      return dice.chance(0.5)
        ? numberFor(schema, dice)
        : (schema.minimum ?? 0) + dice.below((schema.maximum ?? 100000) - (schema.minimum ?? 0) + 1);
    case "number":
      return dice.chance(0.5)
        ? numberFor(schema, dice)
        : (schema.minimum ?? -1000) + dice.next() * ((schema.maximum ?? 1000) - (schema.minimum ?? -1000));
    case "string":
      return stringFor(schema, dice);
    case "array": {
      const count = (schema.minItems ?? 0) + dice.pick([0, 0, 1, 2, 5]);
      return Array.from({ length: count }, () => valid(schema.items, dice));
    }
    case "object": {
      const made = {};
      for (const [name, child] of Object.entries(schema.properties ?? {})) {
        if (schema.required?.includes(name) || dice.chance(0.6)) made[name] = valid(child, dice);
      }
      if (schema.additionalProperties === true && dice.chance(0.6)) {
        const name = dice.pick(names);
        if (!(schema.properties && name in schema.properties)) define(made, name, anything(dice));
      }
      return shuffled(made, dice);
    }
    default:
      return anything(dice);
  }
}

// `object[name] = value` would set the prototype for __proto__.
function define(object, name, value) {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

function shuffled(object, dice) {
  if (dice.chance(0.7)) return object;
  const entries = Object.entries(object);
  const made = {};
  while (entries.length > 0) define(made, ...entries.splice(dice.below(entries.length), 1)[0]);
  return made;
}

function places(value, out = [], parent = null, key = null) {
  out.push({ value, parent, key });
  if (value === null || typeof value !== "object" || value instanceof Raw || value instanceof Twice) return out;
  for (const name of Object.keys(value)) places(value[name], out, value, name);
  return out;
}

// Values close to a given one, as a real mistake makes them.
function nearMiss(value, dice) {
  if (typeof value === "string") {
    switch (dice.below(7)) {
      case 0:
        return value + dice.pick(characters);
      case 1:
        return dice.pick(characters) + value;
      case 2:
        return value.slice(1);
      case 3:
        return value.toUpperCase();
      case 4:
        return [value];
      case 5:
        return value + "\n";
      default:
        return new Raw(
          JSON.stringify(value).replace(
            /^"[a-zA-Z]/,
            (head) => `"\\u${head.charCodeAt(1).toString(16).padStart(4, "0")}`,
          ),
        );
    }
  }
  if (typeof value === "number")
    return dice.pick([
      -value,
      value + 0.5,
      value * 10,
      value + 1,
      String(value),
      new Raw(dice.pick(numbers)),
      new Raw(dice.pick(integers)),
    ]);
  if (typeof value === "boolean") return dice.pick([!value, Number(value), String(value), null]);
  return anything(dice);
}

// The value, changed at one place.
export function mutated(value, dice) {
  const all = places(value);
  const place = dice.chance(0.02) ? all[0] : dice.pick(all);
  const set = (made) => {
    if (place.parent === null) return made;
    if (Array.isArray(place.parent)) place.parent[place.key] = made;
    else define(place.parent, place.key, made);
    return value;
  };
  const here = place.value;
  const isObject = here !== null && typeof here === "object" && !Array.isArray(here) && !(here instanceof Raw);
  switch (dice.below(isObject ? 4 : Array.isArray(here) ? 7 : 9)) {
    case 0:
      return set(anything(dice));
    case 1:
    case 2:
      if (isObject) {
        define(here, dice.pick(names), dice.chance(0.5) ? anything(dice) : deep(dice));
        return value;
      }
      break;
    case 3:
      if (place.parent !== null && !Array.isArray(place.parent)) {
        delete place.parent[place.key];
        return value;
      }
      break;
    case 4:
      if (place.parent !== null && !Array.isArray(place.parent))
        return set(new Twice(anything(dice), dice.chance(0.7) ? here : anything(dice)));
      break;
    case 5:
    case 6:
      if (Array.isArray(here)) {
        if (dice.chance(0.5)) here.length = dice.below(here.length + 1);
        else here.push(anything(dice));
        return value;
      }
      break;
    default:
  }
  return set(nearMiss(here, dice));
}

// The text with damaged characters: most of these are no JSON any more. Whole characters are changed, since the text travels as
// UTF-8.
export function broken(text, dice) {
  const letters = [...text];
  const at = dice.below(letters.length + 1);
  const before = letters.slice(0, at).join("");
  const after = letters.slice(at).join("");
  switch (dice.below(5)) {
    case 0:
      return before;
    case 1:
      return before + dice.pick(intruders) + after;
    case 2:
      return before + letters.slice(at + 1).join("");
    case 3:
      return dice.pick(["\ufeff", " ", "\t", "\u0000", "\u00a0"]) + text;
    default:
      return text + dice.pick(["\ufeff", " ", "\u0000", ",", "{}", "\u0000{}", "\u000b"]);
  }
}

const intruders = [
  ",",
  "}",
  "]",
  '"',
  "\\",
  "\u0000",
  "x",
  "0",
  ".",
  "-",
  "+",
  "\ufeff",
  "'",
  "/**/",
  "NaN",
  " ",
  "\t",
];
