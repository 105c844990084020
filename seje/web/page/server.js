// What the page asks of the server. Every failure becomes a Failed with a line for people.

export class Failed extends Error {
  constructor(line, again) {
    super(line);
    this.again = again; // whether asking once more may help
  }
}

export async function json(path, options = {}) {
  let answer, said;
  try {
    answer = await fetch(path, options);
    said = await answer.json();
  } catch {
    throw new Failed("The server cannot be reached.", true);
  }
  if (answer.status === 401) throw new Failed("This server asks for its token again: load the page anew.", false);
  if (!answer.ok) throw new Failed(said.detail || `The server answers ${answer.status}.`, answer.status >= 500);
  return said;
}

export const recipe = (id) => json(`/recipes/${encodeURIComponent(id)}`);

// `address` holds all of the question but an uploaded photo.
export function search(address, photo) {
  const sent = photo ? { method: "POST", body: photo, headers: { "content-type": photo.type || "image/jpeg" } } : {};
  return json(`/search?${address}`, sent);
}
