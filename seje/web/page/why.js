// Why a recipe was found, in key terms: the ingredients, actions and tools that tell recipes apart.

import { element } from "./dom.js";

const FEW = 6;
const OFTEN = 3; // of the first ten recipes found

// The terms that a recipe shares with the question; with a photo alone, those that are common among the found.
export function shared(recipe, found) {
  if (!found || !recipe.terms.length) return null;
  if (found.terms.length) {
    const terms = recipe.terms.filter((term) => found.terms.includes(term)).slice(0, FEW);
    const text = terms.length
      ? "Key terms that it shares with the question: the ingredients, actions and tools that say most of a recipe."
      : "It shares no key term with the question: the model takes the two for alike as a whole.";
    return { terms, text };
  }
  const first = found.recipes.slice(0, 10).filter((hit) => hit.id !== recipe.id);
  const terms = recipe.terms.filter((term) => first.filter((hit) => hit.terms.includes(term)).length >= OFTEN).slice(0, FEW);
  if (!terms.length) return null;
  return { terms, text: "The question has no key terms of its own: these come up in several of the recipes that were found." };
}

// A text with its key terms in <mark>: longest first, and as a plural too.
export function marked(tag, text, terms) {
  const made = element(tag, "", { dir: "auto" });
  const names = [...terms].sort((a, b) => b.length - a.length).map((term) => term.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (!names.length) return element(tag, text, { dir: "auto" });
  const pattern = new RegExp(`(?<![\\p{L}])(?:${names.join("|")})(?:e?s|d|ed)?(?![\\p{L}])`, "giu");
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    made.append(text.slice(end, match.index), element("mark", match[0]));
    end = match.index + match[0].length;
  }
  made.append(text.slice(end));
  return made;
}
