// Who looks at the page, and what they may do.

import { Problem, api, type SessionState } from "./api";

/** When the service does not answer it is asked again after so long, in milliseconds. */
const AGAIN = 1500;

class Session {
  #timer: ReturnType<typeof setTimeout> | undefined;
  state = $state.raw<SessionState | null>(null);
  problem = $state.raw<Problem | null>(null);

  async refresh(): Promise<void> {
    try {
      this.state = await api.session();
      this.problem = null;
    } catch (error) {
      this.problem = error instanceof Problem ? error : new Problem(0, String(error));
      // a service that begins anew is back in a moment
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.refresh(), AGAIN);
    }
  }

  /** Logs in; the answer says why it did not work, null when it did. */
  async logIn(password: string): Promise<Problem | null> {
    return this.#then(() => api.logIn(password));
  }

  async logOut(): Promise<void> {
    await this.#then(() => api.logOut());
  }

  /** Sets the first password, and logs in. */
  async setUp(password: string): Promise<Problem | null> {
    return this.#then(() => api.setUp(password));
  }

  async #then(act: () => Promise<unknown>): Promise<Problem | null> {
    try {
      await act();
      await this.refresh();
      return null;
    } catch (error) {
      return error instanceof Problem ? error : new Problem(0, String(error));
    }
  }
}

export const session = new Session();
