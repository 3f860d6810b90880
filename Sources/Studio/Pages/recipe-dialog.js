// What to do with the recipe that a dropped result carries.

import { h } from "./elements.js";

/** Asks, and returns `all`, `style`, `photo` or `cancel`. */
export function askAboutRecipe(name, recipe) {
  return new Promise((resolve) => {
    const end = (answer) => { dialog.close(); dialog.remove(); resolve(answer); };
    const button = (text, answer, isMain = false) =>
      h("button", { type: "button", class: isMain ? "main" : null, onclick: () => end(answer) }, text);
    const dialog = h("dialog", { "aria-labelledby": "recipe-title" },
      h("h2", { id: "recipe-title" }, `${name} carries its recipe`),
      h("p", {}, "Take its settings for the next picture?"),
      h("pre", { tabindex: 0 }, recipe.split("\n\n")[0]),
      h("div", { class: "buttons" },
        button("Apply the recipe", "all", true), button("Only the style", "style"),
        button("Use it as a photo", "photo"), button("Cancel", "cancel")));
    dialog.addEventListener("cancel", () => end("cancel"));
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** The first style, and whether the recipe is that of one pass. */
export const readRecipe = (recipe) => ({
  style: recipe.match(/^style = \[?"([^"]+)"/m)?.[1],
  isOnePass: /^method = "one-pass"/m.test(recipe),
});
