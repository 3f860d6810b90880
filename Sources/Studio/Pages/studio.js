// The frame of the studio: it shows the part that the address names.

import * as api from "./api.js";
import { attempt, bytes, say } from "./elements.js";
import { showCreate } from "./create.js";
import { showComparison, showGallery } from "./gallery.js";
import { showJob } from "./job.js";
import { showQueue } from "./queue.js";

const parts = { create: showCreate, queue: showQueue, gallery: showGallery, job: showJob, compare: showComparison };
const titles = { create: "Create", queue: "Queue", gallery: "Gallery", job: "Result", compare: "Compare" };
const main = document.getElementById("main");
let leave = () => {};
let isFirst = true;

async function show() {
  const [name, ...rest] = location.hash.replace(/^#\//, "").split("/");
  const part = parts[name] ? name : "create";
  leave();
  leave = () => {};
  main.replaceChildren();
  document.title = `${titles[part]} · Impasto`;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.part === part) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const end = await attempt(() => parts[part](main, ...rest));
  if (typeof end === "function") leave = end;
  // The focus follows the page, but not at its first appearance.
  if (!isFirst) main.focus();
  isFirst = false;
}

async function count() {
  const status = await api.get("/status");
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
  if (name === "queue" && data.problem) say(data.problem);
  if (name !== "job" && name !== "reload") return;
  clearTimeout(timer);
  timer = setTimeout(() => attempt(count), 300);
});
attempt(count);
show();
