// Who may include whom: the table of docs/ARCHITECTURE.md against every #include of the tree.
//   node layers.mjs <root>        lists what breaks it; exit 1 when something does

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const root = process.argv[2];
const broken = [];

/** folder → the folders it names in the table's last column. */
function table() {
  const rows = new Map();
  for (const line of readFileSync(join(root, "docs/ARCHITECTURE.md"), "utf8").split("\n")) {
    const cells = line.split("|").map((cell) => cell.trim());
    if (cells.length !== 5 || !/^(`[a-z/]+`(, )?)+$/.test(cells[1])) continue;
    const folders = cells[1].replaceAll("`", "").split(", ");
    for (const folder of folders) rows.set(folder, cells[3]);
  }
  const all = [...rows.keys()];
  const names = (text) => (text.startsWith("nothing") ? [] : text === "everything" ? all : text.split(", "));
  return new Map(all.map((folder) => [folder, names(rows.get(folder))]));
}

/** What a folder reaches: itself, what it names, and what those reach. */
function reach(links, folder, seen = new Set()) {
  if (seen.has(folder)) return seen;
  seen.add(folder);
  for (const next of links.get(folder) ?? []) reach(links, next, seen);
  return seen;
}

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (/\.(c|h|cpp|hpp)$/.test(entry.name)) yield path;
  }
}

function* includes(path) {
  let number = 0;
  for (const line of readFileSync(path, "utf8").split("\n")) {
    number += 1;
    const found = line.match(/^\s*#\s*include\s*["<]([^">]+)[">]/);
    if (found) yield { header: found[1], where: `${relative(root, path)}:${number}` };
  }
}

// Libraries that one place alone may see.
const kept = [
  { header: /^sqlite3\.h$/, in: ["runtime/storage/"] },
  { header: /^seccomp\.h$/, in: ["runtime/sandbox/"] },
  { header: /^boost\/dll/, in: ["runtime/plugin/library.cpp"] },
  { header: /^boost\/(asio|beast)/, in: ["runtime/gateway/", "runtime/isolate/"] },
];

const links = table();
const folders = [...links.keys()].sort((a, b) => b.length - a.length);
const folderOf = (path) => folders.find((folder) => path.startsWith(`${folder}/`));

for (const path of sources(join(root, "runtime"))) {
  const name = relative(join(root, "runtime"), path);
  const folder = folderOf(name);
  for (const { header, where } of includes(path)) {
    const keeper = kept.find((one) => one.header.test(header));
    if (keeper && !keeper.in.some((place) => where.startsWith(place))) {
      broken.push(`${where}: ${header} belongs to ${keeper.in.join(" and ")} alone`);
    }
    const target = header.startsWith("forecourt/") ? "sdk" : folderOf(header);
    if (!target || !folder) continue; // a library's; main.cpp
    if (!reach(links, folder).has(target)) broken.push(`${where}: ${folder} may not include ${target} (${header})`);
  }
}

for (const path of [...sources(join(root, "plugins")), ...sources(join(root, "sdk/include"))]) {
  for (const { header, where } of includes(path)) {
    if (folderOf(header) && !header.startsWith("forecourt/")) {
      const own = where.startsWith("plugins/") && [...sources(join(root, where.split("/").slice(0, 2).join("/")))];
      if (own && own.some((file) => file.endsWith(`/${header}`))) continue;
      broken.push(`${where}: plugins and their headers see the sdk alone (${header})`);
    }
    if (header.includes("..")) broken.push(`${where}: ${header} leaves its folder`);
  }
}

for (const text of broken) console.log(text);
if (links.size < 10) console.log(`the table of docs/ARCHITECTURE.md has only ${links.size} folders`);
process.exit(broken.length || links.size < 10 ? 1 : 0);
