// The name of a block (docs/formats.md section 4): its order, what it builds on, what came out.
import { keccak256 } from "../codec/keccak.ts";
import { ByteWriter } from "../codec/writer.ts";
import { type BlockOrder, orderHash } from "./order.ts";
import { type BlockResult, resultHash } from "./result.ts";

/** keccak(order hash ‖ parent result hash ‖ result hash). */
export function blockHash(
  order: BlockOrder,
  parentResult: BlockResult,
  result: BlockResult,
): Uint8Array {
  return keccak256(
    new ByteWriter(96)
      .raw(orderHash(order))
      .raw(resultHash(parentResult))
      .raw(resultHash(result))
      .finish(),
  );
}
