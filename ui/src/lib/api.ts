// What the service answers, and how it is asked. Addresses are relative, so that the page works
// in any folder of a proxy.

import type { Span } from "./calendar";
import type { Applied, Section, SettingProblem, Values } from "./settings";
import * as read from "./wire";

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
  number: string | null;
  list_id: string | null;
}

/** A meter in short. */
export interface MeterRow {
  id: string;
  name: string;
  /** The site's time zone, as in "Europe/Oslo". */
  zone: string;
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

/** What a register reads now, and what the meter last stated. */
export interface RegisterNow {
  wh: number;
  estimated: boolean;
  official_wh: number;
  official_at: number;
}

/** A meter at one moment. */
export interface Live {
  meter: string;
  name: string;
  now: number;
  identity: Identity;
  values: Record<string, LiveValue | undefined>;
  registers: Record<string, RegisterNow | undefined>;
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
  /** The part of the quarter-hours that is known, 0 to 1. */
  known: number;
  corrected: boolean;
}

/** Quantities over time, as columns beside one column of times. */
export interface History {
  resolution: Resolution;
  at: number[];
  series: Record<string, Column | undefined>;
}

export interface Column {
  unit: string;
  mean: (number | null)[];
  /** Without them the samples are single ones. */
  min: (number | null)[];
  max: (number | null)[];
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
  counts: Record<string, number>;
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

/** Whether every meter sends and the history can be read. */
export interface Health {
  ready: boolean;
  troubled: { meter: string; status: PortStatus }[];
  history: string | null;
}

/** From the first thing kept of a meter to the last. */
export interface MeterKept {
  from: number | null;
  to: number | null;
}

export interface ExplainedNode {
  start: number;
  end: number;
  kind: string;
  label: string;
  value: string;
  children: ExplainedNode[];
  inner: ExplainedLayer | null;
}

/** Octets in hexadecimal, and what they mean. */
export interface ExplainedLayer {
  name: string;
  octets: string;
  nodes: ExplainedNode[];
}

/** The last message of a meter, explained. */
export interface Explained extends ExplainedLayer {
  received: number;
}

/** What the asker may do. */
export interface SessionState {
  logged_in: boolean;
  password_set: boolean;
  may_set_up: boolean;
  may_read: boolean;
  protection: "changes" | "everything";
}

/** A correction with its trace. */
export interface Correction {
  id: number;
  made: number;
  by: string;
  reason: string;
  register: string;
  what: "confirm" | "exclude" | "total" | "withdraw";
  from: number | null;
  to: number | null;
  wh: number | null;
  correction: number | null;
}

/** A correction that is to be made. */
export interface NewCorrection {
  register: string;
  reason: string;
  change:
    | { what: "confirm" | "exclude" | "total"; from: number; to: number; wh: number }
    | { what: "withdraw"; correction: number };
}

export interface TokenRow {
  name: string;
  scope: "admin" | "read";
  made: string;
}

/** What a backup holds. */
export interface Parts {
  configuration: boolean;
  history: boolean;
  passphrase?: string;
}

/** What went wrong, as the service words it (RFC 9457). */
export class Problem extends Error {
  readonly status: number;
  readonly detail: string;
  readonly remedy: string;
  /** What is wrong with single settings. */
  problems: SettingProblem[] | null = null;
  constructor(status: number, title: string, detail = "", remedy = "") {
    super(title);
    this.status = status;
    this.detail = detail;
    this.remedy = remedy;
  }
}

/** Asks the service. A network that does not answer is a problem with the status 0. */
export async function ask(path: string, init?: RequestInit): Promise<unknown> {
  let response: Response;
  try {
    const headers = { accept: "application/json", ...init?.headers };
    response = await fetch(path, { ...init, headers });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, "");
  }
  if (!response.ok) throw await problemOf(response);
  return body(response);
}

async function body(response: Response): Promise<unknown> {
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return text && isJson ? JSON.parse(text) : text;
}

async function problemOf(response: Response): Promise<Problem> {
  const answer = await body(response);
  const told = (typeof answer === "object" && answer !== null ? answer : {}) as Record<
    string,
    unknown
  >;
  const word = (name: string) => (typeof told[name] === "string" ? told[name] : "");
  const title = word("title") || response.statusText;
  const problem = new Problem(response.status, title, word("detail"), word("remedy"));
  if (Array.isArray(told.problems)) problem.problems = told.problems as SettingProblem[];
  return problem;
}

const V1 = "api/v1/";
const ADMIN = `${V1}admin/`;

const sent = (body: unknown, method = "POST"): RequestInit => ({
  method,
  body: JSON.stringify(body),
  headers: { "content-type": "application/json" },
});

/** The part of an address after the path; what is undefined is left out. */
export function query(values: Record<string, string | number | undefined>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
}

const iso = (at: number) => new Date(at).toISOString();
const range = (span: Span) => ({ from: iso(span.from), to: iso(span.to) });
const meter = (id: string) => `${V1}meters/${encodeURIComponent(id)}`;

async function changed(path: string, patch: unknown): Promise<Applied | SettingProblem[]> {
  try {
    return (await ask(path, sent(patch, "PATCH"))) as Applied;
  } catch (error) {
    if (error instanceof Problem && error.problems) return error.problems;
    throw error;
  }
}

export const api = {
  stream: `${V1}stream`,
  meters: async () => read.meters(await ask(`${V1}meters`)),
  live: async (id: string) => read.live(await ask(`${meter(id)}/live`)),
  energy: async (id: string, span: Span, by: EnergyStep, signal?: AbortSignal) =>
    read.energy(await ask(`${meter(id)}/energy${query({ ...range(span), by })}`, { signal })),
  energyCsv: async (id: string, span: Span, by: EnergyStep) =>
    String(
      await ask(`${meter(id)}/energy${query({ ...range(span), by })}`, {
        headers: { accept: "text/csv" },
      }),
    ),
  history: async (
    id: string,
    span: Span,
    series: string[],
    resolution?: Resolution,
    signal?: AbortSignal,
  ) =>
    read.history(
      await ask(
        `${meter(id)}/history${query({ ...range(span), resolution, series: series.join(",") })}`,
        { signal },
      ),
    ),
  events: async (id: string, limit: number, signal?: AbortSignal) =>
    read.events(await ask(`${meter(id)}/events${query({ limit })}`, { signal })),
  doctor: async (id: string, signal?: AbortSignal) =>
    read.report(await ask(`${meter(id)}/doctor`, { signal })),
  message: async (id: string, signal?: AbortSignal) =>
    read.message(await ask(`${meter(id)}/message`, { signal })),
  health: async (signal?: AbortSignal) => {
    // 503 carries the same document: it says what is not ready
    const response = await fetch("readyz", { signal: signal ?? null });
    return (await response.json()) as Health;
  },
  version: async (signal?: AbortSignal) => read.version(await ask(`${V1}openapi.json`, { signal })),
  kept: async (id: string, signal?: AbortSignal) => read.kept(await ask(meter(id), { signal })),
  session: async () => (await ask(`${V1}session`)) as SessionState,
  logIn: (password: string) => ask(`${V1}session`, sent({ password })),
  logOut: () => ask(`${V1}session`, { method: "DELETE" }),
  setUp: (password: string) => ask(`${V1}setup`, sent({ password })),
  changePassword: (current: string, next: string) =>
    ask(`${ADMIN}password`, sent({ current, new: next })),
  tokens: async (signal?: AbortSignal) => (await ask(`${ADMIN}tokens`, { signal })) as TokenRow[],
  makeToken: async (name: string, scope: TokenRow["scope"]) =>
    ((await ask(`${ADMIN}tokens`, sent({ name, scope }))) as { token: string }).token,
  deleteToken: (name: string) =>
    ask(`${ADMIN}tokens/${encodeURIComponent(name)}`, { method: "DELETE" }),
  corrections: async (id: string, signal?: AbortSignal) =>
    read.corrections(await ask(`${meter(id)}/corrections`, { signal })),
  correct: (id: string, { change, ...rest }: NewCorrection) => {
    const { what } = change;
    const body =
      what === "withdraw"
        ? { what, correction: change.correction }
        : {
            what,
            from: iso(change.from),
            to: iso(change.to),
            ...(what === "total" ? { wh: change.wh } : {}),
          };
    return ask(
      `${ADMIN}meters/${encodeURIComponent(id)}/corrections`,
      sent({ ...rest, change: body }),
    );
  },
  /** All settings: what there is, and how it is set. */
  settings: async () =>
    (await ask(`${ADMIN}config`)) as { settings: { sections: Section[] }; values: Values },
  /** What would be wrong after a change. */
  checkSettings: async (patch: unknown): Promise<SettingProblem[]> => {
    const outcome = await changed(`${ADMIN}config?check=true`, patch);
    return Array.isArray(outcome) ? outcome : outcome.warnings;
  },
  /** What became of a change, or what is wrong with it. */
  changeSettings: (patch: unknown) => changed(`${ADMIN}config`, patch),
  backup: async (parts: Parts): Promise<Blob> => {
    const response = await fetch(`${ADMIN}backup`, sent(parts));
    if (!response.ok) throw await problemOf(response);
    return response.blob();
  },
  restore: (parts: Parts, file: File) =>
    ask(
      `${ADMIN}restore${query({ configuration: String(parts.configuration), history: String(parts.history) })}`,
      {
        method: "POST",
        body: file,
        headers: parts.passphrase ? { "x-passphrase": parts.passphrase } : {},
      },
    ),
  reset: () => ask(`${ADMIN}reset`, sent({ perform: true })),
  restart: () => ask(`${ADMIN}restart`, sent({})),
  prices: async (id: string) => read.prices(await ask(`${meter(id)}/prices`)),
  costs: async (id: string) => read.costs(await ask(`${meter(id)}/cost`)),
  peaks: async (id: string) => read.peaks(await ask(`${meter(id)}/peaks`)),
};
