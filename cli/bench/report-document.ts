// A report as its JSON document, with the machine it was measured on, and as text for a terminal. One
// form for a suite alone, for a saved baseline and for the page of all suites.
import { cpus, totalmem } from "node:os";
import { tableText } from "../output.ts";
import type { BenchDocument } from "./baseline.ts";
import type { BenchReport, BenchSize } from "./suite.ts";

const GIB = 2 ** 30;

/** Number of processors and their name. */
export function cpuText(): string {
  const all = cpus();
  return `${all.length} x ${all[0]?.model.trim() ?? "unknown"}`;
}

/** The machine in one line. */
export function machineText(): string {
  const { platform, arch } = process;
  return `${cpuText()}, ${Math.round(totalmem() / GIB)} GiB, ${platform} ${arch}`;
}

/** What --json prints and --save writes. */
export function reportDocument(suite: string, size: BenchSize, report: BenchReport): BenchDocument {
  return {
    suite,
    size,
    node: process.versions.node,
    cpu: cpuText(),
    seed: report.seed,
    resultHash: report.resultHash,
    repetitions: report.repetitions,
    quartiles: report.quartiles,
    ...report.figures,
  };
}

/** Tables, notes and the machine. */
export function reportText({ tables, notes, repetitions }: BenchReport): string {
  return [
    ...tables.flatMap(({ head, rows }) => [tableText(head, rows), ""]),
    ...notes,
    `node ${process.versions.node}, ${cpuText()}, ${repetitions} repetitions`,
  ].join("\n");
}
