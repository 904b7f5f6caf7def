import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Service, launch, open, picture, run, simulated, violations } from "./service";

let browser: Browser;
let meter: Awaited<ReturnType<typeof simulated>>;
let service: Service;

beforeAll(async () => {
  [browser, meter] = await Promise.all([launch(), simulated("aidon-no")]);
  service = await run('[site]\nzone = "Europe/Oslo"\n');
});
afterAll(async () => {
  await browser?.close();
  await service?.stop();
  await meter?.stop();
});

const PASSWORD = "correct horse";

/** Goes on with the Tab key until the element with this name has the focus. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let step = 0; step < 60; step++) {
    await page.keyboard.press("Tab");
    const here = await page.evaluate(() => {
      const { activeElement: element } = document;
      const labelled = (element as HTMLInputElement | null)?.labels?.[0]?.textContent;
      return (element?.getAttribute("aria-label") ?? labelled ?? element?.textContent ?? "").trim();
    });
    if (name.test(here)) return;
  }
  throw new Error(`nothing called ${name} can be reached by key`);
}

/** Opens a section of the settings; logs in where that is asked for. */
async function settings(page: Page, section: string): Promise<void> {
  const password = page.getByRole("textbox", { name: "Password" });
  const sections = page.getByRole("navigation", { name: "Sections" });
  const open = async () => {
    // the service may just be beginning anew
    await page.goto("about:blank");
    await page.goto(`${service.address}#/settings/${section}`);
    await password.or(sections).first().waitFor({ timeout: 3000 });
    return true;
  };
  await expect.poll(() => open().catch(() => false), { timeout: 30_000 }).toBe(true);
  if (await password.isVisible()) {
    await password.fill(PASSWORD);
    await page.getByRole("button", { name: "Log in" }).click();
  }
  await sections.waitFor();
}

/** Saves and waits until the service, which may begin anew for it, answers again. */
async function save(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  await page.waitForFunction(async () => {
    const answer = await fetch("api/v1/session").catch(() => null);
    return answer?.ok ?? false;
  });
}

test("a new site is set up by keyboard alone, from the first password to the living page", async () => {
  const { page, context } = await open(browser, service);
  await page.goto(service.address);
  await page.getByRole("heading", { name: "Set up", level: 1 }).waitFor();
  expect(await violations(page)).toEqual([]);
  await picture(page, "setup-password");

  await tabTo(page, /^Password/);
  await page.keyboard.type(PASSWORD);
  await tabTo(page, /^Once more/);
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");

  await page.getByRole("heading", { name: "Port", level: 2 }).waitFor();
  await tabTo(page, /^Source/);
  await page.keyboard.type("serial");
  await tabTo(page, /^Port/);
  await page.keyboard.type(meter.device);
  expect(await violations(page)).toEqual([]);
  await picture(page, "setup-port");
  await tabTo(page, /^Go on/);
  await page.keyboard.press("Enter");

  await page.getByRole("heading", { name: "Place", level: 2 }).waitFor();
  await picture(page, "setup-place");
  await tabTo(page, /^Go on/);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Home Assistant", level: 2 }).waitFor();
  await tabTo(page, /^Later/);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Done", level: 2 }).waitFor();
  await tabTo(page, /^To the page/);
  await page.keyboard.press("Enter");
  await page.locator(".hero").waitFor();
  await context.close();
});

test("settings are changed with the password, and a mistake is told as one types", async () => {
  const { page, context } = await open(browser, service);
  await page.goto(`${service.address}#/settings/meter`);
  await page.getByLabel("Password").fill("wrong password");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByText("That is not the password").waitFor();
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();

  const key = page.getByLabel("Decryption key");
  await key.fill("4e9a07c1d35b2f8860ab91ce7f3d205");
  await key.blur();
  await page.getByText("1 character short: 31 of 32.").waitFor();
  expect(await violations(page)).toEqual([]);
  await picture(page, "settings-mistake");
  await page.getByRole("button", { name: "Discard" }).click();

  await page.getByLabel("Main fuse").fill("25");
  await save(page);
  await settings(page, "meter");
  expect(await page.getByLabel("Main fuse").inputValue()).toBe("25");
  await context.close();
});

test("a price rule is made, moved by key and kept", async () => {
  const { page, context } = await open(browser, service);
  await settings(page, "price");
  await page.getByRole("button", { name: "Add a rule" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Grid, day");
  await page.getByLabel("How much").fill("0.5");
  await page.getByLabel("How much").blur();
  await page.getByRole("button", { name: "Add a rule" }).click();
  await page.getByLabel("Name", { exact: true }).nth(1).fill("Tax");
  await page.getByRole("button", { name: /^Move Tax/ }).focus();
  await page.keyboard.press("ArrowUp");
  expect(await page.getByLabel("Name", { exact: true }).first().inputValue()).toBe("Tax");
  expect(await violations(page)).toEqual([]);
  await picture(page, "settings-rules");
  await save(page);
  await settings(page, "price");
  await page.getByLabel("Name", { exact: true }).nth(1).waitFor();
  expect(await page.getByLabel("Name", { exact: true }).nth(1).inputValue()).toBe("Grid, day");
  await context.close();
});
