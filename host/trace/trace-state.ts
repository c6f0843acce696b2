// The state of a block's run before one of its steps, as a debugger shows it: from the order on, on the proof
// machine, from the bundle alone. What the bundle claims plays no part, so the state and its hash are those
// that an honest party of a dispute commits to.

import { type Bundle, type DebugEntry, decodeBundle } from "../chain/bundle.ts";
import { type Hex, toHex } from "../codec/hex.ts";
import { EngineError } from "../errors.ts";
import type { SuspendedFrame } from "../machine/block-run.ts";
import { BundleRun, type RunView } from "../machine/bundle-run.ts";
import type { MachineFrame } from "../machine/machine.ts";
import { WordOp } from "../program/stub-words.ts";
import type { StateHasher } from "../state/state-hasher.ts";
import { ContractNames } from "./contract-names.ts";
import { frameValues } from "./frame-values.ts";
import { detailsBefore } from "./host-call-details.ts";
import { nameOfFunction, nativeStack } from "./native-stack.ts";
import { frameAddress, phaseText } from "./phase-text.ts";
import { hostCallParameters, hostStep, type WordAt, wordAbout, wordAt } from "./step-text.ts";
import { StorageNames } from "./storage-names.ts";
import type { TracedPlace, TracedState } from "./traced-state.ts";

export interface StateRequest {
  /** Steps of the block's run that come before the state. */
  readonly step: bigint;
  /** Index of the entry that the step must belong to, where the user named one. */
  readonly transaction?: number;
  /** ABIs and source maps beside those of the bundle, and before them. */
  readonly artifacts?: readonly DebugEntry[];
}

/** Registers of a header (docs/machine.md section 1). */
const At = { gas: 244, status: 252, phase: 253, resume: 254 } as const;
const Status = { run: 1, halted: 2 } as const;
const STEPS_MAX = 2n ** 32n;
const CALL = 0x10;

/** The steps of one entry in the run of its block. */
export interface EntrySteps {
  readonly first: bigint;
  readonly last: bigint;
}

/** @throws as BundleRun.entryStart */
export function entrySteps(run: BundleRun, index: number): EntrySteps {
  return { first: run.entryStart(index), last: run.entryStart(index + 1) - 1n };
}

/**
 * The state before step `request.step` of the run of the bundle in `bytes`.
 * @throws TRACE_TRANSACTION, TRACE_STEP for what the block does not have; the codes of an unusable bundle;
 * HOST_FAULT when the machine fails
 */
export function traceState(
  bytes: Uint8Array,
  request: StateRequest,
  hasher: StateHasher,
): TracedState {
  const bundle = decodeBundle(bytes);
  const run = new BundleRun(bundle, hasher);
  const steps = stepsOf(bundle, run, request);
  const names = new ContractNames([...(request.artifacts ?? []), ...bundle.debug]);
  return stateOf(bundle, request.step, run.viewAt(request.step), steps, names);
}

/** Where the entry of a step begins and ends; undefined behind the last one. */
function stepsOf(bundle: Bundle, run: BundleRun, request: StateRequest): EntrySteps | undefined {
  const { step, transaction: asked } = request;
  const { height } = bundle.order;
  const count = bundle.transactions.length;
  if (asked !== undefined && !(Number.isInteger(asked) && asked >= 0 && asked < count)) {
    throw new EngineError({
      code: "TRACE_TRANSACTION",
      message: `got transaction ${asked}, expected 0 to ${count - 1}: the block has ${count}`,
      where: { height, field: "transaction" },
    });
  }
  if (step < 0n || step > STEPS_MAX) {
    throw new EngineError({
      code: "TRACE_STEP",
      message: `got step ${step}, expected 0 to ${run.end().steps}, where the block halts`,
      where: { height, field: "step" },
    });
  }
  if (asked === undefined) {
    const { entry } = run.viewAt(step);
    return entry < count ? entrySteps(run, entry) : undefined;
  }
  const steps = entrySteps(run, asked);
  if (step >= steps.first && step <= steps.last) return steps;
  throw new EngineError({
    code: "TRACE_STEP",
    message: `got step ${step}, expected ${steps.first} to ${steps.last}: the steps of transaction ${asked}, counted in the block`,
    where: { height, transaction: asked, field: "step" },
    hint: "leave --tx away: the step alone tells the transaction; plasma trace BUNDLE --tx N shows its first and last step",
    details: { first: String(steps.first), last: String(steps.last) },
  });
}

