// What every part of the bench shares: servers on core 0, load from core 1, CPU from the process's own accounting, the report.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const quick = process.argv.includes("--quick");
export const build = process.argv[2];
export const here = dirname(fileURLToPath(import.meta.url));
export const seconds = quick ? 2 : 5;
export const rounds = 3;
export const coupons = quick ? 100_000 : 1_000_000;
export const key = "admin-key-of-the-benchmark";
export const work = mkdtempSync(join(tmpdir(), "forecourt-bench-"));

const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
  rmSync(work, { recursive: true, force: true });
});

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Starts a server on core 0 (all its threads); resolves when `ready` finds its port in what it prints, or `port` answers. */
export function start(command, args, { env = {}, ready = /(\d+)/, port, cwd } = {}) {
  const child = spawn("taskset", ["-c", "0", command, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  return new Promise((resolve, reject) => {
    let said = "";
    const failed = () => reject(new Error(`${command} ended: ${said.slice(-2000)}`));
    child.on("exit", failed);
    const stop = () =>
      new Promise((done) => {
        child.removeAllListeners("exit");
        child.on("exit", () => (running.delete(child), done()));
        child.kill("SIGTERM");
      });
    child.stderr.on("data", (chunk) => (said = (said + chunk).slice(-4000)));
    child.stdout.on("data", (chunk) => {
      if (!said.length) said += chunk;
      const found = !port && String(chunk).match(ready);
      if (found) resolve({ pid: child.pid, port: Number(found[1]), stop });
    });
    if (port) answers(port).then(() => resolve({ pid: child.pid, port, stop }), failed);
  });
}

/** Resolves once something answers HTTP on the port; gives up after ten seconds. */
async function answers(port) {
  for (let i = 0; i < 100; ++i) {
    const there = await fetch(`http://127.0.0.1:${port}/`).then(() => true, () => false);
    if (there) return;
    await sleep(100);
  }
  throw new Error(`nothing on port ${port}`);
}

/** A manifests folder of the named plugins of this build. */
export function manifestsOf(name, ids, folderOf = (id) => join(build, "plugins", id), mode = "in-process") {
  const folder = join(work, name);
  if (existsSync(folder)) return folder;
  mkdirSync(folder);
  for (const id of ids) {
    const shipped = join(here, "../../manifests", `${id}.json`);
    const manifest = existsSync(shipped)
      ? JSON.parse(readFileSync(shipped, "utf8"))
      : { manifest: 1, plugin: id, version: "^1.0", mode: "in-process", enabled: true, grants: { services: ["fc.http/1"] } };
    manifest.path = folderOf(id);
    manifest.mode = mode;
    delete manifest.$schema;
    writeFileSync(join(folder, `${id}.json`), JSON.stringify(manifest));
  }
  return folder;
}

export const allPlugins = ["hello", "payments", "membership", "coupons", "community"];

/** A host with the plugins of this build. */
export function startHost(data, env = {}) {
  return start(join(build, "forecourt"), ["serve"], {
    ready: /http:\/\/127\.0\.0\.1:(\d+)/,
    env: {
      FORECOURT_LISTEN: "127.0.0.1:0",
      FORECOURT_DATA: data,
      FORECOURT_MANIFESTS: manifestsOf("manifests", allPlugins),
      FORECOURT_ADMIN_KEY: key,
      ...env,
    },
  });
}

/** CPU of a process and its children so far, in microseconds: what the scheduler gave each of their threads. */
function cpuOf(pid) {
  let sum = 0;
  const pids = [pid, ...spawnSync("pgrep", ["-P", String(pid)], { encoding: "utf8" }).stdout.split("\n").filter(Boolean)];
  for (const id of pids) {
    for (const task of readdirSync(`/proc/${id}/task`)) {
      sum += Number(readFileSync(`/proc/${id}/task/${task}/schedstat`, "utf8").split(" ")[0]) / 1000;
    }
  }
  return sum;
}

const duration = (text) => {
  const [, number, unit] = text.match(/([\d.]+)(us|ms|s)/);
  return Number(number) * { us: 1, ms: 1000, s: 1_000_000 }[unit];
};

/** wrk from core 1; requests, rate, CPU per request of the server and latencies, all in microseconds. */
export async function load(server, { path = "/", connections = 32, headers = [], script = [], limit = seconds }) {
  const before = cpuOf(server.pid);
  const args = ["-c", "1", "wrk", "-t1", `-c${connections}`, `-d${limit}s`, "--latency"];
  for (const header of headers) args.push("-H", header);
  if (script.length) args.push("-s", script[0]);
  args.push(`http://127.0.0.1:${server.port}${path}`);
  if (script.length) args.push("--", ...script.slice(1));
  const wrk = spawn("taskset", args);
  let said = "";
  wrk.stdout.on("data", (chunk) => (said += chunk));
  wrk.stderr.on("data", (chunk) => (said += chunk));
  await new Promise((done) => wrk.on("exit", done));
  const requests = Number(said.match(/(\d+) requests in/)?.[1]);
  if (!requests) throw new Error(said);
  return {
    requests,
    per_second: Number(said.match(/Requests\/sec:\s+([\d.]+)/)[1]),
    cpu_us: (cpuOf(server.pid) - before) / requests,
    p50_us: duration(said.match(/^\s+50%\s+(\S+)/m)[1]),
    p99_us: duration(said.match(/^\s+99%\s+(\S+)/m)[1]),
    failed: Number(said.match(/Non-2xx or 3xx responses: (\d+)/)?.[1] ?? 0),
  };
}

export const results = [];
export function report(group, name, runs) {
  const row = { group, name, failed: runs.reduce((sum, run) => sum + run.failed, 0) };
  for (const field of ["cpu_us", "per_second", "p50_us", "p99_us"]) row[field] = median(runs.map((run) => run[field]));
  results.push(row);
  console.log(
    `${group.padEnd(12)} ${name.padEnd(44)} ${row.cpu_us.toFixed(1).padStart(8)} us CPU ` +
      `${Math.round(row.per_second).toString().padStart(8)}/s  p50 ${Math.round(row.p50_us)} us  p99 ${Math.round(row.p99_us)} us` +
      (row.failed ? `  ${row.failed} NOT 2xx` : ""),
  );
  return row;
}
export function ratio(name, value, bar) {
  results.push({ group: "ratio", name, value, bar });
  console.log(`${"".padEnd(12)} ${name}: ${value.toFixed(2)} (bar ${bar})`);
}

/** A figure that is no ratio. */
export function figure(name, value, unit) {
  results.push({ group: "figure", name, value, unit });
  console.log(`${"".padEnd(12)} ${name}: ${value < 10 ? value.toFixed(2) : Math.round(value)} ${unit}`);
}

/** A part whose comparator is not there: said, never silently left out. */
export function skipped(name, why) {
  results.push({ group: "skipped", name, why });
  console.log(`${"".padEnd(12)} ${name}: skipped: ${why}`);
}
