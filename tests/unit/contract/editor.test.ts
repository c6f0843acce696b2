// What an editor shows: the SDK's declarations have the names of the SDK, and the template has no errors.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { buildContract } from "../../../host/contract/index.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const text = (file: string): string => readFileSync(join(root, file), "utf8");

describe("in an editor", () => {
  const project = mkdtempSync(join(tmpdir(), "plasma-editor-"));
  afterAll(() => rmSync(project, { recursive: true, force: true }));

  it("the SDK has the names that it has for the compiler", () => {
    const exported = [...text("assembly/index.ts").matchAll(/export \{([^}]*)\}/g)]
      .flatMap(([, names = ""]) => names.split(","))
      .map((name) => name.trim())
      .filter((name) => name !== "");
    const declared = [
      ...text("assembly/types.d.ts").matchAll(
        /^export declare (?:abstract )?(?:class|function) (\w+)/gm,
      ),
    ].map(([, name]) => name);
    expect(declared.sort()).toEqual(exported.sort());
  });

  it("the counter template has no errors of its own", () => {
    cpSync(join(root, "cli/templates/counter"), project, { recursive: true });
    mkdirSync(join(project, "node_modules"));
    symlinkSync(root, join(project, "node_modules/plasmavm"));
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const run = spawnSync(process.execPath, [tsc, "-p", "assembly", "--pretty", "false"], {
      cwd: project,
      encoding: "utf8",
    });
    // The compiler's own declarations of AssemblyScript's globals have an error since TypeScript 7.
    const errors = run.stdout
      .split("\n")
      .filter((line) => line !== "" && !line.includes("assemblyscript/std/assembly/index.d.ts"));
    expect(errors).toEqual([]);
  });

  it("the counter template builds, and depends on at most five packages", async () => {
    const { warnings, abi } = await buildContract({
      entry: "assembly/counter.ts",
      baseDir: join(root, "cli/templates/counter"),
    });
    expect(warnings).toBe("");
    expect(abi.contract).toBe("Counter");
    const manifest = JSON.parse(text("cli/templates/counter/package.json")) as Record<
      string,
      Record<string, string> | undefined
    >;
    const packages = { ...manifest.dependencies, ...manifest.devDependencies };
    expect(Object.keys(packages).length).toBeLessThanOrEqual(5);
  });
});
