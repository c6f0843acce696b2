// The slow programs that were found run to the same gas, the same output and the same state for good, and replay
// from their bundles. How long they take is for `plasma bench gas` to say. With UPDATE_GOLDEN=1 the file of what
// they come to is written anew.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { probeRules } from "../../../cli/bench/measure-probes.ts";
import { probeWasm } from "../../../cli/bench/probe-module.ts";
import { ProbeWorld, probeInput } from "../../../cli/bench/probe-world.ts";
import { instructionProbes } from "../../../cli/bench/probes.ts";
import { type SlowProgram, slowPrograms } from "../../../cli/bench/slow-programs.ts";
import { toHex } from "../../../host/codec/hex.ts";
import { bytesHash } from "../../../host/codec/trees.ts";

const FILE = "fixtures/slow-programs.json";
const update = process.env.UPDATE_GOLDEN === "1";

/** Enough that each body has run, and little enough for a test. */
const ROUNDS = 3;
const VALUES_MAX = 16;

interface Ending {
  readonly code: string;
  readonly gas: number;
  readonly output: string;
  readonly stateRoot: string;
}

/** A program in a world of its own. */
async function runOf({ probe }: SlowProgram): Promise<Ending> {
  const world = await ProbeWorld.open(probeRules());
  const targets: Uint8Array[] = [];
  for (const target of probe.targets ?? []) targets.push(await world.deploy(probeWasm(target)));
  const rest = Buffer.concat([...targets, probe.input ?? new Uint8Array(0)]);
  const wasm = probeWasm(probe.source);
  const to = await world.deploy(wasm, rest);
  if (probe.values !== undefined) {
    const count = Math.min(VALUES_MAX, probe.values.count);
    world.fill(to, count, new Uint8Array(probe.values.bytes).fill(7));
  }
  const input = probeInput(ROUNDS, 0, rest);
  const { committed } = await world.execute([world.call({ to, input })], true);
  world.replay(committed.bundle!);
  const [execution] = committed.entries;
  return {
    code: toHex(bytesHash(wasm)),
    gas: Number(execution!.gasUsed),
    output: toHex(execution!.output),
    stateRoot: committed.stateRoot,
  };
}

describe("slow programs", () => {
  const known = (existsSync(FILE) ? JSON.parse(readFileSync(FILE, "utf8")) : {}) as Record<
    string,
    Ending
  >;
  const found: Record<string, Ending> = {};

  it("have names that differ", () => {
    const names = slowPrograms.map(({ probe }) => probe.name);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(slowPrograms.map((program) => [program.probe.name, program] as const))(
    "%s comes to the gas, output and state it always came to, also in replay",
    async (name, program) => {
      found[name] = await runOf(program);
      if (!update) expect(found[name]).toEqual(known[name]);
    },
    60_000,
  );

  it("are all in the file, and nothing else is", () => {
    if (update) writeFileSync(FILE, `${JSON.stringify(found, null, 2)}\n`);
    const file = JSON.parse(readFileSync(FILE, "utf8")) as object;
    expect(Object.keys(file)).toEqual(slowPrograms.map(({ probe }) => probe.name));
  });
});

describe("a probe", () => {
  it("is its body as often as it says, word for word, and pays for nothing else", async () => {
    const world = await ProbeWorld.open(probeRules());
    const { instructions } = world.rules.gas;
    const add = instructionProbes.find(({ name }) => name === "i32.add")!;
    const gas: number[] = [];
    const to = await world.deploy(probeWasm(add.source));
    for (const rounds of [1, 2, 3]) {
      const { committed } = await world.execute([world.call({ to, input: probeInput(rounds, 5) })]);
      gas.push(Number(committed.entries[0]!.gasUsed));
    }
    const { move, alu, charge, control } = instructions;
    const body = 3 * move + alu;
    const loop = charge + 3 * move + alu + control;
    expect([gas[1]! - gas[0]!, gas[2]! - gas[1]!]).toEqual(Array(2).fill(16 * body + loop));
  });
});
