// Where asc's sources come from: the project (memory first, then its folder) and the SDK of this package.
// However asc spells the path to `plasmavm/assembly`, it gets the files that ship with this very code, so
// a contract cannot pick up another copy and its bytes do not depend on how the package was installed.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

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

/** A reader of the project's files by relative path; nothing outside `baseDir` is read but packages in it. */
export function readProjectFile(
  files: Readonly<Record<string, string>>,
  baseDir: string | undefined,
): (path: string) => string | null {
  const base = baseDir === undefined ? undefined : resolve(baseDir);
  return (path) => {
    const text = Object.hasOwn(files, path) ? files[path] : undefined;
    if (text !== undefined) return unixText(text);
    if (base === undefined) return null;
    const file = resolve(base, path);
    if (!file.startsWith(base + sep) || !existsSync(file)) return null;
    return unixText(readFileSync(file, "utf8"));
  };
}

/** A checkout with CRLF must not give other columns or string contents. */
function unixText(text: string): string {
  return text.replaceAll("\r\n", "\n");
}
