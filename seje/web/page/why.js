// Why a recipe was found, in key terms: the ingredients, actions and tools that tell recipes apart.

import { element } from "./dom.js";

const FEW = 6;

const SHARED = "Key terms that it shares with the question: the ingredients, actions and tools that say most of a recipe.";
const ALIKE = "It shares no key term with the question: the model takes the two for alike as a whole.";
const SEEN = "A photo has no words: the model takes the two for alike by what it learnt. These are the recipe's own key terms.";

// The terms that a recipe shares with the question; of one without terms of its own, as a photo is, the recipe's.
export function shared(recipe, found) {
  if (!found || !recipe.terms.length) return null;
  if (!found.terms.length) return { terms: recipe.terms.slice(0, FEW), text: SEEN };
  const terms = recipe.terms.filter((term) => found.terms.includes(term)).slice(0, FEW);
  return { terms, text: terms.length ? SHARED : ALIKE };
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
