// The page for new jobs.

import * as api from "./api.js";
import { attempt, bytes, duration, h } from "./elements.js";
import { hasRegions, newSeries, recall, remember, requests } from "./form.js";
import { complement, editMask } from "./mask-editor.js";
import { askAboutRecipe, readRecipe } from "./recipe-dialog.js";
import { field, variation } from "./settings.js";
import { dropZone, isFilmFile, tile, toggled } from "./tiles.js";

/** Settings of films beside those of their frames. */
const filmSettings = [
  { key: "start", label: "Start", kind: "number", standard: "0", help: "Where the film starts, in seconds." },
  { key: "duration", label: "Length", kind: "number", standard: "", help: "The length in seconds; all of it by default." },
  { key: "smooth", label: "Smoothing", kind: "number", standard: "", help: "How much each frame keeps of the one before, 0 to 1." },
];

export async function showCreate(main) {
  const [{ styles }, { settings }, photos, films, paintings] = await Promise.all([
    api.get("/styles"), api.get("/settings"), api.get("/pictures?kind=photo"), api.get("/pictures?kind=film"),
    api.get("/pictures?kind=painting"),
  ]);
  const form = recall();
  const known = {
    photos: [...photos.pictures, ...films.pictures].sort((a, b) => b.created - a.created),
    styles: [...paintings.pictures.map(ownStyle), ...styles],
  };
  form.photos = form.photos.filter((id) => known.photos.some((picture) => picture.id === id));

  const methods = h("div", { class: "choices" });
  const photoGrid = h("div", { class: "tiles", role: "group", "aria-label": "Photos" });
  const styleGrid = h("div", { class: "tiles", role: "group", "aria-label": "Styles" });
  const options = h("div", { class: "boxes" });
  const fields = h("div", { class: "fields" });
  const more = h("div", { class: "fields" });
  const details = h("details", {}, h("summary", {}, "More settings"), more);
  const varied = h("div", {});
  const tools = h("div", { class: "tools" });
  const plan = h("p", { class: "hint", role: "status" });
  const submit = h("button", { type: "submit", class: "main" });

  const isFilm = (id) => known.photos.some((picture) => picture.id === id && picture.kind === "film");
  const titleOf = (name) => known.styles.find((style) => style.name === name)?.title ?? name;
  const jobs = () => requests(form, isFilm);

  function save() {
    remember(form);
    const count = jobs().length;
    submit.textContent = count > 1 ? `Paint ${count} ${form.photos.every(isFilm) ? "films" : "pictures"}` : "Paint";
    submit.disabled = count === 0;
    plan.textContent = "";
  }

  function draw() {
    if (form.method === "one-pass") form.texture = false;
    methods.replaceChildren(
      choice("one-pass", "At once", "A network that was trained for styles paints in seconds."),
      choice("optimization", "Optimized", "The best pictures, in the style of any painting, in minutes."));
    options.replaceChildren(
      box("blend", "Blend the chosen styles in one picture"),
      ...(form.method === "optimization" ? [box("texture", "A texture of the painting, without a photo")] : []));
    drawPhotos();
    drawStyles();
    drawSettings();
    drawTools();
    save();
  }

  function choice(value, title, text) {
    const radio = h("input", {
      type: "radio", name: "method", value, checked: form.method === value,
      onchange: () => { form.method = value; draw(); },
    });
    return h("label", { class: "choice" }, radio, h("strong", {}, title), h("span", {}, text));
  }

  function box(key, text) {
    const input = h("input", { type: "checkbox", checked: form[key], onchange: () => { form[key] = input.checked; draw(); } });
    return h("label", { class: "box" }, input, text);
  }

  function drawPhotos() {
    photoGrid.replaceChildren(...known.photos.map((photo) => tile({
      src: api.address(`/pictures/${photo.id}/thumbnail`), title: photo.name, isFilm: photo.kind === "film",
      isChosen: form.photos.includes(photo.id),
      onchange: (isIn) => choosePhotos(toggled(form.photos, photo.id, isIn)),
      onremove: () => removeUpload(photo),
    })));
  }

  /** Chooses photos. Masks belong to the photo before. */
  function choosePhotos(photos) {
    Object.assign(form, { photos, protect: null, regions: {} });
    drawSettings();
    drawTools();
    save();
  }

  function drawStyles() {
    const fitting = known.styles.filter((style) => form.method === "one-pass" || style.isPainting);
    form.styles = form.styles.filter((name) => fitting.some((style) => style.name === name));
    styleGrid.replaceChildren(...fitting.map((style) => tile({
      src: api.address(`/${style.own ? "pictures" : "styles"}/${style.name}/thumbnail`),
      title: style.painter ? `${style.title}, ${style.painter}` : style.title,
      isChosen: form.styles.includes(style.name),
      onchange: (isIn) => { form.styles = toggled(form.styles, style.name, isIn); drawTools(); save(); },
      onremove: style.own ? () => removeUpload(style.own) : undefined,
    })));
  }

  async function removeUpload(picture) {
    await attempt(async () => {
      await api.remove(`/pictures/${picture.id}`);
      known.photos = known.photos.filter((other) => other.id !== picture.id);
      known.styles = known.styles.filter((other) => other.name !== picture.id);
      choosePhotos(toggled(form.photos, picture.id, false));
      draw();
    });
  }

  function drawSettings() {
    const own = settings.filter((setting) => setting.methods.includes(form.method));
    const used = new Set(own.map((setting) => setting.key));
    for (const key of Object.keys(form.settings)) if (!used.has(key)) delete form.settings[key];
    form.vary = form.vary.filter((axis) => used.has(axis.key));
    const fieldFor = (values) => (setting) => field(setting, values[setting.key], (value) => {
      if (value === undefined) delete values[setting.key];
      else values[setting.key] = value;
      save();
    });
    fields.replaceChildren(
      ...own.filter((setting) => setting.isCommon).map(fieldFor(form.settings)),
      ...(form.photos.some(isFilm) ? filmSettings.map(fieldFor(form.film)) : []));
    more.replaceChildren(...own.filter((setting) => !setting.isCommon).map(fieldFor(form.settings)));
    details.hidden = more.children.length === 0;
    varied.replaceChildren(variation(own, form.vary, save));
  }

  function drawTools() {
    const button = (text, onclick) => h("button", { type: "button", onclick }, text);
    tools.replaceChildren();
    const photo = known.photos.find((picture) => picture.id === form.photos[0]);
    if (form.photos.length === 1 && photo.kind === "film") tools.append(button("Try one frame", paintFrame));
    if (form.method !== "optimization") return;
    if (form.photos.length === 1 && photo.kind !== "film" && !form.texture) {
      tools.append(...maskTools(photo, button));
    }
    if (!form.photos.some(isFilm)) tools.append(button("Memory and time", showPlan));
  }

  /** The buttons for the part that stays as it is, and for the parts that take the styles. */
  function maskTools(photo, button) {
    const changed = () => { drawTools(); save(); };
    const made = [button(form.protect ? "Change the protected part" : "Protect a part of the photo", async () => {
      const mask = await paintMask(photo, form.protect, "The part that stays as it is");
      if (mask) { form.protect = mask; changed(); }
    })];
    if (form.protect) made.push(button("Protect nothing", () => { form.protect = null; changed(); }));
    if (!form.blend || form.styles.length < 2) return made;
    const missing = form.styles.filter((style) => !form.regions[style]);
    for (const style of form.styles) {
      made.push(button(`${form.regions[style] ? "Change where" : "Paint where"} ${titleOf(style)} goes`, async () => {
        const mask = await paintMask(photo, form.regions[style], `The part in the style of ${titleOf(style)}`);
        if (mask) { form.regions[style] = mask; changed(); }
      }));
    }
    if (missing.length === 1) {
      made.push(button(`Give ${titleOf(missing[0])} the rest`, async () => {
        const others = form.styles.filter((style) => style !== missing[0]).map((style) => form.regions[style]);
        const mask = await uploadMask(photo, await complement(photo, others));
        if (mask) { form.regions[missing[0]] = mask; changed(); }
      }));
    }
    if (missing.length < form.styles.length) made.push(button("Blend everywhere", () => { form.regions = {}; changed(); }));
    made.push(h("p", { class: "hint" }, hasRegions(form) ? "Each style has its part."
      : missing.length < form.styles.length ? "Until each style has a part, they are blended everywhere." : ""));
    return made;
  }

  async function paintMask(photo, mask, title) {
    const blob = await attempt(() => editMask(photo, mask, title));
    return blob ? uploadMask(photo, blob) : undefined;
  }

  const uploadMask = async (photo, blob) =>
    (await attempt(() => api.upload(blob, "mask", `mask of ${photo.name}`)))?.id;

  async function showPlan() {
    plan.textContent = "Measuring …";
    plan.textContent = await attempt(async () => {
      const { width, height, bytes: count, tiles: parts, seconds } = await api.post("/plan", jobs()[0]);
      const inTiles = parts > 1 ? ` in ${parts} tiles` : "";
      return `${width}×${height} pixels${inTiles}: ${bytes(count)} of memory, at most ${duration(seconds)}.`;
    }) ?? "";
  }

  async function paintFrame() {
    const { film, ...request } = jobs()[0];
    const job = await attempt(() => api.post("/jobs", { ...request, still: true }));
    if (job) location.hash = `#/job/${job.id}`;
  }

  async function paint(event) {
    event.preventDefault();
    const all = jobs();
    if (all.length === 1) {
      const job = await attempt(() => api.post("/jobs", all[0]));
      if (job) location.hash = `#/job/${job.id}`;
      return;
    }
    const series = newSeries();
    for (const request of all) {
      if (!await attempt(() => api.post("/jobs", { ...request, series }))) return;
    }
    location.hash = `#/series/${series}`;
  }

  async function add(files, kind) {
    for (const file of files) await attempt(() => addFile(file, kind));
    draw();
  }

  async function addFile(file, kind) {
    if (kind === "painting") {
      const painting = ownStyle(await api.upload(file, kind));
      known.styles.unshift(painting);
      form.styles = toggled(form.styles, painting.name, true);
      return;
    }
    const isFilm = isFilmFile(file);
    const found = isFilm ? null : await api.recipeIn(file);
    if (found) {
      const answer = await askAboutRecipe(file.name, found.recipe);
      if (answer !== "photo") return takeRecipe(found, answer);
    }
    const photo = await api.upload(file, isFilm ? "film" : "photo");
    known.photos.unshift(photo);
    choosePhotos(toggled(form.photos, photo.id, true));
  }

  function takeRecipe(found, answer) {
    if (answer === "cancel") return;
    const { style, isOnePass } = readRecipe(found.recipe);
    form.method = isOnePass ? "one-pass" : "optimization";
    if (answer === "all") form.settings = { ...found.settings };
    if (known.styles.some((known) => known.name === style)) form.styles = [style];
  }

  main.append(h("h1", { class: "hidden" }, "Create"),
    h("form", { class: "create", onsubmit: paint },
      h("div", {},
        h("section", {}, h("h2", {}, "Photos and films"),
          dropZone("Drop photos or films here, or choose them", "image/*,video/*", (files) => add(files, "photo")), photoGrid),
        h("section", {}, h("h2", {}, "Styles"),
          dropZone("Drop a painting of your own, or choose it", "image/*", (files) => add(files, "painting")), styleGrid, options)),
      h("div", {},
        h("section", {}, h("h2", {}, "Method"), methods),
        h("section", {}, h("h2", {}, "Settings"), fields, details, varied, tools, plan)),
      h("div", { class: "submit" }, submit)));
  draw();
}

/** An uploaded painting as a style. */
const ownStyle = (picture) => ({ name: picture.id, title: picture.name, isPainting: true, isTrained: false, own: picture });
