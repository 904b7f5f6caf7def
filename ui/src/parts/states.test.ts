// The panel of now in each of its states: what it says and what it does not.
import { render, screen } from "@testing-library/svelte";
import axe from "axe-core";
import { beforeEach, expect, test } from "vitest";
import type { Live, LiveValue } from "../lib/api";
import { clock } from "../lib/clock.svelte";
import { site } from "../lib/site.svelte";
import Island from "./Island.svelte";
import Phases from "./Phases.svelte";

const NOW = Date.UTC(2027, 0, 14, 16, 42);
const value = (value: number, origin: LiveValue["origin"] = "measured"): LiveValue => ({
  value,
  at: NOW,
  origin,
});

function live(age: number, values: Live["values"]): Live {
  return {
    meter: "main",
    name: "Home",
    now: NOW,
    identity: { manufacturer: null, model: null, model_name: null, number: null, list_id: null },
    values,
    registers: {},
    port: {
      status: "good",
      source: "",
      period_ms: 10_000,
      last_message: NOW - age,
      messages: 1,
      faults: 0,
      fault: null,
    },
    net: "tn_400",
    fuse_a: 25,
    production_w: null,
    energy: { hour: null, day: null, month: null, last_month: null },
  };
}

function show(age: number, values: Live["values"] = { active_import_w: value(4821) }): HTMLElement {
  site.live = live(age, values);
  site.kept = values;
  return render(Island).container;
}

async function isOpen(container: HTMLElement): Promise<void> {
  const found = await axe.run(container, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  expect(found.violations.map((one) => one.id)).toEqual([]);
}

beforeEach(() => {
  clock.here = NOW;
  clock.ahead = 0;
  site.live = null;
  site.kept = {};
  site.trace = [];
});

test("before the first reading there is neither a nought nor a spinner", async () => {
  const { container } = render(Island);
  expect(container.querySelector(".hero")).toBeNull();
  expect(screen.getAllByText("Waiting for the first reading").length).toBeGreaterThan(0);
  expect(container.textContent).not.toMatch(/\b0\.00\b/);
  await isOpen(container);
});

test("a live figure stands with its unit, its direction and its age", async () => {
  const container = show(2000);
  expect(container.querySelector(".hero")?.textContent?.trim()).toBe("4.82kW");
  expect(screen.getByText("from the grid")).toBeTruthy();
  expect(screen.getByText("2 s ago")).toBeTruthy();
  expect(document.title).toBe("4.82 kW · hanport");
  await isOpen(container);
});

test("what is sold is said, not only coloured", () => {
  const container = show(2000, { active_import_w: value(0), active_export_w: value(1540) });
  expect(container.querySelector(".hero")?.textContent?.trim()).toBe("1.54kW");
  expect(screen.getByText("to the grid")).toBeTruthy();
});

test("a late figure says how often the meter sends", () => {
  show(24_000);
  expect(screen.getByText("24 s ago. The meter usually sends every 10 s.")).toBeTruthy();
});

test("a stale figure is struck through, says when it was last seen, and leads on", async () => {
  const container = show(6 * 60_000);
  expect(container.querySelector(".hero.stale")).toBeTruthy();
  expect(container.querySelector(".age")?.textContent).toContain(
    "Last seen 17:36. Check the cable.",
  );
  expect(screen.getByRole("link", { name: "Open the doctor" }).getAttribute("href")).toBe(
    "#/doctor",
  );
  // the window does not show an old figure either
  expect(document.title).toBe("hanport");
  await isOpen(container);
});

test("phases show what is missing as a dash and what is estimated as such", async () => {
  site.live = live(1000, {});
  site.kept = {
    voltage_l1_v: value(228),
    voltage_l2_v: value(231),
    voltage_l3_v: value(256),
    current_l1_a: value(10.1),
    current_l2_a: value(7, "estimated"),
  };
  const { container } = render(Phases);
  const row = (name: string) => screen.getByRole("group", { name }).textContent ?? "";
  expect(row("L1")).toContain("10.1");
  expect(row("L2")).toContain("≈ 7.0");
  expect(row("L3")).toContain("–");
  // the unusual voltage is in words
  expect(row("L3")).toContain("outside the limits");
  expect(container.querySelector("p")?.textContent).toContain("L3 is at 256 V");
  await isOpen(container);
});
