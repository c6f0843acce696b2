// Writes the opening of a region's leaves (docs/machine.md section 7): indices, leaves, and of each level
// the siblings that are not at hand, zero subtrees left out. For one set of leaves of one tree there is one
// opening. Reads node hashes through a function, so that it does not matter where a tree lies.

/** A leaf with its 128 bytes. */
export interface OpenedLeaf {
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** The node hash at a level (0 = leaves) and position, or undefined where the subtree is zero. */
export type NodeReader = (level: number, position: number) => Uint8Array | undefined;

/** Bits most significant first, then the given siblings. */
class Siblings {
  readonly #bits: boolean[] = [];
  readonly #given: Uint8Array[] = [];

  add(sibling: Uint8Array | undefined): void {
    this.#bits.push(sibling !== undefined);
    if (sibling !== undefined) this.#given.push(sibling);
  }

  get parts(): readonly Uint8Array[] {
    const bitmap = new Uint8Array(Math.ceil(this.#bits.length / 8));
    this.#bits.forEach((given, i) => {
      if (given) bitmap[i >> 3]! |= 0x80 >> (i & 7);
    });
    return [bitmap, ...this.#given];
  }
}

/** Bitmap and siblings of leaves at ascending positions of a tree of `depth`. */
export function siblingParts(
  indices: readonly number[],
  depth: number,
  node: NodeReader,
): readonly Uint8Array[] {
  const siblings = new Siblings();
  let level = [...indices];
  for (let height = 0; height < depth; height++) {
    const above: number[] = [];
    for (let i = 0; i < level.length; i++) {
      const index = level[i]!;
      // Two neighbours: the left one comes first, and each is the other's sibling.
      if (level[i + 1] === (index ^ 1)) i++;
      else siblings.add(node(height, index ^ 1));
      above.push(Math.floor(index / 2));
    }
    level = above;
  }
  return siblings.parts;
}

/** The parts of an opening, to be written one after the other. `leaves` are ascending and not empty. */
export function openingParts(
  leaves: readonly OpenedLeaf[],
  depth: number,
  node: NodeReader,
): readonly Uint8Array[] {
  const head = new Uint8Array(1 + 4 * leaves.length);
  head[0] = leaves.length;
  const view = new DataView(head.buffer);
  leaves.forEach(({ index }, i) => {
    view.setUint32(1 + 4 * i, index);
  });
  const indices = leaves.map(({ index }) => index);
  return [head, ...leaves.map(({ bytes }) => bytes), ...siblingParts(indices, depth, node)];
}
