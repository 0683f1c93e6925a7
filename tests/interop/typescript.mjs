// openapi-typescript generates a client from /openapi.json; tsc checks the tour against it under strict; the tour runs.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import crypto from "node:crypto";
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { here, key, program, startHost, work } from "./host.mjs";

const host = await startHost();
const folder = join(work, "client");
mkdirSync(folder);
symlinkSync(program("."), join(folder, "node_modules"));
writeFileSync(join(folder, "openapi.json"), await (await fetch(`${host}/openapi.json`)).text());
copyFileSync(join(here, "tour.ts"), join(folder, "tour.ts"));
writeFileSync(join(folder, "package.json"), '{"type":"module"}');

const run = (script, ...args) =>
  execFileSync(process.execPath, [script, ...args], { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
run(program("openapi-typescript/bin/cli.js"), "openapi.json", "-o", "forecourt-api.d.ts");
writeFileSync(join(folder, "node.d.ts"), "declare const process: { argv: string[] };\n");
const compilerOptions = { strict: true, target: "es2022", module: "preserve", lib: ["es2022", "dom", "dom.iterable"], types: [] };
writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
try {
  run(program("typescript/bin/tsc"));
} catch (error) {
  assert.fail(`the tour does not type-check:\n${error.stdout}`);
}
const { publicKey } = crypto.generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
assert.equal(run("tour.js", host, key, publicKey), "the tour, typed\n");
console.log("generated, type-checked, run");
process.exit(0);
