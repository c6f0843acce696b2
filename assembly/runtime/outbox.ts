// Messages to other environments and to settlement (docs/host-calls.md "Messages"): they arrive once the block is
// final, each exactly once, as a call by this contract that nobody answers.
import * as env from "../env";
import { zero } from "../codec/decode";
import { u128 } from "../math/u128";
import { Address } from "./address";
import { Bytes32 } from "./bytes";
import { passOn, readResult, tryCall } from "./call";
import { keccak256 } from "./hash";
import { alloc } from "./memory";
import { notSent } from "./texts";

const REQUEST_SIZE: u32 = 68;

/** The last request that `message` made; each has the one before it in the word in front. */
let requests: usize = 0;

/** A contract of another environment: `message<Token>(environment, address).transfer(to, amount)`. */
export function message<T>(environment: Bytes32, to: Address, value: u128 | null = null): T {
  const link = alloc(4 + REQUEST_SIZE);
  store<usize>(link, requests);
  requests = link + 4;
  writeRequest(requests, environment, to, value ? value : u128.zero);
  return changetype<T>(requests);
}

/** Whether a remote is a message and not a call. */
export function isMessage(remote: usize): bool {
  for (let at = requests; at != 0; at = load<usize>(at - 4)) if (at == remote) return true;
  return false;
}

// What remote methods do in contracts that import `message`; in others they only call (call.ts).

/** Makes the call; its status. A message is sent (0) or refused (3). */
export function tryReach(remote: usize, input: usize, end: usize): u32 {
  if (!isMessage(remote)) return tryCall(remote, input, end);
  return env.send_message(remote, input, <u32>(end - input)) == 0 ? 0 : 3;
}

/** Makes the call or sends the message; where that fails the caller reverts. */
export function mustReach(remote: usize, input: usize, end: usize): void {
  const status = tryReach(remote, input, end);
  if (!isMessage(remote)) passOn(status);
  else if (status != 0) notSent();
}

/** What the last call gave; zero where it was a message, which nobody answers. */
export function readAnswer<T>(remote: usize): T {
  return isMessage(remote) ? zero<T>() : readResult<T>();
}

function writeRequest(request: usize, target: Bytes32, to: Address, value: u128): void {
  target.__write(request);
  to.__write(request + 32);
  value.__write(request + 52);
}

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
  writeRequest(request, target, to, value);
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
