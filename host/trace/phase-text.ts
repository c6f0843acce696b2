// What the phases of an entry do, in words, from the host record of the state before them (docs/machine.md
// sections 2 and 5). Reads and tells; the steps themselves are in assembly/machine/phases.ts.
import { type Hex, toHex } from "../codec/hex.ts";
import { readU32, readU64, readU128 } from "../codec/reader.ts";
import { describeOutcome, Outcome, type TrapCode } from "../outcome.ts";

const LEAF_BYTES = 128;
const Leaf = { frame: 1, transaction: 7, block: 9, terms: 10 } as const;
const TRAPPED = 0x100;
const KIND_DEPLOY = 2;
const STAGE_PREPARE = 1;

/** Fields of a host record that the texts name. */
class RecordFields {
  readonly #record: Uint8Array;

  constructor(record: Uint8Array) {
    this.#record = record;
  }

  address(leaf: number, at: number): Hex {
    const from = LEAF_BYTES * leaf + at;
    return toHex(this.#record.subarray(from, from + 20));
  }
  u8(leaf: number, at: number): number {
    return this.#record[LEAF_BYTES * leaf + at]!;
  }
  u16(leaf: number, at: number): number {
    return 256 * this.u8(leaf, at) + this.u8(leaf, at + 1);
  }
  u32(leaf: number, at: number): number {
    return readU32(this.#record, LEAF_BYTES * leaf + at);
  }
  u64(leaf: number, at: number): bigint {
    return readU64(this.#record, LEAF_BYTES * leaf + at);
  }
  u128(leaf: number, at: number): bigint {
    return readU128(this.#record, LEAF_BYTES * leaf + at);
  }

  get self(): Hex {
    return this.address(Leaf.frame, 0);
  }
  get value(): bigint {
    return this.u128(Leaf.frame, 40);
  }
}

/** What a phase finds beside the record. */
export interface PhaseRegisters {
  readonly phase: number;
  /** Phase 11: how the frame ended. */
  readonly resume: number;
  readonly gas: bigint;
  /** Whether a contract waits for this call. */
  readonly isSubCall: boolean;
}

export interface PhaseText {
  readonly name: string;
  readonly about: string;
}

type Teller = (fields: RecordFields, registers: PhaseRegisters) => string;

const phases: Readonly<Record<number, readonly [name: string, about: Teller]>> = {
  1: [
    "next",
    (fields) => {
      const [index, count] = [fields.u32(Leaf.block, 100), fields.u32(Leaf.block, 96)];
      if (index === count) return `finds the end of the body after ${count} entries: the run halts`;
      return `opens entry ${index} of the body, decodes its head and compares its environment`;
    },
  ],
  2: ["signature", () => "checks the signature of the transaction"],
  3: [
    "sender",
    (fields) =>
      `checks nonce, gas limit, balance and price of ${fields.address(Leaf.transaction, 32)} and takes the fee`,
  ],
  4: ["rules", () => "gives prepare the rules of the order"],
  5: [
    "entered",
    (fields) => `looks whether the block has entered the code of ${fields.self} before`,
  ],
  6: [
    "debit",
    (fields) =>
      fields.value === 0n
        ? "no value moves: goes on with the account that is called"
        : `takes the value ${fields.value} from ${fields.address(Leaf.frame, 20)}`,
  ],
  7: [
    "target",
    (fields) =>
      `looks up the account ${fields.self}${fields.value === 0n ? "" : `, which gets the value ${fields.value}`}`,
  ],
  8: ["lock", (fields) => `locks ${fields.self} against being entered again`],
  9: [
    "code",
    (fields) =>
      `reads the code record of ${fields.self}, counts it where it is new to the block, and starts its frame`,
  ],
  10: [
    "success",
    (fields) => `${fields.self} ended well${isPrepare(fields) ? "" : ": takes its lock away"}`,
  ],
  11: ["leave", (_, registers) => leaveText(registers)],
  12: [
    "record account",
    (fields) =>
      `puts the hash of the new code record into the account ${fields.address(Leaf.transaction, 52)}`,
  ],
  13: [
    "record",
    (fields) =>
      `stores the code record of ${fields.address(Leaf.transaction, 52)}; its first call follows`,
  ],
  14: [
    "refund",
    (fields, { gas }) =>
      `pays ${fields.address(Leaf.transaction, 32)} back for ${gas} gas at price ${fields.u64(Leaf.transaction, 104)}`,
  ],
  15: [
    "producer",
    (fields, { gas }) =>
      `pays the producer ${fields.address(Leaf.terms, 0)} for ${fields.u64(Leaf.transaction, 96) - gas} gas`,
  ],
  16: ["receipt", (fields) => `appends the receipt: ${outcomeText(fields)}`],
};

function leaveText({ resume, isSubCall }: PhaseRegisters): string {
  const end =
    resume >= TRAPPED
      ? describeOutcome(Outcome.trap, (resume - TRAPPED) as TrapCode)
      : (["success", "revert", "", "refused"][resume] ?? String(resume));
  if (isSubCall) return `goes back to the caller, whose call ended with ${end}`;
  return `the call ended with ${end}: state and events go back to where it began`;
}

function isPrepare(fields: RecordFields): boolean {
  return (
    fields.u8(Leaf.transaction, 112) === KIND_DEPLOY &&
    fields.u8(Leaf.transaction, 113) === STAGE_PREPARE
  );
}

function outcomeText(fields: RecordFields): string {
  const outcome = fields.u8(Leaf.transaction, 114) as Outcome;
  return describeOutcome(outcome, fields.u16(Leaf.transaction, 116));
}

/** The address of the contract that the record's frame is of. */
export const frameAddress = (record: Uint8Array): Hex => new RecordFields(record).self;

/** Name of a phase and what it does. */
export function phaseText(record: Uint8Array, registers: PhaseRegisters): PhaseText {
  const row = phases[registers.phase];
  if (row === undefined) return { name: "unknown", about: "no run has this phase" };
  const fields = new RecordFields(record);
  const [name, about] = row;
  const behind =
    isPrepare(fields) && registers.phase >= 7 && registers.phase <= 10 ? " (prepare)" : "";
  return { name, about: `${about(fields, registers)}${behind}` };
}
