// Compiles evm/token.sol with solc from npm: optimised, for the hardfork that both EVM peers run.
// Loading solc takes a second or two; the conductor does it once, before anything is timed.
import { readFileSync } from "node:fs";
import solc from "solc";

/** Hardfork of both EVM peers. */
export const EVM_VERSION = "cancun";

/**
 * The token's runtime code, as it stands at an address.
 * @returns hex without 0x
 */
export function compileToken() {
  const content = readFileSync(new URL("./token.sol", import.meta.url), "utf8");
  const input = {
    language: "Solidity",
    sources: { "token.sol": { content } },
    settings: {
      evmVersion: EVM_VERSION,
      optimizer: { enabled: true, runs: 1_000_000 },
      outputSelection: { "*": { "*": ["evm.deployedBytecode.object"] } },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const errors = (output.errors ?? []).filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(errors[0].formattedMessage);
  return output.contracts["token.sol"].Token.evm.deployedBytecode.object;
}
