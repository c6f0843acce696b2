// Times the probes of the benches `calls` and `gas` in one world, one after the other, in their order.
import type { Hex } from "../../host/codec/hex.ts";
import { toHex } from "../../host/codec/hex.ts";
import { keccak256 } from "../../host/codec/keccak.ts";
import { ByteWriter } from "../../host/codec/writer.ts";
import { hostCallNames } from "../../host/rules/host-call-names.ts";
import { presetRules } from "../../host/rules/presets.ts";
import type { Rules } from "../../host/rules/rules.ts";
import type { BenchProgress } from "./bench-methods.ts";
import { blockProbes, type FullOfCode, replayFullOfCode } from "./block-probes.ts";
import { callProbes, entryProbes, hostCallProbes, touchProbes } from "./host-call-probes.ts";
import {
  measureProbe,
  measureRounds,
  type ProbeEffort,
  type ProbeResult,
} from "./measure-probe.ts";
import { ProbeWorld } from "./probe-world.ts";
import { instructionProbes } from "./probes.ts";
import { searchSlow } from "./search-slow.ts";
import { slowPrograms } from "./slow-programs.ts";

/** What `calls` and `gas` time. */
export const probeSets = {
  calls: callProbes,
  gas: [...instructionProbes, ...hostCallProbes, ...touchProbes, ...entryProbes],
} as const;

export interface ProbesParams {
  readonly set: keyof typeof probeSets;
  readonly effort: ProbeEffort;
  /** Random programs to try beside the known ones. */
  readonly search: number;
}

/** A result of the search: the text of a body, and what it comes to. */
export interface SlowFind {
  readonly body: string;
  readonly pages: number;
  readonly nanosPerGas: number;
}

export interface ProbesResult {
  readonly probes: readonly ProbeResult[];
  /** Of the set `gas`: programs that are no class's probe. */
  readonly programs: readonly ProbeResult[];
  readonly finds: readonly SlowFind[];
  /** Of the set `gas`: a block of `payments` as full of code as may be. */
  readonly fullOfCode: FullOfCode | undefined;
  readonly resultHash: Hex;
}

/** How many things a set times. */
export function probeCount(set: ProbesParams["set"]): number {
  const own = slowPrograms.filter(({ probe }) => probe.price === "").length;
  return probeSets[set].length + (set === "gas" ? blockProbes.length + own : 0);
}

/** The rules that probes run under: the preset's prices, every host call, and blocks for several deployments. */
export function probeRules(): Rules {
  const general = presetRules("general");
  return {
    ...general,
    gas: { ...general.gas, perBlock: 2n ** 29n },
    block: { ...general.block, codeKiBMax: 16_384 },
    hostCallsAllowed: hostCallNames,
  };
}

/** Times all probes of a set. */
export async function measureProbes(
  { set, effort, search }: ProbesParams,
  progress: BenchProgress,
): Promise<ProbesResult> {
  const world = await ProbeWorld.open(probeRules());
  const probes: ProbeResult[] = [];
  const programs: ProbeResult[] = [];
  const done = (): void => progress(probes.length + programs.length);
  for (const probe of probeSets[set]) {
    probes.push(await measureProbe(world, probe, effort));
    done();
  }
  if (set === "gas") {
    const gasMax = Number(world.rules.gas.perBlock);
    for (const probe of blockProbes) {
      const rounds = await probe.open(world, effort.modulesDividedBy);
      probes.push(await measureRounds(rounds, { ...probe, unroll: 1, gasMax }, effort));
      done();
    }
    for (const { probe } of slowPrograms.filter((one) => one.probe.price === "")) {
      programs.push(await measureProbe(world, probe, effort));
      done();
    }
  }
  const payments = { ...presetRules("payments"), hostCallsAllowed: hostCallNames };
  const fullOfCode =
    set === "gas" ? await replayFullOfCode(await ProbeWorld.open(payments)) : undefined;
  const finds = search > 0 ? await searchSlow(world, search) : [];
  return { probes, programs, finds, fullOfCode, resultHash: hashOf([...probes, ...programs]) };
}

function hashOf(results: readonly ProbeResult[]): Hex {
  const writer = new ByteWriter();
  for (const { name, gasFixed, output } of results) {
    writer.bytes(new TextEncoder().encode(name)).u64(BigInt(gasFixed)).bytes(output);
  }
  return toHex(keccak256(writer.finish()));
}
