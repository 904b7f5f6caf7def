// Prices, costs and peaks of the made-up house.

import { HOUR, QUARTER, startOfDay, startOfHour, startOfMonth, wall } from "../src/lib/calendar.ts";
import { ZONE, chance, energy, net } from "./house.ts";

const iso = (at: number) => new Date(at).toISOString();
const bump = (x: number, middle: number, width: number, height: number) =>
  height * Math.exp(-((x - middle) ** 2) / (2 * width * width));
const round = (value: number, digits: number) => Number(value.toFixed(digits));

/** Kroner for a kilowatt-hour at the exchange, and everything in. */
function price(at: number) {
  const { hour, minute } = wall(at, ZONE);
  const x = hour + minute / 60;
  const day = Math.floor(at / (24 * HOUR));
  const base = 0.25 + 0.5 * chance(day);
  const spot =
    base +
    bump(x, 8.1, 1.4, 0.7 + 0.3 * chance(day + 1)) +
    bump(x, 17.6, 1.6, 0.9 + 0.4 * chance(day + 2)) -
    bump(x, 3.2, 2, 0.35) -
    bump(x, 13, 2, 0.3) +
    0.06 * (chance(at / QUARTER) - 0.5);
  const grid = hour >= 6 && hour < 22 ? 0.463 : 0.371;
  return { spot: round(spot, 4), import: round(spot * 1.25 + grid, 4), export: round(spot, 4) };
}

function curve(now: number) {
  const from = startOfDay(now, ZONE);
  // the prices of tomorrow are there from a quarter past one
  const days = wall(now, ZONE).hour >= 13 ? 2 : 1;
  const slots = [];
  for (let at = from; at < startOfDay(from, ZONE, days); at += QUARTER) {
    slots.push({ start: iso(at), end: iso(at + QUARTER), ...price(at) });
  }
  return slots;
}

export function prices(now: number) {
  const slots = curve(now);
  const at = price(Math.floor(now / QUARTER) * QUARTER);
  const mean = slots.slice(0, 96).reduce((sum, slot) => sum + slot.import, 0) / 96;
  const part = at.import / mean;
  const level =
    part < 0.6
      ? "very_cheap"
      : part < 0.9
        ? "cheap"
        : part < 1.15
          ? "normal"
          : part < 1.4
            ? "expensive"
            : "very_expensive";
  return {
    meter: "main",
    currency: "NOK",
    area: "NO1",
    source: { word: "made-up", attribution: "Prices made up on this machine", link: "" },
    resolution_min: 15,
    now: { ...at, rank: null, of: 96, level },
    curve: slots,
    cheapest: [],
    trouble: null,
  };
}

function cost(from: number, to: number, now: number) {
  const rows = energy(from, Math.min(to, now), "15m", now).periods;
  let bought = 0;
  let sold = 0;
  let paid = 0;
  let earned = 0;
  for (const { start, registers } of rows) {
    const at = price(Date.parse(start));
    const up = registers.active_import?.wh ?? 0;
    const down = registers.active_export?.wh ?? 0;
    bought += up;
    sold += down;
    paid += (up / 1000) * at.import;
    earned += (down / 1000) * at.export;
  }
  return {
    start: iso(from),
    end: iso(to),
    import_wh: bought,
    export_wh: sold,
    cost: round(paid, 4),
    income: round(earned, 4),
    fees: round(421 * Math.min(1, (Math.min(to, now) - from) / (30 * 24 * HOUR)), 2),
    missing_quarters: 0,
    unpriced_wh: 0,
  };
}

export function costs(now: number) {
  const hour = startOfHour(now, ZONE);
  const day = startOfDay(now, ZONE);
  const month = startOfMonth(now, ZONE);
  return {
    meter: "main",
    currency: "NOK",
    hour: cost(hour, hour + HOUR, now),
    day: cost(day, startOfDay(now, ZONE, 1), now),
    yesterday: cost(startOfDay(now, ZONE, -1), day, now),
    month: cost(month, startOfMonth(now, ZONE, 1), now),
    last_month: cost(startOfMonth(now, ZONE, -1), month, now),
  };
}

export function peaks(now: number) {
  const hour = startOfHour(now, ZONE);
  const month = startOfMonth(now, ZONE);
  const best = new Map<number, { start: number; wh: number }>();
  for (const { start, registers } of energy(month, hour, "hour", now).periods) {
    const at = Date.parse(start);
    const sum = registers.active_import;
    if (!sum || sum.quality === "missing" || sum.quality === "estimated") continue;
    const day = startOfDay(at, ZONE);
    if (sum.wh > (best.get(day)?.wh ?? 0)) best.set(day, { start: at, wh: sum.wh });
  }
  const kept = [...best.values()]
    .sort((a, b) => b.wh - a.wh)
    .slice(0, 5)
    .map(({ start, wh }, index) => ({
      start: iso(start),
      wh,
      power_w: wh,
      weighted_w: wh,
      counts: index < 3,
    }));
  const fees = [155, 250, 415, 600, 770];
  const edges = [0, 2000, 5000, 10_000, 15_000, 20_000];
  const steps = fees.map((fee, index) => ({
    from_w: edges[index] ?? 0,
    to_w: edges[index + 1] ?? null,
    fee,
  }));
  const counting = kept.slice(0, 3);
  const figure = counting.reduce((sum, peak) => sum + peak.wh, 0) / (counting.length || 1);
  const at = steps.findIndex((step) => figure < (step.to_w ?? Infinity));
  const used = energy(hour, now, "all", now).periods[0]?.registers.active_import?.wh ?? 0;
  const left = (hour + HOUR - now) / HOUR;
  const heading = used + Math.max(0, net(now)) * left;
  const next = steps[at + 1] ?? null;
  return {
    meter: "main",
    currency: "NOK",
    tariff: "Made-up grid",
    window_min: 60,
    wanted: 3,
    distinct_days: true,
    kept,
    figure_w: figure,
    provisional: false,
    steps,
    step: steps[at] ?? null,
    next,
    per_kw: null,
    fee: steps[at]?.fee ?? null,
    forecast: {
      start: iso(hour),
      end: iso(hour + HOUR),
      used_wh: used,
      heading_w: Math.round(heading),
      new_peak_w: null,
      next_step_w: next ? Math.round((next.from_w - used) / left) : null,
      figure_w: null,
    },
    months: [],
  };
}
