// The package as npm would publish it: packed, unpacked into node_modules, and imported by name.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const source = new URL("../../client/", import.meta.url);

test("the npm package is the module, its types and nothing else, and can be imported", () => {
  const folder = mkdtempSync(join(tmpdir(), "wirthforge-npm-"));
  try {
    const pack = ["pack", "--json", "--offline", "--ignore-scripts", "--pack-destination", folder, "--cache", join(folder, "cache")];
    const [packed] = JSON.parse(execFileSync("npm", pack, { cwd: source, encoding: "utf8" }));
    const files = packed.files.map(({ path }) => path).sort();
    assert.deepEqual(files, ["README.md", "package.json", "wirthforge-events.d.ts", "wirthforge.d.ts", "wirthforge.js"]);

    const home = join(folder, "node_modules", packed.name);
    mkdirSync(home, { recursive: true });
    execFileSync("tar", ["-xzf", join(folder, packed.filename), "-C", home, "--strip-components=1"]);
    const { exports, main, types, dependencies } = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
    for (const path of [exports["."].types, exports["."].default, main, types]) assert.ok(files.includes(path.slice(2)), path);
    assert.equal(dependencies, undefined);

    const user = `import { WirthforgeClient } from "${packed.name}";
      console.log(new WirthforgeClient("ws://127.0.0.1:1/ws").state.name);`;
    writeFileSync(join(folder, "user.mjs"), user);
    assert.equal(execFileSync(process.execPath, [join(folder, "user.mjs")], { encoding: "utf8" }), "idle\n");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("the module is one file of at most 6.5 KB, gzipped", () => {
  const module = readFileSync(new URL("wirthforge.js", source));
  const { length } = gzipSync(module, { level: 9 });
  assert.ok(length <= 6.5 * 1024, `${length} bytes`);
  assert.doesNotMatch(String(module), /^\s*(import|export .* from)\b|\bimport\(/m);
});
