// Everything that the run of a block asks for, from its bundle alone: order, body, rules, witness and code.
// What the bundle claims (receipts, result) is not looked at, so that a run of a lying bundle comes to the
// right result. Serves a run from any entry on, as often as somebody begins there.
import type { Bundle } from "../chain/bundle.ts";
import { BundleCode } from "../chain/bundle-code.ts";
import { hashedBody } from "../chain/read-body.ts";
import { checkConsistency } from "../chain/replay-bundle.ts";
import { splitDeployInput } from "../chain/transaction.ts";
import { equalBytes, fromHex, toHex } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";
import { readU32 } from "../codec/reader.ts";
import { bytesRoot } from "../codec/trees.ts";
import { ByteWriter } from "../codec/writer.ts";
import { assert } from "../errors.ts";
import { CODE_RECORD_BYTES, decodeCodeRecord } from "../program/code-record.ts";
import type { Prepared } from "../program/prepare.ts";
import { decodeRules } from "../rules/encode-rules.ts";
import { prepareRulesBlob } from "../rules/prepare-rules.ts";
import type { Rules } from "../rules/rules.ts";
import { ProgramCache, ProgramSource } from "../sandbox/program-source.ts";
import type { StateHasher } from "../state/state-hasher.ts";
import { initialRecord } from "./initial-record.ts";
import { ByteOpenings, GrowingListPaths, ListPaths, OutboxPaths } from "./keccak-openings.ts";
import type { PieceRequest, RunPieces } from "./run-pieces.ts";
import { type KnownValue, StateVersions } from "./state-versions.ts";
import { ValueOpenings, valueRoot } from "./value-openings.ts";

const HEAD_BYTES = 256;
const KIND_DEPLOY = 2;
/** Opening parts before what a terminal 1 shows. */
const TERMINAL_BYTES = 1;

type StatePathRequest = Extract<PieceRequest, { readonly kind: "state path" }>;

const nameOf = (root: Uint8Array, length: number): string => `${toHex(root)}:${length}`;

/** Whether a deploy's head stands and its input is long enough to say how long its Wasm is. */
function showsWasmLength(entry: Uint8Array): boolean {
  return (
    entry.length >= HEAD_BYTES + 4 &&
    entry[0] === 1 &&
    entry[1] === KIND_DEPLOY &&
    entry.subarray(98, 118).every((byte) => byte === 0) &&
    readU32(entry, 156) === entry.length - HEAD_BYTES &&
    equalBytes(entry.subarray(160, 192), bytesRoot(entry, HEAD_BYTES))
  );
}

export class BundlePieces implements RunPieces<Prepared> {
  /** The host record [2,048] of the first state. */
  readonly record: Uint8Array;
  readonly prepareRules: Uint8Array;
  readonly #hasher: StateHasher;
  readonly #body: readonly Uint8Array[];
  readonly #rules: Rules;
  readonly #transactions: ListPaths;
  readonly #receipts = new GrowingListPaths();
  readonly #outbox = new OutboxPaths();
  readonly #states: StateVersions;
  readonly #programs: ProgramSource;
  /** Code records by code root, as the run has met them. */
  readonly #records = new Map<string, Uint8Array>();
  /** Of the entry at hand, by root and length: byte strings and state values. */
  readonly #bytes = new Map<string, ByteOpenings>();
  readonly #values = new Map<string, ValueOpenings>();

