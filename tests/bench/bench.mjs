// ./dev bench: figures as ratios of one run. The host (or a baseline) has core 0, the client core 1; CPU per request comes from
// the process's own accounting, medians of three rounds. Prints a table, writes a JSON file.
//   node bench.mjs <build folder> <output.json> [--quick] [part...]

import { writeFileSync } from "node:fs";
import { footprint, hello } from "./hello.mjs";
import { isolated } from "./isolated.mjs";
import { coupons, quick, results, rounds, seconds } from "./lib.mjs";
import { postgres } from "./postgres.mjs";
import { redemption, tableSizes } from "./redemption.mjs";
import { routes } from "./routes.mjs";
import { workerd } from "./workerd.mjs";

const parts = { hello, routes, footprint, redemption, tableSizes, isolated, workerd, postgres };
const asked = process.argv.slice(4).filter((word) => !word.startsWith("--"));
for (const name of asked) {
  if (!parts[name]) throw new Error(`no part "${name}"; there are ${Object.keys(parts).join(", ")}`);
}
for (const [name, part] of Object.entries(parts)) {
  if (!asked.length || asked.includes(name)) await part();
}
const output = process.argv[3];
writeFileSync(output, JSON.stringify({ quick, coupons, seconds, rounds, results }, null, 2));
console.log(`\nwritten to ${output}`);
process.exit(0);
