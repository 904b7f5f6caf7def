import { expect, test } from "vitest";
import { scale, tickDigits, ticks } from "./axis";

test("ticks are round, contain the range and nought", () => {
  expect(ticks(0, 4.9)).toEqual([0, 2, 4, 6]);
  expect(ticks(-1.8, 4.9)).toEqual([-2, 0, 2, 4, 6]);
  expect(ticks(0, 76)).toEqual([0, 20, 40, 60, 80]);
  expect(ticks(0, 0)).toEqual([0, 1]);
  expect(ticks(0, 0.31)).toEqual([0, 0.1, 0.2, 0.3, 0.4]);
});

test("three to six ticks whatever the range", () => {
  for (let high = 0.01; high < 1e6; high *= 1.37) {
    const count = ticks(0, high).length;
    expect(count).toBeGreaterThanOrEqual(3);
    expect(count).toBeLessThanOrEqual(6);
  }
});

test("labels have the decimals they need", () => {
  expect(tickDigits([0, 0.5, 1])).toBe(1);
  expect(tickDigits([0, 0.25])).toBe(2);
  expect(tickDigits([0, 20])).toBe(0);
});

test("a scale of no width does not divide by nought", () => {
  expect(scale(0, 0, 0, 100)(0)).toBe(0);
});
