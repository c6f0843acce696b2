// Builds that survive the process: used only while nothing that the build looked at has changed.
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toHex } from "../../../host/codec/hex.ts";
import { buildCached } from "../../../host/contract/build-cache.ts";

describe("a cached build", () => {
  let project: string;
  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), "plasma-cache-"));
    cpSync("fixtures/contracts/counter.ts", join(project, "counter.ts"));
  });
  afterAll(() => rmSync(project, { recursive: true, force: true }));

  const build = () => buildCached({ entry: "counter.ts", baseDir: project });
  const cacheFile = () => {
    const folder = join(project, "node_modules/.cache/plasmavm");
    return join(folder, readdirSync(folder)[0] as string);
  };

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
    writeFileSync(cacheFile(), "not msgpack");
    expect((await build()).abi.contract).toBe("Other");
  });
});
