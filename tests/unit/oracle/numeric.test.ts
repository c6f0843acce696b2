// The oracle's arithmetic against the engine's own: every integer operation on edge values.
import { describe, expect, test } from "vitest";
import { WasmWriter } from "../../../host/program/wasm-writer.ts";
import { evaluate, operandCount } from "../../oracle/numeric.ts";

const I32 = 0x7f;
const I64 = 0x7e;
const EDGES = [0n, 1n, 2n, 31n, 32n, 63n, 64n, 0x7fn, 0x80n, 0xffn, 0x7fffn, 0x8000n];
const WIDE = [0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 0x1234_5678n];
const VERY_WIDE = [0x7fff_ffff_ffff_ffffn, 0x8000_0000_0000_0000n, 0xffff_ffff_ffff_ffffn];

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
const CONVERSIONS = [0xa7, 0xac, 0xad, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4];
const OPCODES = [...range(0x45, 0x5a), ...range(0x67, 0x8a), ...CONVERSIONS];

function operandType(op: number): number {
  if ((op >= 0x50 && op <= 0x5a) || (op >= 0x79 && op <= 0x8a) || op === 0xa7 || op >= 0xc2) {
    return I64;
  }
  return I32;
}

function resultType(op: number): number {
  if (op <= 0x78 || op === 0xa7 || op === 0xc0 || op === 0xc1) return I32;
  return I64;
}

/** A module whose function "f" is this one operation. */
function native(op: number): (x: bigint, y: bigint) => bigint | undefined {
  const count = operandCount(op);
  const type = operandType(op);
  const out = new WasmWriter().bytes(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  const params = Array<number>(count).fill(type);
  out.section(1, new WasmWriter().bytes(1, 0x60, count, ...params, 1, resultType(op)));
  out.section(3, new WasmWriter().bytes(1, 0));
  out.section(7, new WasmWriter().u32(1).name("f").bytes(0, 0));
  const body = new WasmWriter().bytes(0, 0x20, 0);
  if (count === 2) body.bytes(0x20, 1);
  body.bytes(op, 0x0b);
  out.section(10, new WasmWriter().u32(1).sized(body.finish()));
  const instance = new WebAssembly.Instance(
    new WebAssembly.Module(out.finish() as Uint8Array<ArrayBuffer>),
  );
  const f = instance.exports.f as (...args: unknown[]) => number | bigint;
  const toJs = (value: bigint) => (type === I64 ? BigInt.asIntN(64, value) : Number(value) | 0);
  return (x, y) => {
    try {
      const result = f(...(count === 2 ? [toJs(x), toJs(y)] : [toJs(x)]));
      return typeof result === "bigint" ? BigInt.asUintN(64, result) : BigInt(result >>> 0);
    } catch {
      return undefined;
    }
  };
}

describe("the oracle's arithmetic", () => {
  for (const op of OPCODES) {
    test(`of opcode 0x${op.toString(16)} equals the engine's on edge values`, () => {
      const run = native(op);
      const values =
        operandType(op) === I64 ? [...EDGES, ...WIDE, ...VERY_WIDE] : [...EDGES, ...WIDE];
      for (const x of values) {
        for (const y of operandCount(op) === 2 ? values : [0n]) {
          expect([x, y, evaluate(op, x, y)]).toEqual([x, y, run(x, y)]);
        }
      }
    });
  }
});
