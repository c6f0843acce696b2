// Command lines that are wrong in themselves: numbers that are none, values that are missing, paths that
// no system has, words of a hundred thousand characters. The last is as much as a system passes on.
const BASE = "bundles/forged-rules-length.bundle";
const long = "x".repeat(100_000);
const hash = `0x${"00".repeat(32)}`;

const lines = [
  ["command-unknown", ["__proto__"], "CLI_COMMAND_UNKNOWN"],
  ["command-long", [long], "CLI_COMMAND_UNKNOWN"],
  ["command-control-characters", ["\u001b[2J\u0007"], "CLI_COMMAND_UNKNOWN"],
  ["option-unknown", ["replay", BASE, "--trust"], "CLI_OPTION_UNKNOWN"],
  ["option-long", ["replay", BASE, `--${long}`], "CLI_OPTION_UNKNOWN"],
  ["option-without-value", ["replay", BASE, "--expect"], "CLI_ARGUMENT_MISSING"],
  ["argument-missing", ["replay"], "CLI_ARGUMENT_MISSING"],
  ["argument-extra", ["replay", BASE, BASE], "CLI_ARGUMENT_EXTRA"],
  ["expect-number", ["replay", BASE, "--expect", "1"], "CLI_ARGUMENT_INVALID"],
  ["expect-short", ["replay", BASE, "--expect", hash.slice(0, -2)], "CLI_ARGUMENT_INVALID"],
  [
    "expect-junk",
    ["replay", BASE, "--expect-parent", hash.replace(/0$/, "g")],
    "CLI_ARGUMENT_INVALID",
  ],
  ["expect-long", ["replay", BASE, "--expect", `0x${long}`], "CLI_ARGUMENT_INVALID"],
  [
    "transaction-negative",
    ["tamper", BASE, "--lie", "wrong-gas", "--tx=-1", "-o", "x"],
    "CLI_ARGUMENT_INVALID",
  ],
  [
    "transaction-fraction",
    ["tamper", BASE, "--lie", "wrong-gas", "--tx", "1.5", "-o", "x"],
    "CLI_ARGUMENT_INVALID",
  ],
  [
    "transaction-exponent",
    ["tamper", BASE, "--lie", "wrong-gas", "--tx", "1e3", "-o", "x"],
    "CLI_ARGUMENT_INVALID",
  ],
  [
    "transaction-nan",
    ["tamper", BASE, "--lie", "wrong-gas", "--tx", "NaN", "-o", "x"],
    "CLI_ARGUMENT_INVALID",
  ],
  ["lie-unknown", ["tamper", BASE, "--lie", "constructor", "-o", "x"], "TAMPER_KIND_UNKNOWN"],
  ["lie-nowhere", ["tamper", BASE, "--lie", "wrong-gas"], "CLI_ARGUMENT_MISSING"],
  ["run-nowhere", ["run", "x.json"], "CLI_ARGUMENT_MISSING"],
  ["run-over-others", ["run", "scenarios/nothing.json", "-o", "bundles"], "RUN_FOLDER_FOREIGN"],
  ["file-absent", ["replay", "no/such.bundle"], "FILE_NOT_FOUND"],
  ["file-empty-name", ["check", ""], "FILE_NOT_FOUND"],
  ["file-long-name", ["check", long], "FILE_NOT_READABLE"],
  ["file-is-folder", ["check", "wasm"], "FILE_NOT_READABLE"],
  ["folder-without-bundles", ["replay", "wasm"], "REPLAY_FOLDER_EMPTY"],
  ["folder-absent", ["-C", "no/such/folder", "config"], "FOLDER_NOT_FOUND"],
  ["folder-is-file", ["-C", "expected.json", "config"], "FOLDER_NOT_FOUND"],
  ["rules-unknown", ["check", "wasm/empty.wasm", "--rules", "__proto__"], "RULES_PRESET_UNKNOWN"],
  [
    "rules-is-module",
    ["check", "wasm/empty.wasm", "--rules", "wasm/float-local.wasm"],
    "RULES_SYNTAX",
  ],
  ["explain-nothing", ["explain", "toString"], "EXPLAIN_UNKNOWN"],
  ["explain-long", ["explain", long], "EXPLAIN_UNKNOWN"],
  ["inspect-unknown", ["inspect", "scenarios/nothing.json"], "INSPECT_KIND_UNKNOWN"],
  ["new-template", ["new", "made", "--template", "../.."], "TEMPLATE_UNKNOWN"],
  ["new-over-others", ["new", "wasm"], "FOLDER_NOT_EMPTY"],
  ["build-nothing", ["build", "wasm"], "BUILD_NO_CONTRACT"],
  ["build-absent", ["build", "no/such.ts"], "FILE_NOT_FOUND"],
];

/** Bytes on stdin in place of a file. */
const piped = [
  ["stdin-empty", ["replay", "-"], "", "FILE_MAGIC"],
  ["stdin-rules", ["rules", "check", "-"], "\0", "RULES_SYNTAX"],
];

export const flagCases = [
  ...lines.map(([title, args, code]) => ({ name: `flags/${title}`, args, exit: 1, code })),
  ...piped.map(([title, args, stdin, code]) => ({
    name: `flags/${title}`,
    args,
    stdin,
    exit: 1,
    code,
  })),
];
