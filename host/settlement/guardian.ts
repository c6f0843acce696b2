// The guardian of an environment's rules may hold back claims and finality while something is wrong with the engine
// itself. A pause lasts at most a window, and no second one begins before a window has passed, so that a guardian
// can delay finality to about twice its time, and can neither stop it nor decide anything.
import type { Hex } from "../codec/hex.ts";
import { nextRules } from "./environment-rules.ts";
import type { PauseCommand, UnpauseCommand } from "./ledger-command.ts";
import { type LedgerDraft, refusal } from "./ledger-draft.ts";
import type { LedgerEnvironment } from "./ledger-state.ts";

/** @throws SETTLEMENT_NOT_ALLOWED */
function guarded(draft: LedgerDraft, id: Hex, account: Hex): LedgerEnvironment {
  const environment = draft.openEnvironment(id);
  const { guardian } = nextRules(environment).rules;
  if (account === guardian) return environment;
  const message = `got ${account}, expected the guardian (${guardian ?? "there is none"})`;
  throw refusal("SETTLEMENT_NOT_ALLOWED", "account", message);
}

/** @throws SETTLEMENT_CLOSED, SETTLEMENT_NOT_ALLOWED, SETTLEMENT_PAUSE */
export function pause(draft: LedgerDraft, command: PauseCommand, account: Hex): void {
  const environment = guarded(draft, command.environment, account);
  const { windowSeconds } = nextRules(environment).rules.dispute;
  const { seconds } = command;
  if (seconds < 1 || seconds > windowSeconds) {
    throw refusal("SETTLEMENT_PAUSE", "seconds", `got ${seconds}, expected 1 to ${windowSeconds}`);
  }
  const { pausedUntil, pausedSeconds } = environment;
  const next = pausedUntil === 0n ? 0n : pausedUntil + BigInt(windowSeconds);
  if (draft.time < next) {
    const message = `got time ${draft.time}, expected ${next} or later: a window after the last pause`;
    throw refusal("SETTLEMENT_PAUSE", "time", message);
  }
  draft.setEnvironment({
    ...environment,
    pausedUntil: draft.time + BigInt(seconds),
    pausedSeconds: pausedSeconds + BigInt(seconds),
  });
}

/** @throws SETTLEMENT_CLOSED, SETTLEMENT_NOT_ALLOWED, SETTLEMENT_PAUSE */
export function unpause(draft: LedgerDraft, command: UnpauseCommand, account: Hex): void {
  const environment = guarded(draft, command.environment, account);
  const left = environment.pausedUntil - draft.time;
  if (left <= 0n) {
    throw refusal("SETTLEMENT_PAUSE", "environment", "it is not paused");
  }
  draft.setEnvironment({
    ...environment,
    pausedUntil: draft.time,
    pausedSeconds: environment.pausedSeconds - left,
  });
}
