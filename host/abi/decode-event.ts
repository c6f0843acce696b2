// An emitted event as named fields. Indexed fields of at most 32 bytes come back from their topic; of
// longer or variable ones only the hash exists, and that is what is given.
import { toHex } from "../codec/hex.ts";
import { ByteReader } from "../codec/reader.ts";
import type { ContractAbi } from "./abi.ts";
import { type AbiType, fixedSize, parseAbiType } from "./abi-type.ts";
import { type AbiValue, badData, decodeValue, decodeWhole } from "./decode-value.ts";

export interface DecodedEvent {
  readonly name: string;
  readonly fields: Readonly<Record<string, AbiValue>>;
}

function decodeTopic(topic: Uint8Array, type: AbiType): AbiValue {
  const size = fixedSize(type);
  if (size === undefined || size > 32) return toHex(topic);
  if (topic.subarray(0, 32 - size).some((byte) => byte !== 0))
    throw badData("a topic has bytes before its padded value");
  const reader = new ByteReader(topic.subarray(32 - size));
  const value = decodeValue(reader, type);
  reader.end();
  return value;
}

/**
 * The event of `abi` that the first topic names.
 * @returns undefined where the ABI has no such event (another contract's, or an anonymous one)
 * @throws ABI_DATA where topics or data do not fit the event
 */
export function decodeEvent(
  abi: ContractAbi,
  topics: readonly Uint8Array[],
  data: Uint8Array,
): DecodedEvent | undefined {
  const [first, ...rest] = topics;
  const event = first && abi.events.find((one) => one.topic === toHex(first));
  if (event === undefined) return undefined;
  const indexed = event.fields.filter((field) => field.indexed);
  if (rest.length !== indexed.length)
    throw badData(`${event.name}: got ${rest.length} indexed fields, expected ${indexed.length}`);
  const reader = new ByteReader(data);
  return decodeWhole(reader, `event ${event.name}`, () => {
    let next = 0;
    const fields: [string, AbiValue][] = event.fields.map((field) => {
      const type = parseAbiType(field.type, abi.types);
      if (!field.indexed) return [field.name, decodeValue(reader, type)];
      const topic = rest[next++];
      return [field.name, topic === undefined ? null : decodeTopic(topic, type)];
    });
    return { name: event.name, fields: Object.fromEntries(fields) };
  });
}
