// JSON documents made wrong: values of other types and sizes in any place, keys that mean something to
// JavaScript, keys twice, nesting, and text that is no JSON any more.

const numbers = [
  "0",
  "-1",
  "1.5",
  "-0",
  "1e308",
  "1e999",
  "4294967296",
  "9007199254740993",
  "NaN",
  "0x10",
  "00",
];
const texts = [
  "",
  "0",
  "-1",
  "1e9",
  "NaN",
  "Infinity",
  "18446744073709551616",
  "9".repeat(80),
  "__proto__",
  "constructor",
  "toString",
  "@alice",
  "@nobody",
  "0x",
  "0x0",
  "0xzz",
  `0x${"11".repeat(20)}`,
  `0x${"ff".repeat(32)}`,
  "\u0000",
  "\ud800",
  "../../x.wasm",
  "u8",
  "u256[]",
  "bytes32?",
  "general",
  "😀".repeat(30),
];
const nested = (depth) => "[".repeat(depth) + "]".repeat(depth);
const objects = (depth) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
/** Text that stands for a value and that no JSON.stringify writes. */
const raw = [
  ...numbers,
  nested(60),
  nested(3_000),
  objects(3_000),
  '{"__proto__":{"a":1}}',
  '{"toString":1,"valueOf":1}',
  '{"length":4294967295}',
  '{"a":1,"a":2}',
  "[]",
  "{}",
  "null",
  "true",
];

function value(random) {
  if (random.oneIn(2)) return random.pick(raw);
  return JSON.stringify(random.oneIn(4) ? "x".repeat(random.size(20_000)) : random.pick(texts));
}

/** The document's text, with one random place (a path of keys) written by `write`. */
function writeAt(random, document, write) {
  const places = [];
  const collect = (node, path) => {
    places.push(path);
    if (typeof node !== "object" || node === null) return;
    for (const key of Object.keys(node)) collect(node[key], [...path, key]);
  };
  collect(document, []);
  const chosen = random.pick(places).join("\n");
  const text = (node, path) => {
    const body = path.join("\n") === chosen ? write(node) : undefined;
    if (body !== undefined) return body;
    if (Array.isArray(node)) return `[${node.map((item, i) => text(item, [...path, String(i)]))}]`;
    if (typeof node !== "object" || node === null) return JSON.stringify(node);
    const fields = Object.keys(node).map(
      (key) => `${JSON.stringify(key)}:${text(node[key], [...path, key])}`,
    );
    return `{${fields}}`;
  };
  return text(document, []);
}

const parts = (node) =>
  Object.entries(node).map(([key, item]) => `${JSON.stringify(key)}:${JSON.stringify(item)}`);

/** One place of the document replaced, or its fields added to, doubled, dropped or shuffled. */
function editTree(random, document) {
  const kind = random.below(6);
  return writeAt(random, document, (node) => {
    const isObject = typeof node === "object" && node !== null && !Array.isArray(node);
    if (kind < 3 || (!isObject && !Array.isArray(node))) return value(random);
    if (Array.isArray(node)) {
      const items = node.map((item) => JSON.stringify(item));
      const more = Array.from({ length: random.size(300) }, () =>
        random.pick([...items, value(random)]),
      );
      return `[${kind === 3 ? items.slice(1) : [...items, ...more]}]`;
    }
    const fields = parts(node);
    const key = random.pick([
      "__proto__",
      "constructor",
      "hasOwnProperty",
      "",
      "x",
      ...Object.keys(node),
    ]);
    if (kind === 3) return `{${fields.toSpliced(random.below(fields.length + 1), 1)}}`;
    return `{${[...fields, `${JSON.stringify(key)}:${value(random)}`]}}`;
  });
}

function editText(random, text) {
  const at = random.below(text.length + 1);
  const to = at + random.size(text.length - at);
  const kind = random.below(4);
  if (kind === 0) return text.slice(0, at);
  if (kind === 1) return text.slice(0, at) + text.slice(to);
  if (kind === 2) return text.slice(0, at) + value(random) + text.slice(at);
  return text.slice(0, at) + String.fromCharCode(random.below(0x2100)) + text.slice(at + 1);
}

/** JSON text of `document` after one to three random edits. */
export function mutateJson(random, document) {
  let text = editTree(random, document);
  for (let count = random.below(3); count > 0; count--) {
    if (random.oneIn(3)) text = editText(random, text);
    else text = edited(random, text);
  }
  return text;
}

function edited(random, text) {
  let document;
  try {
    document = JSON.parse(text);
  } catch {
    return text;
  }
  // Deep documents are left as they are: this walk is recursive too.
  return text.length > 50_000 || /\[{70}|(\{"a":){70}/.test(text)
    ? text
    : editTree(random, document);
}
