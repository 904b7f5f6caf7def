import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Service, demo, launch, open, picture, sideways, violations } from "./service";

let service: Service;
let browser: Browser;

beforeAll(async () => {
  [service, browser] = await Promise.all([demo(3), launch()]);
});
afterAll(async () => {
  await browser?.close();
  await service?.stop();
});

/** Every view, and what shows that it has its data. */
const VIEWS: Record<string, string> = {
  now: "section[aria-label] .hero",
  history: "main svg[role=img]",
  prices: "main h1",
  doctor: "ol li h2",
  status: "table tbody tr",
  settings: "main form, main nav",
  kiosk: ".hero",
};

const LOOKS = [
  { width: 1280, theme: "light", language: "en-GB" },
  { width: 1280, theme: "dark", language: "nb-NO" },
  { width: 360, theme: "light", language: "nb-NO" },
  { width: 360, theme: "dark", language: "en-GB" },
] as const;

describe.each(LOOKS)("$width px, $theme, $language", (look) => {
  test.each(Object.entries(VIEWS))(
    "%s is whole, fits and is open to everybody",
    async (view, sign) => {
      const { page, context, elsewhere, complaints } = await open(browser, service, look);
      await page.goto(`${service.address}#/${view}`);
      await page.locator(sign).first().waitFor();
      // what is still on its way has a place of its own
      await page.waitForFunction(
        () => document.querySelectorAll("main [aria-busy=true]").length === 0,
      );
      await picture(page, `${view}-${look.width}-${look.theme}-${look.language.slice(0, 2)}`);
      expect(await violations(page)).toEqual([]);
      expect(await sideways(page)).toBeLessThanOrEqual(0);
      expect(elsewhere).toEqual([]);
      expect(complaints).toEqual([]);
      await context.close();
    },
  );
});

test("the narrowest phone scrolls up and down only", async () => {
  for (const view of Object.keys(VIEWS)) {
    const { page, context } = await open(browser, service, { width: 320 });
    await page.goto(`${service.address}#/${view}`);
    await page
      .locator(VIEWS[view] ?? "main")
      .first()
      .waitFor();
    expect(await sideways(page), view).toBeLessThanOrEqual(0);
    await context.close();
  }
});

test("power moves by itself, with its age beside it", async () => {
  const { page, context } = await open(browser, service);
  await page.goto(service.address);
  const messages = () =>
    page.evaluate(async () => {
      const answer = await fetch("api/v1/meters");
      const meters = (await answer.json()) as { port: { messages: number } }[];
      return meters[0]?.port.messages ?? 0;
    });
  await page.locator(".hero").waitFor();
  const before = await messages();
  await page.waitForFunction(
    async (before) => {
      const answer = await fetch("api/v1/meters");
      const meters = (await answer.json()) as { port: { messages: number } }[];
      return (meters[0]?.port.messages ?? 0) > before + 2;
    },
    before,
    { polling: 500 },
  );
  expect(await page.locator(".age").innerText()).toMatch(/^[0-6] s ago/);
  await context.close();
});

test("a chart is read by key and as a table", async () => {
  const { page, context } = await open(browser, service);
  await page.goto(service.address);
  const slider = page.getByRole("slider", { name: /Last 24 hours/ });
  await slider.waitFor();
  await slider.focus();
  const value = () => slider.getAttribute("aria-valuetext");
  await page.keyboard.press("Home");
  const first = await value();
  await page.keyboard.press("ArrowRight");
  expect(await value()).not.toBe(first);
  expect(await value()).toMatch(/kWh/);
  const panel = page.getByRole("region", { name: "Last 24 hours" }).first();
  await panel.getByRole("button", { name: "Show as table" }).click();
  expect(await panel.getByRole("row").count()).toBe(25);
  await context.close();
});

test("the range of the history stands in its address", async () => {
  const { page, context } = await open(browser, service);
  await page.goto(`${service.address}#/history`);
  await page.getByRole("button", { name: "Week" }).click();
  await page.waitForFunction(() => location.hash.includes("from="));
  const hash = await page.evaluate(() => location.hash);
  await page.getByRole("button", { name: "Earlier" }).click();
  await page.waitForFunction((hash) => location.hash !== hash, hash);
  await page.reload();
  await page.getByRole("button", { name: "Week", pressed: true }).waitFor();
  await context.close();
});

test("the first load stays within its budget and nothing moves after the first data", async () => {
  const { page, context } = await open(browser, service, { width: 360 });
  let octets = 0;
  page.on("response", async (response) => {
    const sizes = await response
      .request()
      .sizes()
      .catch(() => null);
    if (!response.url().includes("/stream")) octets += sizes?.responseBodySize ?? 0;
  });
  await page.addInitScript(() => {
    const shifts: number[] = [];
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        shifts.push((entry as unknown as { value: number }).value);
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.goto(service.address);
  await page.locator(".hero").waitFor();
  await page.waitForFunction(() => document.querySelectorAll("main [aria-busy=true]").length === 0);
  const shift = await page.evaluate(() =>
    (window as unknown as { shifts: number[] }).shifts.reduce((sum, one) => sum + one, 0),
  );
  expect(octets).toBeLessThan(150 * 1024);
  expect(shift).toBeLessThan(0.1);
  await context.close();
});
