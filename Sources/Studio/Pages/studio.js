// The frame of the studio: it shows the part that the address names.

import * as api from "./api.js";
import { attempt, bytes, h } from "./elements.js";
import { showCreate } from "./create.js";
import { showComparison, showGallery } from "./gallery.js";
import { showJob } from "./job.js";
import { showQueue } from "./queue.js";
import { showSeries } from "./series.js";
import { showTrainings } from "./trainings.js";

const parts = {
  create: showCreate, queue: showQueue, gallery: showGallery, job: showJob, compare: showComparison, series: showSeries,
  trainings: showTrainings,
};
const titles = {
  create: "Create", queue: "Queue", gallery: "Gallery", job: "Result", compare: "Compare", series: "Series",
  trainings: "Trainings",
};
const main = document.getElementById("main");
let leave = () => {};
let isFirst = true;
let visits = 0;

async function show() {
  const [name, ...rest] = location.hash.replace(/^#\//, "").split("/");
  const part = parts[name] ? name : "create";
  leave();
  leave = () => {};
  // A part that comes too late writes into a room that nobody sees.
  const room = h("div", {});
  main.replaceChildren(room);
  document.title = `${titles[part]} · Impasto`;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.part === part) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const visit = ++visits;
  const end = await attempt(() => parts[part](room, ...rest));
  if (visit !== visits) {
    // Another part was opened before this one was complete.
    end?.();
    return;
  }
  leave = end ?? (() => {});
  // The focus follows the page, but not at its first appearance.
  if (!isFirst) main.focus({ preventScroll: true });
  scrollTo(0, 0);
  isFirst = false;
}

/** Shows why the queue paused itself, until it goes on. */
function warn(problem) {
  const line = document.getElementById("problem");
  line.hidden = !problem;
  line.textContent = problem ? `The queue is paused. ${problem}` : "";
}

async function count() {
  const status = await api.get("/status");
  warn(status.problem);
  const badge = document.getElementById("queue-count");
  const jobs = status.queued + (status.running ? 1 : 0);
  badge.hidden = jobs === 0;
  badge.textContent = String(jobs);
  const disk = await api.get("/disk");
  const free = disk.free === undefined ? "" : `, ${bytes(disk.free)} free`;
  document.getElementById("disk").textContent = `${bytes(disk.used)} used${free}`;
}

addEventListener("hashchange", show);
api.connect();
let timer;
api.watch((name, data) => {
  if (name === "queue") warn(data.problem);
  if (name !== "job" && name !== "reload") return;
  clearTimeout(timer);
  timer = setTimeout(() => attempt(count), 300);
});
attempt(count);
attempt(async () => {
  const { trainings } = await api.get("/trainings");
  document.getElementById("trainings").hidden = trainings.length === 0;
});
show();
