// The raw host imports of a contract (file name = Wasm import module "env"), one line per host call.
// docs/host-calls.md is the specification; tests/golden compares the three tables. Contracts use the
// typed wrappers of assembly/index.ts; only the SDK imports this file. No i64 crosses this border.

export declare function input(ptr: usize, offset: u32, length: u32): u32;
export declare function output(ptr: usize, length: u32): void;
export declare function revert(ptr: usize, length: u32): void;
export declare function context(ptr: usize): void;
export declare function storage_open(keyPtr: usize): i32;
export declare function value_read(ptr: usize, offset: u32, length: u32): void;
export declare function storage_set(keyPtr: usize, ptr: usize, length: u32): void;
export declare function storage_delete(keyPtr: usize): void;
export declare function account(addressPtr: usize, ptr: usize): void;
export declare function emit(topicsPtr: usize, topicCount: u32, ptr: usize, length: u32): void;
export declare function call(requestPtr: usize, inputPtr: usize, inputLength: u32): u32;
export declare function output_read(ptr: usize, offset: u32, length: u32): u32;
export declare function enter(flags: u32): void;
export declare function keccak256(ptr: usize, length: u32, outPtr: usize): void;
export declare function sha256(ptr: usize, length: u32, outPtr: usize): void;
export declare function secp256k1_recover(
  digestPtr: usize,
  signaturePtr: usize,
  outPtr: usize,
): u32;
export declare function log(ptr: usize, length: u32): void;
export declare function send_message(requestPtr: usize, ptr: usize, length: u32): u32;
export declare function upgrade(addressPtr: usize): u32;
