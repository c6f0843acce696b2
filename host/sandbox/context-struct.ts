// The struct that the host call `context` writes: 208 bytes, big-endian (docs/host-calls.md).
//
//   0 self 20 | 20 caller 20 | 40 origin 20 | 60 producer 20 | 80 environment id 32 | 112 value 16
//   128 height 8 | 136 time 8 | 144 price 8 | 152 nonce 8 | 160 gas limit 8 | 168 input length 4
//   172 flags 4 | 176 source environment 32, zero unless the transaction is a message

import type { Frame } from "./frame.ts";

const FLAG_DEPLOYMENT = 1;
const FLAG_READ_ONLY = 2;
const FLAG_TOP_LEVEL = 4;
const FLAG_MESSAGE = 8;
export const CONTEXT_BYTES = 208;
const NO_ENVIRONMENT = new Uint8Array(32);

/** Where the struct is put together: a view of guest memory would cost more than the copy. */
const scratch = new Uint8Array(CONTEXT_BYTES);
const view = new DataView(scratch.buffer);

/** By hand: for so few bytes a call of the engine's copy takes longer. */
function put(at: number, bytes: Uint8Array, length: number): void {
  for (let i = 0; i < length; i++) scratch[at + i] = bytes[i]!;
}

/** Writes the context of `frame` into CONTEXT_BYTES of guest memory at `at`. */
export function encodeContext(frame: Frame, memory: Uint8Array, at: number): void {
  const { transaction } = frame;
  put(0, frame.self, 20);
  put(20, frame.caller, 20);
  put(40, transaction.origin, 20);
  put(60, transaction.producer, 20);
  put(80, transaction.environmentId, 32);
  view.setBigUint64(112, frame.value === 0n ? 0n : frame.value >> 64n);
  view.setBigUint64(120, frame.value);
  view.setBigUint64(128, transaction.height);
  view.setBigUint64(136, transaction.time);
  view.setBigUint64(144, transaction.price);
  view.setBigUint64(152, transaction.nonce);
  view.setUint16(162, Math.floor(transaction.gasLimit / 2 ** 32));
  view.setUint32(164, transaction.gasLimit % 2 ** 32);
  view.setUint32(168, frame.input.length);
  view.setUint32(
    172,
    (frame.deployment ? FLAG_DEPLOYMENT : 0) |
      (frame.readOnly ? FLAG_READ_ONLY : 0) |
      (frame.callDepth === 1 ? FLAG_TOP_LEVEL : 0) |
      (transaction.sourceEnvironment === undefined ? 0 : FLAG_MESSAGE),
  );
  put(176, transaction.sourceEnvironment ?? NO_ENVIRONMENT, 32);
  memory.set(scratch, at);
}
