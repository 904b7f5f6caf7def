import { expect, test } from "vitest";
import { DAY, HOUR } from "./calendar";
import {
  around,
  panned,
  periodOf,
  shifted,
  startOfWeek,
  stepOf,
  yearBefore,
  zoomed,
} from "./period";

const OSLO = "Europe/Oslo";
const AT = Date.UTC(2026, 10, 20, 12);

test("weeks begin on Monday", () => {
  expect(new Date(startOfWeek(AT, OSLO)).toISOString()).toBe("2026-11-15T23:00:00.000Z");
  expect(startOfWeek(Date.UTC(2026, 10, 22, 12), OSLO)).toBe(startOfWeek(AT, OSLO));
});

test("every period is recognised and moves by itself", () => {
  for (const period of ["day", "week", "month", "year"] as const) {
    const span = around(period, AT, OSLO);
    expect(periodOf(span, OSLO)).toBe(period);
    expect(periodOf(shifted(span, OSLO, -1), OSLO)).toBe(period);
    expect(shifted(span, OSLO, -1).to).toBe(span.from);
  }
  expect(periodOf({ from: AT, to: AT + HOUR }, OSLO)).toBe("free");
  expect(shifted({ from: AT, to: AT + HOUR }, OSLO, 2).from).toBe(AT + 2 * HOUR);
});

test("a year before is the same month, and the same weekday for days", () => {
  const month = yearBefore(around("month", AT, OSLO), OSLO);
  expect(new Date(month.from).toISOString()).toBe("2025-10-31T23:00:00.000Z");
  const day = yearBefore(around("day", AT, OSLO), OSLO);
  expect(new Date(day.from).toISOString()).toBe("2025-11-20T23:00:00.000Z");
  expect(new Date(day.from).getUTCDay()).toBe(new Date(around("day", AT, OSLO).from).getUTCDay());
});

test("bars are quarters for a day, hours for a week, days for a month, months for a year", () => {
  expect(stepOf({ from: 0, to: DAY + HOUR })).toBe("15m");
  expect(stepOf({ from: 0, to: 7 * DAY })).toBe("hour");
  expect(stepOf({ from: 0, to: 31 * DAY })).toBe("day");
  expect(stepOf({ from: 0, to: 365 * DAY })).toBe("month");
});

test("zooming keeps the place under the pointer, and ends at five minutes", () => {
  const span = { from: 0, to: 4 * HOUR };
  expect(zoomed(span, 0.5, HOUR)).toEqual({ from: HOUR / 2, to: 2.5 * HOUR });
  expect(zoomed({ from: 0, to: 300_000 }, 0.1)).toEqual({ from: 0, to: 300_000 });
});

test("panning stops at the end", () => {
  expect(panned({ from: 0, to: 100 }, 0.5, 120)).toEqual({ from: 20, to: 120 });
  expect(panned({ from: 0, to: 100 }, -0.5, 120)).toEqual({ from: -50, to: 50 });
});
