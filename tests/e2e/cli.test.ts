// The command line as a user meets it: one JSON document, exit codes, help, suggestions, settings,
// and nothing half-written. Commands with rooms of their own behind them have their own files.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CliCommand } from "../../cli/command.ts";
import { loadCommands } from "../../cli/commands.ts";
import { rulesToJson } from "../../host/rules/parse-rules.ts";
import { presetRules } from "../../host/rules/presets.ts";
import { versions } from "../../host/versions.ts";
import { callCli, runCli } from "../support/cli.ts";

let folder: string;
let commands: readonly CliCommand[];
beforeAll(async () => {
  commands = await loadCommands();
  folder = mkdtempSync(join(tmpdir(), "plasma-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const inFolder = (args: readonly string[], input?: string) =>
  input === undefined ? callCli(args, { cwd: folder }) : runCli(args, { cwd: folder, input });

describe("plasma", () => {
  it("shows package, format and semantics versions", async () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    expect(versions.package).toBe(version);
    const text = await runCli(["--version"]);
    expect(text).toMatchObject({ code: 0, stderr: "" });
    expect(text.stdout).toBe(`plasma ${version} (format 1, semantics 0)\n`);
    const { json } = await runCli(["--version", "--json"]);
    expect(json).toMatchObject({ v: 1, package: "plasmavm", version, format: 1, semantics: 0 });
  });

  it("shows help that fits 40 lines for itself and every command, with two examples", async () => {
    const bare = await callCli([]);
    expect(bare.code).toBe(0);
    expect(bare.stdout.split("\n").length).toBeLessThanOrEqual(41);
    for (const command of commands) {
      const paths = [
        [command.name],
        ...(command.subcommands ?? []).map((sub) => [command.name, sub.name]),
      ];
      for (const path of paths) {
        const { code, stdout, stderr } = await callCli([...path, "--help"]);
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
        const lines = stdout.trimEnd().split("\n");
        expect(lines.length, path.join(" ")).toBeLessThanOrEqual(40);
        expect(lines.at(-3)).toBe("Examples:");
        expect(lines.slice(-2).every((line) => line.startsWith("  plasma "))).toBe(true);
      }
    }
    const parent = await callCli(["rules"]);
    expect(parent).toMatchObject({ code: 0, stderr: "" });
    expect(parent.stdout).toContain("Examples:");
    expect((await callCli(["rules", "--help", "--json"])).json.help).toContain(
      "Usage: plasma rules",
    );
  });

  it("suggests the command that was mistyped, at both levels", async () => {
    const { code, stdout, stderr } = await callCli(["exlpain"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toBe(
      'error[CLI_COMMAND_UNKNOWN]: there is no command "plasma exlpain"\n' +
        '  fix:   did you mean "plasma explain"?\n',
    );
    const { json } = await callCli(["rules", "chek", "--json"]);
    expect(json.error.hint).toBe('did you mean "plasma rules check"?');
  });

  it("knows words of other tools and never names a command that does not exist", async () => {
    const names = commands.map((command) => command.name);
    for (const word of [
      "init",
      "compile",
      "call",
      "script",
      "anvil",
      "verify-contract",
      "forge",
      "activate",
    ]) {
      const { code, json } = await callCli([word, "--json"]);
      expect(code).toBe(1);
      expect(json.error.code).toBe("CLI_COMMAND_UNKNOWN");
      for (const [, name] of json.error.hint.matchAll(/plasma ([a-z]+)/g)) {
        expect(names, json.error.hint).toContain(name);
      }
    }
    expect((await callCli(["init", "--json"])).json.error.hint).toBe(
      '"plasma new PATH" makes a project',
    );
  });

  it("answers wrong usage with a code, in the form that was asked for", async () => {
    const cases: readonly (readonly [string[], string])[] = [
      [["explain", "--jsno"], "CLI_OPTION_UNKNOWN"],
      [["new"], "CLI_ARGUMENT_MISSING"],
      [["rules", "check"], "CLI_ARGUMENT_MISSING"],
      [["new", "a", "--template"], "CLI_ARGUMENT_MISSING"],
      [["rules", "check", "a", "b"], "CLI_ARGUMENT_EXTRA"],
      [["-C", "/no/such/folder", "config"], "FOLDER_NOT_FOUND"],
    ];
    for (const [args, wanted] of cases) {
      const { code, json } = await callCli(["--json", ...args]);
      expect([code, json.error.code], args.join(" ")).toEqual([1, wanted]);
      const text = await callCli(args);
      expect(text.stdout).toBe("");
      expect(text.stderr).toContain(`error[${wanted}]`);
    }
  });

  it("prints nothing but errors under --quiet", async () => {
    expect(await callCli(["-q", "config"])).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect((await callCli(["config", "-q", "--json"])).json.settings.length).toBeGreaterThan(3);
    expect((await callCli(["-q", "explain", "NOPE_NOPE"])).stderr).toContain("EXPLAIN_UNKNOWN");
  });

  it("answers in a process of its own as the tests of commands call it in theirs", async () => {
    for (const args of [
      [],
      ["--version"],
      ["rules", "diff", "general", "payments"],
      ["rules", "diff", "general", "payments", "--json"],
      ["explain", "NOPE_NOPE"],
      ["explain", "NOPE_NOPE", "--json"],
      ["explain", "NOPE_NOPE", "-q"],
      ["-C", "fixtures/scenarios", "run", "gone.json", "-o", "x", "--json"],
      ["-C", "fixtures/hostile", "check", "wasm/cut-in-body.wasm"],
    ]) {
      const [own, here] = [await runCli(args), await callCli(args)];
      expect(here, args.join(" ")).toEqual(own);
    }
  });

  it("colours only when asked to where output is no terminal", async () => {
    const forced = { env: { FORCE_COLOR: "1" } };
    const esc = "\u001b[";
    expect((await runCli(["explain", "NOPE_NOPE"])).stderr).not.toContain(esc);
    expect((await runCli(["explain", "NOPE_NOPE"], forced)).stderr).toContain(esc);
    expect((await runCli(["explain", "NOPE_NOPE", "--no-color"], forced)).stderr).not.toContain(
      escape,
    );
    const none = { env: { FORCE_COLOR: "1", NO_COLOR: "1" } };
    expect((await runCli(["explain", "NOPE_NOPE"], none)).stderr).not.toContain(esc);
  });
});

describe("plasma rules", () => {
  it("writes a complete document that check accepts, and refuses to overwrite it", async () => {
    const made = await inFolder(["rules", "init", "payments", "--json"]);
    expect(made.json).toMatchObject({ preset: "payments", file: "rules.json", semantics: 0 });
    const { $schema, ...document } = JSON.parse(readFileSync(join(folder, "rules.json"), "utf8"));
    expect($schema).toContain("schema/rules.json");
    expect(document).toEqual(rulesToJson(presetRules("payments")));
    const checked = await inFolder(["rules", "check", "rules.json", "--json"]);
    expect(checked.json).toMatchObject({
      valid: true,
      rulesHash: made.json.rulesHash,
      preset: "payments",
    });
    const again = await inFolder(["rules", "init", "general", "--json"]);
    expect([again.code, again.json.error.code]).toEqual([1, "FILE_EXISTS"]);
    expect((await inFolder(["rules", "init", "general", "--force"])).code).toBe(0);
    expect((await inFolder(["rules", "init", "general", "-o", "no/where/../x.json"])).code).toBe(0);
  });

  it("passes rules through stdout and stdin", async () => {
    const { stdout } = await inFolder(["rules", "init", "data-heavy", "-o", "-"]);
    const checked = await inFolder(["rules", "check", "-", "--json"], stdout);
    expect(checked.json).toMatchObject({ valid: true, preset: "data-heavy" });
    const printed = await inFolder(["rules", "init", "data-heavy", "-o", "-", "--json"]);
    expect(printed.json.rules).toEqual(rulesToJson(presetRules("data-heavy")));
  });

  it("names file, field and fix of what is wrong", async () => {
    writeFileSync(join(folder, "wrong.json"), '{"preset": "general", "gas": {"perBlok": "1"}}');
    const { code, stderr } = await inFolder(["rules", "check", "wrong.json"]);
    expect(code).toBe(1);
    expect(stderr).toBe(
      "error[RULES_FIELD_UNKNOWN]: gas.perBlok: there is no such field\n" +
        '  where: wrong.json, gas.perBlok\n  fix:   did you mean "perBlock"?\n',
    );
    expect((await inFolder(["rules", "check", "paymnts", "--json"])).json.error).toMatchObject({
      code: "RULES_PRESET_UNKNOWN",
      hint: 'did you mean "payments"?',
    });
    expect((await inFolder(["rules", "check", "a/b.json", "--json"])).json.error.code).toBe(
      "FILE_NOT_FOUND",
    );
    expect((await inFolder(["rules", "check", "./", "--json"])).json.error.code).toBe(
      "FILE_NOT_READABLE",
    );
    writeFileSync(join(folder, "large.json"), " ".repeat(262_145));
    expect((await inFolder(["rules", "check", "large.json", "--json"])).json.error.code).toBe(
      "FILE_TOO_LARGE",
    );
  });

  it("refuses rules that prepare itself does not fit", async () => {
    writeFileSync(join(folder, "tight.json"), '{"preset": "general", "module": {"functions": 9}}');
    const { code, json } = await inFolder(["rules", "check", "tight.json", "--json"]);
    expect([code, json.error.code]).toEqual([1, "RULES_PREPARE_REFUSED"]);
    expect(json.error.message).toContain("WASM_LIMIT_FUNCTIONS");
  });

  it("lists the fields that differ, and none for the same rules", async () => {
    writeFileSync(join(folder, "mine.json"), '{"preset": "general", "fees": {"priceMin": "7"}}');
    const { json } = await inFolder(["rules", "diff", "general", "mine.json", "--json"]);
    expect(json).toMatchObject({
      same: false,
      differences: [{ path: "fees.priceMin", before: "0", after: "7" }],
    });
    const same = await inFolder(["rules", "diff", "mine.json", "mine.json"]);
    expect(same).toMatchObject({ code: 0, stdout: "the same rules\n" });
  });
});

describe("plasma explain", () => {
  it("explains errors, traps, skips and outcomes however they are written", async () => {
    const code = async (text: string) => (await callCli(["explain", text, "--json"])).json;
    expect(await code("rules_range")).toMatchObject({
      code: "RULES_RANGE",
      kind: "error",
      number: null,
    });
    expect(await code("trap(out_of_gas)")).toMatchObject({
      code: "out_of_gas",
      kind: "trap",
      number: 1,
    });
    expect(await code("skipped(nonce)")).toMatchObject({ code: "nonce", kind: "skip", number: 4 });
    expect(await code("error[BUG]")).toMatchObject({ code: "BUG" });
    expect(await code("revert")).toMatchObject({ kind: "outcome", number: 1 });
    expect((await callCli(["explain", "--json"])).json.codes.length).toBeGreaterThan(40);
  });

  it("suggests a code for a typing error and for the start of a long one", async () => {
    const hint = async (text: string) => (await callCli(["explain", text, "--json"])).json.error;
    expect(await hint("RULES_RANG")).toMatchObject({
      code: "EXPLAIN_UNKNOWN",
      hint: 'did you mean "plasma explain RULES_RANGE"?',
    });
    expect((await hint("RULES_HOST_CALL_REQUI")).hint).toContain("RULES_HOST_CALL_REQUIRED");
  });
});

describe("plasma new", () => {
  it("refuses a folder with files in it and a template that does not exist", async () => {
    const failure = async (...args: string[]) => (await inFolder([...args, "--json"])).json.error;
    writeFileSync(join(folder, "some-file"), "");
    expect((await failure("new", ".")).code).toBe("FOLDER_NOT_EMPTY");
    expect((await failure("new", "some-file")).code).toBe("FOLDER_NOT_EMPTY");
    expect(await failure("new", "p", "--template", "countr")).toMatchObject({
      code: "TEMPLATE_UNKNOWN",
      hint: 'did you mean "counter"?',
    });
  });

  it("says so when npm cannot pack, and leaves nothing", async () => {
    const run = await callCli(["new", "unpacked", "--json"], { cwd: folder, env: { PATH: "" } });
    expect([run.code, run.json.error.code]).toEqual([1, "PACK_FAILED"]);
    expect(readdirSync(folder).filter((name) => name.includes("unpacked"))).toEqual([]);
  });
});

describe("plasma config", () => {
  it("takes a value from flag, environment, file and default, in this order", async () => {
    const file = join(folder, "plasma.config.json");
    writeFileSync(file, '{"rpc": "http://file", "rules": "payments", "out": "made"}');
    const { json } = await callCli(["config", "--rules", "data-heavy", "--json"], {
      cwd: folder,
      env: { PLASMA_RPC: "http://environment" },
    });
    const at = (name: string) =>
      json.settings.find((entry: { name: string }) => entry.name === name);
    expect(at("rules")).toEqual({
      name: "rules",
      value: "data-heavy",
      origin: "flag",
      from: "--rules",
    });
    expect(at("rpc")).toMatchObject({
      value: "http://environment",
      origin: "environment",
      from: "PLASMA_RPC",
    });
    expect(at("out")).toMatchObject({
      value: "made",
      origin: "config",
      from: "plasma.config.json",
    });
    expect(at("source")).toMatchObject({ value: "assembly", origin: "default", from: null });
    rmSync(file);
  });

  it("refuses a file with errors, naming the field", async () => {
    const file = join(folder, "plasma.config.json");
    const failure = async (text: string) => {
      writeFileSync(file, text);
      return (await inFolder(["config", "--json"])).json.error;
    };
    expect((await failure("{")).code).toBe("CONFIG_SYNTAX");
    expect((await failure("[]")).code).toBe("CONFIG_TYPE");
    expect(await failure('{"rpc": 1}')).toMatchObject({
      code: "CONFIG_TYPE",
      where: { field: "rpc" },
    });
    expect(await failure('{"ruls": "x"}')).toMatchObject({
      code: "CONFIG_FIELD_UNKNOWN",
      hint: 'did you mean "rules"?',
    });
    rmSync(file);
  });
});

describe("an interrupted command", () => {
  it("exits 130 and leaves nothing half-written", async () => {
    const place = mkdtempSync(join(tmpdir(), "plasma-interrupt-"));
    const run = await runCli(["new", "project", "--json"], {
      cwd: place,
      onStart: (child) => {
        const watch = setInterval(() => {
          if (child.exitCode !== null) clearInterval(watch);
          else if (readdirSync(place).length > 0) {
            clearInterval(watch);
            child.kill("SIGINT");
          }
        }, 2);
      },
    });
    expect([run.code, run.json.error.code]).toEqual([130, "INTERRUPTED"]);
    expect(readdirSync(place)).toEqual([]);
    expect(existsSync(join(place, "project"))).toBe(false);
    rmSync(place, { recursive: true });
  });
});
