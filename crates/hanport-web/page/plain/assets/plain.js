// The plain page: what every meter measures now. What is not known is a dash, never a zero.
const none = "–";
const meters = new Map();

/** An element with a text and children. */
function element(name, text, ...children) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

/** A number with its unit, prefixed where it is large. */
function shown(value, unit) {
  if (value === undefined || value === null) return none;
  const number = Number(value);
  const large = Math.abs(number) >= 10000;
  const digits = new Intl.NumberFormat(undefined, { maximumFractionDigits: large ? 2 : 1 });
  return `${digits.format(large ? number / 1000 : number)} ${large ? "k" : ""}${unit}`;
}

function value(live, name) {
  return live.values[name]?.value;
}

function power(live) {
  const net = value(live, "active_net_w");
  if (net !== undefined) return Number(net);
  const drawn = value(live, "active_import_w");
  return drawn === undefined ? undefined : Number(drawn) - Number(value(live, "active_export_w") ?? 0);
}

function phases(live) {
  const rows = ["l1", "l2", "l3"]
    .map((phase) => ({
      phase: phase.toUpperCase(),
      u: value(live, `voltage_${phase}_v`),
      i: value(live, `current_${phase}_a`),
      p: value(live, `active_import_${phase}_w`),
    }))
    .filter((row) => [row.u, row.i, row.p].some((known) => known !== undefined));
  if (rows.length === 0) return [];
  const table = element("table");
  table.append(element("tr", undefined, ...["Phase", "Voltage", "Current", "Power"].map((text) => element("th", text))));
  for (const row of rows) {
    const cells = [row.phase, shown(row.u, "V"), shown(row.i, "A"), shown(row.p, "W")];
    table.append(element("tr", undefined, ...cells.map((text) => element("td", text))));
  }
  return [table];
}

function registers(live) {
  const names = { active_import: "From the grid", active_export: "To the grid" };
  const rows = Object.entries(names).filter(([name]) => live.registers[name]);
  if (rows.length === 0) return [];
  const table = element("table");
  for (const [name, text] of rows) {
    const { running } = live.registers[name];
    const kwh = (Number(running.value) / 1000).toFixed(3);
    const row = [text, `${kwh} kWh`, running.estimated ? "estimated since the last reading" : "as the meter states it"];
    table.append(element("tr", undefined, ...row.map((cell) => element("td", cell))));
  }
  return [table];
}

/** The age of the newest value, told every second. */
function age(live, since) {
  const last = live.port.last_message;
  if (!last) return "no message yet";
  const at = new Date(live.now).getTime() - new Date(last).getTime();
  const seconds = Math.max(0, Math.round((at + performance.now() - since) / 1000));
  return seconds < 2 ? "just now" : `${seconds} s ago`;
}

function draw(id) {
  const { live, since, place } = meters.get(id);
  const stale = live.port.status !== "good";
  const watts = power(live);
  const title = element("h2", live.name);
  const status = element("span", ` ${live.port.status}`);
  status.className = stale ? "bad" : "good";
  title.append(status);
  const big = element("p", watts === undefined ? none : shown(Math.abs(watts), "W"));
  big.className = "power";
  const direction = watts === undefined ? "power is not known" : watts < 0 ? "to the grid" : "from the grid";
  const note = element("p", `${direction}, ${age(live, since)}`);
  note.className = "note";
  const fault = live.port.fault && stale ? [element("p", live.port.fault.message)] : [];
  place.replaceChildren(title, big, note, ...fault, ...phases(live), ...registers(live));
}

function take(live) {
  const known = meters.get(live.meter);
  const place = known?.place ?? document.getElementById("meters").appendChild(element("section"));
  meters.set(live.meter, { live, place, since: performance.now() });
  draw(live.meter);
}

const connection = document.getElementById("connection");
const stream = new EventSource("api/v1/stream?events=live");
stream.addEventListener("open", () => { connection.textContent = "Live."; });
stream.addEventListener("error", () => {
  connection.textContent = "The connection is lost; trying again. What stands here is old.";
});
stream.addEventListener("live", (event) => take(JSON.parse(event.data)));
setInterval(() => { for (const id of meters.keys()) draw(id); }, 1000);
