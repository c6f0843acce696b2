// prepare as the host uses it: it accepts itself, its tables agree with the host's, its refusals name
// what authors wrote, and its layout has the points that the words have charges for.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PointKind } from "../../../host/program/layout.ts";
import { ModuleRefusal, prepareModule, readRefusal } from "../../../host/program/prepare.ts";
import { prepareModule as prepareWasm } from "../../../host/program/prepare-module.ts";
import { limitNames, refusalKinds } from "../../../host/program/refusals.ts";
import { testPrepareRules } from "../../support/prepare-rules.ts";
import {
  body,
  functionType,
  I32,
  MAIN,
  mainModule,
  moduleWith,
  name,
  section,
} from "../../support/wasm-bytes.ts";

const rules = testPrepareRules();

function refusal(wasm: Uint8Array): ModuleRefusal {
  try {
    prepareModule(wasm, rules);
  } catch (error) {
    if (error instanceof ModuleRefusal) return error;
    throw error;
  }
  throw new RangeError("the module was accepted");
}

describe("prepare", () => {
  it("accepts itself under the default limits", () => {
    const { layout, codeRecord } = prepareModule(prepareWasm, rules);
    expect(layout.mainFunction).toBeDefined();
    expect(codeRecord.pagesMax).toBe(256);
  });

  it("imports exactly the six host calls that the rules must allow", () => {
    const { layout } = prepareModule(prepareWasm, rules);
    const numbers = layout.imports.map(({ hostCall }) => hostCall).sort((a, b) => a - b);
    expect(numbers).toEqual([1, 2, 3, 5, 6, 14]);
  });

  it("has the refusal numbers that host/program/refusals.ts describes, and no others", () => {
    const source = readFileSync("assembly/prepare/refusal.ts", "utf8");
    const numbers = [...source.matchAll(/^export const [A-Z0-9_]+: u32 = (\d+);/gm)].map((match) =>
      Number(match[1]),
    );
    const limits = limitNames.map((_, i) => 130 + i);
    expect([...new Set([...numbers, ...limits])].sort((a, b) => a - b)).toEqual(
      [...refusalKinds.keys()].sort((a, b) => a - b),
    );
  });

  it("prepares the largest module within its memory", () => {
    const eqz = Array.from({ length: 16_000 }, () => 0x45);
    const bodies = Array.from({ length: 16 }, () => body([0x41, 0x00, ...eqz, 0x1a]));
    const wasm = moduleWith({
      types: [functionType([], [])],
      functions: bodies.map(() => 0),
      exports: [[...MAIN, 0]],
      bodies,
    });
    expect(wasm.length).toBeGreaterThan(200_000);
    expect(prepareModule(wasm, rules).codeRecord.wordCount).toBeGreaterThan(256_000);
  });
});

describe("the layout", () => {
  it("has a charge point of equal price for every charge word, in order", () => {
    const { layout, words } = prepareModule(prepareWasm, rules);
    const view = new DataView(words.buffer);
    const charges: string[] = [];
    let pc = words.length / 16;
    // Bodies start behind the import stubs and end where the entry stub begins.
    const bodies = view.getUint32(layout.imports.length * 16 + 4, true);
    for (pc = bodies; pc < layout.entryPc; pc++) {
      const op = view.getUint16(pc * 16, true);
      const kind = { 512: PointKind.charge, 513: PointKind.chargeCheck }[op];
      if (kind !== undefined) charges.push(`${kind}:${view.getBigUint64(pc * 16 + 8, true)}`);
    }
    const points: string[] = [];
    for (let i = 0; i < layout.points.length; i += 3) {
      const kind = layout.points[i + 1] ?? 0;
      if (kind <= PointKind.chargeCheck) points.push(`${kind}:${layout.points[i + 2]}`);
    }
    expect(points).toEqual(charges);
  });

  it("has points in ascending order of byte offset within bodies", () => {
    const { layout } = prepareModule(prepareWasm, rules);
    let last = 0;
    for (let i = 0; i < layout.points.length; i += 3) {
      expect(layout.points[i]).toBeGreaterThanOrEqual(last);
      last = layout.points[i] ?? 0;
    }
    layout.functions.forEach((fn, i) => {
      expect(layout.points[fn.firstPoint * 3]).toBe(fn.firstInstruction);
      expect(fn.end).toBe(layout.functions[i + 1]?.bodyOffset ?? fn.end);
    });
  });

  it("marks what no branch reaches as dead, also behind the end of a block", () => {
    // block br 1 end; i32.const 0; drop: the end is never reached.
    const { layout } = prepareModule(
      mainModule([0x02, 0x40, 0x0c, 0x01, 0x0b, 0x41, 0x00, 0x1a]),
      rules,
    );
    const start = layout.functions[0]?.firstInstruction ?? 0;
    const dead = [];
    for (let i = 0; i < layout.points.length; i += 3) {
      if (layout.points[i + 1] === PointKind.dead) dead.push([...layout.points.subarray(i, i + 3)]);
    }
    expect(dead).toEqual([[start + 5, PointKind.dead, start + 8]]);
  });
});

