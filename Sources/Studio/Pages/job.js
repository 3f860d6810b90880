// One job: the picture while it is painted, and the result.

import * as api from "./api.js";
import { attempt, duration, h, say, stars } from "./elements.js";

export async function showJob(main, id) {
  const picture = h("img", { class: "result", alt: "", hidden: true });
  const film = h("video", { class: "result", controls: true, loop: true, playsinline: true, preload: "metadata", hidden: true });
  const bar = h("progress", { max: 1, value: 0, "aria-label": "Progress", hidden: true });
  const state = h("p", { class: "state", role: "status" });
  const buttons = h("div", { class: "buttons" });
  const chart = document.createElement("loss-chart");
  const about = h("div", { class: "about" });
  let job;
  let steps = [];

  const change = (body) => attempt(async () => { job = await api.patch(`/jobs/${id}`, body); draw(); });
  const button = (name, onclick, isMain = false) => h("button", { type: "button", onclick, class: isMain ? "main" : null }, name);
  const link = (name, path, isDownload) => h("a", { class: "button", href: api.address(`/jobs/${id}/${path}`), download: isDownload ? "" : null }, name);

  async function load() {
    job = await api.get(`/jobs/${id}`);
    ({ steps } = await api.get(`/jobs/${id}/losses`));
    draw();
  }

  function draw() {
    document.title = `${job.title} · Impasto`;
    title.textContent = job.title;
    picture.alt = job.title;
    film.hidden = !(job.isFilm && job.state === "finished");
    if (!film.hidden) showFilm();
    else if (job.state === "finished") show(`/jobs/${id}/result?side=1280&t=${job.ended}`);
    if (!film.hidden || (job.state !== "finished" && job.state !== "running")) picture.hidden = true;
    bar.hidden = job.state !== "running";
    state.textContent = describe(job);
    state.classList.toggle("problem", job.state === "failed");
    chart.hidden = steps.length < 2;
    chart.steps = steps;
    buttons.replaceChildren(...actions());
    about.replaceChildren(...facts());
  }

  function actions() {
    if (job.state === "running" || job.state === "queued") {
      return [
        job.state === "running" && (job.isFilm || job.request.method === "optimization")
          ? button("Stop and keep", () => change({ action: "keep" }), true) : null,
        button(job.state === "running" ? "Discard" : "Cancel", () => change({ action: "cancel" })),
      ].filter(Boolean);
    }
    const again = button("Paint it again", () => change({ action: "retry" }));
    const gone = button("Delete", async () => {
      await attempt(() => api.remove(`/jobs/${id}`));
      say("The result was deleted.", { name: "Undo", body: () => change({ action: "restore" }) });
      location.hash = "#/gallery";
    });
    if (job.state !== "finished") return [again, gone];
    return [
      link("Download", "result", true), link("Recipe", "recipe", true),
      job.request.method === "optimization" && !job.isFilm ? link("Report", "report", true) : null,
      job.isFilm ? null : h("a", { class: "button", href: `#/compare/${id}` }, "Compare"),
      job.request.series ? h("a", { class: "button", href: `#/series/${job.request.series}` }, "The series") : null,
      again, gone,
    ].filter(Boolean);
  }

  function facts() {
    const note = h("textarea", { id: "note", rows: 2, onchange: () => change({ note: note.value }) }, job.note);
    const settings = Object.entries({
      method: job.request.method === "one-pass" ? "at once" : "optimized", style: job.request.styles.join(" + "),
      ...job.request.settings, ...job.request.film,
    });
    return [
      stars(job, (count) => change({ stars: count })),
      h("label", { for: "note" }, "Note"), note,
      h("table", {}, h("caption", {}, "Settings"),
        h("tbody", {}, ...settings.map(([key, value]) => h("tr", {}, h("th", { scope: "row" }, key), h("td", {}, String(value)))))),
    ];
  }

  function showFilm() {
    const source = api.address(`/jobs/${id}/result?t=${job.ended}`);
    film.setAttribute("aria-label", job.title);
    film.poster = api.address(`/jobs/${id}/result?side=1280&t=${job.ended}`);
    if (film.getAttribute("src") !== source) film.src = source;
  }

  function show(path) {
    picture.hidden = false;
    picture.src = api.address(path);
  }

  const title = h("h1", {});
  main.append(title, h("div", { class: "job" },
    h("div", { class: "stage" }, picture, film, bar, state, buttons), h("div", { class: "side" }, chart, about)));
  const end = api.watch((name, data) => {
    if (name === "reload") attempt(load);
    if (data.id !== id) return;
    if (name === "job") attempt(load);
    if (!job) return;
    if (name === "step" && data.iteration > (steps.at(-1)?.iteration ?? 0)) {
      steps.push(data);
      chart.hidden = steps.length < 2;
      chart.steps = steps;
    }
    if (name === "progress" && job.state === "running") {
      bar.value = data.share;
      const left = data.secondsLeft === undefined ? "" : `, ${duration(data.secondsLeft)} left`;
      state.textContent = `${Math.round(100 * data.share)} %${left}`;
      if (data.preview) show(`/jobs/${id}/preview?v=${data.preview}`);
    }
  });
  await load();
  return end;
}

function describe(job) {
  switch (job.state) {
    case "queued": return `Number ${job.position} in the queue.`;
    case "running": return "Painting …";
    case "failed": return job.problem ?? "The job failed.";
    case "canceled": return "This job was canceled.";
    default: return `${job.width}×${job.height} pixels, painted in ${duration(job.seconds ?? 0)}.`;
  }
}