function stateOf(
  { order, transactions }: Bundle,
  step: bigint,
  view: RunView,
  steps: EntrySteps | undefined,
  names: ContractNames,
): TracedState {
  const { header, hash, entry, callers } = view;
  const registers = new DataView(header.buffer, header.byteOffset, header.length);
  const status = registers.getUint8(At.status);
  const about = status === Status.run ? runningStep(view, names) : standingStep(view, registers);
  return {
    height: order.height,
    step,
    transaction: entry < transactions.length ? entry : null,
    firstStep: steps?.first ?? null,
    lastStep: steps?.last ?? null,
    ...about,
    callDepth: callers.length + (view.frame === undefined ? 0 : 1),
    gas: registers.getBigInt64(At.gas),
    callers: [...callers].reverse().map((caller) => contractOf(caller, names)),
    stateHash: toHex(hash),
  };
}

type StepParts = Pick<TracedState, "kind" | "instruction" | "about" | "hostCall" | "place">;

/** A step of a phase, or none. */
function standingStep({ record, callers }: RunView, registers: DataView): StepParts {
  if (registers.getUint8(At.status) === Status.halted) {
    const about = "the block has halted: every later step leads to this state again";
    return { kind: "end", instruction: "end", about, hostCall: null, place: null };
  }
  const phase = registers.getUint8(At.phase);
  const { name, about } = phaseText(record, {
    phase,
    resume: registers.getUint16(At.resume),
    gas: registers.getBigInt64(At.gas),
    isSubCall: callers.length > 0,
  });
  const instruction = `phase ${phase} ${name}`;
  return { kind: "phase", instruction, about, hostCall: null, place: null };
}

function runningStep({ frame, record }: RunView, names: ContractNames): StepParts {
  const guest = frame as MachineFrame;
  const word = wordAt(guest);
  const place = placeOf(guest, record, word, names);
  if (word.op !== WordOp.host) {
    const instruction = `${word.text}${targetOf(guest, word, names)}`;
    const about = wordAbout(guest, word);
    return { kind: "word", instruction, about, hostCall: null, place };
  }
  const { name, args, isFirst, about } = hostStep(guest, word);
  const { prepared } = guest.program;
  const module = names.module(prepared.wasm, prepared.codeRecord.wasmHash);
  const storage = module.abi === undefined ? undefined : new StorageNames(module.abi);
  const view = { guest, module, storage, opened: undefined };
  const parameters = hostCallParameters[name];
  return {
    kind: "host call",
    instruction: `host call ${name}`,
    about,
    hostCall: {
      name,
      args: Object.fromEntries(args.map((arg, i) => [parameters[i] ?? String(i), arg])),
      details: isFirst ? detailsBefore(name, view, args) : {},
    },
    place,
  };
}

/** The function that a `call` enters, where it has a name. */
function targetOf(guest: MachineFrame, { op, b }: WordAt, names: ContractNames): string {
  if (op !== CALL && op !== WordOp.function) return "";
  const { prepared } = guest.program;
  const owner = names.places(prepared).owner(b);
  if (owner.kind === "entry") return "";
  const module = names.module(prepared.wasm, prepared.codeRecord.wasmHash);
  const name = nameOfFunction(prepared, module, owner.funcidx);
  return ` (${name ?? `function ${owner.funcidx}`})`;
}

function placeOf(
  guest: MachineFrame,
  record: Uint8Array,
  word: WordAt,
  names: ContractNames,
): TracedPlace {
  const { prepared } = guest.program;
  const { stack: functions, stackOmitted: functionsOmitted } = nativeStack(guest, names);
  const owner = names.places(prepared).owner(guest.pc);
  return {
    ...contractOf({ frame: guest, record }, names),
    codeHash: toHex(prepared.codeRecord.wasmHash),
    pc: guest.pc,
    ...frameValues(guest, owner, word.pops),
    pages: guest.pages,
    depthLeft: guest.depth,
    functions,
    functionsOmitted,
  };
}

function contractOf(
  { frame, record }: SuspendedFrame,
  names: ContractNames,
): { readonly address: Hex; readonly contract: string | null } {
  const { wasm, codeRecord } = frame.program.prepared;
  const { abi } = names.module(wasm, codeRecord.wasmHash);
  return { address: frameAddress(record), contract: abi?.contract ?? null };
}
