import { expect, test } from "vitest";
import {
  NEW_RULE,
  type Rule,
  build,
  coverage,
  covers,
  families,
  inYear,
  moved,
  total,
  written,
} from "./rules";

const rule = (more: Partial<Rule>): Rule => ({ ...NEW_RULE, name: "x", ...more });
const monday = { month: 1, day: 12, weekday: 0, hour: 7 };

test("rules are applied from the top down", () => {
  const vat = rule({ name: "VAT", kind: "percent", value: 25 });
  const fee = rule({ name: "Fee", kind: "add", value: 0.5 });
  expect(total(build(1, [vat, fee], "import", monday))).toBeCloseTo(1.75);
  expect(total(build(1, [fee, vat], "import", monday))).toBeCloseTo(1.875);
  expect(total(build(1, [vat, rule({ kind: "fixed", value: 2 })], "import", monday))).toBe(2);
  expect(total(build(1, [rule({ kind: "subtract", value: 0.2 })], "import", monday))).toBeCloseTo(
    0.8,
  );
});

test("a rule holds for its direction, days and hours", () => {
  expect(
    build(1, [rule({ kind: "add", value: 1, direction: "import" })], "export", monday),
  ).toHaveLength(1);
  expect(covers(rule({ days: ["sa", "su"] }), monday)).toBe(false);
  expect(covers(rule({ days: ["mo"], hours: [6, 7] }), monday)).toBe(true);
  expect(covers(rule({ hours: [8] }), monday)).toBe(false);
});

test("a season may reach over the new year", () => {
  const winter = rule({ from: "11-01", to: "03-31" });
  expect(inYear(winter, 1, 12)).toBe(true);
  expect(inYear(winter, 12, 31)).toBe(true);
  expect(inYear(winter, 6, 1)).toBe(false);
  expect(inYear(rule({}), 6, 1)).toBe(true);
});

test("hours that are covered twice or not at all are counted", () => {
  const day = rule({ name: "Grid, day", hours: [6, 7, 8] });
  const night = rule({ name: "Grid, night", hours: [8, 9] });
  expect(families([day, night, rule({ name: "VAT" })])).toEqual(["Grid"]);
  expect(coverage([day, night], "Grid")).toEqual({ never: 20 * 7, twice: 7 });
});

test("rules move by one place and stop at the ends", () => {
  expect(moved(["a", "b", "c"], 0, 1)).toEqual(["b", "a", "c"]);
  expect(moved(["a", "b", "c"], 2, -1)).toEqual(["a", "c", "b"]);
  expect(moved(["a"], 0, -1)).toEqual(["a"]);
});

test("what is not set is left out of the settings", () => {
  expect(written([rule({})])[0]).not.toHaveProperty("from");
  expect(written([rule({ from: "11-01" })])[0]).toHaveProperty("from", "11-01");
});
