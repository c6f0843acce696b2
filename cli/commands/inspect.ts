// `plasma inspect FILE`: what a file of ours holds, told from its first bytes. It decodes and hashes,
// and runs nothing: what it shows of a bundle is what the bundle claims.
import type { AbiParameter, ContractAbi } from "../../host/abi/abi.ts";
import { parseAbi } from "../../host/abi/parse-abi.ts";
import { blockHash } from "../../host/chain/block-hash.ts";
import { bodyRows } from "../../host/chain/body-rows.ts";
import { decodeBundle } from "../../host/chain/bundle.ts";
import { orderHash } from "../../host/chain/order.ts";
import { resultHash } from "../../host/chain/result.ts";
import { FILE_FORMAT, FileKind, fileKindOf, openFile } from "../../host/codec/file-header.ts";
import { toHex } from "../../host/codec/hex.ts";
import { keccak256 } from "../../host/codec/keccak.ts";
import { bytesHash } from "../../host/codec/trees.ts";
import { readSection } from "../../host/contract/custom-section.ts";
import { EngineError } from "../../host/errors.ts";
import { rulesHash } from "../../host/rules/encode-rules.ts";
import { parseRulesText } from "../../host/rules/parse-rules.ts";
import type { CliCommand, CommandResult } from "../command.ts";
import { inFile, readBytes } from "../files.ts";
import { ledgerLogOverview } from "../ledger-overview.ts";
import { tableText } from "../output.ts";
import { disputeLogOverview, stateProofOverview, stepProofOverview } from "../proof-overview.ts";
import { isWasm, wasmOverview } from "../wasm-overview.ts";

/** Rows of a table of transactions in text; --json has all. */
const ROWS_MAX = 20;
const VALUE_CHARACTERS = 130;
const JSON_BYTES_MAX = 1_048_576;

const pairs = (rows: readonly (readonly [string, unknown])[]): string =>
  rows.map(([name, value]) => `${`${name}:`.padEnd(20)}${String(value)}`).join("\n");

function describeBundle(bytes: Uint8Array): CommandResult {
  const bundle = decodeBundle(bytes);
  const { order, parentResult, result } = bundle;
  const transactions = bodyRows(bundle);
  const document = {
    kind: "bundle",
    format: FILE_FORMAT,
    bytes: bytes.length,
    height: order.height,
    block: toHex(blockHash(order, parentResult, result)),
    environment: toHex(order.environmentId),
    order: toHex(orderHash(order)),
    parentOrder: toHex(order.parentOrder),
    parentResult: toHex(resultHash(parentResult)),
    result: toHex(resultHash(result)),
    time: order.time,
    producer: toHex(order.producer),
    rulesHash: toHex(order.rulesHash),
    rulesMatch: toHex(keccak256(bundle.rules)) === toHex(order.rulesHash),
    stateRootBefore: toHex(parentResult.stateRoot),
    stateRoot: toHex(result.stateRoot),
    gasUsed: result.gasUsed,
    bodyBytes: bundle.transactions.reduce((sum, entry) => sum + entry.length, 0),
    witnessBytes: bundle.witness.length,
    code: bundle.code.map((wasm) => ({ codeHash: toHex(bytesHash(wasm)), bytes: wasm.length })),
    debug: bundle.debug.map((entry) => toHex(entry.wasmHash)),
    transactions,
  };
  const rows = transactions
    .slice(0, ROWS_MAX)
    .map((entry) => [
      String(entry.index),
      "kind" in entry ? entry.kind : "undecodable",
      "sender" in entry ? entry.sender : "-",
      "to" in entry ? (entry.to ?? "new contract") : "-",
      entry.outcome ?? "-",
      String(entry.gasUsed ?? "-"),
    ]);
  const more = transactions.length - rows.length;
  const text = [
    pairs([
      ["bundle", `height ${document.height}, ${bytes.length} bytes, format ${FILE_FORMAT}`],
      ["block", document.block],
      ["environment", document.environment],
      ["parent result", document.parentResult],
      ["state before", document.stateRootBefore],
      ["state claimed", document.stateRoot],
      ["rules", `${document.rulesHash}${document.rulesMatch ? "" : " (the rules inside differ)"}`],
      ["time", document.time],
      ["producer", document.producer],
      ["gas used", document.gasUsed],
      ["witness", `${document.witnessBytes} bytes`],
      ["contracts", `${bundle.code.length}, with names of ${bundle.debug.length}`],
      ["transactions", `${transactions.length}, ${document.bodyBytes} bytes`],
    ]),
    "",
    tableText(["", "kind", "sender", "to", "claimed outcome", "gas"], rows),
    ...(more > 0 ? [`… and ${more} more; --json lists all`] : []),
  ].join("\n");
  return { document, text };
}

/** Proof files are a handful of fields; long values are cut in text. */
function describeProof(document: Readonly<Record<string, unknown>>): CommandResult {
  const rows = Object.entries(document).map(([name, value]) => {
    const text = value === null ? "none" : String(value);
    return [
      name,
      text.length > VALUE_CHARACTERS ? `${text.slice(0, VALUE_CHARACTERS)}…` : text,
    ] as const;
  });
  return { document, text: pairs(rows) };
}

