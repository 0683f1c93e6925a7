// ./dev bench: figures as ratios of one run. The host (or a baseline) has core 0, the client core 1; CPU per request comes from
// the process's own accounting (/proc/<pid>/stat), medians of three rounds. Prints a table, writes bench.json.
//   node bench.mjs <build folder> <output.json> [--quick]

import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const [build, output] = process.argv.slice(2);
const quick = process.argv.includes("--quick");
const here = dirname(fileURLToPath(import.meta.url));
const seconds = quick ? 2 : 5;
const rounds = 3;
const coupons = quick ? 100_000 : 1_000_000;
const key = "admin-key-of-the-benchmark";
const work = mkdtempSync(join(tmpdir(), "forecourt-bench-"));
const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
  rmSync(work, { recursive: true, force: true });
});

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Starts a server on core 0; resolves when `ready` finds its port in what it prints. */
function start(command, args, { env = {}, ready = /(\d+)/, port } = {}) {
  const child = spawn("taskset", ["-c", "0", command, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "ignore"],
  });
  running.add(child);
  return new Promise((resolve, reject) => {
    let said = "";
    child.on("exit", () => reject(new Error(`${command} ended: ${said}`)));
    const stop = () =>
      new Promise((done) => {
        child.removeAllListeners("exit");
        child.on("exit", () => (running.delete(child), done()));
        child.kill("SIGTERM");
      });
    if (port) return sleep(1000).then(() => resolve({ pid: child.pid, port, stop }));
    child.stdout.on("data", (chunk) => {
      said += chunk;
      const found = said.match(ready);
      if (found) resolve({ pid: child.pid, port: Number(found[1]), stop });
    });
  });
}

/** A host with the plugins of this build. */
function startHost(data, env = {}) {
  const manifests = join(work, "manifests");
  if (!existsSync(manifests)) {
    mkdirSync(manifests);
    for (const id of ["hello", "payments", "membership", "coupons", "community"]) {
      const manifest = JSON.parse(readFileSync(join(here, "../../manifests", `${id}.json`), "utf8"));
      manifest.path = join(build, "plugins", id);
      writeFileSync(join(manifests, `${id}.json`), JSON.stringify(manifest));
    }
  }
  return start(join(build, "forecourt"), ["serve"], {
    ready: /http:\/\/127\.0\.0\.1:(\d+)/,
    env: {
      FORECOURT_LISTEN: "127.0.0.1:0",
      FORECOURT_DATA: data,
      FORECOURT_MANIFESTS: manifests,
      FORECOURT_ADMIN_KEY: key,
      ...env,
    },
  });
}

/** CPU of a process and its children so far, in microseconds. */
function cpuOf(pid) {
  const total = (id) => {
    const fields = readFileSync(`/proc/${id}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 10_000;
  };
  let sum = total(pid);
  for (const task of spawnSync("pgrep", ["-P", String(pid)], { encoding: "utf8" }).stdout.split("\n")) {
    if (task) sum += total(task);
  }
  return sum;
}

const duration = (text) => {
  const [, number, unit] = text.match(/([\d.]+)(us|ms|s)/);
  return Number(number) * { us: 1, ms: 1000, s: 1_000_000 }[unit];
};

/** wrk from core 1; requests, rate, CPU per request of the server and latencies, all in microseconds. */
async function load(server, { path = "/", connections = 32, headers = [], script = [] }) {
  const before = cpuOf(server.pid);
  const args = ["-c", "1", "wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "--latency"];
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
    p50_us: duration(said.match(/50%\s+(\S+)/)[1]),
    p99_us: duration(said.match(/99%\s+(\S+)/)[1]),
    failed: Number(said.match(/Non-2xx or 3xx responses: (\d+)/)?.[1] ?? 0),
  };
}

const results = [];
function report(group, name, runs) {
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
function ratio(name, value, bar) {
  results.push({ group: "ratio", name, value, bar });
  console.log(`${"".padEnd(12)} ${name}: ${value.toFixed(2)} (bar ${bar})`);
}

function nginxConf(lua) {
  const answer = lua
    ? `content_by_lua_block { ngx.header["Content-Type"]="application/json"; ngx.print('{"hello":"Ada"}') }`
    : `default_type application/json; return 200 '{"hello":"Ada"}';`;
  const file = join(work, lua ? "lua.conf" : "return.conf");
  const modules = lua
    ? "load_module /usr/lib/nginx/modules/ndk_http_module.so;\nload_module /usr/lib/nginx/modules/ngx_http_lua_module.so;\n"
    : "";
  writeFileSync(
    file,
    `${modules}daemon off; worker_processes 1; pid ${work}/nginx-${lua}.pid; error_log stderr crit;
events { worker_connections 1024; }
http { access_log off; keepalive_requests 100000000; server { listen 127.0.0.1:${lua ? 18982 : 18981}; location / { ${answer} } } }\n`,
  );
  return file;
}

async function hello() {
  const target = { path: "/v1/hello?name=Ada", headers: [`Authorization: Bearer ${key}`] };
  const servers = {
    "bare responder (Asio, basic_parser, fixed)": await start(join(build, "tests/bench/bare_responder"), []),
    "host: auth, routing, validation, metrics, log": await startHost(join(work, "hello")),
    "host without the access log": await startHost(join(work, "hello-quiet"), { FORECOURT_ACCESS_LOG: "off" }),
  };
  if (existsSync("/usr/sbin/nginx")) {
    servers["nginx return"] = await start("/usr/sbin/nginx", ["-c", nginxConf(false)], { port: 18981 });
    if (existsSync("/usr/lib/nginx/modules/ngx_http_lua_module.so")) {
      servers["nginx + Lua"] = await start("/usr/sbin/nginx", ["-c", nginxConf(true)], { port: 18982 });
    }
  }
  const runs = Object.fromEntries(Object.keys(servers).map((name) => [name, []]));
  for (let round = 0; round < rounds; ++round) {
    for (const [name, server] of Object.entries(servers)) runs[name].push(await load(server, target));
  }
  const rows = Object.entries(runs).map(([name, list]) => report("hello", name, list));
  ratio("hello / bare responder", rows[1].cpu_us / rows[0].cpu_us, "<= 1.5");
  const lua = rows.find((row) => row.name === "nginx + Lua");
  if (lua) ratio("hello / nginx + Lua", rows[1].cpu_us / lua.cpu_us, "<= 1");
  for (const server of Object.values(servers)) await server.stop();
}

/** A data folder whose coupons store holds `count` fresh coupons, and the file of their codes. */
async function seeded(count) {
  const data = join(work, `seed-${count}`);
  const host = await startHost(data);
  const made = await fetch(`http://127.0.0.1:${host.port}/admin/v1/orgs`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ id: "store-12", parent: "group", kind: "store", name: "Store 12" }),
  });
  if (made.status !== 201) throw new Error(await made.text());
  await host.stop();
  const codes = join(work, `codes-${count}`);
  const seed = spawnSync(join(build, "tests/bench/seed_coupons"), [join(data, "plugins/coupons/store.db"), count, codes], {
    encoding: "utf8",
  });
  if (seed.status !== 0) throw new Error(seed.stderr);
  return { data, codes };
}

