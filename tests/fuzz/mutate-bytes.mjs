// Byte strings made wrong in the ways that break readers: bits, lengths, counts, order, ends.

const numbers = [
  0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x10000, 0x100000, 0x7fffffff, 0x80000000, 0xffffffff,
];

export function concat(...parts) {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function range(random, bytes) {
  const from = random.below(bytes.length + 1);
  return [from, from + random.size(bytes.length - from)];
}

const without = (bytes, from, to) => concat(bytes.subarray(0, from), bytes.subarray(to));
const inserted = (bytes, at, more) => concat(bytes.subarray(0, at), more, bytes.subarray(at));

function overwritten(bytes, at, more) {
  const copy = bytes.slice();
  copy.set(more.subarray(0, Math.max(0, copy.length - at)), at);
  return copy;
}

function u32(value, littleEndian) {
  const out = new DataView(new ArrayBuffer(4));
  out.setUint32(0, value, littleEndian);
  return new Uint8Array(out.buffer);
}

const edits = [
  (random, bytes) => {
    const at = random.below(bytes.length);
    return overwritten(bytes, at, Uint8Array.of(bytes[at] ^ (1 << random.below(8))));
  },
  (random, bytes) => overwritten(bytes, random.below(bytes.length), random.bytes(1)),
  (random, bytes) =>
    overwritten(bytes, random.below(bytes.length), Uint8Array.of(random.pick(numbers))),
  (random, bytes) =>
    overwritten(bytes, random.below(bytes.length), u32(random.pick(numbers), random.oneIn(2))),
  (random, bytes) => overwritten(bytes, random.below(bytes.length), random.bytes(random.size(64))),
  (random, bytes) => bytes.slice(0, random.below(bytes.length)),
  (random, bytes) => concat(bytes, random.bytes(1 + random.size(64))),
  (random, bytes) =>
    inserted(bytes, random.below(bytes.length + 1), random.bytes(1 + random.size(32))),
  (random, bytes) => without(bytes, ...range(random, bytes)),
  (random, bytes) => {
    const [from, to] = range(random, bytes);
    return inserted(bytes, random.below(bytes.length + 1), bytes.subarray(from, to));
  },
  (random, bytes) => {
    const [from, to] = range(random, bytes);
    const filled = bytes.slice();
    return filled.fill(random.pick([0, 0xff, 0x80]), from, to);
  },
  (random, bytes) => {
    const [from, to] = range(random, bytes);
    return overwritten(bytes, random.below(bytes.length + 1), bytes.subarray(from, to));
  },
];

/** Longest string that editing makes: what is longer is about size alone, which fixtures/hostile covers. */
const BYTES_MAX = 400_000;

/** `bytes` after one to four random edits. */
export function mutateBytes(random, bytes) {
  let edited = bytes;
  for (let count = 1 + random.below(4); count > 0; count--) {
    if (edited.length === 0) edited = random.bytes(1 + random.size(40));
    else edited = random.pick(edits)(random, edited);
    if (edited.length > BYTES_MAX) edited = edited.slice(0, BYTES_MAX);
  }
  return edited;
}
