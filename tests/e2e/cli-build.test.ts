// build, check and inspect over a project in an empty folder, as a contract author uses them.
import type { ChildProcess } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callCli, runCli } from "../support/cli.ts";

const refused = `import { Value } from "plasmavm/assembly";

@contract
export class Half {
  kept: Value<u64>;

  @call
  half(a: u64): u64 {
    const value = <f64>a * 0.5;
    this.kept.set(<u64>value);
    return <u64>value;
  }
}
`;

/** The compiler takes seconds of processor time, and more where others build too. */
const MINUTE_MS = 60_000;

let folder: string;
const run = (args: readonly string[], input?: Uint8Array) =>
  input === undefined ? callCli(args, { cwd: folder }) : runCli(args, { cwd: folder, input });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plasma-build-"));
  mkdirSync(join(folder, "assembly"));
  cpSync("fixtures/contracts/counter.ts", join(folder, "assembly/counter.ts"));
  writeFileSync(join(folder, "assembly/shared.ts"), "export const limit: u64 = 5;\n");
  const { code, stderr } = await run(["build"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("plasma build --out DIR", { timeout: 4 * MINUTE_MS }, () => {
  it("writes to where it says: from the project's folder, or anywhere by an absolute path", async () => {
    const other = mkdtempSync(join(tmpdir(), "plasma-out-"));
    for (const [out, made] of [
      [join(other, "made"), join(other, "made")],
      ["elsewhere", join(folder, "elsewhere")],
    ] as const) {
      const { code, json } = await run(["build", "-o", out, "--json"]);
      expect(code).toBe(0);
      const { wasm } = (json as { contracts: { wasm: string }[] }).contracts[0]!;
      expect(resolve(folder, wasm)).toBe(join(made, "counter.wasm"));
      expect(readFileSync(join(made, "counter.wasm")).length).toBeGreaterThan(0);
    }
    rmSync(other, { recursive: true, force: true });
    rmSync(join(folder, "elsewhere"), { recursive: true, force: true });
  });
});

describe("plasma verify WASM --source DIR", { timeout: 4 * MINUTE_MS }, () => {
  it("ends with 0 where the sources give the module, 3 where they do not, 1 where nothing can be said", async () => {
    const verify = (...args: string[]) => run(["verify", "build/counter.wasm", ...args]);
    const stands = await verify("--source", ".");
    expect(stands.code).toBe(0);
    expect(stands.stdout).toContain("build/counter.wasm: wasm, the claim stands");
    const { code, json } = await verify("--source", ".", "--json");
    expect(code).toBe(0);
    expect(json).toMatchObject({ claim: "stands", about: { exact: true } });

    const other = mkdtempSync(join(tmpdir(), "plasma-other-"));
    mkdirSync(join(other, "assembly"));
    const source = readFileSync(join(folder, "assembly/counter.ts"), "utf8");
    writeFileSync(
      join(other, "assembly/counter.ts"),
      source.replace("this.count.get()", "1 + this.count.get()"),
    );
    const refuted = await verify("--source", other, "--json");
    expect(refuted.code).toBe(3);
    expect(refuted.json.reason).toMatchObject({ code: "SOURCE_MISMATCH", field: "code" });
    rmSync(other, { recursive: true, force: true });

    expect((await verify("--json")).code).toBe(1);
    const nowhere = await verify("--source", "nowhere", "--json");
    expect(nowhere.code).toBe(1);
    expect(nowhere.json.error.code).toBe("FILE_NOT_FOUND");
    const noWasm = await run(["verify", "assembly/counter.ts", "--source", ".", "--json"]);
    expect(noWasm.json.error.code).toBe("INSPECT_KIND_UNKNOWN");
  });
});

/** Resolves when a stream has said `text` since the last time that it was asked. */
function speech(stream: Readable): (text: string) => Promise<void> {
  let said = "";
  let look = () => {};
  stream.on("data", (part: Buffer) => {
    said += part.toString("utf8");
    look();
  });
  return (text) =>
    new Promise((heard) => {
      look = () => {
        const at = said.indexOf(text);
        if (at < 0) return;
        said = said.slice(at + text.length);
        look = () => {};
        heard();
      };
      look();
    });
}

describe("plasma build --watch", { timeout: 4 * MINUTE_MS }, () => {
  it("builds at each change, says a line for each, goes on after errors, and ends with 130", async () => {
    const project = mkdtempSync(join(tmpdir(), "plasma-watch-"));
    const file = join(project, "assembly/counter.ts");
    mkdirSync(join(project, "assembly"));
    cpSync("fixtures/contracts/counter.ts", file);
    const source = readFileSync(file, "utf8");
    const sizes: number[] = [];
    const size = () => sizes.push(readFileSync(join(project, "build/counter.wasm")).length);
    const watching = async (child: ChildProcess) => {
      const out = speech(child.stdout!);
      const err = speech(child.stderr!);
      await out("waiting for changes\n");
      size();
      writeFileSync(file, source.replace("export class", "\n// One more line.\nexport class"));
      await out("waiting for changes\n");
      size();
      writeFileSync(file, source.replace("this.", "ths."));
      await err("BUILD_FAILED");
      writeFileSync(file, source.replace("@view", "@view zero(): u64 { return 0; }\n  @view"));
      await out("waiting for changes\n");
      size();
      child.kill("SIGINT");
    };
    let watched: Promise<void> | undefined;
    const { code, stdout } = await runCli(["build", "--watch"], {
      cwd: project,
      onStart: (child) => {
        watched = watching(child);
      },
    });
    await watched;
    rmSync(project, { recursive: true, force: true });
    expect(code).toBe(130);
    expect(sizes[2]).toBeGreaterThan(sizes[0]!);
    const lines = stdout.trimEnd().split("\n");
    expect(lines.length).toBeGreaterThanOrEqual(3);
    for (const line of lines)
      expect(line).toMatch(/^built counter \d+ bytes; waiting for changes$/);
  });
});

describe("plasma build", { timeout: 4 * MINUTE_MS }, () => {
  it("builds the files that export a contract, and only those, without any configuration", async () => {
    const { code, json } = await run(["build", "--json"]);
    expect(code).toBe(0);
    expect(json.contracts).toHaveLength(1);
    expect(json.contracts[0]).toMatchObject({
      name: "counter",
      source: "assembly/counter.ts",
      wasm: join("build", "counter.wasm"),
      accepted: true,
      refusals: [],
      bytes: readFileSync(join(folder, "build/counter.wasm")).length,
    });
    const abi = JSON.parse(readFileSync(join(folder, "build/counter.abi.json"), "utf8"));
    expect(abi.contract).toBe("Counter");
    JSON.parse(readFileSync(join(folder, "build/counter.wasm.map"), "utf8"));
  });

  it("gives one code hash from the folder, from one file and from another folder", async () => {
    // An empty cache for each, or the second would be a copy of the first.
    const hash = async (args: readonly string[]) => {
      const env = { XDG_CACHE_HOME: mkdtempSync(join(folder, "cache-")) };
      return (await callCli([...args, "--json"], { cwd: folder, env })).json.contracts[0].codeHash;
    };
    const first = await hash(["build"]);
    expect(await hash(["build", "assembly/counter.ts", "-o", "made"])).toBe(first);
    expect(await hash(["-C", tmpdir(), "build", folder])).toBe(first);
  });

  it("exits 1 on a module that no rules accept, with the source line", async () => {
    writeFileSync(join(folder, "half.ts"), refused);
    const { code, json } = await run(["build", "half.ts", "--json"]);
    expect(code).toBe(1);
    expect(json.contracts[0].refusals).toMatchObject([
      { code: "WASM_FLOAT_REFUSED", source: "half.ts:9:19" },
    ]);
    const text = await run(["build", "half.ts"]);
    expect(text.stdout).toContain("error[WASM_FLOAT_REFUSED]");
  });

  it("refuses sources that do not compile, folders without contracts and paths that are not there", async () => {
    writeFileSync(join(folder, "broken.ts"), refused.replace("<u64>value", "<u64>valeu"));
    const failure = async (args: readonly string[]) => (await run([...args, "--json"])).json.error;
    expect(await failure(["build", "broken.ts"])).toMatchObject({ code: "BUILD_FAILED" });
    mkdirSync(join(folder, "empty"), { recursive: true });
    expect(await failure(["build", "empty"])).toMatchObject({ code: "BUILD_NO_CONTRACT" });
    expect(await failure(["build", "nowhere"])).toMatchObject({ code: "FILE_NOT_FOUND" });
    expect(await failure(["build", "--watch"])).toMatchObject({ code: "CLI_ARGUMENT_INVALID" });
  });
});

describe("plasma check", () => {
  it("accepts a contract and shows how much of each limit it uses", async () => {
    const { code, json } = await run(["check", "build/counter.wasm", "--json"]);
    expect([code, json.accepted, json.refusals]).toEqual([0, true, []]);
    expect(json.limits).toHaveLength(18);
    for (const { name, used, max } of json.limits) expect(used, name).toBeLessThanOrEqual(max);
    expect(
      (await run(["check", "-", "--json"], readFileSync(join(folder, "build/counter.wasm")))).json,
    ).toEqual(json);
  });

  it("refuses at one less than each limit that the contract uses", async () => {
    const { json } = await run(["check", "build/counter.wasm", "--json"]);
    const above = json.limits.filter((limit: { used: number }) => limit.used > 1);
    for (const { name, used } of above.filter((_: unknown, i: number) => i % 3 === 0)) {
      const rules = (max: number) => {
        const document = { preset: "general", module: { [name]: max } };
        writeFileSync(join(folder, "rules.json"), JSON.stringify(document));
        return run(["check", "build/counter.wasm", "--rules", "rules.json", "--json"]);
      };
      expect((await rules(used)).code, name).toBe(0);
      const { code, json: answer } = await rules(used - 1);
      expect([code, answer.refusals[0]?.code.startsWith("WASM_LIMIT_")], name).toEqual([1, true]);
    }
  });

  it("refuses a host call that the rules do not list", async () => {
    const calls = ["input", "output", "revert", "storage_open", "value_read", "keccak256"];
    writeFileSync(
      join(folder, "few.json"),
      JSON.stringify({ preset: "general", hostCallsAllowed: calls }),
    );
    const { code, json } = await run([
      "check",
      "build/counter.wasm",
      "--rules",
      "few.json",
      "--json",
    ]);
    expect([code, json.refusals[0].code]).toEqual([1, "WASM_IMPORT_NOT_ALLOWED"]);
  });

  it("refuses what is no module with a code, and says so as an answer", async () => {
    for (const bytes of [
      "",
      "\0asm",
      "not wasm at all",
      "\0asm\x01\0\0\0\x01\xff\xff\xff\xff\x0f",
    ]) {
      const { code, json } = await run(["check", "-", "--json"], Buffer.from(bytes, "latin1"));
      expect(code).toBe(1);
      expect(json.accepted).toBe(false);
      expect(json.refusals[0].code).toMatch(/^WASM_/);
    }
    expect((await run(["check", "nowhere.wasm", "--json"])).json.error.code).toBe("FILE_NOT_FOUND");
  });
});

describe("plasma inspect", () => {
  it("shows sections, imports, exports and ABI of a module", async () => {
    const { code, json } = await run(["inspect", "build/counter.wasm", "--json"]);
    expect(code).toBe(0);
    expect(json).toMatchObject({ kind: "wasm", pagesInitial: 1, abi: { contract: "Counter" } });
    expect(json.imports).toContain("env.storage_set");
    expect(json.exports).toContain("main");
    expect((await run(["inspect", "build/counter.wasm"])).stdout).toContain("Counter");
  });

  it("shows the methods, events and errors of an ABI", async () => {
    const { json } = await run(["inspect", "build/counter.abi.json", "--json"]);
    expect(json).toMatchObject({ kind: "abi", abi: { contract: "Counter" } });
    const { stdout } = await run(["inspect", "build/counter.abi.json"]);
    expect(stdout).toContain("call increment(amount: u64): u64");
    const broken = await run(["inspect", "-", "--json"], Buffer.from('{"abi": 1'));
    expect(broken.json.error.code).toBe("INSPECT_KIND_UNKNOWN");
  });

  it("shows rules, and refuses what is no file of ours", async () => {
    writeFileSync(join(folder, "mine.json"), '{"preset": "payments"}');
    expect((await run(["inspect", "mine.json", "--json"])).json.kind).toBe("rules");
    const failure = async (text: string) =>
      (await run(["inspect", "-", "--json"], Buffer.from(text, "latin1"))).json.error;
    expect(await failure("hello")).toMatchObject({ code: "INSPECT_KIND_UNKNOWN" });
    expect(await failure("{}")).toMatchObject({ code: "INSPECT_KIND_UNKNOWN" });
    expect(await failure("\0asm\x02\0\0\0")).toMatchObject({ code: "INSPECT_KIND_UNKNOWN" });
    expect(await failure("\0asm\x01\0\0\0\x07\x7f")).toMatchObject({ code: "BYTES_TRUNCATED" });
    expect(await failure("PLASMAVM\x01\0\x01")).toMatchObject({ code: "BYTES_TRUNCATED" });
    expect(await failure("PLASMAVM\x02\0\x01")).toMatchObject({ code: "BYTES_TRUNCATED" });
    expect(await failure("PLASMAVM\x09\0\x01")).toMatchObject({ code: "INSPECT_KIND_UNKNOWN" });
    expect(await failure("PLASMAVM\x01\0\x09")).toMatchObject({ code: "FILE_FORMAT" });
  });
});
