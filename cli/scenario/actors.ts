// Who is who in a running scenario: signers of the accounts, addresses of accounts and contracts, and the
// ABI behind each contract's address. Names resolve here and nowhere else.
import type { ContractAbi } from "../../host/abi/abi.ts";
import type { TransactionSigner } from "../../host/chain/key.ts";
import { deriveKey } from "../../host/chain/key.ts";
import { type Hex, toHex } from "../../host/codec/hex.ts";
import { nativeSigner } from "../../host/environment/native.ts";
import { assert } from "../../host/errors.ts";
import { scenarioError, suggestion } from "./json-field.ts";
import { PRODUCER, type Scenario } from "./scenario.ts";

/** The accounts and contracts of one run. */
export class Actors {
  readonly #signers = new Map<string, TransactionSigner>();
  readonly #addresses = new Map<string, Hex>();
  readonly #names = new Map<Hex, string>();
  readonly #abis = new Map<Hex, ContractAbi>();

  constructor(scenario: Scenario) {
    for (const name of new Set([...scenario.accounts.keys(), PRODUCER])) {
      const signer = nativeSigner(deriveKey(scenario.seed, name));
      this.#signers.set(name, signer);
      this.#name(name, toHex(signer.address));
    }
  }

  signer(account: string): TransactionSigner {
    const signer = this.#signers.get(account);
    assert(signer !== undefined, "parsing checked the names of accounts");
    return signer;
  }

  /** Address of a name, or of an address itself. */
  address(nameOrAddress: string): Hex {
    const address = this.#addresses.get(nameOrAddress);
    return address ?? (nameOrAddress as Hex);
  }

  /**
   * Address behind `@name`.
   * @throws SCENARIO_NAME_UNKNOWN at the JSON path
   */
  reference(text: string, path: string): Hex {
    const name = text.slice(1);
    const address = this.#addresses.get(name);
    if (address !== undefined) return address;
    throw scenarioError(
      "SCENARIO_NAME_UNKNOWN",
      path,
      `got ${JSON.stringify(text.slice(0, 80))}, expected the name of an account or a contract deployed before`,
      suggestion(name, [...this.#addresses.keys()], "names"),
    );
  }

  /** The name of an address, or undefined. */
  nameOf(address: Hex): string | undefined {
    return this.#names.get(address);
  }

  abi(address: Hex): ContractAbi | undefined {
    return this.#abis.get(address);
  }

  /** Every known ABI, for data that may come from any contract. */
  abis(): Iterable<ContractAbi> {
    return this.#abis.values();
  }

  /** A contract that will be at `address` if its deployment succeeds. */
  addContract(name: string | undefined, address: Hex, abi: ContractAbi | undefined): void {
    if (name !== undefined) this.#name(name, address);
    if (abi !== undefined) this.#abis.set(address, abi);
  }

  /** Addresses by name, in the order in which they came to be. */
  entries(): Readonly<Record<string, Hex>> {
    return Object.fromEntries(this.#addresses);
  }

  #name(name: string, address: Hex): void {
    this.#addresses.set(name, address);
    this.#names.set(address, name);
  }
}
