// A bounded search for slow programs: bodies put together at random out of pieces, each timed shortly; the
// slowest are changed a little and tried again. Which bodies are tried first follows from the seed; which are
// kept depends on time. What comes out is read by people and, where it is slower than what is known, written down
// in slow-programs.ts.
import { measureProbe } from "./measure-probe.ts";
import type { SlowFind } from "./measure-probes.ts";
import type { ProbeWorld } from "./probe-world.ts";
import type { Probe } from "./probes.ts";
import { SeededRandom } from "./random.ts";

const SEED = "plasma slow programs";
const KEPT = 8;
const PIECES_MAX = 6;
const EFFORT = {
  ...{ rounds: 3, blockMillis: 1, warmMillis: 15 },
  ...{ firstGas: 500_000, valuesMax: 0, modulesDividedBy: 1 },
};

const NEXT = "local.get $a i32.const 1103515245 i32.mul i32.const 12345 i32.add local.set $a";

/** Addresses all over the memory of `pages` pages. */
const pieces = (pages: number): readonly string[] => {
  const mask = pages * 65_536 - 128;
  const at = `local.get $a i32.const 9 i32.shr_u i32.const ${mask} i32.and`;
  return [
    NEXT,
    `${at} i32.load 0 local.get $a i32.add local.set $a`,
    `${at} i64.load 61 local.get $c i64.xor local.set $c`,
    `${at} local.get $c i64.store 0`,
    `${at} local.get $b i32.store8 63`,
    `${at} i32.const 64 i32.const 33 memory.copy`,
    `${at} i32.const 0 i32.const 1 memory.fill`,
    "local.get $c i64.const -1 i64.xor local.get $start i64.extend_i32_u i64.const 3 i64.add i64.div_s local.set $c",
    "local.get $c i64.const -1 i64.xor local.get $start i64.extend_i32_u i64.const 5 i64.add i64.rem_u local.set $c",
    "local.get $a i32.const 17 i32.shr_u i32.const 1 i32.and if local.get $b i32.const 3 i32.add local.set $b else local.get $b i32.const 5 i32.mul local.set $b end",
    "block block block local.get $a i32.const 18 i32.shr_u i32.const 3 i32.and br_table 0,1,2,0 end local.get $b i32.const 1 i32.add local.set $b end local.get $b i32.const 9 i32.xor local.set $b end",
    "local.get $c local.get $c i64.popcnt i64.rotl local.set $c",
    "global.get 0 local.get $b i32.add global.set 0",
    "local.get $b call @0 local.set $b",
    "local.get $b local.get $a i32.const 19 i32.shr_u i32.const 7 i32.and call_indirect @0 local.set $b",
    "i32.const 0 memory.grow local.set $q",
  ];
};

const functions = Array.from({ length: 8 }, (_, i) => ({
  params: 1,
  results: 1 as const,
  locals: 4 * i,
  body: `local.get 0 i32.const -1 i32.eq if loop br 0 end end local.get 0 i32.const ${i + 1} i32.add`,
}));

interface Candidate {
  readonly pages: number;
  readonly parts: readonly number[];
}

interface Tried extends Candidate {
  readonly nanosPerGas: number;
}

const SIZES = [1, 16, 256] as const;

function probeOf({ pages, parts }: Candidate): Probe {
  const all = pieces(pages);
  const body = parts.map((part) => all[part]!).join(" ");
  return {
    name: "a random program",
    price: "",
    source: { body, unroll: 2, pages: [pages, pages], functions, tableSize: 8 },
  };
}

function randomCandidate(random: SeededRandom): Candidate {
  const count = pieces(1).length;
  const length = 1 + random.below(PIECES_MAX);
  const parts = Array.from({ length }, () => random.below(count));
  return { pages: SIZES[random.below(SIZES.length)]!, parts };
}

/** The same with one part more, less, or another. */
function changed({ pages, parts }: Candidate, random: SeededRandom): Candidate {
  const at = random.below(parts.length);
  const part = random.below(pieces(1).length);
  const kind = random.below(3);
  if (kind === 0 && parts.length > 1) return { pages, parts: parts.toSpliced(at, 1) };
  if (kind === 1) return { pages, parts: parts.toSpliced(at, 0, part) };
  return { pages, parts: parts.toSpliced(at, 1, part) };
}

/** Tries so many programs and returns the slowest, slowest first. */
export async function searchSlow(world: ProbeWorld, tries: number): Promise<SlowFind[]> {
  const random = new SeededRandom(SEED);
  let best: Tried[] = [];
  for (let i = 0; i < tries; i++) {
    const parent = best.length > 0 && i >= tries / 3 ? best[random.below(best.length)] : undefined;
    const candidate = parent === undefined ? randomCandidate(random) : changed(parent, random);
    const { nanosPerGas } = await measureProbe(world, probeOf(candidate), EFFORT);
    const tried = { ...candidate, nanosPerGas: nanosPerGas.median };
    best = [...best, tried].toSorted((a, b) => b.nanosPerGas - a.nanosPerGas).slice(0, KEPT);
  }
  return best.map((one) => ({
    body: probeOf(one).source.body,
    pages: one.pages,
    nanosPerGas: one.nanosPerGas,
  }));
}
