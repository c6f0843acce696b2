// `plasma bench --write`: runs every suite, one after the other, and writes their page. What stands at
// the page's place and was not written by this command stays: that is found out before anything is
// measured, since measuring takes minutes.
import { existsSync } from "node:fs";
import { EngineError } from "../../host/errors.ts";
import { versions } from "../../host/versions.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { readText, writeWhole } from "../files.ts";
import { benchmarksPage, type MeasuredSuite, PAGE_TITLE } from "./benchmarks-page.ts";
import { machineText, reportDocument } from "./report-document.ts";
import type { BenchSize } from "./suite.ts";
import { benchSuites } from "./suites.ts";

/** Where the page goes when no file is named. */
export const PAGE_FILE = "BENCHMARKS.md";

export interface WriteRequest {
  readonly file: string;
  readonly size: BenchSize;
  readonly repetitions: number | undefined;
}

/**
 * Measures all suites and writes the page.
 * @throws FILE_EXISTS when the file is not a page of this command
 */
export async function writePage(
  context: CommandContext,
  { file, size, repetitions }: WriteRequest,
): Promise<CommandResult> {
  refuseForeign(file);
  const date = new Date().toISOString().slice(0, 10);
  const measured: MeasuredSuite[] = [];
  for (const [i, suite] of benchSuites.entries()) {
    context.note(`${i + 1} of ${benchSuites.length}: ${suite.name}, ${suite.measures}`);
    const report = await suite.run({ context, size, repetitions });
    measured.push({ suite, report, document: reportDocument(suite.name, size, report) });
  }
  const page = benchmarksPage(
    {
      date,
      machine: machineText(),
      node: process.versions.node,
      v8: process.versions.v8,
      version: versions.package,
      semantics: versions.semantics,
      size,
    },
    measured,
  );
  writeWhole(file, page);
  const names = measured.map(({ suite }) => suite.name).join(", ");
  return {
    document: {
      file,
      date,
      size,
      reports: measured.map(({ document }) => ({ v: 1, ...document })),
    },
    text: file === "-" ? "" : `wrote ${context.colors.bold(file)}: ${names}`,
  };
}

function refuseForeign(file: string): void {
  if (file === "-" || !existsSync(file)) return;
  if (readText(file).startsWith(`${PAGE_TITLE}\n`)) return;
  throw new EngineError({
    code: "FILE_EXISTS",
    message: `${file} is no page that plasma bench --write wrote; it would be lost`,
    where: { file, field: "--write" },
    hint: "give another name after --write, or remove the file",
  });
}
