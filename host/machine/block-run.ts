// One block in the machine (docs/machine.md): words run fast in the module, steps of host calls and phases one
// at a time with the pieces that they ask for. Frames of suspended callers wait here, each with its record.
// Nothing is hashed but when a header is asked for: a run gets to a step first, and commits then.
import { keccak256 } from "../codec/keccak.ts";
import { assert, EngineError } from "../errors.ts";
import { CODE_RECORD_BYTES } from "../program/code-record.ts";
import type { Prepared } from "../program/prepare.ts";
import { gatheredBytes } from "./gathered-bytes.ts";
import { RECORD_BYTES } from "./initial-record.ts";
import { Machine, MachineEnd, type MachineFrame } from "./machine.ts";
import { proveWord } from "./prove-word.ts";
import { RunHeaders, type SuspendedFrame } from "./run-headers.ts";
import type { RunPieces } from "./run-pieces.ts";
import { RunRecord } from "./run-record.ts";
import { Registers, RunStatus } from "./run-registers.ts";
import { recordRoot, returnProof, type SpecialNote, specialProof } from "./step-proof.ts";

const PIECES_BYTES = 16_384;
const NEEDED = 255;
const Place = { roots: 2, path: 3, account: 4 } as const;
const Action = { none: 0, suspend: 1, start: 2, clear: 3, return: 4, stuck: 5 } as const;
const PHASE_NEXT = 1;
const PHASE_RULES = 4;
const PHASE_ENTERED = 5;
const PHASE_SUCCESS = 10;
const PHASE_LEAVE = 11;
const PHASE_LOCK = 8;
const PHASE_RECORD = 13;
const PHASE_RECEIPT = 16;
const TRAPPED = 0x100;
const STORAGE_SET = 7;
const SEND_MESSAGE = 18;
const UPGRADE = 19;
/** Straight code, and one bulk word over all of memory, that a fast run may take beyond its limit. */
const OVERRUN = 2n ** 20n;
const HEADER_BYTES = 256;
const HASH_BYTES = 32;

/** The parts of a state as they stand in memory, good until the run goes on; what is changed in them is changed. */
export interface RunParts {
  /** Host record [2,048]. */
  readonly record: Uint8Array;
  /** [64], assembly/machine/registers.ts. */
  readonly registers: Uint8Array;
  readonly frame: MachineFrame | undefined;
  readonly pieces: RunPieces<Prepared>;
}

export class BlockRun {
  readonly #machine: Machine;
  readonly #pieces: RunPieces<Prepared>;
  readonly #record: RunRecord;
  readonly #piecesAt: number;
  readonly #suspended: SuspendedFrame[] = [];
  /** Registers of the running frame are its own; these are those between frames. */
  readonly #between = new Registers();
  #frame: MachineFrame | undefined;
  /** The frame that was left; its regions stay in the header until the phases are done with it. */
  #left: MachineFrame | undefined;
  readonly #headers: RunHeaders;
  #stepsBetween = 0n;
  /** What the last step of a host call or phase touched. */
  #note: SpecialNote | undefined;
  /** The code record that the running `upgrade` has read. */
  #code: Uint8Array | undefined;

  /** `record` [2,048] is that of the first state, or of one in which an entry begins after `steps` steps. */
  constructor(
    record: Uint8Array,
    pieces: RunPieces<Prepared>,
    machine = new Machine(),
    steps = 0n,
  ) {
    assert(record.length === RECORD_BYTES, "a host record has 16 leaves");
    this.#machine = machine;
    this.#pieces = pieces;
    this.#headers = new RunHeaders(machine);
    this.#record = new RunRecord(machine, record);
    this.#piecesAt = machine.arena.take(PIECES_BYTES);
    this.#between.goTo(PHASE_NEXT);
    this.#stepsBetween = steps;
  }

  /** Steps taken so far. */
  get steps(): bigint {
    return this.#stepsBetween + (this.#frame?.steps ?? 0n);
  }

  get status(): number {
    return this.#frame === undefined ? this.#between.status : RunStatus.run;
  }

  /** Whether an entry is about to begin (or the end of the body found): there is nothing but the record. */
  get isAtEntry(): boolean {
    const { status, phase } = this.#between;
    return this.#frame === undefined && status === RunStatus.phase && phase === PHASE_NEXT;
  }

