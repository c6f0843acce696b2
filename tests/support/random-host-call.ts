// Host calls as statements of random contracts (random-contract.ts): arguments that mostly mean something, so
// that runs get past them, and now and then ones that are refused. Every result goes to memory.
import type { WasmWriter } from "../../host/program/wasm-writer.ts";
import type { Random } from "./random.ts";

/** Where a random contract keeps what its host calls point to, all in its first page. */
export const INPUT_AT = 0x1000;
/** function 1 · flags of `enter` 1 · a chain of calls 3 · zeros 3 · six arguments of 8 · zeros 8 · four call requests of 44. */
export const INPUT_BYTES = 240;
export const ARGUMENTS_AT = INPUT_AT + 8;
export const REQUESTS_AT = INPUT_AT + 64;
export const REQUESTS = 4;
export const REQUEST_BYTES = 44;
export const CONTEXT_AT = 0x2000;
/** Where the result of a host call goes, so that another result is another memory. */
export const HOST_RESULT_AT = 0x37f8;
/** Four keys of 32 bytes. */
export const KEYS_AT = 0x3000;

const LENGTHS = [0, 1, 8, 20, 32, 33, 64, 100];
const TOO_LONG = [1_025, 65_537, 70_000];

export interface HostCallSite {
  readonly out: WasmWriter;
  readonly random: Random;
  readonly hostCalls: ReadonlyMap<string, number>;
  /** Writes code that pushes some i32. */
  readonly any: () => void;
}

type Argument = (site: HostCallSite) => void;

const constant = ({ out }: HostCallSite, value: number): void => void out.byte(0x41).s32(value);

const masked = (site: HostCallSite, mask: number): void => {
  site.any();
  constant(site, mask);
  site.out.byte(0x71);
};

/** base + stride × (any & 3). */
const oneOfFour =
  (base: number, stride: number): Argument =>
  (site) => {
    masked(site, 3);
    constant(site, stride);
    site.out.byte(0x6c);
    constant(site, base);
    site.out.byte(0x6a);
  };

const pick =
  (...values: readonly number[]): Argument =>
  (site) =>
    constant(site, site.random.pick(values));

const pointer: Argument = (site) => masked(site, 0x3ff8);
const key = oneOfFour(KEYS_AT, 32);
const request = oneOfFour(REQUESTS_AT, REQUEST_BYTES);
const offset = pick(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 300);
const length: Argument = (site) =>
  constant(site, site.random.pick(site.random.oneIn(25) ? TOO_LONG : LENGTHS));

interface Plan {
  readonly name: string;
  readonly weight: number;
  readonly args: readonly Argument[];
  readonly hasResult: boolean;
}

const plans: readonly Plan[] = [
  { name: "input", weight: 2, args: [pointer, offset, pick(0, 1, 32, 200)], hasResult: true },
  { name: "output", weight: 3, args: [pointer, length], hasResult: false },
  { name: "revert", weight: 1, args: [pointer, length], hasResult: false },
  { name: "context", weight: 1, args: [pointer], hasResult: false },
  { name: "storage_open", weight: 4, args: [key], hasResult: true },
  { name: "value_read", weight: 1, args: [pointer, offset, pick(0, 1, 8)], hasResult: false },
  { name: "storage_set", weight: 5, args: [key, pointer, length], hasResult: false },
  { name: "storage_delete", weight: 2, args: [key], hasResult: false },
  { name: "account", weight: 2, args: [request, pointer], hasResult: false },
  {
    name: "emit",
    weight: 4,
    args: [pointer, pick(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 4, 4, 5), pointer, length],
    hasResult: false,
  },
  {
    name: "call",
    weight: 7,
    args: [request, pick(INPUT_AT), pick(...Array<number>(9).fill(INPUT_BYTES), 17)],
    hasResult: true,
  },
  {
    name: "output_read",
    weight: 2,
    args: [pointer, offset, pick(0, 0, 0, 0, 0, 0, 1, 8)],
    hasResult: true,
  },
  { name: "enter", weight: 2, args: [pick(0, 1, 1, 1, 2, 3, 4)], hasResult: false },
  { name: "keccak256", weight: 1, args: [pointer, length, pointer], hasResult: false },
  { name: "sha256", weight: 1, args: [pointer, length, pointer], hasResult: false },
  { name: "secp256k1_recover", weight: 1, args: [pointer, pointer, pointer], hasResult: true },
];
const weighted = plans.flatMap((plan) => Array<Plan>(plan.weight).fill(plan));

/** Names, parameters and results of the calls that are made. */
export const hostImports = plans.map(({ name, args, hasResult }) => ({
  name,
  params: args.length,
  result: hasResult,
}));

/** Writes one host call as a statement. */
export function writeHostCall(site: HostCallSite): void {
  const { out, random, hostCalls } = site;
  const { name, args, hasResult } = random.pick(weighted);
  if (name === "call") writeSelector(site);
  if (hasResult) constant(site, HOST_RESULT_AT);
  for (const arg of args) {
    if (random.oneIn(60)) site.any();
    else arg(site);
  }
  out.byte(0x10).u32(hostCalls.get(name)!);
  if (hasResult) out.bytes(0x36, 0, 0);
  if (name === "storage_open") readOpened(site);
}

/** Another function of the callee than the caller's own. */
function writeSelector(site: HostCallSite): void {
  constant(site, INPUT_AT);
  site.any();
  site.out.bytes(0x3a, 0, 0);
}

/** Reads a byte of the value that was opened, where there is one. */
function readOpened(site: HostCallSite): void {
  const { out, hostCalls } = site;
  constant(site, HOST_RESULT_AT);
  out.bytes(0x28, 0, 0);
  constant(site, 0);
  out.bytes(0x4a, 0x04, 0x40);
  pointer(site);
  constant(site, 0);
  constant(site, 1);
  out.byte(0x10).u32(hostCalls.get("value_read")!).byte(0x0b);
}
