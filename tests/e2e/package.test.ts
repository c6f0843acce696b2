// The package as a stranger gets it: packed, installed in an empty folder with npm, run from there.
// Nothing here may reach into the checkout but the tarball. Needs the registry for dependencies.
import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const MINUTE_MS = 60_000;

let place: string;
let project: string;
let packed: readonly string[];

async function npm(cwd: string, ...args: readonly string[]): Promise<string> {
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const env = { ...inherited, XDG_CACHE_HOME: join(place, "cache") };
  const options = { cwd, env, maxBuffer: 64 * 1_048_576 };
  const { stdout } = await promisify(execFile)("npm", [...args], options);
  return stdout;
}

/** The installed command, started as npx would. */
async function plasma(cwd: string, ...args: readonly string[]) {
  const bin = join(project, "node_modules/.bin/plasma");
  const env = { ...process.env, XDG_CACHE_HOME: join(place, "cache") };
  const options = { cwd, env, maxBuffer: 64 * 1_048_576 };
  const { stdout } = await promisify(execFile)(bin, [...args], options);
  return JSON.parse(stdout);
}

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "plasma-package-"));
  project = join(place, "empty");
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), '{"name": "empty", "private": true}\n');
  const [{ filename, files }] = JSON.parse(
    await npm(process.cwd(), "pack", "--json", "--ignore-scripts", "--pack-destination", place),
  );
  packed = files.map((file: { path: string }) => file.path);
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel", "error"];
  await npm(project, "install", join(place, filename), ...quiet);
}, 5 * MINUTE_MS);
afterAll(() => rmSync(place, { recursive: true, force: true }));

describe("the packed package", () => {
  it("holds the command, the SDK, schemas and templates, and nothing of the checkout's rest", () => {
    for (const file of [
      "dist/cli/main.js",
      "dist/host/index.js",
      "dist/host/index.d.ts",
      "dist/host/verify/index.js",
      "dist/plasma-verify.mjs",
      "dist/verify.html",
      "dist/judge.wasm",
      "dist/cli/templates/counter/package.json",
      "assembly/index.ts",
      "schema/rules.json",
      "schema/cli/error.json",
      "fixtures/contracts/counter.ts",
      "LICENSE",
    ]) {
      expect(packed, file).toContain(file);
    }
    const strange = packed.filter((file) =>
      /^(tests|scripts|host|cli|docs|node_modules|\.)/.test(file),
    );
    expect(strange).toEqual([]);
  });

  it("runs nothing when it is installed", () => {
    const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
    for (const name of ["preinstall", "install", "postinstall", "prepare", "prepack"]) {
      expect(scripts, name).not.toHaveProperty(name);
    }
  });

  it("has every file that package.json names", () => {
    const folder = join(project, "node_modules/plasmavm");
    const { exports, bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const named = JSON.stringify([exports, bin]).match(/"\.?\/?(dist|assembly)[^"*]*"/g) ?? [];
    expect(named.length).toBeGreaterThan(5);
    for (const name of named) {
      const file = JSON.parse(name);
      expect(existsSync(join(folder, file)), file).toBe(true);
    }
  });

  it("tells its versions", async () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8"));
    expect(await plasma(project, "--version", "--json")).toMatchObject({
      v: 1,
      package: "plasmavm",
      version,
      format: 1,
      semantics: 0,
    });
  });

  it("shows the whole way from contract to caught lie", { timeout: 8 * MINUTE_MS }, async () => {
    const shown = await plasma(project, "demo", "--json");
    expect(shown.ok, JSON.stringify(shown.lies)).toBe(true);
    expect(shown.replayed).toBe(shown.blocks);
    expect(shown.lies.length).toBeGreaterThan(8);
  });

  it("imports as a library, without the compiler and without the command line", async () => {
    const script =
      'const p = await import("plasmavm"); console.log(JSON.stringify(Object.keys(p)));';
    writeFileSync(join(project, "use.mjs"), script);
    const { stdout } = await promisify(execFile)(process.execPath, ["use.mjs"], { cwd: project });
    expect(JSON.parse(stdout)).toEqual(
      expect.arrayContaining([
        "EngineError",
        "errorCodes",
        "parseRules",
        "presetRules",
        "replayBundle",
      ]),
    );
  });

  it("makes a project that depends on a tarball, builds, and passes its own test", {
    timeout: 6 * MINUTE_MS,
  }, async () => {
    const made = await plasma(place, "new", "my-counter", "--json");
    const folder = join(place, "my-counter");
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    expect(manifest.name).toBe("my-counter");
    const dependency = manifest.dependencies?.plasmavm ?? manifest.devDependencies?.plasmavm;
    expect(dependency).toMatch(/^file:plasmavm-.*\.tgz$/);
    expect(made.next).toEqual(["cd my-counter", "npm install", "npm test"]);
    await npm(folder, "install", "--no-audit", "--no-fund", "--prefer-offline");
    await npm(folder, "test");
    const built = await plasma(folder, "build", "--json");
    expect(built.accepted).toBe(true);
  });

  it("makes projects of the other templates, whose tests pass and whose scenarios run", {
    timeout: 6 * MINUTE_MS,
  }, async () => {
    const tried = await Promise.all(
      ["token", "exchange"].map(async (template) => {
        const folder = join(place, `my-${template}`);
        const made = await plasma(place, "new", `my-${template}`, "--template", template, "--json");
        expect(made.template).toBe(template);
        // The same dependencies from the same tarball: what npm installed for the counter serves here too.
        symlinkSync(join(place, "my-counter/node_modules"), join(folder, "node_modules"));
        await npm(folder, "test");
        const { outcomes } = await plasma(folder, "run", "scenario.json", "-o", "out", "--json");
        return outcomes;
      }),
    );
    expect(tried).toMatchObject([{ success: 3 }, { success: 7 }]);
  });
});
