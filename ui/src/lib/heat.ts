// Hours of days as a map. A spring day has an hour that is not there; an autumn day has one twice,
// of which the map shows the mean.

import type { EnergyRow } from "./api";
import { HOUR, type Span, wall } from "./calendar";
import { steps } from "./books";

/** Watt-hours; missing where they should be there; null where there is no such hour. */
export type Cell = number | "missing" | null;

export interface HeatDay {
  from: number;
  /** One a clock hour. */
  cells: Cell[];
}

export interface HeatMap {
  days: HeatDay[];
  highest: number;
}

export function heat(rows: EnergyRow[], span: Span, zone: string, now: number): HeatMap {
  const known = new Map(rows.map((row) => [row.from, row]));
  const first = rows[0]?.from ?? Infinity;
  let highest = 0;
  const days = steps(span, "day", zone)
    .filter((day) => day.from <= now)
    .map((day): HeatDay => {
      const hours: number[][] = Array.from({ length: 24 }, () => []);
      const cells: Cell[] = Array<Cell>(24).fill(null);
      for (let at = day.from; at < day.to && at < now; at += HOUR) {
        const row = known.get(at);
        const { hour } = wall(at, zone);
        const there = row && row.import_wh !== null && (row.quality !== "missing" || row.known > 0);
        if (there) hours[hour]?.push(row.import_wh ?? 0);
        else if (at >= first) cells[hour] = "missing";
      }
      hours.forEach((values, hour) => {
        if (values.length === 0) return;
        const mean = values.reduce((sum, wh) => sum + wh, 0) / values.length;
        highest = Math.max(highest, mean);
        cells[hour] = mean;
      });
      return { from: day.from, cells };
    });
  return { days, highest };
}

/** The hours of the clock that carry most, and their part of all: as ranges of hours. */
export function heaviest(map: HeatMap): { hours: Span[]; part: number } | null {
  const sums = Array.from({ length: 24 }, (_, hour) =>
    map.days.reduce(
      (sum, day) => sum + (typeof day.cells[hour] === "number" ? (day.cells[hour] as number) : 0),
      0,
    ),
  );
  const all = sums.reduce((sum, wh) => sum + wh, 0);
  if (all === 0) return null;
  const mean = all / 24;
  const heavy = sums.map((wh) => wh > mean * 1.15);
  const hours: Span[] = [];
  heavy.forEach((yes, hour) => {
    const last = hours.at(-1);
    if (!yes) return;
    if (last && last.to === hour) last.to = hour + 1;
    else hours.push({ from: hour, to: hour + 1 });
  });
  const part = sums.reduce((sum, wh, hour) => sum + (heavy[hour] ? wh : 0), 0) / all;
  return hours.length > 0 && hours.length <= 3 ? { hours, part } : null;
}
