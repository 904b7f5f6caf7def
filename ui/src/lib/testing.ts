// What every test of the page stands on: English is loaded, and the page is empty before.
import { cleanup } from "@testing-library/svelte";
import { afterEach, beforeEach } from "vitest";
import { language } from "./language.svelte";

// there is no layout here: nothing is ever measured
class Unmeasured implements ResizeObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
}
globalThis.ResizeObserver ??= Unmeasured;

beforeEach(async () => {
  localStorage.clear();
  await language.load("en");
  language.zone = "Europe/Oslo";
});
afterEach(() => cleanup());
