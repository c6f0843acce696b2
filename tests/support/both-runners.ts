// Two chains that live the same life, one on V8 and one on the word interpreter. Every block runs on both,
// must come out equal to the last byte of its bundle, and must replay from that bundle on both.
import { expect } from "vitest";
import { joinDeployInput } from "../../host/chain/transaction.ts";
import { fromHex, type Hex, toHex } from "../../host/codec/hex.ts";
import type {
  ExecutedBlock,
  ExecutedEntry,
  ViewInput,
  ViewResult,
} from "../../host/environment/environment-core.ts";
import { Outcome } from "../../host/outcome.ts";
import { presetRules } from "../../host/rules/presets.ts";
import type { Rules } from "../../host/rules/rules.ts";
import type { Frame, FrameEnd, FrameRunner } from "../../host/sandbox/frame.ts";
import type { Program } from "../../host/sandbox/program-source.ts";
import { V8Runner } from "../../host/sandbox/v8-runner.ts";
import { WordRunner } from "../oracle/word-runner.ts";
import { TestChain, type TestFields } from "./test-chain.ts";

export type BundledBlock = ExecutedBlock & { readonly bundle: Uint8Array };

/** Everything of a block as text and numbers: long byte arrays take seconds to compare one by one. */
function inText({ entries, bundle, ...block }: BundledBlock): unknown {
  const { height, blockHash, orderHash, resultHash, stateRoot, gasUsed, messages } = block;
  return {
    ...{ height, blockHash, orderHash, resultHash, stateRoot, gasUsed },
    messages: messages.map(({ input, ...message }) => ({ ...message, input: toHex(input) })),
    entries: entries.map(({ output, events, ...entry }) => ({
      ...entry,
      output: toHex(output),
      events: events.map(({ data, ...event }) => ({ ...event, data: toHex(data) })),
    })),
    bundle: toHex(bundle),
  };
}

/** Words for contracts, V8 for prepare: that takes a second of words for each deployment. */
export class ContractWords implements FrameRunner {
  readonly #words: WordRunner;
  readonly #native = new V8Runner();

  constructor(...rules: readonly Rules[]) {
    this.#words = new WordRunner(...rules);
  }

  run(frame: Frame, program: Program): FrameEnd {
    const isPrepare = frame.self.every((byte, i) => byte === (i === 19 ? 1 : 0));
    return (isPrepare ? this.#native : this.#words).run(frame, program);
  }
}

/** One environment twice. */
export class BothRunners {
  readonly native: TestChain;
  readonly words: TestChain;

  private constructor(native: TestChain, words: TestChain) {
    this.native = native;
    this.words = words;
  }

  /** `runner` is what V8 is compared with; where it meets a host fault, `machineRunner` takes over. */
  static async open(
    names: readonly string[] = ["alice", "bob"],
    rules: Rules = presetRules("general"),
    runner: FrameRunner = new ContractWords(rules),
    machineRunner?: FrameRunner,
  ): Promise<BothRunners> {
    return new BothRunners(
      await TestChain.open(names, rules),
      await TestChain.open(names, rules, runner, machineRunner),
    );
  }

  sign(name: string, fields: TestFields): Uint8Array {
    return this.native.sign(name, fields);
  }

  /** Executes and replays a block on both. */
  async block(transactions: readonly Uint8Array[], rules?: Rules): Promise<BundledBlock> {
    const native = await this.native.block(transactions, 0, rules);
    const words = await this.words.block(transactions, 0, rules);
    expect(inText(words)).toEqual(inText(native));
    for (const chain of [this.native, this.words]) {
      const { verdict, finding } = chain.replay(native.bundle);
      expect({ verdict, finding }).toEqual({ verdict: "valid", finding: undefined });
    }
    return native;
  }

  /** Deploys in one block; the addresses. */
  async deploy(name: string, wasms: readonly Uint8Array[]): Promise<Uint8Array[]> {
    const nothing = new Uint8Array(0);
    const gasLimit = 60_000_000;
    const { entries } = await this.block(
      wasms.map((wasm) =>
        this.sign(name, { kind: "deploy", input: joinDeployInput(wasm, nothing), gasLimit }),
      ),
    );
    return entries.map((entry) => {
      expect([entry.outcome, entry.code]).toEqual([Outcome.success, 0]);
      return fromHex(entry.contract as Hex, 20);
    });
  }

  /** Calls in one block, all from one sender. */
  async calls(name: string, calls: readonly Omit<TestFields, "kind">[]): Promise<ExecutedEntry[]> {
    const { entries } = await this.block(
      calls.map((fields) => this.sign(name, { kind: "call", ...fields })),
    );
    return [...entries];
  }

  view(input: ViewInput): ViewResult {
    const native = this.native.core.view(input);
    expect(this.words.core.view(input)).toEqual(native);
    return native;
  }
}
