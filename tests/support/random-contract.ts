// Random contracts that a chain deploys and calls: a random module (random-module.ts) whose bodies make host
// calls, a function that recurses as deep as it is told, one that does what bodies hardly ever come to, and
// `main`, which picks a function by the first byte of the input and hands it arguments from there. Equal seeds give equal bytes.
import { WasmWriter } from "../../host/program/wasm-writer.ts";
import { callRequest } from "./call-request.ts";
import { Random } from "./random.ts";
import {
  ARGUMENTS_AT,
  CONTEXT_AT,
  HOST_RESULT_AT,
  hostImports,
  INPUT_AT,
  INPUT_BYTES,
  KEYS_AT,
  REQUEST_BYTES,
  REQUESTS,
  REQUESTS_AT,
  writeHostCall,
} from "./random-host-call.ts";
import {
  type ExportedFunction,
  I32,
  I64,
  type RandomModule,
  type RandomShape,
  randomModule,
  type Signature,
  type TrailingFunction,
} from "./random-module.ts";

/** Last byte of the context's flags, whose first bit says that this is a deployment. */
const FLAGS_AT = CONTEXT_AT + 175;
const RESULT_AT = 0x3800;
const ARGUMENTS = 6;

/** A function that `main` may pick. */
interface Target extends Signature {
  readonly funcidx: number;
}

const keys = Uint8Array.from({ length: 4 * 32 }, (_, i) => 1 + (i >>> 5));

/** Recurses `param` times; locals make its frames light or heavy. */
function deepFunction(random: Random): TrailingFunction {
  const locals = random.pick([0, 1, 30]);
  return {
    name: "deep",
    signature: { params: [I32], result: undefined },
    body: ({ functions, globals }) => {
      const self = functions.length + globals.length;
      const out = new WasmWriter().bytes(1, locals, I64);
      out.bytes(0x20, 0, 0x04, 0x40, 0x20, 0, 0x41, 1, 0x6b, 0x10).u32(self);
      return out.bytes(0x0b, 0x0b).finish();
    },
  };
}

/** What bodies hardly ever come to by themselves, by `param % 6`. */
const edgesFunction: TrailingFunction = {
  name: "edges",
  signature: { params: [I32], result: undefined },
  body: ({ hostCalls }) => {
    const host = (name: string): number => hostCalls!.get(name)!;
    const out = new WasmWriter().byte(0);
    const constants = (...values: readonly number[]) => {
      for (const value of values) out.byte(0x41).s32(value);
      return out;
    };
    const edges = [
      () => constants(RESULT_AT, 3).byte(0x10).u32(host("revert")),
      () => constants(RESULT_AT, 5, RESULT_AT, 0).byte(0x10).u32(host("emit")),
      () => constants(0, 65_537).byte(0x10).u32(host("output")),
      () => constants(-(2 ** 31), -1).bytes(0x6d, 0x1a),
      () => constants(1, 0).bytes(0x70, 0x1a),
      () => constants(2, RESULT_AT).byte(0x10).u32(host("context")).byte(0x1a),
    ];
    edges.forEach((write, i) => {
      out.bytes(0x20, 0);
      constants(edges.length).byte(0x70);
      constants(i).bytes(0x46, 0x04, 0x40);
      write();
      out.byte(0x0b);
    });
    return out.byte(0x0b).finish();
  },
};

/** What `main` does of itself: host calls before and after the function that the input names. */
function mainFunction(random: Random): TrailingFunction {
  const before = 2 + random.below(5);
  const after = random.below(3);
  const seed = random.next();
  return {
    name: "main",
    signature: { params: [], result: undefined },
    body: (shape, exported) => {
      const own = new Random(seed);
      const hostCalls = (out: WasmWriter, count: number): void => {
        const any = () =>
          void out
            .byte(0x41)
            .s32(ARGUMENTS_AT + own.below(48))
            .bytes(0x28, 0, 0);
        for (let i = 0; i < count; i++) {
          writeHostCall({ out, random: own, hostCalls: shape.hostCalls!, any });
        }
      };
      const first = (out: WasmWriter) => hostCalls(out, before);
      return mainBody(shape, exported, first, (out) => hostCalls(out, after));
    },
  };
}

