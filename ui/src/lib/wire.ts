// The documents of the service as they are on the wire, and how they become what the page works
// with: instants as milliseconds, rows with both directions side by side.

import type {
  Column,
  EnergyRow,
  Flow,
  Happening,
  History,
  Identity,
  Live,
  MeterRow,
  Net,
  Origin,
  Port,
  Quality,
  Report,
  Resolution,
} from "./api";

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
