// Lets ajv and our C++ checks judge the same instances, and demands that they agree on every one.
//
//   node judge.mjs --judge PATH/schema_judge [--seed N] [--count N]
//
// Two cases are decided by rule and not by ajv, because JSON.parse makes values of them that do not exist in C++:
// a lone surrogate (RFC 8259 section 8.2: "unpredictable"; it has no UTF-8, and a browser drops a connection that
// carries broken UTF-8) and a number beyond double (JSON.parse makes it Infinity). Our reader must answer
// `unreadable` to a text that holds one anywhere; they are generated, counted and compared like the rest.

import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import Ajv from "ajv";
import { broken, mutated, valid } from "./instances.mjs";
import { random, write } from "./text.mjs";

const { values: options } = parseArgs({
  options: {
    judge: { type: "string" },
    seed: { type: "string", default: String(Date.now() % 4294967296) },
    count: { type: "string", default: "240000" },
  },
});
if (!options.judge) {
  console.error("say where schema_judge is: node judge.mjs --judge build/schema_judge");
  process.exit(2);
}
const seed = Number(options.seed);
const count = Number(options.count);
console.log(
  `schema judge: seed ${seed}, ${count} instances, ajv ${JSON.parse(readFileSync(new URL("node_modules/ajv/package.json", import.meta.url))).version}`,
);

const schemas = join(dirname(fileURLToPath(import.meta.url)), "../../../schemas");
const strict = { strict: true, strictRequired: true, allowUnionTypes: false };

function run(args, input) {
  const done = spawnSync(options.judge, args, { input, maxBuffer: 1 << 30, encoding: "utf8" });
  if (done.error || done.status !== 0)
    throw new Error(`schema_judge failed: ${done.error ?? `status ${done.status} ${done.signal ?? ""}`}`);
  return done.stdout;
}

function namesIn(folder) {
  return readdirSync(join(schemas, folder))
    .filter((name) => name.endsWith(".schema.json") && name !== "definitions.schema.json")
    .map((name) => name.slice(0, -".schema.json".length))
    .sort();
}

// Every schema twice: as it stands in schemas/, with its references, and as the header hands it out, alone.
const source = new Ajv(strict);
source.addSchema(JSON.parse(readFileSync(join(schemas, "definitions.schema.json"))));
const messages = [];
for (const folder of ["", "client/"]) {
  for (const name of namesIn(folder)) {
    const schema = JSON.parse(run(["--schema", name]));
    messages.push({
      name,
      schema,
      isEvent: folder === "",
      served: new Ajv(strict).compile(schema),
      source: source.compile(JSON.parse(readFileSync(join(schemas, `${folder}${name}.schema.json`)))),
      cases: JSON.parse(readFileSync(join(schemas, `cases/${folder}${name}.json`))).cases,
    });
  }
}
console.log(`${messages.length} schemas are valid Draft-07, strict`);

let wrong = 0;
function disagree(why, name, text, ours) {
  if (++wrong > 10) return;
  console.error(`DISAGREEMENT: ${why}\n  message: ${name}\n  text: ${text}\n  ours: ${ours}`);
}

for (const message of messages) {
  for (const each of message.cases) {
    const verdicts = [message.served(each.instance), message.source(each.instance)];
    if (verdicts.some((one) => one !== each.valid))
      disagree(`ajv and the case "${each.name}"`, message.name, JSON.stringify(each.instance), "");
  }
}

const mostTimestamp = 9999999999999;

// Equal as values of JavaScript; -0 and 0 are one number.
function same(left, right) {
  if (typeof left !== "object" || left === null || right === null) return left === right;
  if (typeof right !== "object" || Array.isArray(left) !== Array.isArray(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && same(left[key], right[key]))
  );
}

// Infinity or a lone surrogate, anywhere.
function holdsRefused(value) {
  if (typeof value === "number") return !Number.isFinite(value);
  if (typeof value === "string") return !value.isWellFormed();
  if (value === null || typeof value !== "object") return false;
  return Object.entries(value).some(([name, member]) => holdsRefused(name) || holdsRefused(member));
}

function depth(value) {
  if (value === null || typeof value !== "object") return 0;
  return 1 + Object.values(value).reduce((most, each) => Math.max(most, depth(each)), 0);
}

function parsed(text) {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

const tally = { valid: 0, invalid: 0, unreadable: 0, "refused on purpose": 0, unrepresentable: 0 };

function compare({ message, text, refused }, ours) {
  const [verdict, rest] = ours.split("\t", 2);
  const json = parsed(text);
  if (json === null || refused) {
    ++tally[json === null ? "unreadable" : "refused on purpose"];
    if (verdict !== "unreadable")
      disagree(json === null ? "JSON.parse refuses" : "must be refused", message.name, text, ours);
    return;
  }
  const theirs = message.served(json.value);
  if (!theirs) {
    ++tally.invalid;
    if (verdict !== "invalid") disagree(`ajv: ${JSON.stringify(message.served.errors)}`, message.name, text, ours);
    return;
  }
  ++tally.valid;
  if (verdict === "unrepresentable") {
    // An integer past std::int64_t, or an open object that is nested deeper than json_object::max_depth.
    ++tally.unrepresentable;
    const at = rest
      .slice(1)
      .split("/")
      .reduce((value, step) => value[step], json.value);
    if (!(typeof at === "number" ? Math.abs(at) >= 2 ** 63 : depth(at) > 256))
      disagree("fits, and is called unrepresentable", message.name, text, ours);
    return;
  }
  if (verdict !== "valid") {
    disagree("ajv: valid", message.name, text, ours);
    return;
  }
  const again = JSON.parse(ours.slice("valid\t".length));
  if (message.isEvent && json.value.timestamp > mostTimestamp) json.value.timestamp = mostTimestamp;
  if (!same(json.value, again)) disagree("read and written again, it is another", message.name, text, ours);
}

const dice = random(seed);
const start = Date.now();
for (let done = 0; done < count;) {
  const batch = [];
  for (; batch.length < 20000 && done < count; ++done) {
    const message = messages[done % messages.length];
    let value = valid(message.schema, dice);
    const way = dice.next();
    if (way > 0.35) value = mutated(value, dice);
    const written = write(value);
    if (way > 0.97 && !written.twice) {
      written.text = broken(written.text, dice);
      const still = parsed(written.text);
      written.refused = still !== null && holdsRefused(still.value);
    }
    batch.push({ message, ...written });
  }
  const answers = run([], batch.map((each) => `${each.message.name}\t${each.text}\n`).join("")).split("\n");
  if (answers.length !== batch.length + 1) throw new Error(`${batch.length} lines in, ${answers.length - 1} out`);
  batch.forEach((each, index) => compare(each, answers[index]));
}

const total = tally.valid + tally.invalid + tally.unreadable + tally["refused on purpose"];
console.log(
  `${total} judged in ${((Date.now() - start) / 1000).toFixed(1)} s: ` +
    Object.entries(tally)
      .map(([what, many]) => `${many} ${what}`)
      .join(", "),
);
if (tally.valid < total / 5 || tally.invalid < total / 5) {
  console.error("too few valid or too few invalid instances: the comparison says little");
  wrong += 1;
}
console.log(wrong === 0 ? "no disagreement" : `${wrong} disagreements; again with --seed ${seed} --count ${count}`);
process.exit(wrong === 0 ? 0 : 1);
