// Rows of the books as charts need them: every step of a span, with the ones that are not there.

import type { EnergyRow, Quality } from "./api";
import { HOUR, QUARTER, type Span, startOfDay } from "./calendar";

export type Look = "measured" | "estimated" | "partial" | "missing" | "running" | "future";

/** Less than this rounds to nought on the page and opens no axis: watt-hours. */
export const NOTICED_WH = 10;

/** One step of a chart. Energies are in watt-hours. */
export interface Step extends Span {
  look: Look;
  bought: number;
  sold: number;
  /** What it will probably come to, for the running step. */
  expected?: number | null;
}

export function lookOf(quality: Quality): Look {
  return quality === "measured" || quality === "interpolated" ? "measured" : quality;
}

/** The spans of the quarters, hours or days that make up a span. */
export function steps(span: Span, by: "15m" | "hour" | "day", zone: string): Span[] {
  const found: Span[] = [];
  if (by === "day") {
    for (let from = startOfDay(span.from, zone); from < span.to;) {
      const to = startOfDay(from + 36 * HOUR, zone);
      found.push({ from, to: to > from + 30 * HOUR ? startOfDay(from + 26 * HOUR, zone) : to });
      from = found.at(-1)?.to ?? span.to;
    }
    return found;
  }
  const length = by === "15m" ? QUARTER : HOUR;
  for (let from = span.from; from < span.to; from += length)
    found.push({ from, to: from + length });
  return found;
}

/** Puts rows into their steps. A step without a row is missing if it is over, else yet to come. */
export function fill(rows: EnergyRow[], spans: Span[], now: number): Step[] {
  const byStart = new Map(rows.map((row) => [row.from, row]));
  const first = rows[0]?.from ?? Infinity;
  return spans.map(({ from, to }) => {
    const row = byStart.get(from);
    const step = { from, to, bought: row?.import_wh ?? 0, sold: row?.export_wh ?? 0 };
    if (from > now) return { ...step, look: "future" };
    if (to > now) return { ...step, look: "running" };
    // before the first row nothing was kept: that is no gap
    if (!row) return { ...step, look: from < first ? "future" : "missing" };
    // an hour or a day of which only a part is missing shows the rest
    if (row.quality === "missing" && row.known > 0) return { ...step, look: "partial" };
    return { ...step, look: lookOf(row.quality) };
  });
}

/** Steps in a row without data, joined. */
export function gaps(all: Step[]): Span[] {
  const found: Span[] = [];
  for (const step of all.filter((one) => one.look === "missing")) {
    const last = found.at(-1);
    if (last && last.to === step.from) last.to = step.to;
    else found.push({ from: step.from, to: step.to });
  }
  return found;
}

/** The sum of what is known of steps; null when nothing is. */
export function total(all: Step[], flow: "bought" | "sold"): number | null {
  const known = all.filter((step) => !["missing", "future"].includes(step.look));
  return known.length === 0 ? null : known.reduce((sum, step) => sum + step[flow], 0);
}

/** Hours of the same weekday in weeks before, as the mean of what is known of each. */
export function usual(weeks: EnergyRow[][], starts: number[]): (number | null)[] {
  return Array.from({ length: 24 }, (_, hour) => {
    const known = weeks.flatMap((rows, week) => {
      const from = (starts[week] ?? 0) + hour * HOUR;
      const row = rows.find((one) => one.from === from);
      return row && row.quality !== "missing" && row.import_wh !== null ? [row.import_wh] : [];
    });
    return known.length === 0 ? null : known.reduce((sum, wh) => sum + wh, 0) / known.length;
  });
}

/** How much more than nought to one another two sums are: 0.08 for eight percent more. */
export function difference(value: number | null, than: number | null): number | null {
  return value === null || !than ? null : value / than - 1;
}
