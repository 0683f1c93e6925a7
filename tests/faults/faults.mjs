// ./dev faults: runs the attacks at full size (--quick: the slices of ./dev test), prints what became of each, writes faults.json.
//   node faults.mjs <source folder> <build folder> <output.json> [--quick] [names...]
// A name is an attack's, or "planted", or "planted/full-disk" for the planted bugs whose file begins so.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { plantBugs } from "./planted.mjs";

const [source, build, output, ...rest] = process.argv.slice(2);
const quick = rest.includes("--quick");
const wanted = rest.filter((name) => !name.startsWith("--"));
const unknown = rest.find((name) => name.startsWith("--") && name !== "--quick");
const programs = ["faults_machine", "faults_http", "faults_load"].map((name) => join(build, "tests/faults", `${name}_test`));
const scratch = mkdtempSync(join(tmpdir(), "forecourt-faults-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

const env = { ...process.env, FORECOURT_FAULTS: quick ? "slice" : "full" };
for (const name of Object.keys(env)) if (name.startsWith("FORECOURT_") && name !== "FORECOURT_FAULTS") delete env[name];

const fail = (text) => {
  console.error(`dev faults: ${text}`);
  process.exit(1);
};
if (unknown) fail(`no option ${unknown}; there is --quick`);

/** "PowerCut" is called power-cut. */
const nameOf = (suite) =>
  suite
    .replace(/.*\//, "")
    .replace(/([a-z])([A-Z])/g, "$1-$2")
    .toLowerCase();

/** The attacks of a program: its gtest suites; those with parameters count as one. */
function attacksOf(program) {
  const listed = spawnSync(program, ["--gtest_list_tests"], { encoding: "utf8", env });
  if (listed.status !== 0) fail(`${program} does not list its attacks: ${listed.stderr}`);
  const attacks = new Map();
  for (const line of listed.stdout.split("\n")) {
    const suite = line.match(/^(\S+)\./)?.[1];
    if (!suite) continue;
    const name = nameOf(suite.split("/").slice(-1)[0]);
    attacks.set(name, [...(attacks.get(name) ?? []), `${suite}.*`]);
  }
  return [...attacks].map(([name, filters]) => ({ name, program, filter: filters.join(":") }));
}

const rows = [];
function show(row) {
  rows.push(row);
  const took = `${row.seconds.toFixed(1)} s`.padStart(8);
  console.log(
    `${row.attack.padEnd(12)} ${(row.test ?? "").padEnd(52)} ${row.size.padEnd(40)} ${row.result.padEnd(7)}${took}  ${row.figures}`,
  );
}

function run({ name, program, filter }) {
  const report = join(scratch, `${name}.json`);
  const args = [`--gtest_filter=${filter}`, `--gtest_output=json:${report}`, "--gtest_brief=1"];
  const ran = spawnSync(program, args, { encoding: "utf8", env, cwd: source, maxBuffer: 1 << 28 });
  let suites;
  try {
    suites = JSON.parse(readFileSync(report, "utf8")).testsuites;
  } catch {
    console.error(ran.stdout + ran.stderr);
    return show({ attack: name, size: "", result: "died", seconds: 0, figures: `signal ${ran.signal}` });
  }
  for (const test of suites.flatMap((suite) => suite.testsuite)) {
    if (test.result === "SKIPPED") {
      show({ attack: name, test: test.name, size: "", result: "skipped", seconds: 0, figures: test.skipped?.[0]?.message ?? "" });
      continue;
    }
    const failures = test.failures ?? [];
    show({
      attack: name,
      test: test.name,
      size: test.size ?? "",
      result: failures.length ? "FAILED" : "held",
      seconds: parseFloat(test.time),
      figures: test.figures ?? "",
    });
    for (const { failure } of failures.slice(0, 20)) console.error(failure);
  }
}

const isPlanted = (name) => /^planted(\/|$)/.test(name);
const planted = wanted.length === 0 ? ["planted"] : wanted.filter(isPlanted);
const named = wanted.filter((name) => !isPlanted(name));
const attacks = wanted.length > 0 && named.length === 0 ? [] : programs.flatMap(attacksOf);
const names = [...attacks.map(({ name }) => name), "planted"];
for (const name of named) if (!names.includes(name)) fail(`no attack "${name}"; there are ${names.join(", ")}`);
for (const attack of attacks) if (wanted.length === 0 || named.includes(attack.name)) run(attack);
try {
  if (planted.length) plantBugs({ source, wanted: planted.map((name) => name.slice("planted/".length)), env, scratch, show });
} catch (failure) {
  show({ attack: "planted", size: "", result: "FAILED", seconds: 0, figures: "did not come to its end" });
  console.error(failure.message);
}

mkdirSync(dirname(output), { recursive: true });
const result = { size: quick ? "slice" : "full", cores: availableParallelism(), attacks: rows };
writeFileSync(output, `${JSON.stringify(result, null, 2)}\n`);
process.exit(rows.every(({ result: became }) => ["held", "caught", "skipped"].includes(became)) ? 0 : 1);
