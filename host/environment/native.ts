// Native code behind the pure rooms' parameters: SHA-256 for state (hashtree). Each has a
// fallback with the same bytes, chosen once at start and checked against it, so a platform without
// the add-on is slower and never different. It must never be imported by a pure room.

import { createRequire } from "node:module";
import type { StateHasher } from "../state/state-hasher.ts";
import { pureStateHasher } from "../state/state-hasher.ts";

const require = createRequire(import.meta.url);

interface Hashtree {
  hashInto(input: Uint8Array, output: Uint8Array): void;
}

function loadHashtree(): Hashtree | undefined {
  try {
    return require("@chainsafe/hashtree") as Hashtree;
  } catch {
    // No prebuilt binary for this platform.
    return undefined;
  }
}

function hashtreeHasher(hashtree: Hashtree): StateHasher {
  return {
    sha256: pureStateHasher.sha256,
    hashPairs(input, output, count) {
      if (count === 0) return;
      hashtree.hashInto(input.subarray(0, count * 64), output.subarray(0, count * 32));
    },
  };
}

/** Whether two hashers agree on batches of every small size (SIMD widths take different paths). */
function agree(a: StateHasher, b: StateHasher): boolean {
  const input = new Uint8Array(64 * 33);
  for (let i = 0; i < input.length; i++) input[i] = i * 167 + (i >>> 6);
  for (let count = 0; count <= 33; count++) {
    const left = new Uint8Array(32 * 33);
    const right = new Uint8Array(32 * 33);
    a.hashPairs(input, left, count);
    b.hashPairs(input, right, count);
    for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
  }
  return true;
}

let chosen: StateHasher | undefined;

/** SHA-256 through hashtree where it loads and agrees with the pure hasher, else the pure hasher. */
export function nativeStateHasher(): StateHasher {
  if (chosen === undefined) {
    const hashtree = loadHashtree();
    const native = hashtree && hashtreeHasher(hashtree);
    chosen = native && agree(native, pureStateHasher) ? native : pureStateHasher;
  }
  return chosen;
}
