// Controls: what they say, and that they work by key.
import { fireEvent, render, screen } from "@testing-library/svelte";
import axe from "axe-core";
import { expect, test, vi } from "vitest";
import { NEW_RULE, type Rule } from "../lib/rules";
import type { Setting } from "../lib/settings";
import { session } from "../lib/session.svelte";
import { faultOf } from "../lib/settings";
import Arrange from "./Arrange.svelte";
import Field from "./Field.svelte";
import Login from "./Login.svelte";
import Rules from "./Rules.svelte";
import { AS_IT_COMES } from "../lib/tiles";

async function isOpen(container: HTMLElement): Promise<void> {
  const rules = { "color-contrast": { enabled: false }, region: { enabled: false } };
  const found = await axe.run(container, { rules });
  expect(found.violations.map((one) => one.id)).toEqual([]);
}

const key = {
  key: "encryption_key",
  kind: "secret",
  form: "key",
  default: null,
  example: null,
  needed: false,
  secret: true,
  restart: false,
  help: "The key with which it encrypts",
  more: "32 hexadecimal digits.",
  when: null,
} as Setting;

test("a key that is too short is told on leaving the field, and the field names the message", async () => {
  const value = "4e9a07c1d35b2f8860ab91ce7f3d205";
  const { container } = render(Field, {
    setting: key,
    path: "meter.encryption_key",
    value,
    changed: true,
    fault: faultOf(key, value),
    onvalue: () => {},
  });
  const field = screen.getByLabelText("Decryption key");
  expect(screen.queryByText(/short/)).toBeNull();
  await fireEvent.blur(field);
  const message = screen.getByText(/1 character short: 31 of 32/);
  expect(field.getAttribute("aria-describedby")).toContain(message.id);
  expect(field.getAttribute("aria-invalid")).toBe("true");
  await isOpen(container);
});

test("a secret is hidden until it is asked for", async () => {
  render(Field, {
    setting: key,
    path: "meter.encryption_key",
    value: "***",
    changed: false,
    fault: null,
    onvalue: () => {},
  });
  const field = screen.getByLabelText<HTMLInputElement>("Decryption key");
  expect(field.type).toBe("password");
  expect(field.value).toBe("");
  await fireEvent.click(screen.getByRole("button", { name: "Show" }));
  expect(field.type).toBe("text");
});

test("hours of a rule are switched by key, and rules move by key", async () => {
  const rules: Rule[] = [
    { ...NEW_RULE, name: "Grid", hours: [6, 7] },
    { ...NEW_RULE, name: "Tax" },
  ];
  const onrules = vi.fn<(rules: Rule[]) => void>();
  const { container } = render(Rules, { rules, onrules });
  const [hours] = screen.getAllByRole("listbox");
  await fireEvent.keyDown(hours as HTMLElement, { key: "ArrowRight" });
  await fireEvent.keyDown(hours as HTMLElement, { key: " " });
  expect(onrules.mock.lastCall?.[0][0]?.hours).toEqual([1, 6, 7]);
  await fireEvent.keyDown(screen.getByRole("button", { name: /^Move Tax/ }), { key: "ArrowUp" });
  expect(onrules.mock.lastCall?.[0].map((rule) => rule.name)).toEqual(["Tax", "Grid"]);
  await isOpen(container);
});

test("switching off one of all days leaves the other six", async () => {
  const onrules = vi.fn<(rules: Rule[]) => void>();
  render(Rules, { rules: [{ ...NEW_RULE, name: "Grid" }], onrules });
  await fireEvent.click(screen.getByRole("button", { name: "Su" }));
  expect(onrules.mock.lastCall?.[0][0]?.days).toEqual(["mo", "tu", "we", "th", "fr", "sa"]);
});

test("the first password has to be said twice the same", async () => {
  session.state = {
    logged_in: false,
    password_set: false,
    may_set_up: true,
    may_read: true,
    protection: "changes",
  };
  const setUp = vi.spyOn(session, "setUp").mockResolvedValue(null);
  const { container } = render(Login);
  await fireEvent.input(screen.getByLabelText("Password"), { target: { value: "correct horse" } });
  await fireEvent.input(screen.getByLabelText("Once more"), { target: { value: "correct house" } });
  expect(screen.getByText("The two are not the same.")).toBeTruthy();
  await fireEvent.submit(container.querySelector("form") as HTMLFormElement);
  expect(setUp).not.toHaveBeenCalled();
  await fireEvent.input(screen.getByLabelText("Once more"), { target: { value: "correct horse" } });
  await fireEvent.submit(container.querySelector("form") as HTMLFormElement);
  expect(setUp).toHaveBeenCalledWith("correct horse");
  await isOpen(container);
});

test("tiles are hidden and moved", async () => {
  const onarrange = vi.fn();
  const { container } = render(Arrange, { arrangement: AS_IT_COMES, onarrange, ondone: () => {} });
  await fireEvent.click(screen.getByRole("button", { name: "Phases: further down" }));
  expect(onarrange.mock.lastCall?.[0].order.slice(0, 3)).toEqual(["now", "counters", "phases"]);
  await isOpen(container);
});
