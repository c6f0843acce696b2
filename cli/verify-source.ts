// Whether a module was built from given sources: they are built again with the compiler and the SDK of this
// package, and the bytes compared. For `plasma verify WASM --source DIR`. Nothing of the module runs. Custom
// sections that no execution and no client reads (names, source map addresses) do not count; the ABI does.
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parseAbi } from "../host/abi/parse-abi.ts";
import type { Finding } from "../host/chain/finding.ts";
import { equalBytes, toHex } from "../host/codec/hex.ts";
import { bytesHash } from "../host/codec/trees.ts";
import type { ContractBuild } from "../host/contract/index.ts";
import { EngineError } from "../host/errors.ts";
import { customSection, functionName } from "../host/program/names.ts";
import { SourceLines, type SourcePlace } from "../host/trace/source-lines.ts";
import { type ContractSource, findContracts } from "./contract-sources.ts";
import { codeBodies, type WasmSection, wasmOverview } from "./wasm-overview.ts";

const ABI_SECTION = "plasma.abi";
const SOURCE_FOLDER = "assembly";

/** What is told of one of the two modules. */
interface ModuleFacts {
  readonly bytes: number;
  readonly codeHash: string;
  /** Version of the AssemblyScript compiler by the module's ABI; null where it has none. */
  readonly asc: string | null;
}

/** What the comparison came to, as `plasma verify` shows it. */
export interface SourceVerdict {
  readonly kind: "wasm";
  readonly judge: "rebuild";
  /** Null where nothing can be said: another compiler made the module. */
  readonly claim: "stands" | "refuted" | null;
  readonly reason: Finding | null;
  readonly shown: readonly (readonly [name: string, value: string])[];
  readonly about: {
    readonly source: string;
    readonly module: ModuleFacts;
    readonly rebuilt: ModuleFacts;
    /** Whether every byte is equal. */
    readonly exact: boolean;
    /** Custom sections that differ and do not count. */
    readonly uncounted: readonly string[];
  };
}

/**
 * Compares `wasm`, of the file `file`, with what the sources in `folder` build to: a project's folder, or the
 * folder of its sources.
 * @throws BYTES_TRUNCATED, INSPECT_KIND_UNKNOWN for what is no module · FILE_NOT_FOUND, BUILD_NO_CONTRACT,
 * BUILD_FAILED, SOURCE_CONTRACT_UNKNOWN where the sources say nothing about it
 */
export async function verifySource(
  file: string,
  wasm: Uint8Array,
  folder: string,
): Promise<SourceVerdict> {
  const given = factsOf(wasm);
  const { buildCached } = await import("../host/contract/build-cache.ts");
  const { project, sources } = candidates(file, folder, contractName(wasm));
  const verdicts: SourceVerdict[] = [];
  for (const { entry } of sources) {
    const built = await buildCached({ entry, baseDir: project });
    const verdict = compare(wasm, given, built, entry);
    if (verdict.claim === "stands") return verdict;
    verdicts.push(verdict);
  }
  return verdicts[0]!;
}

/** The class that the module's ABI names. */
function contractName(wasm: Uint8Array): string | undefined {
  return readAbi(wasm)?.contract;
}

