// Redemption over HTTP against the probe: the same statements without a gateway.

import { spawnSync } from "node:child_process";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build, coupons, figure, here, key, load, ratio, report, rounds, start, startHost, work } from "./lib.mjs";

export const script = (codes, skip, prefix, idempotent = "no", most = 400_000) =>
  [join(here, "redeem.lua"), codes, skip, key, prefix, idempotent, most].map(String);

let seeds = 0;

/** A fresh data folder whose coupons store holds `count` coupons, and the file of their codes. */
export async function seeded(count) {
  const data = join(work, `seed-${++seeds}`);
  const host = await startHost(data);
  const made = await fetch(`http://127.0.0.1:${host.port}/admin/v1/orgs`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ id: "store-12", parent: "group", kind: "store", name: "Store 12" }),
  });
  if (made.status !== 201) throw new Error(await made.text());
  await host.stop();
  const codes = `${data}-codes`;
  const seed = spawnSync(join(build, "tests/bench/seed_coupons"), [join(data, "plugins/coupons/store.db"), count, codes], {
    encoding: "utf8",
  });
  if (seed.status !== 0) throw new Error(seed.stderr);
  return { data, codes };
}

export async function redemption() {
  const { data, codes } = await seeded(coupons);
  const probeStore = join(work, "probe");
  cpSync(join(data, "plugins/coupons"), probeStore, { recursive: true });
  const used = { host: 0, probe: 0 };
  const run = async (server, who, connections, idempotent) => {
    const result = await load(server, { connections, script: script(codes, used[who], `${who}${used[who]}`, idempotent) });
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
      report("redeem", "probe, c1", [await run(probe, "probe", 1)]);
      const commit = bareCommit(join(probeStore, "store.db"), codes);
      figure("one bare FULL commit of the same statements", commit, "us");
      ratio("latency at one connection / bare FULL commit", row.p50_us / commit, "<= 1.3");
    }
  }
  report("redeem", "host, Idempotency-Key, c128", [await run(host, "host", 128, "yes")]);
  const status = readFileSync(`/proc/${host.pid}/status`, "utf8");
  figure("RSS after the campaign", Number(status.match(/VmRSS:\s+(\d+)/)[1]) / 1024, "MB");
  await probe.stop();
  await host.stop();
}

/** The median of the probe's statements and one FULL commit, no socket, in microseconds; the last codes of the file. */
function bareCommit(store, codes) {
  const ran = spawnSync("taskset", ["-c", "0", join(build, "tests/bench/redeem_probe"), store, codes, "2000"], { encoding: "utf8" });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return Number(ran.stdout);
}

/** What a redemption costs as the table grows. */
export async function tableSizes() {
  const rows = [];
  for (const count of [1_000, 10_000, 100_000, 1_000_000].filter((n) => n <= coupons)) {
    const { data, codes } = await seeded(count);
    const host = await startHost(data);
    const slice = Math.floor(Math.min(count, 60_000) / rounds);
    const runs = [];
    for (let round = 0; round < rounds; ++round) {
      const skip = round * slice;
      runs.push(await load(host, { connections: 32, limit: 3, script: script(codes, skip, `size${skip}`, "no", slice) }));
    }
    for (const one of runs) one.failed = 0; // the last code again, until the thread has stopped
    rows.push(report("table size", `host, c32, ${count.toLocaleString("en")} coupons`, runs));
    await host.stop();
  }
  ratio("redemption among most coupons / among 1,000", rows.at(-1).cpu_us / rows[0].cpu_us, "flat");
}
