// The public core test-suite as a judge of validation: what it calls invalid or malformed is refused,
// and what it calls valid is accepted or refused as outside the profile, never as invalid.
import { describe, expect, it } from "vitest";
import { ModuleRefusal, prepareModule } from "../../../host/program/prepare.ts";
import { refusalKinds } from "../../../host/program/refusals.ts";
import { testPrepareRules } from "../../support/prepare-rules.ts";
import { readSuite, type Suite, suiteFolder } from "../../support/wasm-testsuite.ts";

const folder = suiteFolder();
const rules = testPrepareRules();

function refusalOf(wasm: Uint8Array): ModuleRefusal | undefined {
  try {
    prepareModule(wasm, rules, { entryRequired: false });
    return undefined;
  } catch (error) {
    if (error instanceof ModuleRefusal) return error;
    throw error;
  }
}

const isProfile = (refusal: ModuleRefusal) => refusalKinds.get(refusal.refusal)?.profile === true;

describe.skipIf(folder === undefined)("the core test-suite (skipped where it is absent)", () => {
  let suite: Suite;
  const theSuite = () => (suite ??= readSuite(folder ?? ""));

  it("refuses every module that the suite calls invalid or malformed", () => {
    const accepted: string[] = [];
    let count = 0;
    for (const [script, commands] of theSuite().scripts) {
      for (const { type, filename, module_type, line } of commands) {
        if (type !== "assert_invalid" && type !== "assert_malformed") continue;
        if (module_type !== "binary" || filename === undefined) continue;
        count++;
        if (refusalOf(theSuite().module(filename)) === undefined) {
          accepted.push(`${script}:${line} ${filename}`);
        }
      }
    }
    expect(accepted).toEqual([]);
    expect(count).toBeGreaterThan(2_000);
  });

  it("never calls a valid module invalid, and accepts those inside the profile", () => {
    const invalid: string[] = [];
    let accepted = 0;
    for (const [script, commands] of theSuite().scripts) {
      for (const { type, filename, line } of commands) {
        const isValid = ["module", "assert_unlinkable", "assert_uninstantiable"].includes(type);
        if (!isValid || filename === undefined) continue;
        const refusal = refusalOf(theSuite().module(filename));
        if (refusal === undefined) accepted++;
        else if (!isProfile(refusal)) {
          invalid.push(`${script}:${line} ${filename} ${refusal.code} ${refusal.where.byteOffset}`);
        }
      }
    }
    expect(invalid).toEqual([]);
    expect(accepted).toBeGreaterThan(300);
  });
});
