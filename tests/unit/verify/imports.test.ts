// What plasmavm/verify may reach: every file behind it, found by its import statements, stays clear of Node,
// native add-ons and the environment's threads. A page that bundles it would fail to load otherwise.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

/** Pure JavaScript and WebAssembly. */
const PACKAGES = ["@assemblyscript/loader", "@chainsafe/as-sha256", "@noble/curves/secp256k1.js"];

/** All files and packages that `entry` loads; types are erased and do not count. */
function reached(entry: string): { readonly files: Set<string>; readonly packages: Set<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    const text = readFileSync(file, "utf8").replace(/^(import|export) type [^;]*;/gm, "");
    for (const [, target = ""] of text.matchAll(/(?:\bfrom|\bimport\(?)\s*"([\w@:./-]+)"/g)) {
      if (target.startsWith(".")) visit(join(file, "..", target).replaceAll("\\", "/"));
      else packages.add(target);
    }
  };
  visit(entry);
  return { files, packages };
}

describe("plasmavm/verify", () => {
  it("loads no module of Node, no native add-on, and nothing of host/environment", () => {
    const { files, packages } = reached("host/verify/index.ts");
    expect([...packages].sort()).toEqual(PACKAGES);
    expect(files.size).toBeGreaterThan(80);
    const strange = [...files].filter((file) =>
      /^(cli|host\/(environment|contract|testing))\//.test(file),
    );
    expect(strange).toEqual([]);
    expect([...files].filter((file) => /lmdb|store-files/.test(file))).toEqual([]);
  });

  it("would be caught at it: the library itself reaches Node", () => {
    expect([...reached("host/index.ts").packages]).toContain("node:worker_threads");
  });
});
