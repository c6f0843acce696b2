// The public subpath `plasmavm/build`: from AssemblyScript sources to a contract's Wasm and ABI.
export type { ContractAbi } from "../abi/abi.ts";
export {
  ABI_SECTION,
  type BuildRequest,
  buildContract,
  type ContractBuild,
} from "./build.ts";
export { readSection } from "./custom-section.ts";
