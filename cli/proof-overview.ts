// What proof files and dispute logs say of themselves, for `plasma inspect`: decoded and hashed, not judged.
import { blockHash } from "../host/chain/block-hash.ts";
import { type BlockOrder, orderHash } from "../host/chain/order.ts";
import { type BlockResult, resultHash } from "../host/chain/result.ts";
import { FILE_FORMAT } from "../host/codec/file-header.ts";
import { toHex } from "../host/codec/hex.ts";
import { decodeDisputeLog } from "../host/dispute/dispute-log.ts";
import { decodeStateProof } from "../host/dispute/state-proof-file.ts";
import { decodeStepProof } from "../host/dispute/step-proof-file.ts";
import { rulesHash } from "../host/rules/encode-rules.ts";

const CLASSES = ["account", "storage", "system"] as const;

/** Which block a file is about. */
const blockOverview = (order: BlockOrder, parentResult: BlockResult) => ({
  height: order.height,
  environment: toHex(order.environmentId),
  order: toHex(orderHash(order)),
  parentResult: toHex(resultHash(parentResult)),
});

/** @throws what decodeStepProof throws */
export function stepProofOverview(bytes: Uint8Array) {
  const { order, parentResult, step, pre, proof, post } = decodeStepProof(bytes);
  return {
    kind: "step proof",
    format: FILE_FORMAT,
    bytes: bytes.length,
    ...blockOverview(order, parentResult),
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

/** @throws what decodeDisputeLog throws */
export function disputeLogOverview(bytes: Uint8Array) {
  const { order, parentResult, rules, entries } = decodeDisputeLog(bytes);
  return {
    kind: "dispute log",
    format: FILE_FORMAT,
    bytes: bytes.length,
    ...blockOverview(order, parentResult),
    rulesHash: toHex(rulesHash(rules)),
    commands: entries.length,
    firstTime: entries[0]?.time ?? null,
    lastTime: entries.at(-1)?.time ?? null,
  };
}
