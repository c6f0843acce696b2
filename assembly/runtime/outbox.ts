// Messages to other environments and to settlement (docs/host-calls.md "Messages"): they arrive once the block is
// final, each exactly once, as a call by this contract that nobody answers.
import * as env from "../env";
import { u128 } from "../math/u128";
import { Address } from "./address";
import { Bytes32 } from "./bytes";
import { keccak256 } from "./hash";
import { alloc } from "./memory";
import { notSent } from "./texts";

const REQUEST_SIZE: u32 = 68;

/**
 * Sends `value` and a call with `input` to an account of the environment `target`. The value leaves this
 * contract now. Reverts where the contract has not so much.
 */
export function sendMessage(
  target: Bytes32,
  to: Address,
  value: u128,
  input: StaticArray<u8> | null = null,
): void {
  const request = alloc(REQUEST_SIZE);
  target.__write(request);
  to.__write(request + 32);
  value.__write(request + 52);
  const length = input ? input.length : 0;
  if (env.send_message(request, changetype<usize>(input), length) != 0) notSent();
}

/** Sends `value` out to an account of settlement. */
export function exitTo(to: Address, value: u128): void {
  sendMessage(Bytes32.zero, to, value);
}

/**
 * The caller that a contract sees where `sender`, a contract of the environment `source`, sent the message: what
 * a contract compares `ctx.caller` with.
 */
export function messageCaller(source: Bytes32, sender: Address): Address {
  const preimage = new StaticArray<u8>(53);
  const at = changetype<usize>(preimage);
  store<u8>(at, 2);
  source.__write(at + 1);
  sender.__write(at + 33);
  return Address.at(changetype<usize>(keccak256(preimage)) + 12);
}
