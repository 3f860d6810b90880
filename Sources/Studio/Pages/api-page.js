// Lists the addresses of the OpenAPI description.

import { h } from "./elements.js";

const description = await (await fetch("/api/v1/openapi.json")).json();
const list = document.getElementById("endpoints");
for (const [path, methods] of Object.entries(description.paths)) {
  for (const [method, operation] of Object.entries(methods)) {
    if (!operation.summary) continue;
    list.append(h("div", { class: "endpoint" },
      h("code", {}, `${method.toUpperCase()} ${description.servers[0].url}${path}`), h("div", {}, operation.summary)));
  }
}
