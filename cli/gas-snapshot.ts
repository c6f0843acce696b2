// The gas snapshot of a project's tests: what each method used, in a small JSON file that stays the same while
// contracts and tests do, so that a review shows what a change costs. Written and compared by `plasma test`.
import { EngineError } from "../host/errors.ts";
import { median } from "./bench/samples.ts";
import { tableText } from "./output.ts";

/** Where the snapshot goes when no file is named. */
export const GAS_FILE = "gas.json";
const FORMAT = 1;

/** Gas of the calls of one method that succeeded. */
export interface MethodGas {
  readonly calls: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** By `Contract.method`, or `deploy Contract`. */
export type GasSnapshot = ReadonlyMap<string, MethodGas>;

const figures = ["min", "median", "max"] as const;

/** A figure that is another than in the file; null where there is none on that side. */
export interface GasChange {
  readonly method: string;
  readonly figure: (typeof figures)[number];
  readonly was: number | null;
  readonly is: number | null;
}

/** A snapshot of what the workers of vitest noted: lines of a method, a tab and its gas. */
export function gasSnapshot(log: string): GasSnapshot {
  const samples = new Map<string, number[]>();
  for (const line of log.split("\n")) {
    const [method, gas] = line.split("\t");
    if (method === undefined || gas === undefined) continue;
    const known = samples.get(method);
    if (known === undefined) samples.set(method, [Number(gas)]);
    else known.push(Number(gas));
  }
  const sorted = [...samples].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(
    sorted.map(([method, all]) => [
      method,
      {
        calls: all.length,
        min: Math.min(...all),
        median: Math.round(median(all)),
        max: Math.max(...all),
      },
    ]),
  );
}

/** The file: a line for each method. */
export function gasSnapshotText(snapshot: GasSnapshot): string {
  const lines = [...snapshot].map(([method, { calls, min, median: middle, max }]) => {
    const figures = `"calls": ${calls}, "min": ${min}, "median": ${middle}, "max": ${max}`;
    return `    ${JSON.stringify(method)}: { ${figures} }`;
  });
  return `{\n  "v": ${FORMAT},\n  "methods": {\n${lines.join(",\n")}\n  }\n}\n`;
}

/** @throws GAS_SNAPSHOT_INVALID */
export function readGasSnapshot(text: string, file: string): GasSnapshot {
  const refuse = (why: string) =>
    new EngineError({
      code: "GAS_SNAPSHOT_INVALID",
      message: `${file} is no gas snapshot: ${why}`,
      where: { file },
    });
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    throw refuse("it is not JSON");
  }
  const { v, methods } = (read ?? {}) as { v?: unknown; methods?: Record<string, unknown> };
  if (v !== FORMAT) throw refuse(`got version ${JSON.stringify(v)}, expected ${FORMAT}`);
  if (typeof methods !== "object" || methods === null) throw refuse("it has no methods");
  return new Map(
    Object.entries(methods).map(([method, gas]) => {
      const given = (gas ?? {}) as Record<string, unknown>;
      const number = (name: string): number => {
        const value = given[name];
        if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
        throw refuse(`${method} has no number ${name}`);
      };
      const calls = number("calls");
      return [method, { calls, min: number("min"), median: number("median"), max: number("max") }];
    }),
  );
}

/** What differs, by method. How often a method is called is not compared. */
export function gasChanges(was: GasSnapshot, is: GasSnapshot): GasChange[] {
  const methods = [...new Set([...was.keys(), ...is.keys()])].sort();
  return methods.flatMap((method): GasChange[] => {
    const [before, now] = [was.get(method), is.get(method)];
    if (before === undefined || now === undefined) {
      const [gone, added] = [before?.median ?? null, now?.median ?? null];
      return [{ method, figure: "median", was: gone, is: added }];
    }
    return figures
      .filter((figure) => before[figure] !== now[figure])
      .map((figure) => ({ method, figure, was: before[figure], is: now[figure] }));
  });
}

/** `method | was | is | delta`. */
export function gasChangesText(changes: readonly GasChange[]): string {
  const rows = changes.map(({ method, figure, was, is }) => [
    figure === "median" ? method : `${method} (${figure})`,
    was === null ? "-" : String(was),
    is === null ? "-" : String(is),
    deltaText(was, is),
  ]);
  return tableText(["method", "was", "is", "delta"], rows);
}

function deltaText(was: number | null, is: number | null): string {
  if (was === null) return "new";
  if (is === null) return "gone";
  const delta = is - was;
  const percent =
    was === 0 ? "" : ` (${delta > 0 ? "+" : ""}${((100 * delta) / was).toFixed(1)} %)`;
  return `${delta > 0 ? "+" : ""}${delta}${percent}`;
}
