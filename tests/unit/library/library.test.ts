// The public face of `plasmavm`: which names it has, what their types are (checked by tsc), and that loading
// it loads neither the compiler nor the command line nor a native add-on.
import { execFileSync } from "node:child_process";
import { describe, expect, expectTypeOf, it } from "vitest";
import type {
  EngineError,
  Environment,
  ExecutedBlock,
  Hex,
  ReplayResult,
  Rules,
  TraceReport,
} from "../../../host/index.ts";
import { library } from "../../support/built.ts";

describe("the library", () => {
  it("exports these names and no others", () => {
    expect(Object.keys(library).sort()).toMatchInlineSnapshot(`
      [
        "EngineError",
        "Outcome",
        "SkipCode",
        "TrapCode",
        "checkModule",
        "compileProgram",
        "createEnvironment",
        "decodeEvent",
        "decodeResult",
        "decodeRevert",
        "deployInput",
        "describeOutcome",
        "describeRevert",
        "encodeCall",
        "encodeInit",
        "encodeUpgrade",
        "errorCodes",
        "fromHex",
        "keySigner",
        "lieKinds",
        "lies",
        "memoryStore",
        "openStore",
        "parseAbi",
        "parseRules",
        "presetRules",
        "replayBundle",
        "signTransaction",
        "tamperBundle",
        "toHex",
        "traceTransaction",
        "versions",
      ]
    `);
  });

  it("keeps the types that users build on", () => {
    expectTypeOf(library.createEnvironment).returns.resolves.toEqualTypeOf<Environment>();
    expectTypeOf<Environment["id"]>().toEqualTypeOf<Hex>();
    expectTypeOf<Environment["executeBlock"]>().returns.resolves.toEqualTypeOf<ExecutedBlock>();
    expectTypeOf<ExecutedBlock["gasUsed"]>().toEqualTypeOf<bigint>();
    expectTypeOf<ExecutedBlock["bundle"]>().toEqualTypeOf<Uint8Array | undefined>();
    expectTypeOf(library.replayBundle).returns.resolves.toEqualTypeOf<ReplayResult>();
    expectTypeOf<ReplayResult["verdict"]>().toEqualTypeOf<"valid" | "fraud" | "unusable">();
    expectTypeOf(library.traceTransaction).returns.resolves.toEqualTypeOf<TraceReport>();
    expectTypeOf(library.parseRules).returns.toEqualTypeOf<Rules>();
    expectTypeOf<EngineError["code"]>().toExtend<string>();
    expectTypeOf(library.signTransaction).returns.toEqualTypeOf<Uint8Array>();
    expectTypeOf<Hex>().toEqualTypeOf<`0x${string}`>();
  });

  it("refuses a genesis of another shape with a code, as plain JavaScript may give one", async () => {
    for (const genesis of [undefined, {}, [{ address: "0x00" }], [undefined]]) {
      const options = {
        rules: library.presetRules("payments"),
        store: library.memoryStore(),
        genesis: genesis as unknown as [],
      };
      await expect(library.createEnvironment(options)).rejects.toMatchObject({
        code: "GENESIS_BALANCES",
      });
    }
  });

  it("loads without compiler, command line and native code", () => {
    const script = `
      await import("./dist/host/index.js");
      const loaded = process.report.getReport().sharedObjects.filter((name) => name.endsWith(".node"));
      const { createRequire } = await import("node:module");
      const names = Object.keys(createRequire(import.meta.url).cache);
      console.log(JSON.stringify([...loaded, ...names]));
    `;
    const args = ["--input-type=module", "-e", script];
    const loaded = execFileSync(process.execPath, args, { encoding: "utf8" });
    expect(loaded).not.toMatch(/assemblyscript\/dist|binaryen|commander|lmdb|secp256k1|hashtree/);
  });
});
