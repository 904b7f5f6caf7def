// The site as the service tells of it: its meters, the chosen one live, and the line to the
// service.

import { type EnergyRow, type Live, type LiveValue, type MeterRow, Problem, api } from "./api";
import { HOUR, MINUTE } from "./calendar";
import { clock } from "./clock.svelte";
import { freshness } from "./freshness";
import { language } from "./language.svelte";
import type { Costs, Peaks, Prices } from "./money";
import { type Line, follow } from "./stream";
import * as read from "./wire";

export interface Sample {
  at: number;
  /** Signed: from the grid above nought. */
  watts: number;
}

/** Quarter-hours come in crowds; one look at the books is enough for all of them. */
const CROWD = 1500;
const LAST = "hanport.last";

class Site {
  line = $state<Line>("opening");
  meters = $state.raw<MeterRow[] | null>(null);
  chosen = $state<string | null>(null);
  live = $state.raw<Live | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** The last known value of every quantity, also of those that have become stale. */
  kept = $state.raw<Record<string, LiveValue | undefined>>({});
  prices = $state.raw<Prices | null>(null);
  costs = $state.raw<Costs | null>(null);
  peaks = $state.raw<Peaks | null>(null);
  /** When the peaks were told. */
  peaksAt = $state(0);
  /** Power of the last hour, oldest first. */
  trace = $state.raw<Sample[]>([]);
  /** Grows when the books have something new. */
  books = $state(0);

  #remembered = 0;
  #crowd: ReturnType<typeof setTimeout> | undefined;
  #end: (() => void) | undefined;

  readonly meter = $derived(this.chosen ?? this.meters?.[0]?.id ?? null);
  readonly period = $derived(this.live?.port.period_ms ?? null);
  /** How old the newest reading is, in milliseconds. */
  readonly age = $derived(
    this.live?.port.last_message == null
      ? null
      : Math.max(0, clock.now - this.live.port.last_message),
  );
  readonly freshness = $derived(freshness(this.age, this.period));
  /** Power now, signed; the last known one where it is stale. */
  readonly power = $derived(signedPower(this.kept));
  readonly phases = $derived(phaseCount(this.kept));

  value(name: string): number | null {
    return this.kept[name]?.value ?? null;
  }

  begin(): () => void {
    clock.run();
    this.#recollect();
    this.#end = follow(api.stream, {
      line: (line) => {
        this.line = line;
        if (line === "open") void this.refresh();
      },
      event: (kind, data) => this.#event(kind, data),
    });
    const look = () => (document.hidden ? clock.rest() : clock.run());
    document.addEventListener("visibilitychange", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      this.#end?.();
      clock.rest();
    };
  }

  /** What was last known, for a page that is opened without the service. */
  #remember(live: Live): void {
    // a meter that has not spoken yet is not worth remembering
    if (live.now - this.#remembered < MINUTE || signedPower(live.values) === null) return;
    this.#remembered = live.now;
    localStorage.setItem(LAST, JSON.stringify(live));
  }
  #recollect(): void {
    try {
      const live = JSON.parse(localStorage.getItem(LAST) ?? "null") as Live | null;
      if (!live || this.live) return;
      this.live = live;
      this.kept = live.values;
    } catch {
      localStorage.removeItem(LAST);
    }
  }

  /** Asks for everything anew: at the start, and when the line was lost. */
  async refresh(): Promise<void> {
    try {
      const meters = await api.meters();
      this.meters = meters;
      const row = meters.find((one) => one.id === this.meter);
      if (row) language.zone = row.zone;
      const meter = this.meter;
      if (meter) {
        this.#take(await api.live(meter));
        await Promise.all([this.#recall(meter), this.#reckon(meter)]);
      }
      this.problem = null;
      this.books += 1;
    } catch (error) {
      this.problem = error instanceof Problem ? error : new Problem(0, String(error), "");
    }
  }

  choose(meter: string): void {
    this.chosen = meter;
    this.books += 1;
    this.live = null;
    this.kept = {};
    this.trace = [];
    this.prices = null;
    this.costs = null;
    this.peaks = null;
    void this.refresh();
  }

  #event(kind: string, data: unknown): void {
    if (kind === "live") {
      const live = read.live(data);
      // the first to speak is the one that is shown until the list is there
      if (live.meter === (this.meter ?? live.meter)) this.#take(live);
    } else if (kind === "interval") {
      clearTimeout(this.#crowd);
      this.#crowd = setTimeout(() => (this.books += 1), CROWD);
    } else if (kind === "price") {
      const money = read.money(data);
      if (money.meter !== this.meter) return;
      this.prices = money.prices;
      this.costs = money.costs;
      this.peaks = money.peaks;
      this.peaksAt = clock.now;
    }
  }

  #take(live: Live): void {
    clock.set(live.now);
    const before = this.live;
    this.#remember(live);
    this.live = live;
    this.kept = { ...this.kept, ...live.values };
    const watts = signedPower(live.values);
    if (watts !== null && live.port.last_message !== before?.port.last_message) {
      const at = live.port.last_message ?? live.now;
      const from = at - HOUR;
      const old = this.trace.findIndex((sample) => sample.at >= from);
      this.trace = [...this.trace.slice(Math.max(0, old)), { at, watts }];
    }
  }

  /** Prices, costs and peaks; where they are not set up there are none. */
  async #reckon(meter: string): Promise<void> {
    const orNone = (error: unknown) => {
      if (error instanceof Problem && error.status === 404) return null;
      throw error;
    };
    this.prices = await api.prices(meter).catch(orNone);
    if (!this.prices) return;
    [this.costs, this.peaks] = await Promise.all([
      api.costs(meter).catch(orNone),
      api.peaks(meter).catch(orNone),
    ]);
    this.peaksAt = clock.now;
  }

  /** The last hour from the history, in front of what has come since. */
  async #recall(meter: string): Promise<void> {
    const to = clock.now;
    const names = ["active_import_w", "active_export_w"];
    const history = await api.history(meter, { from: to - HOUR, to }, names, "raw");
    const { active_import_w: bought, active_export_w: sold } = history.series;
    const past = history.at.flatMap((at, index) => {
      const up = bought?.mean[index];
      const down = sold?.mean[index];
      return up == null && down == null ? [] : [{ at, watts: (up ?? 0) - (down ?? 0) }];
    });
    const first = this.trace[0]?.at ?? Infinity;
    this.trace = [...past.filter((sample) => sample.at < first), ...this.trace];
  }
}

