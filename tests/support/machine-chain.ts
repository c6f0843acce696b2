// Blocks of a chain in the reference machine: what the host executed is run again from the order on, one step
// after the other, and must halt with the result that the host sealed. Steps are proven at a stride and the
// proofs judged. The state before a block is what the chain's store was given, in a trie of our own.
import { expect } from "vitest";
import { decodeBundle } from "../../host/chain/bundle.ts";
import { decodeReceipt, type Receipt } from "../../host/chain/receipt.ts";
import { encodeResult } from "../../host/chain/result.ts";
import { joinDeployInput, splitDeployInput } from "../../host/chain/transaction.ts";
import { fromHex, type Hex, toHex } from "../../host/codec/hex.ts";
import { keccak256 } from "../../host/codec/keccak.ts";
import { bytesHash } from "../../host/codec/trees.ts";
import { ByteWriter } from "../../host/codec/writer.ts";
import { Region, Status } from "../../host/dispute/judge-header.ts";
import { initialRun, resultOfRun } from "../../host/dispute/judge-run.ts";
import type { ExecutedBlock } from "../../host/environment/environment-core.ts";
import { nativeStateHasher } from "../../host/environment/native.ts";
import { Outcome } from "../../host/outcome.ts";
import { type Prepared, prepareModule } from "../../host/program/prepare.ts";
import { decodeRules } from "../../host/rules/encode-rules.ts";
import { prepareRulesBlob } from "../../host/rules/prepare-rules.ts";
import { presetRules } from "../../host/rules/presets.ts";
import type { Rules } from "../../host/rules/rules.ts";
import { memoryStore } from "../../host/state/memory-store.ts";
import type { StateChanges } from "../../host/state/state-changes.ts";
import { STATE_KEY_BYTES } from "../../host/state/state-key.ts";
import { JudgeMachine } from "./judge-machine.ts";
import { KnownPieces } from "./judge-pieces.ts";
import { proberWasm } from "./prober.ts";
import { ReferenceTrie, sha256 } from "./reference-trie.ts";
import { TestChain } from "./test-chain.ts";
import { proveAndJudge } from "./word-machine.ts";

/** A block as the machine runs it. */
export interface MachineBlock {
  readonly bundle: Uint8Array;
  /** The state before it. */
  readonly state: ReferenceTrie;
}

const prepared = new Map<string, Prepared>();

function prepareOnce(wasm: Uint8Array, rules: Uint8Array): Prepared {
  const name = `${toHex(bytesHash(wasm))}:${toHex(bytesHash(rules))}`;
  const known = prepared.get(name) ?? prepareModule(wasm, rules);
  prepared.set(name, known);
  return known;
}

function deployedWasms(transactions: readonly Uint8Array[]): Uint8Array[] {
  return transactions.flatMap((bytes) => {
    if (bytes[1] !== 2 || bytes.length < 260) return [];
    return [splitDeployInput(bytes.subarray(256)).wasm];
  });
}

/** The machine before the first step of a block. */
export function machineOf({ bundle: bytes, state }: MachineBlock): JudgeMachine {
  const bundle = decodeBundle(bytes);
  const rules = decodeRules(bundle.rules);
  const known = new KnownPieces({
    body: bundle.transactions,
    deployers:
      rules.deployers === "anyone" ? [] : rules.deployers.map((address) => fromHex(address, 20)),
    receipts: bundle.receipts,
    state,
  });
  const machine = new JudgeMachine(initialRun(bundle.order, bundle.parentResult, rules), known);
  const current = prepareRulesBlob(rules);
  machine.addPrepareRules(current);
  for (const blob of [current, ...bundle.prepareRules]) {
    for (const wasm of [...bundle.code, ...deployedWasms(bundle.transactions)]) {
      try {
        machine.addProgram(prepareOnce(wasm, blob));
      } catch {
        // A deployment that prepare refuses: nothing of it runs.
      }
    }
  }
  return machine;
}

export interface MachineRun {
  readonly steps: number;
  readonly proven: number;
}

/** Whether step `step` is to be proven; `phase` steps and host words are proven more often. */
export type Stride = (machine: JudgeMachine) => boolean;

/** Every step. */
export const everyStep: Stride = () => true;

const HOST = 0x211;

/** One word in `words`, and one phase or step of a host word in `others`. */
export function oneIn(words: number, others: number): Stride {
  let seen = 0;
  return (machine) => {
    const { word } = machine;
    if (word !== undefined && word.op !== HOST) return machine.steps % words === 0;
    seen += 1;
    return seen % others === 0;
  };
}

const RECEIPT = 16;

function field(machine: JudgeMachine, leaf: number, at: number): DataView {
  return new DataView(machine.trees[Region.record]!.leaf(leaf).buffer, at);
}

