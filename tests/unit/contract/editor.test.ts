// What an editor shows: the SDK's declarations have the names of the SDK, and no template has errors.
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { buildContract } from "../../../host/contract/index.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const text = (file: string): string => readFileSync(join(root, file), "utf8");

const templates = [
  { name: "counter", contracts: { counter: 2_500 } },
  { name: "token", contracts: { token: 6_000 } },
  { name: "exchange", contracts: { exchange: 12_000, token: 6_000 } },
];

/** Errors of a project's folder; the compiler's own declarations have some since TypeScript 7. */
function editorErrors(project: string, folder: string): string[] {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const args = [tsc, "-p", folder, "--pretty", "false"];
  const { stdout } = spawnSync(process.execPath, args, { cwd: project, encoding: "utf8" });
  return stdout
    .split("\n")
    .filter((line) => line !== "" && !line.includes("assemblyscript/std/assembly/index.d.ts"));
}

describe("in an editor", () => {
  const place = mkdtempSync(join(tmpdir(), "plasma-editor-"));
  afterAll(() => rmSync(place, { recursive: true, force: true }));

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

  it.each(templates)("the template $name has no errors of its own", ({ name }) => {
    const project = join(place, name);
    cpSync(join(root, "cli/templates", name), project, { recursive: true });
    mkdirSync(join(project, "node_modules"));
    for (const one of ["plasmavm", "vitest"]) {
      const target = one === "plasmavm" ? root : join(root, "node_modules", one);
      symlinkSync(target, join(project, "node_modules", one));
    }
    const contracts = join("tests", "contracts");
    const folders = ["assembly", ".", ...(existsSync(join(project, contracts)) ? [contracts] : [])];
    expect(folders.flatMap((folder) => editorErrors(project, folder))).toEqual([]);
  });

  it.each(templates)(
    "the template $name builds, small, and depends on at most five packages",
    async ({ name, contracts }) => {
      for (const [contract, most] of Object.entries(contracts)) {
        const { warnings, wasm } = await buildContract({
          entry: `assembly/${contract}.ts`,
          baseDir: join(root, "cli/templates", name),
        });
        expect(warnings).toBe("");
        expect(wasm.length).toBeLessThanOrEqual(most);
      }
      const manifest = JSON.parse(text(`cli/templates/${name}/package.json`)) as Record<
        string,
        Record<string, string> | undefined
      >;
      const packages = { ...manifest.dependencies, ...manifest.devDependencies };
      expect(Object.keys(packages).length).toBeLessThanOrEqual(5);
    },
  );

  it("the token of the templates is the token of the fixtures, of at most 80 lines", () => {
    const token = text("fixtures/contracts/token.ts");
    for (const name of ["token", "exchange"])
      expect(text(`cli/templates/${name}/assembly/token.ts`)).toBe(token);
    expect(token.trimEnd().split("\n").length).toBeLessThanOrEqual(80);
  });
});
