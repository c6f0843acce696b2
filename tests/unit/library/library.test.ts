// The public face of `plasmavm`: which names it has, what their types are (checked by tsc), and that loading
// it loads neither the compiler nor the command line nor a native add-on.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, expectTypeOf, it } from "vitest";
import type {
  EngineError,
  Environment,
  ExecutedBlock,
  Hex,
  ReplayResult,
  Rules,
  TracedState,
  TraceReport,
  VerifiedProof,
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
        "proveStep",
        "replayBundle",
        "signTransaction",
        "tamperBundle",
        "toHex",
        "traceState",
        "traceTransaction",
        "verifyProof",
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
    expectTypeOf(library.traceState).returns.resolves.toEqualTypeOf<TracedState>();
    expectTypeOf(library.verifyProof).returns.resolves.toEqualTypeOf<VerifiedProof>();
    expectTypeOf<VerifiedProof["verdict"]>().toEqualTypeOf<"stands" | "refuted" | "unusable">();
    expectTypeOf<VerifiedProof["kind"]>().toEqualTypeOf<"step proof" | "state proof" | null>();
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

  it("proves steps and state on its thread, and verifies the files", async () => {
    const address = "0x00000000000000000000000000000000000000b0" as const;
    const environment = await library.createEnvironment({
      rules: library.presetRules("payments"),
      store: library.memoryStore(),
      genesis: [{ address, balance: 7n }],
    });
    const block = { time: 1n, producer: address, transactions: [Uint8Array.of(1)], bundle: true };
    const { bundle, blockHash } = await environment.executeBlock(block);
    const step = await library.proveStep(bundle!, 1n);
    const { stateHash, instruction } = await library.traceState(bundle!, { step: 1n });
    expect(instruction).toBe("phase 16 receipt");
    for (const judge of ["both", "typescript", "assemblyscript"] as const) {
      const verified = await library.verifyProof(step, { judge });
      const shown = { step: 1n, pre: stateHash };
      expect(verified).toMatchObject({ kind: "step proof", judge, verdict: "stands", shown });
    }
    const proof = await environment.proveState({ kind: "account", address });
    const value = new Uint8Array(64);
    value[23] = 7;
    const shown = { block: blockHash, kind: "account", address, value };
    expect(await library.verifyProof(proof)).toMatchObject({ verdict: "stands", shown });
    const nothing = await library.verifyProof(Uint8Array.of(1, 2, 3));
    expect(nothing).toMatchObject({
      kind: null,
      verdict: "unusable",
      finding: { code: "FILE_MAGIC" },
    });
    await expect(library.proveStep(bundle!, -1n)).rejects.toMatchObject({
      code: "BYTES_OUT_OF_RANGE",
    });
    await expect(
      environment.proveState({ kind: "account", address: "0x01" }),
    ).rejects.toMatchObject({ code: "HEX_INVALID" });
    await environment.close();
  });

  it("proves state on a store that was opened again, the first block included", async () => {
    const path = mkdtempSync(join(tmpdir(), "plasma-prove-"));
    const address = "0x00000000000000000000000000000000000000b0" as const;
    const options = {
      rules: library.presetRules("payments"),
      store: library.openStore(path),
      genesis: [{ address, balance: 7n }],
    };
    try {
      for (const height of [1n, 2n]) {
        const environment = await library.createEnvironment(options);
        await environment.executeBlock({ time: height, producer: address, transactions: [] });
        await environment.close();
        const again = await library.createEnvironment(options);
        const proof = await again.proveState({ kind: "account", address });
        const shown = { height, block: again.head.blockHash };
        expect(await library.verifyProof(proof)).toMatchObject({ verdict: "stands", shown });
        await again.close();
      }
    } finally {
      rmSync(path, { recursive: true, force: true });
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
