// Rebuild and compare: what stands, what is refuted and where, what says nothing.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifySource } from "../../../cli/verify-source.ts";
import { appendSection, withoutSection } from "../../../host/contract/custom-section.ts";
import type { EngineError } from "../../../host/errors.ts";
import { customSection } from "../../../host/program/names.ts";
import { build, buildFixture } from "../contract/contract-source.ts";

const utf8 = new TextEncoder();
let place: string;
let project: string;
let wasm: Uint8Array;
let source: string;

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "plasma-verify-"));
  project = join(place, "project");
  mkdirSync(join(project, "assembly"), { recursive: true });
  for (const name of ["counter", "token"])
    cpSync(`fixtures/contracts/${name}.ts`, join(project, `assembly/${name}.ts`));
  source = readFileSync("fixtures/contracts/counter.ts", "utf8");
  wasm = (await buildFixture("counter")).wasm;
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "nothing thrown",
    (error: EngineError) => error.code,
  );

/** A project with another text of the counter. */
function changed(name: string, from: string, to: string): string {
  const folder = join(place, name);
  mkdirSync(join(folder, "assembly"), { recursive: true });
  expect(source).toContain(from);
  writeFileSync(join(folder, "assembly/counter.ts"), source.replace(from, to));
  return folder;
}

/** The module with the compiler's version in its ABI replaced, and nothing else. */
function madeBy(version: string, module: Uint8Array): Uint8Array {
  const json = new TextDecoder().decode(customSection(module, "plasma.abi"));
  const other = json.replace(/"asc":"[^"]*"/, `"asc":"${version}"`);
  return appendSection(withoutSection(module, "plasma.abi"), "plasma.abi", utf8.encode(other));
}

describe("a module and its sources", () => {
  it("stand where every byte is equal, from the project's folder or that of its sources", async () => {
    for (const folder of [project, join(project, "assembly")]) {
      const verdict = await verifySource("renamed.wasm", wasm, folder);
      expect(verdict).toMatchObject({ claim: "stands", reason: null });
      expect(verdict.about).toMatchObject({ exact: true, uncounted: [] });
      expect(verdict.about.module).toEqual(verdict.about.rebuilt);
    }
  });

  it("stand where custom sections differ that nobody executes or reads", async () => {
    const named = appendSection(wasm, "producers", utf8.encode("somebody"));
    const { claim, about } = await verifySource("counter.wasm", named, project);
    expect(claim).toBe("stands");
    expect(about).toMatchObject({ exact: false, uncounted: ["custom producers"] });
    expect(about.module.codeHash).not.toBe(about.rebuilt.codeHash);
  });

  it("are refuted with the function and line where the code differs first", async () => {
    const folder = changed("limit", "this.count.get()", "1 + this.count.get()");
    const { claim, reason } = await verifySource("counter.wasm", wasm, folder);
    expect(claim).toBe("refuted");
    expect(reason).toMatchObject({ code: "SOURCE_MISMATCH", field: "code" });
    expect(reason?.message).toMatch(
      /section code, function \d+ \(Counter\.\w+, assembly\/counter\.ts:\d+:\d+\)$/,
    );
  });

  it("are refuted by the section where another differs, the ABI included", async () => {
    const bare = appendSection(
      withoutSection(wasm, "plasma.abi"),
      "plasma.abi",
      utf8.encode(
        new TextDecoder().decode(customSection(wasm, "plasma.abi")).replace("view", "call"),
      ),
    );
    const { claim, reason } = await verifySource("counter.wasm", bare, project);
    expect(claim).toBe("refuted");
    expect(reason?.message).toContain("section custom plasma.abi");
    const none = withoutSection(wasm, "plasma.abi");
    const alone = changed("alone", "count", "count");
    expect(await verifySource("counter.wasm", none, alone)).toMatchObject({ claim: "refuted" });
  });

  it("say nothing about each other where another compiler made the module", async () => {
    const { claim, reason } = await verifySource("counter.wasm", madeBy("0.27.1", wasm), project);
    expect(claim).toBeNull();
    expect(reason).toMatchObject({ code: "SOURCE_COMPILER", got: "0.27.1" });
  });
});

describe("sources that cannot be compared", () => {
  it("are refused with what is missing", async () => {
    const other = (await build("@contract export class Other {}")).wasm;
    expect(await codeOf(verifySource("other.wasm", other, project))).toBe(
      "SOURCE_CONTRACT_UNKNOWN",
    );
    expect(await codeOf(verifySource("a.wasm", wasm, join(place, "nowhere")))).toBe(
      "FILE_NOT_FOUND",
    );
    const broken = changed("broken", "this.count.get()", "this.count.gt()");
    expect(await codeOf(verifySource("counter.wasm", wasm, broken))).toBe("BUILD_FAILED");
    expect(await codeOf(verifySource("a.wasm", wasm.subarray(0, 99), project))).toBe(
      "BYTES_TRUNCATED",
    );
  });
});
