// Wasm binaries written byte by byte: LEB128, sections, bodies. What the cases of hostile modules and
// the fuzzer's seeds are made of. It writes whatever it is asked to, valid or not, and knows no rules.

export const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
export const I32 = 0x7f;
export const I64 = 0x7e;
export const F64 = 0x7c;

/** Unsigned LEB128, padded to at least `bytes` bytes. */
export function leb(value, bytes = 1) {
  const out = [];
  let rest = value;
  for (;;) {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    const last = rest === 0 && out.length + 1 >= bytes;
    out.push(last ? low : low | 0x80);
    if (last) return out;
  }
}

/** Signed LEB128 of a 32-bit value. */
export function signed(value) {
  const out = [];
  for (let rest = value | 0; ; ) {
    const low = rest & 0x7f;
    rest >>= 7;
    const last = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    out.push(last ? low : low | 0x80);
    if (last) return out;
  }
}

export const text = (name) => [...new TextEncoder().encode(name)];
export const name = (value) => [...leb(text(value).length), ...text(value)];
export const vector = (items) => [...leb(items.length), ...items.flat()];
export const section = (id, content) => [id, ...leb(content.length), ...content];
export const custom = (title, content) => section(0, [...name(title), ...content]);
export const functionType = (params, results) => [
  0x60,
  ...leb(params.length),
  ...params,
  ...leb(results.length),
  ...results,
];

/** An entry of the code section: locals as [count, type] groups, instructions without the last end. */
export function body(instructions, locals = []) {
  const groups = locals.map(([count, type]) => [...leb(count), type]);
  const content = concat(vector(groups), instructions, [0x0b]);
  return concat(leb(content.length), content);
}

/** Joins lists that are too long for a spread. */
export function concat(...parts) {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export const moduleOf = (...sections) => concat(HEADER, ...sections);

/** `count` times the same bytes. */
export function repeat(count, bytes) {
  const out = new Uint8Array(count * bytes.length);
  for (let i = 0; i < count; i++) out.set(bytes, i * bytes.length);
  return out;
}

const listSection = (id, items) => {
  const content = concat(leb(items.length), ...items);
  return concat([id], leb(content.length), content);
};

/** Section ids in the order in which a module has them. */
const order = [
  ["types", 1],
  ["imports", 2],
  ["functions", 3],
  ["tables", 4],
  ["memories", 5],
  ["globals", 6],
  ["exports", 7],
  ["elements", 9],
  ["bodies", 10],
  ["data", 11],
];

/** A module of lists of entries by section; absent lists have no section; `after` goes behind all. */
export function moduleWith(parts) {
  const sections = order.flatMap(([key, id]) =>
    parts[key] === undefined ? [] : [listSection(id, parts[key])],
  );
  return concat(HEADER, ...(parts.before ?? []), ...sections, ...(parts.after ?? []));
}

export const MAIN = [...name("main"), 0x00, 0x00];

/** A module with one function [] -> [] exported as main. */
export const mainModule = (instructions, more = {}, locals = []) =>
  moduleWith({
    types: [functionType([], [])],
    functions: [[0]],
    exports: [MAIN],
    bodies: [body(instructions, locals)],
    ...more,
  });
