// A contract as types: what `plasma build` writes beside the Wasm (host/contract/contract-types.ts) and what
// the kit makes typed methods of. Types only: nothing here exists at run time.
import type { AbiValue } from "../abi/decode-value.ts";
import type { Hex } from "../codec/hex.ts";

/** Whatever has an address stands for it in arguments. */
export type AddressLike = Hex | { readonly address: Hex };

/** The methods of a contract by kind: parameters and results as a test writes them. */
export interface ContractTypes {
  readonly init: readonly unknown[];
  readonly calls: object;
  readonly views: object;
}

/** A contract that nothing is known of: any method, any arguments. */
export interface UntypedContract {
  readonly init: readonly unknown[];
  readonly calls: AnyMethods;
  readonly views: AnyMethods;
}

type AnyMethods = Readonly<Record<string, (...args: unknown[]) => AbiValue | undefined>>;

/** The value of the same name in a file that `plasma build` wrote. */
export interface ContractReference<T extends ContractTypes = ContractTypes> {
  /** Name of the class. */
  readonly contract: string;
  /** Its source, relative to the project. */
  readonly source: string;
  /** Never there: it carries the types. */
  readonly types?: T;
}

/** Methods as they are called on a chain: every result is awaited. */
export type Sent<T> = {
  readonly [Name in keyof T]: T[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Result>
    : never;
};

/** What can be called as an account: methods that change state, and views. */
export type Methods<T extends ContractTypes = UntypedContract> = Sent<T["calls"] & T["views"]>;

/** What reads. Of an untyped contract every method: nothing is kept. */
export type Views<T extends ContractTypes = UntypedContract> = Sent<T["views"]>;

/** Names of the methods of both kinds. */
export type MethodName<T extends ContractTypes> = keyof (T["calls"] & T["views"]) & string;

/** Parameters of the method `Name`. */
export type Arguments<
  T extends ContractTypes,
  Name extends string,
> = Name extends keyof (T["calls"] & T["views"])
  ? (T["calls"] & T["views"])[Name] extends (...args: infer Args) => unknown
    ? Args
    : readonly unknown[]
  : readonly unknown[];
