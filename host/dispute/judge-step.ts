// The step function of the machine (docs/machine.md): from any well-formed state to the next one, through an
// access to the state. It is total: what no run reaches is stuck, and a halted or stuck state stays.
import { readWord, type StepAccess } from "./judge-access.ts";
import { type Header, isWellFormed, Status } from "./judge-header.ts";
import { executeHost } from "./judge-host-calls.ts";
import { executePhase } from "./judge-phases.ts";
import { STUCK } from "./judge-rejection.ts";
import { executeWord, isWordInBounds } from "./judge-words.ts";

const HOST = 0x211;

function runWord(access: StepAccess) {
  const word = readWord(access);
  if (!isWordInBounds(word)) throw STUCK;
  if (word.op === HOST) return executeHost(access, word);
  if (access.header.phase !== 0) throw STUCK;
  executeWord(access, word);
}

/** Executes one step. @throws STUCK, after which nothing of what was written counts · Rejection */
export function executeStep(access: StepAccess) {
  const { status } = access.header;
  if (status === Status.phase) executePhase(access);
  else if (status === Status.run) runWord(access);
  if (!isWellFormed(access.header)) throw STUCK;
}

/** The header after a step that is stuck: the one before, with another status. */
export function stuckHeader(before: Header): Header {
  return { ...before, status: Status.stuck, phase: 0, resume: 0 };
}
