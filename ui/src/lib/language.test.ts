import { expect, test } from "vitest";
import en from "../text/en";
import { LANGUAGES, codeOf } from "./language.svelte";

/** Every text of a catalogue by its path; functions by what they make of marked arguments. */
function texts(catalogue: unknown, path = ""): [string, string][] {
  if (typeof catalogue === "string") return [[path, catalogue]];
  if (typeof catalogue === "function") {
    const marked = ["A1", "B2", "C3", "D4"];
    return [[path, String((catalogue as (...a: unknown[]) => string)(...marked))]];
  }
  return Object.entries(catalogue as object).flatMap(([key, value]) =>
    texts(value, `${path}.${key}`),
  );
}

const codes = Object.keys(LANGUAGES) as (keyof typeof LANGUAGES)[];
const english = new Map(texts(en));

test.each(codes)("%s says everything and leaves out no figure", async (code) => {
  const { default: catalogue } = await LANGUAGES[code].load();
  for (const [path, text] of texts(catalogue)) {
    const marks = (said: string) => [...said.matchAll(/[ABCD]\d/g)].map(([mark]) => mark).sort();
    const there = new Set(marks(english.get(path) ?? ""));
    if (there.size > 0) expect([...new Set(marks(text))], path).toEqual([...there]);
    // what matters is marked as often, so that no star is left over
    expect((text.match(/\*\*/g) ?? []).length % 2, path).toBe(0);
    if (english.get(path) !== "") expect(text, path).not.toBe("");
  }
});

test("languages are found by any tag of theirs", () => {
  expect(codeOf("nn-NO")).toBe("nb");
  expect(codeOf("no")).toBe("nb");
  expect(codeOf("de-AT")).toBe("de");
  expect(codeOf("fr")).toBeUndefined();
});
