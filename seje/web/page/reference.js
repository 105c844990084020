// The REST interface, as /openapi.json describes it, for people.

import { element, get } from "./dom.js";
import { json } from "./server.js";

const EXAMPLES = [
  "curl -F photo=@dinner.jpg ORIGIN/search",
  "curl 'ORIGIN/search?q=tomato+soup&ingredient=basil&k=5'",
  "curl -F photo=@pizza.jpg 'ORIGIN/search?minus=pizza&plus=salad'",
];

const kind = (schema = {}) => schema.type || (schema.anyOf || []).map(kind).filter((one) => one !== "null").join(" or ") || (schema.$ref || "").split("/").pop();

function listed(title, rows) {
  if (!rows.length) return [];
  const list = element("dl", "", {}, ...rows.flatMap(([name, text]) => [element("dt", name), element("dd", text)]));
  return [element("h3", title), list];
}

function operation(method, path, described) {
  const title = element("h2", "", {}, element("span", method.toUpperCase(), { className: "method" }), ` ${path}`);
  const parameters = (described.parameters || []).map(({ name, required, description, schema }) => {
    const told = [kind(schema), required ? "needed" : "", description || schema.description || ""];
    return [name, told.filter(Boolean).join(". ")];
  });
  const bodies = Object.entries(described.requestBody?.content || {}).map(([type, { schema }]) => {
    return [type, Object.keys(schema.properties || {}).join(", ") || "the file itself"];
  });
  const answers = Object.entries(described.responses).map(([status, { description }]) => [status, description]);
  return element("article", "", { className: "operation" }, title, element("p", (described.description || "").replaceAll("`", "")),
    ...listed("In the address", parameters), ...listed("Body", bodies), ...listed("Answers", answers));
}

get("examples").textContent = EXAMPLES.join("\n").replaceAll("ORIGIN", location.origin);
try {
  const { paths } = await json("/openapi.json");
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, described] of Object.entries(methods)) get("operations").append(operation(method, path, described));
  }
} catch (failed) {
  get("status").textContent = failed.message;
  get("status").className = "error";
}
