// What the changes of a block mean for the tree over the state: leaves that go, come or have another value. Made
// where the values are kept, applied where the tree is, which may be in another thread: so they have a form in
// bytes too. In memory only, never stored.

import { copyBytes } from "../codec/copy-bytes.ts";
import { putLeaves } from "./put-leaves.ts";
import type { StateHasher } from "./state-hasher.ts";
import { STATE_KEY_BYTES } from "./state-key.ts";
import type { Trie } from "./trie.ts";

/** Words before the columns of packed changes: how many leaves are removed, inserted and set. */
const HEADER_WORDS = 3;

/** Changes of a tree by the numbers of its leaves. A number may be removed and inserted again, nothing else twice. */
export class TreeChanges {
  readonly removed: number[] = [];
  readonly inserted: number[] = [];
  /** Of each inserted leaf, where its packed key begins in `keys`. */
  readonly keyOffsets: number[] = [];
  readonly keys: Uint8Array;
  /** Leaves with a new value, inserted ones too. */
  readonly set: number[] = [];
  readonly values: Uint8Array[] = [];

  /** `keys` are those of the changes; nobody writes to them, nor to values, until all is applied. */
  constructor(keys: Uint8Array) {
    this.keys = keys;
  }

  /** Brings a trie up to date, hashes included. */
  applyTo(trie: Trie, hasher: StateHasher): void {
    for (const leaf of this.removed) trie.remove(trie.paths, leaf * 32);
    for (let i = 0; i < this.inserted.length; i++) {
      const at = this.keyOffsets[i]!;
      trie.setPath(this.inserted[i]!, hasher.sha256(this.keys.subarray(at, at + STATE_KEY_BYTES)));
    }
    putLeaves(trie, hasher, this.set, this.values);
    trie.rehash();
  }

  /** Length of the packed changes. */
  packedBytes(): number {
    const words = HEADER_WORDS + this.removed.length + this.inserted.length + 2 * this.set.length;
    let bytes = 4 * words + STATE_KEY_BYTES * this.inserted.length;
    for (const { length } of this.values) bytes += length;
    return bytes;
  }

  /** Writes them at the beginning of `out`, which begins with a word: columns of words, keys, values. */
  packInto(out: Uint8Array): void {
    const { removed, inserted, set, values } = this;
    const words = new Int32Array(out.buffer, out.byteOffset, out.length >>> 2);
    words[0] = removed.length;
    words[1] = inserted.length;
    words[2] = set.length;
    let word = HEADER_WORDS;
    for (const leaf of removed) words[word++] = leaf;
    for (const leaf of inserted) words[word++] = leaf;
    for (const leaf of set) words[word++] = leaf;
    for (const { length } of values) words[word++] = length;
    let at = 4 * word;
    for (const offset of this.keyOffsets) {
      copyBytes(out, at, this.keys, offset, STATE_KEY_BYTES);
      at += STATE_KEY_BYTES;
    }
    for (const value of values) {
      copyBytes(out, at, value, 0, value.length);
      at += value.length;
    }
  }
}

/** Reads what `packInto` wrote; keys and values are views of `packed`. */
export function unpackTreeChanges(packed: Uint8Array): TreeChanges {
  const words = new Int32Array(packed.buffer, packed.byteOffset, packed.length >>> 2);
  const [removed, inserted, set] = [words[0]!, words[1]!, words[2]!];
  const changes = new TreeChanges(packed);
  let word = HEADER_WORDS;
  for (let i = 0; i < removed; i++) changes.removed.push(words[word++]!);
  for (let i = 0; i < inserted; i++) changes.inserted.push(words[word++]!);
  for (let i = 0; i < set; i++) changes.set.push(words[word++]!);
  let at = 4 * (word + set);
  for (let i = 0; i < inserted; i++, at += STATE_KEY_BYTES) changes.keyOffsets.push(at);
  for (let i = 0; i < set; i++) {
    const length = words[word++]!;
    changes.values.push(packed.subarray(at, at + length));
    at += length;
  }
  return changes;
}
