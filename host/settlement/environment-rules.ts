// The rules of environments on the ledger: which of them apply at a height, what the ledger asks of rules beyond
// their own ranges, and how an operator announces new ones. Announced rules wait for as many blocks as fit into a
// window, so that whoever dislikes them can leave before.
import { equalBytes, toHex } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";
import { HEAD_BYTES } from "../limits.ts";
import { checkCodeOfBlock, checkStepsOfBlock } from "../rules/conflicts.ts";
import { decodeRules } from "../rules/encode-rules.ts";
import type { Rules } from "../rules/rules.ts";
import type { RulesCommand } from "./ledger-command.ts";
import { type LedgerDraft, refusal } from "./ledger-draft.ts";
import type { LedgerEnvironment, RulesVersion } from "./ledger-state.ts";

/** What an order of this height names. */
export function rulesAt({ rules }: LedgerEnvironment, height: bigint): RulesVersion {
  return rules.findLast((version) => version.height <= height)!;
}

/** Those of the heights from `first` to `last`, announced ones too where there is no last. */
export function rulesOfHeights(
  { rules }: LedgerEnvironment,
  first: bigint,
  last?: bigint,
): readonly Rules[] {
  const from = rules.findLastIndex((version) => version.height <= first);
  return rules
    .slice(from)
    .filter((version) => last === undefined || version.height <= last)
    .map((version) => version.rules);
}

/** Those that apply to the next order. */
export function nextRules(environment: LedgerEnvironment): RulesVersion {
  return rulesAt(environment, environment.head.height + 1n);
}

/**
 * Rules that this ledger can keep: bodies lie with it, and every message that an inbox accepts fits a body.
 * @throws SETTLEMENT_RULES · BYTES_…, RULES_… for other bytes
 */
export function readRules(bytes: Uint8Array, height: bigint): RulesVersion {
  const rules = decodeRules(bytes);
  if (rules.data !== "settlement") {
    throw refusal("SETTLEMENT_RULES", "rules.data", `got a committee, expected "settlement"`);
  }
  const longest = HEAD_BYTES + rules.messages.messageBytesMax;
  const { bodyBytesMax } = rules.block;
  if (bodyBytesMax < longest) {
    const message = `got ${bodyBytesMax}, expected at least ${longest}: a message of the inbox`;
    throw refusal("SETTLEMENT_RULES", "rules.block.bodyBytesMax", message);
  }
  return { height, rules, hash: keccak256(bytes) };
}

/**
 * Blocks that an announcement waits under these rules: no more fit into a window. Blocks are an interval apart, but the
 * first may say that it is older, and the last that it is younger, than it is.
 */
export function noticeBlocks(...versions: readonly Rules[]): bigint {
  const most = (of: (rules: Rules) => number) => Math.max(...versions.map(of));
  const window = most(({ dispute }) => dispute.windowSeconds);
  const seconds = window + 2 * most(({ block }) => block.timeSkewSecondsMax);
  const interval = Math.min(...versions.map(({ block }) => block.intervalSeconds));
  return BigInt(Math.ceil(seconds / interval));
}

/** Messages that wait came in under the old rules, and must not be skipped under the new ones. */
function checkMessages({ messages: old }: Rules, { messages }: Rules): void {
  if (messages.messageBytesMax < old.messageBytesMax) {
    const message = `got ${messages.messageBytesMax}, expected at least ${old.messageBytesMax}`;
    throw refusal("SETTLEMENT_RULES", "rules.messages.messageBytesMax", message);
  }
  if (messages.inboxPerBlockMax === 0 && old.inboxPerBlockMax > 0) {
    const message = "got 0, expected at least 1: there may be messages that wait";
    throw refusal("SETTLEMENT_RULES", "rules.messages.inboxPerBlockMax", message);
  }
}

/**
 * @throws SETTLEMENT_NOT_ALLOWED, SETTLEMENT_CLOSED, SETTLEMENT_HEIGHT, SETTLEMENT_RULES · as readRules ·
 * RULES_CONFLICT where code deployed before could take more steps than the run of a block may have, or be larger
 * than a block may enter
 */
export function announceRules(draft: LedgerDraft, command: RulesCommand, account: string): void {
  const environment = draft.openEnvironment(command.environment);
  if (account !== environment.operator) {
    const message = `got ${account}, expected the operator ${environment.operator}`;
    throw refusal("SETTLEMENT_NOT_ALLOWED", "account", message);
  }
  const last = environment.rules.at(-1)!;
  const next = environment.head.height + 1n;
  // What was announced before may bring faster blocks, or a longer window, before this binds.
  const soonest = next + noticeBlocks(...rulesOfHeights(environment, next));
  const least = soonest > last.height ? soonest : last.height + 1n;
  if (command.height < least) {
    const message = `got ${command.height}, expected at least ${least}`;
    throw refusal("SETTLEMENT_HEIGHT", "height", message);
  }
  const version = readRules(command.rules, command.height);
  checkMessages(last.rules, version.rules);
  const before = environment.rules.map(({ rules }) => rules);
  checkStepsOfBlock(version.rules, before);
  checkCodeOfBlock(version.rules, before);
  draft.setEnvironment({ ...environment, rules: [...environment.rules, version] });
}

/** @throws SETTLEMENT_RULES_HASH unless it is that of the rules at this height */
export function checkRulesHash(version: RulesVersion, hash: Uint8Array): void {
  if (equalBytes(version.hash, hash)) return;
  const message = `got ${toHex(hash)}, expected ${toHex(version.hash)}`;
  throw refusal("SETTLEMENT_RULES_HASH", "rulesHash", message);
}