  /**
   * @throws what replay refuses before it executes: RULES_…, TRANSACTIONS_ROOT_MISMATCH, WITNESS_…
   */
  constructor(bundle: Bundle, hasher: StateHasher) {
    const entries = checkConsistency(bundle, () => hashedBody(bundle.transactions)).entries();
    this.#hasher = hasher;
    this.#body = bundle.transactions;
    this.#rules = decodeRules(bundle.rules);
    this.record = initialRecord(bundle.order, bundle.parentResult, this.#rules);
    this.#transactions = new ListPaths(entries.map(({ hash }) => hash));
    this.#states = new StateVersions(bundle.witness, bundle.parentResult.stateRoot, hasher);
    const code = new BundleCode(bundle, this.#rules);
    for (const entry of bundle.transactions) {
      if (showsWasmLength(entry)) code.add(splitDeployInput(entry.subarray(HEAD_BYTES)).wasm);
    }
    this.#programs = new ProgramSource(code, new ProgramCache());
    this.prepareRules = prepareRulesBlob(this.#rules);
  }

  /** Keeps the tries with these roots, so that a run may begin again there. */
  keepStates(roots: readonly Uint8Array[]): void {
    for (const root of roots) this.#states.keep(root);
  }

  /** @throws WITNESS_MISSING when the witness opens less than the run needs */
  serve(request: PieceRequest): Uint8Array {
    switch (request.kind) {
      case "entry":
        this.#beginEntry(request.index, request.roots);
        return this.#entry(request.index);
      case "head":
        return this.#body[request.index]!.slice(0, HEAD_BYTES);
      case "deployers":
        return this.#deployers();
      case "receipt path":
        return this.#receipts.path(request.index);
      case "outbox path":
        return this.#outbox.path(request.root);
      case "state path":
        return this.#statePath(request);
      case "leaves":
        return this.#bytesOf(request.root, request.length).opening(request.indices);
      case "chunks":
        return this.#valueOf(request.root, request.length).opening(request.indices);
      case "output":
        return this.#bytesOf(request.root, request.length).bytes;
    }
  }

  /** @throws CODE_MISSING, CODE_MISMATCH when the bundle lacks the code or brings another */
  program(codeRoot: Uint8Array): Prepared {
    const record = this.#records.get(toHex(codeRoot));
    assert(record !== undefined, "a program runs after its code record was read");
    return this.#programs.get(record, keccak256(record)).prepared;
  }

  noteBytes(bytes: Uint8Array): void {
    this.#bytes.set(nameOf(bytesRoot(bytes), bytes.length), new ByteOpenings(bytes));
  }

  noteValue(value: Uint8Array): void {
    this.#noteValue(value);
  }

  stateWritten(root: Uint8Array, path: Uint8Array, value: Uint8Array | undefined): void {
    this.#states.write(root, path, value);
  }

  receiptWritten(index: number, leaf: Uint8Array): void {
    this.#receipts.append(index, leaf);
  }

  messageSent(outboxRoot: Uint8Array, leaf: Uint8Array): void {
    this.#outbox.append(outboxRoot, leaf);
  }

  /** What earlier entries gathered and wrote in between is never asked for again. */
  #beginEntry(index: number, roots: readonly Uint8Array[]): void {
    this.keepStates(roots);
    this.#states.forgetOthers();
    this.#bytes.clear();
    this.#values.clear();
    this.noteBytes(this.#body[index]!.subarray(HEAD_BYTES));
  }

  #entry(index: number): Uint8Array {
    const entry = this.#body[index]!;
    const rest = entry.subarray(HEAD_BYTES);
    const root = bytesRoot(rest);
    const writer = new ByteWriter()
      .u32(entry.length)
      .raw(entry.subarray(0, HEAD_BYTES))
      .raw(root)
      .raw(this.#transactions.path(index));
    if (showsWasmLength(entry)) writer.raw(this.#bytesOf(root, rest.length).opening([0]));
    return writer.finish();
  }

  #deployers(): Uint8Array {
    const { deployers } = this.#rules;
    const list = deployers === "anyone" ? [] : deployers;
    const writer = new ByteWriter().u8(list.length);
    for (const address of list) writer.raw(fromHex(address, 20));
    return writer.finish();
  }

  #statePath({ root, path, reads }: StatePathRequest): Uint8Array {
    const opening = this.#states.opening(root, path, reads);
    if (opening[0] !== 1) return opening;
    if (reads === "code") {
      const record = opening.slice(TERMINAL_BYTES, TERMINAL_BYTES + CODE_RECORD_BYTES);
      this.#records.set(toHex(decodeCodeRecord(record).codeRoot), record);
    }
    // An open value is read piece by piece later, whatever becomes of it in the meantime.
    if (reads === "storage") this.#noteValue(this.#states.value(root, path)!);
    return opening;
  }

  #noteValue(value: KnownValue): void {
    const name = nameOf(valueRoot(this.#hasher, value), value.length);
    let openings = this.#values.get(name);
    if (openings === undefined) {
      openings = new ValueOpenings(this.#hasher, value.length);
      this.#values.set(name, openings);
    }
    openings.learn(value);
  }

  #bytesOf(root: Uint8Array, length: number): ByteOpenings {
    const found = this.#bytes.get(nameOf(root, length));
    assert(found !== undefined, "a run asks for bytes that it has gathered");
    return found;
  }

  #valueOf(root: Uint8Array, length: number): ValueOpenings {
    const found = this.#values.get(nameOf(root, length));
    assert(found !== undefined, "a run asks for chunks of values that it has opened");
    return found;
  }
}
