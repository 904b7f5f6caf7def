// Names of quantities end in their unit: active_import_w, voltage_l1_v.

const UNITS: Record<string, string> = {
  a: "A",
  deg: "°",
  hz: "Hz",
  percent: "%",
  s: "s",
  v: "V",
  va: "VA",
  vah: "VAh",
  var: "var",
  varh: "varh",
  w: "W",
  wh: "Wh",
};

export function unitOf(name: string): string {
  return UNITS[name.slice(name.lastIndexOf("_") + 1)] ?? "";
}

/** As many decimals as the sender states, at most three. */
export function digitsOf(value: number): number {
  const digits = String(value).split(".")[1]?.length ?? 0;
  return Math.min(3, digits);
}
