// Probers on both runners, and what their calls are expected to come to. Every expectation here holds on V8,
// on the word interpreter and in the replay of both, because BothRunners compares them.
import { expect } from "vitest";
import type { ExecutedEntry } from "../../../host/environment/environment-core.ts";
import { Outcome, TrapCode } from "../../../host/outcome.ts";
import { presetRules } from "../../../host/rules/presets.ts";
import type { Rules } from "../../../host/rules/rules.ts";
import { BothRunners } from "../../support/both-runners.ts";
import { numbersOf, proberWasm, type Script } from "../../support/prober.ts";
import type { TestFields } from "../../support/test-chain.ts";

export type TrapName = keyof typeof TrapCode;
type CallFields = Omit<TestFields, "kind" | "to" | "input">;

/** Enough for any script here; a block has room for sixty that lose it to a trap. */
export const GAS_LIMIT = 12_000_000;

/** A script, what it is about, and the trap it ends with or the numbers it shows. */
export type Case = readonly [about: string, script: Script, expected: TrapName | readonly number[]];

/** Deployed probers; the first is the one that scripts run in unless told otherwise. */
export class Probers {
  readonly chain: BothRunners;
  readonly addresses: readonly Uint8Array[];

  private constructor(chain: BothRunners, addresses: readonly Uint8Array[]) {
    this.chain = chain;
    this.addresses = addresses;
  }

  static async open(count: number, rules: Rules = presetRules("general")): Promise<Probers> {
    const chain = await BothRunners.open(["alice", "bob"], rules);
    const wasm = proberWasm(rules.module.pages);
    return new Probers(chain, await chain.deploy("alice", Array(count).fill(wasm)));
  }

  at(index: number): Uint8Array {
    return this.addresses[index] as Uint8Array;
  }

  async runAll(scripts: readonly Script[], fields: CallFields = {}): Promise<ExecutedEntry[]> {
    const to = this.at(0);
    return this.chain.calls(
      "alice",
      scripts.map((script) => ({ to, input: script.bytes(), gasLimit: GAS_LIMIT, ...fields })),
    );
  }

  async run(script: Script, fields: CallFields = {}): Promise<ExecutedEntry> {
    const [entry] = await this.runAll([script], fields);
    return entry as ExecutedEntry;
  }

  /** The numbers that a successful script shows. */
  async numbers(script: Script, fields: CallFields = {}): Promise<number[]> {
    const entry = await this.run(script, fields);
    expect(entry).toMatchObject({ outcome: Outcome.success, code: 0 });
    return numbersOf(entry.output);
  }

  /** The bytes that a successful script shows. */
  async output(script: Script, fields: CallFields = {}): Promise<Uint8Array> {
    const entry = await this.run(script, fields);
    expect(entry).toMatchObject({ outcome: Outcome.success, code: 0 });
    return entry.output;
  }

  /** Runs all cases in one block. */
  async check(cases: readonly Case[]): Promise<void> {
    const entries = await this.runAll(cases.map(([, script]) => script));
    expect(cases.map(([about], i) => [about, endOf(entries[i] as ExecutedEntry)])).toEqual(
      cases.map(([about, , expected]) => [about, expected]),
    );
  }
}

/** The trap's name, the numbers shown, or the outcome for what is neither. */
function endOf(entry: ExecutedEntry): string | number[] {
  if (entry.outcome === Outcome.success) return numbersOf(entry.output);
  if (entry.outcome !== Outcome.trap) return `outcome ${entry.outcome}, code ${entry.code}`;
  expect(entry.output).toHaveLength(0);
  expect(entry.events).toHaveLength(0);
  return Object.entries(TrapCode).find(([, code]) => code === entry.code)?.[0] ?? "no trap code";
}
