// Prices, costs and peaks as the page works with them. Prices are in the currency for a
// kilowatt-hour; null is unknown.

import type { Span } from "./calendar";

export type PriceLevel = "very_cheap" | "cheap" | "normal" | "expensive" | "very_expensive";

export interface Slot extends Span {
  spot: number | null;
  import: number | null;
  export: number | null;
}

export interface Window extends Span {
  mean: number;
}

export interface Prices {
  currency: string;
  area: string;
  source: { attribution: string; link: string } | null;
  now: {
    spot: number | null;
    import: number | null;
    export: number | null;
    level: PriceLevel | null;
  };
  curve: Slot[];
  /** Why the last fetch failed. */
  trouble: string | null;
}

export interface Cost extends Span {
  import_wh: number | null;
  export_wh: number | null;
  cost: number | null;
  income: number | null;
  fees: number;
  missing_quarters: number;
  unpriced_wh: number;
}

export interface Costs {
  currency: string;
  hour: Cost;
  day: Cost;
  yesterday: Cost;
  month: Cost;
  last_month: Cost;
}

export interface PeakStep {
  from_w: number;
  to_w: number | null;
  fee: number;
}

export interface Peak {
  start: number;
  weighted_w: number;
  counts: boolean;
}

export interface Peaks {
  currency: string;
  tariff: string;
  window_min: number;
  wanted: number;
  distinct_days: boolean;
  kept: Peak[];
  figure_w: number | null;
  provisional: boolean;
  steps: PeakStep[];
  step: PeakStep | null;
  next: PeakStep | null;
  fee: number | null;
  forecast:
    | (Span & {
        used_wh: number;
        heading_w: number | null;
        new_peak_w: number | null;
        next_step_w: number | null;
        figure_w: number | null;
      })
    | null;
}

/** Whole slots in a row with the lowest mean price, not before `now`. */
export function cheapest(curve: Slot[], hours: number, now: number): Window | null {
  const length = hours * 3_600_000;
  let best: Window | null = null;
  curve.forEach((first, index) => {
    if (first.from < now) return;
    let end = first.from;
    let sum = 0;
    for (let at = index; at < curve.length; at++) {
      const slot = curve[at];
      if (!slot || slot.from !== end || slot.import === null) return;
      sum += slot.import * (slot.to - slot.from);
      end = slot.to;
      if (end - first.from >= length) break;
    }
    if (end - first.from !== length) return;
    const mean = sum / length;
    if (!best || mean < best.mean - 1e-9) best = { from: first.from, to: end, mean };
  });
  return best;
}

/** The level of every slot among all of them: 1 cheap to 5 dear, by fifths of what is usual. */
export function levels(curve: Slot[]): number[] {
  const known = curve
    .flatMap((slot) => (slot.import === null ? [] : [slot.import]))
    .sort((a, b) => a - b);
  const edges = [0.2, 0.45, 0.7, 0.87].map(
    (part) => known[Math.floor(part * known.length)] ?? Infinity,
  );
  return curve.map((slot) => {
    const price = slot.import;
    return price === null ? 0 : 1 + edges.filter((edge) => price > edge).length;
  });
}

/** Stretches in which one is paid to use power, from `now` on. */
export function paid(curve: Slot[], now: number): Span[] {
  const found: Span[] = [];
  for (const slot of curve) {
    if (slot.to <= now || slot.import === null || slot.import >= 0) continue;
    const last = found.at(-1);
    if (last && last.to === slot.from) last.to = slot.to;
    else found.push({ from: slot.from, to: slot.to });
  }
  return found;
}

/** The slot that runs. */
export function running(curve: Slot[], now: number): Slot | null {
  return curve.find((slot) => slot.from <= now && now < slot.to) ?? null;
}