function mainBody(
  shape: RandomShape,
  exported: readonly ExportedFunction[],
  before: (out: WasmWriter) => void,
  after: (out: WasmWriter) => void,
): Uint8Array {
  const { types, functions, globals } = shape;
  const host = (name: string): number => shape.hostCalls!.get(name)!;
  const behind = functions.length + globals.length;
  const own = [behind, behind + 1].map((funcidx): Target => {
    return { funcidx, params: [I32], result: undefined };
  });
  const targets = [
    ...own,
    ...exported.map(({ funcidx }): Target => ({ funcidx, ...types[functions[funcidx]!]! })),
  ];
  const out = new WasmWriter().bytes(1, 1, I32);
  const constant = (value: number) => out.byte(0x41).s32(value);
  constant(CONTEXT_AT).byte(0x10).u32(host("context"));
  constant(FLAGS_AT).bytes(0x2d, 0, 0, 0x41, 1, 0x71, 0x04, 0x40, 0x0f, 0x0b);
  constant(HOST_RESULT_AT);
  constant(INPUT_AT);
  constant(0);
  constant(INPUT_BYTES).byte(0x10).u32(host("input")).bytes(0x36, 0, 0);
  constant(INPUT_AT + 1).bytes(0x2d, 0, 0, 0x04, 0x40);
  constant(INPUT_AT + 1)
    .bytes(0x2d, 0, 0, 0x10)
    .u32(host("enter"))
    .byte(0x0b);
  callAnother(out, host("call"));
  before(out);
  constant(INPUT_AT).bytes(0x2d, 0, 0);
  constant(targets.length).bytes(0x70, 0x21, 0);
  targets.forEach((target, i) => {
    out.bytes(0x20, 0);
    constant(i).bytes(0x46, 0x04, 0x40);
    callTarget(out, target);
    constant(RESULT_AT);
    constant(8).byte(0x10).u32(host("output")).byte(0x0b);
  });
  after(out);
  return out.byte(0x0b).finish();
}

/**
 * While bits of byte 2 are left: calls what request `byte 3 & 3` names with the same input but for the function,
 * which is byte 4 there, and one bit less. So a chain of calls comes about whatever the bodies do.
 */
function callAnother(out: WasmWriter, call: number): void {
  const constant = (value: number) => out.byte(0x41).s32(value);
  const byte = (at: number) => constant(INPUT_AT + at).bytes(0x2d, 0, 0);
  byte(2).bytes(0x04, 0x40);
  byte(0).bytes(0x21, 0);
  constant(INPUT_AT);
  byte(4).bytes(0x3a, 0, 0);
  constant(INPUT_AT + 2);
  byte(2).bytes(0x41, 1, 0x76, 0x3a, 0, 0);
  constant(HOST_RESULT_AT);
  byte(3).bytes(0x41, REQUESTS - 1, 0x71);
  constant(REQUEST_BYTES).byte(0x6c);
  constant(REQUESTS_AT).byte(0x6a);
  constant(INPUT_AT);
  constant(INPUT_BYTES).byte(0x10).u32(call).bytes(0x36, 0, 0);
  constant(INPUT_AT).bytes(0x20, 0, 0x3a, 0, 0, 0x0b);
}

/** Arguments from the input; a result goes to memory. */
function callTarget(out: WasmWriter, target: Target): void {
  const { params, result, funcidx } = target;
  if (result !== undefined) out.byte(0x41).s32(RESULT_AT);
  params.forEach((type, i) => {
    out.byte(0x41).s32(ARGUMENTS_AT + 8 * i);
    out.bytes(type === I32 ? 0x28 : 0x29, 0, 0);
  });
  out.byte(0x10).u32(funcidx);
  if (result !== undefined) out.bytes(result === I32 ? 0x36 : 0x37, 0, 0);
}

/** Builds the contract of `seed`. */
export function randomContract(seed: number): RandomModule {
  return randomModule(seed, {
    hosts: () => hostImports,
    makesHostCalls: true,
    hasMain: () => false,
    hasMemory: () => true,
    trailing: (random) => [deepFunction(random), edgesFunction, mainFunction(random)],
    data: [{ at: KEYS_AT, bytes: keys }],
  });
}

const EDGES = [0n, 1n, 2n, 100n, 0x7fff_ffffn, 0xffff_ffffn, 2n ** 63n];

/** An input for a random contract: function, arguments, and requests to call some of `addresses`. */
export function randomInput(random: Random, addresses: readonly Uint8Array[]): Uint8Array {
  const input = new Uint8Array(INPUT_BYTES);
  // 0 and 1 are the functions that recurse and that do rare things.
  const anyFunction = () => (random.oneIn(3) ? random.below(2) : random.next());
  input[0] = anyFunction();
  input[1] = random.oneIn(30) ? 4 : random.pick([0, 0, 0, 0, 1, 1, 1, 2, 3]);
  input[2] = random.pick([0, 1, 1, 3, 7]);
  input[3] = random.next();
  input[4] = anyFunction();
  const view = new DataView(input.buffer);
  for (let i = 0; i < ARGUMENTS; i++) {
    const value = random.oneIn(2) ? random.pick(EDGES) : BigInt(random.next());
    view.setBigUint64(8 + 8 * i, value, true);
  }
  for (let i = 0; i < REQUESTS; i++) {
    const value = random.pick([0n, 0n, 0n, 1n, 10n ** 30n]);
    const gas = random.pick([2n ** 64n - 1n, 2n ** 64n - 1n, 60_000n, 9_000n, 0n]);
    input.set(callRequest(random.pick(addresses), { value, gas }), 64 + REQUEST_BYTES * i);
  }
  return input;
}