function describeLedgerLog(bytes: Uint8Array): CommandResult {
  const document = ledgerLogOverview(bytes);
  const { kinds, environments } = document;
  const counted = Object.entries(kinds).map(([kind, count]) => `${count} ${kind}`);
  return {
    document,
    text: pairs([
      ["ledger log", `${document.commands} commands, ${bytes.length} bytes`],
      ["settlement", document.settlement],
      ["log hash", document.logHash],
      ["at genesis", `${document.accounts} accounts with ${document.money}`],
      ["commands", counted.join(", ") || "none"],
      ["by", `${document.signers} accounts`],
      [
        "times",
        document.firstTime === null ? "none" : `${document.firstTime} to ${document.lastTime}`,
      ],
      ["registered", document.registered],
      ...environments.map((id) => ["environment", id] as const),
      ["unfinished", `${document.unfinishedBytes} bytes at the end`],
    ]),
  };
}

function describeWasm(bytes: Uint8Array): CommandResult {
  const overview = wasmOverview(bytes);
  const section = readSection(bytes, "plasma.abi");
  const abi = section === undefined ? null : parseAbiSection(section);
  const document = { kind: "wasm", codeHash: toHex(bytesHash(bytes)), ...overview, abi };
  const text = [
    pairs([
      ["wasm", `${bytes.length} bytes`],
      ["code hash", document.codeHash],
      ["functions", `${overview.functions}, the largest of ${overview.bodyBytesMax} bytes`],
      ["memory", `${overview.pagesInitial ?? 0} to ${overview.pagesMax ?? "any"} pages`],
      ["imports", overview.imports.join(", ") || "none"],
      ["exports", overview.exports.join(", ") || "none"],
      ["contract", abi === null ? "no ABI inside" : abi.contract],
    ]),
    ...(abi === null ? [] : [abiLines(abi)]),
    "",
    tableText(
      ["section", "at", "bytes"],
      overview.sections.map(({ name, byteOffset, bytes: size }) => [
        name,
        `0x${byteOffset.toString(16)}`,
        String(size),
      ]),
    ),
  ].join("\n");
  return { document, text };
}

/** The contract's ABI as it stands in the module; untrusted, and only shown. */
function parseAbiSection(section: Uint8Array): ContractAbi | null {
  try {
    return parseAbi(JSON.parse(new TextDecoder().decode(section)));
  } catch {
    return null;
  }
}

const parameters = (list: readonly AbiParameter[]): string =>
  list.map(({ name, type }) => `${name}: ${type}`).join(", ");

/** Methods, events and errors as one would write them. */
function abiLines(abi: ContractAbi): string {
  return [
    ...abi.methods.map(
      ({ kind, name, params, returns }) => `  ${kind} ${name}(${parameters(params)}): ${returns}`,
    ),
    ...abi.events.map(({ name, fields }) => `  event ${name}(${parameters(fields)})`),
    ...abi.errors.map(({ name, fields }) => `  error ${name}(${parameters(fields)})`),
  ].join("\n");
}

function describeAbi(text: string): CommandResult {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw unknownKind();
  }
  const abi = parseAbi(json);
  return { document: { kind: "abi", abi }, text: `contract ${abi.contract}\n${abiLines(abi)}` };
}

function describeRules(text: string): CommandResult {
  const rules = parseRulesText(text);
  const hash = toHex(rulesHash(rules));
  const { version, semantics } = rules;
  return {
    document: { kind: "rules", rulesHash: hash, version, semantics },
    text: pairs([
      ["rules", hash],
      ["version", version],
      ["semantics", semantics],
    ]),
  };
}

const unknownKind = (): EngineError =>
  new EngineError({
    code: "INSPECT_KIND_UNKNOWN",
    message: "the file is no bundle, proof, log, Wasm module, ABI or rules document",
  });

function describe(bytes: Uint8Array): CommandResult {
  const kind = fileKindOf(bytes);
  if (kind === FileKind.stepProof) return describeProof(stepProofOverview(bytes));
  if (kind === FileKind.stateProof) return describeProof(stateProofOverview(bytes));
  if (kind === FileKind.disputeLog) return describeProof(disputeLogOverview(bytes));
  if (kind === FileKind.ledgerLog) return describeLedgerLog(bytes);
  if (kind !== undefined) {
    // A kind that has no description fails here with its name.
    if (kind !== FileKind.bundle) openFile(bytes, FileKind.bundle);
    return describeBundle(bytes);
  }
  if (isWasm(bytes)) return describeWasm(bytes);
  const first = bytes.find((byte) => byte > 0x20);
  if (first !== 0x7b || bytes.length > JSON_BYTES_MAX) throw unknownKind();
  const text = new TextDecoder().decode(bytes);
  if (/"abi"\s*:\s*1\b/.test(text)) return describeAbi(text);
  if (!/"(preset|hostCallsAllowed|semantics)"\s*:/.test(text)) throw unknownKind();
  return describeRules(text);
}

export const inspectCommand: CliCommand = {
  name: "inspect",
  group: "author",
  summary: "show what a file holds (bundle, proof, Wasm, ABI, rules); runs nothing",
  examples: ["plasma inspect build/counter.wasm", "plasma inspect build/counter.wasm --json"],
  configure: (command) => command.argument("<file>", "any file of ours, or -"),
  run: (_context, [file = ""]) => inFile(file, () => describe(readBytes(file))),
};
