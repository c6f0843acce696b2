// Compiles a contract in this process: sources and SDK through asc's readFile, the transform, asc, then the
// custom sections. One source gives one Wasm wherever it is built, so the only paths that enter it are
// relative to the folder of the entry, the SDK is always `~lib/plasmavm/assembly`, and every flag that
// matters is fixed here.
import { posix } from "node:path";
import type { ContractAbi } from "../abi/abi.ts";
import { canonicalJson } from "../abi/canonical-json.ts";
import { sectionJson } from "../abi/section-json.ts";
import { AssertionError, EngineError } from "../errors.ts";
import { type Compiler, loadCompiler } from "./compiler.ts";
import { guardCrash } from "./crash-guard.ts";
import { appendSection, withoutSection } from "./custom-section.ts";
import { withFixes } from "./fixes.ts";
import { InliningLimits } from "./inlining.ts";
import { type ProjectFiles, projectFiles, readFromFolder, readSdkFile } from "./source-files.ts";
import { ContractTransform } from "./transform.ts";

export interface BuildRequest {
  /** The contract's file, relative to the project with `/`: `assembly/counter.ts`. */
  readonly entry: string;
  /** Folder of the project on disk. Not needed where `files` has every source. */
  readonly baseDir?: string;
  /** Sources in memory by project-relative path; looked up before the disk. */
  readonly files?: Readonly<Record<string, string>>;
  /** Hears of every project file that was looked for, with its text or null: what a cache depends on. */
  readonly onRead?: (path: string, text: string | null) => void;
}

export interface ContractBuild {
  readonly wasm: Uint8Array;
  readonly abi: ContractAbi;
  /** Canonical JSON of `abi`; the section `plasma.abi` has the same without selectors and topics. */
  readonly abiJson: string;
  /** Source map (JSON, version 3) from byte offsets of `wasm` to the sources, which it contains. */
  readonly sourceMap: string;
  /** asc's warnings with code frames, or "". */
  readonly warnings: string;
}

/** Name of the custom section with the canonical ABI. */
export const ABI_SECTION = "plasma.abi";

const OUT_FILE = "out.wasm";
const ENTRY_FILE = "~plasma/entry.ts";
const SDK_RUNTIME = "~lib/plasmavm/assembly/runtime";
const FLAGS = [
  ["--outFile", OUT_FILE],
  // Always made: whether it is wanted must not change a byte of the module.
  ["--sourceMap"],
  ["-O3"],
  ["--runtime", "stub"],
  ["--exportStart", "_start"],
  ["--initialMemory", "1"],
  ["--maximumMemory", "256"],
  ["--enable", "bulk-memory"],
  ["--disable", "nontrapping-f2i"],
  ["--use", `abort=${SDK_RUNTIME}/revert/abort`],
  ["--use", `__new=${SDK_RUNTIME}/memory/newObject`],
  ["--use", `__renew=${SDK_RUNTIME}/memory/renewObject`],
  ["--use", `__alloc=${SDK_RUNTIME}/memory/alloc`],
  ["--use", `__realloc=${SDK_RUNTIME}/memory/realloc`],
  ["--use", `__free=${SDK_RUNTIME}/memory/free`],
  ["--noColors"],
].flat();

/** asc keeps state across awaits of one process, so builds run one after another. */
let queue: Promise<unknown> = Promise.resolve();

/**
 * Builds one contract. Warm builds take well under half a second; the first loads the compiler.
 * @throws BUILD_FAILED when asc or the transform refuses the source; the message has asc's code frames.
 * @throws BUILD_ENTRY_NOT_FOUND when the entry file does not exist.
 */
export function buildContract(request: BuildRequest): Promise<ContractBuild> {
  const build = queue.then(() => compile(request));
  queue = build.catch(() => undefined);
  return build;
}

