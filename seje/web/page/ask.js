// The form: from what a visitor types, drops, pastes or photographs to a question, and back.

import { button, element, get, photoAt, say } from "./dom.js";
import { keep, kept } from "./uploads.js";
import { none, without } from "./question.js";
import { recipe } from "./server.js";

let current = none(); // as the form shows it
let held = ""; // the address of the chosen photo's bytes
let go = () => {}; // asks a question
const titles = new Map(); // of recipes, by id

export const titled = (id, title) => titles.set(id, title);

export function start(asked) {
  go = asked;
  get("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    go(typed());
  });
  get("category").addEventListener("change", () => document.body.classList.contains("asked") && go(typed()));
  get("add").addEventListener("click", () => collect());
  get("ingredient").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !get("ingredient").value.trim()) return; // an empty one: Enter searches
    event.preventDefault();
    collect();
  });
  get("unfold").addEventListener("click", () => fold(get("ask").classList.contains("open")));
  for (const id of ["photo", "camera"]) {
    get(id).addEventListener("change", () => {
      const [file] = get(id).files;
      if (file) take(file);
      get(id).value = ""; // the same photo may be chosen once more
    });
  }
  dropping();
  document.addEventListener("paste", (event) => {
    const file = [...event.clipboardData.files].find((one) => one.type.startsWith("image/"));
    if (file) take(file);
  });
}

function dropping() {
  for (const [name, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      get("drop").classList.toggle("over", over);
      if (name === "drop" && event.dataTransfer.files.length) take(event.dataTransfer.files[0]);
    });
  }
}

export function fold(folded) {
  get("ask").classList.toggle("open", !folded);
  get("unfold").setAttribute("aria-expanded", String(!folded));
  get("unfold").textContent = folded ? "Change the question" : "Fold the question";
}

function typed() {
  const last = get("ingredient").value.trim();
  get("ingredient").value = "";
  const ingredients = [...new Set([...current.ingredients, ...(last ? [last] : [])])];
  return { ...current, words: get("words").value.trim(), ingredients, category: get("category").value };
}

function collect() {
  show(typed());
  get("ingredient").focus();
}

async function take(file) {
  if (file.size > 20 * 2 ** 20) return say("This photo is larger than 20 MB.", true);
  go({ ...typed(), photo: "", upload: await keep(file) });
}

// Show a question: fields, photo and chips.
export function show(question) {
  current = question;
  get("words").value = question.words;
  get("category").value = question.category;
  chips(question);
}

async function preview(question) {
  const photo = question.upload && (await kept(question.upload));
  if (current !== question) return;
  URL.revokeObjectURL(held);
  held = photo ? URL.createObjectURL(photo) : "";
  shown(held || (question.photo && photoAt(question.photo, 320)));
}

// Show the photo that is asked with, in the form and in its chip; without one, or one that the browser cannot
// read (the server may), what stands in its place.
function shown(source) {
  for (const image of [get("asked"), ...get("chips").querySelectorAll("img")]) {
    image.hidden = !source;
    image.onerror = () => shown("");
    if (source) image.src = source;
    else image.removeAttribute("src");
  }
  get("drop").classList.toggle("filled", Boolean(source));
  get("drop").querySelector("strong").textContent = source ? "Choose another photo" : "Choose a photo of a dish";
}

function chips(question) {
  const made = [];
  const chip = (part, value, text, ...before) => {
    const remove = button("\u00d7", () => drop(part, value), { ariaLabel: `Remove ${text}` });
    made.push(element("li", "", { className: "chip" }, ...before, element("bdi", text), remove));
  };
  const image = () => element("img", "", { alt: "", hidden: true });
  if (question.upload) chip("upload", "", "Your photo", image());
  if (question.photo) chip("photo", "", "A photo found here", image());
  if (question.recipe) chip("recipe", "", `Like: ${titles.get(question.recipe) || question.recipe}`);
  if (question.words) chip("words", "", question.words);
  for (const one of question.ingredients) chip("ingredients", one, one);
  for (const one of question.plus) chip("plus", one, `+ ${one}`);
  for (const one of question.minus) chip("minus", one, `\u2212 ${one}`);
  if (question.category) chip("category", "", `Only ${question.category}`);
  get("chips").replaceChildren(...made);
  preview(question);
  if (question.recipe && !titles.has(question.recipe)) name(question);
}

async function name(question) {
  titles.set(question.recipe, question.recipe);
  try {
    titles.set(question.recipe, (await recipe(question.recipe)).title);
    if (current === question) chips(question);
  } catch { /* its id names it too; the search tells what is wrong */ }
}

function drop(part, value) {
  const left = without({ ...typed(), [part]: current[part] }, part, value);
  if (document.body.classList.contains("asked")) go(left);
  else show(left);
  (get("chips").querySelector("button") || get("words")).focus();
}
