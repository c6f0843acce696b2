// What a call knows about itself and its block: the 208-byte struct of docs/host-calls.md, fetched once
// when the call begins. Addresses are views into it and cost nothing.
import * as env from "../env";
import { load32, load64 } from "../codec/words";
import { u128 } from "../math/u128";
import { Address } from "./address";
import { Bytes32 } from "./bytes";

const SIZE: i32 = 208;

function base(): usize {
  return memory.data(SIZE, 8);
}

/** Fetches the struct; the dispatcher does it first of all. */
export function loadContext(): void {
  env.context(base());
}

/** Bytes of input of this call. */
export function inputLength(): u32 {
  return load32(base() + 168);
}

/** Flags of this call: 1 deployment, 2 read-only, 4 top-level, 8 message; the low byte of four. */
export function contextFlags(): u32 {
  return load<u8>(base(), 175);
}

/** The call at hand: who called whom, with what value, in which block. */
export class ctx {
  /** The running contract. */
  static get self(): Address {
    return Address.at(base());
  }
  /** Who made this call: an account, or the contract that made a sub-call. */
  static get caller(): Address {
    return Address.at(base() + 20);
  }
  /** Who signed the transaction. Never use it to authorise: a contract in between could act for them. */
  static get origin(): Address {
    return Address.at(base() + 40);
  }
  /** Who made the block and receives its fees. */
  static get producer(): Address {
    return Address.at(base() + 60);
  }
  static get environment(): Bytes32 {
    return Bytes32.at(base() + 80);
  }
  /** What was sent along with this call. */
  static get value(): u128 {
    return u128.load(base() + 112);
  }
  static get height(): u64 {
    return load64(base() + 128);
  }
  /** Time of the block, in seconds since 1970. */
  static get time(): u64 {
    return load64(base() + 136);
  }
  /** Price per gas of the transaction. */
  static get price(): u64 {
    return load64(base() + 144);
  }
  /** Nonce of the transaction. */
  static get nonce(): u64 {
    return load64(base() + 152);
  }
  /** Gas limit of the transaction. */
  static get gasLimit(): u64 {
    return load64(base() + 160);
  }
  static get isView(): bool {
    return (contextFlags() & 2) != 0;
  }
  static get isTopLevel(): bool {
    return (contextFlags() & 4) != 0;
  }
  /** Whether the transaction is a message from another environment or a deposit from settlement. */
  static get isMessage(): bool {
    return (contextFlags() & 8) != 0;
  }
  /** Where the message comes from: an environment's id, or zeros for settlement. Zeros without a message. */
  static get source(): Bytes32 {
    return Bytes32.at(base() + 176);
  }
  /** Whether `address` has code. */
  static isContract(address: Address): bool {
    const info = memory.data(32, 8);
    env.account(changetype<usize>(address), info);
    return load<u8>(info, 16) != 0;
  }
  /** Balance of `address`. */
  static balanceOf(address: Address): u128 {
    const info = memory.data(32, 8);
    env.account(changetype<usize>(address), info);
    return u128.load(info);
  }
}
