// Axes: where a value stands, and which values are written beside the chart.

/** A linear way from values to places. */
export interface Scale {
  (value: number): number;
  low: number;
  high: number;
}

/** Maps `low` to `start` and `high` to `end`. */
export function scale(low: number, high: number, start: number, end: number): Scale {
  const run = high - low || 1;
  const place = (value: number) => start + ((value - low) / run) * (end - start);
  return Object.assign(place, { low, high });
}

/** Three to five round values that contain a range; nought is always among them. */
export function ticks(low: number, high: number, count = 4): number[] {
  const from = Math.min(0, low);
  const to = Math.max(0, high);
  if (to === from) return [0, 1];
  const step = roundUp((to - from) / count);
  // a trifle below nought hangs over the line and opens no axis
  const first = Math.floor(from / step + 0.06);
  const last = Math.ceil(to / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => clean((first + index) * step));
}

/** The next of 1, 2, 2.5 and 5 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const times = [1, 2, 2.5, 5, 10].find((one) => one * power >= value * (1 - 1e-9)) ?? 10;
  return times * power;
}

function clean(value: number): number {
  return Number(value.toPrecision(12));
}

/** How many decimals the labels of these ticks need. */
export function tickDigits(values: number[]): number {
  return values.some((value) => !Number.isInteger(value))
    ? values.some((value) => !Number.isInteger(clean(value * 10)))
      ? 2
      : 1
    : 0;
}
