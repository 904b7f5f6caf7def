// The one stream of events. It rests while nobody looks, and comes back by itself.

import { SECOND } from "./calendar";

export type Line = "opening" | "open" | "lost";

export interface Handlers {
  line: (state: Line) => void;
  event: (kind: string, data: unknown) => void;
}

const KINDS = ["live", "interval", "status", "price"];
const LONGEST = 30 * SECOND;

/** Opens the stream and keeps it open; the answer ends it. */
export function follow(address: string, handlers: Handlers): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = SECOND;
  let ended = false;

  const open = () => {
    if (ended || source) return;
    handlers.line("opening");
    source = new EventSource(address);
    source.onopen = () => {
      wait = SECOND;
      handlers.line("open");
    };
    source.onerror = () => {
      close();
      handlers.line("lost");
      timer = setTimeout(open, wait * (0.75 + Math.random() / 2));
      wait = Math.min(wait * 2, LONGEST);
    };
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => handlers.event(kind, JSON.parse(event.data)));
    }
  };
  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  };
  const look = () => (document.hidden ? close() : open());

  document.addEventListener("visibilitychange", look);
  look();
  return () => {
    ended = true;
    document.removeEventListener("visibilitychange", look);
    close();
  };
}
