// Rules of the sources that no compiler checks: colours and sizes stand in tokens.css, text in the
// catalogues, and no address of another host anywhere.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type AST, parse } from "svelte/compiler";
import { expect, test } from "vitest";

const files = readdirSync("src", { recursive: true, encoding: "utf8" }).map((name) =>
  join("src", name),
);
const read = (name: string) => readFileSync(name, "utf8");
const components = files.filter((name) => name.endsWith(".svelte"));

/** Words that are the same in every language, and marks. */
const SAME = /^(hanport|kW|kWh|A|V|W|L\d|h|s|[\d.,:;·–—−+%=*/()\[\]?!●✕⠿‹›≈≤≥&\s"'“”…-])*$/;

/** Attributes that are read or seen. */
const SPOKEN = ["alt", "aria-label", "aria-valuetext", "placeholder", "title"];

function walk(
  node: unknown,
  visit: (node: AST.SvelteNode, parent: AST.SvelteNode | null) => void,
  parent: AST.SvelteNode | null = null,
) {
  if (typeof node !== "object" || node === null) return;
  if (Array.isArray(node)) {
    for (const one of node) walk(one, visit, parent);
    return;
  }
  const here = node as AST.SvelteNode;
  if (typeof here.type === "string") visit(here, parent);
  for (const [key, value] of Object.entries(node)) {
    if (key !== "metadata" && key !== "parent")
      walk(value, visit, typeof here.type === "string" ? here : parent);
  }
}

test.each(components)("%s holds no text of its own", (name) => {
  const found: string[] = [];
  const { fragment } = parse(read(name), { modern: true, filename: name });
  walk(fragment, (node, parent) => {
    if (node.type !== "Text") return;
    if (parent?.type === "StyleDirective") return;
    const inAttribute = parent?.type === "Attribute";
    if (inAttribute && !SPOKEN.includes(parent.name)) return;
    if (/\p{L}/u.test(node.data) && !SAME.test(node.data)) found.push(node.data.trim());
  });
  // codes and formats that one types are the same everywhere
  const codes = found.filter((text) => !/^(\d\d-\d\d|hanport doctor|svg)$/.test(text));
  expect(codes).toEqual([]);
});

test.each([...components, "src/base.css"])("%s names no colour and no size of its own", (name) => {
  const text = read(name);
  const style = name.endsWith(".css") ? text : (/<style>([\s\S]*)<\/style>/.exec(text)?.[1] ?? "");
  const declarations = style.replace(/@media[^{]*/g, "").replace(/\/\*[\s\S]*?\*\//g, "");
  expect(declarations.match(/#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(/gi) ?? []).toEqual([]);
  // hairlines and hatches are drawn in pixels; everything else is a token or follows the type
  const sizes = (declarations.match(/\b\d+px/g) ?? []).filter((size) => Number.parseInt(size) > 6);
  expect(sizes).toEqual([]);
});

test("no source speaks to another host", () => {
  const speaking = files
    .filter((name) => /\.(ts|svelte|css)$/.test(name) && !name.endsWith("purity.test.ts"))
    .filter((name) => /["'(]https?:\/\/(?!localhost|www\.w3\.org)/.test(read(name)));
  expect(speaking).toEqual([]);
});
