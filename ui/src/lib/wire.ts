// The documents of the service as they are on the wire, and how they become what the page works
// with: instants as milliseconds, rows with both directions side by side.

import type {
  Column,
  Correction,
  EnergyRow,
  Explained,
  ExplainedLayer,
  Flow,
  Happening,
  History,
  Identity,
  Live,
  MeterKept,
  MeterRow,
  Net,
  Origin,
  Port,
  Quality,
  Report,
  Resolution,
} from "./api";
import type { Cost, Costs, Peak, Peaks, Prices, Slot } from "./money";

export interface WirePort extends Omit<Port, "last_message" | "fault"> {
  last_message: string | null;
  fault: { at: string; kind: string; message: string } | null;
}

export interface WireMeter {
  meter: string;
  name: string;
  zone: string;
  identity: Identity;
  port: WirePort;
}

interface WireValue {
  value: number;
  unit: string;
  at: string;
  received: string;
  origin: Origin;
}

interface WireRegister {
  unit: string;
  running: { value: number; estimated: boolean };
  official: { value: number; at: string };
}

type WireFlow = Omit<Flow, "since"> & { since: string };

export interface WireLive {
  meter: string;
  name: string;
  now: string;
  port: WirePort;
  identity: Identity;
  net: Net | null;
  fuse_a: number | null;
  production_w: number | null;
  values: Record<string, WireValue>;
  registers: Record<string, WireRegister>;
  energy: Record<keyof Live["energy"], WireFlow | null>;
}

export interface WireSum {
  wh: number;
  quality: Quality;
  quarters: number;
  present: number;
  corrected: boolean;
}

export interface WireEnergy {
  periods: { start: string; end: string; registers: Record<string, WireSum | undefined> }[];
}

export interface WireHistory {
  resolution: Resolution;
  at: number[];
  series: Record<
    string,
    {
      unit: string;
      mean: (number | null)[];
      min?: (number | null)[];
      max?: (number | null)[];
    }
  >;
}

const instant = (text: string) => Date.parse(text);

export function meters(answer: unknown): MeterRow[] {
  return (answer as WireMeter[]).map(({ meter, name, zone }) => ({ id: meter, name, zone }));
}

function port(wire: WirePort): Port {
  const { last_message, fault } = wire;
  return {
    ...wire,
    last_message: last_message === null ? null : instant(last_message),
    fault: fault && { ...fault, at: instant(fault.at) },
  };
}

const flow = (wire: WireFlow | null): Flow | null =>
  wire && { ...wire, since: instant(wire.since) };

export function live(answer: unknown): Live {
  const wire = answer as WireLive;
  const { energy, registers, values } = wire;
  return {
    ...wire,
    now: instant(wire.now),
    port: port(wire.port),
    values: Object.fromEntries(
      Object.entries(values).map(([name, { value, at, origin }]) => [
        name,
        { value, at: instant(at), origin },
      ]),
    ),
    registers: Object.fromEntries(
      Object.entries(registers).map(([name, { running, official }]) => [
        name,
        {
          wh: running.value,
          estimated: running.estimated,
          official_wh: official.value,
          official_at: instant(official.at),
        },
      ]),
    ),
    energy: {
      hour: flow(energy.hour),
      day: flow(energy.day),
      month: flow(energy.month),
      last_month: flow(energy.last_month),
    },
  };
}

const WORST: Quality[] = ["missing", "estimated", "interpolated", "measured"];

export function energy(answer: unknown): EnergyRow[] {
  return (answer as WireEnergy).periods.map(({ start, end, registers }) => {
    const bought = registers.active_import;
    const sold = registers.active_export;
    const sums = [bought, sold].filter((sum) => sum !== undefined);
    const known = sums.map((sum) => (sum.quarters > 0 ? sum.present / sum.quarters : 0));
    const qualities = sums.map((sum) => sum.quality);
    return {
      from: instant(start),
      to: instant(end),
      import_wh: bought?.wh ?? null,
      export_wh: sold?.wh ?? null,
      quality: WORST.find((quality) => qualities.includes(quality)) ?? "missing",
      known: Math.max(0, ...known),
      corrected: sums.some((sum) => sum.corrected),
    };
  });
}

