// What a ledger log says, for `plasma inspect`: its commands as they were accepted, by kind and by environment.
// Decoded and hashed; neither signatures nor rules are checked, which takes a replay.
import { addressOf } from "../host/chain/key.ts";
import { FILE_FORMAT } from "../host/codec/file-header.ts";
import { toHex } from "../host/codec/hex.ts";
import { keccak256 } from "../host/codec/keccak.ts";
import { encodeLedgerGenesis } from "../host/settlement/ledger.ts";
import { decodeLedgerCommand } from "../host/settlement/ledger-command.ts";
import { readLedgerLog } from "../host/settlement/ledger-log.ts";

/** @throws what readLedgerLog throws · SETTLEMENT_COMMAND_INVALID, BYTES_… */
export function ledgerLogOverview(bytes: Uint8Array) {
  const { genesis, records, length } = readLedgerLog(bytes);
  const kinds: Record<string, number> = {};
  const environments = new Set<string>();
  const signers = new Set<string>();
  let registered = 0;
  for (const { command: encoded } of records) {
    const { command, publicKey } = decodeLedgerCommand(encoded);
    kinds[command.kind] = (kinds[command.kind] ?? 0) + 1;
    signers.add(toHex(addressOf(publicKey)));
    if ("environment" in command) environments.add(command.environment);
    if (command.kind === "register") registered++;
  }
  const { accounts } = genesis;
  return {
    kind: "ledger log",
    format: FILE_FORMAT,
    bytes: bytes.length,
    unfinishedBytes: bytes.length - length,
    settlement: toHex(keccak256(encodeLedgerGenesis(genesis))),
    accounts: accounts.length,
    money: accounts.reduce((sum, { balance }) => sum + balance, 0n),
    registered,
    environments: [...environments].sort(),
    signers: signers.size,
    commands: records.length,
    kinds,
    firstTime: records[0]?.time ?? null,
    lastTime: records.at(-1)?.time ?? null,
    logHash: toHex(records.at(-1)?.logHash ?? keccak256(encodeLedgerGenesis(genesis))),
  };
}
