// Bugs planted into a copy of the tree, one at a time: the check that a bug names must fail. A patch begins with what it breaks, and
//   Check: <test program> <gtest filter>
//   Build: <ninja targets besides the program's own, if any>
// Wrong are: a patch that no longer applies, a variant that does not build, a check that does not fail, and one that fails without the bug.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const CHECK_TIMEOUT_MS = 5 * 60_000;

function must(command, args, options) {
  const ran = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 28, ...options });
  if (ran.status === 0) return ran.stdout;
  throw new Error(`${command} ${args.join(" ")}: ${ran.error?.message ?? (ran.stdout + ran.stderr).slice(-3000)}`);
}

function readBug(folder, file) {
  const text = readFileSync(join(folder, file), "utf8");
  const valueOf = (name) => text.match(new RegExp(`^${name}: (.+)$`, "m"))?.[1].trim().split(/\s+/) ?? [];
  const [program, filter, ...more] = valueOf("Check");
  if (!filter || more.length) throw new Error(`${file}: wants a line "Check: <test program> <gtest filter>"`);
  return { name: file.replace(/\.patch$/, ""), patch: join(folder, file), program, filter, targets: [program, ...valueOf("Build")] };
}

const filesOf = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesOf(path);
    return [path];
  });

/** What git tracks of the tree, as it stands. A file that did not change keeps its time: nothing is built for it again. */
function copyTree(source, tree) {
  const tracked = must("git", ["-C", source, "ls-files", "-z"]).split("\0");
  const files = new Set(tracked.filter((name) => name && existsSync(join(source, name))));
  for (const file of files) {
    const content = readFileSync(join(source, file));
    const copy = join(tree, file);
    if (existsSync(copy) && readFileSync(copy).equals(content)) continue;
    mkdirSync(dirname(copy), { recursive: true });
    writeFileSync(copy, content);
  }
  for (const folder of readdirSync(tree, { withFileTypes: true })) {
    if (!folder.isDirectory() || folder.name === "build") continue;
    for (const path of filesOf(join(tree, folder.name))) if (!files.has(path.slice(tree.length + 1))) rmSync(path);
  }
}

class Variant {
  constructor(tree, env, scratch) {
    this.tree = tree;
    this.build = join(tree, "build/faults");
    // The copy lies inside of a repository; without this, git would take the paths of a patch for that repository's.
    this.git = { cwd: tree, env: { ...process.env, GIT_CEILING_DIRECTORIES: dirname(tree) } };
    this.env = { ...env, FORECOURT_FAULTS: "slice" };
    this.report = join(scratch, "planted.json");
  }

  configure() {
    must("cmake", ["-S", this.tree, "-B", this.build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release"]);
  }

  make(targets) {
    must("ninja", ["-C", this.build, ...targets]);
  }

  apply(patch, ...flags) {
    must("git", ["apply", ...flags, patch], this.git);
  }

  /** The failures of a check, or an error when it did not come to its end. */
  check({ program, filter }) {
    const path = must("find", [join(this.build, "tests"), "-name", program, "-type", "f"]).trim();
    rmSync(this.report, { force: true });
    const args = [`--gtest_filter=${filter}`, `--gtest_output=json:${this.report}`, "--gtest_brief=1"];
    const ran = spawnSync(path, args, { cwd: this.tree, env: this.env, encoding: "utf8", timeout: CHECK_TIMEOUT_MS, maxBuffer: 1 << 28 });
    if (!existsSync(this.report)) throw new Error(`${program} ended by ${ran.signal ?? `exit ${ran.status}`}: ${(ran.stdout + ran.stderr).slice(-2000)}`);
    const tests = JSON.parse(readFileSync(this.report, "utf8")).testsuites.flatMap((suite) => suite.testsuite);
    if (!tests.some((test) => test.status === "RUN" && test.result !== "SKIPPED")) throw new Error(`${program}: no test ran for ${filter}`);
    return tests.filter((test) => test.failures).map((test) => `${test.classname}.${test.name}`);
  }
}

/** The tests that noticed a bug, or what is wrong. */
function plant(variant, bug) {
  const step = (wrong, work) => {
    try {
      return { got: work() };
    } catch (failure) {
      console.error(failure.message);
      return { wrong };
    }
  };
  const applied = step("the patch no longer applies", () => variant.apply(bug.patch));
  if (applied.wrong) return applied;
  try {
    const built = step("the variant does not build", () => variant.make(bug.targets));
    if (built.wrong) return built;
    const checked = step("the check did not end", () => variant.check(bug));
    if (checked.wrong) return checked;
    return checked.got.length ? { noticed: checked.got } : { wrong: "no test noticed it" };
  } finally {
    variant.apply(bug.patch, "-R");
  }
}

/** Shows one row for each bug whose file name begins with one of `wanted`. */
export function plantBugs({ source, wanted, env, scratch, show }) {
  const folder = join(source, "tests/faults/planted");
  const files = readdirSync(folder).filter((file) => file.endsWith(".patch"));
  for (const start of wanted) {
    if (!files.some((file) => file.startsWith(start))) throw new Error(`no planted bug begins with "${start}"; they are in tests/faults/planted`);
  }
  const bugs = files.filter((file) => wanted.some((start) => file.startsWith(start))).sort().map((file) => readBug(folder, file));

  const tree = join(source, "build/planted/tree");
  mkdirSync(tree, { recursive: true });
  copyTree(source, tree);
  const variant = new Variant(tree, env, scratch);
  variant.configure();
  variant.make([...new Set(bugs.flatMap(({ targets }) => targets))]);

  // Before the first bug: what fails of each check without any. A program keeps the last bug it was built with.
  const checkOf = ({ program, filter }) => `${program} ${filter}`;
  const already = new Map();
  for (const bug of bugs) if (!already.has(checkOf(bug))) already.set(checkOf(bug), variant.check(bug));

  for (const bug of bugs) {
    const started = Date.now();
    const [broken] = already.get(checkOf(bug));
    const { noticed, wrong } = broken ? { wrong: `fails without the bug: ${broken}` } : plant(variant, bug);
    show({
      attack: "planted",
      test: bug.name,
      size: bug.program,
      result: noticed ? "caught" : "FAILED",
      seconds: (Date.now() - started) / 1000,
      figures: wrong ?? `${noticed.length} failed: ${noticed[0]}`,
    });
  }
}
