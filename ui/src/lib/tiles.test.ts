import { expect, test } from "vitest";
import { AS_IT_COMES, TILES, isShown, ordered, rows } from "./tiles";

const known = { live: null, phases: 3, hasPrices: false, hasPeaks: false };

test("tiles that need prices or a tariff come when there are some", () => {
  expect(isShown("price", AS_IT_COMES, known)).toBe(false);
  expect(isShown("price", AS_IT_COMES, { ...known, hasPrices: true })).toBe(true);
  expect(isShown("peaks", AS_IT_COMES, { ...known, hasPeaks: true })).toBe(true);
});

test("what is hidden stays away and what is shown always stays", () => {
  const arrangement = { ...AS_IT_COMES, shown: { day: "hide", phases: "show" } as const };
  expect(isShown("day", arrangement, known)).toBe(false);
  expect(isShown("phases", arrangement, { ...known, phases: 0 })).toBe(true);
});

test("every tile stands once, whatever was kept", () => {
  const order = ordered({ order: ["year", "year", "now"], shown: {} });
  expect(order.slice(0, 2)).toEqual(["year", "now"]);
  expect([...order].sort()).toEqual([...TILES].sort());
});

test("two halves beside one another share a row", () => {
  expect(rows(["phases", "counters", "day"]).map((row) => row.tiles.length)).toEqual([2, 1]);
  expect(rows(["phases", "hours", "month"]).map((row) => row.tiles.length)).toEqual([1, 2]);
  expect(rows(["year", "peaks"])[0]?.tiles.map(({ place }) => place)).toEqual(["seven", "five"]);
});
