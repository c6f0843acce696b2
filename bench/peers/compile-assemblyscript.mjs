// AssemblyScript to Wasm with the main install's compiler: -O3, no runtime, unmetered. For the programs
// that stand for "plain V8" and for the CosmWasm host, never for contracts of ours.
import { readFileSync } from "node:fs";
import asc from "assemblyscript/asc";

/**
 * @param source URL of one file that imports nothing
 * @returns the module's bytes
 */
export async function compileAssemblyScript(source) {
  const outputs = new Map();
  const flags = ["--config", "none", "-O3", "--runtime", "stub", "--use", "abort="];
  const { error, stderr } = await asc.main(["main.ts", "--outFile", "main.wasm", ...flags], {
    readFile: (name) => (name === "main.ts" ? readFileSync(source, "utf8") : null),
    writeFile: (name, contents) => void outputs.set(name, contents),
    listFiles: () => [],
  });
  if (error) throw new Error(stderr.toString());
  return outputs.get("main.wasm");
}
