// What a probe is, and the probes of instructions: for each priced class of instructions the few that take
// longest for their gas, written so that V8 can neither drop nor hoist them, each result needed by the next.
// Operands come out of locals, which are registers: their gas is part of a probe's, their time next to nothing.
import type { ProbeSource } from "./probe-module.ts";

/** Something to time: a body, and the gas that it takes by the schedule. */
export interface Probe {
  readonly name: string;
  /** The price that it is about: a field of `gas`, such as `instructions.alu`. */
  readonly price: string;
  readonly source: ProbeSource;
  /** How often a body pays the price; once where absent. */
  readonly units?: number;
  /** Contracts whose addresses [20] follow in the input. */
  readonly targets?: readonly ProbeSource[];
  /** Bytes of the input behind the addresses. */
  readonly input?: Uint8Array;
  /** Most rounds: lists of a block or transaction end somewhere. */
  readonly roundsMax?: number;
  /** Values under the keys 0, 1 … of the contract, before the first block. */
  readonly values?: { readonly count: number; readonly bytes: number };
  /** Each round touches a path of state that the block has not touched: replay counts too. */
  readonly touches?: true;
}

const UNROLL = 16;

/** 16 KiB of the table-driven walks below; sizes are powers of two. */
const KIB = 1_024;
const PAGE = 64 * KIB;

interface Row {
  readonly name: string;
  readonly body: string;
  readonly units?: number;
  readonly more?: Partial<ProbeSource>;
}

const rows = (price: string, ...all: readonly Row[]): Probe[] =>
  all.map(({ name, body, units = 1, more }) => ({
    name,
    price: `instructions.${price}`,
    units,
    source: { unroll: UNROLL, body, ...more },
  }));

/** The second operand comes out of the input: V8 must not know it. */
const operandsOf = (
  type: "i32" | "i64",
  first: number,
): readonly [x: string, y: string, setup: string] => {
  const [x, y] = type === "i32" ? ["$a", "$b"] : ["$c", "$d"];
  const start = type === "i32" ? "local.get $start" : "local.get $start i64.extend_i32_u";
  return [
    x,
    y,
    `${type}.const ${first} local.set ${x} ${start} ${type}.const 3 ${type}.add local.set ${y}`,
  ];
};

const binary = (type: "i32" | "i64", operation: string): Row => {
  const [x, y, setup] = operandsOf(type, 12_345);
  return {
    name: `${type}.${operation}`,
    body: `local.get ${x} local.get ${y} ${type}.${operation} local.set ${x}`,
    more: { setup },
  };
};

/** The quotient goes into the next dividend, so that each division has all bits to work on. */
const divide = (type: "i32" | "i64", operation: string): Row => {
  const [x, y, setup] = operandsOf(type, type === "i32" ? 2_147_483_629 : 9_007_199_254_740_881);
  return {
    name: `${type}.${operation}`,
    body: `${type}.const -1 local.get ${x} ${type}.xor local.get ${y} ${type}.${operation} local.set ${x}`,
    more: { setup },
  };
};

/**
 * A walk over `bytes` of memory by addresses that depend on what was loaded and that no prefetcher foresees:
 * a full cycle of x -> 5x + c over the words, put there by the setup.
 */
export function chase(bytes: number): Partial<ProbeSource> {
  const mask = bytes - 4;
  return {
    pages: [bytes / PAGE, bytes / PAGE],
    setup: `loop
      local.get $p
      local.get $p i32.const 1664525 i32.mul i32.const 1013904224 i32.add i32.const ${mask} i32.and
      i32.store 0
      local.get $p i32.const 4 i32.add local.tee $p i32.const ${bytes} i32.ne br_if 0 end
      i32.const 0 local.set $p`,
  };
}

const callee = { params: 1, results: 1, body: "local.get 0 i32.const 1 i32.add" } as const;
/** Loops, so that no call of it is replaced by its body. */
const looping = {
  params: 1,
  results: 1,
  body: "local.get 0 i32.const -1 i32.eq if loop br 0 end end local.get 0 i32.const 1 i32.add",
} as const;
const many = Array.from({ length: 64 }, (_, i) => ({
  ...looping,
  body: looping.body.replace("i32.const 1 ", `i32.const ${i + 1} `),
}));

const NEXT = "local.get $a i32.const 1103515245 i32.mul i32.const 12345 i32.add local.set $a";
const RANDOM_BIT = "local.get $a i32.const 16 i32.shr_u i32.const 1 i32.and";

const control = rows(
  "control",
  {
    name: "br_if, foreseen",
    body: "block local.get $start br_if 0 local.get $b i32.const 7 i32.mul local.set $b end",
  },
  {
    name: "if, not foreseen",
    body: `${NEXT} ${RANDOM_BIT} if local.get $b i32.const 3 i32.add local.set $b else local.get $b i32.const 5 i32.mul local.set $b end`,
    more: { unroll: 4 },
  },
  {
    name: "loop of one round",
    body: "loop local.get $a i32.const 1 i32.add local.tee $a i32.eqz br_if 0 end",
  },
);

const brTable = rows("br_table", {
  name: "br_table, not foreseen",
  body: `${NEXT} block block block block block local.get $a i32.const 16 i32.shr_u i32.const 3 i32.and br_table 0,1,2,3,4 end local.get $b i32.const 1 i32.add local.set $b end local.get $b i32.const 3 i32.xor local.set $b end local.get $b i32.const 5 i32.rotl local.set $b end local.get $b i32.const 7 i32.sub local.set $b end`,
  more: { unroll: 2 },
});

