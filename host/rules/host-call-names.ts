// The names of all host calls, in the order of their numbers (docs/host-calls.md). They stand in the
// rules room because an environment prices and allows them one by one; the sandbox implements them
// under the same numbers. A name is never renumbered: numbers are in machine words and in the
// canonical rules.

/** Index + 1 is the host call's number. */
export const hostCallNames = [
  "input",
  "output",
  "revert",
  "context",
  "storage_open",
  "value_read",
  "storage_set",
  "storage_delete",
  "account",
  "emit",
  "call",
  "output_read",
  "enter",
  "keccak256",
  "sha256",
  "secp256k1_recover",
  "log",
  "send_message",
  "upgrade",
] as const;
export type HostCallName = (typeof hostCallNames)[number];

/** Calls without an argument that costs: their unit is 0 and is not written in JSON. */
export const hostCallsWithoutUnit: ReadonlySet<HostCallName> = new Set<HostCallName>([
  "context",
  "storage_open",
  "storage_delete",
  "account",
  "enter",
  "secp256k1_recover",
  "upgrade",
]);

/** What prepare itself imports: without these an environment could never deploy anything. */
export const hostCallsRequired: readonly HostCallName[] = [
  "input",
  "output",
  "revert",
  "storage_open",
  "value_read",
  "keccak256",
];
