// The cases that every engine runs, and what each comes to as text: blocks replayed from bundles, kernels as single
// frames, random modules with a toy host, random contracts in blocks. Nothing native, no test runner: the way of
// a verifier in a browser. Where the engine itself fails (a native stack that is too small), the machine repeats
// what it ran, as a node does; a case then counts its repeats.
import { readdirSync, readFileSync } from "node:fs";
import { decodeBundle } from "../../host/chain/bundle.ts";
import { replayBundle } from "../../host/chain/replay-bundle.ts";
import { toHex } from "../../host/codec/hex.ts";
import { keccak256 } from "../../host/codec/keccak.ts";
import { EngineError } from "../../host/errors.ts";
import { FallbackRunner } from "../../host/machine/fallback-runner.ts";
import { Machine } from "../../host/machine/machine.ts";
import { MachineRunner } from "../../host/machine/machine-runner.ts";
import { prepareModule } from "../../host/program/prepare.ts";
import { ProgramCache } from "../../host/sandbox/program-source.ts";
import { testStack } from "../../host/sandbox/stack-test.ts";
import { V8Runner } from "../../host/sandbox/v8-runner.ts";
import { type Ended, V8Executor } from "../support/both-executors.ts";
import { purePlatform } from "../support/contract-chain.ts";
import { digestOf } from "../support/disagreement.ts";
import { kernelFrame, kernelNames, runKernel } from "../support/kernel-frames.ts";
import { entriesOf, lawRules } from "../support/laws-of-metering.ts";
import { MachineExecutor } from "../support/machine-executor.ts";
import { Random } from "../support/random.ts";
import { randomModule } from "../support/random-module.ts";
import { type WorldBlock, worldBlocks } from "./world-blocks.ts";

/** What to run; of random cases so many. */
export interface Job {
  /** Folder of bundles. */
  readonly bundles: string;
  readonly modules: number;
  readonly worlds: number;
  readonly seed: number;
  /** The only case to run. */
  readonly only?: string;
}

/** Fields by name; null where this engine cannot tell, because the machine ran it. */
export interface CaseResult {
  readonly name: string;
  readonly fields: Readonly<Record<string, string | null>>;
  /** Runs on which the engine failed and that the machine repeated. */
  readonly repeats: number;
}

interface Case {
  readonly name: string;
  readonly run: () => CaseResult["fields"] | Promise<CaseResult["fields"]>;
}

const GAS_LIMITS = [400, 4_000, 40_000];
const ENTRIES_MAX = 3;
const KERNEL_N = 300;
/** Where 300 would take long: exponential, cubic, or many bytes. */
const KERNEL_SIZES: Readonly<Record<string, number>> = { fib: 18, matrix: 30, sieve: 20_000 };

let repeats = 0;
let machine: Machine | undefined;
const theMachine = (): Machine => {
  machine ??= new Machine();
  return machine;
};

/** Runs the cases of a job one after the other. */
export async function* runCases(job: Job): AsyncGenerator<CaseResult> {
  for (const { name, run } of casesOf(job)) {
    if (job.only !== undefined && job.only !== name) continue;
    repeats = 0;
    const fields = await run();
    yield { name, fields, repeats };
  }
}

function* casesOf({ bundles, modules, worlds, seed }: Job): Generator<Case> {
  for (const file of readdirSync(bundles).sort()) {
    yield { name: `bundle/${file}`, run: () => replayFields(`${bundles}/${file}`) };
  }
  for (const name of kernelNames) yield { name: `kernel/${name}`, run: () => kernelFields(name) };
  yield { name: "depth", run: depthFields };
  for (let i = 0; i < modules; i++) {
    yield { name: `module/${seed + i}`, run: () => moduleFields(seed + i) };
  }
  for (let i = 0; i < worlds; i++) {
    yield { name: `contracts/${seed + 16 * i}`, run: () => worldFields(seed + 16 * i) };
  }
}

