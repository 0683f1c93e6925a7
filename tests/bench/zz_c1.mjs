import { spawnSync, spawn } from "node:child_process";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build, coupons, figure, here, key, load, ratio, report, rounds, start, startHost, work } from "./lib.mjs";
const count=100000;
const script = (codes, skip, prefix, idempotent = "no", most = 400_000) =>
  [join(here, "redeem.lua"), codes, skip, key, prefix, idempotent, most].map(String);
const data = join(work, `seed-1`);
let host = await startHost(data);
const made = await fetch(`http://127.0.0.1:${host.port}/admin/v1/orgs`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ id: "store-12", parent: "group", kind: "store", name: "Store 12" }),
});
if (made.status !== 201) throw new Error(await made.text());
await host.stop();
const codes = `${data}-codes`;
const seed = spawnSync(join(build, "tests/bench/seed_coupons"), [join(data, "plugins/coupons/store.db"), count, codes], {encoding: "utf8"});
const probeStore = join(work, "probe");
cpSync(join(data, "plugins/coupons"), probeStore, { recursive: true });
host = await startHost(data, { FORECOURT_ACCESS_LOG: "on" });
const mode = process.env.MODE ?? "";
const conns = Number(process.env.CONNS ?? 1);
let rec;
if (mode === "perf") rec = spawn("perf", ["record","-F","2000","-g","-o","/tmp/perf.data","-p",String(host.pid),"--","sleep","4"],{stdio:"inherit"});
if (mode === "strace") rec = spawn("timeout", ["4", "strace","-f","-tt","-T","-o","/tmp/strace.out","-p",String(host.pid)],{stdio:"inherit"});
report("redeem", `host c${conns}`, [await load(host, { connections: conns, limit: 4, script: script(codes, 0, "x") })]);
if (rec) await new Promise((d)=>rec.on("exit",d));
report("redeem", `host c${conns}`, [await load(host, { connections: conns, limit: 4, script: script(codes, 40000, "y") })]);
const bare = spawnSync("taskset", ["-c", "0", join(build, "tests/bench/redeem_probe"), join(probeStore,"store.db"), codes, "2000"], { encoding: "utf8" });
figure("bare", Number(bare.stdout), "us");
await host.stop();
