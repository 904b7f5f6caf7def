// The tiles of the dashboard: which are shown, and in which order.

import type { Live } from "./api";

export const TILES = [
  "now",
  "phases",
  "counters",
  "day",
  "price",
  "hours",
  "month",
  "peaks",
  "year",
] as const;
export type Tile = (typeof TILES)[number];
export type Shown = "auto" | "show" | "hide";

export interface Arrangement {
  order: Tile[];
  shown: Partial<Record<Tile, Shown>>;
}

export const AS_IT_COMES: Arrangement = { order: [...TILES], shown: {} };

/** What is known that decides over tiles which come by themselves. */
export interface Known {
  live: Live | null;
  phases: number;
  hasPrices: boolean;
  hasPeaks: boolean;
}

/** Whether a tile is on the page. What needs something that is not there stays away even then. */
export function isShown(tile: Tile, { shown }: Arrangement, known: Known): boolean {
  const wanted = shown[tile] ?? "auto";
  if (wanted === "hide") return false;
  switch (tile) {
    case "phases":
      // before the first reading it keeps its place
      return wanted === "show" || known.live === null || known.phases > 0;
    case "price":
      return known.hasPrices;
    case "peaks":
      return known.hasPeaks;
    default:
      return true;
  }
}

/** The order with every tile once, whatever was kept. */
export function ordered({ order }: Arrangement): Tile[] {
  const kept = order.filter((tile, index) => TILES.includes(tile) && order.indexOf(tile) === index);
  return [...kept, ...TILES.filter((tile) => !kept.includes(tile))];
}

/** Tiles that share a row when they stand beside one another, as parts of twelve. */
const HALVES: Partial<Record<Tile, string>> = {
  phases: "seven",
  counters: "five",
  hours: "half",
  month: "half",
  peaks: "five",
  year: "seven",
};

export interface Row {
  tiles: { tile: Tile; place: string }[];
}

/** Tiles in rows: two halves that follow one another stand side by side. */
export function rows(tiles: Tile[]): Row[] {
  const found: Row[] = [];
  const width: Record<string, number> = { five: 5, seven: 7, half: 6 };
  for (let at = 0; at < tiles.length; at++) {
    const tile = tiles[at];
    const next = tiles[at + 1];
    if (!tile) continue;
    const here = HALVES[tile];
    const there = next && HALVES[next];
    if (here && there && (width[here] ?? 12) + (width[there] ?? 12) === 12) {
      found.push({
        tiles: [
          { tile, place: here },
          { tile: next, place: there },
        ],
      });
      at++;
    } else {
      found.push({ tiles: [{ tile, place: "" }] });
    }
  }
  return found;
}
