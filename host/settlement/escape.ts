// The way out of an environment in which nothing becomes final any more. Whoever has a key takes the balance of the
// last final state with a proof against its root; the first to do so closes the environment. Balances of contracts
// cannot leave this way: nobody signs for them.
import { resultHash } from "../chain/result.ts";
import { FileKind, fileKindOf } from "../codec/file-header.ts";
import { type Hex, toHex } from "../codec/hex.ts";
import { typescriptJudge, verifyProof } from "../dispute/verify-proof.ts";
import { decodeAccount } from "../sandbox/account.ts";
import { refundClaims } from "./claims.ts";
import { rulesOfHeights } from "./environment-rules.ts";
import type { EscapeCommand } from "./ledger-command.ts";
import { type LedgerDraft, mostOf, refusal } from "./ledger-draft.ts";
import type { LedgerEnvironment } from "./ledger-state.ts";

/** Windows without a new final block after which anybody may leave: several disputes in a row, with pauses, fit. */
export const ESCAPE_WINDOWS = 16n;

/** When an environment is open to escapes: orders that wait have the windows of their own rules. */
export function escapeTime(environment: LedgerEnvironment): bigint {
  const { final, head } = environment;
  const rules = rulesOfHeights(environment, final.height + 1n, head.height + 1n);
  const longest = Math.max(...rules.map(({ dispute }) => dispute.windowSeconds));
  return final.since + ESCAPE_WINDOWS * BigInt(longest);
}

/** The balance that the proof shows. @throws SETTLEMENT_ESCAPE_PROOF */
function provenBalance({ final }: LedgerEnvironment, account: Hex, proof: Uint8Array): bigint {
  const wrong = (message: string) => refusal("SETTLEMENT_ESCAPE_PROOF", "proof", message);
  if (fileKindOf(proof) !== FileKind.stateProof) throw wrong("it is no state proof file");
  // The judges of steps have no part in a state proof.
  const verified = verifyProof(proof, {
    typescript: typescriptJudge,
    assemblyscript: typescriptJudge,
  });
  if (verified.verdict !== "stands" || verified.kind !== "state proof") {
    throw wrong("finding" in verified ? verified.finding.message : "it shows no state");
  }
  const { shown } = verified;
  const result = toHex(resultHash(final.result));
  if (shown.result !== result) throw wrong(`got result ${shown.result}, expected ${result}`);
  if (shown.kind !== "account" || shown.address !== account || shown.value === null) {
    throw wrong(`got ${shown.kind} of ${shown.address}, expected the account ${account}`);
  }
  return decodeAccount(shown.value).balance;
}

/** Closes an environment: no more orders and disputes; what was not final never was. */
function close(draft: LedgerDraft, environment: LedgerEnvironment): LedgerEnvironment {
  refundClaims(draft, environment);
  const { height, orderHash, time, inboxNext } = environment.final;
  const head = { height, orderHash, time, inboxNext };
  return { ...environment, isClosed: true, head, orders: [] };
}

/** @throws SETTLEMENT_ESCAPE_EARLY, SETTLEMENT_ESCAPED, SETTLEMENT_ESCAPE_PROOF */
export function escapeFrom(draft: LedgerDraft, command: EscapeCommand, account: Hex): void {
  const found = draft.environment(command.environment);
  const opens = escapeTime(found);
  if (!found.isClosed && draft.time < opens) {
    const message = `got ${draft.time}, expected ${opens} or later without a new final block`;
    throw refusal("SETTLEMENT_ESCAPE_EARLY", "time", message);
  }
  if (found.escaped.has(account)) {
    throw refusal("SETTLEMENT_ESCAPED", "account", `${account} has left with its balance before`);
  }
  const balance = provenBalance(found, account, command.proof);
  const environment = found.isClosed ? found : close(draft, found);
  const { locked } = environment;
  const amount = mostOf(locked, balance);
  draft.credit(account, amount);
  const escaped = new Set(environment.escaped).add(account);
  draft.setEnvironment({ ...environment, locked: locked - amount, escaped });
}
