// The contracts that a world has met: their ABIs and source maps, and with these what events, reverts and refusals
// mean. Data of contracts that it has not met stays undecoded.

import type { ContractAbi } from "../abi/abi.ts";
import { decodeEvent } from "../abi/decode-event.ts";
import { type DecodedRevert, decodeRevert } from "../abi/decode-revert.ts";
import { fromHex, type Hex, toHex } from "../codec/hex.ts";
import { bytesHash } from "../codec/trees.ts";
import type { DebugInfo } from "../environment/environment.ts";
import type { ExecutedEvent } from "../environment/environment-core.ts";
import { Outcome } from "../outcome.ts";
import { readRefusal } from "../program/prepare.ts";
import type { ContractReference } from "./contract-types.ts";
import { type LoadedContract, loadContract } from "./load-contract.ts";
import type { ReportedEvent } from "./transaction-report.ts";

/** Why a call did not succeed: of a transaction or a view. */
export interface CallFailureEnd {
  readonly outcome: number;
  readonly output: Uint8Array;
}

export class KnownContracts {
  /** By address. */
  readonly #contracts = new Map<Hex, ContractAbi>();
  readonly #abis = new Set<ContractAbi>();
  /** Of the contracts loaded so far, by Wasm hash. */
  readonly #debug = new Map<Hex, DebugInfo>();

  /** @throws BUILD_…, TEST_CONTRACT_UNREADABLE */
  async load(source: ContractReference | string): Promise<LoadedContract> {
    const contract = await loadContract(typeof source === "string" ? source : source.source);
    const { wasm, abi, abiJson, sourceMap } = contract;
    this.#abis.add(abi);
    const wasmHash = toHex(bytesHash(wasm));
    this.#debug.set(wasmHash, { wasmHash, abiJson, sourceMap });
    return contract;
  }

  /** The contract at an address is one with this ABI. */
  add(address: Hex, abi: ContractAbi): void {
    this.#contracts.set(address, abi);
  }

  debug(): readonly DebugInfo[] {
    return [...this.#debug.values()];
  }

  /** By the ABI of its emitter, else by any that knows it: a contract may be deployed from elsewhere. */
  event({ emitter, topics, data }: ExecutedEvent): ReportedEvent | undefined {
    const bytes = topics.map((topic) => fromHex(topic, 32));
    const own = this.#contracts.get(emitter);
    for (const abi of own === undefined ? this.#abis : [own]) {
      const decoded = decodeEvent(abi, bytes, data);
      if (decoded !== undefined) return { ...decoded, contract: abi.contract, emitter };
    }
    return undefined;
  }

  /**
   * By the ABI of the contract called, then by all others: an error may come from below.
   * @param deployed the module of a deployment, which prepare may have refused
   */
  revert(
    { outcome, output }: CallFailureEnd,
    to: Hex | undefined,
    deployed: LoadedContract | undefined,
  ): DecodedRevert | undefined {
    if (outcome !== Outcome.revert) return undefined;
    const own = to === undefined ? deployed?.abi : this.#contracts.get(to);
    const revert = decodeRevert([...(own === undefined ? [] : [own]), ...this.#abis], output);
    if (revert.kind !== "refusal" || deployed === undefined) return revert;
    const refusal = readRefusal(deployed.wasm, output);
    if (refusal === undefined) return revert;
    return { kind: "message", message: `${refusal.code}: ${refusal.message}` };
  }
}
