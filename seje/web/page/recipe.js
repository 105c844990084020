// One recipe, opened from any card: what it is, why it was found, where to go from it.

import { button, element, get, picture, say, written } from "./dom.js";
import { none } from "./question.js";
import { recipe } from "./server.js";
import { titled } from "./ask.js";
import { marked, shared } from "./why.js";

const box = () => get("recipe");

export const close = () => box().open && box().close();

// `found` is the answer that led here, or null; `go` asks a question.
export async function open(id, photo, found, go) {
  try {
    const shown = id ? await recipe(id) : { title: "A photo without a recipe", ingredients: [], instructions: [], terms: [], photos: [] };
    titled(id, shown.title);
    fill(shown, photo, found, (question) => {
      go({ ...none(), ...question });
      close();
      scrollTo({ top: 0 });
    });
  } catch (failed) {
    say(failed.message, true);
    return false;
  }
  if (!box().open) box().showModal();
  box().scrollTop = 0;
  box().querySelector(".actions button").focus({ preventScroll: true });
  return true;
}

function fill(shown, photo, found, ask) {
  const photos = [...new Set([...(photo ? [photo] : []), ...shown.photos])];
  const why = shared(shown, found);
  const title = written("h2", shown.title, { id: "recipe-title" });
  const top = element("div", "", { className: "dialog-top" }, title, button("Close", close));
  const beside = element("div", "", {}, actions(shown, photos, ask), ...(why ? [reasons(why)] : []));
  const lead = photos.length ? element("div", "", { className: "lead" }, gallery(photos, shown.title), beside) : beside;
  const inside = element("div", "", { className: "inside" }, top, lead);
  if (shown.ingredients.length || shown.instructions.length) inside.append(text(shown, why?.terms.length ? why.terms : shown.terms.slice(0, 6)));
  if (shown.id) inside.append(toy(shown.id, ask));
  box().replaceChildren(inside);
}

function gallery(photos, title) {
  const shown = photos.slice(0, 12).map((name, place) => picture(name, 320, `Photo ${place + 1} of ${title}`));
  return element("div", "", { className: shown.length > 1 ? "gallery many" : "gallery", tabIndex: 0, role: "group", ariaLabel: "Photos" }, ...shown);
}

function actions(shown, photos, ask) {
  const made = element("div", "", { className: "actions" });
  if (shown.id) made.append(button("More like this", () => ask({ recipe: shown.id }), { className: "primary" }));
  if (photos.length) made.append(button("More like this photo", () => ask({ photo: photos[0] })));
  if (/^https?:\/\//i.test(shown.url || "")) {
    made.append(element("a", "Where it is from", { className: "button source", href: shown.url, rel: "noopener noreferrer", target: "_blank" }));
  }
  return made;
}

function reasons(why) {
  const list = why.terms.length ? [element("ul", "", {}, ...why.terms.map((term) => written("li", term)))] : [];
  return element("section", "", { className: "why" }, element("h3", "Why it was found"), ...list, element("p", why.text));
}

function text(shown, terms) {
  const part = (name, tag, lines) =>
    element("section", "", {}, element("h3", name), element(tag, "", { className: "lines" }, ...lines.map((line) => marked("li", line, terms))));
  return element("div", "", { className: "columns" }, part("Ingredients", "ul", shown.ingredients), part("Method", "ol", shown.instructions));
}

// Arithmetic on dishes: this one, less a dish, and another.
function toy(id, ask) {
  const made = element("form", "", { className: "toy" });
  const field = (sign, name, hint) => {
    const input = element("input", "", { id: `toy-${name}`, placeholder: hint, maxLength: 200, autocomplete: "off" });
    made.append(element("label", sign, { htmlFor: input.id, ariaLabel: name === "minus" ? "Less" : "And" }), input);
    return input;
  };
  made.append(element("h3", "What if: this dish \u2026"));
  const minus = field("\u2212", "minus", "pizza");
  const plus = field("+", "plus", "salad");
  made.append(element("button", "Find", { type: "submit" }));
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    const said = (input) => (input.value.trim() ? [input.value.trim()] : []);
    ask({ recipe: id, minus: said(minus), plus: said(plus) });
  });
  return made;
}
