// `plasma abi show|diff`: what a contract offers and stores, and what a new version of it breaks. Reads
// modules (their section plasma.abi) and ABI files; runs nothing.
import type { AbiParameter, ContractAbi } from "../../host/abi/abi.ts";
import { type AbiChange, diffAbi } from "../../host/abi/diff-abi.ts";
import { parseAbi } from "../../host/abi/parse-abi.ts";
import { readSection } from "../../host/contract/custom-section.ts";
import { EngineError } from "../../host/errors.ts";
import type { CliCommand } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import { inFile, readBytes } from "../files.ts";
import { tableText } from "../output.ts";
import { isWasm } from "../wasm-overview.ts";

const ABI_BYTES_MAX = 16 * 1_048_576;

/** @throws ABI_SYNTAX, FILE_… */
function loadAbi(file: string): ContractAbi {
  return inFile(file, () => {
    const bytes = readBytes(file, ABI_BYTES_MAX);
    const section = isWasm(bytes) ? readSection(bytes, "plasma.abi") : bytes;
    if (section === undefined)
      throw new EngineError({
        code: "ABI_SYNTAX",
        message: "the module has no section plasma.abi",
        hint: "build it with plasma, which writes the ABI into the module",
      });
    return parseAbi(readJson(new TextDecoder().decode(section)));
  });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new EngineError({ code: "ABI_SYNTAX", message: "the ABI is not JSON", cause });
  }
}

const fieldsText = (fields: readonly AbiParameter[]): string =>
  fields.map(({ name, type }) => `${name}: ${type}`).join(", ");

function section(title: string, head: readonly string[], rows: readonly string[][]): string[] {
  return rows.length === 0 ? [] : ["", title, tableText(head, rows)];
}

function describe(abi: ContractAbi): string {
  const methods = abi.methods.map(({ kind, name, params, returns, selector, reentrant }) => [
    reentrant === true ? `${kind}, reentrant` : kind,
    `${name}(${fieldsText(params)}): ${returns}`,
    selector ?? "-",
  ]);
  const events = abi.events.map(({ name, fields, topic }) => [
    `${name}(${fields.map((one) => `${one.indexed ? "indexed " : ""}${one.name}: ${one.type}`).join(", ")})`,
    topic,
  ]);
  const errors = abi.errors.map(({ name, fields, selector }) => [
    `${name}(${fieldsText(fields)})`,
    selector,
  ]);
  const storage = abi.storage.map(({ name, slot, type }) => [name, type, slot]);
  const types = Object.entries(abi.types).map(([name, definition]) => [
    name,
    "fields" in definition
      ? `{ ${fieldsText(definition.fields)} }`
      : definition.variants.join(" | "),
  ]);
  return [
    `contract ${abi.contract}, asc ${abi.asc}`,
    ...section("methods", ["kind", "method", "selector"], methods),
    ...section("events", ["event", "topic"], events),
    ...section("errors", ["error", "selector"], errors),
    ...section("storage", ["field", "type", "slot"], storage),
    ...section("types", ["type", "content"], types),
  ].join("\n");
}

const show: CliCommand = {
  name: "show",
  summary: "list methods, events, errors and storage of a contract",
  examples: ["plasma abi show build/counter.wasm", "plasma abi show build/counter.wasm --json"],
  configure: (command) => command.argument("<file>", "a module, an ABI file, or -"),
  run: (_context, [file = ""]) => {
    const abi = loadAbi(file);
    return { document: { file, abi }, text: describe(abi) };
  },
};

function changeText(changes: readonly AbiChange[]): string {
  const rows = changes.map((one) => [
    one.breaking ? "breaks" : "",
    `${one.part} ${one.change}`,
    one.before ?? "-",
    one.after ?? "-",
  ]);
  return tableText(["", "change", "before", "after"], rows);
}

const diff: CliCommand = {
  name: "diff",
  summary: "tell what a new version changes; exit 2 where it breaks calls or stored data",
  examples: [
    "plasma abi diff build/counter.wasm build/counter.abi.json",
    "plasma abi diff build/counter.wasm build/counter.abi.json --json",
  ],
  configure: (command) =>
    command
      .argument("<before>", "a module, an ABI file, or -")
      .argument("<after>", "a module, an ABI file, or -"),
  run: (context, [before = "", after = ""]) => {
    const changes = diffAbi(loadAbi(before), loadAbi(after));
    const breaking = changes.filter((one) => one.breaking).length;
    const verdict =
      breaking === 0
        ? context.colors.green("nothing breaks")
        : context.colors.red(`${breaking} of ${changes.length} changes break calls or stored data`);
    return {
      document: { before, after, same: changes.length === 0, breaking, changes },
      text: changes.length === 0 ? "the same ABI" : `${changeText(changes)}\n\n${verdict}`,
      exitCode: breaking === 0 ? ExitCode.ok : ExitCode.notAsWished,
    };
  },
};

export const abiCommand: CliCommand = {
  name: "abi",
  group: "author",
  summary: "show a contract's ABI, or compare it with the next one",
  examples: [
    "plasma abi show build/counter.abi.json",
    "plasma abi diff build/counter.abi.json build/counter.wasm",
  ],
  subcommands: [show, diff],
};
