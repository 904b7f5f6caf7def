// Something that is fetched: what it is, that it is on its way, or why it did not come. What was
// there stays until something newer takes its place, so that nothing jumps.

import { Problem } from "./api";

export class Loaded<T> {
  value = $state.raw<T | null>(null);
  problem = $state.raw<Problem | null>(null);
  busy = $state(false);

  /** Fetches; the answer calls it off. Made to be returned from an effect. */
  load(fetch: (signal: AbortSignal) => Promise<T>): () => void {
    const control = new AbortController();
    this.busy = true;
    fetch(control.signal).then(
      (value) => {
        if (control.signal.aborted) return;
        this.value = value;
        this.problem = null;
        this.busy = false;
      },
      (error: unknown) => {
        if (control.signal.aborted) return;
        this.problem = error instanceof Problem ? error : new Problem(0, String(error), "");
        this.busy = false;
      },
    );
    return () => control.abort();
  }

  /** Forgets what was there: for another question, not for a newer answer to the same. */
  clear(): void {
    this.value = null;
    this.problem = null;
  }
}
