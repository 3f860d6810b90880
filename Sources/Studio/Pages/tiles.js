// Grids of pictures to choose from, and the places to drop more.

import { h } from "./elements.js";

/** A picture with a box. `onremove` is for pictures that can be removed. */
export function tile({ src, title, isFilm, isChosen, onchange, onremove }) {
  const box = h("input", { type: "checkbox", checked: isChosen, onchange: () => onchange(box.checked) });
  return h("div", { class: "cell" },
    h("label", { class: "tile" }, box, h("img", { src, alt: "", loading: "lazy" }),
      isFilm && h("span", { class: "badge" }, "film"), h("span", {}, title)),
    onremove && h("button", { type: "button", class: "remove", "aria-label": `Remove ${title}`, onclick: onremove }, "×"));
}

/** A place for files, which also opens the system's dialog (on a phone with its camera). */
export function dropZone(text, accept, onfiles) {
  const input = h("input", {
    type: "file", accept, multiple: true, class: "hidden",
    onchange: async () => { await onfiles([...input.files]); input.value = ""; },
  });
  const zone = h("label", { class: "drop" }, input, text);
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    onfiles([...event.dataTransfer.files]);
  });
  return zone;
}

/** The list with or without a value. */
export const toggled = (list, value, isIn) => {
  const others = list.filter((item) => item !== value);
  return isIn ? [...others, value] : others;
};

/** Whether a file is a film, by what the browser knows of it. */
export const isFilmFile = (file) =>
  file.type.startsWith("video/") || file.type === "image/gif" || /\.(mp4|m4v|mov|mkv|webm|avi|mpe?g|ts|gif)$/i.test(file.name);
