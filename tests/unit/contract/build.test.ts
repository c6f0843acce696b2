// The build: one source gives one module wherever it lies, and what cannot be built is told like asc tells it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { decodeRevert } from "../../../host/abi/decode-revert.ts";
import { encodeCall } from "../../../host/abi/encode-call.ts";
import { buildContract } from "../../../host/contract/index.ts";
import { EngineError } from "../../../host/errors.ts";
import { build } from "./contract-source.ts";
import { address, TinyHost } from "./tiny-host.ts";

const SOURCE = `import { Value } from "plasmavm/assembly";
import { checked } from "./lib/checked";

@contract
export class Test {
  count: Value<u32>;
  @call add(by: u32): u32 {
    const sum = checked(this.count.get(), by);
    this.count.set(sum);
    assert(sum < 100, "a check of the contract");
    return sum;
  }
}
`;
const LIBRARY = `export function checked(a: u32, b: u32): u32 {
  assert(a + b >= a, "a check of the library");
  return a + b;
}
`;

describe("buildContract", () => {
  const folders: string[] = [];
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  const project = (
    entryFolder: string,
    ending: (text: string) => string = (text) => text,
  ): string => {
    const base = mkdtempSync(join(tmpdir(), "plasma-build-"));
    folders.push(base);
    mkdirSync(join(base, entryFolder, "lib"), { recursive: true });
    writeFileSync(join(base, entryFolder, "test.ts"), ending(SOURCE));
    writeFileSync(join(base, entryFolder, "lib/checked.ts"), ending(LIBRARY));
    return base;
  };

  it("gives the same bytes from memory, from any folder, at any depth, and with CRLF", async () => {
    const memory = await build(SOURCE, { "assembly/lib/checked.ts": LIBRARY });
    const deep = "packages/one/contracts";
    const builds = [
      await buildContract({ entry: "assembly/test.ts", baseDir: project("assembly") }),
      await buildContract({ entry: `${deep}/test.ts`, baseDir: project(deep) }),
      await buildContract({
        entry: "./assembly/test.ts",
        baseDir: project("assembly", (text) => text.replaceAll("\n", "\r\n")),
      }),
    ];
    for (const one of builds) expect(Buffer.compare(one.wasm, memory.wasm)).toBe(0);
  });

  it("maps code to the author's files, seen from the project", async () => {
    const { sourceMap } = await build(SOURCE, { "assembly/lib/checked.ts": LIBRARY });
    const map = JSON.parse(sourceMap) as { sources: string[]; sourcesContent: string[] };
    expect(map.sources).toContain("assembly/test.ts");
    expect(map.sources).toContain("assembly/lib/checked.ts");
    expect(map.sourcesContent[map.sources.indexOf("assembly/test.ts")]).toBe(SOURCE);
  });

  it("refuses an entry that does not exist", async () => {
    await expect(buildContract({ entry: "assembly/nothing.ts", files: {} })).rejects.toMatchObject({
      code: "BUILD_ENTRY_NOT_FOUND",
    });
  });

  it("reads nothing outside the project's folder", async () => {
    const base = project("assembly");
    const source = SOURCE.replace("./lib/checked", "../../../../../../etc/passwd");
    writeFileSync(join(base, "assembly/test.ts"), source);
    await expect(buildContract({ entry: "assembly/test.ts", baseDir: base })).rejects.toMatchObject(
      {
        code: "BUILD_FAILED",
      },
    );
  });

  it("tells asc's own errors with code frame, place and cause", async () => {
    const error = await build(SOURCE.replace("return sum;", "return suum;"), {
      "assembly/lib/checked.ts": LIBRARY,
    }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toMatchObject({
      code: "BUILD_FAILED",
      where: { source: "assembly/test.ts:11:12" },
    });
    expect((error as EngineError).message).toContain("Cannot find name 'suum'");
    expect((error as EngineError).message).toContain("└─ in assembly/test.ts(11,12)");
  });

  it.each([
    [
      "an enum that is made of itself",
      "enum E { A = E.B, B = E.A }\nexport function f(): i32 { return E.A; }",
    ],
    ["a deep expression", `export const x = ${"(".repeat(20_000)}1${")".repeat(20_000)};`],
    ["a long sum", `export function f(): i32 { return ${"1+".repeat(20_000)}1; }`],
  ])("survives what crashes the compiler: %s", async (_, source) => {
    const used = `import * as all from "./bad"; ${SOURCE.replace("return sum;", "return sum + all.f();")}`;
    const files = { "assembly/lib/checked.ts": LIBRARY };
    await expect(build(used, { ...files, "assembly/bad.ts": source })).rejects.toMatchObject({
      code: "BUILD_FAILED",
    });
    expect((await build(SOURCE, files)).wasm.length).toBeGreaterThan(0);
  });

  it("builds in folders whose names have spaces and parentheses", async () => {
    const folder = "my contracts (new)";
    const base = project(folder);
    await buildContract({ entry: `${folder}/test.ts`, baseDir: base });
    writeFileSync(join(base, folder, "test.ts"), SOURCE.replace("return sum;", "return suum;"));
    const failed = buildContract({ entry: `${folder}/test.ts`, baseDir: base });
    await expect(failed).rejects.toMatchObject({ where: { source: `${folder}/test.ts:11:12` } });
  });

  it("cuts a label that is longer than a message has room for, between characters", async () => {
    const name = `${"long".repeat(40)}${"ä".repeat(60)}`;
    const { wasm, abi } = await build(`@contract export class Test { @view ${name}(): void {} }`);
    const host = new TinyHost();
    host.deploy(address(1), wasm, new Uint8Array());
    const input = Uint8Array.from([...encodeCall(abi, name), 1]);
    const { output } = host.call(address(1), input);
    const told = decodeRevert(abi, output);
    expect(told).toEqual({
      kind: "message",
      message: `${"long".repeat(40)}${"ä".repeat(46)}…: too many bytes`,
    });
  });

  it("builds one after another when asked at once", async () => {
    const files = { "assembly/lib/checked.ts": LIBRARY };
    const results = await Promise.all([
      build(SOURCE, files),
      build("", files).catch(() => null),
      build(SOURCE, files),
    ]);
    expect(results[1]).toBeNull();
    expect(Buffer.compare(results[0].wasm, results[2].wasm)).toBe(0);
  });
});
