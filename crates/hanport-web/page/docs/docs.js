// Renders the description of the interface; nothing is loaded from elsewhere.
function element(name, text, ...children) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

/** A schema in a few words, with links to the documents it names. */
function kind(schema) {
  if (!schema) return [element("span", "")];
  if (schema.$ref) {
    const name = schema.$ref.split("/").pop();
    const link = element("a", name);
    link.href = `#${name}`;
    return [link];
  }
  const several = schema.oneOf ?? schema.anyOf ?? schema.allOf;
  if (several) return several.flatMap((one, place) => [...(place ? [" or "] : []), ...kind(one)]);
  if (schema.type === "array") return ["array of ", ...kind(schema.items)];
  if (schema.additionalProperties) return ["object of ", ...kind(schema.additionalProperties)];
  const types = [schema.type ?? "anything"].flat().join(" or ");
  return [schema.format ? `${types} (${schema.format})` : types];
}

function rows(heads, lines) {
  const head = element("tr", undefined, ...heads.map((text) => element("th", text)));
  const body = lines.map((cells) =>
    element("tr", undefined, ...cells.map((cell) => element("td", undefined, ...[cell].flat()))));
  return element("table", undefined, head, ...body);
}

function operation(method, path, one) {
  const verb = element("span", method.toUpperCase());
  verb.className = "method";
  const summary = element("summary", undefined, verb, " ", element("code", path), ` ${one.summary ?? ""}`);
  const parts = one.description ? [element("p", one.description)] : [];
  if (one.parameters?.length) {
    const lines = one.parameters.map((p) => [element("code", p.name), p.in, kind(p.schema), p.description ?? ""]);
    parts.push(rows(["Parameter", "in", "type", ""], lines));
  }
  const sent = Object.entries(one.requestBody?.content ?? {});
  const answers = Object.entries(one.responses ?? {}).flatMap(([status, answer]) =>
    Object.entries(answer.content ?? {}).map(([type, body]) => [status, type, kind(body.schema)]));
  if (sent.length) parts.push(rows(["Sent as", "type"], sent.map(([type, body]) => [type, kind(body.schema)])));
  if (answers.length) parts.push(rows(["Status", "as", "type"], answers));
  return element("details", undefined, summary, ...parts);
}

function schema(name, one) {
  const made = element("details", undefined, element("summary", undefined, element("code", name)));
  made.id = name;
  if (one.description) made.append(element("p", one.description));
  const lists = [one, ...(one.oneOf ?? []), ...(one.allOf ?? [])];
  const lines = lists.flatMap((part) => Object.entries(part.properties ?? {}))
    .map(([member, of]) => [element("code", member), kind(of), of.description ?? ""]);
  if (lines.length) made.append(rows(["Member", "type", ""], lines));
  else made.append(element("p", undefined, ...kind(one)));
  return made;
}

/** Opens the document that the address names. */
function follow() {
  const named = document.getElementById(location.hash.slice(1));
  if (named instanceof HTMLDetailsElement) named.open = true;
}

const answer = await fetch("../v1/openapi.json");
const description = await answer.json();
const about = document.getElementById("about");
about.textContent = `${description.info.description} Version ${description.info.version}.`;
const byTag = new Map((description.tags ?? []).map((tag) => [tag.name, { tag, list: [] }]));
for (const [path, methods] of Object.entries(description.paths)) {
  for (const [method, one] of Object.entries(methods)) {
    const name = one.tags?.[0] ?? "other";
    if (!byTag.has(name)) byTag.set(name, { tag: { name, description: name }, list: [] });
    byTag.get(name).list.push(operation(method, path, one));
  }
}
for (const { tag, list } of byTag.values()) {
  if (list.length) document.getElementById("operations").append(element("h2", tag.description), ...list);
}
for (const [name, one] of Object.entries(description.components?.schemas ?? {})) {
  document.getElementById("schemas").append(schema(name, one));
}
follow();
addEventListener("hashchange", follow);
