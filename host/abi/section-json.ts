// The ABI as it travels inside the module: canonical JSON without selectors and topics. These are hashes of
// the names beside them, and every byte of a module is paid for; parse-abi.ts computes them again.
import type { ContractAbi } from "./abi.ts";
import { canonicalJson } from "./canonical-json.ts";

/** @returns the content of the section `plasma.abi`. */
export function sectionJson(abi: ContractAbi): string {
  return canonicalJson({
    ...abi,
    methods: abi.methods.map((method) => ({ ...method, selector: undefined })),
    events: abi.events.map((event) => ({ ...event, topic: undefined })),
    errors: abi.errors.map((error) => ({ ...error, selector: undefined })),
  });
}
