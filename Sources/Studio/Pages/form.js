// The form for new jobs: what was chosen, and the jobs that it stands for.

const memory = "impasto-create";
const blank = {
  method: "one-pass", photos: [], styles: ["great-wave"], blend: false, texture: false, settings: {}, protect: null,
  regions: {}, film: {}, vary: [],
};

/** The form as it was left. */
export function recall() {
  try {
    return { ...structuredClone(blank), ...JSON.parse(localStorage.getItem(memory) ?? "{}") };
  } catch {
    return structuredClone(blank);
  }
}

export const remember = (form) => localStorage.setItem(memory, JSON.stringify(form));

/** Whether parts of the photo take styles of their own. */
export const hasRegions = (form) =>
  form.method === "optimization" && form.blend && form.photos.length === 1 && !form.texture
    && form.styles.length > 1 && form.styles.every((style) => form.regions[style]);

/** The settings of each job: the product of the values of those that vary. */
function variations(form) {
  return form.vary.filter(({ values }) => values.length > 0).reduce(
    (all, { key, values }) => all.flatMap((settings) => values.map((value) => ({ ...settings, [key]: value }))),
    [form.settings]);
}

/** The jobs that the form stands for. `isFilm` tells whether an uploaded picture is a film. */
export function requests(form, isFilm) {
  const photos = form.texture && form.method === "optimization" ? [undefined] : form.photos;
  const styles = form.blend ? [form.styles] : form.styles.map((style) => [style]);
  const isAlone = form.method === "optimization" && photos.length === 1 && photos[0] && !isFilm(photos[0]);
  return photos.flatMap((photo) => styles.flatMap((styles) => variations(form).map((settings) => ({
    method: form.method, photo, styles, settings,
    protect: isAlone ? form.protect ?? undefined : undefined,
    masks: isAlone && hasRegions(form) ? styles.map((style) => form.regions[style]) : undefined,
    film: photo && isFilm(photo) ? form.film : undefined,
  }))));
}

/** A name for jobs that belong together. */
export const newSeries = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
