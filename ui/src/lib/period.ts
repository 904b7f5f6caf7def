// Ranges of the history: days, weeks, months and years of the site's zone, or any others.

import type { EnergyStep } from "./api";
import {
  DAY,
  HOUR,
  MINUTE,
  type Span,
  instant,
  startOfDay,
  startOfMonth,
  startOfYear,
  wall,
} from "./calendar";

export type Period = "day" | "week" | "month" | "year" | "free";

/** The first instant of the Monday at or before. */
export function startOfWeek(at: number, zone: string, weeks = 0): number {
  const { year, month, day } = wall(at, zone);
  const weekday = (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7;
  return instant(year, month, day - weekday + 7 * weeks, zone);
}

/** The period around an instant, or some periods before or after it. */
export function around(period: Exclude<Period, "free">, at: number, zone: string, by = 0): Span {
  const start = { day: startOfDay, week: startOfWeek, month: startOfMonth, year: startOfYear }[
    period
  ];
  return { from: start(at, zone, by), to: start(at, zone, by + 1) };
}

/** Which period a range is; free when it is none. */
export function periodOf(span: Span, zone: string): Period {
  for (const period of ["day", "week", "month", "year"] as const) {
    const whole = around(period, span.from, zone);
    if (whole.from === span.from && whole.to === span.to) return period;
  }
  return "free";
}

/** The range before or after, of the same kind. */
export function shifted(span: Span, zone: string, by: number): Span {
  const period = periodOf(span, zone);
  if (period !== "free") return around(period, span.from, zone, by);
  const length = span.to - span.from;
  return { from: span.from + by * length, to: span.to + by * length };
}

/** The same range a year before: the same dates, and for weeks and less the same weekdays. */
export function yearBefore(span: Span, zone: string): Span {
  const period = periodOf(span, zone);
  if (period === "year" || period === "month") {
    const { year, month } = wall(span.from, zone);
    return around(period, instant(year - 1, month, 1, zone), zone);
  }
  const from =
    startOfDay(span.from - 364 * DAY + DAY / 2, zone) + (span.from - startOfDay(span.from, zone));
  return { from, to: from + (span.to - span.from) };
}

/** How long the bars of a range are: some 24 to 100 of them. */
export function stepOf(span: Span): EnergyStep {
  const length = span.to - span.from;
  if (length <= 26 * HOUR) return "15m";
  if (length <= 8 * DAY) return "hour";
  return length <= 100 * DAY ? "day" : "month";
}

/** Shortest and longest range one can look at. */
export const SHORTEST = 5 * MINUTE;
export const LONGEST = 10 * 366 * DAY;

/** A range made longer or shorter around its middle. */
export function zoomed(span: Span, factor: number, middle = (span.from + span.to) / 2): Span {
  const length = span.to - span.from;
  const next = Math.min(LONGEST, Math.max(SHORTEST, length * factor));
  const from = middle - (middle - span.from) * (next / length);
  return { from: Math.round(from), to: Math.round(from + next) };
}

/** A range moved by a part of its length, not beyond `end`. */
export function panned(span: Span, part: number, end: number): Span {
  const by = Math.round((span.to - span.from) * part);
  const to = Math.min(span.to + by, Math.max(end, span.to));
  return { from: to - (span.to - span.from), to };
}
