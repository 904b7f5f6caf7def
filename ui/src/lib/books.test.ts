import { expect, test } from "vitest";
import type { EnergyRow } from "./api";
import { difference, fill, gaps, steps, total, usual } from "./books";
import { HOUR, QUARTER, dayOf, monthOf } from "./calendar";

const OSLO = "Europe/Oslo";
const row = (from: number, wh: number, quality: EnergyRow["quality"] = "measured"): EnergyRow => ({
  from,
  to: from + QUARTER,
  import_wh: wh,
  export_wh: 0,
  quality,
  known: quality === "missing" ? 0 : 1,
  corrected: false,
});

test("a day in October has a hundred quarters, and the month of it 31 days", () => {
  const at = Date.UTC(2026, 9, 25, 12);
  expect(steps(dayOf(at, OSLO), "15m", OSLO)).toHaveLength(100);
  expect(steps(dayOf(at, OSLO), "hour", OSLO)).toHaveLength(25);
  const days = steps(monthOf(at, OSLO), "day", OSLO);
  expect(days).toHaveLength(31);
  expect(days.map((day) => (day.to - day.from) / HOUR).filter((hours) => hours !== 24)).toEqual([
    25,
  ]);
  expect(steps(monthOf(Date.UTC(2026, 2, 3), OSLO), "day", OSLO)).toHaveLength(31);
});

test("what is over and has no row is missing, what is to come is not", () => {
  const spans = Array.from({ length: 5 }, (_, n) => ({ from: n * QUARTER, to: (n + 1) * QUARTER }));
  const all = fill([row(0, 100), row(2 * QUARTER, 5, "estimated")], spans, 3.5 * QUARTER);
  expect(all.map((step) => step.look)).toEqual([
    "measured",
    "missing",
    "estimated",
    "running",
    "future",
  ]);
  expect(gaps(all)).toEqual([{ from: QUARTER, to: 2 * QUARTER }]);
  expect(total(all, "bought")).toBe(105);
});

test("nothing known sums to nothing, not to nought", () => {
  expect(total(fill([], [{ from: 0, to: 1 }], 5), "bought")).toBeNull();
  expect(difference(5, null)).toBeNull();
  expect(difference(5, 0)).toBeNull();
});

test("a day of which a part is missing shows the rest", () => {
  const day = { from: 0, to: 24 * HOUR };
  const part = { ...row(0, 900, "missing"), ...day, known: 0.5 };
  expect(fill([part], [day], 48 * HOUR)[0]?.look).toBe("partial");
  expect(fill([{ ...part, known: 0 }], [day], 48 * HOUR)[0]?.look).toBe("missing");
});

test("what lies before the first row is no gap", () => {
  const spans = Array.from({ length: 3 }, (_, n) => ({ from: n * QUARTER, to: (n + 1) * QUARTER }));
  const all = fill([row(2 * QUARTER, 1)], spans, 10 * QUARTER);
  expect(gaps(all)).toEqual([]);
});

test("the usual hour is the mean of the weeks that know it", () => {
  const weeks = [
    [row(0, 1000)],
    [row(7 * 24 * HOUR, 2000)],
    [row(14 * 24 * HOUR, 9000, "missing")],
  ];
  const mean = usual(weeks, [0, 7 * 24 * HOUR, 14 * 24 * HOUR]);
  expect(mean[0]).toBe(1500);
  expect(mean[1]).toBeNull();
});
