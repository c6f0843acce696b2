// The laws that every run obeys (DESIGN 4.3), checked on one entry in three executors: V8, the readable oracle
// and the machine in each mode of its interpreter. Equal ends; gas equal to the costs of the executed words on
// success and never less than them at another trap; depth given back.
import { Machine } from "../../host/machine/machine.ts";
import { CallStatus, TrapCode } from "../../host/outcome.ts";
import type { Prepared } from "../../host/program/prepare.ts";
import { readSourceModule } from "../../host/program/source-module.ts";
import { ValueType } from "../../host/program/wasm-writer.ts";
import { type Ended, type Entry, OracleExecutor, V8Executor } from "./both-executors.ts";
import { agree, holds } from "./disagreement.ts";
import { type EndingCounts, endingOf } from "./ending-counts.ts";
import { MachineExecutor, type MachineMode } from "./machine-executor.ts";
import { testPrepareRules } from "./prepare-rules.ts";
import type { Random } from "./random.ts";

const ENTRY_PRICE = [50, 3, 2] as const;
/** Rules under which the laws are checked: cheap host calls, so that small limits reach far. */
export const lawRules = testPrepareRules({ hostBase: 5, hostUnit: 1, entry: ENTRY_PRICE });
/** Single steps are for short runs, odd portions for those of medium length. */
const NOTED_MAX = 3_000;
const EXACT_MAX = 30_000;

/** What the entry stub charges beside its words: base, per started KiB of Wasm, per page. */
function entryPrice({ wasm, layout }: Prepared): bigint {
  const [base, perKiB, perPage] = ENTRY_PRICE;
  return BigInt(base + perKiB * Math.ceil(wasm.length / 1024) + perPage * layout.pagesInitial);
}

const EDGES = [0n, 1n, 0x7fff_ffffn, 0xffff_ffffn];

/** The exported functions but for getters of globals, with random arguments, and the entry stub. */
export function entriesOf(prepared: Prepared, random: Random): Entry[] {
  const source = readSourceModule(prepared.wasm);
  const importCount = source.importTypes.length;
  const entries: Entry[] = [];
  for (const { name, kind, index } of source.exports) {
    const text = new TextDecoder().decode(name);
    const type = source.types[source.functionTypes[index - importCount] ?? -1];
    if (kind !== 0 || type === undefined || /^g\d+$/.test(text)) continue;
    const args = Array.from(type.params, (param) => {
      if (random.oneIn(2)) return random.pick(EDGES);
      const low = BigInt(random.next());
      return param === ValueType.i64 && random.oneIn(2) ? (low << 32n) | low : low;
    });
    entries.push({ name: text, funcidx: index, args });
  }
  if (prepared.layout.mainFunction !== undefined) {
    entries.push({ name: "the entry stub", funcidx: undefined, args: [] });
  }
  return entries;
}

/** Compares field by field, memory byte by byte. */
function agreeEnds(where: string, got: Ended, expected: Ended): void {
  const { outcome, trap, gas, result, globals } = expected;
  const named = { outcome: got.outcome, trap: got.trap, gas: got.gas, result: got.result };
  agree(where, { ...named, globals: got.globals }, { outcome, trap, gas, result, globals });
  holds(Buffer.compare(got.memory, expected.memory) === 0, `${where}: memory differs`);
}

/** One prepared module in the three executors. */
export class LawsOfMetering {
  readonly #prepared: Prepared;
  readonly #v8: V8Executor;
  readonly #oracle: OracleExecutor;
  readonly #machine: MachineExecutor;
  readonly #name: string;

  constructor(name: string, prepared: Prepared, machine = new Machine()) {
    this.#name = name;
    this.#prepared = prepared;
    this.#v8 = new V8Executor(prepared);
    this.#oracle = new OracleExecutor(prepared, lawRules);
    this.#machine = new MachineExecutor(prepared, machine);
  }

  /** Runs `entry` in all three. @throws Disagreement where a law does not hold */
  check(entry: Entry, gas: bigint, depth: number, counts: EndingCounts): void {
    const { details, hostGas, ...expected } = this.#oracle.run(entry, gas, depth);
    const where = `${this.#name}, ${entry.name}(${entry.args.join(", ")}), gas ${gas}, depth ${depth}`;
    agreeEnds(`${where}, V8 against the oracle`, this.#v8.run(entry, gas, depth), expected);
    const atEntry = entry.funcidx === undefined ? entryPrice(this.#prepared) : 0n;
    const charged = gas - details.gas - hostGas - atEntry;
    if (expected.outcome === "success") {
      agree(`${where}, sum of costs`, charged, details.cost);
      agree(`${where}, depth given back`, details.depth, depth);
    } else if (expected.trap !== TrapCode.out_of_gas) {
      holds(charged >= details.cost, `${where}: ${details.cost} run, ${charged} paid`);
    }
    let steps: bigint | undefined;
    let condition: string | undefined;
    for (const mode of modesFor(details.steps)) {
      const got = this.#machine.run(entry, gas, depth, mode);
      const there = `${where}, the machine (${mode}) against the oracle`;
      agreeEnds(there, got, expected);
      agree(`${there}, depth`, got.depth, details.depth);
      holds(got.steps >= BigInt(details.steps), `${there}: ${got.steps} steps`);
      steps ??= got.steps;
      agree(`${there}, steps`, got.steps, steps);
      condition ??= got.condition;
    }
    counts.add(`module ${endingName(expected)}`);
    if (condition !== undefined) counts.add(`wasm: ${condition}`);
    counts.add("module runs");
  }
}

function modesFor(steps: number): MachineMode[] {
  if (steps > EXACT_MAX) return ["fast"];
  return steps > NOTED_MAX ? ["fast", "exact"] : ["fast", "exact", "noting"];
}

function endingName({ outcome, trap }: Ended): string {
  return outcome === "success" ? outcome : endingOf(CallStatus.trap, trap);
}
