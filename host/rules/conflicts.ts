// What fields of rules demand of one another. Each field alone is held to its range in fields.ts.
import { enteredKiB } from "../limits.ts";
import { rulesError } from "./read-field.ts";
import type { Rules } from "./rules.ts";

/** Steps of a run (docs/machine.md section 9) without 16 phases for each of 2^20 entries. */
const FRAME_STEPS_MAX = 2n ** 32n - 2n ** 16n - 2n ** 24n;

/**
 * Most block gas with which a block's run stays within the machine's steps. A frame that is out of gas
 * goes on to its next check, at most through one body: two words for an instruction. `versions` are all
 * the rules that code which runs was deployed under: it keeps their prices.
 */
export function blockGasMax({ gas }: Rules, versions: readonly Rules[]): bigint {
  const calls = versions.map((version) => version.gas.hostCalls.call.base);
  const entries = versions.map((version) => version.gas.entry.base);
  const instructions = versions.map(({ module }) => module.bodyInstructions);
  const leastFrame = BigInt(Math.min(gas.intrinsic.transaction, ...calls) + Math.min(...entries));
  return (FRAME_STEPS_MAX * leastFrame) / (leastFrame + 2n * BigInt(Math.max(...instructions)));
}

/**
 * Refuses rules under which a block could take more steps than a run may have, with code deployed under
 * any of `before` or under the rules themselves.
 * @throws RULES_CONFLICT naming gas.perBlock
 */
export function checkStepsOfBlock(rules: Rules, before: readonly Rules[]): void {
  const most = blockGasMax(rules, [...before, rules]);
  if (rules.gas.perBlock <= most) return;
  throw rulesError(
    "RULES_CONFLICT",
    "gas.perBlock",
    `got ${rules.gas.perBlock}, expected at most ${most}, the gas of 2^32 steps at the least price of entering a frame`,
  );
}

/**
 * Refuses rules under which a block could not enter the largest module of `before` or of its own.
 * @throws RULES_CONFLICT naming block.codeKiBMax
 */
export function checkCodeOfBlock({ block, module }: Rules, before: readonly Rules[]): void {
  const sizes = [module, ...before.map((rules) => rules.module)].map(({ wasmBytes }) => wasmBytes);
  const least = enteredKiB(Math.max(...sizes));
  if (block.codeKiBMax >= least) return;
  throw rulesError(
    "RULES_CONFLICT",
    "block.codeKiBMax",
    `got ${block.codeKiBMax}, expected at least ${least}: what the largest module counts that may be deployed`,
  );
}

/**
 * The rules, where no field contradicts another.
 * @throws RULES_CONFLICT naming the field
 */
export function refuseConflicts(rules: Rules): Rules {
  checkStepsOfBlock(rules, []);
  checkCodeOfBlock(rules, []);
  if (rules.gas.perTransaction > rules.gas.perBlock) {
    throw rulesError(
      "RULES_CONFLICT",
      "gas.perTransaction",
      `got ${rules.gas.perTransaction}, expected at most gas.perBlock, which is ${rules.gas.perBlock}`,
    );
  }
  if (rules.messages.inboxPerBlockMax > 0) refuseMessageGas(rules);
  return rules;
}

/** Intrinsic gas of the longest message: the least that `messages.gas` may be. */
export function messageGasMin({ gas, messages }: Rules): bigint {
  const { transaction, transactionLeaf } = gas.intrinsic;
  return BigInt(transaction + transactionLeaf * Math.ceil(messages.messageBytesMax / 128));
}

/** No message out of the inbox may be skipped: it would lose its value. */
function refuseMessageGas(rules: Rules): void {
  const { gas, messages } = rules;
  const least = messageGasMin(rules);
  const ofBlock = gas.perBlock / BigInt(messages.inboxPerBlockMax);
  const most = ofBlock < gas.perTransaction ? ofBlock : gas.perTransaction;
  if (messages.gas >= least && messages.gas <= most) return;
  throw rulesError(
    "RULES_CONFLICT",
    "messages.gas",
    `got ${messages.gas}, expected ${least} to ${most}: the intrinsic gas of the longest message, to gas.perTransaction and a block's share for each of inboxPerBlockMax messages`,
    "set messages.inboxPerBlockMax to 0 for an environment without an inbox",
  );
}
