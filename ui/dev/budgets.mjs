// What the page weighs when it is sent, against what it may weigh. Sizes are KiB after gzip.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const BUDGETS = {
  "first load, scripts": 60,
  "largest other script": 40,
  "all styles": 12,
  everything: 250,
};

const dist = new URL("../dist/", import.meta.url).pathname;
const weight = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length / 1024;
const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(dist.length));

// the first load: the entry, one language, the view of now, and what these import
const first = new Set();
const take = (file) => {
  if (first.has(file)) return;
  first.add(file);
  const text = readFileSync(join(dist, file), "utf8");
  for (const [, name] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g))
    take(`assets/${name}`);
};
const entry = /src="\.\/(assets\/[^"]+\.js)"/.exec(readFileSync(join(dist, "index.html"), "utf8"));
take(entry[1]);
for (const start of ["assets/en-", "assets/Now-"]) {
  take(files.find((file) => file.startsWith(start) && file.endsWith(".js")));
}

const scripts = files.filter((file) => file.endsWith(".js"));
const others = scripts.filter((file) => !first.has(file));
const sum = (list) => list.reduce((total, file) => total + weight(file), 0);
const found = {
  "first load, scripts": sum(scripts.filter((file) => first.has(file))),
  "largest other script": Math.max(0, ...others.map(weight)),
  "all styles": sum(files.filter((file) => file.endsWith(".css"))),
  everything: sum(files),
};

let over = false;
for (const [name, limit] of Object.entries(BUDGETS)) {
  const size = found[name];
  over ||= size > limit;
  console.log(
    `${name.padEnd(22)} ${size.toFixed(1).padStart(6)} of ${limit} KiB${size > limit ? "  TOO MUCH" : ""}`,
  );
}
process.exit(over ? 1 : 0);
