// `plasma demo`: the whole engine in half a minute. Compiles the token, runs blocks of signed transfers on
// LMDB, replays them in another process from the bundles alone, then tells every lie and shows what caught
// it. Leaves everything in .plasma/demo for a closer look. Exit 0 only if all went as it must.
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { ExecutedBlock } from "../../host/environment/environment-core.ts";
import { EngineError } from "../../host/errors.ts";
import { bundleName } from "../bundle-files.ts";
import type { CliCommand, CommandContext, CommandResult } from "../command.ts";
import { DemoChain, type DemoSize } from "../demo/demo-chain.ts";
import { type ReplayDocument, replayInProcess } from "../demo/replay-process.ts";
import { type ToldLie, tellLies } from "../demo/tell-lies.ts";
import { ExitCode } from "../exit-codes.ts";
import { readBytes, replaceFolder, writeWhole } from "../files.ts";
import { counted, documentText, tableText } from "../output.ts";
import { ownCommand } from "../own-command.ts";
import { packageFolder } from "../package.ts";
import { buildModule, type LoadedModule } from "../scenario/load-scenario.ts";

const FOLDER = ".plasma/demo";
const BLOCKS = "blocks";
const LIES = "lies";
const REPORT = "demo.json";
const SIZE: DemoSize = { accounts: 1_000, blocks: 10, transfersPerBlock: 1_000 };

/** What the phases of the demo came to. */
interface Demo {
  readonly environment: string;
  readonly head: ExecutedBlock;
  readonly setupBlocks: number;
  readonly transactions: number;
  readonly replay: ReplayDocument;
  readonly lies: readonly ToldLie[];
  readonly seconds: Readonly<Record<"setup" | "blocks" | "replay" | "lies", number>>;
}

export const demoCommand: CliCommand = {
  name: "demo",
  group: "start",
  summary: "show it all: signed transfers, replay elsewhere, every lie caught",
  examples: ["plasma demo", "plasma demo --json"],
  run: async (context) => {
    refuseForeign();
    mkdirSync(".plasma", { recursive: true });
    const made: { result?: CommandResult } = {};
    await replaceFolder(FOLDER, async (folder) => {
      made.result = resultOf(context, await play(context, folder));
      writeWhole(join(folder, REPORT), documentText(made.result.document));
    });
    return made.result!;
  },
};

/** @throws FOLDER_NOT_EMPTY when .plasma/demo is something else than an earlier demo */
function refuseForeign(): void {
  if (!existsSync(FOLDER)) return;
  const names = readdirSync(FOLDER);
  if (names.length === 0 || names.includes(REPORT)) return;
  throw new EngineError({
    code: "FOLDER_NOT_EMPTY",
    message: `${FOLDER} holds ${names[0]} and is no earlier demo`,
    where: { file: FOLDER },
    hint: `move ${FOLDER} away, or run the demo in another folder`,
  });
}

/** Seconds since the last call, to a hundredth. */
function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const seconds = Math.round((now - last) / 10) / 100;
    last = now;
    return seconds;
  };
}

async function play(context: CommandContext, folder: string): Promise<Demo> {
  const { bold } = context.colors;
  const lap = stopwatch();
  for (const name of [BLOCKS, LIES, "contracts"]) mkdirSync(join(folder, name));
  const token = await compile(context, join(folder, "contracts"));
  const chain = await DemoChain.open(join(folder, "state"), token, SIZE);
  const blocks = await execute(context, chain, join(folder, BLOCKS), lap);

  context.line("replaying from the bundles alone, in another process …");
  const { head } = blocks;
  const replay = await replayInProcess(join(folder, BLOCKS), head.blockHash);
  const replaySeconds = lap();
  const signatures = counted(replay.signaturesChecked, "signature");
  context.line(
    `${bold(replay.verdict)}: ${counted(replay.blocks.length, "block")}, ${signatures} checked, ${replaySeconds} s`,
  );

  const honest = bundleName(head.height);
  context.line(`telling every lie about ${honest} …`);
  const told: ToldLie[] = [];
  const bytes = readBytes(join(folder, BLOCKS, honest));
  for await (const lie of tellLies(bytes, head.blockHash, join(folder, LIES))) told.push(lie);
  context.line(lieTable(told));
  const seconds = { ...blocks.seconds, replay: replaySeconds, lies: lap() };
  return { ...blocks, replay, lies: told, seconds };
}

/** Builds the small contracts that the package ships, and gives the token, which comes last. */
async function compile(context: CommandContext, folder: string): Promise<Required<LoadedModule>> {
  const build = async (name: string) => {
    const source = join(packageFolder, "fixtures/contracts", `${name}.ts`);
    const module = await buildModule(source);
    writeWhole(join(folder, `${name}.wasm`), module.wasm);
    writeWhole(join(folder, `${name}.abi.json`), module.abiJson);
    context.line(`compiled ${name}.ts, ${counted(module.wasm.length, "byte")} of Wasm`);
    return module;
  };
  await build("counter");
  return build("token");
}

