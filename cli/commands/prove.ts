// `plasma prove KEY -o F`: the state proof of one key at the head of a store, as a file that `plasma verify` judges with
// nothing else: what an account has, what a contract stored, or that there is nothing. Executes nothing.
import type { StateQuery } from "../../host/environment/prove-state.ts";
import { proveStored } from "../../host/environment/prove-stored.ts";
import type { CliCommand } from "../command.ts";
import { refuseExisting, writeWhole } from "../files.ts";
import { invalidArgument } from "../invalid-argument.ts";
import { stateProofOverview } from "../proof-overview.ts";

const KEY = /^(0x[0-9a-f]{40})(?::(code|0x[0-9a-f]{64}))?$/;

/** @throws CLI_ARGUMENT_INVALID */
function queryOf(text: string): StateQuery {
  const match = KEY.exec(text.toLowerCase());
  if (match === null) {
    throw invalidArgument(
      "KEY",
      `got ${JSON.stringify(text.slice(0, 140))}, expected ADDRESS, CONTRACT:KEY with a key of 32 bytes in hex, or CONTRACT:code`,
    );
  }
  const address = match[1] as `0x${string}`;
  const key = match[2] as `0x${string}` | "code" | undefined;
  if (key === undefined) return { kind: "account", address };
  return key === "code" ? { kind: "code", address } : { kind: "storage", address, key };
}

export const proveCommand: CliCommand = {
  name: "prove",
  group: "operate",
  summary: "write a proof of what a state holds, from its store",
  examples: [
    "plasma prove 0x0000000000000000000000000000000000000001 --state out/state -o 1.state.proof",
    "plasma prove 0x0000000000000000000000000000000000000001:code --state out/state -o code.state.proof --json",
  ],
  configure: (command) =>
    command
      .argument("<key>", "ADDRESS, CONTRACT:KEY (32 bytes in hex) or CONTRACT:code")
      .requiredOption("-o, --out <file>", "where to write the proof; - is stdout")
      .option("--state <dir>", "directory of the environment's store", "state")
      .option("--force", "overwrite the file"),
  run: async (context, [key = ""], options) => {
    const query = queryOf(key);
    const out = String(options.out);
    if (out === "-" && context.json) {
      throw invalidArgument("-o", "got - together with --json, expected one document on stdout");
    }
    if (options.force !== true) refuseExisting(out);
    const file = await proveStored(String(options.state), query);
    writeWhole(out, file);
    const { height, block, environment, result, stateRoot, value } = stateProofOverview(file);
    const document = {
      ...{ out, bytes: file.length, kind: query.kind, address: query.address },
      key: query.kind === "storage" ? query.key : null,
      ...{ value, height, block, environment, result, stateRoot },
    };
    const what = value === null ? "that there is nothing" : "what it has";
    const at = block === null ? "at genesis" : `in block ${block}, height ${height}`;
    return {
      document,
      text:
        out === "-"
          ? ""
          : [
              `wrote ${context.colors.bold(out)}: ${what} under ${key}, ${at}`,
              `  ${file.length} bytes; "plasma verify ${out}" shows it`,
            ].join("\n"),
    };
  },
};