async function redemption() {
  const { data, codes } = await seeded(coupons);
  const probeStore = join(work, "probe");
  cpSync(join(data, "plugins/coupons"), probeStore, { recursive: true });
  const script = (skip, prefix, idempotent = "no") => [join(here, "redeem.lua"), codes, skip, key, prefix, idempotent].map(String);
  const used = { host: 0, probe: 0 };
  const run = async (server, who, connections, idempotent) => {
    const result = await load(server, { connections, script: script(used[who], `${who}${used[who]}`, idempotent) });
    used[who] += result.requests + 1000;
    return result;
  };
  const probe = await start(join(build, "tests/bench/redeem_probe"), [join(probeStore, "store.db")]);
  const host = await startHost(data, { FORECOURT_ACCESS_LOG: "on" });
  const bare = [];
  const real = [];
  for (let round = 0; round < rounds; ++round) {
    bare.push(await run(probe, "probe", 128));
    real.push(await run(host, "host", 128));
  }
  const probeRow = report("redeem", "probe: epoll + SQLite, one thread, c128", bare);
  const hostRow = report("redeem", "host over HTTP, subscribers draining, c128", real);
  ratio("redemption / probe", hostRow.per_second / probeRow.per_second, ">= 0.5");
  for (const connections of [1, 8, 32, 512]) {
    const row = report("redeem", `host, c${connections}`, [await run(host, "host", connections)]);
    if (connections === 1) {
      const one = report("redeem", "probe, c1", [await run(probe, "probe", 1)]);
      ratio("latency at one connection / probe", row.p50_us / one.p50_us, "<= 1.3");
    }
  }
  report("redeem", "host, Idempotency-Key, c128", [await run(host, "host", 128, "yes")]);
  const status = readFileSync(`/proc/${host.pid}/status`, "utf8");
  console.log(`${"".padEnd(12)} RSS after the campaign: ${Math.round(Number(status.match(/VmRSS:\s+(\d+)/)[1]) / 1024)} MB`);
  await probe.stop();
  await host.stop();
}

async function footprint() {
  const began = performance.now();
  const host = await startHost(join(work, "hello"));
  const start_ms = performance.now() - began;
  await sleep(1000);
  const rss = Number(readFileSync(`/proc/${host.pid}/status`, "utf8").match(/VmRSS:\s+(\d+)/)[1]) / 1024;
  ratio("start with all plugins, ms", start_ms, "<= 300");
  ratio("idle RSS with all plugins, MB", rss, "<= 40");
  await host.stop();
}

await hello();
await footprint();
await redemption();
writeFileSync(output, JSON.stringify({ quick, coupons, seconds, rounds, results }, null, 2));
console.log(`\nwritten to ${output}`);
process.exit(0);
