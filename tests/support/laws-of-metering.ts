// The laws that every run obeys (DESIGN 4.3), checked on one entry in both executors: equal ends, gas
// equal to the costs of the executed words on success and never less than them at another trap.
import { expect } from "vitest";
import { TrapCode } from "../../host/outcome.ts";
import type { Prepared } from "../../host/program/prepare.ts";
import { readSourceModule } from "../../host/program/source-module.ts";
import { ValueType } from "../../host/program/wasm-writer.ts";
import { type Entry, OracleExecutor, V8Executor } from "./both-executors.ts";
import { testPrepareRules } from "./prepare-rules.ts";
import type { Random } from "./random.ts";

const ENTRY_PRICE = [50, 3, 2] as const;
/** Rules under which the laws are checked: cheap host calls, so that small limits reach far. */
export const lawRules = testPrepareRules({ hostBase: 5, hostUnit: 1, entry: ENTRY_PRICE });

/** What the entry stub charges beside its words: base, per started KiB of Wasm, per page. */
function entryPrice({ wasm, layout }: Prepared): bigint {
  const [base, perKiB, perPage] = ENTRY_PRICE;
  return BigInt(base + perKiB * Math.ceil(wasm.length / 1024) + perPage * layout.pagesInitial);
}

/** How many runs ended how. */
export class Tally {
  runs = 0;
  succeeded = 0;
  outOfGas = 0;
  otherTraps = 0;
  words = 0;

  add(outcome: string, trap: number, words: number): void {
    this.runs += 1;
    this.words += words;
    if (outcome === "success") this.succeeded += 1;
    else if (trap === TrapCode.out_of_gas) this.outOfGas += 1;
    else this.otherTraps += 1;
  }
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

/** One prepared module in both executors. */
export class LawsOfMetering {
  private readonly prepared: Prepared;
  private readonly v8: V8Executor;
  private readonly oracle: OracleExecutor;
  private readonly name: string;

  constructor(name: string, prepared: Prepared) {
    this.name = name;
    this.prepared = prepared;
    this.v8 = new V8Executor(prepared);
    this.oracle = new OracleExecutor(prepared, lawRules);
  }

  /** Runs `entry` in both and expects the laws to hold. */
  check(entry: Entry, gas: bigint, depth: number, tally: Tally): void {
    const { details, hostGas, ...expected } = this.oracle.run(entry, gas, depth);
    const got = this.v8.run(entry, gas, depth);
    const where = `${this.name}, ${entry.name}, gas ${gas}, depth ${depth}`;
    expect({ where, ...got, memory: undefined }).toEqual({ where, ...expected, memory: undefined });
    expect(Buffer.compare(got.memory, expected.memory), `memory: ${where}`).toBe(0);
    const atEntry = entry.funcidx === undefined ? entryPrice(this.prepared) : 0n;
    const charged = gas - details.gas - hostGas - atEntry;
    if (expected.outcome === "success") {
      expect(charged, `sum of costs: ${where}`).toBe(details.cost);
      expect(details.depth, `depth given back: ${where}`).toBe(depth);
    } else if (expected.trap !== TrapCode.out_of_gas) {
      expect(charged, `paid ahead: ${where}`).toBeGreaterThanOrEqual(details.cost);
    }
    tally.add(expected.outcome, expected.trap, details.steps);
  }
}
