// Which files of a project are contracts: those directly under the source folder that export a class
// with @contract. No configuration names them.
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { EngineError } from "../host/errors.ts";
import { readText } from "./files.ts";

const SOURCE_BYTES_MAX = 4 * 1_048_576;
const contractClass =
  /(^|\n)\s*(@contract\b[\s\S]{0,400}?\bexport\s+(abstract\s+)?class\b|export\s+@contract\b)/;

export interface ContractSource {
  /** File name without .ts: the name of what is built. */
  readonly name: string;
  /** Relative to the project, with `/`. */
  readonly entry: string;
}

export interface ContractProject {
  readonly folder: string;
  readonly contracts: readonly ContractSource[];
}

const source = (folder: string, file: string): ContractSource => ({
  name: basename(file, ".ts"),
  entry: relative(folder, file).replaceAll("\\", "/"),
});

/** A file belongs to the project whose source folder it lies in, else to its own folder. */
function projectOf(file: string, sourceFolder: string): string {
  const folder = dirname(file);
  return basename(folder) === sourceFolder ? dirname(folder) : folder;
}

/**
 * The contracts at `path`: a project's folder, or one source file.
 * @throws FILE_NOT_FOUND, BUILD_NO_CONTRACT
 */
export function findContracts(path: string, sourceFolder: string): ContractProject {
  const place = resolve(path);
  if (!existsSync(place)) {
    throw new EngineError({
      code: "FILE_NOT_FOUND",
      message: `there is no ${path}`,
      where: { file: path },
    });
  }
  if (statSync(place).isFile()) {
    const folder = projectOf(place, sourceFolder);
    return { folder, contracts: [source(folder, place)] };
  }
  const sources = join(place, sourceFolder);
  const files = existsSync(sources) ? readdirSync(sources).sort() : [];
  const contracts = files
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
    .map((name) => join(sources, name))
    .filter((file) => contractClass.test(readText(file, SOURCE_BYTES_MAX)))
    .map((file) => source(place, file));
  if (contracts.length > 0) return { folder: place, contracts };
  throw new EngineError({
    code: "BUILD_NO_CONTRACT",
    message: `no file in ${relative(".", sources) || "."} exports a class with @contract`,
    where: { file: path },
  });
}
