// What is found: equal cards, more of them as one scrolls; skeletons while the model works.

import { button, element, get, picture, written } from "./dom.js";

export const MOST = 60; // of each that are asked for
const STEP = 12; // cards that are added at a time
const SIDE = { photos: 180, recipes: 360 }; // CSS pixels of a card's photo
const watched = { photos: null, recipes: null }; // observers of the last card

export function wait() {
  for (const side of Object.keys(SIDE)) {
    watched[side]?.disconnect();
    get(side).replaceChildren(...Array.from({ length: 8 }, () => element("li", "", { className: "skeleton", ariaHidden: "true" })));
  }
  get("answers").hidden = false;
  get("answers").setAttribute("aria-busy", "true");
}

export function clear() {
  for (const side of Object.keys(SIDE)) {
    watched[side]?.disconnect();
    get(side).replaceChildren();
  }
  get("answers").hidden = true;
  get("answers").removeAttribute("aria-busy");
}

export function show(found, open) {
  get("answers").removeAttribute("aria-busy");
  for (const side of Object.keys(SIDE)) {
    get(side).replaceChildren();
    get(side).scrollLeft = 0;
    if (!found[side].length) get(side).append(element("li", `No ${side} here.`, { className: "none" }));
    more(side, found[side], open);
  }
}

function more(side, left, open) {
  watched[side]?.disconnect();
  if (!left.length) return;
  get(side).append(...left.slice(0, STEP).map((hit) => card(side, hit, open)));
  watched[side] = new IntersectionObserver(([last]) => last.isIntersecting && more(side, left.slice(STEP), open), { rootMargin: "400px" });
  watched[side].observe(get(side).lastElementChild);
}

function card(side, hit, open) {
  const made = button("", () => open(hit), { className: "hit" });
  made.dataset.id = hit.id || "";
  made.dataset.photo = hit.photo || "";
  const shown = hit.photo ? picture(hit.photo, SIDE[side]) : "No photo";
  const text = element("span", "", { className: "text" }, written("strong", hit.title || "A photo without a recipe", { className: "title" }));
  if (side === "recipes") text.append(written("span", hit.terms.join(", "), { className: "terms" }));
  made.append(element("span", "", { className: "picture" }, shown), text);
  return element("li", "", {}, element("div", "", { className: "card" }, made, near(hit.score)));
}

// A bar for people; behind it the number.
function near(score) {
  const share = Math.round(100 * Math.min(1, Math.max(0, score)));
  const filled = element("span");
  filled.style.width = `${share}%`;
  const bar = element("span", "", { className: "bar" }, filled);
  const summary = element("summary", "", {}, element("span", `How near: ${share} of 100`, { className: "unseen" }), bar);
  return element("details", "", { className: "near" }, summary, element("p", `Cosine ${score.toFixed(3)}: 1 is the same.`));
}