  /** The frame that runs; undefined in a phase and after the halt. */
  get frame(): MachineFrame | undefined {
    return this.#frame;
  }

  /** The callers of what runs, outermost first. */
  get callers(): readonly SuspendedFrame[] {
    return this.#suspended;
  }

  /** A copy of the host record. */
  record(): Uint8Array {
    return this.#record.view().slice();
  }

  parts(): RunParts {
    const registers = this.#frame?.registerBytes ?? this.#between.bytes;
    return { record: this.#record.view(), registers, frame: this.#frame, pieces: this.#pieces };
  }

  /**
   * Runs until the block halts.
   * @throws HOST_FAULT when a piece is not what the state asks for, or no run reaches this state
   */
  runToHalt(): void {
    this.#run(2n ** 62n);
  }

  /**
   * Runs to the state after `step` steps, or to the halt where that comes first.
   * @throws HOST_FAULT as `runToHalt`
   */
  runTo(step: bigint): void {
    this.#run(step);
  }

  /**
   * As `runTo`, but stops earlier where another entry begins.
   * @throws HOST_FAULT as `runToHalt`
   */
  runToEntry(step: bigint): void {
    this.#run(step, true);
  }

  /**
   * Runs over words, until a step of a host call or phase is next or after `step` steps.
   * @throws HOST_FAULT as `runToHalt`
   */
  runToSpecial(step: bigint): void {
    while (this.#frame !== undefined && this.steps < step) {
      const end = this.#runWords(this.#frame, step - this.steps);
      if (end === MachineEnd.host) return;
      if (end !== MachineEnd.limit) this.#leave(this.#frame, end);
    }
  }

  #run(step: bigint, isToEntry = false): void {
    while (this.steps < step) {
      const frame = this.#frame;
      if (frame !== undefined) {
        const end = this.#runWords(frame, step - this.steps);
        if (end === MachineEnd.host) {
          if (this.steps < step) this.#hostStep(frame);
        } else if (end !== MachineEnd.limit) {
          this.#leave(frame, end);
        }
      } else if (this.#between.status === RunStatus.phase) {
        if (this.#between.phase === PHASE_LEAVE && this.#suspended.length > 0) this.#return();
        else this.#phaseStep();
        if (isToEntry && this.isAtEntry) return;
      } else {
        if (this.#between.status === RunStatus.halted) return;
        throw fault("the run is stuck");
      }
    }
  }

  #runWords(frame: MachineFrame, left: bigint): MachineEnd {
    if (left > OVERRUN) return this.#machine.runFast(frame, left - OVERRUN);
    return this.#machine.runExact(frame, left);
  }

  /** The 256 bytes of the header, with every root up to date. */
  header(): Uint8Array {
    const root = recordRoot(this.record());
    const parentHash = this.#headers.parentHash(this.#suspended);
    if (this.#frame !== undefined) return this.#headers.header(this.#frame, root, parentHash);
    const header = new Uint8Array(HEADER_BYTES);
    if (this.#left !== undefined) header.set(this.#headers.header(this.#left, root, parentHash));
    header.set(root, 160);
    header.set(parentHash, 192);
    this.#between.writeTo(header);
    return header;
  }

  /**
   * Takes `count` steps; the state hash after each, 32 bytes each. A halted state is followed by itself.
   * @throws HOST_FAULT as `runToHalt`
   */
  commit(count: number): Uint8Array {
    const hashes = new Uint8Array(HASH_BYTES * count);
    let done = 0;
    while (done < count) {
      const frame = this.#frame;
      if (frame === undefined || frame.isAtHostWord()) {
        this.#run(this.steps + 1n);
        const hash = keccak256(this.header());
        const same = this.status === RunStatus.halted ? count : done + 1;
        for (; done < same; done++) hashes.set(hash, HASH_BYTES * done);
        continue;
      }
      this.header();
      const before = frame.steps;
      hashes.set(this.#headers.trees(frame).commitSteps(count - done), HASH_BYTES * done);
      done += Number(frame.steps - before);
      if (frame.end !== MachineEnd.limit && frame.end !== MachineEnd.host) {
        this.#leave(frame, frame.end);
        hashes.set(keccak256(this.header()), HASH_BYTES * (done - 1));
      }
    }
    return hashes;
  }

  /** Gives back what the run holds of the machine, which may run another block then. */
  close(): void {
    this.#headers.releaseAll();
    for (const { frame } of this.#suspended.splice(0)) this.#machine.end(frame);
    for (const frame of [this.#frame, this.#left]) {
      if (frame !== undefined) this.#machine.end(frame);
    }
    this.#frame = undefined;
    this.#left = undefined;
    this.#machine.bytes(this.#piecesAt, PIECES_BYTES).fill(0);
    this.#machine.arena.give(this.#piecesAt, PIECES_BYTES);
  }

  /** Takes the next step and gives its proof; a halted run proves that it stays. */
  prove(): Uint8Array {
    const header = this.header();
    const frame = this.#frame;
    const proof = new Uint8Array(HEADER_BYTES + 1);
    proof.set(header);
    if (frame === undefined && this.#between.status !== RunStatus.phase) return proof;
    if (frame === undefined && this.#between.phase === PHASE_LEAVE && this.#suspended.length > 0) {
      return this.#proveReturn(header);
    }
    const record = this.record();
    if (frame === undefined) {
      this.#phaseStep();
      return specialProof({ header, record, ...this.#note! });
    }
    const trees = this.#headers.trees(frame);
    if (!frame.isAtHostWord()) {
      const wordProof = proveWord(trees);
      if (frame.end !== MachineEnd.limit) this.#leave(frame, frame.end);
      return wordProof;
    }
    const { pc } = frame;
    // Stops at the word without a step, and says which host call it is.
    this.#machine.runExact(frame, 1n);
    this.#hostStep(frame);
    return specialProof({ header, record, ...this.#note!, frame: { trees, pc } });
  }

  #proveReturn(header: Uint8Array): Uint8Array {
    const caller = this.#suspended.at(-1)!;
    const proof = returnProof({
      header,
      record: this.record(),
      how: this.#between.resume,
      caller: {
        header: this.#headers.callerHeader(this.#suspended),
        record: caller.record,
        trees: this.#headers.trees(caller.frame),
      },
    });
    this.#return();
    return proof;
  }

  #leave(frame: MachineFrame, end: MachineEnd): void {
    if (end === MachineEnd.stuck) throw fault(`no run reaches pc ${frame.pc} like this`);
    this.#drop(frame);
    if (end === MachineEnd.success) this.#between.goTo(PHASE_SUCCESS);
    else this.#between.goTo(PHASE_LEAVE, TRAPPED + frame.detail);
  }

  /** Ends a frame; its registers go on between frames, its regions until they are cleared. */
  #drop(frame: MachineFrame): void {
    this.#stepsBetween += frame.takeSteps();
    this.#between.bytes.set(frame.registerBytes);
    this.#left = frame;
    this.#frame = undefined;
  }

  #clearLeft(): void {
    const left = this.#left;
    if (left === undefined) return;
    this.#headers.release(left);
    this.#machine.end(left);
    this.#left = undefined;
  }

  #hostStep(frame: MachineFrame): void {
    const number = frame.detail;
    const stateRoot = this.#record.stateRoot();
    const before = frame.registerBytes.slice();
    const record = this.record();
    const { resume } = frame;
    const gathered = this.#noteGathered(frame, number);
    if (number === SEND_MESSAGE && frame.phase === 1 && frame.resume === 1) this.#noteMessage();
    this.#special(frame.registerBytes, frame);
    const { module } = this.#machine;
    this.#stepsBetween += 1n;
    const code = number === UPGRADE ? this.#codeOfUpgrade(resume) : undefined;
    if (module.lastWrite() !== 0) {
      this.#stateWritten(stateRoot, number === STORAGE_SET ? gathered : code);
    }
    if (module.lastAction() === Action.suspend) {
      this.#suspend(frame, before, record);
    } else if (frame.status === RunStatus.phase) {
      this.#drop(frame);
    }
  }

  /** What the path step `resume` of `upgrade` writes where it is not the account: the record read first. */
  #codeOfUpgrade(resume: number): Uint8Array | undefined {
    if (resume === 0) this.#code = this.#note!.pieces.slice(1, 1 + CODE_RECORD_BYTES);
    return resume === 1 ? this.#code : undefined;
  }

  /** The callee's phases begin; the caller keeps the gas that it did not forward. */
  #suspend(frame: MachineFrame, before: Uint8Array, record: Uint8Array): void {
    this.#between.bytes.set(frame.registerBytes);
    const forwarded = this.#between.gas;
    frame.registerBytes.set(before);
    frame.gas -= forwarded;
    this.#stepsBetween += frame.takeSteps();
    frame.suspend();
    this.#suspended.push({ frame, record });
    this.#frame = undefined;
  }

  /** Phase 11 of a sub-call: the caller goes on with its own record, and the callee's world on success. */
  #return(): void {
    this.#clearLeft();
    const { frame, record } = this.#suspended.pop()!;
    const how = this.#between.resume;
    this.#record.returnTo(record, how);
    if (how < TRAPPED) frame.gas += this.#between.gas;
    frame.finishCall(how >= TRAPPED ? 2 : how);
    this.#stepsBetween += 1n;
    this.#frame = frame;
  }

  #phaseStep(): void {
    const { phase } = this.#between;
    const isEntered = phase === PHASE_ENTERED;
    const root = isEntered ? this.#record.enteredRoot() : this.#record.stateRoot();
    const value = this.#valueOf(phase);
    if (phase === PHASE_RECEIPT) this.#noteReceipt();
    this.#special(this.#between.bytes, undefined);
    this.#stepsBetween += 1n;
    const { module } = this.#machine;
    if (module.lastWrite() !== 0) this.#stateWritten(root, value);
    if (module.lastAction() === Action.clear) this.#clearLeft();
    if (module.lastAction() === Action.start) this.#start();
  }

  /** What a phase writes where it is no account. */
  #valueOf(phase: number): Uint8Array | undefined {
    if (phase === PHASE_RULES) return this.#pieces.prepareRules;
    if (phase === PHASE_LOCK || phase === PHASE_ENTERED) return Uint8Array.of(1);
    return phase === PHASE_RECORD ? this.#pieces.serve(this.#record.output()) : undefined;
  }

  /** Tells of the message that is about to be appended. */
  #noteMessage(): void {
    this.#pieces.messageSent(this.#record.outboxRoot(), this.#record.messageLeaf());
  }

