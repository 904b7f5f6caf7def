// The arc of power now: what is bought grows to the right of nought, what is sold to the left.
// Its ends are what the main fuse lets through and what the site can produce.

import type { Net } from "./api";

/** Angles in degrees, clockwise from three o'clock: open at the bottom. */
const FROM = -212;
const TO = 32;

export interface Range {
  /** Watts; below nought where power is sold. */
  low: number;
  high: number;
}

/** Full scale where neither fuse nor production is known: watts. */
const WITHOUT_FUSE = 15_000;
const WITHOUT_PRODUCTION = 5000;

/** What three phases carry at the main fuse, in watts. */
export function fusePower(fuse: number, net: Net | null, phases: number): number {
  if (phases < 2) return fuse * 230;
  return net === "it_tt_230" ? fuse * 230 * Math.sqrt(3) : fuse * 230 * 3;
}

/**
 * The ends of the arc. Without production there is no selling side, until something is sold.
 * Both ends give way to a value beyond them.
 */
export function range(
  fuse: number | null,
  production: number | null,
  net: Net | null,
  phases: number,
  seen: { highest: number; lowest: number },
): Range {
  const high = fuse ? fusePower(fuse, net, phases) : WITHOUT_FUSE;
  const sells = (production ?? 0) > 0 || seen.lowest < 0;
  const low = sells ? (production ? production : WITHOUT_PRODUCTION) : 0;
  return { low: -Math.max(low, -seen.lowest), high: Math.max(high, seen.highest) };
}

export interface Arc {
  angle: (watts: number) => number;
  point: (watts: number, radius: number) => { x: number; y: number };
  /** The way along the arc between two powers, for the attribute `d`. */
  path: (from: number, to: number, radius: number) => string;
}

/** The arc around a centre. */
export function arc({ low, high }: Range, x: number, y: number): Arc {
  const angle = (watts: number) => {
    const part = (Math.min(high, Math.max(low, watts)) - low) / (high - low || 1);
    return FROM + part * (TO - FROM);
  };
  const point = (watts: number, radius: number) => {
    const radians = (angle(watts) * Math.PI) / 180;
    return { x: x + radius * Math.cos(radians), y: y + radius * Math.sin(radians) };
  };
  const path = (from: number, to: number, radius: number) => {
    const [a, b] = from < to ? [from, to] : [to, from];
    const start = point(a, radius);
    const end = point(b, radius);
    const large = angle(b) - angle(a) > 180 ? 1 : 0;
    const at = (p: { x: number; y: number }) => `${p.x.toFixed(1)} ${p.y.toFixed(1)}`;
    return `M${at(start)}A${radius} ${radius} 0 ${large} 1 ${at(end)}`;
  };
  return { angle, point, path };
}

/** Round marks inside a range, at most `count` of them above nought, in watts. */
export function marks({ low, high }: Range, count = 3): number[] {
  const steps = [500, 1000, 2000, 2500, 5000, 10_000, 20_000, 25_000, 50_000, 100_000, 250_000];
  const step = steps.find((one) => high / one <= count + 0.7) ?? 500_000;
  const found = [];
  // a mark closer to the end than a third of a step would meet the word there
  for (let at = Math.ceil(low / step) * step; at <= high - step * 0.3; at += step) {
    if (at === 0 || at >= low + step * 0.15) found.push(at);
  }
  return found.map((at) => (at === 0 ? 0 : at));
}

export type Level = "ok" | "warn" | "bad";

/** How far a voltage is from its nominal one: within 5 %, within 10 %, beyond. */
export function voltageLevel(volts: number, nominal = 230): Level {
  const off = Math.abs(volts / nominal - 1);
  return off <= 0.05 ? "ok" : off <= 0.1 ? "warn" : "bad";
}

/** How near a current is to its fuse: from 80 % on it deserves attention, from 100 % on action. */
export function currentLevel(amperes: number, fuse: number | null): Level {
  if (!fuse) return "ok";
  const part = Math.abs(amperes) / fuse;
  return part < 0.8 ? "ok" : part < 1 ? "warn" : "bad";
}
