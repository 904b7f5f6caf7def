// Price rules: what becomes of the price of the market, step by step in their order.

export type RuleKind = "add" | "fixed" | "percent" | "subtract";
export type Direction = "both" | "export" | "import";
export const DAYS = ["mo", "tu", "we", "th", "fr", "sa", "su"] as const;
export type Day = (typeof DAYS)[number];

export interface Rule {
  name: string;
  kind: RuleKind;
  value: number;
  direction: Direction;
  /** Empty for all. */
  days: Day[];
  /** 0 to 23; empty for all. */
  hours: number[];
  /** Month and day, "11-01"; null for the whole year. */
  from: string | null;
  to: string | null;
}

export const NEW_RULE: Rule = {
  name: "",
  kind: "add",
  value: 0,
  direction: "import",
  days: [],
  hours: [],
  from: null,
  to: null,
};

/** Rules as they stand in the settings. */
export function rulesOf(value: unknown): Rule[] {
  return Array.isArray(value)
    ? value.map((row) => ({ ...NEW_RULE, direction: "both" as const, ...(row as Partial<Rule>) }))
    : [];
}

/** The rules as they go into the settings: what is not set is left out. */
export function written(rules: Rule[]): Record<string, unknown>[] {
  return rules.map((rule) =>
    Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== null)),
  );
}

/** A moment by the local clock. */
export interface Local {
  month: number;
  day: number;
  /** 0 for Monday. */
  weekday: number;
  hour: number;
}

export function covers(rule: Rule, { month, day, weekday, hour }: Local): boolean {
  const name = DAYS[weekday];
  if (rule.days.length > 0 && (!name || !rule.days.includes(name))) return false;
  if (rule.hours.length > 0 && !rule.hours.includes(hour)) return false;
  return inYear(rule, month, day);
}

/** Whether a date lies between the first and the last day of a rule; over the new year too. */
export function inYear(rule: Rule, month: number, day: number): boolean {
  const number = (text: string | null) => {
    const [m, d] = (text ?? "").split("-").map(Number);
    return m && d ? m * 100 + d : null;
  };
  const [from, to, date] = [number(rule.from), number(rule.to), month * 100 + day];
  if (from === null && to === null) return true;
  if (from === null) return date <= (to ?? 1231);
  if (to === null) return date >= from;
  return from <= to ? from <= date && date <= to : date >= from || date <= to;
}

/** One part of a price. */
export interface Part {
  name: string;
  amount: number;
}

/** What becomes of a price, part by part; the sum of the parts is the price. */
export function build(
  spot: number,
  rules: Rule[],
  direction: "import" | "export",
  at: Local,
): Part[] {
  let parts: Part[] = [{ name: "", amount: spot }];
  for (const rule of rules) {
    if (rule.direction !== "both" && rule.direction !== direction) continue;
    if (!covers(rule, at)) continue;
    const sum = total(parts);
    switch (rule.kind) {
      case "fixed":
        parts = [{ name: rule.name, amount: rule.value }];
        break;
      case "add":
        parts.push({ name: rule.name, amount: rule.value });
        break;
      case "subtract":
        parts.push({ name: rule.name, amount: -rule.value });
        break;
      case "percent":
        parts.push({ name: rule.name, amount: (sum * rule.value) / 100 });
        break;
    }
  }
  return parts;
}

export const total = (parts: Part[]) => parts.reduce((sum, part) => sum + part.amount, 0);

/** Moves a rule by one place. */
export function moved<T>(rows: T[], from: number, by: number): T[] {
  const to = from + by;
  const row = rows[from];
  if (row === undefined || to < 0 || to >= rows.length) return rows;
  const rest = rows.filter((_, index) => index !== from);
  return [...rest.slice(0, to), row, ...rest.slice(to)];
}

/**
 * Hours of the week that several rules of one kind of name cover, or none: 168 counts of the rules
 * that share a first word, where those are not meant for the whole week.
 */
export function coverage(rules: Rule[], word: string): { never: number; twice: number } {
  const named = rules.filter((rule) => rule.name.toLowerCase().startsWith(word.toLowerCase()));
  let never = 0;
  let twice = 0;
  for (let weekday = 0; weekday < 7; weekday++) {
    for (let hour = 0; hour < 24; hour++) {
      const count = named.filter(
        (rule) =>
          (rule.days.length === 0 || rule.days.includes(DAYS[weekday] ?? "mo")) &&
          (rule.hours.length === 0 || rule.hours.includes(hour)),
      ).length;
      if (count === 0) never += 1;
      if (count > 1) twice += 1;
    }
  }
  return { never, twice };
}

/** The first words that several rules share: they divide the week among them. */
export function families(rules: Rule[]): string[] {
  const words = rules
    .filter((rule) => rule.from === null && rule.to === null)
    .map((rule) => rule.name.split(/[\s,]/)[0] ?? "")
    .filter((word) => word.length > 2);
  return [...new Set(words.filter((word, index) => words.indexOf(word) !== index))];
}
