// How the user can call this very command line again, for lines that we print to be typed. Installed in
// a project it is `npx plasma`; in a checkout nothing of that name exists, so it is node and the script.
import { basename, dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { PACKAGE_NAME, packageFolder } from "./package.ts";

const main = fileURLToPath(new URL("./main.js", import.meta.url));

/** A path as a shell word. */
const word = (text: string): string =>
  /^[A-Za-z0-9_./@:=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** The line that runs `plasma args…` from the current folder. */
export function ownCommand(args: readonly string[]): string {
  const modules = dirname(packageFolder);
  const project = dirname(modules);
  const isInstalled =
    basename(packageFolder) === PACKAGE_NAME &&
    basename(modules) === "node_modules" &&
    !relative(project, resolve(".")).startsWith("..");
  const near = relative(".", main);
  const start = isInstalled ? ["npx", "plasma"] : ["node", near.length < main.length ? near : main];
  return [...start, ...args].map(word).join(" ");
}
