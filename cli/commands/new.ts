// `plasma new PATH`: a project from a template, depending on exactly this plasmavm. The folder must
// be absent or empty, and it appears whole or not at all. Nothing is installed: the result says how.
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { EngineError } from "../../host/errors.ts";
import { nearestName } from "../../host/rules/nearest-name.ts";
import type { CliCommand } from "../command.ts";
import { makeFolder, refuseFilled } from "../files.ts";
import { dependencyFor, PACKAGE_NAME } from "../package.ts";

const templatesFolder = fileURLToPath(new URL("../templates/", import.meta.url));

const templateNames = (): string[] =>
  existsSync(templatesFolder)
    ? readdirSync(templatesFolder).filter((name) =>
        statSync(join(templatesFolder, name)).isDirectory(),
      )
    : [];

function templateFolder(name: string): string {
  const names = templateNames();
  if (names.includes(name)) return join(templatesFolder, name);
  const near = nearestName(name, names);
  throw new EngineError({
    code: "TEMPLATE_UNKNOWN",
    message: `got ${JSON.stringify(name.slice(0, 64))}, expected ${names.join(", ")}`,
    where: { field: "--template" },
    ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
  });
}

/** npm's package names are lower case and have no spaces. */
function packageName(folder: string): string {
  const name = basename(resolve(folder))
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+/, "");
  return name === "" ? "contracts" : name.slice(0, 200);
}

function writeManifest(folder: string, name: string, dependency: string): void {
  const file = join(folder, "package.json");
  const manifest = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  manifest.name = name;
  for (const group of ["dependencies", "devDependencies"]) {
    const entries = manifest[group] as Record<string, string> | undefined;
    if (entries?.[PACKAGE_NAME] !== undefined) entries[PACKAGE_NAME] = dependency;
  }
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
}

const filesIn = (folder: string): string[] =>
  (readdirSync(folder, { recursive: true }) as string[])
    .filter((file) => statSync(join(folder, file)).isFile())
    .map((file) => file.replaceAll("\\", "/"))
    .sort();

export const newCommand: CliCommand = {
  name: "new",
  group: "start",
  summary: "make a project with a contract and a test",
  examples: ["plasma new my-counter", "plasma new my-exchange --template exchange --json"],
  configure: (command) =>
    command
      .argument("<path>", "the project's folder; absent or empty")
      .option("--template <name>", "what to start from: counter, token or exchange", "counter"),
  run: async (context, [path = ""], options) => {
    const template = String(options.template);
    const source = templateFolder(template);
    refuseFilled(path);
    await makeFolder(path, async (folder) => {
      cpSync(source, folder, { recursive: true });
      // npm leaves .gitignore files out of packages, so templates carry it under another name.
      if (existsSync(join(folder, "gitignore"))) {
        renameSync(join(folder, "gitignore"), join(folder, ".gitignore"));
      }
      writeManifest(folder, packageName(path), await dependencyFor(folder));
    });
    const place = relative(".", path) || ".";
    const steps = [...(place === "." ? [] : [`cd ${place}`]), "npm install", "npm test"];
    return {
      document: { path: resolve(path), template, files: filesIn(path), next: steps },
      text: [
        `made ${context.colors.bold(place)} from the template ${template}; next:`,
        ...steps.map((step) => `  ${step}`),
      ].join("\n"),
    };
  },
};
