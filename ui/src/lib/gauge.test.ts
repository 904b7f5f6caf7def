import { expect, test } from "vitest";
import { arc, currentLevel, fusePower, marks, range, voltageLevel } from "./gauge";

const nothing = { highest: 0, lowest: 0 };

test("the arc ends at what the main fuse lets through", () => {
  expect(range(25, null, "tn_400", 3, nothing)).toEqual({ low: -0, high: 17_250 });
  expect(Math.round(range(40, null, "it_tt_230", 3, nothing).high)).toBe(15_935);
  expect(range(null, null, null, 3, nothing).high).toBe(15_000);
  expect(fusePower(63, "tn_400", 1)).toBe(14_490);
});

test("there is a selling side where something is produced or sold", () => {
  expect(range(25, 6000, "tn_400", 3, nothing).low).toBe(-6000);
  expect(range(25, null, "tn_400", 3, { highest: 0, lowest: -200 }).low).toBe(-5000);
  expect(range(25, 3000, "tn_400", 3, { highest: 0, lowest: -3500 }).low).toBe(-3500);
});

test("more than the fuse widens the arc", () => {
  expect(range(25, null, "tn_400", 3, { highest: 20_000, lowest: 0 }).high).toBe(20_000);
});

test("the arc is monotone and stays within its ends", () => {
  const { angle } = arc({ low: -6000, high: 15_000 }, 0, 0);
  expect(angle(-99_999)).toBe(-212);
  expect(angle(99_999)).toBe(32);
  expect(angle(0)).toBeLessThan(angle(1));
});

test("marks are round and leave the ends free", () => {
  expect(marks({ low: -6000, high: 15_000 })).toEqual([-5000, 0, 5000, 10_000]);
  expect(marks({ low: 0, high: 17_250 })).toEqual([0, 5000, 10_000, 15_000]);
  expect(marks({ low: 0, high: 9200 })).toEqual([0, 2500, 5000, 7500]);
});

test("voltages within five percent are fine and beyond ten they are not allowed", () => {
  expect(voltageLevel(230)).toBe("ok");
  expect(voltageLevel(241)).toBe("ok");
  expect(voltageLevel(245)).toBe("warn");
  expect(voltageLevel(207.5)).toBe("warn");
  expect(voltageLevel(254)).toBe("bad");
  expect(voltageLevel(206)).toBe("bad");
});

test("a current is judged by its fuse, whatever its direction", () => {
  expect(currentLevel(10, 25)).toBe("ok");
  expect(currentLevel(-21, 25)).toBe("warn");
  expect(currentLevel(25, 25)).toBe("bad");
  expect(currentLevel(100, null)).toBe("ok");
});
