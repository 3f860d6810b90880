// The form for new jobs.

import * as api from "./api.js";
import { attempt, bytes, duration, h, say } from "./elements.js";
import { editMask } from "./mask-editor.js";

const memory = "impasto-create";
const blank = {
  method: "one-pass", photos: [], styles: ["great-wave"], blend: false, texture: false, settings: {}, protect: null,
};

export async function showCreate(main) {
  const [{ styles }, { settings }, photos, paintings] = await Promise.all([
    api.get("/styles"), api.get("/settings"), api.get("/pictures?kind=photo"), api.get("/pictures?kind=painting"),
  ]);
  const form = { ...blank, ...JSON.parse(localStorage.getItem(memory) ?? "{}") };
  const known = {
    photos: photos.pictures,
    styles: [
      ...paintings.pictures.map((picture) => ({
        name: picture.id, title: picture.name, isPainting: true, isTrained: false, own: true,
      })),
      ...styles,
    ],
  };
  form.photos = form.photos.filter((id) => known.photos.some((picture) => picture.id === id));

  const photoGrid = h("div", { class: "tiles", role: "group", "aria-label": "Photos" });
  const styleGrid = h("div", { class: "tiles", role: "group", "aria-label": "Styles" });
  const fields = h("div", { class: "fields" });
  const more = h("div", { class: "fields" });
  const submit = h("button", { type: "submit", class: "main" });
  const plan = h("p", { class: "hint", role: "status" });
  const tools = h("div", { class: "tools" });

  function save() {
    localStorage.setItem(memory, JSON.stringify(form));
    const count = (form.texture ? 1 : form.photos.length) * (form.blend ? 1 : form.styles.length);
    submit.textContent = count > 1 ? `Paint ${count} pictures` : "Paint";
    submit.disabled = count === 0;
    plan.textContent = "";
  }

  function tile(picture, chosen, onchange, extra = []) {
    const box = h("input", { type: "checkbox", checked: chosen, onchange: () => onchange(box.checked) });
    return h("label", { class: "tile" }, box, h("img", { src: picture.src, alt: "", loading: "lazy" }),
      h("span", {}, picture.title), ...extra);
  }

  const toggled = (list, value, isIn) => (isIn ? [...list.filter((item) => item !== value), value]
    : list.filter((item) => item !== value));

  function drawPhotos() {
    photoGrid.replaceChildren(...known.photos.map((photo) =>
      tile({ src: api.address(`/pictures/${photo.id}/thumbnail`), title: photo.name }, form.photos.includes(photo.id),
        (isIn) => { form.photos = toggled(form.photos, photo.id, isIn); drawTools(); save(); })));
  }

  function drawStyles() {
    const fitting = known.styles.filter((style) => form.method === "one-pass" || style.isPainting);
    form.styles = form.styles.filter((name) => fitting.some((style) => style.name === name));
    styleGrid.replaceChildren(...fitting.map((style) =>
      tile({
        src: style.own ? api.address(`/pictures/${style.name}/thumbnail`) : api.address(`/styles/${style.name}/thumbnail`),
        title: style.painter ? `${style.title}, ${style.painter}` : style.title,
      }, form.styles.includes(style.name),
      (isIn) => { form.styles = toggled(form.styles, style.name, isIn); save(); })));
  }

  function field(setting) {
    const id = `setting-${setting.key}`;
    const value = form.settings[setting.key] ?? "";
    const onchange = (event) => {
      const text = event.target.value.trim();
      if (text === "") delete form.settings[setting.key];
      else form.settings[setting.key] = setting.kind === "number" || setting.kind === "integer" ? Number(text) : text;
      save();
    };
    const control = setting.kind === "choice"
      ? h("select", { id, "aria-describedby": `${id}-help`, onchange },
        h("option", { value: "" }, setting.standard ? `${setting.standard} (default)` : "default"),
        ...setting.choices.map((choice) => h("option", { value: choice, selected: choice === value }, choice)))
      : h("input", {
        id, "aria-describedby": `${id}-help`, oninput: onchange, value, placeholder: setting.standard || "automatic",
        type: setting.kind === "text" ? "text" : "number", step: setting.kind === "number" ? "any" : 1, min: 0,
      });
    return h("div", { class: "field" }, h("label", { for: id }, setting.label), control,
      h("p", { class: "hint", id: `${id}-help` }, setting.help));
  }

  function drawSettings() {
    const own = settings.filter((setting) => setting.methods.includes(form.method));
    const used = new Set(own.map((setting) => setting.key));
    for (const key of Object.keys(form.settings)) if (!used.has(key)) delete form.settings[key];
    fields.replaceChildren(...own.filter((setting) => setting.isCommon).map(field));
    more.replaceChildren(...own.filter((setting) => !setting.isCommon).map(field));
    details.hidden = more.children.length === 0;
  }

  function drawTools() {
    tools.replaceChildren();
    if (form.method !== "optimization") return;
    if (form.photos.length === 1 && !form.texture) {
      tools.append(h("button", { type: "button", onclick: protect },
        form.protect ? "Change the protected part" : "Protect a part of the photo"));
      if (form.protect) {
        tools.append(h("button", { type: "button", onclick: () => { form.protect = null; drawTools(); save(); } },
          "Protect nothing"));
      }
    }
    tools.append(h("button", { type: "button", onclick: showPlan }, "Memory and time"));
  }

  async function protect() {
    const photo = known.photos.find((picture) => picture.id === form.photos[0]);
    const blob = await editMask(photo, form.protect);
    if (!blob) return;
    const mask = await attempt(() => api.upload(blob, "mask", `mask of ${photo.name}`));
    if (mask) { form.protect = mask.id; drawTools(); save(); }
  }

  async function showPlan() {
    plan.textContent = "Measuring …";
    plan.textContent = await attempt(async () => {
      const { width, height, bytes: count, tiles, seconds } = await api.post("/plan", requests()[0]);
      const parts = tiles > 1 ? ` in ${tiles} tiles` : "";
      return `${width}×${height} pixels${parts}: ${bytes(count)} of memory, at most ${duration(seconds)}.`;
    }) ?? "";
  }

  function requests() {
    const photos = form.texture && form.method === "optimization" ? [undefined] : form.photos;
    const styles = form.blend ? [form.styles] : form.styles.map((style) => [style]);
    return photos.flatMap((photo) => styles.map((style) => ({
      method: form.method, photo, styles: style, settings: form.settings,
      protect: form.method === "optimization" && form.photos.length === 1 ? form.protect ?? undefined : undefined,
    })));
  }

  async function add(files, kind) {
    for (const file of files) {
      await attempt(async () => {
        const recipe = kind === "photo" ? await api.recipeIn(file) : null;
        if (recipe && await ask(recipe, file) !== "photo") return;
        const picture = await api.upload(file, kind);
        if (kind === "photo") {
          known.photos.unshift(picture);
          form.photos = toggled(form.photos, picture.id, true);
        } else {
          known.styles.unshift({ name: picture.id, title: picture.name, isPainting: true, isTrained: false, own: true });
          form.styles = toggled(form.styles, picture.id, true);
        }
      });
    }
    drawPhotos();
    drawStyles();
    drawTools();
    save();
  }

  /** Asks what to do with the recipe of a result. */
  function ask(found, file) {
    return new Promise((resolve) => {
      const style = found.recipe.match(/^style = \[?"([^"]+)"/m)?.[1];
      const end = (answer) => { dialog.close(); dialog.remove(); resolve(answer); };
      const take = (settings) => {
        form.method = /^method = "one-pass"/m.test(found.recipe) ? "one-pass" : "optimization";
        if (settings) form.settings = { ...found.settings };
        if (known.styles.some((known) => known.name === style)) form.styles = [style];
        draw();
        end("recipe");
      };
      const dialog = h("dialog", { "aria-labelledby": "recipe-title" },
        h("h2", { id: "recipe-title" }, `${file.name} carries its recipe`),
        h("p", {}, "Take its settings for the next picture?"),
        h("pre", {}, found.recipe.split("\n\n")[0]),
        h("div", { class: "buttons" },
          h("button", { type: "button", class: "main", onclick: () => take(true) }, "Apply the recipe"),
          h("button", { type: "button", onclick: () => take(false) }, "Only the style"),
          h("button", { type: "button", onclick: () => end("photo") }, "Use it as a photo"),
          h("button", { type: "button", onclick: () => end("cancel") }, "Cancel")));
      dialog.addEventListener("cancel", () => end("cancel"));
      document.body.append(dialog);
      dialog.showModal();
    });
  }

  function drop(kind, text) {
    const input = h("input", {
      type: "file", accept: "image/*", multiple: true, class: "hidden",
      onchange: async () => { await add([...input.files], kind); input.value = ""; },
    });
    const zone = h("label", { class: "drop" }, input, text);
    zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
    zone.addEventListener("dragleave", () => zone.classList.remove("over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("over");
      add([...event.dataTransfer.files], kind);
    });
    return zone;
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

  async function paint(event) {
    event.preventDefault();
    let count = 0;
    for (const request of requests()) {
      const job = await attempt(() => api.post("/jobs", request));
      if (!job) break;
      count += 1;
      if (requests().length === 1) location.hash = `#/job/${job.id}`;
    }
    if (count > 1) location.hash = "#/queue";
  }

  const details = h("details", {}, h("summary", {}, "More settings"), more);
  const options = h("div", { class: "boxes" });
  const methods = h("div", { class: "choices" });

  function draw() {
    methods.replaceChildren(
      choice("one-pass", "At once", "A network that was trained for styles paints in seconds."),
      choice("optimization", "Optimized", "The best pictures, in the style of any painting, in minutes."));
    options.replaceChildren(
      box("blend", "Blend the chosen styles in one picture"),
      ...(form.method === "optimization" ? [box("texture", "A texture of the painting, without a photo")] : []));
    if (form.method === "one-pass") form.texture = false;
    drawPhotos();
    drawStyles();
    drawSettings();
    drawTools();
    save();
  }

  main.append(h("h1", { class: "hidden" }, "Create"),
    h("form", { class: "create", onsubmit: paint },
      h("section", {}, h("h2", {}, "Photos"), drop("photo", "Drop photos here, or choose them"), photoGrid),
      h("section", {}, h("h2", {}, "Method"), methods),
      h("section", {}, h("h2", {}, "Styles"), drop("painting", "Drop a painting of your own, or choose it"), styleGrid, options),
      h("section", {}, h("h2", {}, "Settings"), fields, details, tools, plan),
      h("div", { class: "submit" }, submit)));
  draw();
}
