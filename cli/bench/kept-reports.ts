// Reports of suites kept in a folder while a page is made of them: all suites at size large take most of an hour, and
// what was measured before an interruption is not measured again. A report counts only for the same request on the
// same machine and version; whoever changes the engine takes another folder, or empties this one.
import { join } from "node:path";
import { versions } from "../../host/versions.ts";
import { readText, writeWhole } from "../files.ts";
import { documentText } from "../output.ts";
import { machineText } from "./report-document.ts";
import type { BenchCounts, BenchReport, BenchSize } from "./suite.ts";

/** What a kept report was measured for and on. */
interface Occasion {
  readonly suite: string;
  readonly size: BenchSize;
  readonly repetitions: number | undefined;
  readonly counts: BenchCounts;
}

/** The reports in one folder, or none where there is no folder. */
export class KeptReports {
  readonly #folder: string | undefined;

  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  /** The report of an earlier run for the same occasion. One that is not there or cannot be read is none. */
  read(occasion: Occasion): BenchReport | undefined {
    const file = this.#file(occasion);
    if (file === undefined) return undefined;
    try {
      const kept = JSON.parse(readText(file)) as { occasion?: string; report?: BenchReport };
      return kept.occasion === textOf(occasion) ? kept.report : undefined;
    } catch {
      return undefined;
    }
  }

  write(occasion: Occasion, report: BenchReport): void {
    const file = this.#file(occasion);
    if (file !== undefined) writeWhole(file, documentText({ occasion: textOf(occasion), report }));
  }

  #file({ suite }: Occasion): string | undefined {
    return this.#folder === undefined ? undefined : join(this.#folder, `${suite}.json`);
  }
}

function textOf({ suite, size, repetitions, counts }: Occasion): string {
  const { node } = process.versions;
  const own = Object.entries(counts).map(([name, count]) => `, ${count} ${name}`);
  const samples = repetitions ?? "its own";
  return `${suite}, size ${size}${own.join("")}, ${samples} repetitions, plasma ${versions.package}, node ${node}, ${machineText()}`;
}