function replayFields(path: string): CaseResult["fields"] {
  const bytes = new Uint8Array(readFileSync(path));
  const { hasher, signatures, crypto } = purePlatform;
  const runners = { runner: new V8Runner(), machineRunner: new FallbackRunner() };
  const programs = new ProgramCache();
  const report = replayBundle(bytes, { hasher, signatures, crypto, programs, ...runners });
  repeats += report.hostFaults.length;
  const { result, receipts } = decodeBundle(bytes);
  return {
    verdict: report.verdict,
    finding: JSON.stringify(report.finding ?? null),
    block: report.shown === undefined ? null : toHex(report.shown.block),
    stateRoot: toHex(result.stateRoot),
    gasUsed: String(result.gasUsed),
    receipts: toHex(keccak256(Uint8Array.from(receipts.flatMap((receipt) => [...receipt])))),
  };
}

function kernelFields(name: (typeof kernelNames)[number]): CaseResult["fields"] {
  const kernel = kernelFrame(name, KERNEL_SIZES[name] ?? KERNEL_N);
  let memory: string | null = null;
  const v8 = new V8Runner(undefined, (instance) => {
    memory = digestOf(instance.memory());
  });
  const end = repeatable(
    () => runKernel(v8, kernel),
    () => runKernel(new MachineRunner(theMachine()), kernel),
  );
  const { status, trap, gasLeft, output } = end;
  return {
    status: `${status}`,
    trap: `${trap}`,
    gasLeft: `${gasLeft}`,
    output: toHex(output),
    memory,
  };
}

/** What the engine gives, or the machine where the engine itself fails. */
function repeatable<T>(native: () => T, inMachine: () => T): T {
  try {
    return native();
  } catch (thrown) {
    const isFault = thrown instanceof EngineError && thrown.code === "HOST_FAULT";
    if (!isFault && !(thrown instanceof RangeError)) throw thrown;
    repeats += 1;
    return inMachine();
  }
}

/** Recursion without end, through small frames and through large ones: our own `depth` trap, on any stack. */
function depthFields(): CaseResult["fields"] {
  repeatable(
    () => testStack(new V8Runner()),
    () => testStack(new MachineRunner(theMachine())),
  );
  return { ending: "depth" };
}

function moduleFields(seed: number): CaseResult["fields"] {
  const prepared = prepareModule(randomModule(seed).wasm, lawRules, { entryRequired: false });
  const random = new Random(seed ^ 0x5eed);
  let v8 = new V8Executor(prepared);
  const fields: Record<string, string> = { record: toHex(prepared.recordHash) };
  for (const entry of entriesOf(prepared, random).slice(-ENTRIES_MAX)) {
    for (const limit of GAS_LIMITS) {
      const depth = random.oneIn(3) ? 20 + random.below(500) : 65_536;
      const gas = BigInt(limit + random.below(limit));
      const end = repeatable<Ended>(
        () => v8.run(entry, gas, depth),
        () => {
          v8 = new V8Executor(prepared);
          return new MachineExecutor(prepared, theMachine()).run(entry, gas, depth);
        },
      );
      const { outcome, trap, result, globals, memory } = end;
      fields[`${entry.name}(${entry.args.join(",")}) gas ${gas} depth ${depth}`] =
        `${outcome} ${trap}, gas ${end.gas}, result ${result}, globals ${globals.join(",")}, memory ${digestOf(memory)}`;
    }
  }
  return fields;
}

async function worldFields(seed: number): Promise<CaseResult["fields"]> {
  const fields: Record<string, string | null> = {};
  const put = (at: string, { block, frames, faults }: WorldBlock): void => {
    fields[`${at}, block`] = block.blockHash;
    fields[`${at}, state root`] = block.stateRoot;
    fields[`${at}, gas used`] = `${block.gasUsed}`;
    fields[`${at}, bundle`] = toHex(keccak256(block.bundle));
    fields[`${at}, entries`] = block.entries
      .map(({ outcome, code, gasUsed, output }) => `${outcome}.${code} ${gasUsed} ${toHex(output)}`)
      .join("; ");
    fields[`${at}, frames`] = faults > 0 ? null : frames;
    repeats += faults;
  };
  let height = 0;
  for await (const block of worldBlocks(seed)) put(`block ${++height}`, block);
  return fields;
}
