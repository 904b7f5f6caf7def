// Numbers, units and times as people read them. No number reaches the page but through here.
// A value that is not known is a dash, never a nought.

import { DAY, HOUR, MINUTE, isAgain, startOfDay } from "./calendar";

/** A number and its unit, apart, because the unit is set smaller. */
export interface Figure {
  figure: string;
  unit: string;
}

export type Value = number | null | undefined;

export const UNKNOWN = "–";
const MINUS = "−";
/** Keeps number and unit on one line. */
const THIN = "\u202f";

/** Short names of the hundredth part of a currency, where people count in it. */
const MINOR: Record<string, string> = {
  CHF: "rp.",
  CZK: "hal.",
  DKK: "øre",
  EUR: "ct",
  NOK: "øre",
  PLN: "gr",
  SEK: "öre",
};
/** Currencies whose short name is another than the code. */
const MAJOR: Record<string, string> = { DKK: "kr", EUR: "€", NOK: "kr", SEK: "kr" };

/** The locale for a language: days before months and 24 hours also in English. */
export function localeOf(language: string): string {
  return language === "en" ? "en-GB" : language;
}

export class Format {
  readonly locale: string;
  readonly zone: string;
  #numbers = new Map<number, Intl.NumberFormat>();
  #times = new Map<string, Intl.DateTimeFormat>();

  constructor(locale: string, zone: string) {
    this.locale = locale;
    this.zone = zone;
  }

  /** A number with a fixed count of decimals. */
  number(value: Value, digits = 0): string {
    if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN;
    let format = this.#numbers.get(digits);
    if (!format) {
      format = new Intl.NumberFormat(this.locale, {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      });
      this.#numbers.set(digits, format);
    }
    const text = format.format(value).replace(/[\u00a0\u202f\s]/gu, THIN);
    // what rounds to nought has no sign
    return /[1-9]/.test(text)
      ? text.replace(/^[-\u2212]/u, MINUS)
      : text.replace(/^[-\u2212]/u, "");
  }

  /** A power: kilowatts from 1000 W up, watts below. */
  power(watts: Value): Figure {
    if (watts === null || watts === undefined) return { figure: UNKNOWN, unit: "kW" };
    const size = Math.abs(watts);
    if (size < 1000) return { figure: this.number(watts), unit: "W" };
    return { figure: this.number(watts / 1000, size < 99_950 ? 2 : 1), unit: "kW" };
  }

  /** A power in kilowatts whatever its size, for columns. */
  kilowatts(watts: Value, digits = 2): string {
    return this.number(scaled(watts, 1000), digits);
  }

  /** An energy in kilowatt-hours with as many decimals as its size bears. */
  kilowattHours(wh: Value): string {
    const kwh = scaled(wh, 1000);
    return this.number(kwh, kwh === null ? 0 : decimals(kwh, [9.995, 2], [99.95, 1]));
  }

  energy(wh: Value): Figure {
    return { figure: this.kilowattHours(wh), unit: "kWh" };
  }

  /** A register: one decimal, grouped. */
  register(wh: Value): string {
    return this.number(scaled(wh, 1000), 1);
  }

  voltage(volts: Value): Figure {
    return { figure: this.number(volts), unit: "V" };
  }

  current(amperes: Value): Figure {
    return { figure: this.number(amperes, 1), unit: "A" };
  }

  /** A part of one as percent. */
  percent(part: Value): string {
    return part === null || part === undefined ? UNKNOWN : `${this.number(part * 100)}${THIN}%`;
  }

  /** An amount of money, in the unit people count it in; decimals by size. */
  money(amount: Value, digits?: number): string {
    if (amount === null || amount === undefined) return UNKNOWN;
    return this.number(amount, digits ?? decimals(amount, [9.995, 2], [99.95, 1]));
  }

  currency(code: string): string {
    return MAJOR[code] ?? code;
  }

  /** The name of the hundredth part. */
  minor(code: string): string {
    return MINOR[code] ?? `${code}/100`;
  }

