// The bytes of one block's state difference as the LMDB store appends them, and the error for a store
// whose bytes do not hold together. The layout is the store's own; it is never hashed or sent.
//
//   root [32] ‖ u32 count ‖ (u32 length ‖ changes) each

import { EngineError } from "../errors.ts";
import { decodeStateChanges, type StateChanges } from "./state-changes.ts";

/** Bytes of the encoded changes of one block and the root after them. */
export function encodeTail(root: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(36 + parts.reduce((sum, part) => sum + 4 + part.length, 0));
  const view = new DataView(out.buffer);
  out.set(root, 0);
  view.setUint32(32, parts.length);
  let at = 36;
  for (const part of parts) {
    view.setUint32(at, part.length);
    out.set(part, at + 4);
    at += 4 + part.length;
  }
  return out;
}

export interface TailEntry {
  readonly root: Uint8Array;
  readonly changes: readonly StateChanges[];
}

/** Reads what `encodeTail` wrote; views of `bytes`. @throws STATE_DAMAGED */
export function decodeTail(bytes: Uint8Array): TailEntry {
  if (bytes.length < 36) throw damaged("a tail entry is cut short");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const changes: StateChanges[] = [];
  let at = 36;
  for (let left = view.getUint32(32); left > 0; left--) {
    if (at + 4 > bytes.length) throw damaged("a tail entry is cut short");
    const length = view.getUint32(at);
    changes.push(decodeStateChanges(bytes.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return { root: bytes.subarray(0, 32), changes };
}

export function damaged(what: string, file?: string): EngineError {
  return new EngineError({
    code: "STATE_DAMAGED",
    message: `got a damaged store: ${what}`,
    ...(file === undefined ? {} : { where: { file } }),
  });
}
