// Where asc's sources come from: the project (memory first, then its folder) and the SDK of this package.
// However asc spells the path to `plasmavm/assembly`, it gets the files that ship with this very code, so
// a contract cannot pick up another copy and its bytes do not depend on how the package was installed.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { toHex } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";

/** The folder that holds package.json: above host/ in the checkout, above dist/host/ in the package. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) {
    const parent = dirname(folder);
    if (parent === folder) return folder;
    folder = parent;
  }
  return folder;
}

const SDK_PATH = /(?:^|\/)node_modules\/plasmavm\/assembly((?:\/[\w.-]+)*)\.ts$/;

let root: string | undefined;
const sdkCache = new Map<string, string | null>();

/** The SDK file that `path` names, null where the SDK has none, undefined where it is not a path of the SDK. */
export function readSdkFile(path: string): string | null | undefined {
  const match = SDK_PATH.exec(path);
  if (match === null) return undefined;
  const name = `assembly${match[1] ?? ""}.ts`;
  let text = sdkCache.get(name);
  if (text === undefined) {
    root ??= packageRoot();
    const file = join(root, name);
    text = existsSync(file) ? unixText(readFileSync(file, "utf8")) : null;
    sdkCache.set(name, text);
  }
  return text;
}

let fingerprint: string | undefined;

/** Hash of all SDK sources, of what makes modules and ABIs of them, and of the manifest, which pins the compiler. */
export function sdkFingerprint(): string {
  if (fingerprint !== undefined) return fingerprint;
  root ??= packageRoot();
  const room = dirname(fileURLToPath(import.meta.url));
  const folders = [join(root, "assembly"), room, join(room, "../abi")];
  const sources = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.[jt]s$/.test(name))
      .sort()
      .map((name) => join(folder, name)),
  );
  const texts = [...sources, join(root, "package.json")].map((file) => readFileSync(file, "utf8"));
  fingerprint = toHex(keccak256(new TextEncoder().encode(texts.join("\0"))));
  return fingerprint;
}

/** Finds a project's sources. Paths with `/`, relative to the project. */
export interface ProjectFiles {
  /** The text of `path`, or null; nothing outside the project's folder is read. */
  read(path: string): string | null;
}

/** A project of sources in memory (looked up first) and in a folder. */
export function projectFiles(
  files: Readonly<Record<string, string>>,
  baseDir: string | undefined,
): ProjectFiles {
  const base = baseDir === undefined ? undefined : resolve(baseDir);
  return {
    read(path) {
      const text = Object.hasOwn(files, path) ? files[path] : undefined;
      if (text !== undefined) return unixText(text);
      if (base === undefined) return null;
      const file = resolve(base, path);
      if (!file.startsWith(base + sep) || !existsSync(file)) return null;
      return unixText(readFileSync(file, "utf8"));
    },
  };
}

const PACKAGE_PATH = /^(?:\.\.\/)*(node_modules\/.+)$/;

/**
 * What asc reads when its working folder is that of the entry: `path` is relative to `folder`. A package is
 * looked for in every node_modules from there up to the project's folder, wherever this process runs.
 */
export function readFromFolder(project: ProjectFiles, folder: string, path: string): string | null {
  const inPackage = PACKAGE_PATH.exec(path)?.[1];
  if (inPackage === undefined) return project.read(posix.join(folder, path));
  for (let at = folder; ; at = posix.dirname(at)) {
    const text = project.read(posix.join(at, inPackage));
    if (text !== null || at === ".") return text;
  }
}

/** A checkout with CRLF must not give other columns or string contents. */
function unixText(text: string): string {
  return text.replaceAll("\r\n", "\n");
}
