// How often each kind of ending was met in a differential run, and which kinds a run must meet so that its
// agreement means something.
import { TrapCode } from "../../host/outcome.ts";
import { hostImports } from "./random-host-call.ts";

const nameOfTrap = new Map<number, string>(
  Object.entries(TrapCode).map(([name, code]) => [code, name]),
);

/** The word for how a frame ended: `success`, `revert`, or the name of the trap. */
export function endingOf(status: number, trap: number): string {
  if (status === 0) return "success";
  return status === 1 ? "revert" : (nameOfTrap.get(trap) ?? `trap ${trap}`);
}

/** Endings by name, in a fixed order. */
export class EndingCounts {
  readonly #counts = new Map<string, number>();

  add(name: string, count = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + count);
  }

  addAll(other: EndingCounts): void {
    for (const [name, count] of other.#counts) this.add(name, count);
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** Those of `names` that were never met. */
  missing(names: readonly string[]): string[] {
    return names.filter((name) => this.of(name) === 0);
  }

  toJSON(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** Traps of Wasm by their condition in docs/machine.md. */
export const wasmConditions = [
  "unreachable",
  "divide by zero",
  "integer overflow",
  "out of bounds memory access",
  "undefined element",
  "uninitialized element",
  "indirect call type mismatch",
] as const;

/** What runs of modules alone must meet. Which trap of Wasm it was is told by the machine. */
export const moduleEndings = [
  "module success",
  "module out_of_gas",
  "module depth",
  ...wasmConditions.map((condition) => `wasm: ${condition}`),
];

/**
 * What transactions, their host calls and sub-calls must meet. `events_full` and `outbox_full` need more gas than such runs
 * have; tests/unit/sandbox has them.
 */
export const contractEndings = [
  "transaction success",
  "transaction revert",
  "transaction skipped",
  ...["out_of_gas", "depth", "wasm", "memory_bounds", "data_bounds", "data_too_long"].map(
    (trap) => `transaction ${trap}`,
  ),
  ...["read_only", "too_many_topics", "bad_argument"].map((trap) => `transaction ${trap}`),
  ...hostImports.map(({ name }) => `host call ${name}`),
  ...["success", "revert", "out_of_gas", "depth", "wasm", "refused"].map(
    (end) => `sub-call ${end}`,
  ),
];