export function history(answer: unknown): History {
  const { resolution, at, series } = answer as WireHistory;
  return {
    resolution,
    at,
    series: Object.fromEntries(
      Object.entries(series).map(([name, { unit, mean, min = [], max = [] }]): [string, Column] => [
        name,
        { unit, mean, min, max },
      ]),
    ),
  };
}

export function events(answer: unknown): Happening[] {
  const { events } = answer as { events: (Omit<Happening, "at"> & { at: string })[] };
  return events.map((event) => ({ ...event, at: instant(event.at) }));
}

export function report(answer: unknown): Report {
  const wire = answer as Omit<Report, "at"> & { at: string };
  return { ...wire, at: instant(wire.at) };
}

export function version(answer: unknown): string {
  return (answer as { info: { version: string } }).info.version;
}

export function kept(answer: unknown): MeterKept {
  const { kept } = answer as { kept: { from: string; to: string } | null };
  return { from: kept && instant(kept.from), to: kept && instant(kept.to) };
}

export function message(answer: unknown): Explained {
  const wire = answer as Omit<Explained, "received" | keyof ExplainedLayer> &
    Partial<ExplainedLayer> & { received: string };
  const { name = "", nodes = [], octets = "" } = wire;
  return { name, nodes, octets, received: instant(wire.received) };
}

type WireSpan<T> = Omit<T, "from" | "to"> & { start: string; end: string };

/** Start and end become a range of instants. */
function spanned<T>({ start, end, ...rest }: WireSpan<T>): T {
  return { ...rest, from: instant(start), to: instant(end) } as T;
}

export function prices(answer: unknown): Prices {
  const wire = answer as Omit<Prices, "curve"> & { curve: WireSpan<Slot>[] };
  return { ...wire, curve: wire.curve.map((slot) => spanned<Slot>(slot)) };
}

export function costs(answer: unknown): Costs {
  const wire = answer as Record<Exclude<keyof Costs, "currency">, WireSpan<Cost>> & {
    currency: string;
  };
  return {
    currency: wire.currency,
    hour: spanned(wire.hour),
    day: spanned(wire.day),
    yesterday: spanned(wire.yesterday),
    month: spanned(wire.month),
    last_month: spanned(wire.last_month),
  };
}

export function peaks(answer: unknown): Peaks {
  const wire = answer as Omit<Peaks, "kept" | "forecast"> & {
    kept: (Omit<Peak, "start"> & { start: string })[];
    forecast: WireSpan<NonNullable<Peaks["forecast"]>> | null;
  };
  return {
    ...wire,
    kept: wire.kept.map((peak) => ({ ...peak, start: instant(peak.start) })),
    forecast: wire.forecast && spanned<NonNullable<Peaks["forecast"]>>(wire.forecast),
  };
}

/** The event `price`: everything of money at once, null where it is not set up. */
export function money(answer: unknown): {
  meter: string;
  prices: Prices | null;
  costs: Costs | null;
  peaks: Peaks | null;
} {
  const wire = answer as Record<"prices" | "costs" | "peaks", unknown> & { meter: string };
  return {
    meter: wire.meter,
    prices: wire.prices ? prices(wire.prices) : null,
    costs: wire.costs ? costs(wire.costs) : null,
    peaks: wire.peaks ? peaks(wire.peaks) : null,
  };
}

export function corrections(answer: unknown): Correction[] {
  type Wire = Omit<Correction, "made" | "from" | "to"> & {
    made: string;
    from: string | null;
    to: string | null;
  };
  return (answer as Wire[]).map((one) => ({
    ...one,
    made: instant(one.made),
    from: one.from === null ? null : instant(one.from),
    to: one.to === null ? null : instant(one.to),
  }));
}
