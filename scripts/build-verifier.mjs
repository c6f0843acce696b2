// Builds what a stranger checks blocks with, each one file without dependencies: plasma-verify.mjs (module and
// command), verify.html (the page, with the verifier inside) and judge.wasm (the WASI judge). Called by
// build.mjs; by itself it builds into dist/. `--check` builds again and fails where dist/ differs, so that
// anyone can show that the file they got is what these sources make. Prints size and SHA-256 of each.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const BYTES_MAX = 500_000;
const PAGE = "host/verify/page";
const { version, license } = JSON.parse(readFileSync("package.json", "utf8"));
const BANNER = `// plasma-verify ${version} (${license}): node plasma-verify.mjs FILE, bun plasma-verify.mjs FILE, or import it.
// Contains @noble/curves and @noble/hashes (MIT, (c) Paul Miller, paulmillr.com), @chainsafe/as-sha256 and
// @assemblyscript/loader (Apache-2.0). The sources, and how to build this very file: docs/verify.md of plasmavm.`;

/** One minified script. `iife` for classic scripts and workers, `esm` for modules. */
async function bundled(input, format) {
  const bundle = await rolldown({
    input,
    platform: "neutral",
    resolve: { mainFields: ["module", "main"] },
    external: isBuiltin,
    // The tables and colours of the command line have no effects but to be there.
    treeshake: { moduleSideEffects: false },
    logLevel: "warn",
  });
  const { output } = await bundle.generate({
    format,
    minify: true,
    ...(format === "esm" ? { codeSplitting: false } : {}),
  });
  await bundle.close();
  if (output.length !== 1) throw new Error(`${input} builds to ${output.length} files, expected 1`);
  return output[0].code;
}

/** A script inside a page ends at the first of these. */
function inScript(code) {
  const bad = /<\/script|<!--/i.exec(code);
  if (bad !== null) throw new Error(`a script of the page holds ${bad[0]}`);
  return code;
}

async function page() {
  const parts = {
    STYLE: readFileSync(join(PAGE, "page.css"), "utf8"),
    WORKER: inScript(await bundled(join(PAGE, "worker.ts"), "iife")),
    SCRIPT: inScript(await bundled(join(PAGE, "page.ts"), "iife")),
  };
  const html = readFileSync(join(PAGE, "page.html"), "utf8");
  return html.replace(/\/\* (STYLE|WORKER|SCRIPT) \*\//g, (_, name) => parts[name]);
}

async function judge() {
  const text = readFileSync("host/verify/judge-module.ts", "utf8");
  const lines = [...text.matchAll(/^ {2}"([A-Za-z0-9+/=]+)",$/gm)].map(([, line]) => line);
  return Buffer.from(lines.join(""), "base64");
}

/** File name -> content. */
async function buildAll() {
  const files = new Map();
  const module = `${BANNER}\n${await bundled("cli/one-file.ts", "esm")}`;
  files.set("plasma-verify.mjs", Buffer.from(module));
  files.set("verify.html", Buffer.from(await page()));
  files.set("judge.wasm", await judge());
  for (const name of ["plasma-verify.mjs", "verify.html"]) {
    const { length } = files.get(name);
    if (length > BYTES_MAX) throw new Error(`${name}: got ${length} bytes, most is ${BYTES_MAX}`);
  }
  return files;
}

/** Writes the files into `folder`, or with `check` compares them with those there. */
export async function buildVerifier({ folder, check = false }) {
  for (const [name, content] of await buildAll()) {
    const place = join(folder, name);
    if (!check) writeFileSync(place, content);
    else if (!existsSync(place) || !readFileSync(place).equals(content)) {
      process.stderr.write(`${place} is not what its sources build to; run npm run build\n`);
      process.exit(1);
    }
    const hash = createHash("sha256").update(content).digest("hex");
    process.stdout.write(
      `${name.padEnd(18)}${String(content.length).padStart(7)} bytes  sha256 ${hash}\n`,
    );
  }
}

if (resolve(process.argv[1] ?? "") === fileURLToPath(import.meta.url)) {
  await buildVerifier({ folder: "dist", check: process.argv.includes("--check") });
}
