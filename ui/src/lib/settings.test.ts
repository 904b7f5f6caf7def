import { expect, test } from "vitest";
import { type Setting, applies, faultOf, keyFault, parsed, valueAt } from "./settings";

const setting = (more: Partial<Setting>): Setting =>
  ({
    key: "a",
    kind: "text",
    form: "text",
    default: null,
    example: null,
    needed: false,
    secret: false,
    restart: false,
    help: "",
    more: "",
    when: null,
    ...more,
  }) as Setting;

test("a key that is too short is told by how much", () => {
  expect(keyFault("4e9a07c1d35b2f8860ab91ce7f3d205")).toEqual({
    what: "short",
    is: 31,
    should: 32,
  });
  expect(keyFault("00 11 22 33 44 55 66 77 88 99 AA BB CC DD EE FF")).toBeNull();
  expect(keyFault("zz")).toEqual({ what: "hexadecimal" });
  expect(keyFault("secret:main-key")).toBeNull();
});

test("numbers are held to their range and their decimals", () => {
  const fuse = setting({ kind: "integer", min: 1, max: 65_535, unit: "A" });
  expect(faultOf(fuse, 63)).toBeNull();
  expect(faultOf(fuse, 0)).toEqual({ what: "range", min: 1, max: 65_535 });
  expect(faultOf(fuse, 6.5)).toEqual({ what: "whole" });
  expect(faultOf(fuse, "many")).toEqual({ what: "number" });
  const factor = setting({ kind: "decimal", places: 3, min: 0.001, max: 1000, unit: "" });
  expect(faultOf(factor, 1.2345)).toEqual({ what: "places", places: 3 });
});

test("nothing is fine unless something is needed", () => {
  expect(faultOf(setting({}), "")).toBeNull();
  expect(faultOf(setting({ needed: true }), null)).toEqual({ what: "needed" });
});

test("settings of another source do not apply", () => {
  const port = setting({ when: { key: "source.kind", values: ["serial"] } });
  expect(applies(port, () => "serial")).toBe(true);
  expect(applies(port, () => "tcp")).toBe(false);
});

test("what is typed becomes a value of its kind", () => {
  const decimal = setting({ kind: "decimal", places: 3, min: 0, max: 9, unit: "" });
  expect(parsed(decimal, "1,5")).toBe(1.5);
  expect(parsed(decimal, "")).toBeNull();
  expect(parsed(setting({ kind: "texts", form: "host" }), "a, b\nc")).toEqual(["a", "b", "c"]);
  expect(parsed(setting({ kind: "integers", min: 0, max: 9, unit: "" }), "1 2, 3")).toEqual([
    1, 2, 3,
  ]);
  expect(parsed(setting({ default: "" }), "")).toBe("");
});

test("values lie in the nesting of the file", () => {
  expect(valueAt({ source: { kind: "tcp" } }, "source.kind")).toBe("tcp");
  expect(valueAt({}, "source.kind")).toBeUndefined();
});
