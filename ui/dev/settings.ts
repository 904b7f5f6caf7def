// A few settings in the shape of the service's description, kept in memory.

import type { Section, Values } from "../src/lib/settings";

const setting = (key: string, kind: object, help: string, more: object = {}) => ({
  key,
  default: null,
  example: null,
  needed: false,
  secret: false,
  restart: false,
  help,
  more: "",
  when: null,
  ...kind,
  ...more,
});
const choices = (...names: [string, string][]) => ({
  kind: "choice",
  choices: names.map(([name, help]) => ({ name, help })),
});
const text = (form: string) => ({ kind: "text", form });

export const sections = [
  {
    path: "site",
    title: "Site",
    help: "Where this is.",
    many: "no",
    settings: [
      setting("name", text("text"), "The name of the place, for people", { default: "Home" }),
      setting("zone", text("zone"), "The time zone in which days begin and end", {
        default: "auto",
        restart: true,
        more: "A name such as `Europe/Oslo`; `auto` is the zone of this machine.",
      }),
    ],
  },
  {
    path: "meter",
    title: "Meter",
    help: "One block a meter.\n\nA meter needs its port, and the key where it encrypts.",
    many: "named",
    settings: [
      setting("id", text("name"), "Its name in addresses and topics", {
        needed: true,
        restart: true,
      }),
      setting("name", text("text"), "Its name for people; its id where this is empty", {
        default: "",
      }),
      setting(
        "source.kind",
        choices(["serial", "a serial port of this machine"], ["tcp", "a TCP connection"]),
        "Where its messages come from",
        { needed: true },
      ),
      setting("source.port", text("device"), "The device", {
        needed: true,
        example: "/dev/serial/by-id/usb-FTDI",
        when: { key: "source.kind", values: ["serial"] },
      }),
      setting("source.connect", text("host-and-port"), "Host and port to connect to", {
        needed: true,
        example: "192.168.1.20:2000",
        when: { key: "source.kind", values: ["tcp"] },
      }),
      setting("encryption_key", { kind: "secret", form: "key" }, "The key with which it encrypts", {
        secret: true,
        more: "32 hexadecimal digits in any spacing. The network company gives it out.",
      }),
      setting("fuse_a", { kind: "integer", min: 1, max: 65_535, unit: "A" }, "The main fuse", {
        example: 63,
      }),
    ],
  },
  {
    path: "price",
    title: "Prices",
    help: "Where prices come from.",
    many: "no",
    settings: [
      setting("enabled", { kind: "switch" }, "Fetch prices for the area", { default: true }),
      setting("area", text("area"), "The price area: `NO1`, `SE3`, `DK1`", { default: "" }),
    ],
  },
  {
    path: "price.modifier",
    title: "Price modifiers",
    help: "What becomes of the price of the market.",
    many: "list",
    settings: [],
  },
] as unknown as Section[];

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

export const values: Values = {
  site: { name: "Home", zone: "Europe/Oslo" },
  meter: [
    {
      id: "main",
      name: "Home",
      source: { kind: "serial", port: "/dev/serial/by-id/stand-in" },
      encryption_key: "***",
      fuse_a: 25,
    },
  ],
  price: {
    enabled: true,
    area: "NO1",
    modifier: [
      { name: "VAT on spot", kind: "percent", value: 25, direction: "import" },
      { name: "Electricity tax", kind: "add", value: 0.177, direction: "import" },
      {
        name: "Grid fee, day",
        kind: "add",
        value: 0.286,
        direction: "import",
        hours: HOURS.slice(6, 22),
      },
      {
        name: "Grid fee, night",
        kind: "add",
        value: 0.194,
        direction: "import",
        hours: [...HOURS.slice(0, 6), 22, 23],
      },
      {
        name: "Summer rebate",
        kind: "subtract",
        value: 0.05,
        direction: "both",
        from: "06-01",
        to: "08-31",
      },
    ],
  },
};
