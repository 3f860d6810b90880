// Trainings whose records the studio was started with.

import * as api from "./api.js";
import { attempt, duration, h } from "./elements.js";

/** The milliseconds between looks at records, which other processes write. */
const pause = 5000;

export async function showTrainings(main) {
  const list = h("div", {});
  let timer;

  async function load() {
    const { trainings } = await api.get("/trainings");
    const curves = await Promise.all(trainings.map(({ number }) => api.get(`/trainings/${number}/losses`)));
    if (trainings.length === 0) {
      list.replaceChildren(h("p", {}, "Start the studio with --training FOLDER to watch the record of impasto train."));
      return;
    }
    list.replaceChildren(...trainings.map((training, index) => section(training, curves[index].steps)));
  }

  async function repeat() {
    await attempt(load);
    timer = setTimeout(repeat, pause);
  }

  main.append(h("h1", {}, "Trainings"), list);
  await load();
  timer = setTimeout(repeat, pause);
  return () => clearTimeout(timer);
}

function section(training, steps) {
  const chart = document.createElement("loss-chart");
  chart.steps = steps;
  const last = steps.at(-1);
  const state = training.isRunning ? "running" : "not running";
  return h("section", {}, h("h2", {}, training.name),
    h("p", { class: "state" }, last ? `Step ${last.iteration}, ${duration(last.seconds)}, ${state}.` : `No step yet, ${state}.`),
    chart,
    training.preview !== undefined && h("img", {
      src: api.address(`/trainings/${training.number}/preview?v=${training.preview}`),
      alt: `Photos that the training never sees, in the style, after ${training.preview} steps`,
    }));
}
