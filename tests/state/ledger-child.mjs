// Gives transfers to a ledger file for ever, saying the log hash of what is acknowledged, until the test kills it.
// Runs the built engine, as a user's process would. Argument: the file.
import { writeSync } from "node:fs";
import { deriveKey } from "../../dist/host/chain/key.js";
import { toHex } from "../../dist/host/codec/hex.js";
import { LedgerFile } from "../../dist/host/environment/ledger-file.js";
import {
  nativeSignatureChecker,
  nativeSigner,
  nativeStateHasher,
} from "../../dist/host/environment/native.js";
import { signCommand } from "../../dist/host/settlement/ledger-command.js";

const [path] = process.argv.slice(2);
const signer = nativeSigner(deriveKey("test", "alice"));
const account = toHex(signer.address);
const genesis = {
  salt: new Uint8Array(32),
  accounts: [{ address: signer.address, balance: 10n ** 18n }],
};
const ground = {
  signatures: nativeSignatureChecker,
  hasher: nativeStateHasher(),
  shape: { arity: 16, moves: 4, levels: 2 },
  judge: () => ({ rejected: 1 }),
};
const ledger = await LedgerFile.open(path, genesis, ground);
for (;;) {
  const { nonce } = ledger.state.accounts.get(account);
  const to = toHex(new Uint8Array(20).fill(Number(nonce % 250n) + 1));
  const command = { kind: "transfer", to, value: nonce };
  const bytes = signCommand(ledger.state.id, nonce, command, signer);
  const applied = await ledger.apply(nonce, bytes);
  writeSync(1, `${applied.state.commands} ${toHex(applied.state.logHash)}\n`);
}
