// Openings of state values by their 32-byte chunks (docs/machine.md section 8), from whole values and from
// those of which a witness shows only the pieces that were read.
import type { StateHasher } from "../state/state-hasher.ts";
import { missing } from "../state/trie.ts";
import { chunkCount, chunkDepth, chunkLevels, zeroChunkRoots } from "../state/value-commitment.ts";
import { WitnessValue } from "../state/witness-reader.ts";
import { siblingParts } from "./opening.ts";
import { join } from "./prove-word.ts";

/** Root [32] of the chunk tree of a value. */
export function valueRoot(hasher: StateHasher, value: Uint8Array | WitnessValue): Uint8Array {
  if (value instanceof WitnessValue) return value.root;
  return chunkLevels(hasher, value).at(-1)!;
}

/** A value whose chunks can be opened; nodes are hashed once. */
export class ValueOpenings {
  readonly #hasher: StateHasher;
  readonly #length: number;
  readonly #depth: number;
  #whole: Uint8Array | undefined;
  #levels: readonly Uint8Array[] | undefined;
  /** Equal values of different keys, of which a witness may open different pieces. */
  readonly #pieced: WitnessValue[] = [];
  readonly #nodes = new Map<number, Uint8Array>();

  constructor(hasher: StateHasher, length: number) {
    this.#hasher = hasher;
    this.#length = length;
    this.#depth = chunkDepth(length);
  }

  /** Takes up what is known of the value, or of another one with the same root and length. */
  learn(value: Uint8Array | WitnessValue): void {
    if (!(value instanceof WitnessValue)) this.#whole ??= value;
    else if (!this.#pieced.includes(value)) this.#pieced.push(value);
  }

  /**
   * Chunks at ascending places, with the siblings that lead to the root.
   * @throws WITNESS_MISSING when the witness does not show them
   */
  opening(indices: readonly number[]): Uint8Array {
    const zeros = zeroChunkRoots(this.#hasher);
    const siblings = siblingParts(indices, this.#depth, (level, position) => {
      const node = this.#node(level, position);
      const zero = zeros.subarray(32 * level, 32 * level + 32);
      return node.every((byte, i) => byte === zero[i]) ? undefined : node;
    });
    return join([...indices.map((index) => this.#node(0, index)), ...siblings]);
  }

  #node(level: number, position: number): Uint8Array {
    const nodes = Math.ceil(chunkCount(this.#length) / 2 ** level);
    if (position >= nodes) {
      return zeroChunkRoots(this.#hasher).subarray(32 * level, 32 * level + 32);
    }
    if (this.#whole === undefined) return this.#carried(level, position);
    this.#levels ??= chunkLevels(this.#hasher, this.#whole);
    return this.#levels[level]!.subarray(32 * position, 32 * position + 32);
  }

  /** A node that the witness carries, or one above those. */
  #carried(level: number, position: number): Uint8Array {
    for (const value of this.#pieced) {
      const node = value.node(level, position);
      if (node !== undefined) return node;
    }
    if (level === 0) throw missing();
    const key = level * 2 ** 16 + position;
    const known = this.#nodes.get(key);
    if (known !== undefined) return known;
    const pair = new Uint8Array(64);
    pair.set(this.#node(level - 1, 2 * position), 0);
    pair.set(this.#node(level - 1, 2 * position + 1), 32);
    const node = new Uint8Array(32);
    this.#hasher.hashPairs(pair, node, 1);
    this.#nodes.set(key, node);
    return node;
  }
}
