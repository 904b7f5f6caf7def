// What every test of the page stands on: English is loaded.
import { beforeEach } from "vitest";
import { language } from "./language.svelte";

beforeEach(async () => {
  localStorage.clear();
  await language.load("en");
  language.zone = "Europe/Oslo";
});
