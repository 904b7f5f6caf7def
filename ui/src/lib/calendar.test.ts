import { expect, test } from "vitest";
import {
  HOUR,
  dayOf,
  hourMarks,
  instant,
  isAgain,
  startOfDay,
  startOfMonth,
  wall,
} from "./calendar";

const OSLO = "Europe/Oslo";

test("a day in October has 25 hours and one in March 23", () => {
  const hours = (at: number) => {
    const day = dayOf(at, OSLO);
    return (day.to - day.from) / HOUR;
  };
  expect(hours(Date.UTC(2026, 9, 25, 12))).toBe(25);
  expect(hours(Date.UTC(2026, 2, 29, 12))).toBe(23);
  expect(hours(Date.UTC(2026, 10, 20, 12))).toBe(24);
});

test("the second hour that reads two is known as such", () => {
  const first = Date.UTC(2026, 9, 25, 0);
  expect(wall(first, OSLO).hour).toBe(2);
  expect(isAgain(first, OSLO)).toBe(false);
  expect(wall(first + HOUR, OSLO).hour).toBe(2);
  expect(isAgain(first + HOUR, OSLO)).toBe(true);
});

test("an hour that the clock jumps over begins where the clock arrives", () => {
  expect(instant(2026, 3, 29, OSLO, 2)).toBe(Date.UTC(2026, 2, 29, 1));
});

test("months and days run over", () => {
  const at = Date.UTC(2026, 11, 31, 12);
  expect(startOfMonth(at, OSLO, 1)).toBe(Date.UTC(2026, 11, 31, 23));
  expect(startOfDay(at, OSLO, 1)).toBe(Date.UTC(2026, 11, 31, 23));
  expect(startOfMonth(at, OSLO, -1)).toBe(Date.UTC(2026, 9, 31, 23));
});

test("marks of a spring day leave out the hour that is not there", () => {
  const day = dayOf(Date.UTC(2026, 2, 29, 12), OSLO);
  const hours = hourMarks(day, OSLO, 1).map((at) => wall(at, OSLO).hour);
  expect(hours.slice(0, 4)).toEqual([0, 1, 3, 4]);
  expect(hours).toHaveLength(23);
});

test("zones with half hours begin their hours on the half", () => {
  const day = dayOf(Date.UTC(2026, 0, 1), "Asia/Kolkata");
  expect(hourMarks(day, "Asia/Kolkata", 6).map((at) => wall(at, "Asia/Kolkata").minute)).toEqual([
    0, 0, 0, 0,
  ]);
});
