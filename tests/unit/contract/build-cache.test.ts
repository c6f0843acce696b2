// Builds that survive the process: used only while nothing that the build looked at has changed.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { toHex } from "../../../host/codec/hex.ts";
import { buildCached, cacheFolder } from "../../../host/contract/build-cache.ts";

describe("a cached build", () => {
  let project: string;
  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), "plasma-cache-"));
    cpSync("fixtures/contracts/counter.ts", join(project, "counter.ts"));
    vi.stubEnv("XDG_CACHE_HOME", join(project, "cache"));
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(project, { recursive: true, force: true });
  });

  const build = () => buildCached({ entry: "counter.ts", baseDir: project });
  const entries = () => readdirSync(cacheFolder()).map((name) => join(cacheFolder(), name));

  it("equals the build it was made from", async () => {
    const first = await build();
    const again = await build();
    const comparable = ({ wasm, ...rest }: typeof first) => [toHex(wasm), JSON.stringify(rest)];
    expect(comparable(again)[0] === comparable(first)[0]).toBe(true);
    expect(comparable(again)[1] === comparable(first)[1]).toBe(true);
  });

  it("is not used after the source changed", async () => {
    const before = await build();
    const source =
      'import { Value } from "plasmavm/assembly";\n@contract export class Other { x: Value<u64>; @view get(): u64 { return this.x.get(); } }\n';
    writeFileSync(join(project, "counter.ts"), source);
    const after = await build();
    expect(after.abi.contract).toBe("Other");
    expect(toHex(after.wasm) === toHex(before.wasm)).toBe(false);
  });

  it("is not used where the file is damaged", async () => {
    for (const file of entries()) writeFileSync(file, "not msgpack");
    expect((await build()).abi.contract).toBe("Other");
  });

  it("serves the same sources in another folder, and only while what they import is the same", async () => {
    const other = join(project, "other");
    mkdirSync(other);
    const main =
      'import { Value } from "plasmavm/assembly";\nimport { one } from "./part";\n@contract export class Two { x: Value<u64>; @view get(): u64 { return this.x.get() + one; } }\n';
    const put = (folder: string, part: string) => {
      writeFileSync(join(folder, "two.ts"), main);
      writeFileSync(join(folder, "part.ts"), part);
    };
    const twoOf = async (folder: string) =>
      toHex((await buildCached({ entry: "two.ts", baseDir: folder })).wasm);
    put(project, "export const one: u64 = 1;\n");
    put(other, "export const one: u64 = 1;\n");
    const first = await twoOf(project);
    const count = entries().length;
    expect((await twoOf(other)) === first).toBe(true);
    expect(entries()).toHaveLength(count);
    put(other, "export const one: u64 = 2;\n");
    expect((await twoOf(other)) === first).toBe(false);
  });
});
