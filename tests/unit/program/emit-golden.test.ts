// The emitted module of small modules, as text that a person can read beside its source in
// fixtures/wat. UPDATE_GOLDEN=1 writes the texts again.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { emitWasm } from "../../../host/program/emit-wasm.ts";
import { prepareModule } from "../../../host/program/prepare.ts";
import { expectGolden } from "../../support/golden.ts";
import { testPrepareRules } from "../../support/prepare-rules.ts";
import { wasmOf, watOf } from "../../support/wat.ts";

const FOLDER = "fixtures/wat";

describe("emitWasm", () => {
  for (const file of readdirSync(FOLDER)) {
    const source = wasmOf(readFileSync(`${FOLDER}/${file}`, "utf8"));
    const prepared = prepareModule(source, testPrepareRules(), { entryRequired: false });

    test(`turns ${file} into the expected module`, () => {
      expectGolden(`emit/${file}`, watOf(emitWasm(prepared).bytes));
    });

    test(`gives the same bytes for ${file} each time`, () => {
      const again = prepareModule(source, testPrepareRules(), { entryRequired: false });
      expect(emitWasm(again).bytes).toEqual(emitWasm(prepared).bytes);
    });
  }
});
