// What proof files say of themselves, for `plasma inspect`: decoded and hashed, not judged.
import { blockHash } from "../host/chain/block-hash.ts";
import { orderHash } from "../host/chain/order.ts";
import { resultHash } from "../host/chain/result.ts";
import { FILE_FORMAT } from "../host/codec/file-header.ts";
import { toHex } from "../host/codec/hex.ts";
import { decodeStateProof } from "../host/dispute/state-proof-file.ts";
import { decodeStepProof } from "../host/dispute/step-proof-file.ts";

const CLASSES = ["account", "storage", "system"] as const;

/** @throws what decodeStepProof throws */
export function stepProofOverview(bytes: Uint8Array) {
  const { order, parentResult, step, pre, proof, post } = decodeStepProof(bytes);
  return {
    kind: "step proof",
    format: FILE_FORMAT,
    bytes: bytes.length,
    height: order.height,
    environment: toHex(order.environmentId),
    order: toHex(orderHash(order)),
    parentResult: toHex(resultHash(parentResult)),
    step,
    pre: toHex(pre),
    claimedPost: toHex(post),
    proofBytes: proof.length,
  };
}

/** @throws what decodeStateProof throws */
export function stateProofOverview(bytes: Uint8Array) {
  const { made, result, cls, address, key, end, siblings } = decodeStateProof(bytes);
  return {
    kind: "state proof",
    format: FILE_FORMAT,
    bytes: bytes.length,
    height: made?.order.height ?? 0n,
    environment: made === undefined ? null : toHex(made.order.environmentId),
    block: made === undefined ? null : toHex(blockHash(made.order, made.parentResult, result)),
    result: toHex(resultHash(result)),
    stateRoot: toHex(result.stateRoot),
    class: CLASSES[cls] as string,
    address: toHex(address),
    key: toHex(key),
    value: end.terminal === "value" ? toHex(end.value) : null,
    depth: siblings.length,
  };
}
