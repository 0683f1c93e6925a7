// What the interop tests share: a real host of this build on port 0, the npm packages of <build>/interop, and checks.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const build = process.argv[2];
export const here = dirname(fileURLToPath(import.meta.url));
export const key = "admin-key-of-the-interop-tests";
export const work = mkdtempSync(join(tmpdir(), "forecourt-interop-"));

const children = new Set();
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(work, { recursive: true, force: true });
});
setTimeout(() => {
  console.error("gave up after two minutes");
  process.exit(1);
}, 120_000).unref();

if (Number(process.versions.node.split(".")[0]) < 20) {
  console.log(`the npm packages need node 20, this is ${process.version}: skipped`);
  process.exit(77);
}
const packages = join(build, "interop/");
if (!existsSync(join(packages, "node_modules"))) {
  console.log("the npm packages are not installed (./dev test does): skipped");
  process.exit(77);
}
export const require = createRequire(packages);
/** A package of <build>/interop, whichever kind of module it is. */
export const load = (name) => import(require.resolve(name));
export const program = (path) => join(packages, "node_modules", path);

/** Runs the real binary; resolves to its address once it serves. */
export function startHost(env = {}) {
  const manifests = join(work, "manifests");
  mkdirSync(manifests, { recursive: true });
  for (const id of ["hello", "payments", "membership", "coupons", "community"]) {
    const manifest = JSON.parse(readFileSync(join(here, "../../manifests", `${id}.json`), "utf8"));
    manifest.path = join(build, "plugins", id);
    delete manifest.$schema;
    writeFileSync(join(manifests, `${id}.json`), JSON.stringify(manifest));
  }
  const child = spawn(join(build, "forecourt"), ["serve"], {
    env: {
      ...process.env,
      FORECOURT_LISTEN: "127.0.0.1:0",
      FORECOURT_DATA: join(work, "data"),
      FORECOURT_MANIFESTS: manifests,
      FORECOURT_ADMIN_KEY: key,
      ...env,
    },
    stdio: ["ignore", "pipe", "ignore"],
  });
  children.add(child);
  return new Promise((resolve, reject) => {
    child.on("exit", (status) => reject(new Error(`the host ended: ${status}`)));
    child.stdout.on("data", (chunk) => {
      const found = String(chunk).match(/http:\/\/127\.0\.0\.1:\d+/);
      if (found) resolve(found[0]);
    });
  });
}

/** A call with the admin key; its JSON. */
export async function api(host, method, path, body, expected) {
  const answer = await fetch(host + path, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body && { "content-type": "application/json" }) },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  assert.equal(answer.status, expected, `${method} ${path}: ${text}`);
  return text ? JSON.parse(text) : null;
}

/** Asks until `ready` likes the answer: what follows an event follows soon, not at once. */
export async function eventually(ask, ready) {
  for (let i = 0; i < 300; ++i) {
    const answer = await ask();
    if (ready(answer)) return answer;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error("it did not come to that");
}

export const makeStore = (host) =>
  api(host, "POST", "/admin/v1/orgs", { id: "store-12", parent: "group", kind: "store", name: "Store 12" }, 201);
