// `plasma tamper BUNDLE --lie KIND`: writes a copy of a bundle that lies, to see what replay says to it.
// Without a bundle it lists the lies. The table in host/chain/lies.ts is the only source of kinds.
import { type Lie, type LieKind, lieKinds, lies } from "../../host/chain/lies.ts";
import type { LieRequest } from "../../host/chain/tamper.ts";
import { tamperBundle } from "../../host/environment/replay.ts";
import { EngineError } from "../../host/errors.ts";
import { nearestName } from "../../host/rules/nearest-name.ts";
import type { CliCommand, CommandContext, CommandOptions, CommandResult } from "../command.ts";
import { inFileAsync, readBytes, refuseExisting, writeWhole } from "../files.ts";
import { invalidArgument } from "../invalid-argument.ts";
import { tableText } from "../output.ts";

/** What replay says to a lie, in words. */
export function lieAnswer({ verdict, code }: Lie): string {
  if (code === undefined) return "valid; with --expect: unusable BLOCK_NOT_EXPECTED";
  return `${verdict} ${code.endsWith("_") ? `${code}…` : code}`;
}

const lieTable = (): string =>
  tableText(
    ["lie", "resealed", "replay says", "the bundle that it writes"],
    lieKinds.map((kind) => {
      const lie = lies[kind];
      return [kind, lie.resealed ? "yes" : "no", lieAnswer(lie), lie.summary];
    }),
  );

const lieDocuments = () =>
  lieKinds.map((kind) => ({ kind, ...lies[kind], code: lies[kind].code ?? null }));

export const tamperCommand: CliCommand = {
  name: "tamper",
  group: "verify",
  summary: "write a copy of a bundle that lies; alone: list the lies and what replay says to each",
  examples: ["plasma tamper", "plasma tamper out/1.bundle --lie wrong-state-root -o lie.bundle"],
  configure: (command) =>
    command
      .argument("[bundle]", "an honest bundle, or - for stdin")
      .option("--lie <kind>", "which lie to tell")
      .option("--tx <index>", "the transaction to lie about; chosen from the seed where absent")
      .option("--seed <text>", "what chooses where the lie is not told", "plasma")
      .option("-o, --out <file>", "where to write it; - is stdout")
      .option("--force", "overwrite the file"),
  run: async (context, [file], options) => {
    if (file === undefined && options.lie === undefined) {
      return { document: { lies: lieDocuments() }, text: lieTable() };
    }
    const kind = lieKind(context, options.lie);
    const request = lieRequest(kind, options);
    const source = required(file, "<bundle>", "give the bundle to copy");
    const out = required(options.out, "-o", "give -o FILE, or -o - for stdout");
    if (out === "-" && context.json) {
      throw invalidArgument("-o", "got - together with --json, expected one document on stdout");
    }
    if (options.force !== true) refuseExisting(out);
    return write(context, source, out, request);
  },
};

async function write(
  context: CommandContext,
  source: string,
  out: string,
  request: LieRequest,
): Promise<CommandResult> {
  const bytes = readBytes(source);
  const lied = await inFileAsync(source, () => tamperBundle(bytes, request));
  writeWhole(out, lied);
  const lie: Lie = lies[request.kind];
  const { kind, transaction, seed } = request;
  return {
    document: {
      file: source,
      out,
      kind,
      transaction: transaction ?? null,
      seed,
      ...lie,
      code: lie.code ?? null,
    },
    text:
      out === "-"
        ? ""
        : `wrote ${context.colors.bold(out)}, which ${lie.summary}; replay says: ${lieAnswer(lie)}`,
  };
}

function required(value: unknown, field: string, hint: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw new EngineError({
    code: "CLI_ARGUMENT_MISSING",
    message: `missing ${field}`,
    where: { field },
    hint,
  });
}

/** @throws TAMPER_KIND_UNKNOWN after the list of lies on stderr */
function lieKind(context: CommandContext, value: unknown): LieKind {
  const found = lieKinds.find((kind) => kind === value);
  if (found !== undefined) return found;
  context.note(lieTable());
  const near = typeof value === "string" ? nearestName(value, lieKinds) : undefined;
  throw new EngineError({
    code: "TAMPER_KIND_UNKNOWN",
    message: `got ${value === undefined ? "no --lie" : JSON.stringify(String(value).slice(0, 64))}, expected one of ${lieKinds.join(", ")}`,
    where: { field: "--lie" },
    ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
  });
}

function lieRequest(kind: LieKind, options: CommandOptions): LieRequest {
  const { tx, seed } = options;
  if (tx === undefined) return { kind, seed: String(seed) };
  if (!/^(0|[1-9][0-9]{0,6})$/.test(String(tx))) {
    const got = JSON.stringify(String(tx).slice(0, 64));
    throw invalidArgument("--tx", `got ${got}, expected the index of a transaction, from 0`);
  }
  return { kind, seed: String(seed), transaction: Number(tx) };
}
