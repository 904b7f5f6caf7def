import { expect, test } from "vitest";
import { Format, length } from "./format";

const english = new Format("en-GB", "Europe/Oslo");
const norwegian = new Format("nb", "Europe/Oslo");

test("power is in watts below a kilowatt and in kilowatts from there", () => {
  expect(english.power(4821)).toEqual({ figure: "4.82", unit: "kW" });
  expect(english.power(999)).toEqual({ figure: "999", unit: "W" });
  expect(english.power(1000)).toEqual({ figure: "1.00", unit: "kW" });
  expect(english.power(-1540)).toEqual({ figure: "−1.54", unit: "kW" });
  expect(english.power(123_400)).toEqual({ figure: "123.4", unit: "kW" });
  expect(english.power(0)).toEqual({ figure: "0", unit: "W" });
});

test("what is not known is a dash", () => {
  expect(english.power(null).figure).toBe("–");
  expect(english.number(Number.NaN)).toBe("–");
  expect(english.kilowattHours(undefined)).toBe("–");
  expect(english.price(null, "NOK").figure).toBe("–");
  expect(english.clock(null)).toBe("–");
});

test("Norwegian has a decimal comma and a thin space between thousands", () => {
  expect(norwegian.number(92_795.4, 1)).toBe("92\u202f795,4");
  expect(norwegian.number(-2.5, 1)).toBe("−2,5");
});

test("what rounds to nought has no sign", () => {
  expect(english.number(-0.001, 2)).toBe("0.00");
});

test("energy has fewer decimals the larger it is", () => {
  expect(["3.23", "36.1", "749", "1,702"]).toEqual(
    [3230, 36_100, 749_000, 1_702_000].map((wh) => english.kilowattHours(wh)),
  );
});

test("prices are in the hundredth part people count in", () => {
  expect(english.price(2.771, "NOK")).toEqual({ figure: "277.1", unit: "øre" });
  expect(english.price(0.31, "EUR")).toEqual({ figure: "31.0", unit: "ct" });
  expect(english.minor("GBP")).toBe("GBP/100");
});

test("clocks have 24 hours and colons in every language", () => {
  const at = Date.UTC(2027, 0, 14, 16, 42);
  for (const language of ["en-GB", "nb", "sv", "da", "de", "nl"]) {
    expect(new Format(language, "Europe/Oslo").clock(at)).toBe("17:42");
  }
  expect(english.span(at, at + 3_600_000)).toBe("17:42–18:42");
});

test("a length of time is told in its largest whole unit", () => {
  expect(length(2400)).toEqual({ count: 2, unit: "s" });
  expect(length(119_000)).toEqual({ count: 119, unit: "s" });
  expect(length(130_000)).toEqual({ count: 2, unit: "min" });
  expect(length(50 * 3_600_000)).toEqual({ count: 2, unit: "d" });
});