/** What phase 16 is about to write: a difference says more than another root. */
function receiptSoFar(machine: JudgeMachine): object {
  const [world, data] = [0, 2].map((leaf) => machine.trees[Region.record]!.leaf(leaf));
  const outcome = field(machine, 7, 114).getUint8(0);
  const isDeployed = outcome === Outcome.success && field(machine, 7, 112).getUint8(0) === 2;
  const output = isDeployed
    ? { output: toHex(bytesHash(machine.trees[Region.record]!.leaf(7).slice(52, 72))) }
    : {
        output: toHex(
          keccak256(new ByteWriter(36).raw(data!.slice(32, 36)).raw(data!.slice(0, 32)).finish()),
        ),
      };
  return {
    index: field(machine, 9, 100).getUint32(0),
    outcome,
    code: field(machine, 7, 116).getUint16(0),
    gasUsed: field(machine, 7, 96).getBigUint64(0) - machine.header.gas,
    ...(outcome === Outcome.skipped ? {} : { ...output, events: toHex(world!.slice(32, 64)) }),
  };
}

function receiptClaimed(machine: JudgeMachine, receipts: readonly Receipt[]): object {
  const index = field(machine, 9, 100).getUint32(0);
  const { outcome, code, gasUsed, outputHash, eventsHash } = receipts[index]!;
  const hashes = { output: toHex(outputHash), events: toHex(eventsHash) };
  return { index, outcome, code, gasUsed, ...(outcome === Outcome.skipped ? {} : hashes) };
}

/** Runs a block to its halt and expects the host's result. */
export function runInMachine(
  block: MachineBlock,
  stride: Stride = everyStep,
  onProof?: (machine: JudgeMachine, proof: Uint8Array) => void,
): MachineRun {
  const machine = machineOf(block);
  let proven = 0;
  const receipts = decodeBundle(block.bundle).receipts.map(decodeReceipt);
  while (machine.isRunning) {
    if (machine.header.status === Status.phase && machine.header.phase === RECEIPT) {
      expect(receiptSoFar(machine)).toEqual(receiptClaimed(machine, receipts));
    }
    if (!stride(machine)) {
      machine.skip();
      continue;
    }
    machine.hashRegions();
    const proof = proveAndJudge(machine);
    onProof?.(machine, proof);
    proven += 1;
  }
  const result = resultOfRun(machine.run);
  expect(result === undefined ? "no result" : toHex(encodeResult(result))).toBe(
    toHex(encodeResult(decodeBundle(block.bundle).result)),
  );
  return { steps: machine.steps, proven };
}

/** A chain whose blocks can be run in the machine. */
export class MachineChain {
  readonly chain: TestChain;
  readonly #states: readonly ReferenceTrie[];

  private constructor(chain: TestChain, states: readonly ReferenceTrie[]) {
    this.chain = chain;
    this.#states = states;
  }

  static async open(
    names: readonly string[] = ["alice", "bob"],
    rules: Rules = presetRules("general"),
  ): Promise<MachineChain> {
    const states = [new ReferenceTrie()];
    const store = memoryStore({ hasher: nativeStateHasher() });
    const stage = store.stage.bind(store);
    store.stage = (changes) => {
      states.push(stateAfter(states.at(-1)!, changes));
      stage(changes);
    };
    return new MachineChain(
      await TestChain.open(names, rules, undefined, undefined, store),
      states,
    );
  }

  /** Executes a block on the host; it is not run in the machine yet. */
  async block(
    transactions: readonly Uint8Array[],
    inboxCount = 0,
  ): Promise<MachineBlock & Pick<ExecutedBlock, "entries">> {
    const state = this.#states.at(-1)!;
    const { bundle, entries } = await this.chain.block(transactions, inboxCount);
    return { bundle, entries, state };
  }

  /** Deploys contracts, on the host alone: prepare takes millions of steps. Their addresses. */
  async deploy(wasms: readonly Uint8Array[]): Promise<Uint8Array[]> {
    const input = (wasm: Uint8Array) => joinDeployInput(wasm, new Uint8Array(0));
    const { entries } = await this.chain.block(
      wasms.map((wasm) =>
        this.chain.sign("alice", { kind: "deploy", input: input(wasm), gasLimit: 60_000_000 }),
      ),
    );
    return entries.map(({ contract }) => fromHex(contract as Hex, 20));
  }

  probers(count: number): Promise<Uint8Array[]> {
    return this.deploy(Array(count).fill(proberWasm()));
  }
}

function stateAfter(state: ReferenceTrie, changes: StateChanges): ReferenceTrie {
  return changes.values.reduce<ReferenceTrie>((trie, value, i) => {
    const key = changes.keys.slice(i * STATE_KEY_BYTES, (i + 1) * STATE_KEY_BYTES);
    return trie.with(sha256(key), value?.slice());
  }, state);
}
