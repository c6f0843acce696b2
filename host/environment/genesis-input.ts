// What an environment begins with, as its makers give it: rules and balances.
import { fromHex, type Hex } from "../codec/hex.ts";
import type { Rules } from "../rules/rules.ts";

/** Which environment of which settlement it is: both go into its id. */
export interface Registration {
  /** Settlement id [32]. */
  readonly id: Uint8Array;
  readonly number: bigint;
}

export interface GenesisInput {
  readonly rules: Rules;
  readonly accounts: readonly { readonly address: Hex; readonly balance: bigint }[];
  /** Where it is registered; without settlement absent: id 32 zero bytes, number 0. */
  readonly settlement?: Registration;
}

/** The accounts as the chain writes them. @throws HEX_INVALID */
export const genesisAccounts = ({ accounts }: GenesisInput) =>
  accounts.map(({ address, balance }) => ({ address: fromHex(address, 20), balance }));
