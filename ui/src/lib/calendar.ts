// Calendar time of the site's zone. Instants are milliseconds since 1970; a day is the instants
// from one midnight to the next, and so has 23, 24 or 25 hours.

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const QUARTER = 15 * MINUTE;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A moment as a clock on the wall shows it. */
export interface Wall {
  year: number;
  /** 1 to 12. */
  month: number;
  /** 1 to 31. */
  day: number;
  hour: number;
  minute: number;
}

/** A half-open range of instants. */
export interface Span {
  from: number;
  to: number;
}

const clocks = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

/** How far the zone's clock is ahead of UTC at an instant, in milliseconds. */
export function offset(at: number, zone: string): number {
  // offsets change on quarters of an hour only
  const quarter = Math.floor(at / QUARTER);
  const key = `${zone} ${quarter}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  if (offsets.size > 20_000) offsets.clear();
  const value = readOffset(quarter * QUARTER, zone);
  offsets.set(key, value);
  return value;
}

function readOffset(at: number, zone: string): number {
  let clock = clocks.get(zone);
  if (!clock) {
    clock = new Intl.DateTimeFormat("en", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
    });
    clocks.set(zone, clock);
  }
  const read: Record<string, number> = {};
  for (const part of clock.formatToParts(at)) read[part.type] = Number(part.value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = read;
  return Date.UTC(year, month - 1, day, hour, minute) - at;
}

/** What the wall clock shows. */
export function wall(at: number, zone: string): Wall {
  const local = new Date(at + offset(at, zone));
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
  };
}

/** The first instant at which the wall clock shows this. Months and days may run over. */
export function instant(year: number, month: number, day: number, zone: string, hour = 0): number {
  const local = Date.UTC(year, month - 1, day, hour);
  // of the two offsets that may hold there, the one that gives the earlier instant and is true
  const before = local - offset(local - DAY, zone);
  const after = local - offset(local + DAY, zone);
  const fits = [before, after].filter((at) => at + offset(at, zone) === local);
  return fits.length > 0 ? Math.min(...fits) : Math.max(before, after);
}

export function startOfDay(at: number, zone: string, days = 0): number {
  const { year, month, day } = wall(at, zone);
  return instant(year, month, day + days, zone);
}

export function startOfMonth(at: number, zone: string, months = 0): number {
  const { year, month } = wall(at, zone);
  return instant(year, month + months, 1, zone);
}

export function startOfYear(at: number, zone: string, years = 0): number {
  return instant(wall(at, zone).year + years, 1, 1, zone);
}

/** The start of the clock hour. */
export function startOfHour(at: number, zone: string): number {
  const shift = offset(at, zone);
  return Math.floor((at + shift) / HOUR) * HOUR - shift;
}

export function dayOf(at: number, zone: string): Span {
  return { from: startOfDay(at, zone), to: startOfDay(at, zone, 1) };
}

export function monthOf(at: number, zone: string): Span {
  return { from: startOfMonth(at, zone), to: startOfMonth(at, zone, 1) };
}

/** The starts of the hours of a span whose wall clock reads a multiple of `every`. */
export function hourMarks(span: Span, zone: string, every: number): number[] {
  const marks = [];
  for (let at = startOfHour(span.from, zone); at < span.to; at += HOUR) {
    if (at >= span.from && wall(at, zone).hour % every === 0) marks.push(at);
  }
  return marks;
}

/** Whether the wall clock shows this hour for the second time. */
export function isAgain(at: number, zone: string): boolean {
  return offset(at, zone) < offset(at - HOUR, zone);
}
