// What an environment begins with, as its makers give it: rules and balances.
import { fromHex, type Hex, toHex } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";
import { ByteWriter } from "../codec/writer.ts";
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

/** What tells a genesis from every other one: a hash [32] of its rules, as bytes, and the accounts as given. */
export function genesisFingerprint(genesis: GenesisInput, rulesBytes: Uint8Array): Uint8Array {
  const accounts = genesis.accounts.map(({ address, balance }) => `${address}:${balance}`);
  const { settlement } = genesis;
  if (settlement !== undefined) accounts.push(`${toHex(settlement.id)}:${settlement.number}`);
  const writer = new ByteWriter(rulesBytes.length);
  return keccak256(
    writer
      .raw(rulesBytes)
      .raw(new TextEncoder().encode(accounts.join("\n")))
      .finish(),
  );
}
