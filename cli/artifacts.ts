// Artifacts of a build for traces: every `NAME.wasm` of a folder with its `NAME.abi.json` and `NAME.wasm.map`,
// by the hash of the Wasm. What is missing is left out; nothing in them is trusted.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { toHex } from "../host/codec/hex.ts";
import { bytesHash } from "../host/codec/trees.ts";
import type { DebugInfo } from "../host/environment/environment.ts";
import { EngineError } from "../host/errors.ts";
import { readBytes, readText } from "./files.ts";

/** @throws FOLDER_NOT_FOUND, FILE_NOT_READABLE, ARTIFACTS_NONE when the folder has no Wasm */
export function readArtifacts(folder: string): DebugInfo[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith(".wasm"));
  } catch (cause) {
    throw new EngineError({
      code: "FOLDER_NOT_FOUND",
      message: `there is no folder ${folder}`,
      where: { file: folder, field: "--artifacts" },
      cause,
    });
  }
  if (names.length === 0) {
    throw new EngineError({
      code: "ARTIFACTS_NONE",
      message: `got a folder without Wasm, expected NAME.wasm, NAME.wasm.map and NAME.abi.json`,
      where: { file: folder, field: "--artifacts" },
    });
  }
  const textOf = (file: string): string => (existsSync(file) ? readText(file) : "");
  return names.sort().map((name) => {
    const wasm = join(folder, name);
    return {
      wasmHash: toHex(bytesHash(readBytes(wasm))),
      abiJson: textOf(wasm.replace(/\.wasm$/, ".abi.json")),
      sourceMap: textOf(`${wasm}.map`),
    };
  });
}
