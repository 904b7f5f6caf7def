import { expect, test } from "vitest";
import type { History } from "./api";
import { lines } from "./columns";

const column = (...mean: (number | null)[]) => ({ unit: "W", mean, min: [], max: [] });

test("a gap in the samples becomes a gap in the line", () => {
  const history: History = {
    resolution: "1m",
    at: [0, 60_000, 600_000],
    series: { active_import_w: column(1, 2, 3) },
  };
  const { at, values } = lines(history, [{ plus: "active_import_w" }]);
  expect(values[0]).toEqual([1, 2, null, 3]);
  expect(at).toEqual([0, 60, 150, 600]);
});

test("what is sold is taken off, and what is unknown stays unknown", () => {
  const history: History = {
    resolution: "1m",
    at: [0, 60_000, 120_000],
    series: { active_import_w: column(500, 0, null), active_export_w: column(0, 800, null) },
  };
  const columns = [{ plus: "active_import_w", minus: "active_export_w" }];
  expect(lines(history, columns).values[0]).toEqual([500, -800, null]);
  expect(lines(history, [{ plus: "nothing" }]).values[0]).toEqual([null, null, null]);
});
