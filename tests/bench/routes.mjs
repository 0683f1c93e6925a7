// One route against 609: the same handler, the same request, the last collection of each table.

import { join } from "node:path";
import { build, key, load, manifestsOf, ratio, report, rounds, startHost, work } from "./lib.mjs";

/** The last collection of a generated table, see many_routes.mjs: six operations a collection. */
const lastPath = (count) => `/v1/routes${count}/things${Math.ceil(count / 6) - 1}`;

export async function routes() {
  const runs = {};
  const servers = {};
  for (const count of [1, 609]) {
    const id = `routes${count}`;
    servers[count] = await startHost(join(work, id), {
      FORECOURT_MANIFESTS: manifestsOf(`manifests-${id}`, [id], () => join(build, "bench", id)),
    });
    runs[count] = [];
  }
  for (let round = 0; round < rounds; ++round) {
    for (const count of [1, 609]) {
      const path = `${lastPath(count)}?name=Ada`;
      runs[count].push(await load(servers[count], { path, headers: [`Authorization: Bearer ${key}`] }));
    }
  }
  const rows = [1, 609].map((count) => report("routes", `${count} route${count > 1 ? "s" : ""}`, runs[count]));
  ratio("609 routes / 1 route", rows[1].cpu_us / rows[0].cpu_us, "<= 1.1");
  for (const server of Object.values(servers)) await server.stop();
}
