// How large the body of a block may be. An order over a larger one is refused when it is posted, so a
// block that has one is no block: producing refuses it, and so does replay before it hashes anything.

import { EngineError } from "../errors.ts";
import { HEAD_BYTES, TRANSACTIONS_MAX } from "../limits.ts";
import type { Rules } from "../rules/rules.ts";

/**
 * Bytes that a body counts against `bodyBytesMax`. An entry counts as a head at least: however short, it
 * costs a hash, a receipt and two leaves, 12 µs in all, and no transaction is shorter.
 */
export function countedBytes(body: readonly Uint8Array[]): number {
  return body.reduce((sum, entry) => sum + Math.max(entry.length, HEAD_BYTES), 0);
}

/** @throws BODY_TOO_LARGE when the body has too many entries or bytes for the rules */
export function checkBodySize(body: readonly Uint8Array[], rules: Rules): void {
  const { bodyBytesMax } = rules.block;
  const bytes = countedBytes(body);
  if (body.length <= TRANSACTIONS_MAX && bytes <= bodyBytesMax) return;
  throw new EngineError({
    code: "BODY_TOO_LARGE",
    message: `got ${body.length} entries that count ${bytes} bytes, expected at most ${TRANSACTIONS_MAX} of ${bodyBytesMax}`,
  });
}
