// workerd, whose SQLite durable object does one insert a request: the redemption of the host does five statements.

import { existsSync, mkdirSync, readFileSync, writeFileSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { build, here, load, ratio, report, results, rounds, skipped, start, work } from "./lib.mjs";

export async function workerd() {
  const program = join(build, "bench-tools/node_modules/@cloudflare/workerd-linux-64/bin/workerd");
  if (!existsSync(program)) return skipped("workerd", "npm could not install it");
  const folder = join(work, "workerd");
  mkdirSync(join(folder, "disk"), { recursive: true });
  const config = readFileSync(join(here, "workerd/config.capnp"), "utf8").replace("DISK", join(folder, "disk"));
  writeFileSync(join(folder, "config.capnp"), config);
  copyFileSync(join(here, "workerd/insert.js"), join(folder, "insert.js"));
  const server = await start(program, ["serve", join(folder, "config.capnp")], { port: 18983 });
  const runs = [];
  for (let round = 0; round < rounds; ++round) runs.push(await load(server, { connections: 128 }));
  const row = report("workerd", "SQLite durable object, one insert, c128", runs);
  const host = results.find((one) => one.group === "redeem" && one.name.startsWith("host over HTTP"));
  if (host) ratio("redemption / workerd", host.per_second / row.per_second, ">= 10");
  await server.stop();
}
