// The queue: what runs, what waits, and what failed.

import * as api from "./api.js";
import { attempt, duration, h, say } from "./elements.js";

export async function showQueue(main) {
  const list = h("ol", { class: "jobs" });
  const pause = h("button", { type: "button", onclick: toggle });
  const empty = h("p", {}, "Nothing is queued. ", h("a", { href: "#/create" }, "Create something."));
  let paused = false;
  const rows = new Map();

  async function toggle() {
    await attempt(() => api.patch("/queue", { paused: !paused }));
    await load();
  }

  async function load() {
    const [{ jobs }, status] = await Promise.all([
      api.get("/jobs?state=running,queued,failed&limit=200"), api.get("/status"),
    ]);
    paused = status.paused;
    pause.textContent = paused ? "Go on" : "Pause the queue";
    rows.clear();
    list.replaceChildren(...jobs.map((job) => row(job, jobs)));
    empty.hidden = jobs.length > 0;
    if (status.running && status.progress) update(status.running, status.progress);
  }

  function row(job, jobs) {
    const act = (body) => async () => {
      await attempt(() => api.patch(`/jobs/${job.id}`, body));
      await load();
    };
    const bar = h("progress", { max: 1, value: 0, "aria-label": `Progress of ${job.title}`, hidden: job.state !== "running" });
    const text = h("span", { class: "state" }, describe(job));
    const preview = h("img", { alt: "", class: "small", src: thumbnail(job) });
    const buttons = [];
    if (job.state === "queued") {
      const queued = jobs.filter((other) => other.state === "queued").length;
      buttons.push(
        button("Up", act({ position: job.position - 1 }), job, job.position === 1),
        button("Down", act({ position: job.position + 1 }), job, job.position === queued));
    }
    if (job.state === "running" && (job.isFilm || job.request.method === "optimization")) {
      buttons.push(button("Stop and keep", act({ action: "keep" }), job));
    }
    if (job.state === "failed") {
      buttons.push(button("Try again", act({ action: "retry" }), job), button("Remove", () => discard(job), job));
    } else {
      buttons.push(button(job.state === "running" ? "Discard" : "Cancel", act({ action: "cancel" }), job));
    }
    const item = h("li", { class: job.state }, preview,
      h("div", { class: "about" }, h("a", { href: `#/job/${job.id}` }, job.title), text, bar),
      h("div", { class: "buttons" }, ...buttons));
    rows.set(job.id, { bar, text, preview });
    return item;
  }

  async function discard(job) {
    await attempt(() => api.remove(`/jobs/${job.id}`));
    say(`${job.title} was removed.`, {
      name: "Undo", body: () => attempt(() => api.patch(`/jobs/${job.id}`, { action: "restore" })),
    });
    await load();
  }

  function update(id, progress) {
    const found = rows.get(id);
    if (!found) return;
    found.bar.hidden = false;
    found.bar.value = progress.share;
    const left = progress.secondsLeft === undefined ? "" : `, ${duration(progress.secondsLeft)} left`;
    found.text.textContent = `${Math.round(100 * progress.share)} %${left}`;
    if (progress.preview) found.preview.src = api.address(`/jobs/${id}/preview?v=${progress.preview}`);
  }

  main.append(h("h1", {}, "Queue"), h("div", { class: "tools" }, pause), empty, list);
  const end = api.watch((name, data) => {
    if (name === "progress") update(data.id, data);
    else if (["job", "queue", "reload"].includes(name)) attempt(load);
  });
  await load();
  return end;
}

function button(name, action, job, disabled = false) {
  return h("button", { type: "button", onclick: action, disabled, "aria-label": `${name}: ${job.title}` }, name);
}

function thumbnail(job) {
  return job.request.photo
    ? api.address(`/pictures/${job.request.photo}/thumbnail`)
    : api.address(`/styles/${job.request.styles[0]}/thumbnail`);
}

function describe(job) {
  if (job.state === "queued") return `number ${job.position}`;
  if (job.state === "failed") return job.problem ?? "failed";
  return "starting";
}
