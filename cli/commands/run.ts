// `plasma run SCENARIO -o DIR`: executes a scenario on a store of its own and leaves the bundle of each
// block, the receipts in words and the state. DIR appears whole or not at all. An expectation of the
// scenario that does not hold is exit 2; the folder is left then too, for a look at what happened.
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { toHex } from "../../host/codec/hex.ts";
import { openStore } from "../../host/environment/environment.ts";
import { EngineError } from "../../host/errors.ts";
import { rulesHash } from "../../host/rules/encode-rules.ts";
import { bundleName } from "../bundle-files.ts";
import type { CliCommand, CommandContext, CommandResult } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import { inFileAsync, replaceFolder, writeWhole } from "../files.ts";
import { counted, documentText, hostFaultLines } from "../output.ts";
import type { Progress } from "../progress.ts";
import { type LoadedScenario, loadScenario } from "../scenario/load-scenario.ts";
import {
  blockDocument,
  blockLines,
  countOutcomes,
  failedExpectations,
  receiptsDocument,
} from "../scenario/run-report.ts";
import { type Run, runScenario } from "../scenario/run-scenario.ts";

const RECEIPTS = "receipts.json";
const STATE = "state";

export const runCommand: CliCommand = {
  name: "run",
  group: "verify",
  summary:
    "execute a scenario; leaves bundles, receipts.json and state/; exit 2 if it expects otherwise",
  examples: ["plasma run scenario.json -o out", "plasma run scenario.json -o out --json"],
  configure: (command) =>
    command
      .argument("<scenario>", "a scenario (schema/scenario.json), or - for stdin")
      .requiredOption("-o, --out <folder>", "absent, empty, or an earlier run, which is replaced"),
  run: async (context, [file = ""], options) => {
    const out = String(options.out);
    refuseForeign(out);
    const loaded = await loadScenario(file);
    return inFileAsync(file, () => run(context, loaded, out));
  },
};

/** @throws RUN_FOLDER_FOREIGN when `folder` holds anything that a run does not write */
function refuseForeign(folder: string): void {
  if (!existsSync(folder)) return;
  const names = statSync(folder).isDirectory() ? readdirSync(folder) : undefined;
  const foreign = names?.find(
    (name) => name !== RECEIPTS && name !== STATE && !/^\d+\.bundle$/.test(name),
  );
  const isRun =
    names?.length === 0 || (foreign === undefined && names?.includes(RECEIPTS) === true);
  if (isRun) return;
  const what =
    names === undefined
      ? "is a file"
      : `holds ${foreign ?? names[0]}, which is no part of a run with ${RECEIPTS}`;
  throw new EngineError({
    code: "RUN_FOLDER_FOREIGN",
    message: `${folder} ${what}; it would be lost`,
    where: { file: folder, field: "-o" },
  });
}

async function run(
  context: CommandContext,
  loaded: LoadedScenario,
  out: string,
): Promise<CommandResult> {
  const rules = toHex(rulesHash(loaded.rules));
  const blocks: Record<string, unknown>[] = [];
  const receipts: Record<string, unknown>[] = [];
  const failed: Record<string, unknown>[] = [];
  let outcomes = { success: 0, revert: 0, trap: 0, skipped: 0 };
  const folder: { run?: Run } = {};
  await replaceFolder(out, async (temporary) => {
    const progress: Pick<Progress, "stop"> = { stop: () => undefined };
    try {
      folder.run = await runScenario(loaded, {
        store: openStore(join(temporary, STATE)),
        bundles: true,
        onStart: (height, transactions) => {
          const bar = context.progress(`block ${height}`, transactions);
          progress.stop = () => bar.stop();
          return (done) => bar.update(done);
        },
        onBlock: (block, actors) => {
          progress.stop();
          writeWhole(join(temporary, bundleName(block.executed.height)), block.executed.bundle!);
          for (const line of hostFaultLines(block.executed.hostFaults)) context.note(line);
          for (const line of blockLines(block, actors)) context.line(line);
          outcomes = countOutcomes(outcomes, block);
          blocks.push(blockDocument(block));
          receipts.push(receiptsDocument(block, actors));
          failed.push(...failedExpectations(block));
        },
      });
    } finally {
      progress.stop();
    }
    const { environment, actors } = folder.run;
    const { seed } = loaded.scenario;
    const document = { environment, rules, seed, addresses: actors.entries(), blocks: receipts };
    writeWhole(join(temporary, RECEIPTS), documentText(document));
  });
  const { environment, checked } = folder.run!;
  const { green, red, bold } = context.colors;
  const counts = Object.entries(outcomes).map(([name, count]) => `${count} ${name}`);
  const verdict =
    failed.length === 0
      ? green(`${counted(checked, "expectation")} met`)
      : red(`${failed.length} of ${counted(checked, "expectation")} failed`);
  return {
    document: {
      environment,
      rules,
      folder: out,
      blocks,
      outcomes,
      expectations: { checked, failed },
    },
    text: [
      `${bold(out)}: ${counted(blocks.length, "block")} of environment ${environment} under rules ${rules}`,
      `${counts.join(", ")}; ${verdict}`,
    ].join("\n"),
    exitCode: failed.length === 0 ? ExitCode.ok : ExitCode.notAsWished,
  };
}
