// The package as a stranger gets it: packed, installed in an empty folder with npm, run from there. Every code block
// of the first-hour pages and of the testing page works as typed, the demo works, the templates work. Nothing here
// may reach into the checkout but the tarball and the pages. Needs the registry for dependencies.
import { execFile, spawnSync } from "node:child_process";
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
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Lie, lieKinds, lies } from "../../host/chain/lies.ts";
import { type CliRun, runCli } from "../support/cli.ts";
import { blocksOf, Reader } from "../support/reader.ts";

const MINUTE_MS = 60_000;
const PAGES = ["start/contracts", "start/bundle", "start/environment", "start/embed", "testing"];

/** The folder that the package is installed in; everything else is made inside. */
let place: string;
let packed: readonly string[];
/** Builds begin with an empty cache of this folder's own. */
let inherited: string | undefined;

async function npm(cwd: string, ...args: readonly string[]): Promise<string> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const options = { cwd, env, maxBuffer: 64 * 1_048_576 };
  const { stdout } = await promisify(execFile)("npm", [...args], options);
  return stdout;
}

/** The installed command, started as npx would. */
async function plasma(cwd: string, ...args: readonly string[]): Promise<CliRun> {
  const command = join(place, "node_modules/.bin/plasma");
  return runCli([...args, "--json"], { cwd, command });
}

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "plasma-package-"));
  inherited = process.env.XDG_CACHE_HOME;
  process.env.XDG_CACHE_HOME = join(place, "cache");
  writeFileSync(join(place, "package.json"), '{"name": "reader", "private": true}\n');
  const [{ filename, files }] = JSON.parse(
    await npm(process.cwd(), "pack", "--json", "--ignore-scripts", "--pack-destination", place),
  );
  packed = files.map((file: { path: string }) => file.path);
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel", "error"];
  await npm(place, "install", join(place, filename), ...quiet);
}, 5 * MINUTE_MS);
afterAll(() => {
  process.env.XDG_CACHE_HOME = inherited;
  rmSync(place, { recursive: true, force: true });
});

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
    const folder = join(place, "node_modules/plasmavm");
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
    expect((await plasma(place, "--version")).json).toMatchObject({
      v: 1,
      package: "plasmavm",
      version,
      format: 1,
      semantics: 0,
    });
  });

  it("imports as a library, without the compiler and without the command line", async () => {
    const script =
      'const p = await import("plasmavm"); console.log(JSON.stringify(Object.keys(p)));';
    writeFileSync(join(place, "use.mjs"), script);
    const { stdout } = await promisify(execFile)(process.execPath, ["use.mjs"], { cwd: place });
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
});

