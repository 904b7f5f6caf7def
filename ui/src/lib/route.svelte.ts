// Where the page is: the part of the address after #. The service never sees it, and so any
// folder of any proxy will do.

export const VIEWS = ["now", "history", "prices", "settings", "doctor", "status"] as const;

class Route {
  #hash = $state("");
  /** The path without slashes at its ends, "now" for none. */
  readonly path = $derived(
    this.#hash
      .replace(/^#?\/*/, "")
      .split("?")[0]
      ?.replace(/\/$/, "") || "now",
  );
  readonly view = $derived(this.path.split("/")[0] ?? "now");
  readonly query = $derived(new URLSearchParams(this.#hash.split("?")[1] ?? ""));

  constructor() {
    this.#hash = location.hash;
    addEventListener("hashchange", () => (this.#hash = location.hash));
  }

  /** Changes the question part without a new entry in the history. */
  replace(query: Record<string, string>): void {
    const text = new URLSearchParams(query).toString();
    history.replaceState(null, "", `#/${this.path}${text ? `?${text}` : ""}`);
    this.#hash = location.hash;
  }

  go(path: string): void {
    location.hash = `#/${path}`;
  }
}

export const route = new Route();
