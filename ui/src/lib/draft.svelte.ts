// Settings that are being changed: what holds, what was typed, and what the service says of it.

import { Problem, api } from "./api";
import { session } from "./session.svelte";
import {
  type Applied,
  type Fault,
  type Section,
  type Setting,
  type SettingProblem,
  type Values,
  applies,
  faultOf,
  valueAt,
} from "./settings";

/** Asked of the service when one has not typed for so long, in milliseconds. */
const PAUSE = 400;

export class Draft {
  sections = $state.raw<Section[] | null>(null);
  values = $state.raw<Values>({});
  /** Changed paths and their new values. */
  patch = $state.raw<Record<string, unknown>>({});
  problems = $state.raw<SettingProblem[]>([]);
  problem = $state.raw<Problem | null>(null);
  applied = $state.raw<Applied | null>(null);
  saving = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly changed = $derived(Object.keys(this.patch));

  async load(): Promise<void> {
    try {
      const { settings, values } = await api.settings();
      this.sections = settings.sections;
      this.values = values;
      this.problem = null;
    } catch (error) {
      this.problem = error instanceof Problem ? error : new Problem(0, String(error));
    }
  }

  section(path: string): Section | undefined {
    return this.sections?.find((section) => section.path === path);
  }

  /** The ids of a section of which there are several: those there are, and new ones. */
  ids(section: Section): string[] {
    const rows = valueAt(this.values, section.path);
    const known = Array.isArray(rows) ? rows.map((row) => String((row as Values).id)) : [];
    const fresh = this.changed
      .filter((path) => path.startsWith(`${section.path}.`))
      .map((path) => path.slice(section.path.length + 1).split(".")[0] ?? "")
      .filter((id) => id && !known.includes(id));
    const gone = (id: string) => this.patch[`${section.path}.${id}`] === null;
    return [...new Set([...known, ...fresh])].filter((id) => !gone(id));
  }

  path(section: Section, id: string | null, key: string): string {
    return [section.path, ...(id === null ? [] : [id]), key].join(".");
  }

  /** What holds, without the changes. */
  stored(section: Section, id: string | null, key: string): unknown {
    const within = valueAt(this.values, section.path);
    if (id === null) return valueAt(within, key);
    const rows = Array.isArray(within) ? (within as Values[]) : [];
    return valueAt(
      rows.find((row) => row.id === id),
      key,
    );
  }

  value(section: Section, id: string | null, key: string): unknown {
    const path = this.path(section, id, key);
    if (path in this.patch) return this.patch[path];
    const stored = this.stored(section, id, key);
    if (stored !== undefined) return stored;
    return section.settings.find((setting) => setting.key === key)?.default ?? null;
  }

  set(section: Section, id: string | null, key: string, value: unknown): void {
    this.put(this.path(section, id, key), value, this.stored(section, id, key));
  }

  /** Puts a value at a path; what is as it was is no change. */
  put(path: string, value: unknown, stored: unknown): void {
    const { [path]: _, ...rest } = this.patch;
    const same = JSON.stringify(value ?? null) === JSON.stringify(stored ?? null);
    this.patch = same ? rest : { ...rest, [path]: value };
    this.applied = null;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.check(), PAUSE);
  }

  /** A new meter or broker, or none any more. */
  add(section: Section, id: string): void {
    this.patch = { ...this.patch, [`${section.path}.${id}.id`]: id };
  }
  remove(section: Section, id: string): void {
    const within = `${section.path}.${id}`;
    const rest = Object.entries(this.patch).filter(([path]) => !path.startsWith(`${within}.`));
    const known = this.stored(section, id, "id") !== undefined;
    this.patch = { ...Object.fromEntries(rest), ...(known ? { [within]: null } : {}) };
  }

  discard(): void {
    this.patch = {};
    this.problems = [];
    this.applied = null;
  }

  /** What can be said of a setting without asking. */
  fault(section: Section, id: string | null, setting: Setting): Fault | null {
    const value = (key: string) => this.value(section, id, key);
    return applies(setting, value) ? faultOf(setting, value(setting.key)) : null;
  }

  told(path: string): SettingProblem | undefined {
    return this.problems.find((problem) => problem.path === path);
  }

  async check(): Promise<void> {
    if (this.changed.length === 0) {
      this.problems = [];
      return;
    }
    try {
      this.problems = await api.checkSettings(this.patch);
    } catch {
      // the service says it again when one saves
    }
  }

  /** Saves all changes; false when something is wrong with them. */
  async save(): Promise<boolean> {
    this.saving = true;
    try {
      const outcome = await api.changeSettings(this.patch);
      if (Array.isArray(outcome)) {
        this.problems = outcome;
        return false;
      }
      this.applied = outcome;
      this.patch = {};
      this.problems = [];
      this.values = (await api.settings()).values;
      return true;
    } catch (error) {
      this.problem = error instanceof Problem ? error : new Problem(0, String(error));
      // the session may be over: then the way in is shown, and the changes stay
      if (this.problem.status === 401) await session.refresh();
      return false;
    } finally {
      this.saving = false;
    }
  }
}
