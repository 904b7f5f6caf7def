import { expect, test } from "vitest";
import type { ExplainedNode } from "./api";
import { hueOf, layersOf, rowsOf } from "./message";

const node = (
  label: string,
  start: number,
  end: number,
  more: Partial<ExplainedNode> = {},
): ExplainedNode => ({
  start,
  end,
  kind: "frame",
  label,
  value: "",
  children: [],
  inner: null,
  ...more,
});

test("a tree is read from the top with its depths", () => {
  const tree = [node("frame", 0, 4, { children: [node("flag", 0, 1), node("data", 1, 4)] })];
  expect(rowsOf(tree).map((row) => [row.label, row.depth])).toEqual([
    ["frame", 0],
    ["flag", 1],
    ["data", 1],
  ]);
});

test("what was deciphered is a layer of its own", () => {
  const inner = { name: "deciphered", octets: "00", nodes: [node("list", 0, 1)] };
  const outer = {
    name: "",
    octets: "0102",
    nodes: [node("frame", 0, 2, { children: [node("sealed", 0, 2, { inner })] })],
  };
  expect(layersOf(outer).map((layer) => layer.name)).toEqual(["", "deciphered"]);
});

test("a wrong check looks like a fault", () => {
  expect(hueOf("check-wrong")).toBe("fault");
  expect(hueOf("check-right")).toBe("frame");
  expect(hueOf("obis")).toBe("value");
});
