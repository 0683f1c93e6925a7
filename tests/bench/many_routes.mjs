// Writes a bundle's plugin.json, openapi.json and the C table of its handlers: node many_routes.mjs <count> <folder>.
// The paths are those of an API that grew: collections, items, and things below items.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [count, folder] = [Number(process.argv[2]), process.argv[3]];
const id = `routes${count}`;
const paths = {};
const operations = [];
for (let i = 0; operations.length < count; ++i) {
  const base = `/v1/${id}/things${i}`;
  for (const path of [base, `${base}/{id}`, `${base}/{id}/parts/{part}`]) {
    for (const method of ["get", "post"]) {
      if (operations.length === count) break;
      const operationId = `op${operations.length}`;
      operations.push(operationId);
      const names = [...path.matchAll(/{(\w+)}/g)].map((found) => found[1]);
      paths[path] ??= {};
      paths[path][method] = {
        operationId,
        "x-forecourt": { access: "none", inline: true, scope: "any" },
        parameters: [
          ...names.map((name) => ({ name, in: "path", required: true, schema: { type: "string", maxLength: 40 } })),
          { name: "name", in: "query", schema: { type: "string", minLength: 1, maxLength: 100 } },
        ],
        responses: { 200: { description: "The same for all." } },
      };
    }
  }
}
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "openapi.json"), JSON.stringify({ openapi: "3.1.0", info: { title: id, version: "1.0.0" }, paths }));
writeFileSync(
  join(folder, "plugin.json"),
  JSON.stringify({ descriptor: 1, id, version: "1.0.0", title: "Many routes", services: ["fc.http/1"] }),
);
const entries = operations.map(
  (name) => `static const fc_handler h_${name} = {sizeof(fc_handler), FC_OPERATION, "${name}", NULL, handle, NULL};\n`,
);
writeFileSync(
  join(folder, "many_routes_table.h"),
  `#define ROUTES_ID "${id}"\n${entries.join("")}static const fc_handler* const handlers[] = {${operations
    .map((name) => `&h_${name}`)
    .join(", ")}};\n`,
);