describe("a refusal", () => {
  const nameSection = (functionName: string) =>
    section(0, [...name("name"), 1, functionName.length + 3, 1, 0, ...name(functionName)]);

  const withName = (functionName: string) =>
    Uint8Array.from([...mainModule([0x43, 0, 0, 0, 0, 0x1a]), ...nameSection(functionName)]);

  it("names the function and what the author wrote, with its replacement", () => {
    const found = refusal(withName("~lib/util/string/strtod<f64>"));
    expect(found.where).toMatchObject({
      function: 0,
      functionName: "~lib/util/string/strtod<f64>",
    });
    expect(found.message).toContain("parseFloat");
    expect(found.hint).toContain("Fixed");
  });

  it("gives the general fix where the function has no telling name", () => {
    const found = refusal(withName("assembly/token/Token#transfer"));
    expect(found.message).not.toContain("(");
    expect(found.hint).toContain("integers");
  });

  it("names Math.random and Date.now by the import that a float type is for", () => {
    const importing = (field: string, module = "env") =>
      moduleWith({
        types: [functionType([], []), functionType([], [0x7c])],
        imports: [[...name(module), ...name(field), 0, 1]],
      });
    expect(refusal(importing("seed"))).toMatchObject({
      code: "WASM_FLOAT_REFUSED",
      message: expect.stringContaining("Math.random"),
    });
    expect(refusal(importing("Date.now"))).toMatchObject({
      message: expect.stringContaining("Date.now"),
      hint: expect.stringContaining("context.time"),
    });
  });

  it("names abort, console and WASI imports with what to do instead", () => {
    const importing = (field: string, module = "env") =>
      refusal(
        moduleWith({
          types: [functionType([I32, I32, I32, I32], [])],
          imports: [[...name(module), ...name(field), 0, 0]],
        }),
      );
    expect(importing("abort")).toMatchObject({
      code: "WASM_IMPORT_UNKNOWN",
      where: { field: "env.abort" },
      hint: expect.stringContaining("build with plasma"),
    });
    expect(importing("console.log").message).toContain("console");
    expect(importing("trace").message).toContain("trace");
    expect(importing("fd_write", "wasi_snapshot_preview1").message).toContain("WASI");
    expect(importing("other").message).toContain("env.other");
  });

  it("is read back from the revert data of a deployment", () => {
    const wasm = mainModule([0x1a]);
    const found = refusal(wasm);
    const data = new Uint8Array(15);
    const view = new DataView(data.buffer);
    view.setUint8(0, 4);
    view.setUint16(1, found.refusal);
    view.setUint32(3, 0);
    view.setUint32(7, found.where.byteOffset ?? 0);
    view.setUint32(11, found.detail);
    expect(readRefusal(wasm, data)).toMatchObject({ code: found.code, where: found.where });
    expect(readRefusal(wasm, data.subarray(1))).toBeUndefined();
    view.setUint16(1, 9_999);
    expect(readRefusal(wasm, data)).toBeUndefined();
  });

  it("survives damaged name sections and imports", () => {
    for (const tail of [[0x00], [0x00, 0x05], section(0, [...name("name"), 1, 0xff, 0xff, 0xff])]) {
      const wasm = Uint8Array.from([...mainModule([0x1a]), ...tail]);
      expect(refusal(wasm).code).toBe("WASM_STACK_UNDERFLOW");
    }
  });
});
