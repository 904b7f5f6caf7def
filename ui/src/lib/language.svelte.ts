// The language of the page. Each is a chunk of its own, loaded when it is chosen.

import type { Catalogue } from "../text/en";
import { Format, localeOf } from "./format";

/** The languages by their own names. Adding one is adding a file to `text` and a row here. */
export const LANGUAGES = {
  en: { name: "English", load: () => import("../text/en") },
  nb: { name: "Norsk bokmål", load: () => import("../text/nb") },
  sv: { name: "Svenska", load: () => import("../text/sv") },
  da: { name: "Dansk", load: () => import("../text/da") },
  de: { name: "Deutsch", load: () => import("../text/de") },
  nl: { name: "Nederlands", load: () => import("../text/nl") },
} as const satisfies Record<string, { name: string; load: () => Promise<{ default: Catalogue }> }>;

export type LanguageCode = keyof typeof LANGUAGES;

const CHOSEN = "hanport.language";

class Language {
  code = $state<LanguageCode>("en");
  zone = $state(Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC");
  #text = $state.raw<Catalogue>();
  readonly format = $derived(new Format(localeOf(this.code), this.zone));

  /** The texts. Nothing is shown before a language is there. */
  get text(): Catalogue {
    if (!this.#text) throw new Error("no language was loaded");
    return this.#text;
  }

  /** Loads what was chosen before, else the first of the browser's languages that there is. */
  async begin(): Promise<void> {
    const chosen = localStorage.getItem(CHOSEN);
    const wanted = [chosen, ...navigator.languages].map((tag) => codeOf(tag ?? ""));
    await this.load(wanted.find((code) => code !== undefined) ?? "en");
  }

  async choose(code: LanguageCode): Promise<void> {
    localStorage.setItem(CHOSEN, code);
    await this.load(code);
  }

  async load(code: LanguageCode): Promise<void> {
    this.#text = (await LANGUAGES[code].load()).default;
    this.code = code;
    document.documentElement.lang = code;
  }
}

/** The language of a tag like "nn-NO". */
export function codeOf(tag: string): LanguageCode | undefined {
  const stem = tag.toLowerCase().split("-")[0] ?? "";
  const code = ["no", "nn"].includes(stem) ? "nb" : stem;
  return code in LANGUAGES ? (code as LanguageCode) : undefined;
}

export const language = new Language();
