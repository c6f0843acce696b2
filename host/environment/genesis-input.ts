// What an environment begins with, as its makers give it: rules and balances.
import { fromHex, type Hex } from "../codec/hex.ts";
import type { Rules } from "../rules/rules.ts";

export interface GenesisInput {
  readonly rules: Rules;
  readonly accounts: readonly { readonly address: Hex; readonly balance: bigint }[];
}

/** The accounts as the chain writes them. @throws HEX_INVALID */
export const genesisAccounts = ({ accounts }: GenesisInput) =>
  accounts.map(({ address, balance }) => ({ address: fromHex(address, 20), balance }));