const calls = [
  ...rows(
    "call",
    {
      name: "call, replaced by its body",
      body: "local.get $a call @0 local.set $a",
      more: { functions: [callee] },
    },
    { name: "call", body: "local.get $a call @0 local.set $a", more: { functions: [looping] } },
    {
      name: "call with 16 locals",
      body: "local.get $a call @0 local.set $a",
      more: {
        functions: [
          { ...looping, locals: 16, body: `${looping.body} local.tee 5 local.get 5 i32.add` },
        ],
      },
    },
    {
      name: "call of itself, 64 deep",
      body: "i32.const 64 call @0 local.set $a",
      more: {
        unroll: 1,
        functions: [
          {
            params: 1,
            results: 1,
            body: "local.get 0 if local.get 0 i32.const 1 i32.sub call @0 local.set 0 end local.get 0",
          },
        ],
      },
    },
  ),
  ...rows(
    "call_indirect",
    {
      name: "call_indirect, foreseen",
      body: "local.get $a i32.const 0 call_indirect @0 local.set $a",
      more: { functions: [looping], tableSize: 1 },
    },
    {
      name: "call_indirect, not foreseen",
      body: `${NEXT} local.get $b local.get $a i32.const 16 i32.shr_u i32.const 63 i32.and call_indirect @0 local.set $b`,
      more: { functions: many, tableSize: 64, unroll: 2 },
    },
  ),
  ...rows("locals", {
    name: "256 locals",
    body: "local.get $a call @0 local.set $a",
    more: {
      functions: [
        {
          params: 1,
          results: 1,
          locals: 255,
          body: `${looping.body} ${Array.from({ length: 40 }, (_, i) => `local.get ${i * 6 + 1} i32.add local.tee ${i * 6 + 2}`).join(" ")}`,
        },
      ],
    },
  }),
];

const memory = [
  ...rows("global", {
    name: "global.get, global.set",
    body: "global.get 0 local.get $a i32.add global.set 0",
  }),
  ...rows(
    "load",
    { name: "i32.load, cached", body: "local.get $p i32.load 256 local.set $p" },
    ...[32 * KIB, 256 * KIB, KIB * KIB, 4 * KIB * KIB, 16 * KIB * KIB].map((bytes) => ({
      name: `i32.load over ${bytes / KIB} KiB`,
      body: "local.get $p i32.load 0 local.set $p",
      more: chase(Math.max(bytes, PAGE)),
    })),
  ),
  ...rows(
    "store",
    { name: "i32.store, cached", body: "local.get $p local.get $a i32.store 128" },
    {
      name: "store and load of one place",
      body: "i32.const 128 local.get $c i64.store 0 i32.const 128 i64.load 0 local.set $c",
    },
    {
      name: "i32.store over 16384 KiB",
      body: `${NEXT} local.get $a i32.const ${16 * KIB * KIB - 4} i32.and local.get $b i32.store 0`,
      more: { pages: [256, 256] },
    },
  ),
  ...rows("memory_size", {
    name: "memory.size",
    body: "memory.size local.get $a i32.add local.set $a",
  }),
  ...rows("memory_grow", {
    name: "memory.grow by none",
    body: "i32.const 0 memory.grow local.set $a",
    more: { unroll: 4 },
  }),
  ...rows(
    "bulk",
    ...[0, 64, 128, 1_024, 16_384].flatMap((bytes) => [
      {
        name: `memory.copy of ${bytes} bytes`,
        units: 2 + Math.ceil(bytes / 128),
        body: `i32.const 20000 i32.const 64 i32.const ${bytes} memory.copy`,
        more: { unroll: 4 },
      },
      {
        name: `memory.fill of ${bytes} bytes`,
        units: 2 + Math.ceil(bytes / 128),
        body: `i32.const 20000 i32.const 1 i32.const ${bytes} memory.fill`,
        more: { unroll: 4 },
      },
    ]),
    {
      name: "memory.copy of 65,536 bytes over 16384 KiB",
      units: 514,
      body: `${NEXT} local.get $a i32.const ${8 * KIB * KIB - 65_536} i32.and i32.const ${8 * KIB * KIB} local.get $a i32.const 7 i32.shr_u i32.const 4194303 i32.and i32.add i32.const 65536 memory.copy`,
      more: { unroll: 1, pages: [256, 256] },
    },
  ),
];

/** Probes of instructions. */
export const instructionProbes: readonly Probe[] = [
  ...control,
  ...brTable,
  ...calls,
  ...rows("move", {
    name: "select",
    body: "local.get $a local.get $b local.get $a select local.set $b",
  }),
  ...memory,
  ...rows("alu", binary("i32", "add"), binary("i64", "rotl"), binary("i32", "shr_s"), {
    name: "i64.popcnt, i64.clz",
    body: "local.get $c i64.popcnt local.get $c i64.clz i64.sub local.set $c",
  }),
  ...rows("multiply", binary("i32", "mul"), binary("i64", "mul")),
  ...rows(
    "divide",
    ...(["div_s", "div_u", "rem_s", "rem_u"] as const).flatMap((name) => [
      divide("i32", name),
      divide("i64", name),
    ]),
  ),
];
