// What the service answers, and how it is asked. Addresses are relative, so that the page works
// in any folder of a proxy.

import type { Span } from "./calendar";

export type Quality = "measured" | "interpolated" | "estimated" | "missing";
export type Origin = "measured" | "derived" | "estimated";
export type PortStatus = "bad" | "good" | "late" | "silent" | "waiting";
export type Resolution = "raw" | "1m" | "15m" | "1h" | "1d" | "1mo";
export type EnergyStep = "15m" | "hour" | "day" | "month" | "year";
export type Net = "it_tt_230" | "tn_400";

export interface Identity {
  manufacturer: string | null;
  model: string | null;
  model_name: string | null;
  id: string | null;
  list_id?: string | null;
}

export interface MeterRow {
  id: string;
  name: string;
}

export interface Meters {
  meters: MeterRow[];
  /** The site's time zone, as in "Europe/Oslo". */
  zone: string;
  version: string;
}

export interface LiveValue {
  value: number;
  at: number;
  origin: Origin;
}

export interface Flow {
  since: number;
  import_wh: number;
  export_wh: number;
  quality: Quality;
}

export interface Port {
  status: PortStatus;
  source: string;
  period_ms: number | null;
  last_message: number | null;
  messages: number;
  faults: number;
  fault: { at: number; kind: string; message: string } | null;
}

/** A meter at one moment. */
export interface Live {
  meter: string;
  name: string;
  now: number;
  identity: Identity;
  values: Record<string, LiveValue | undefined>;
  registers: { active_import_wh: number | null; active_export_wh: number | null };
  port: Port;
  net: Net | null;
  fuse_a: number | null;
  production_w: number | null;
  energy: { hour: Flow | null; day: Flow | null; month: Flow | null; last_month: Flow | null };
}

/** The energy of one step. Nothing is known of a flow that is null. */
export interface EnergyRow extends Span {
  import_wh: number | null;
  export_wh: number | null;
  quality: Quality;
}

export interface Point {
  at: number;
  mean: number;
  min: number;
  max: number;
}

export interface History {
  resolution: Resolution;
  series: Record<string, Point[]>;
}

export interface Happening {
  at: number;
  meter: string | null;
  kind: string;
  detail: Record<string, unknown>;
}

export type LayerState = "good" | "troubled" | "bad" | "unknown";

export interface Layer {
  layer: "port" | "line" | "frames" | "key" | "list" | "values";
  state: LayerState;
  seen: string;
  counts: [string, number][];
}

export interface Finding {
  cause: string;
  certainty: number;
  title: string;
  because: string;
  remedies: string[];
}

export interface Report {
  at: number;
  summary: string;
  layers: Layer[];
  findings: Finding[];
}

/** What went wrong, as the service words it (RFC 9457). */
export class Problem extends Error {
  readonly status: number;
  readonly detail: string;
  constructor(status: number, title: string, detail: string) {
    super(title);
    this.status = status;
    this.detail = detail;
  }
}

/** Asks the service. A network that does not answer is a problem with the status 0. */
export async function ask<T>(path: string, init?: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      ...init,
      headers: { accept: "application/json", ...init?.headers },
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, "", "");
  }
  const text = await response.text();
  const body: unknown =
    text && /json/.test(response.headers.get("content-type") ?? "") ? JSON.parse(text) : text;
  if (!response.ok) {
    const problem = (typeof body === "object" && body !== null ? body : {}) as Record<
      string,
      unknown
    >;
    throw new Problem(
      response.status,
      String(problem.title ?? response.statusText),
      String(problem.detail ?? ""),
    );
  }
  return body as T;
}

const V1 = "api/v1/";

function query(values: Record<string, string | number | undefined>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}

const iso = (at: number) => new Date(at).toISOString();

export const api = {
  stream: `${V1}stream`,
  meters: () => ask<Meters>(`${V1}meters`),
  live: (meter: string) => ask<Live>(`${V1}meters/${meter}/live`),
  energy: (meter: string, span: Span, by: EnergyStep, signal?: AbortSignal) =>
    ask<{ rows: EnergyRow[] }>(
      `${V1}meters/${meter}/energy?${query({ from: iso(span.from), to: iso(span.to), by })}`,
      signal ? { signal } : {},
    ).then((answer) => answer.rows),
  history: (
    meter: string,
    span: Span,
    series: string[],
    resolution?: Resolution,
    signal?: AbortSignal,
  ) =>
    ask<History>(
      `${V1}meters/${meter}/history?${query({
        from: iso(span.from),
        to: iso(span.to),
        resolution,
        series: series.join(","),
      })}`,
      signal ? { signal } : {},
    ),
  events: (meter: string, limit = 50) =>
    ask<{ events: Happening[] }>(`${V1}meters/${meter}/events?${query({ limit })}`).then(
      (a) => a.events,
    ),
  doctor: (meter: string) => ask<Report>(`${V1}meters/${meter}/doctor`),
};
