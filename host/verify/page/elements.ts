// Elements of the page. Everything that comes out of a file is set as text, never as markup.

type Child = Node | string | undefined;

/** A new element with a class and children. */
export function element(
  name: string,
  className: string,
  ...children: readonly Child[]
): HTMLElement {
  const made = document.createElement(name);
  if (className !== "") made.className = className;
  for (const child of children) if (child !== undefined) made.append(child);
  return made;
}

/** The element of page.html with this id. */
export function part<Made extends HTMLElement = HTMLElement>(id: string): Made {
  return document.getElementById(id) as Made;
}

/** Names and values; rows without a value are left out. */
export function facts(rows: readonly (readonly [name: string, value: Child])[]): HTMLElement {
  const list = element("dl", "");
  for (const [name, value] of rows) {
    if (value === undefined) continue;
    list.append(element("dt", "", name), element("dd", "", value));
  }
  return list;
}

export const hash = (text: string): HTMLElement => element("span", "hash", text);

/** A hash short enough for a table; the whole of it is the tooltip. */
export function shortHash(text: string): HTMLElement {
  const short = text.length > 20 ? `${text.slice(0, 8)}…${text.slice(-6)}` : text;
  const made = hash(short);
  made.title = text;
  return made;
}

/** A number with thin spaces between thousands. */
export const grouped = (value: bigint | number): string =>
  String(value).replace(/\B(?=(\d{3})+$)/g, "\u2009");
