// A stand-in for the service while the page is worked on: the same addresses, a made-up house.
// It is part of `npm run dev` alone and is never shipped. With HANPORT set to an address it
// passes everything on to a real one instead.

import type { IncomingMessage, ServerResponse } from "node:http";
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";
import type { EnergyStep, Origin, Report } from "../src/lib/api";
import type { WireLive } from "../src/lib/wire";
import {
  HOUR,
  MINUTE,
  QUARTER,
  startOfDay,
  startOfHour,
  startOfMonth,
} from "../src/lib/calendar.ts";
import { costs, peaks, prices } from "./money.ts";
import { sections, values } from "./settings.ts";
import { ZONE, chance, energy, net } from "./house.ts";

const PERIOD = 2500;
/** A file of `hanport explain --format json`, to be the last message. */
const message = process.env.MESSAGE;

const iso = (at: number) => new Date(at).toISOString();

/** What the meter measures at an instant. */
function measured(now: number): WireLive["values"] {
  const at = Math.floor(now / PERIOD) * PERIOD;
  const watts = net(at);
  const shares = [0.46, 0.33, 0.21];
  const value = (value: number, unit: string, origin: Origin = "measured") => ({
    value,
    unit,
    at: iso(at),
    received: iso(at),
    origin,
  });
  const values: WireLive["values"] = {
    active_import_w: value(Math.max(0, watts), "W"),
    active_export_w: value(Math.max(0, -watts), "W"),
  };
  shares.forEach((share, index) => {
    const volts = 229 + index * 2.4 + chance(at + index) * 2 - watts / 4000;
    const amperes = (Math.abs(watts) * share) / volts;
    values[`voltage_l${index + 1}_v`] = value(Math.round(volts * 10) / 10, "V");
    values[`current_l${index + 1}_a`] = value(Math.round(amperes * 10) / 10, "A");
    values[`active_net_l${index + 1}_w`] = value(Math.round(watts * share), "W", "derived");
  });
  return values;
}

/** The meter as it is at an instant. */
export function live(now: number): WireLive {
  const flow = (from: number, to: number) => {
    const period = energy(from, to, "all", now).periods[0];
    const { active_import: bought, active_export: sold } = period?.registers ?? {};
    if (!bought || !sold) return null;
    return { since: iso(from), import_wh: bought.wh, export_wh: sold.wh, quality: bought.quality };
  };
  const register = (value: number) => ({
    unit: "Wh",
    running: { value, estimated: true },
    official: { value, at: iso(startOfHour(now, ZONE)) },
  });
  const span = (from: number) => flow(from, now);
  const month = startOfMonth(now, ZONE);
  return {
    meter: "main",
    name: "Home",
    now: iso(now),
    identity: {
      manufacturer: "Kamstrup",
      model: "6841131BN243101040",
      model_name: "OMNIPOWER three-phase direct",
      number: "5706567202753025",
      list_id: "Kamstrup_V0001",
    },
    values: measured(now),
    registers: { active_import: register(92_795_400), active_export: register(1_204_700) },
    port: {
      status: "good",
      source: "/dev/serial/by-id/stand-in",
      period_ms: PERIOD,
      last_message: iso(Math.floor(now / PERIOD) * PERIOD),
      messages: 1,
      faults: 0,
      fault: null,
    },
    net: "tn_400",
    fuse_a: 25,
    production_w: 6000,
    energy: {
      hour: span(startOfHour(now, ZONE)),
      day: span(startOfDay(now, ZONE)),
      month: span(month),
      last_month: flow(startOfMonth(now, ZONE, -1), month),
    },
  };
}

function doctor(now: number): Report {
  const layer = (
    layer: Report["layers"][number]["layer"],
    seen: string,
  ): Report["layers"][number] => ({
    layer,
    state: "good",
    seen,
    counts: { octets: 120_000 },
  });
  return {
    at: now,
    summary: "All is well.",
    layers: [
      layer("port", "The port is open."),
      layer("line", "Characters arrive whole."),
      layer("frames", "All frames pass their checks."),
      layer("key", "Messages are plain."),
      layer("list", "The list is known."),
      layer("values", "Power every 2.5 s."),
    ],
    findings: [],
  };
}

