import { expect, test } from "vitest";
import { freshness } from "./freshness";

test("a meter of ten seconds has the limits people know", () => {
  expect(freshness(null, null)).toBe("loading");
  expect(freshness(14_999, 2500)).toBe("live");
  expect(freshness(15_000, 2500)).toBe("late");
  expect(freshness(30_000, 2500)).toBe("stale");
  expect(freshness(19_999, 10_000)).toBe("live");
  expect(freshness(24_000, 10_000)).toBe("late");
});

test("a meter that sends every minute is not late half of the time", () => {
  expect(freshness(94_000, 60_000)).toBe("live");
  expect(freshness(96_000, 60_000)).toBe("late");
  expect(freshness(186_000, 60_000)).toBe("stale");
});
