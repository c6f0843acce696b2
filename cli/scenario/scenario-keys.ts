// The keys of a scenario follow from its seed and the accounts' names, so that the same file signs the
// same bytes everywhere. They protect nothing: whoever has the scenario has the keys.
import { toHex } from "../../host/codec/hex.ts";
import { keccak256 } from "../../host/codec/keccak.ts";
import { ByteWriter } from "../../host/codec/writer.ts";

const DOMAIN = "plasma scenario key";
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/**
 * The private key [32] of account `name` under `seed`: the first of
 * keccak(bytes(domain) ‖ bytes(seed) ‖ bytes(name) ‖ u32 i), i = 0, 1, …, that is a key of secp256k1.
 */
export function scenarioKey(seed: string, name: string): Uint8Array {
  const encoder = new TextEncoder();
  for (let i = 0; ; i++) {
    const writer = new ByteWriter();
    for (const part of [DOMAIN, seed, name]) writer.bytes(encoder.encode(part));
    writer.u32(i);
    const key = keccak256(writer.finish());
    const number = BigInt(toHex(key));
    if (number > 0n && number < ORDER) return key;
  }
}
