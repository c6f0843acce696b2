// Accounts of a world: keys by name, and names of whatever has an address, for people who read a failure.
// Keys derive from names and are public: they must never hold anything of value.

import { deriveKey, type TransactionSigner } from "../chain/key.ts";
import { type Hex, toHex } from "../codec/hex.ts";
import { nativeSigner } from "../environment/native.ts";
import { EngineError } from "../errors.ts";

/** An account of the world; wherever an address is asked for, it stands for its own. */
export interface TestAccount {
  readonly name: string;
  readonly address: Hex;
}

/** Who is who in a world. */
export class Accounts {
  readonly #seed: string;
  readonly #signers = new Map<Hex, TransactionSigner>();
  readonly #byName = new Map<string, TestAccount>();
  /** Of accounts and contracts. */
  readonly names = new Map<Hex, string>();

  constructor(seed: string, names: readonly string[]) {
    this.#seed = seed;
    for (const name of names) this.add(name);
  }

  list(): readonly TestAccount[] {
    return [...this.#byName.values()];
  }

  find(name: string): TestAccount | undefined {
    return this.#byName.get(name);
  }

  /** The account of that name, made where there is none yet. */
  add(name: string): TestAccount {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const signer = nativeSigner(deriveKey(this.#seed, name));
    const account = standsForAddress({ name, address: toHex(signer.address) });
    this.#signers.set(account.address, signer);
    this.#byName.set(name, account);
    this.names.set(account.address, name);
    return account;
  }

  /** Names a contract; a second one of the same name is `Token#2`. */
  nameContract(address: Hex, contract: string): void {
    const taken = [...this.names.values()];
    let name = contract;
    for (let i = 2; taken.includes(name); i++) name = `${contract}#${i}`;
    if (!this.names.has(address)) this.names.set(address, name);
  }

  /** @throws TEST_ACCOUNT_UNKNOWN */
  signer(account: TestAccount): TransactionSigner {
    const signer = this.#signers.get(account.address);
    if (signer !== undefined) return signer;
    throw new EngineError({
      code: "TEST_ACCOUNT_UNKNOWN",
      message: `the world has no key for ${account.address}`,
      hint: "send as an account of this world: world.account(name)",
    });
  }
}

/** On objects that stand for their address in arguments: accounts and contracts. */
const STANDS = Symbol.for("plasmavm.address");

/** From now on `holder` stands for its address. */
export function standsForAddress<T extends { readonly address: Hex }>(holder: T): T {
  return Object.defineProperty(holder, STANDS, { value: true });
}

/** Arguments with addresses in place of accounts and contracts. */
export function addressed(argument: unknown): unknown {
  if (typeof argument !== "object" || argument === null) return argument;
  if (argument instanceof Uint8Array) return argument;
  if (Array.isArray(argument)) return argument.map(addressed);
  if (STANDS in argument) return (argument as { readonly address?: Hex }).address;
  const fields = Object.entries(argument);
  const [only] = fields;
  // `{ address }` is an address as well; with more fields beside it it is a struct.
  if (fields.length === 1 && only?.[0] === "address") return only[1];
  return Object.fromEntries(fields.map(([name, value]) => [name, addressed(value)]));
}
