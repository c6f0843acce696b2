// Messages between environments (docs/formats.md section 5a): what a contract sent, as a leaf of its block's
// outbox tree. The body entry by which the target environment takes it from its inbox is in transaction.ts:
// settlement makes it from the message, so nothing in it is anybody's choice.
import { keccak256 } from "../codec/keccak.ts";
import { bytesRoot, listRoot } from "../codec/trees.ts";
import { ByteWriter } from "../codec/writer.ts";
import { OUTBOX_DEPTH } from "../limits.ts";
import type { OutboxMessage } from "../sandbox/outbox.ts";

const MESSAGE_BYTES = 157;
const VERSION = 1;

/** A message with the environment that it comes from. */
export interface SentMessage extends OutboxMessage {
  /** Environment id [32]; zero for settlement: a deposit. */
  readonly source: Uint8Array;
}

/** The 157 bytes that stand for a message: its input is in them by root. */
export function encodeMessage(message: SentMessage): Uint8Array {
  return new ByteWriter(MESSAGE_BYTES)
    .u8(VERSION)
    .fixed(message.source, 32)
    .fixed(message.target, 32)
    .fixed(message.sender, 20)
    .fixed(message.to, 20)
    .u128(message.value)
    .u32(message.input.length)
    .raw(bytesRoot(message.input))
    .finish();
}

/** Root of a block's outbox. `source` [32] is the block's environment. */
export function outboxRoot(source: Uint8Array, messages: readonly OutboxMessage[]): Uint8Array {
  const leaves = messages.map((message) => keccak256(encodeMessage({ ...message, source })));
  return listRoot(OUTBOX_DEPTH, leaves);
}