  /** A price per kilowatt-hour: the hundredth part below one unit, else the unit. */
  price(perKwh: Value, code: string): Figure {
    if (perKwh === null || perKwh === undefined) return { figure: UNKNOWN, unit: this.minor(code) };
    return { figure: this.number(perKwh * 100, 1), unit: this.minor(code) };
  }

  #time(at: number, key: string, options: Intl.DateTimeFormatOptions): string {
    let format = this.#times.get(key);
    if (!format) {
      format = new Intl.DateTimeFormat(this.locale, {
        hourCycle: "h23",
        timeZone: this.zone,
        ...options,
      });
      this.#times.set(key, format);
    }
    return format.format(at);
  }

  /** Hours and minutes: 17:42. */
  clock(at: Value): string {
    if (at === null || at === undefined) return UNKNOWN;
    return this.#time(at, "clock", { hour: "2-digit", minute: "2-digit" }).replace(".", ":");
  }

  /** Hours, minutes and seconds. */
  second(at: Value): string {
    if (at === null || at === undefined) return UNKNOWN;
    return this.#time(at, "second", {
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    }).replaceAll(".", ":");
  }

  /** The hour alone: 07. */
  hour(at: number): string {
    return this.clock(at).slice(0, 2);
  }

  /** From one time to another: 17:00–18:00. */
  span(from: number, to: number): string {
    return `${this.clock(from)}–${this.clock(to)}`;
  }

  /** An hour that is told apart from the one before with the same name. */
  isAgain(at: number): boolean {
    return isAgain(at, this.zone);
  }

  /** Wed 13 Jan. */
  shortDate(at: number): string {
    return this.#time(at, "short", { weekday: "short", day: "numeric", month: "short" });
  }

  /** Wednesday 13 January. */
  longDate(at: number): string {
    return this.#time(at, "long", { weekday: "long", day: "numeric", month: "long" });
  }

  /** 13 January 2027. */
  fullDate(at: number): string {
    return this.#time(at, "full", { day: "numeric", month: "long", year: "numeric" });
  }

  dayOfMonth(at: number): string {
    return this.#time(at, "day", { day: "numeric" }).replace(".", "");
  }

  month(at: number): string {
    return this.#time(at, "month", { month: "long" });
  }

  shortMonth(at: number): string {
    return this.#time(at, "shortmonth", { month: "short" }).replace(".", "");
  }

  monthAndYear(at: number): string {
    return this.#time(at, "monthyear", { month: "long", year: "numeric" });
  }

  year(at: number): string {
    return this.#time(at, "year", { year: "numeric" });
  }

  weekday(at: number): string {
    return this.#time(at, "weekday", { weekday: "long" });
  }

  shortWeekday(at: number): string {
    return this.#time(at, "shortweekday", { weekday: "short" });
  }

  /** The clock for today, the day and the clock else. */
  when(at: Value, now: number): string {
    if (at === null || at === undefined) return UNKNOWN;
    const today = at >= startOfDay(now, this.zone) && at < startOfDay(now, this.zone, 1);
    return today ? this.clock(at) : `${this.shortDate(at)} ${this.clock(at)}`;
  }
}

function scaled(value: Value, by: number): number | null {
  return value === null || value === undefined ? null : value / by;
}

function decimals(value: number, ...steps: [number, number][]): number {
  return steps.find(([below]) => Math.abs(value) < below)?.[1] ?? 0;
}

/** A length of time in its largest whole unit. */
export function length(ms: number): { count: number; unit: "s" | "min" | "h" | "d" } {
  if (ms < 2 * MINUTE) return { count: Math.max(0, Math.floor(ms / 1000)), unit: "s" };
  if (ms < 2 * HOUR) return { count: Math.floor(ms / MINUTE), unit: "min" };
  if (ms < 2 * DAY) return { count: Math.floor(ms / HOUR), unit: "h" };
  return { count: Math.floor(ms / DAY), unit: "d" };
}
