// A choice that this browser remembers.

export function remembered<T>(name: string, otherwise: T): { value: T } {
  const kept = localStorage.getItem(name);
  let value = $state.raw<T>(otherwise);
  if (kept !== null) {
    try {
      const read: unknown = JSON.parse(kept);
      if (typeof read === typeof otherwise) value = read as T;
    } catch {
      // what somebody else wrote there is not ours to understand
    }
  }
  return {
    get value() {
      return value;
    },
    set value(next: T) {
      value = next;
      localStorage.setItem(name, JSON.stringify(next));
    },
  };
}
