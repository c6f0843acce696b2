// A bundle being executed: its order, body, rules and code on its own witness, with nothing from outside but
// the platform. Replay compares what comes out with the claim, tampering seals a lie over it.

import { equalBytes } from "../codec/hex.ts";
import type { SignatureChecker } from "../codec/signature.ts";
import { EngineError } from "../errors.ts";
import { decodeRules } from "../rules/encode-rules.ts";
import type { Rules } from "../rules/rules.ts";
import type { FrameObserver, FrameRunner, HostCrypto } from "../sandbox/frame.ts";
import { type ProgramCache, ProgramSource } from "../sandbox/program-source.ts";
import { Overlay } from "../state/overlay.ts";
import type { StateChanges } from "../state/state-changes.ts";
import type { StateHasher } from "../state/state-hasher.ts";
import { STATE_KEY_BYTES } from "../state/state-key.ts";
import type { StateValue } from "../state/state-store.ts";
import { WitnessState } from "../state/witness-state.ts";
import { type BlockContext, blockContext } from "./block-context.ts";
import type { Bundle } from "./bundle.ts";
import { BundleCode } from "./bundle-code.ts";
import type { EntryCheck } from "./check-entry.ts";
import { type ExecutedEntry, executeEntries } from "./execute-block.ts";
import { outboxRoot } from "./message.ts";
import { type BodyReader, bodyReader, type ReadBody } from "./read-body.ts";
import type { HostFaultNote } from "./repeat-in-machine.ts";

/** What replay receives from the platform it runs on. */
export interface ReplayGround {
  readonly hasher: StateHasher;
  readonly signatures: SignatureChecker;
  /** Reads bodies and checks their signatures; by `signatures`, when asked, where absent. */
  readonly readBody?: BodyReader;
  readonly runner: FrameRunner;
  /** Runs a transaction on which `runner` meets a host fault; where absent, the fault is thrown. */
  readonly machineRunner?: FrameRunner;
  readonly crypto: HostCrypto;
  readonly programs: ProgramCache;
  readonly observer?: FrameObserver;
  /** Called after each entry with the number done. */
  readonly onEntry?: (done: number) => void;
}

/** Begins to read the body of a bundle: first of all, so that another thread may do it while the witness is read. */
export function readBodyOf(bundle: Bundle, ground: ReplayGround): ReadBody {
  return (ground.readBody ?? bodyReader(ground.signatures))(bundle.transactions);
}

/** A bundle being executed on its own witness: nothing from outside but the platform. */
export class ReplayExecution {
  signaturesChecked = 0;
  /** Host faults that the machine made good. */
  readonly hostFaults: HostFaultNote[] = [];
  readonly #bundle: Bundle;
  readonly #ground: ReplayGround;
  readonly #witness: WitnessState;
  readonly #state: Overlay;
  readonly #code: BundleCode;
  /** What the entries execute on. */
  readonly block: BlockContext;
  readonly #body: ReadBody;

  /**
   * `body` is that of the bundle, where it is being read already.
   * @throws RULES_…, WITNESS_… when the rules or the witness cannot be read
   */
  constructor(
    bundle: Bundle,
    ground: ReplayGround,
    check: EntryCheck,
    body = readBodyOf(bundle, ground),
  ) {
    this.#body = body;
    const rules = decodeRules(bundle.rules);
    this.#bundle = bundle;
    this.#ground = ground;
    this.#witness = WitnessState.decode(
      bundle.witness,
      bundle.parentResult.stateRoot,
      ground.hasher,
    );
    this.#state = new Overlay(this.#witness.source(), this.#witness.room);
    this.#code = new BundleCode(bundle, rules);
    this.block = this.#context(rules, check);
  }

  /** Executes the body, entry by entry. */
  entries(): Generator<ExecutedEntry, void, undefined> {
    return executeEntries(this.block, this.#body.entries());
  }

  /** What the executed entries changed. */
  changes(): StateChanges {
    return this.#state.changes();
  }

  /**
   * Whether change `index` of `changes` leaves the value that was there before the block. Of one that was only
   * written the witness has no value to compare with, so it counts as left.
   */
  isIdle(changes: StateChanges, index: number): boolean {
    const at = index * STATE_KEY_BYTES;
    const key = changes.keys.subarray(at, at + STATE_KEY_BYTES);
    const before = this.#before(key);
    if (before === "not shown") return true;
    const after = changes.values[index];
    if (before === undefined || after === undefined) return before === after;
    if (before.length !== after.length) return false;
    if (before instanceof Uint8Array) return equalBytes(before, after);
    try {
      return equalBytes(before.read(0, before.length), after);
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  /** The value before the block, as far as the witness shows it. */
  #before(key: Uint8Array): StateValue | undefined | "not shown" {
    try {
      return this.#witness.shown(key);
    } catch (error) {
      if (isMissing(error)) return "not shown";
      throw error;
    }
  }

  /** Of what the executed entries sent. */
  outboxRoot(): Uint8Array {
    return outboxRoot(this.#bundle.order.environmentId, this.block.outbox.all());
  }

  /** Packed keys that the executed entries touched, 53 bytes each. */
  touchedKeys(): Uint8Array {
    return this.#state.touches().keys;
  }

  stateRoot(): Uint8Array {
    return this.#witness.rootAfter(this.#state);
  }

  /** The state root if the block had made these changes instead. */
  stateRootAfter(changes: StateChanges): Uint8Array {
    return this.#witness.apply(changes);
  }

  /** The witness for what the executed entries touched; before any root is asked for. */
  narrowWitness(): Uint8Array {
    return this.#witness.witness(this.#state.touches());
  }

  /** The code that the executed entries used, ascending by hash. */
  usedCode(): Uint8Array[] {
    return this.#code.used();
  }

  /** The prepare rules of the past that the executed entries used. */
  usedPrepareRules(): Uint8Array[] {
    return this.#code.usedPrepareRules();
  }

  /** @throws WITNESS_UNUSED, CODE_UNUSED when the bundle carries more than the block needs */
  checkAllUsed(): void {
    this.#witness.checkAllUsed(this.#state);
    this.#code.checkAllUsed();
  }

  #context(rules: Rules, check: EntryCheck): BlockContext {
    const { order } = this.#bundle;
    const { runner, machineRunner, crypto, observer, programs } = this.#ground;
    return blockContext({
      rules,
      environmentId: order.environmentId,
      height: order.height,
      time: order.time,
      producer: order.producer,
      inboxCount: order.inboxCount,
      state: this.#state,
      programs: new ProgramSource(this.#code, programs),
      runner,
      crypto,
      checkEntry: check,
      signatureHolds: (transaction, index) => {
        this.signaturesChecked += 1;
        return this.#body.signatureHolds(transaction, index);
      },
      onDeploy: (wasm, wasmHash) => this.#code.add(wasm, wasmHash),
      onHostFault: (fault) => this.hostFaults.push(fault),
      ...(machineRunner === undefined ? {} : { machineRunner }),
      ...(observer === undefined ? {} : { observer }),
    });
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof EngineError && error.code === "WITNESS_MISSING";
