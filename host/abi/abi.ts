// The ABI of a contract, version 1: what a client needs to talk to it, made by the build from the types
// that asc resolved, embedded in the Wasm as custom section `plasma.abi` in canonical JSON.
// This file holds the shapes only; parse-abi.ts checks foreign JSON against them.
import type { Hex } from "../codec/hex.ts";

export interface AbiParameter {
  readonly name: string;
  /** A type of docs/formats.md section 10, such as `u128`, `address`, `bytes32`, `string[]`. */
  readonly type: string;
}

export interface AbiMethod {
  readonly name: string;
  readonly kind: "init" | "call" | "view" | "upgrade";
  readonly params: readonly AbiParameter[];
  /** A type, or `void`. */
  readonly returns: string;
  /** First four bytes of keccak of `name(t1,t2)`, of the upgrade method UPGRADE_SELECTOR; the init method has none. */
  readonly selector?: Hex;
  /** Present and true where the method lets itself be called while another call of the contract runs. */
  readonly reentrant?: true;
}

export interface AbiEventField extends AbiParameter {
  readonly indexed: boolean;
}

export interface AbiEvent {
  readonly name: string;
  readonly fields: readonly AbiEventField[];
  /** keccak of `Name(t1,t2)`: the first topic. */
  readonly topic: Hex;
}

export interface AbiError {
  readonly name: string;
  readonly fields: readonly AbiParameter[];
  readonly selector: Hex;
}

export interface AbiSlot {
  /** The field in the source. */
  readonly name: string;
  /** The name that is hashed into the slot key. */
  readonly slot: string;
  /** `value<T>`, `map<K,V>`, `map2<K1,K2,V>`, `list<T>` or `set<T>`; `map` may hold all but `value`. */
  readonly type: string;
}

/** A struct or an enum that other types name. */
export type AbiTypeDefinition =
  | { readonly fields: readonly AbiParameter[] }
  | { readonly variants: readonly string[] };

export interface ContractAbi {
  readonly abi: 1;
  readonly contract: string;
  /** Exact version of the compiler, since another one makes other bytes. */
  readonly asc: string;
  readonly types: Readonly<Record<string, AbiTypeDefinition>>;
  readonly methods: readonly AbiMethod[];
  readonly events: readonly AbiEvent[];
  readonly errors: readonly AbiError[];
  readonly storage: readonly AbiSlot[];
}