async function execute(
  context: CommandContext,
  chain: DemoChain,
  folder: string,
  lap: () => number,
): Promise<
  Pick<Demo, "environment" | "head" | "setupBlocks" | "transactions"> & {
    seconds: { setup: number; blocks: number };
  }
> {
  const keep = (block: ExecutedBlock) =>
    writeWhole(join(folder, bundleName(block.height)), block.bundle!);
  let setupBlocks = 0;
  for await (const block of chain.setUp()) {
    keep(block);
    setupBlocks += 1;
  }
  const setup = lap();
  const { id } = chain.environment;
  context.line(
    `environment ${id}: token deployed, ${counted(SIZE.accounts, "account")} funded in ${counted(setupBlocks, "block")}, ${setup} s`,
  );
  const total = SIZE.blocks * SIZE.transfersPerBlock;
  const progress = context.progress("executing", total);
  let transactions = 0;
  let head: ExecutedBlock | undefined;
  try {
    let body = chain.transferBody();
    for (let i = 0; i < SIZE.blocks; i++) {
      const done = transactions;
      const block = chain.execute(body, (count) => progress.update(done + count));
      // The next block is signed here while this one executes on the other thread.
      if (i + 1 < SIZE.blocks) body = chain.transferBody();
      head = await block;
      keep(head);
      transactions += head.entries.length;
      progress.update(transactions);
    }
  } finally {
    progress.stop();
    await chain.close();
  }
  const blocks = lap();
  const rate = Math.round(transactions / Math.max(blocks, 0.01));
  context.line(
    `executed ${counted(SIZE.blocks, "block")} of ${counted(SIZE.transfersPerBlock, "signed transfer")} on LMDB, ${blocks} s (${rate} per second, signing and witnesses included)`,
  );
  return { environment: id, head: head!, setupBlocks, transactions, seconds: { setup, blocks } };
}

const where = ({ finding, withExpect }: ToldLie): string => {
  if (finding === undefined) return withExpect === undefined ? "" : "with --expect only";
  const { transaction, field } = finding;
  const parts = [transaction === undefined ? "" : `transaction ${transaction}`, field ?? ""];
  return parts.filter((part) => part !== "").join(", ");
};

const lieTable = (told: readonly ToldLie[]): string =>
  tableText(
    ["lie", "verdict", "caught by", "where", "as expected"],
    told.map((lie) => {
      const code = lie.finding?.code ?? lie.withExpect?.code ?? "nothing";
      return [lie.kind, lie.verdict, code, where(lie), lie.asExpected ? "yes" : "NO"];
    }),
  );

function resultOf(context: CommandContext, demo: Demo): CommandResult {
  const { replay, lies, setupBlocks, head } = demo;
  const replayed = replay.blocks.filter(({ verdict }) => verdict === "valid").length - setupBlocks;
  const ok =
    replay.verdict === "valid" &&
    replay.anchored &&
    replayed === SIZE.blocks &&
    lies.every(({ asExpected }) => asExpected);
  const lie = lies.find(({ kind }) => kind === "wrong-gas")!;
  const next = [
    ownCommand(["replay", `${FOLDER}/${BLOCKS}`, "--expect", head.blockHash]),
    ownCommand(["replay", `${FOLDER}/${LIES}/${lie.kind}.bundle`]),
    ownCommand([
      "tamper",
      `${FOLDER}/${BLOCKS}/${bundleName(head.height)}`,
      "--lie",
      "skipped-write",
      "-o",
      `${FOLDER}/mine.bundle`,
      "--force",
    ]),
  ];
  const { green, red, bold } = context.colors;
  const caught = lies.filter(({ asExpected }) => asExpected).length;
  return {
    document: {
      blocks: SIZE.blocks,
      transactions: demo.transactions,
      replayed,
      lies: lies.map(({ kind, verdict, finding, withExpect, asExpected }) => ({
        kind,
        verdict,
        code: finding?.code ?? null,
        transaction: finding?.transaction ?? null,
        withExpect: withExpect?.code ?? null,
        asExpected,
      })),
      ok,
      folder: FOLDER,
      environment: demo.environment,
      setupBlocks,
      block: head.blockHash,
      stateRoot: head.stateRoot,
      signaturesChecked: replay.signaturesChecked,
      seconds: demo.seconds,
      next,
    },
    text: [
      `${ok ? green("all as expected") : red("NOT as expected")}: ${replayed} of ${counted(SIZE.blocks, "block")} replayed, ${caught} of ${counted(lies.length, "lie")} answered rightly`,
      `${bold(FOLDER)} has the bundles, the lies and the state; try:`,
      ...next.map((line) => `  ${line}`),
    ].join("\n"),
    exitCode: ok ? ExitCode.ok : ExitCode.notAsWished,
  };
}
