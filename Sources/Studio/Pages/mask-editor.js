// Painting a mask on a photo.

import * as api from "./api.js";
import { h } from "./elements.js";

/** The longer side of a mask; it is enlarged to the photo's size. */
const mostSide = 1600;

/** The size of a photo's masks. */
function maskSize(photo) {
  const scale = Math.min(1, mostSide / Math.max(photo.width, photo.height));
  return [Math.max(1, Math.round(photo.width * scale)), Math.max(1, Math.round(photo.height * scale))];
}

/** A mask of what no other mask has, as a PNG file. */
export async function complement(photo, masks) {
  const [width, height] = maskSize(photo);
  const canvas = h("canvas", { width, height });
  const paper = canvas.getContext("2d");
  paper.fillStyle = "black";
  paper.fillRect(0, 0, width, height);
  paper.globalCompositeOperation = "lighten";
  for (const id of masks) paper.drawImage(await load(api.address(`/pictures/${id}/image`)), 0, 0, width, height);
  invert(paper, width, height);
  return png(canvas);
}

function invert(paper, width, height) {
  paper.globalCompositeOperation = "difference";
  paper.fillStyle = "white";
  paper.fillRect(0, 0, width, height);
  paper.globalCompositeOperation = "source-over";
}

/**
 * Opens the editor, and returns a PNG file, white where the mask is; null after a cancellation.
 * `title` says what the mask is for.
 */
export async function editMask(photo, maskID, title) {
  const picture = await load(api.address(`/pictures/${photo.id}/image`));
  const [width, height] = maskSize(photo);
  const mask = h("canvas", { width, height });
  const paper = mask.getContext("2d", { willReadFrequently: true });
  const view = h("canvas", { width, height, tabindex: 0, role: "img", "aria-label": `The mask on ${photo.name}` });
  const screen = view.getContext("2d");
  const history = [];
  let isErasing = false;
  let zoom = 1;
  let last = null;

  paper.fillStyle = "black";
  paper.fillRect(0, 0, width, height);
  if (maskID) paper.drawImage(await load(api.address(`/pictures/${maskID}/image`)), 0, 0, width, height);

  function draw() {
    screen.drawImage(picture, 0, 0, width, height);
    const layer = paper.getImageData(0, 0, width, height);
    for (let i = 0; i < layer.data.length; i += 4) {
      const value = layer.data[i];
      [layer.data[i], layer.data[i + 1], layer.data[i + 2], layer.data[i + 3]] = [231, 111, 81, value * 0.6];
    }
    const cover = new OffscreenCanvas(width, height);
    cover.getContext("2d").putImageData(layer, 0, 0);
    screen.drawImage(cover, 0, 0);
  }

  const remember = () => {
    history.push(paper.getImageData(0, 0, width, height));
    if (history.length > 20) history.shift();
    undo.disabled = false;
  };

  function place(event) {
    const box = view.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * width, ((event.clientY - box.top) / box.height) * height];
  }

  function stroke(to) {
    paper.strokeStyle = isErasing ? "black" : "white";
    paper.lineWidth = (Number(size.value) / 100) * Math.max(width, height);
    paper.lineCap = "round";
    paper.lineJoin = "round";
    paper.beginPath();
    paper.moveTo(...(last ?? to));
    paper.lineTo(...to);
    paper.stroke();
    last = to;
    draw();
  }

  view.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    view.setPointerCapture(event.pointerId);
    remember();
    stroke(place(event));
  });
  view.addEventListener("pointermove", (event) => { if (last) stroke(place(event)); });
  view.addEventListener("pointerup", () => { last = null; });
  view.addEventListener("pointercancel", () => { last = null; });

  const size = h("input", { type: "range", id: "brush", min: 1, max: 40, value: 8 });
  const undo = h("button", { type: "button", disabled: true, onclick: () => {
    const before = history.pop();
    if (before) paper.putImageData(before, 0, 0);
    undo.disabled = history.length === 0;
    draw();
  } }, "Undo");
  const erase = h("button", { type: "button", "aria-pressed": "false", onclick: () => {
    isErasing = !isErasing;
    erase.setAttribute("aria-pressed", String(isErasing));
  } }, "Erase");
  const inversion = h("button", { type: "button", onclick: () => {
    remember();
    invert(paper, width, height);
    draw();
  } }, "Invert");
  const enlarge = (factor) => () => {
    zoom = Math.min(8, Math.max(1, zoom * factor));
    view.style.width = `${zoom * 100}%`;
  };
  const file = h("input", { type: "file", accept: "image/*", class: "hidden", onchange: async () => {
    if (!file.files[0]) return;
    const address = URL.createObjectURL(file.files[0]);
    remember();
    paper.drawImage(await load(address), 0, 0, width, height);
    URL.revokeObjectURL(address);
    draw();
  } });

  return new Promise((resolve) => {
    const end = (blob) => { dialog.close(); dialog.remove(); resolve(blob); };
    const dialog = h("dialog", { class: "editor", "aria-labelledby": "mask-title" },
      h("h2", { id: "mask-title" }, title),
      h("div", { class: "tools" },
        h("label", { for: "brush" }, "Brush"), size, erase, undo, inversion,
        h("button", { type: "button", onclick: enlarge(1.5), "aria-label": "Zoom in" }, "+"),
        h("button", { type: "button", onclick: enlarge(1 / 1.5), "aria-label": "Zoom out" }, "−"),
        h("label", { class: "button" }, file, "Import"),
        h("button", { type: "button", onclick: async () => {
          const address = URL.createObjectURL(await png(mask));
          h("a", { href: address, download: "mask.png" }).click();
          setTimeout(() => URL.revokeObjectURL(address), 1000);
        } }, "Export")),
      h("div", { class: "canvas" }, view),
      h("div", { class: "buttons" },
        h("button", { type: "button", class: "main", onclick: async () => end(await png(mask)) }, "Use the mask"),
        h("button", { type: "button", onclick: () => end(null) }, "Cancel")));
    dialog.addEventListener("cancel", () => end(null));
    document.body.append(dialog);
    dialog.showModal();
    draw();
  });
}

const png = (canvas) => new Promise((resolve) => canvas.toBlob(resolve, "image/png"));

function load(address) {
  return new Promise((resolve, reject) => {
    const picture = new Image();
    picture.onload = () => resolve(picture);
    picture.onerror = () => reject(new Error("The picture cannot be shown."));
    picture.src = address;
  });
}
