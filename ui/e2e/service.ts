// Starts the real program with a simulated meter, and a browser that looks at it.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe from "axe-core";
import { type Browser, type BrowserContext, type Page, chromium } from "playwright-core";

const ROOT = join(import.meta.dirname, "../..");
const TARGET = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");

/** Where the pictures go: looked at by people, and shown in the documentation. */
export const PICTURES = join(TARGET, "screenshots");

function program(): string {
  const named = process.env.HANPORT_PROGRAM;
  if (named) return named;
  // of the two builds the newer one
  const [found] = ["release", "debug"]
    .map((profile) => join(TARGET, profile, "hanport"))
    .filter((path) => existsSync(path))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  if (!found) throw new Error("hanport is not built: cargo build --release --package hanport");
  return found;
}

export interface Service {
  /** Where the page is: "http://127.0.0.1:41234/". */
  address: string;
  stop: () => Promise<void>;
}

/** The demonstration with some days of history, at any free port. */
export async function demo(days: number, meter = "aidon-no"): Promise<Service> {
  const child = spawn(
    program(),
    ["demo", "--meter", meter, "--days", String(days), "--port", "0"],
    {
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const address = await announced(child);
  return { address, stop: () => stopped(child) };
}

/** A port that nobody listened at a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

/** The service with a configuration of its own, in a folder that goes with it. */
export async function run(configuration: string): Promise<Service> {
  // changed settings begin the service anew, and it must come back where it was
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "hanport-page-"));
  const file = join(folder, "hanport.toml");
  writeFileSync(
    file,
    `[web]\nlisten = ["127.0.0.1:${port}"]\n[data]\nfolder = "${join(folder, "data")}"\n${configuration}`,
  );
  const child = spawn(program(), ["run", "--config", file], { stdio: ["ignore", "pipe", "pipe"] });
  await announced(child, new RegExp(`127\\.0\\.0\\.1:${port}`));
  return {
    address: `http://127.0.0.1:${port}/`,
    stop: async () => {
      await stopped(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A simulated meter behind a pseudo-terminal: its device, and how to take it away. */
export async function simulated(
  meter: string,
): Promise<{ device: string; stop: () => Promise<void> }> {
  const child = spawn(program(), ["simulate", meter], { stdio: ["ignore", "pipe", "pipe"] });
  const device = await announced(child, /\/dev\/pts\/\d+/);
  return { device, stop: () => stopped(child) };
}

/** The first thing of a form that a program writes; an address if nothing else is said. */
function announced(child: ChildProcess, form = /https?:\/\/[\w.:[\]-]+\//): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const hear = (text: Buffer) => {
      said += text.toString();
      const found = form.exec(said);
      if (found) resolve(found[0]);
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.on("exit", (code) => reject(new Error(`hanport ended with ${code}:\n${said}`)));
  });
}

function stopped(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.on("exit", () => resolve());
    child.kill("SIGTERM");
  });
}

export function launch(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  // as root, as on machines that only build, its sandbox does not start
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath, args });
}

export interface Look {
  width: number;
  theme: "light" | "dark";
  language: string;
}

/** A page that is watched: what it asks of other hosts and what it complains of. */
export interface Watched {
  page: Page;
  context: BrowserContext;
  elsewhere: string[];
  complaints: string[];
}

export async function open(
  browser: Browser,
  service: Service,
  look: Partial<Look> = {},
): Promise<Watched> {
  const { width = 1280, theme = "light", language = "en-GB" } = look;
  const context = await browser.newContext({
    viewport: { width, height: width < 600 ? 740 : 900 },
    colorScheme: theme,
    locale: language,
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  const elsewhere: string[] = [];
  const complaints: string[] = [];
  const { host } = new URL(service.address);
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith("http") && url.host !== host) elsewhere.push(request.url());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // that something is not set up is an answer, and the browser writes it down as an error
    const expected = message.text().includes("status of 404");
    if (message.type() === "error" && !expected) complaints.push(message.text());
  });
  return { page, context, elsewhere, complaints };
}

/** What axe finds, each as its rule and where. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import("axe-core") };
    const found = await axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    return found.violations.map(
      (one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(" | ")}`,
    );
  });
}

/** How far the page reaches beyond its window, in pixels. */
export function sideways(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}

export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}