function readAbi(
  wasm: Uint8Array,
): { readonly contract: string; readonly asc: string } | undefined {
  const section = customSection(wasm, ABI_SECTION);
  if (section === undefined) return undefined;
  try {
    return parseAbi(JSON.parse(new TextDecoder().decode(section)));
  } catch (error) {
    // Foreign bytes: a section that is no ABI names no contract.
    if (error instanceof EngineError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function factsOf(wasm: Uint8Array): ModuleFacts {
  wasmOverview(wasm);
  const codeHash = toHex(bytesHash(wasm));
  return { bytes: wasm.length, codeHash, asc: readAbi(wasm)?.asc ?? null };
}

/** Files that may hold the contract: those with a class of its name, the file's namesake first. */
function candidates(file: string, folder: string, contract: string | undefined) {
  const isProject = existsSync(join(folder, SOURCE_FOLDER)) || !existsSync(folder);
  const place = isProject ? folder : dirname(resolve(folder));
  const found = findContracts(place, isProject ? SOURCE_FOLDER : basename(resolve(folder)));
  const holds = ({ entry }: ContractSource): boolean =>
    contract === undefined ||
    new RegExp(`\\bclass\\s+${contract.replaceAll("$", "\\$")}\\b`).test(
      readFileSync(join(found.folder, entry), "utf8"),
    );
  const namesake = basename(file, ".wasm");
  const sources = found.contracts
    .filter(holds)
    .sort((a, b) => Number(b.name === namesake) - Number(a.name === namesake));
  if (sources.length > 0) return { project: found.folder, sources };
  const names = found.contracts.map(({ entry }) => entry).join(", ");
  throw new EngineError({
    code: "SOURCE_CONTRACT_UNKNOWN",
    message: `the module is the contract ${contract}, which none of ${names} declares`,
    where: { file: folder },
  });
}

function compare(
  wasm: Uint8Array,
  module: ModuleFacts,
  built: ContractBuild,
  source: string,
): SourceVerdict {
  const rebuilt = factsOf(built.wasm);
  const [mine, theirs] = [sectionsOf(built.wasm), sectionsOf(wasm)];
  const difference = firstDifference(theirs.counted, mine.counted);
  const uncounted = [...new Set([...theirs.others.keys(), ...mine.others.keys()])].filter(
    (name) => !sameBytes(theirs.others.get(name), mine.others.get(name)),
  );
  const about = { source, module, rebuilt, exact: equalBytes(wasm, built.wasm), uncounted };
  const shown = [
    ["source", source],
    ["module", factsText(module)],
    ["rebuilt", factsText(rebuilt)],
    ...(uncounted.length === 0 ? [] : [["not counted", uncounted.join(", ")] as const]),
  ] as const;
  const verdict = { kind: "wasm", judge: "rebuild", shown, about } as const;
  if (difference === undefined) return { ...verdict, claim: "stands", reason: null };
  if (module.asc !== null && module.asc !== rebuilt.asc) {
    const reason: Finding = {
      code: "SOURCE_COMPILER",
      message: `asc ${module.asc} made the module, this package has ${rebuilt.asc}`,
      got: module.asc,
      expected: String(rebuilt.asc),
    };
    return { ...verdict, claim: null, reason };
  }
  const place = placeOf(difference, wasm, built);
  return {
    ...verdict,
    claim: "refuted",
    reason: {
      code: "SOURCE_MISMATCH",
      message: `the sources build to another module; the first difference is in ${place}`,
      field: difference.name,
      got: module.codeHash,
      expected: rebuilt.codeHash,
    },
  };
}

const factsText = ({ bytes, codeHash, asc }: ModuleFacts): string =>
  `${bytes} bytes, code ${codeHash}${asc === null ? "" : `, asc ${asc}`}`;

interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Whole sections: those that count in their order, and the other custom ones by name. */
function sectionsOf(wasm: Uint8Array) {
  const { sections } = wasmOverview(wasm);
  const counted: NamedBytes[] = [];
  const others = new Map<string, Uint8Array>();
  sections.forEach(({ name, byteOffset }: WasmSection, i) => {
    const bytes = wasm.subarray(byteOffset, sections[i + 1]?.byteOffset ?? wasm.length);
    if (name.startsWith("custom ") && name !== `custom ${ABI_SECTION}`) others.set(name, bytes);
    else counted.push({ name, bytes });
  });
  return { counted, others };
}

const sameBytes = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a !== undefined && b !== undefined && equalBytes(a, b);

/** The first section that is not the same in both, by the name that it has in either. */
function firstDifference(
  given: readonly NamedBytes[],
  built: readonly NamedBytes[],
): NamedBytes | undefined {
  for (let i = 0; i < Math.max(given.length, built.length); i++) {
    const [one, other] = [given[i], built[i]];
    if (one === undefined || other === undefined) return one ?? other;
    if (one.name !== other.name || !equalBytes(one.bytes, other.bytes)) return one;
  }
  return undefined;
}

/** The section, and of code the function and the nearest place in the sources. */
function placeOf({ name }: NamedBytes, wasm: Uint8Array, built: ContractBuild): string {
  if (name !== "code") return `section ${name}`;
  const bodies = (bytes: Uint8Array) =>
    codeBodies(bytes).map(({ start, end }) => bytes.subarray(start, end));
  const [given, mine] = [bodies(wasm), bodies(built.wasm)];
  const differing = given.findIndex((body, i) => !sameBytes(body, mine[i]));
  const index = differing < 0 ? given.length : differing;
  const funcidx = wasmOverview(wasm).imports.length + index;
  const body = mine[index];
  const place = body === undefined ? undefined : placeIn(built, body, given[index]);
  const names = [functionName(wasm, funcidx) ?? place?.functionName, place?.source];
  const known = names.filter((one) => one !== undefined).join(", ");
  return `section code, function ${funcidx}${known === "" ? "" : ` (${known})`}`;
}

/** Where in the sources the rebuilt body begins to differ: the next place of the project's own, or of the SDK's. */
function placeIn({ sourceMap, wasm }: ContractBuild, body: Uint8Array, other: Uint8Array = body) {
  const start = body.byteOffset - wasm.byteOffset;
  const equal = body.findIndex((byte, i) => byte !== other[i]);
  const lines = SourceLines.read(sourceMap);
  let library: SourcePlace | undefined;
  for (let at = start + Math.max(0, equal); at < start + body.length; at++) {
    const place = lines?.place(at);
    if (place === undefined) continue;
    if (!place.source.startsWith("~")) return place;
    library ??= place;
  }
  return library;
}
