// A transaction whose run fails under the contract (a host fault: native stack or memory, an exception of
// the engine) is not decided by that run. What it wrote is taken back and it runs again in the machine,
// which meets none of those limits; the program is noted and the block goes on (DESIGN 5). Touches of state
// stay: the second run touches all of them again.

import type { Hex } from "../codec/hex.ts";
import { AssertionError, EngineError } from "../errors.ts";
import type { FrameEnd, FrameRunner, TransactionContext } from "../sandbox/frame.ts";
import { hostFault } from "../sandbox/instance-pool.ts";
import { markWorld, rollbackWorld } from "../sandbox/world.ts";

/** What is remembered of a host fault that the machine made good. */
export interface HostFaultNote {
  /** Index in the body. */
  readonly transaction: number;
  /** Hash of the code record of the program that ran; absent where none did. */
  readonly program?: Hex;
  /** What failed. */
  readonly message: string;
}

/** A run that may have to be repeated. */
export interface Repeatable {
  readonly context: TransactionContext;
  /** Runs words where the runner of `context` fails; absent: a host fault is thrown. */
  readonly machineRunner: FrameRunner | undefined;
  /** Told once the machine has made a fault good. */
  readonly onHostFault: (fault: Omit<HostFaultNote, "transaction">) => void;
  /** Leaves nothing behind but state, events, log lines and what its observer saw. */
  readonly run: (context: TransactionContext) => FrameEnd;
}

/** @throws HOST_FAULT when the machine fails too, or there is none; what `run` throws of state and code */
export function repeatInMachine(repeatable: Repeatable): FrameEnd {
  const { context, machineRunner, run } = repeatable;
  if (machineRunner === undefined) return run(context);
  const { log } = context;
  const mark = markWorld(context);
  const lines: [self: Uint8Array, line: Uint8Array][] = [];
  // Held back until the run counts: nobody should hear a line twice.
  const attempt =
    log === undefined
      ? context
      : { ...context, log: (...line: [Uint8Array, Uint8Array]) => void lines.push(line) };
  let end: FrameEnd;
  try {
    end = run(attempt);
  } catch (fault) {
    if (!isHostFault(fault)) throw fault;
    rollbackWorld(context, mark);
    lines.length = 0;
    context.observer?.repeat?.();
    end = secondRun(fault, () => run({ ...attempt, runner: machineRunner }));
    repeatable.onHostFault(noteOf(fault));
  }
  for (const line of lines) log?.(...line);
  return end;
}

/** Whether what was thrown says nothing about the transaction: of our own errors only HOST_FAULT does. */
function isHostFault(thrown: unknown): boolean {
  if (thrown instanceof EngineError) return thrown.code === "HOST_FAULT";
  return !(thrown instanceof AssertionError);
}

function secondRun(fault: unknown, run: () => FrameEnd): FrameEnd {
  try {
    return run();
  } catch (second) {
    if (!isHostFault(second)) throw second;
    const first = fault instanceof EngineError ? fault : hostFault(messageOf(fault), fault);
    throw new EngineError({
      code: "HOST_FAULT",
      message: `${first.message}; the machine failed too: ${messageOf(second)}`,
      where: first.where,
      hint: first.hint,
      details: first.details,
      cause: first.cause,
    });
  }
}

function noteOf(fault: unknown): Omit<HostFaultNote, "transaction"> {
  const message = messageOf(fault);
  if (!(fault instanceof EngineError)) return { message };
  const { program } = fault.details;
  const { cause } = fault;
  const whole = cause === undefined ? message : `${message}: ${messageOf(cause)}`;
  return program === undefined ? { message: whole } : { message: whole, program: program as Hex };
}

const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);
