// Two chains that live the same life, one on V8 and one on the word interpreter. Every block runs on both,
// must come out equal to the last byte of its bundle, and must replay from that bundle on both.
import { expect } from "vitest";
import { joinDeployInput } from "../../host/chain/transaction.ts";
import { fromHex, type Hex } from "../../host/codec/hex.ts";
import type {
  ExecutedBlock,
  ExecutedEntry,
  ViewInput,
  ViewResult,
} from "../../host/environment/environment-core.ts";
import { Outcome } from "../../host/outcome.ts";
import { presetRules } from "../../host/rules/presets.ts";
import type { Rules } from "../../host/rules/rules.ts";
import { WordRunner } from "../oracle/word-runner.ts";
import { TestChain, type TestFields } from "./test-chain.ts";

export type BundledBlock = ExecutedBlock & { readonly bundle: Uint8Array };

/** One environment twice. */
export class BothRunners {
  readonly native: TestChain;
  readonly words: TestChain;

  private constructor(native: TestChain, words: TestChain) {
    this.native = native;
    this.words = words;
  }

  static async open(
    names: readonly string[] = ["alice", "bob"],
    rules: Rules = presetRules("general"),
  ): Promise<BothRunners> {
    return new BothRunners(
      await TestChain.open(names, rules),
      await TestChain.open(names, rules, new WordRunner(rules)),
    );
  }

  sign(name: string, fields: TestFields): Uint8Array {
    return this.native.sign(name, fields);
  }

  /** Executes and replays a block on both. */
  async block(transactions: readonly Uint8Array[]): Promise<BundledBlock> {
    const native = await this.native.block(transactions);
    const words = await this.words.block(transactions);
    expect(words).toEqual(native);
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
