// Modules made wrong behind their framing: a section or a body is edited and the sizes around it are
// written anew, so that the damage reaches the reader of what was edited and not only of lengths.
import { leb } from "../../scripts/hostile/wasm-bytes.mjs";
import { concat, mutateBytes } from "./mutate-bytes.mjs";

const CODE = 10;

/** Unsigned LEB128 at `at`: its value and where it ends, or undefined. */
function readLeb(bytes, at) {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    value += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) return { value, next: at + i + 1 };
  }
  return undefined;
}

/** Sections of a module, as far as they can be read. */
function sectionsOf(wasm) {
  const sections = [];
  for (let at = 8; at < wasm.length; ) {
    const size = readLeb(wasm, at + 1);
    if (size === undefined || size.next + size.value > wasm.length) break;
    sections.push({ id: wasm[at], content: wasm.subarray(size.next, size.next + size.value) });
    at = size.next + size.value;
  }
  return sections;
}

const join = (sections) =>
  concat(
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...sections.map(({ id, content }) => concat([id], leb(content.length), content)),
  );

/** One body edited, doubled or dropped; its size follows. */
function mutateBodies(random, content) {
  const count = readLeb(content, 0);
  if (count === undefined) return content;
  const bodies = [];
  for (let at = count.next; at < content.length; ) {
    const size = readLeb(content, at);
    if (size === undefined) break;
    bodies.push(content.subarray(size.next, size.next + size.value));
    at = size.next + size.value;
  }
  if (bodies.length === 0) return content;
  const at = random.below(bodies.length);
  bodies[at] = random.oneIn(8) ? random.pick(bodies) : mutateBytes(random, bodies[at]);
  return concat(leb(bodies.length), ...bodies.map((body) => concat(leb(body.length), body)));
}

/** `wasm` with one or two parts edited. */
export function mutateWasm(random, wasm) {
  if (random.oneIn(6)) return mutateBytes(random, wasm);
  const sections = sectionsOf(wasm);
  for (let count = 1 + random.below(2); count > 0 && sections.length > 0; count--) {
    const at = random.below(sections.length);
    const { id, content } = sections[at];
    const kind = random.below(10);
    if (kind === 0) sections.splice(at, 1);
    else if (kind === 1) sections.splice(random.below(sections.length + 1), 0, sections[at]);
    else if (kind === 2) sections[at] = { id: random.below(16), content };
    else if (kind > 5 && sections.some((section) => section.id === CODE)) {
      const code = sections.findIndex((section) => section.id === CODE);
      sections[code] = { id: CODE, content: mutateBodies(random, sections[code].content) };
    } else sections[at] = { id, content: mutateBytes(random, content) };
  }
  return join(sections);
}
