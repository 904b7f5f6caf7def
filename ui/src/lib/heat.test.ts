import { expect, test } from "vitest";
import type { EnergyRow } from "./api";
import { HOUR, dayOf } from "./calendar";
import { heat, heaviest } from "./heat";

const OSLO = "Europe/Oslo";
const hour = (from: number, wh: number): EnergyRow => ({
  from,
  to: from + HOUR,
  import_wh: wh,
  export_wh: 0,
  quality: "measured",
  known: 1,
  corrected: false,
});

test("the hour that spring leaves out is no gap, and the double hour of autumn is a mean", () => {
  const spring = dayOf(Date.UTC(2026, 2, 29, 12), OSLO);
  const rows = Array.from({ length: 23 }, (_, n) => hour(spring.from + n * HOUR, 100));
  expect(heat(rows, spring, OSLO, spring.to).days[0]?.cells[2]).toBeNull();
  const autumn = dayOf(Date.UTC(2026, 9, 25, 12), OSLO);
  const more = Array.from({ length: 25 }, (_, n) =>
    hour(autumn.from + n * HOUR, n === 3 ? 300 : 100),
  );
  expect(heat(more, autumn, OSLO, autumn.to).days[0]?.cells[2]).toBe(200);
});

test("what is not there between known hours is missing, what is to come is not", () => {
  const day = dayOf(Date.UTC(2026, 10, 20, 12), OSLO);
  const map = heat(
    [hour(day.from, 100), hour(day.from + 2 * HOUR, 100)],
    day,
    OSLO,
    day.from + 4 * HOUR,
  );
  expect(map.days[0]?.cells.slice(0, 5)).toEqual([100, "missing", 100, "missing", null]);
});

test("the heaviest hours are told with their part", () => {
  const day = dayOf(Date.UTC(2026, 10, 20, 12), OSLO);
  const rows = Array.from({ length: 24 }, (_, n) =>
    hour(day.from + n * HOUR, n === 17 || n === 18 ? 600 : 50),
  );
  const found = heaviest(heat(rows, day, OSLO, day.to));
  expect(found?.hours).toEqual([{ from: 17, to: 19 }]);
  expect(found?.part).toBeCloseTo(1200 / 2300);
  expect(heaviest(heat([], day, OSLO, day.to))).toBeNull();
});
