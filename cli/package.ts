// The package that this command line belongs to: its folder, its version, and how a new project can
// depend on it. A project never depends on a directory link: from a checkout, or from an
// installation that came of a tarball, the package is packed anew; npm makes the same tarball of both.
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { assert, EngineError } from "../host/errors.ts";
import { versions } from "../host/versions.ts";
import { interruption } from "./files.ts";

export const PACKAGE_NAME = "plasmavm";
function findPackageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) {
    const parent = dirname(folder);
    assert(parent !== folder, "the command line lies inside its package");
    folder = parent;
  }
  return folder;
}

/** Folder with our package.json: the checkout, or node_modules/plasmavm. */
export const packageFolder: string = findPackageFolder();

const manifest = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8")) as {
  readonly version: string;
};

export interface Versions {
  readonly package: string;
  readonly version: string;
  readonly format: number;
  readonly semantics: number;
  readonly program: number;
  readonly rules: number;
  readonly node: string;
}

export const cliVersions: Versions = {
  package: PACKAGE_NAME,
  version: manifest.version,
  format: versions.format,
  semantics: versions.semantics,
  program: versions.program,
  rules: versions.rules,
  node: process.versions.node,
};

/** Where npm says this installation came from: a registry's address, or undefined. */
function registryOrigin(): string | undefined {
  const lock = join(packageFolder, "..", ".package-lock.json");
  if (!existsSync(lock)) return undefined;
  const { packages } = JSON.parse(readFileSync(lock, "utf8")) as {
    packages?: Record<string, { resolved?: string }>;
  };
  const resolved = packages?.[`node_modules/${PACKAGE_NAME}`]?.resolved;
  return resolved?.startsWith("https://") ? resolved : undefined;
}

/**
 * What a project in `folder` writes under dependencies: the exact version where we came from a
 * registry, else a tarball that is packed into the folder.
 * @throws PACK_FAILED when npm cannot pack
 */
export async function dependencyFor(folder: string): Promise<string> {
  if (registryOrigin() !== undefined) return manifest.version;
  const target = resolve(folder);
  const args = ["pack", packageFolder, "--pack-destination", target, "--ignore-scripts", "--json"];
  try {
    const { stdout } = await promisify(execFile)("npm", args, {
      cwd: target,
      signal: interruption,
      shell: process.platform === "win32",
      maxBuffer: 16 * 1_048_576,
    });
    const [packed] = JSON.parse(stdout) as { filename: string }[];
    assert(packed !== undefined, "npm pack names its tarball");
    return `file:${packed.filename}`;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new EngineError({
      code: "PACK_FAILED",
      message: `npm pack failed: ${reason}`,
      where: { file: packageFolder },
      cause,
    });
  }
}
