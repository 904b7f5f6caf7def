import { expect, test } from "vitest";
import { type Slot, cheapest, levels, paid, running } from "./money";

const HOUR = 3_600_000;
const curve = (prices: (number | null)[], length = HOUR): Slot[] =>
  prices.map((price, n) => ({
    from: n * length,
    to: (n + 1) * length,
    spot: price,
    import: price,
    export: null,
  }));

test("the cheapest window is whole, lies ahead and is the first of equals", () => {
  const prices = curve([0.1, 3, 2, 1, 1, 2, 1, 1]);
  expect(cheapest(prices, 2, HOUR)).toEqual({ from: 3 * HOUR, to: 5 * HOUR, mean: 1 });
  expect(cheapest(prices, 1, 0)?.from).toBe(0);
  expect(cheapest(prices, 9, 0)).toBeNull();
});

test("a window does not reach over a slot without a price", () => {
  expect(cheapest(curve([1, null, 1, 5]), 2, 0)).toEqual({ from: 2 * HOUR, to: 4 * HOUR, mean: 3 });
});

test("levels rise with the price and are nought where it is unknown", () => {
  const found = levels(curve([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, null]));
  expect(found[0]).toBe(1);
  expect(found[9]).toBe(5);
  expect(found[10]).toBe(0);
  expect([...found.slice(0, 10)].sort()).toEqual(found.slice(0, 10));
});

test("stretches in which one is paid are joined and those that are over left out", () => {
  expect(paid(curve([-1, 1, -1, -2, 3]), 1.5 * HOUR)).toEqual([{ from: 2 * HOUR, to: 4 * HOUR }]);
  expect(running(curve([1, 2]), HOUR)?.import).toBe(2);
  expect(running(curve([1, 2]), 5 * HOUR)).toBeNull();
});
