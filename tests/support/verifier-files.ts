// Files that verifiers are compared on, with what plasmavm's own replay says to each: every block of the fixture
// scenarios, every lie that a block of each can tell, broken files, and dives to many depths of the stack.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type * as LoadScenario from "../../cli/scenario/load-scenario.ts";
import type * as RunScenario from "../../cli/scenario/run-scenario.ts";
import { lieKinds } from "../../host/chain/lies.ts";
import type { ReplayResult } from "../../host/chain/replay-result.ts";
import type { Hex } from "../../host/codec/hex.ts";
import type { EngineError } from "../../host/errors.ts";
import { built, library } from "./built.ts";
import { divingBundles } from "./diving-bundle.ts";
import { Random } from "./random.ts";

const SEED = 22_000;
const DIVES = 100;
/** The depth budget of 65,536 slots holds about 2,700 frames of the diver. */
const LEVELS_MAX = 2_600;
const SCENARIOS = resolve("fixtures/scenarios");

export interface VerifierFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

async function scenarioBundles(): Promise<VerifierFile[]> {
  const { loadScenario } = await built<typeof LoadScenario>("cli/scenario/load-scenario.js");
  const { runScenario } = await built<typeof RunScenario>("cli/scenario/run-scenario.js");
  const files: VerifierFile[] = [];
  for (const file of readdirSync(SCENARIOS).sort()) {
    if (!file.endsWith(".json")) continue;
    const name = file.replace(/\.json$/, "");
    await runScenario(await loadScenario(join(SCENARIOS, file)), {
      store: library.memoryStore(),
      bundles: true,
      onBlock: ({ executed }) => {
        files.push({ name: `${name}-${executed.height}.bundle`, bytes: executed.bundle! });
      },
    });
  }
  return files;
}

async function lieBundles(honest: readonly VerifierFile[]): Promise<VerifierFile[]> {
  const told = new Map<string, VerifierFile>();
  for (const { bytes } of honest) {
    for (const kind of lieKinds) {
      const name = `${kind}.bundle`;
      if (told.has(name)) continue;
      try {
        told.set(name, { name, bytes: await library.tamperBundle(bytes, { kind }) });
      } catch (error) {
        // This block has nothing to lie about in that way; another has.
        if ((error as EngineError).code !== "LIE_NOT_POSSIBLE") throw error;
      }
    }
  }
  return [...told.values()];
}

function brokenFiles({ bytes }: VerifierFile): VerifierFile[] {
  const format = bytes.slice();
  format[10] = 9;
  return [
    { name: "empty.bundle", bytes: new Uint8Array(0) },
    { name: "text.bundle", bytes: new TextEncoder().encode("no file of ours") },
    { name: "cut.bundle", bytes: bytes.slice(0, bytes.length >> 1) },
    { name: "longer.bundle", bytes: Uint8Array.from([...bytes, 0]) },
    { name: "other-format.bundle", bytes: format },
  ];
}

/** All files; honest ones first. */
export async function verifierFiles(): Promise<VerifierFile[]> {
  const honest = await scenarioBundles();
  const random = new Random(SEED);
  const levels = Array.from({ length: DIVES }, () => random.below(LEVELS_MAX));
  const [, dives] = await divingBundles(levels);
  const token = honest.find(({ name }) => name === "token-2.bundle")!;
  return [
    ...honest,
    ...(await lieBundles([token, ...honest])),
    ...brokenFiles(token),
    { name: "dives.bundle", bytes: dives },
  ];
}

/** What two verifiers must agree on: everything but which transactions an engine failed on. */
export function agreed(result: ReplayResult): unknown {
  const { hostFaults: _, ...rest } = result;
  return JSON.parse(
    JSON.stringify(rest, (_key, value) => (typeof value === "bigint" ? `${value}` : value)),
  );
}

/** Writes the files into `folder`; what plasmavm's replay says to each, by name. */
export async function writeVerifierFiles(
  folder: string,
  files: readonly VerifierFile[],
): Promise<Record<string, unknown>> {
  mkdirSync(folder, { recursive: true });
  const expected: Record<string, unknown> = {};
  for (const { name, bytes } of files) {
    writeFileSync(join(folder, name), bytes);
    expected[name] = agreed(await library.replayBundle(bytes));
  }
  return expected;
}

const vectors = (name: string) =>
  JSON.parse(readFileSync(`fixtures/vectors/${name}.json`, "utf8")).proofs;

/** fixtures/vectors/step-proofs.json: raw proofs, each with the state that it leads to or its rejection. */
export const stepProofVectors = (): readonly {
  readonly name: string;
  readonly pre: Hex;
  readonly proof: Hex;
  readonly post?: Hex;
  readonly rejected?: number;
}[] => vectors("step-proofs");

/** fixtures/vectors/proof-files.json: files with their verdict and what they show. */
export const proofFileVectors = (): readonly {
  readonly name: string;
  readonly file: Hex;
  readonly verdict: string;
  readonly shows: Readonly<Record<string, unknown>>;
}[] => vectors("proof-files");
