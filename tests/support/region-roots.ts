// Roots of the machine's regions written from docs/machine.md section 1 for reading: hashes every leaf, keeps
// nothing. What the incremental trees are compared with.
import { keccak256 } from "../../host/codec/keccak.ts";

const LEAF = 128;

function join(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(64);
  both.set(left);
  both.set(right, 32);
  return keccak256(both);
}

const zeros: Uint8Array[] = [keccak256(new Uint8Array(LEAF))];

/** Z(k). */
export function zeroRoot(k: number): Uint8Array {
  for (let i = zeros.length; i <= k; i++) zeros.push(join(zeros[i - 1]!, zeros[i - 1]!));
  return zeros[k]!;
}

/** Root of a region of `depth` that starts with `bytes` and is zero behind them. */
export function regionRootOf(bytes: Uint8Array, depth: number): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  let nodes: Uint8Array[] = [];
  for (let at = 0; at < end; at += LEAF) {
    const leaf = new Uint8Array(LEAF);
    leaf.set(bytes.subarray(at, at + LEAF));
    nodes.push(keccak256(leaf));
  }
  if (nodes.length === 0) return zeroRoot(depth);
  for (let level = 0; level < depth; level++) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < nodes.length; i += 2)
      above.push(join(nodes[i]!, nodes[i + 1] ?? zeroRoot(level)));
    nodes = above;
  }
  return nodes[0]!;
}
