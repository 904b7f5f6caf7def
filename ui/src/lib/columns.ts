// Columns of the history made ready for lines: gaps opened where samples are missing.

import type { History, Resolution } from "./api";
import { DAY, HOUR, MINUTE, QUARTER } from "./calendar";

/** The length of a step; for single samples the longest silence that is no gap. */
export const STEP: Record<Resolution, number> = {
  raw: MINUTE,
  "1m": MINUTE,
  "15m": QUARTER,
  "1h": HOUR,
  "1d": DAY,
  "1mo": 31 * DAY,
};

export interface Lines {
  /** Seconds since 1970. */
  at: number[];
  values: (number | null)[][];
}

/** The named columns side by side, divided by `by`. Signed power is the name of one column less another. */
export function lines(
  history: History,
  columns: { plus: string; minus?: string }[],
  which: "mean" | "min" | "max" = "mean",
  by = 1,
): Lines {
  const at: number[] = [];
  const values: (number | null)[][] = columns.map(() => []);
  const longest = STEP[history.resolution] * (history.resolution === "raw" ? 1 : 1.5);
  const value = (name: string | undefined, side: "mean" | "min" | "max", index: number) => {
    const column = name ? history.series[name] : undefined;
    const list = column?.[side].length ? column[side] : column?.mean;
    return list?.[index] ?? null;
  };
  // the most of a difference is the most of the one and the least of the other
  const other = { mean: "mean", min: "max", max: "min" } as const;
  history.at.forEach((ms, index) => {
    const before = history.at[index - 1];
    if (before !== undefined && ms - before > longest) {
      at.push((before + longest) / 1000);
      for (const list of values) list.push(null);
    }
    at.push(ms / 1000);
    columns.forEach(({ plus, minus }, place) => {
      const up = value(plus, which, index);
      const down = value(minus, other[which], index);
      values[place]?.push(up === null && down === null ? null : ((up ?? 0) - (down ?? 0)) / by);
    });
  });
  return { at, values };
}
