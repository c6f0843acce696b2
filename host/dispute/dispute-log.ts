// A dispute as a file (docs/formats.md section 16): what it is about and every accepted command with its time.
// Whoever has it replays it to the same state and the same verdict, with nothing but the judge. A log that was
// cut replays to the state at the cut, never to another verdict.
import { type BlockOrder, decodeOrder, encodeOrder, ORDER_BYTES } from "../chain/order.ts";
import { type BlockResult, decodeResult, encodeResult, RESULT_BYTES } from "../chain/result.ts";
import { FileKind, openFile, writeFileHeader } from "../codec/file-header.ts";
import { ByteWriter } from "../codec/writer.ts";
import { EngineError, type ErrorWhere } from "../errors.ts";
import { decodeRules, encodeRules } from "../rules/encode-rules.ts";
import type { Rules } from "../rules/rules.ts";
import { type Command, encodeCommand } from "./command.ts";
import { type CommitmentShape, PRODUCTION_SHAPE } from "./commitment-shape.ts";
import { type Applied, applyBytes, applyCommand, openDispute } from "./dispute.ts";
import type { DisputeState, DisputeSubject } from "./dispute-state.ts";
import { judgeStep } from "./judge.ts";
import type { StepJudge } from "./match.ts";

/** An accepted command. */
export interface LogEntry {
  /** Seconds, as settlement gave it. */
  readonly time: bigint;
  /** Canonical bytes. */
  readonly command: Uint8Array;
}

export interface DisputeLog {
  readonly order: BlockOrder;
  readonly parentResult: BlockResult;
  readonly rules: Rules;
  readonly entries: readonly LogEntry[];
}

/** A claim of level B with the longest step proof and some room. */
const COMMAND_BYTES_MAX = 16_384;
const ENTRIES_MAX = 2 ** 24;
const RULES_BYTES_MAX = 65_536;

/** The bytes of a `.dispute` file. @throws BYTES_OUT_OF_RANGE, RULES_… */
export function encodeDisputeLog(log: DisputeLog): Uint8Array {
  const out = new ByteWriter(65_536);
  writeFileHeader(out, FileKind.disputeLog);
  out.raw(encodeOrder(log.order)).raw(encodeResult(log.parentResult)).bytes(encodeRules(log.rules));
  out.u32(log.entries.length);
  for (const { time, command } of log.entries) out.u64(time).bytes(command);
  return out.finish();
}

/**
 * Reads a `.dispute` file: form only, `replayDisputeLog` says whether it is a log.
 * @throws FILE_MAGIC, FILE_KIND, FILE_FORMAT · ORDER_INVALID, RESULT_INVALID, RULES_… · BYTES_TRUNCATED,
 * BYTES_TOO_LONG, BYTES_TRAILING
 */
export function decodeDisputeLog(bytes: Uint8Array, where: ErrorWhere = {}): DisputeLog {
  const input = openFile(bytes, FileKind.disputeLog, where);
  const order = decodeOrder(input.fixed(ORDER_BYTES));
  const parentResult = decodeResult(input.fixed(RESULT_BYTES));
  const rules = decodeRules(input.bytes(RULES_BYTES_MAX));
  const entries = Array.from({ length: input.count(ENTRIES_MAX, 12) }, () => {
    const time = input.u64();
    return { time, command: input.bytes(COMMAND_BYTES_MAX).slice() };
  });
  input.end();
  return { order, parentResult, rules, entries };
}

/** A dispute that writes its own log. */
export class RecordedDispute {
  readonly #entries: LogEntry[] = [];
  readonly #judge: StepJudge;
  #state: DisputeState;

  /** @throws RULES_HASH_MISMATCH */
  constructor(subject: DisputeSubject, judge: StepJudge = judgeStep) {
    this.#state = openDispute(subject);
    this.#judge = judge;
  }

  get state(): DisputeState {
    return this.#state;
  }

  get log(): DisputeLog {
    const { order, parentResult, rules } = this.#state.subject;
    return { order, parentResult, rules, entries: [...this.#entries] };
  }

  #keep(time: bigint, applied: Applied, bytes: () => Uint8Array): Applied {
    if ("state" in applied) {
      this.#state = applied.state;
      this.#entries.push({ time, command: bytes() });
    }
    return applied;
  }

  /** As applyCommand; what is accepted is in the log. */
  apply(time: bigint, command: Command): Applied {
    const applied = applyCommand(this.#state, time, command, this.#judge);
    return this.#keep(time, applied, () => encodeCommand(command, this.#state.subject.shape));
  }

  /** As applyBytes; what is accepted is in the log. */
  applyBytes(time: bigint, command: Uint8Array): Applied {
    const applied = applyBytes(this.#state, time, command, this.#judge);
    return this.#keep(time, applied, () => command.slice());
  }
}

/**
 * The dispute that a log tells. Its verdict is the state's; none means that the log ends before the dispute does.
 * @throws DISPUTE_LOG_INVALID when a command of it is refused · RULES_HASH_MISMATCH
 */
export function replayDisputeLog(
  log: DisputeLog,
  judge: StepJudge = judgeStep,
  shape: CommitmentShape = PRODUCTION_SHAPE,
): RecordedDispute {
  const { order, parentResult, rules } = log;
  const dispute = new RecordedDispute({ order, parentResult, rules, shape }, judge);
  log.entries.forEach(({ time, command }, index) => {
    const applied = dispute.applyBytes(time, command);
    if ("state" in applied) return;
    const { code, message } = applied.refused;
    throw new EngineError({
      code: "DISPUTE_LOG_INVALID",
      message: `command ${index} is refused: ${code}, ${message}`,
      where: { field: `entries[${index}]` },
      details: { index, refusal: code },
      cause: applied.refused,
    });
  });
  return dispute;
}