  /** Tells of the receipt that is about to be appended. */
  #noteReceipt(): void {
    const leaf = this.#record.receiptLeaf(this.#between.gas);
    this.#pieces.receiptWritten(this.#record.entryIndex(), leaf);
  }

  #start(): void {
    const roots = this.#machine.module.placeOf(Place.roots);
    const prepared = this.#pieces.program(this.#machine.bytes(roots, 32).slice());
    const { gas, depth } = this.#between;
    this.#frame = this.#machine.begin(this.#machine.program(prepared), { gas, depth });
  }

  /** One step of the module on these registers, served until it has all that it asks for. */
  #special(registers: Uint8Array, frame: MachineFrame | undefined): void {
    const { module } = this.#machine;
    let length = 0;
    for (;;) {
      const top = this.#suspended.length === 0;
      const refused = this.#machine.special(registers, frame, this.#piecesAt, length, top);
      if (refused === 0) break;
      if (refused !== NEEDED) throw fault(`a piece was refused with code ${refused}`);
      const piece = this.#pieces.serve(this.#record.request());
      this.#machine.bytes(this.#piecesAt + length, piece.length).set(piece);
      length += piece.length;
    }
    if (module.lastAction() === Action.stuck) throw fault("no run reaches this state");
    const touched = this.#machine.touched();
    this.#note = { ...touched, pieces: this.#machine.bytes(this.#piecesAt, length).slice() };
  }

  #stateWritten(root: Uint8Array, known: Uint8Array | undefined): void {
    const { module } = this.#machine;
    const path = this.#machine.bytes(module.placeOf(Place.path), 32).slice();
    const isSet = module.lastWrite() === 1;
    const account = this.#machine.bytes(module.placeOf(Place.account), 64);
    const value = isSet ? (known ?? account.slice()) : undefined;
    this.#pieces.stateWritten(root, path, value);
  }

  /** Tells of the bytes that this host call gathers; those of a value are returned in its second stage too. */
  #noteGathered(frame: MachineFrame, number: number): Uint8Array | undefined {
    const bytes = gatheredBytes(frame, number);
    if (bytes === undefined) return undefined;
    if (number === STORAGE_SET) this.#pieces.noteValue(bytes);
    else this.#pieces.noteBytes(bytes);
    return bytes;
  }
}

function fault(message: string): EngineError {
  return new EngineError({ code: "HOST_FAULT", message: `the machine cannot go on: ${message}` });
}
