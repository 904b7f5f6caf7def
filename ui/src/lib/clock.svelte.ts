// The time on the page: it moves once a second, and stands still while nobody looks.

class Clock {
  /** This machine's time in milliseconds since 1970. */
  here = $state(Date.now());
  /** How far the service's clock is ahead of this machine's. */
  ahead = $state(0);
  #timer: ReturnType<typeof setInterval> | undefined;

  /** The service's time. */
  get now(): number {
    return this.here + this.ahead;
  }

  /** The service's time, whole minutes: for what need not move every second. */
  readonly minute = $derived(Math.floor((this.here + this.ahead) / 60_000) * 60_000);

  /** The service said what time it is. Jitter of the way is not followed. */
  set(now: number): void {
    this.here = Date.now();
    const ahead = now - this.here;
    if (Math.abs(ahead - this.ahead) > 1500) this.ahead = ahead;
  }

  run(): void {
    this.here = Date.now();
    this.#timer ??= setInterval(() => (this.here = Date.now()), 1000);
  }

  rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

export const clock = new Clock();
