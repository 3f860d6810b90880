// The history: search, and comparison.

import * as api from "./api.js";
import { attempt, h, say } from "./elements.js";

export async function showGallery(main) {
  const chosen = new Set();
  const grid = h("ul", { class: "gallery" });
  const empty = h("p", { hidden: true }, "Nothing was found.");
  const compare = h("a", { class: "button", hidden: true }, "Compare the two");
  const { styles } = await api.get("/styles");

  const text = h("input", { type: "search", id: "find", oninput: later });
  const style = h("select", { id: "find-style", onchange: load }, h("option", { value: "" }, "any"),
    ...styles.map((style) => h("option", { value: style.name }, style.title)));
  const least = h("select", { id: "find-stars", onchange: load },
    ...[0, 1, 2, 3, 4, 5].map((count) => h("option", { value: count }, count === 0 ? "any" : `${count} or more`)));
  const setting = h("input", { type: "text", id: "find-setting", placeholder: "quality=best", onchange: load });
  const since = h("input", { type: "date", id: "find-since", onchange: load });
  const field = (label, control) => h("div", { class: "field" }, h("label", { for: control.id }, label), control);

  let timer;
  function later() {
    clearTimeout(timer);
    timer = setTimeout(() => attempt(load), 250);
  }

  async function load() {
    const query = new URLSearchParams({ state: "finished", limit: 200 });
    if (text.value) query.set("text", text.value);
    if (style.value) query.set("style", style.value);
    if (least.value !== "0") query.set("stars", least.value);
    if (setting.value) query.set("setting", setting.value);
    if (since.value) query.set("from", String(new Date(since.value).getTime() / 1000));
    const found = await attempt(() => api.get(`/jobs?${query}`));
    if (!found) return;
    empty.hidden = found.jobs.length > 0;
    grid.replaceChildren(...found.jobs.map(card));
  }

  function card(job) {
    const box = h("input", {
      type: "checkbox", "aria-label": `Compare ${job.title}`, checked: chosen.has(job.id),
      onchange: () => {
        if (box.checked) chosen.add(job.id); else chosen.delete(job.id);
        compare.hidden = chosen.size !== 2;
        compare.href = `#/compare/${[...chosen].join("/")}`;
      },
    });
    return h("li", {}, h("a", { href: `#/job/${job.id}` },
      h("img", { src: api.address(`/jobs/${job.id}/result?side=320&t=${job.ended}`), alt: job.title, loading: "lazy" })),
    h("p", {}, job.isFilm ? h("span", { class: "badge" }, "film") : box, h("span", {}, job.title),
      job.stars > 0 && h("span", { class: "rating", role: "img", "aria-label": `${job.stars} stars` }, "★".repeat(job.stars))));
  }

  main.append(h("h1", {}, "Gallery"),
    h("div", { class: "search", role: "search" }, field("Find", text), field("Style", style), field("Stars", least),
      field("Setting", setting), field("Since", since)),
    h("div", { class: "tools" }, compare), empty, grid);
  // Events that come while the page loads count as well.
  const end = api.watch((name) => { if (name === "job" || name === "reload") later(); });
  await load();
  return end;
}

/** Compares two results, or a result with its photo. */
export async function showComparison(main, first, second) {
  const job = await api.get(`/jobs/${first}`);
  const other = second ? await api.get(`/jobs/${second}`) : null;
  const result = (job) => ({ src: api.address(`/jobs/${job.id}/result?side=1280&t=${job.ended}`), alt: job.title });
  const before = other ? result(other)
    : job.request.photo ? { src: api.address(`/pictures/${job.request.photo}/image`), alt: "The photo" } : null;
  if (!before) {
    say("A texture has no photo; choose two results in the gallery.");
    location.hash = "#/gallery";
    return;
  }
  const slider = document.createElement("compare-slider");
  const beside = h("div", { class: "beside", hidden: true }, h("img", before), h("img", result(job)));
  const swap = h("button", { type: "button", onclick: () => {
    slider.hidden = !slider.hidden;
    beside.hidden = !beside.hidden;
    swap.textContent = slider.hidden ? "With a slider" : "Side by side";
  } }, "Side by side");
  main.append(h("h1", {}, other ? `${other.title} and ${job.title}` : job.title), h("div", { class: "tools" }, swap), slider, beside);
  slider.show(before, result(job));
  if (other) main.append(differences(other, job));
}

function differences(first, second) {
  const flat = (job) => ({ method: job.request.method, style: job.request.styles.join(" + "), ...job.request.settings, seconds: Math.round(job.seconds) });
  const [a, b] = [flat(first), flat(second)];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => a[key] !== b[key]);
  return h("table", {}, h("caption", {}, "What differs"),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "setting"), h("th", { scope: "col" }, first.title), h("th", { scope: "col" }, second.title))),
    h("tbody", {}, ...keys.map((key) => h("tr", {}, h("th", { scope: "row" }, key),
      h("td", {}, String(a[key] ?? "default")), h("td", {}, String(b[key] ?? "default"))))));
}
