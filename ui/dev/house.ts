// A made-up house: what it draws and what its roof gives, as functions of the instant. The same
// instant always gives the same watts, so that sums and samples agree.

import {
  DAY,
  HOUR,
  MINUTE,
  QUARTER,
  startOfHour,
  startOfDay,
  startOfMonth,
  wall,
} from "../src/lib/calendar.ts";
import type { EnergyRow, EnergyStep, Quality } from "../src/lib/api";
import type { WireEnergy } from "../src/lib/wire";

export const ZONE = "Europe/Oslo";

/** A number from 0 to 1 that looks like chance. */
export function chance(seed: number): number {
  let x = Math.imul(Math.floor(seed) ^ 0x9e3779b9, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}

const bump = (x: number, middle: number, width: number, height: number) =>
  height * Math.exp(-((x - middle) ** 2) / (2 * width * width));

/** Watts drawn and watts made. */
export function house(at: number): { use: number; make: number } {
  const local = wall(at, ZONE);
  const hour = local.hour + local.minute / 60;
  const season = Math.cos(((local.month - 1 + local.day / 30) / 12) * 2 * Math.PI);
  const day = Math.floor(at / DAY);
  let use = 900 + 550 * season + 350 * chance(day);
  use += bump(hour, 7.2, 0.8, 2300) + bump(hour, 17.6, 1.8, 2300 + 900 * chance(day + 7));
  // water heater, car, and the small change of every minute
  if (chance(Math.floor(at / (20 * MINUTE))) > 0.78) use += 1800;
  if (chance(day + 3) > 0.4 && (hour > 22.5 || hour < 2)) use += 3400;
  use += 260 * chance(Math.floor(at / 30_000)) + 60 * chance(Math.floor(at / 2500));
  const sun = Math.max(0, Math.cos(((hour - 12.3) / (9 - 3.5 * season)) * Math.PI * 0.5) ** 3);
  const inDay = Math.abs(hour - 12.3) < 9 - 3.5 * season;
  const cloud = 0.35 + 0.65 * chance(Math.floor(at / (23 * MINUTE)));
  const make = inDay ? sun * cloud * (3600 - 2400 * season) : 0;
  return { use: Math.round(use), make: Math.round(make) };
}

/** Watts at the meter: bought above nought. */
export function net(at: number): number {
  const { use, make } = house(at);
  return use - make;
}

function quality(quarter: number): Quality {
  const local = wall(quarter, ZONE);
  const day = Math.floor(quarter / DAY);
  if (local.hour >= 2 && local.hour < 3 && chance(day + 11) > 0.8) return "missing";
  if (local.hour === 3 && chance(day + 11) > 0.8) return "estimated";
  return chance(quarter / QUARTER) > 0.97 ? "interpolated" : "measured";
}

/** One quarter-hour in watt-hours, as far as it has gone. */
export function quarter(from: number, now: number): EnergyRow {
  const to = from + QUARTER;
  let bought = 0;
  let sold = 0;
  for (let at = from; at < Math.min(to, now); at += MINUTE) {
    const watts = net(at);
    const part = Math.min(MINUTE, now - at) / HOUR;
    if (watts > 0) bought += watts * part;
    else sold -= watts * part;
  }
  return {
    from,
    to,
    import_wh: Math.round(bought),
    export_wh: Math.round(sold),
    quality: quality(from),
    known: quality(from) === "missing" ? 0 : 1,
    corrected: false,
  };
}

const known = new Map<number, EnergyRow>();

function settled(from: number, now: number): EnergyRow {
  if (from + QUARTER > now) return quarter(from, now);
  let row = known.get(from);
  if (!row) known.set(from, (row = quarter(from, now)));
  return row;
}

const ORDER: Quality[] = ["missing", "estimated", "interpolated", "measured"];

function begin(at: number, by: EnergyStep): number {
  if (by === "15m") return Math.floor(at / QUARTER) * QUARTER;
  if (by === "hour") return startOfHour(at, ZONE);
  return by === "day" ? startOfDay(at, ZONE) : startOfMonth(at, ZONE);
}

/** Periods of a range up to now, as the service tells them; all of it as one with `all`. */
export function energy(from: number, to: number, by: EnergyStep | "all", now: number): WireEnergy {
  const periods: WireEnergy["periods"] = [];
  let open: WireEnergy["periods"][number] | undefined;
  let opened = NaN;
  for (let at = by === "all" ? from : begin(from, by); at < Math.min(to, now); at += QUARTER) {
    const row = settled(at, now);
    const start = by === "all" ? from : begin(at, by);
    if (start !== opened || !open) {
      opened = start;
      open = { start: iso(start), end: iso(by === "all" ? to : next(start, by)), registers: {} };
      periods.push(open);
    }
    add(open, "active_import", row.import_wh ?? 0, row.quality);
    add(open, "active_export", row.export_wh ?? 0, row.quality);
  }
  return { periods };
}

function add(period: WireEnergy["periods"][number], name: string, wh: number, quality: Quality) {
  const sum = (period.registers[name] ??= {
    wh: 0,
    quality: "measured",
    quarters: (Date.parse(period.end) - Date.parse(period.start)) / QUARTER,
    present: 0,
    corrected: false,
  });
  if (quality !== "missing") {
    sum.wh += wh;
    sum.present += 1;
  }
  if (ORDER.indexOf(quality) < ORDER.indexOf(sum.quality)) sum.quality = quality;
}

const iso = (at: number) => new Date(at).toISOString();

function next(start: number, by: EnergyStep): number {
  if (by === "15m") return start + QUARTER;
  if (by === "hour") return start + HOUR;
  return by === "day" ? startOfDay(start, ZONE, 1) : startOfMonth(start, ZONE, 1);
}