export function signedPower(values: Record<string, LiveValue | undefined>): number | null {
  const bought = values.active_import_w;
  const sold = values.active_export_w;
  if (!bought && !sold) return values.active_net_w?.value ?? null;
  return (bought?.value ?? 0) - (sold?.value ?? 0);
}

export function phaseCount(values: Record<string, LiveValue | undefined>): number {
  return [1, 2, 3].filter((phase) => values[`voltage_l${phase}_v`] ?? values[`current_l${phase}_a`])
    .length;
}

/** What is known of an hour from the samples since it began: watt-hours at instants, rising. */
export function climb(
  samples: Sample[],
  from: number,
  now: number,
  flow: (watts: number) => number = (watts) => Math.max(0, watts),
): { at: number; wh: number }[] {
  const line = [{ at: from, wh: 0 }];
  let wh = 0;
  let before: Sample | undefined;
  for (const sample of samples) {
    if (before && sample.at > from) {
      const start = Math.max(before.at, from);
      // longer silence than five minutes is not filled
      if (sample.at - before.at < 5 * MINUTE) {
        wh += (flow(before.watts) * (sample.at - start)) / HOUR;
      }
      line.push({ at: sample.at, wh });
    }
    before = sample;
  }
  if (before && now > before.at && now - before.at < 5 * MINUTE) {
    wh += (flow(before.watts) * (now - Math.max(before.at, from))) / HOUR;
    line.push({ at: now, wh });
  }
  return line;
}

/** What the running hour comes to if the next minutes go on like the last five. */
export function expectedHour(
  soFar: number,
  samples: Sample[],
  now: number,
  end: number,
): number | null {
  const recent = samples.filter((sample) => sample.at > now - 5 * MINUTE);
  if (recent.length === 0) return null;
  const mean = recent.reduce((sum, sample) => sum + sample.watts, 0) / recent.length;
  return soFar + (Math.max(0, mean) * Math.max(0, end - now)) / HOUR;
}

/** Sums what is known; nothing known gives null. */
export function sum(rows: EnergyRow[], flow: "import_wh" | "export_wh"): number | null {
  const known = rows.filter((row) => row.quality !== "missing" && row[flow] !== null);
  return known.length === 0 ? null : known.reduce((total, row) => total + (row[flow] ?? 0), 0);
}

export const site = new Site();
