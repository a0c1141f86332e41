/** The elements of `index.html` by their ids. */

export const byId = <T extends HTMLElement>(id: string): T => {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element as T;
};

export const set = (id: string, text: string): void => {
  byId(id).textContent = text;
};
