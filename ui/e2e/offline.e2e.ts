import { expect, test } from "vitest";
import { demo, launch, open } from "./service";

test("without the service the page opens and shows what was last known, as old as it is", async () => {
  const [service, browser] = await Promise.all([demo(1), launch()]);
  try {
    const { page } = await open(browser, service);
    await page.goto(service.address);
    await page.locator(".hero").waitFor();
    await page.waitForFunction(async () => {
      const kept = await caches.open("hanport-1");
      const names = (await kept.keys()).map((request) => request.url);
      const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
      const files = loaded.filter((name) => name.includes("/assets/"));
      const whole = files.length > 0 && files.every((name) => names.includes(name));
      return whole && localStorage.getItem("hanport.last") !== null;
    });
    await service.stop();
    await page.reload();
    await page.getByText("No connection to the service.").waitFor();
    await page.locator(".hero").waitFor();
    // the figure is struck through once it is older than the meter's rhythm allows
    await page.locator(".hero.stale").waitFor({ timeout: 45_000 });
    expect(await page.locator(".age").innerText()).toMatch(/^Last seen \d\d:\d\d\./);
  } finally {
    await browser.close();
    await service.stop();
  }
});