function history(from: number, to: number, names: string[], resolution: string, now: number) {
  const natural = to - from <= 3 * HOUR ? "raw" : to - from <= 24 * HOUR ? "1m" : "15m";
  const chosen = resolution || natural;
  const step = { raw: 10_000, "1m": MINUTE, "15m": QUARTER }[chosen] ?? HOUR;
  const times: number[] = [];
  for (let at = Math.ceil(from / step) * step; at < Math.min(to, now); at += step) times.push(at);
  const series = Object.fromEntries(
    names.map((name) => {
      const mean = times.map((at) => measured(at)[name]?.value ?? null);
      const spread = (by: number) =>
        chosen === "raw" ? [] : mean.map((value) => value && value * by);
      return [name, { unit: "W", mean, min: spread(0.8), max: spread(1.2) }];
    }),
  );
  return { resolution: chosen, at: times, series };
}

function answer(url: URL, now: number): unknown {
  const from = Date.parse(url.searchParams.get("from") ?? "") || now - HOUR;
  const to = Date.parse(url.searchParams.get("to") ?? "") || now;
  const what = url.pathname
    .replace(/^.*\/api\/v1\//, "")
    .replace(/^meters\/[^/]+\//, "")
    .replace(/^\//, "");
  switch (what) {
    case "meters":
      return [{ meter: "main", name: "Home", zone: ZONE }];
    case "meters/main":
      return { meter: "main", kept: { from: iso(now - 40 * 24 * HOUR), to: iso(now) } };
    case "openapi.json":
      return { info: { version: "0.0.0" } };
    case "readyz":
      return { ready: true, troubled: [], history: null };
    case "session":
      return {
        logged_in: true,
        password_set: true,
        may_set_up: false,
        may_read: true,
        protection: "changes",
      };
    case "admin/tokens":
      return [{ name: "home-assistant", scope: "read", made: iso(now) }];
    case "admin/config":
      return { settings: { sections }, values };
    case "live":
      return live(now);
    case "energy":
      return energy(from, to, (url.searchParams.get("by") ?? "hour") as EnergyStep, now);
    case "history":
      return history(
        from,
        to,
        (url.searchParams.get("series") ?? "").split(","),
        url.searchParams.get("resolution") ?? "",
        now,
      );
    case "events":
      return { events: [] };
    case "doctor":
      return doctor(now);
    case "prices":
      return prices(now);
    case "cost":
      return costs(now);
    case "peaks":
      return peaks(now);
    case "message":
      return message ? { received: iso(now), ...JSON.parse(readFileSync(message, "utf8")) } : null;
    default:
      return null;
  }
}

function stream(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  const send = (kind: string, data: unknown) =>
    response.write(`event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`);
  send("live", live(Date.now()));
  const timer = setInterval(() => send("live", live(Date.now())), PERIOD);
  request.on("close", () => clearInterval(timer));
}

export function standIn(): Plugin {
  return {
    name: "stand-in",
    apply: "serve",
    configureServer(server) {
      if (process.env.HANPORT) return;
      server.middlewares.use((request, response, next) => {
        const url = new URL(request.url ?? "/", "http://localhost");
        if (!/\/api\/v1\/|\/readyz$/.test(url.pathname)) return next();
        if (url.pathname.endsWith("/stream")) return stream(request, response);
        const body = answer(url, Date.now());
        response.statusCode = body === null ? 404 : 200;
        response.setHeader(
          "content-type",
          body === null ? "application/problem+json" : "application/json",
        );
        response.end(
          JSON.stringify(body ?? { title: "Not here", status: 404, detail: url.pathname }),
        );
      });
    },
  };
}
