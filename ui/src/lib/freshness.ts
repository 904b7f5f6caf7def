// How old a reading is, and what that means. The thresholds are those of the service, by the
// meter's own rhythm; the page knows them too because the line to the service may be what broke.
//
//   younger than 15 s, or 1.5 periods + 5 s    live
//   younger than 30 s, or 3 periods + 5 s      late
//   older                                      stale

import { SECOND } from "./calendar";

export type Freshness = "loading" | "live" | "late" | "stale";

export const lateAfter = (period: number | null) =>
  Math.max(15 * SECOND, period === null ? 0 : period * 1.5 + 5 * SECOND);
export const staleAfter = (period: number | null) =>
  Math.max(30 * SECOND, period === null ? 0 : period * 3 + 5 * SECOND);

/** `age` and `period` in milliseconds; no age means that nothing has come yet. */
export function freshness(age: number | null, period: number | null): Freshness {
  if (age === null) return "loading";
  if (age < lateAfter(period)) return "live";
  return age < staleAfter(period) ? "late" : "stale";
}