describe("the pages that readers type along with", () => {
  it.each(PAGES)("%s.md does what it says", { timeout: 6 * MINUTE_MS }, (page) => {
    new Reader(join(place, basename(page))).follow(`docs/${page}.md`);
  });

  it("the README's contract compiles", { timeout: MINUTE_MS }, () => {
    const contract = blocksOf(readFileSync("README.md", "utf8")).find(
      ({ language }) => language === "ts",
    );
    const reader = new Reader(join(place, "readme"));
    reader.write("assembly/token.ts", contract?.text ?? "");
    reader.run("npx plasma build assembly/token.ts");
  });

  it("link only to files that exist", () => {
    for (const page of ["README.md", ...PAGES.map((name) => `docs/${name}.md`)]) {
      const markdown = readFileSync(page, "utf8");
      for (const [, target = ""] of markdown.matchAll(/\]\(([^)#]+)\)/g)) {
        if (/^https?:/.test(target)) continue;
        const read = () => spawnSync("test", ["-e", join(dirname(page), target)]).status;
        expect(read(), `${page} links to ${target}`).toBe(0);
      }
    }
  });
});

describe("plasma new", () => {
  /** Where the page that begins with `plasma new` and `npm install` made its project. */
  const counter = () => join(place, "contracts/my-counter");

  it("makes a project that depends on a tarball and builds", { timeout: MINUTE_MS }, async () => {
    const manifest = JSON.parse(readFileSync(join(counter(), "package.json"), "utf8"));
    expect(manifest.name).toBe("my-counter");
    const dependency = manifest.dependencies?.plasmavm ?? manifest.devDependencies?.plasmavm;
    expect(dependency).toMatch(/^file:plasmavm-.*\.tgz$/);
    expect((await plasma(counter(), "build")).json.accepted).toBe(true);
  });

  it("makes projects of the other templates, whose tests pass and whose scenarios run", {
    timeout: 6 * MINUTE_MS,
  }, async () => {
    const tried = await Promise.all(
      ["token", "exchange"].map(async (template) => {
        const name = `my-${template}`;
        const folder = join(place, name);
        const made = (await plasma(place, "new", name, "--template", template)).json;
        expect(made.template).toBe(template);
        expect(made.next).toEqual([`cd ${name}`, "npm install", "npm test"]);
        // The same dependencies from the same tarball: what npm installed for the counter serves here too.
        symlinkSync(join(counter(), "node_modules"), join(folder, "node_modules"));
        await npm(folder, "test");
        return (await plasma(folder, "run", "scenario.json", "-o", "out")).json.outcomes;
      }),
    );
    expect(tried).toMatchObject([{ success: 3 }, { success: 7 }]);
  });
});

describe("plasma demo", () => {
  let folder: string;
  let demo: CliRun;
  beforeAll(async () => {
    folder = join(place, "demo");
    mkdirSync(folder);
    demo = await plasma(folder, "demo");
  }, 5 * MINUTE_MS);

  /** The exit code and output of a line that was printed for a shell. */
  async function shell(line: string): Promise<{ code: number; stdout: string }> {
    try {
      const { stdout } = await promisify(execFile)("sh", ["-c", line], { cwd: folder });
      return { code: 0, stdout };
    } catch (error) {
      return error as { code: number; stdout: string };
    }
  }

  it("executes 10 blocks of 1,000 transfers and replays them elsewhere", () => {
    expect(demo.code, demo.stderr).toBe(0);
    expect(demo.json).toMatchObject({ blocks: 10, transactions: 10_000, replayed: 10, ok: true });
    // The deployment and the 999 transfers that fund the accounts are replayed too.
    expect(demo.json.signaturesChecked).toBe(11_000);
  });

  it("tells every lie and finds each as the table of lies says", () => {
    expect(demo.json.lies.map(({ kind }: { kind: string }) => kind)).toEqual(lieKinds);
    for (const { kind, verdict, code, asExpected } of demo.json.lies) {
      const lie: Lie = lies[kind as keyof typeof lies];
      expect([verdict, asExpected], kind).toEqual([lie.verdict, true]);
      expect(code?.startsWith(lie.code ?? "") ?? lie.code === undefined, `${kind}: ${code}`).toBe(
        true,
      );
    }
  });

  it("prints three commands that work as printed", async () => {
    const [whole, lie, tamper] = demo.json.next as string[];
    expect(await shell(whole!)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("anchored: yes"),
    });
    expect(await shell(lie!)).toMatchObject({
      code: 3,
      stdout: expect.stringContaining("finding[RECEIPT_MISMATCH]"),
    });
    expect((await shell(tamper!)).code).toBe(0);
    const told = await plasma(folder, "replay", ".plasma/demo/mine.bundle");
    expect([told.code, told.json.blocks[0].finding.code]).toEqual([3, "STATE_ROOT_MISMATCH"]);
  });

  it("leaves bundles, lies, contracts, state and what it found", () => {
    for (const name of [
      "blocks/12.bundle",
      "lies/wrong-gas.bundle",
      "contracts/token.wasm",
      "state",
    ]) {
      expect(existsSync(join(folder, ".plasma/demo", name)), name).toBe(true);
    }
    const report = JSON.parse(readFileSync(join(folder, ".plasma/demo/demo.json"), "utf8"));
    expect(report).toEqual(demo.json);
  });

  it("refuses to replace a folder that is no demo", async () => {
    const other = join(folder, "other");
    mkdirSync(join(other, ".plasma/demo"), { recursive: true });
    writeFileSync(join(other, ".plasma/demo/mine.txt"), "dear");
    const { code, json } = await plasma(other, "demo");
    expect([code, json.error.code]).toEqual([1, "FOLDER_NOT_EMPTY"]);
  });
});
