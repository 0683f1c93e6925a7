// What a process of its own costs: the same calls to the same plugins in process and isolated, side by side.

import { join } from "node:path";
import { allPlugins, build, coupons, figure, key, load, manifestsOf, ratio, report, rounds, startHost, work } from "./lib.mjs";
import { script, seeded } from "./redemption.mjs";

const apart = () =>
  manifestsOf("manifests-isolated", allPlugins, (id) => join(build, "plugins", id), "isolated");

async function hello() {
  const target = { path: "/v1/hello?name=Ada", headers: [`Authorization: Bearer ${key}`] };
  const inside = await startHost(join(work, "hello-inside"));
  const outside = await startHost(join(work, "hello-outside"), { FORECOURT_MANIFESTS: apart() });
  const runs = { inside: [], outside: [] };
  for (let round = 0; round < rounds; ++round) {
    runs.inside.push(await load(inside, target));
    runs.outside.push(await load(outside, target));
  }
  const a = report("isolated", "hello in process, c32", runs.inside);
  const b = report("isolated", "hello isolated, c32", runs.outside);
  ratio("hello isolated - in process, us CPU a call", b.cpu_us - a.cpu_us, "<= 15");
  const one = report("isolated", "hello isolated, c1", [await load(outside, { ...target, connections: 1 })]);
  figure("hello isolated, one connection, p50", one.p50_us, "us");
  await inside.stop();
  await outside.stop();
}

async function redemption() {
  const rows = [];
  for (const [name, env] of [["in process", {}], ["isolated", { FORECOURT_MANIFESTS: apart() }]]) {
    const { data, codes } = await seeded(coupons);
    const host = await startHost(data, env);
    const runs = [];
    let used = 0;
    for (let round = 0; round < rounds; ++round) {
      const run = await load(host, { connections: 128, script: script(codes, used, `r${used}`) });
      used += run.requests + 1000;
      runs.push(run);
    }
    rows.push(report("isolated", `redemption ${name}, c128`, runs));
    await host.stop();
  }
  ratio("redemption isolated / in process", rows[1].per_second / rows[0].per_second, ">= 0.6");
}

export async function isolated() {
  await hello();
  await redemption();
}
