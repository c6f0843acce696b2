// Storage keys by the names of the contract's fields: a field's key is the hash of its name, a map entry's
// the hash of the map's key and its own (docs/formats.md section 10). Entries are recognised because the
// contract hashes them itself before it uses them; the trace has seen the preimage.
import type { ContractAbi } from "../abi/abi.ts";
import { type AbiType, parseAbiType } from "../abi/abi-type.ts";
import { type AbiValue, decodeValue } from "../abi/decode-value.ts";
import { toHex } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";
import { ByteReader } from "../codec/reader.ts";
import { EngineError } from "../errors.ts";

/** A field or an entry of one. */
export interface StoragePlace {
  /** Such as `totalSupply` or `balances[0x12…]`. */
  readonly text: string;
  /** Types of the keys of a map that are still to come. */
  readonly keyTypes: readonly AbiType[];
  /** Type of the value; of maps the type of their entries. */
  readonly valueType: AbiType;
}

const SLOT = /^(value|map|map2)<(.*)>$/s;
const HASH_BYTES = 32;

export class StorageNames {
  readonly #abi: ContractAbi;
  readonly #places = new Map<string, StoragePlace>();

  constructor(abi: ContractAbi) {
    this.#abi = abi;
    const utf8 = new TextEncoder();
    for (const { name, slot, type } of abi.storage) {
      const types = this.#typesOf(type);
      if (types === undefined) continue;
      const keyTypes = types.slice(0, -1);
      const valueType = types.at(-1) as AbiType;
      const key = toHex(keccak256(utf8.encode(`slot:${slot}`)));
      this.#places.set(key, { text: name, keyTypes, valueType });
    }
  }

  /** The contract has hashed `preimage`: perhaps a map's key and that of an entry. */
  noteHash(preimage: Uint8Array, hash: Uint8Array): void {
    const map = this.#places.get(toHex(preimage.subarray(0, HASH_BYTES)));
    const [keyType, ...keyTypes] = map?.keyTypes ?? [];
    if (map === undefined || keyType === undefined) return;
    const key = decodeAll(keyType, preimage.subarray(HASH_BYTES));
    if (key === undefined) return;
    const text = `${map.text}[${keyText(key)}]`;
    this.#places.set(toHex(hash), { text, keyTypes, valueType: map.valueType });
  }

  /** The place with this 32-byte key, where the ABI and the hashes so far tell it. */
  place(key: Uint8Array): StoragePlace | undefined {
    return this.#places.get(toHex(key));
  }

  /** Keys and value of `map<K,V>`; no type has a comma in its name. */
  #typesOf(type: string): AbiType[] | undefined {
    const [, kind, inner = ""] = SLOT.exec(type) ?? [];
    const count = { value: 1, map: 2, map2: 3 }[kind ?? ""];
    const texts = inner.split(",");
    if (count === undefined || texts.length !== count) return undefined;
    try {
      return texts.map((text) => parseAbiType(text.trim(), this.#abi.types));
    } catch (error) {
      if (error instanceof EngineError) return undefined;
      throw error;
    }
  }
}

/** A value of a type from all of the bytes; undefined where they are none. */
export function decodeAll(type: AbiType, bytes: Uint8Array): AbiValue | undefined {
  const reader = new ByteReader(bytes);
  try {
    const value = decodeValue(reader, type);
    reader.end();
    return value;
  } catch (error) {
    if (error instanceof EngineError) return undefined;
    throw error;
  }
}

function keyText(key: AbiValue): string {
  return JSON.stringify(key, (_, item) => (typeof item === "bigint" ? item.toString() : item))
    .replace(/^"(0x[0-9a-f]*)"$/, "$1")
    .replace(/^"(\d+)"$/, "$1");
}
