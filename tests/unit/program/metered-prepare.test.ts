// Deployment is a call: prepare, metered by itself and run as a contract, gives the record that the host
// computes natively, and the same refusal, and its price grows with the module's bytes.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ModuleRefusal, prepareModule, readRefusal } from "../../../host/program/prepare.ts";
import { prepareModule as prepareWasm } from "../../../host/program/prepare-module.ts";
import { prepareMetered } from "../../support/metered-prepare.ts";
import { testPrepareRules } from "../../support/prepare-rules.ts";
import { body, functionType, MAIN, mainModule, moduleWith } from "../../support/wasm-bytes.ts";

const rules = testPrepareRules();
const folder = "fixtures/contracts/build";
const fixtures = readdirSync(folder).filter((file) => file.endsWith(".wasm"));

describe("prepare as a contract", () => {
  it("gives the record that the host computes, for every fixture contract", () => {
    expect(fixtures.length).toBeGreaterThan(10);
    for (const file of fixtures) {
      const wasm = new Uint8Array(readFileSync(join(folder, file)));
      const { record, gasUsed } = prepareMetered(wasm, rules);
      expect(record, file).toEqual(prepareModule(wasm, rules).record);
      if (process.env.SHOW) console.log(file, wasm.length, gasUsed, Number(gasUsed) / wasm.length);
    }
  });

  it("gives its own record for itself", () => {
    const { record } = prepareMetered(prepareWasm, rules);
    expect(record).toEqual(prepareModule(prepareWasm, rules).record);
  });

  it("reverts with the refusal that the host throws", () => {
    const wasm = mainModule([0x41, 0, 0x43, 0, 0, 0, 0, 0x1a, 0x1a]);
    const { record, revertData } = prepareMetered(wasm, rules);
    expect(record).toBeUndefined();
    const found = readRefusal(wasm, revertData ?? new Uint8Array());
    expect(found).toBeInstanceOf(ModuleRefusal);
    expect(() => prepareModule(wasm, rules)).toThrow(
      expect.objectContaining({ code: found?.code, where: found?.where }),
    );
  });

  it("costs gas in proportion to the bytes, whatever they hold", () => {
    const perByte = (instructions: readonly number[], bodies: number) => {
      const wasm = moduleWith({
        types: [functionType([], [])],
        functions: Array.from({ length: bodies }, () => 0),
        memories: [[0, 1]],
        exports: [[...MAIN, 0]],
        bodies: Array.from({ length: bodies }, () => body(instructions)),
      });
      return Number(prepareMetered(wasm, rules).gasUsed) / wasm.length;
    };
    const repeat = (count: number, ...bytes: number[]) =>
      Array.from({ length: count }, () => bytes).flat();
    for (const instructions of [
      repeat(400, 0x41, 0, 0x1a),
      repeat(200, 0x41, 0, 0x45, 0x45, 0x45, 0x1a),
      repeat(200, 0x03, 0x40, 0x0b),
      repeat(100, 0x02, 0x40, 0x41, 0, 0x0d, 0, 0x0b),
      repeat(200, 0x10, 0),
    ]) {
      const few = perByte(instructions, 2);
      const many = perByte(instructions, 30);
      if (process.env.SHOW) console.log(few, many);
      expect(many).toBeLessThan(few);
    }
  });
});
