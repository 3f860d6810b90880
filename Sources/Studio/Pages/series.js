// Jobs that belong together, such as those of a sweep, as a grid with axes.

import * as api from "./api.js";
import { attempt, h } from "./elements.js";

export async function showSeries(main, id) {
  const grid = h("div", { class: "series", tabindex: 0, role: "region", "aria-label": "Results" });
  const state = h("p", { role: "status" });
  const known = await titles();

  async function load() {
    const { jobs } = await api.get(`/jobs?series=${id}&limit=500`);
    jobs.sort((a, b) => a.created - b.created);
    const over = jobs.filter((job) => !["queued", "running"].includes(job.state)).length;
    state.textContent = jobs.length === 0 ? "Nothing is left of this series."
      : over < jobs.length ? `${over} of ${jobs.length} are done.` : `All ${jobs.length} are done.`;
    grid.replaceChildren(table(jobs, known));
  }

  main.append(h("h1", {}, "Series"), state, grid);
  let timer;
  const end = api.watch((name) => {
    if (!["job", "removed", "reload"].includes(name)) return;
    clearTimeout(timer);
    timer = setTimeout(() => attempt(load), 250);
  });
  await load();
  return end;
}

/** The names that people gave to photos, films and paintings. */
async function titles() {
  const [{ pictures }, { styles }] = await Promise.all([api.get("/pictures"), api.get("/styles")]);
  return new Map([...pictures.map((picture) => [picture.id, picture.name]), ...styles.map((style) => [style.name, style.title])]);
}

/** What the jobs differ in, with the values in the order in which they were asked for. */
function axes(jobs, known) {
  const name = (value) => known.get(value) ?? String(value ?? "default");
  const candidates = new Map([
    ["photo", (job) => name(job.request.photo)],
    ["style", (job) => job.request.styles.map(name).join(" + ")],
  ]);
  for (const key of new Set(jobs.flatMap((job) => Object.keys(job.request.settings)))) {
    candidates.set(key, (job) => String(job.request.settings[key] ?? "default"));
  }
  return [...candidates]
    .map(([key, valueOf]) => ({ key, valueOf, values: [...new Set(jobs.map(valueOf))] }))
    .filter(({ values }) => values.length > 1);
}

/** The last axis goes to the right, the others down. */
function table(jobs, known) {
  const all = axes(jobs, known);
  const across = all.at(-1) ?? { key: "", valueOf: () => "", values: [""] };
  const down = all.slice(0, -1);
  const rowOf = (job) => down.map(({ valueOf }) => valueOf(job)).join("\n");
  const rows = [...new Set(jobs.map(rowOf))];
  return h("table", { class: "grid" },
    h("caption", {}, down.length > 0 ? `${down.map(({ key }) => key).join(" and ")} down, ${across.key} across` : across.key),
    h("thead", {}, h("tr", {},
      down.length > 0 && h("td", {}), ...across.values.map((value) => h("th", { scope: "col" }, value)))),
    h("tbody", {}, ...rows.map((row) => h("tr", {},
      down.length > 0 && h("th", { scope: "row" }, row.split("\n").join(", ")),
      ...across.values.map((value) => h("td", {},
        ...jobs.filter((job) => rowOf(job) === row && across.valueOf(job) === value).map(cell)))))));
}

function cell(job) {
  return h("a", { href: `#/job/${job.id}` }, job.state === "finished"
    ? h("img", { src: api.address(`/jobs/${job.id}/result?side=320&t=${job.ended}`), alt: job.title, loading: "lazy" })
    : h("span", { class: "state" }, job.state));
}