async function compile(request: BuildRequest): Promise<ContractBuild> {
  const entry = request.entry.replaceAll("\\", "/").replace(/^(\.\/)+/, "");
  const files = projectFiles(request.files ?? {}, request.baseDir);
  const project: ProjectFiles = {
    read(path) {
      const text = files.read(path);
      request.onRead?.(path, text);
      return text;
    },
  };
  if (project.read(entry) === null)
    throw new EngineError({
      code: "BUILD_ENTRY_NOT_FOUND",
      message: `no contract source at ${entry}`,
      where: { file: entry },
    });
  const compiler = await loadCompiler();
  const transform = new ContractTransform(compiler, posix.basename(entry));
  const outputs = new Map<string, Uint8Array | string>();
  const stderr = await runCompiler(compiler, entry, project, transform, outputs);
  const wasm = outputs.get(OUT_FILE);
  const sourceMap = outputs.get(`${OUT_FILE}.map`);
  if (!(wasm instanceof Uint8Array) || typeof sourceMap !== "string" || transform.abi === undefined)
    throw failure(entry, stderr || "the compiler wrote no module");
  const abiJson = canonicalJson(transform.abi);
  return {
    wasm: appendSection(
      withoutSection(wasm, "sourceMappingURL"),
      ABI_SECTION,
      new TextEncoder().encode(sectionJson(transform.abi)),
    ),
    abi: transform.abi,
    abiJson,
    sourceMap: mapFromProject(sourceMap, posix.dirname(entry)),
    warnings: stderr,
  };
}

/** Runs asc; its diagnostics as text. @throws BUILD_FAILED */
async function runCompiler(
  compiler: Compiler,
  entry: string,
  project: ProjectFiles,
  transform: ContractTransform,
  outputs: Map<string, Uint8Array | string>,
): Promise<string> {
  // The contract itself is no entry of asc: what it exports for other files stays out of the module.
  const folder = posix.dirname(entry);
  const entryText = `export { main } from "../${posix.basename(entry, ".ts")}";\n`;
  const readFile = (name: string): string | null => {
    const path = name.replaceAll("\\", "/");
    if (path === ENTRY_FILE) return entryText;
    const sdk = readSdkFile(path);
    return sdk === undefined ? readFromFolder(project, folder, path) : sdk;
  };
  const result = await guardCrash(entry, () =>
    compiler.main([ENTRY_FILE, ...FLAGS], {
      readFile,
      writeFile: (name, contents) => void outputs.set(name, contents),
      listFiles: () => [],
      transforms: [transform, InliningLimits],
    }),
  );
  // asc hands back what a transform throws, but a bug of ours is no mistake of the author.
  if (result.error instanceof AssertionError) throw result.error;
  const stderr = fromProject(result.stderr.toString(), folder);
  if (result.error !== null) throw failure(entry, stderr, result.error);
  return stderr;
}

/** asc names files relative to the entry's folder; people look for them from the project's. */
function fromProject(diagnostics: string, folder: string): string {
  return diagnostics.replace(
    /(└─ in )(?!~)(.+)(?=\(\d+,\d+\))/g,
    (_, head: string, path: string) => {
      return head + posix.join(folder, path);
    },
  );
}

function mapFromProject(sourceMap: string, folder: string): string {
  const map = JSON.parse(sourceMap) as { sources: string[]; sourceRoot?: string };
  const sources = map.sources.map((path) =>
    path.startsWith("~") ? path : posix.join(folder, path),
  );
  return JSON.stringify({ ...map, sourceRoot: "", sources });
}

function failure(entry: string, diagnostics: string, cause?: unknown): EngineError {
  const text = withFixes(diagnostics.replace(/\n?FAILURE [^\n]*\n?$/, "").trim());
  const at = /└─ in (.+)\((\d+),(\d+)\)/.exec(text);
  return new EngineError({
    code: "BUILD_FAILED",
    message: `${entry} does not compile:\n\n${text}`,
    where: { file: entry, ...(at === null ? {} : { source: `${at[1]}:${at[2]}:${at[3]}` }) },
    details: { diagnostics: text },
    cause,
  });
}
