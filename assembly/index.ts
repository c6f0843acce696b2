// What a contract imports: `import { … } from "plasmavm/assembly"`. Only names are re-exported here; the
// classes live in their rooms. assembly/types.d.ts gives the same names to editors (a test compares them).
export { decode, encode, fromHex } from "./codec/bytes";
export { StorageList } from "./storage/list";
export { StorageMap, StorageMap2 } from "./storage/map";
export { StorageSet } from "./storage/set";
export { Value } from "./storage/value";
export { checked } from "./math/checked";
export { Fixed } from "./math/fixed";
export { i128 } from "./math/i128";
export { i256 } from "./math/i256";
export { u128 } from "./math/u128";
export { u256 } from "./math/u256";
export { abort, fail, require, revert } from "./runtime/revert";
export { Address } from "./runtime/address";
export { Bytes32, Bytes64, Bytes65 } from "./runtime/bytes";
export { at, lastOutput, Result, Status } from "./runtime/call";
export { ctx } from "./runtime/context";
export { emit } from "./runtime/event";
export { exitTo, messageCaller, sendMessage } from "./runtime/outbox";
export { Keccak256, Sha256 } from "./runtime/stream";
export { addressOf, keccak256, recover, sha256, tryRecover } from "./runtime/hash";
export { upgradeTo } from "./runtime/upgrade";
