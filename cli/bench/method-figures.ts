// Times and gas by method, from samples of single transactions. Entries that no method ran for have names
// in brackets, which no contract can have: deployments, plain transfers, bytes of strangers. Skipped
// entries belong to no method: nothing ran. Pure.
import { Outcome } from "../../host/outcome.ts";
import type { Actors } from "../scenario/actors.ts";
import type { RunEntry } from "../scenario/run-scenario.ts";
import { median, quantile, significant } from "./samples.ts";

/** An entry as the figures see it. */
export interface CalledEntry {
  readonly contract: string;
  readonly method: string;
  readonly gasUsed: number;
  readonly isSkipped: boolean;
}

export interface MethodFigures {
  readonly contract: string;
  readonly method: string;
  /** In one execution of the scenario. */
  readonly calls: number;
  readonly gasMedian: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
}

/** What an executed entry called. */
export function callOf(
  { entry, executed }: Pick<RunEntry, "entry" | "executed">,
  actors: Pick<Actors, "nameOf" | "address">,
): CalledEntry {
  const rest = {
    gasUsed: Number(executed.gasUsed),
    isSkipped: executed.outcome === Outcome.skipped,
  };
  if (entry.kind === "raw") return { contract: "(raw)", method: "(raw)", ...rest };
  if (entry.kind === "deploy") {
    return { contract: entry.as ?? entry.file, method: "(deploy)", ...rest };
  }
  const contract = actors.nameOf(actors.address(entry.to)) ?? entry.to;
  return { contract, method: entry.kind === "call" ? entry.method : "(send)", ...rest };
}

/** Figures by method in the order of their first call; `millis` has one value per entry in each round. */
export function methodFigures(
  entries: readonly CalledEntry[],
  millis: readonly ArrayLike<number>[],
): MethodFigures[] {
  const groups = new Map<string, number[]>();
  entries.forEach(({ contract, method, isSkipped }, index) => {
    if (isSkipped) return;
    const key = `${contract}\n${method}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [index]);
    else group.push(index);
  });
  return [...groups.values()].map((indices) => {
    const { contract, method } = entries[indices[0]!]!;
    const micros = millis.flatMap((round) => indices.map((index) => round[index]! * 1_000));
    return {
      contract,
      method,
      calls: indices.length,
      gasMedian: Math.round(median(indices.map((index) => entries[index]!.gasUsed))),
      p50Micros: significant(quantile(micros, 0.5)),
      p99Micros: significant(quantile(micros, 0.99)),
    };
  });
}
