// The table of all settings as the service describes it, and what a value must be like. The
// service has the last word; this is what can be said while one types.

export interface Choice {
  name: string;
  help: string;
}

export type Kind =
  | { kind: "choice" | "choices"; choices: Choice[] }
  | { kind: "decimal"; places: number; min: number; max: number; unit: string }
  | { kind: "integer" | "integers"; min: number; max: number; unit: string }
  | { kind: "one-of"; numbers: number[]; unit: string }
  | { kind: "switch" }
  | { kind: "secret" | "text" | "texts"; form: string };

export type Setting = Kind & {
  key: string;
  default: unknown;
  example: unknown;
  needed: boolean;
  secret: boolean;
  /** Whether a change does nothing until the service is started again. */
  restart: boolean;
  help: string;
  more: string;
  when: { key: string; values: unknown[] } | null;
};

export interface Section {
  path: string;
  title: string;
  help: string;
  many: "list" | "named" | "no";
  settings: Setting[];
}

export interface SettingProblem {
  severity: "warning" | "error";
  path: string;
  message: string;
  remedy: string;
}

export interface Applied {
  changed: string[];
  restart_needed: string[];
  warnings: SettingProblem[];
}

export type Values = Record<string, unknown>;

/** How a stored secret is shown, and sent back when it is to stay. */
export const MASK = "***";

/** The value at a dotted key, through nested objects. */
export function valueAt(values: unknown, key: string): unknown {
  return key
    .split(".")
    .reduce<unknown>(
      (within, part) =>
        typeof within === "object" && within !== null ? (within as Values)[part] : undefined,
      values,
    );
}

/** What is wrong with a value, as a key of the catalogue with its figures; null when nothing is. */
export type Fault =
  | { what: "needed" }
  | { what: "number" }
  | { what: "whole" }
  | { what: "range"; min: number; max: number }
  | { what: "places"; places: number }
  | { what: "short"; is: number; should: number }
  | { what: "long"; is: number; should: number }
  | { what: "hexadecimal" };

export function faultOf(setting: Setting, value: unknown): Fault | null {
  const empty = value === null || value === undefined || value === "";
  if (empty) return setting.needed ? { what: "needed" } : null;
  switch (setting.kind) {
    case "integer":
    case "decimal": {
      const number = Number(value);
      if (!Number.isFinite(number)) return { what: "number" };
      if (setting.kind === "integer" && !Number.isInteger(number)) return { what: "whole" };
      if (number < setting.min || number > setting.max) {
        return { what: "range", min: setting.min, max: setting.max };
      }
      if (setting.kind === "decimal") {
        const places = String(value).split(".")[1]?.length ?? 0;
        if (places > setting.places) return { what: "places", places: setting.places };
      }
      return null;
    }
    case "secret":
      return setting.form === "key" && value !== MASK ? keyFault(String(value)) : null;
    default:
      return null;
  }
}

/** Keys of meters are 32 hexadecimal digits, in any spacing. */
export function keyFault(text: string): Fault | null {
  if (text.startsWith("secret:")) return null;
  const digits = text.replace(/[\s:-]/g, "");
  if (/[^0-9a-fA-F]/.test(digits)) return { what: "hexadecimal" };
  if (digits.length < 32) return { what: "short", is: digits.length, should: 32 };
  if (digits.length > 32) return { what: "long", is: digits.length, should: 32 };
  return null;
}

/** Whether a setting means something beside the others of its section. */
export function applies(setting: Setting, value: (key: string) => unknown): boolean {
  return setting.when === null || setting.when.values.includes(value(setting.when.key));
}

/** What a field reads as a value of its kind; null for none. */
export function parsed(setting: Setting, text: string): unknown {
  if (text.trim() === "") return setting.kind === "text" && setting.default === "" ? "" : null;
  switch (setting.kind) {
    case "integer":
    case "decimal":
    case "one-of": {
      const number = Number(text.replace(",", "."));
      return Number.isFinite(number) ? number : text;
    }
    case "integers":
      return text
        .split(/[\s,;]+/)
        .filter(Boolean)
        .map((part) => (Number.isFinite(Number(part)) ? Number(part) : part));
    case "texts":
      return text
        .split(/[\n,]+/)
        .map((part) => part.trim())
        .filter(Boolean);
    default:
      return text;
  }
}
