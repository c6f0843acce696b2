// Many leaves on their way into a trie, in the order of the first bits of their paths.

/** Bits of a path that runs are sorted by. */
export const PREFIX_BITS = 32;

/** Leaves whose paths are set, in ascending order of the prefixes. */
export interface LeafRun {
  readonly leaves: Int32Array;
  /** The first 32 bits of each path. */
  readonly prefixes: Uint32Array;
  /** Where the hash of each leaf stands: its number in `hashes`. */
  readonly numbers: Int32Array;
  /** 32 bytes each. */
  readonly hashes: Uint8Array;
}

/** First of the ascending prefixes [first, end) with bit `shift` set; the last one has it, the first not. */
export function firstSet(prefixes: Uint32Array, first: number, end: number, shift: number): number {
  let low = first + 1;
  let high = end - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((prefixes[middle]! >>> shift) & 1) high = middle;
    else low = middle + 1;
  }
  return low;
}
