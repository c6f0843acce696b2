// Witnesses that are in order and open a state that no execution makes: values of other lengths and
// contents under the right paths. Sealed under their own root they reach everything that reads state.
import { concat, mutateBytes } from "./mutate-bytes.mjs";

const u32 = (value) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
const DATA_BYTES_MAX = 65_536;

/** Reads forward; the witnesses here are our own and in order. */
class Cursor {
  at = 0;
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset);
  }
  take(count) {
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }
  u32() {
    this.at += 4;
    return this.view.getUint32(this.at - 4);
  }
  prefixed() {
    return this.take(this.u32());
  }
}

/** `u32 length ‖ bytes shape ‖ bytes content` with every piece of the value opened. */
function opened(value) {
  const count = Math.ceil(value.length / 32);
  const padded = new Uint8Array(32 * count);
  padded.set(value);
  const bits = [];
  const chunks = [];
  const visit = (level, position) => {
    if (position * 2 ** level >= count) return;
    bits.push(1);
    if (level === 0) chunks.push(padded.subarray(32 * position, 32 * position + 32));
    else {
      visit(level - 1, 2 * position);
      visit(level - 1, 2 * position + 1);
    }
  };
  visit(Math.ceil(Math.log2(Math.max(1, count))), 0);
  const shape = new Uint8Array(Math.ceil(bits.length / 8));
  bits.forEach((_, i) => {
    shape[i >>> 3] |= 0x80 >>> (i & 7);
  });
  const content = concat(...chunks);
  return concat(u32(value.length), u32(shape.length), shape, u32(content.length), content);
}

function editedValue(random, value) {
  const kind = random.below(6);
  if (kind === 0) return new Uint8Array(random.pick([0, 1, 31, 32, 33, 63, 64, 65, 235, 1_000]));
  if (kind === 1) return value.slice(0, random.below(value.length + 1));
  if (kind === 2) return new Uint8Array(value.length).fill(0xff);
  return mutateBytes(random, value).subarray(0, DATA_BYTES_MAX);
}

/** The witness with one to three values replaced; opened whole where they were not. */
export function mutateValues(random, witness) {
  const cursor = new Cursor(witness);
  const head = concat(u32(cursor.u32()), cursor.take(cursor.view.getUint32(0)));
  const hashes = cursor.prefixed();
  const leaves = Array.from({ length: cursor.u32() }, () => {
    const path = cursor.take(32);
    if (cursor.take(1)[0] === 0) return { path, rest: concat([0], cursor.take(32)) };
    const length = cursor.u32();
    const shape = cursor.prefixed();
    const content = cursor.prefixed();
    const rest = concat([1], u32(length), u32(shape.length), shape, u32(content.length), content);
    return { path, rest, value: content.subarray(0, length) };
  });
  const known = leaves.filter(({ value }) => value !== undefined);
  for (let count = 1 + random.below(3); count > 0 && known.length > 0; count--) {
    const leaf = random.pick(known);
    leaf.rest = concat([1], opened(editedValue(random, leaf.value)));
  }
  const list = leaves.flatMap(({ path, rest }) => [path, rest]);
  return concat(head, u32(hashes.length), hashes, u32(leaves.length), ...list);
}
