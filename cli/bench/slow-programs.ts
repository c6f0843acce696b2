// The slowest programs found for their gas, by hand and by search (search-slow.ts): kept so that prices are held
// against them for good. Each is made anew from its text, runs the same everywhere, and has its gas and state
// root in fixtures/slow-programs.json. In `compute` is what the design holds to the first bound, in `memory` what
// needs up to 1 MiB of memory, in `beyond` what neither bound is about.
import { assert } from "../../host/errors.ts";
import { entryProbes, hostCallProbes, touchProbes } from "./host-call-probes.ts";
import { PROBE_DATA } from "./probe-module.ts";
import { chase, instructionProbes, type Probe } from "./probes.ts";

export const slowGroups = ["compute", "memory", "beyond"] as const;
export type SlowGroup = (typeof slowGroups)[number];

export interface SlowProgram {
  readonly group: SlowGroup;
  readonly probe: Probe;
}

const KIB = 1_024;
const LCG = "local.get $a i32.const 1103515245 i32.mul i32.const 12345 i32.add local.set $a";

const program = (
  group: SlowGroup,
  name: string,
  source: Probe["source"],
  more: Partial<Probe> = {},
): SlowProgram => ({ group, probe: { name, price: "", source, ...more } });

const CHASE = "local.get $p i32.load 0 local.set $p";

/**
 * The next key at PROBE_DATA. Keys differ by these words, which left every hash as it was while all tables of keys
 * had one fixed set of coefficients (decision 0038).
 */
const NEXT_COLLIDING = [562958543421440n, 844437815099395n, 562958543552513n, 844429225164800n]
  .map(
    (word, i) =>
      `i32.const ${PROBE_DATA} i32.const ${PROBE_DATA} i64.load ${8 * i} i64.const ${word} i64.add i64.store ${8 * i}`,
  )
  .join(" ");

/** What no single price is about. */
const made: readonly SlowProgram[] = [
  program("memory", "chase over 1 MiB, four at a time", {
    ...chase(KIB * KIB),
    unroll: 4,
    body: `${CHASE} local.get $q i32.load 0 local.set $q`,
  }),
  program("memory", "stores at random over 1 MiB", {
    unroll: 8,
    pages: [16, 16],
    body: `${LCG} local.get $a i32.const 8 i32.shr_u i32.const ${KIB * KIB - 4} i32.and local.get $c i64.store32 0`,
  }),
  program("memory", "loads that cross lines over 1 MiB", {
    unroll: 8,
    pages: [16, 16],
    body: `${LCG} local.get $a local.get $c i32.wrap_i64 i32.add i32.const 8 i32.shr_u i32.const ${KIB * KIB - 128} i32.and i64.load 60 local.get $c i64.add local.set $c`,
  }),
  program("beyond", "stores at random over 16 MiB", {
    unroll: 8,
    pages: [256, 256],
    body: `${LCG} local.get $a i32.const 4 i32.shr_u i32.const ${16 * KIB * KIB - 4} i32.and local.get $c i64.store32 0`,
  }),
  program("compute", "branches on a coin, calls through the table", {
    unroll: 2,
    tableSize: 16,
    functions: Array.from({ length: 16 }, (_, i) => ({
      params: 1,
      results: 1,
      body: `local.get 0 i32.const -1 i32.eq if loop br 0 end end local.get 0 i32.const ${2 * i + 1} i32.mul`,
    })),
    body: `${LCG} local.get $a i32.const 16 i32.shr_u i32.const 1 i32.and if local.get $b local.get $a i32.const 20 i32.shr_u i32.const 15 i32.and call_indirect @0 local.set $b end`,
  }),
  program("compute", "short loops that end unforeseen", {
    unroll: 1,
    body: `${LCG} local.get $a i32.const 16 i32.shr_u i32.const 3 i32.and local.set $b loop local.get $b i32.const 1 i32.sub local.tee $b i32.const 0 i32.gt_s br_if 0 end`,
  }),
  program("compute", "division and a store that a load waits for", {
    unroll: 8,
    setup: "local.get $start i64.extend_i32_u i64.const 3 i64.add local.set $d",
    body: "i32.const 128 i64.const -1 i64.const 128 i64.load 0 i64.xor local.get $d i64.div_s i64.store 0".replace(
      "i64.const 128 i64.load",
      "i32.const 128 i64.load",
    ),
  }),
  program("compute", "short copies that a load waits for", {
    unroll: 4,
    body: "i32.const 200 i32.const 199 i32.const 17 memory.copy i32.const 208 i64.load 0 local.get $c i64.add local.set $c",
  }),
  program(
    "compute",
    "keys that collided",
    {
      body: `i32.const 2048 local.set $a loop ${NEXT_COLLIDING} i32.const ${PROBE_DATA} call $storage_open drop local.get $a i32.const 1 i32.sub local.tee $a br_if 0 end`,
    },
    { touches: true, roundsMax: 8 },
  ),
];

const kept = (group: SlowGroup, ...names: readonly string[]): SlowProgram[] =>
  names.map((name) => {
    const all = [...instructionProbes, ...hostCallProbes, ...touchProbes, ...entryProbes];
    const probe = all.find((one) => one.name === name);
    assert(probe !== undefined, `there is a probe ${name}`);
    return { group, probe };
  });

/** All of them; those that are a class's own probe are named only. */
export const slowPrograms: readonly SlowProgram[] = [
  ...made,
  ...kept(
    "compute",
    "i64.div_s",
    "i64.rem_s",
    "br_table, not foreseen",
    "call_indirect, not foreseen",
    "call of itself, 64 deep",
    "memory.grow by none",
    "memory.fill of 0 bytes",
    "context",
    "keccak256, 0 bytes",
    "sha256, 136 bytes",
    "emit, 4 topics, 1024 bytes",
    "call, of an empty contract",
    "call, 32,768 bytes of input",
    "send_message, to settlement, 4096 bytes",
    "storage_open, new path, present",
    "value_read, new path, 65,536 bytes",
    "storage_set, new path, 65,536 bytes",
    "storage_delete, new path, present",
    "account, new path",
  ),
  ...kept(
    "memory",
    "i32.load over 1024 KiB",
    "growth by 16 pages, written",
    "entry of a new instance",
  ),
  ...kept(
    "beyond",
    "i32.load over 16384 KiB",
    "memory.copy of 65,536 bytes over 16384 KiB",
    "entry of a contract of 256 pages",
    "growth by 240 pages, written",
  ),
];
