// Random arguments by the types of the ABI, for fast-check: every value that the type has, and often those where
// contracts go wrong: 0, 1, the largest, the smallest, and the addresses that the world itself knows.
import type fc from "fast-check";
import type { AbiMethod, ContractAbi } from "../abi/abi.ts";
import { type AbiType, parseAbiType } from "../abi/abi-type.ts";
import type { Hex } from "../codec/hex.ts";
import { toHex } from "../codec/hex.ts";
import { EngineError } from "../errors.ts";

/** fast-check as it was found at run time. */
export type FastCheck = typeof fc;
type Arbitrary<T> = fc.Arbitrary<T>;

/** Elements of random arrays and bytes of random texts, at most: longer ones only cost gas. */
const LENGTH_MAX = 12;
const BYTES_MAX = 64;

/** fast-check of the project. @throws TEST_FAST_CHECK_MISSING */
export async function loadFastCheck(): Promise<FastCheck> {
  try {
    return (await import("fast-check")).default;
  } catch (cause) {
    throw new EngineError({
      code: "TEST_FAST_CHECK_MISSING",
      message: "fuzz and invariant need fast-check, which is not installed",
      cause,
    });
  }
}

/**
 * Arguments of a method, in the order of its parameters.
 * @param given arbitraries by parameter, in place of those of the type
 */
export function argumentsArbitrary(
  check: FastCheck,
  abi: ContractAbi,
  { params }: AbiMethod,
  addresses: readonly Hex[],
  given: Readonly<Record<string, Arbitrary<unknown>>>,
): Arbitrary<unknown[]> {
  const each = params.map(
    ({ name, type }) =>
      given[name] ?? valueArbitrary(check, parseAbiType(type, abi.types), addresses),
  );
  return check.tuple(...each);
}

/** Any value of a type. `addresses` are tried where an address is wanted. */
export function valueArbitrary(
  check: FastCheck,
  type: AbiType,
  addresses: readonly Hex[],
): Arbitrary<unknown> {
  switch (type.kind) {
    case "bool":
      return check.boolean();
    case "integer":
      return integers(check, type.bits, type.signed);
    case "fixed":
      return type.size === 20
        ? addressValues(check, addresses)
        : hexBytes(check, type.size, type.size);
    case "bytes":
      return hexBytes(check, 0, BYTES_MAX);
    case "string":
      return check.oneof(
        check.string({ maxLength: BYTES_MAX }),
        check.string({ unit: "grapheme", maxLength: LENGTH_MAX }),
      );
    case "array": {
      const element = valueArbitrary(check, type.element, addresses);
      const { length } = type;
      return length === undefined
        ? check.array(element, { maxLength: LENGTH_MAX })
        : check.array(element, { minLength: length, maxLength: length });
    }
    case "option":
      return check.option(valueArbitrary(check, type.inner, addresses), { nil: null });
    case "struct":
      return check.record(
        Object.fromEntries(
          type.fields.map(({ name, type: inner }) => [
            name,
            valueArbitrary(check, inner, addresses),
          ]),
        ),
      );
    case "enum":
      return check.constantFrom(...type.variants);
  }
}

/** Numbers as results have them: up to 32 bits `number`, above `bigint`. Small ones are the likeliest. */
function integers(check: FastCheck, bits: number, signed: boolean): Arbitrary<number | bigint> {
  const low = signed ? -(1n << BigInt(bits - 1)) : 0n;
  const high = (1n << BigInt(signed ? bits - 1 : bits)) - 1n;
  const small = check.bigInt({ min: signed ? -100n : 0n, max: 100n });
  const edges = check.constantFrom(0n, 1n, high, high - 1n, low, high / 2n);
  const any = check.bigInt({ min: low, max: high });
  // Of every size alike: most values of a wide type are too large for any balance.
  const sized = check
    .tuple(check.integer({ min: 1, max: bits - 1 }), any)
    .map(([size, value]) => BigInt.asUintN(size, value));
  const all = check.oneof(
    { arbitrary: small, weight: 3 },
    { arbitrary: sized, weight: 4 },
    { arbitrary: edges, weight: 2 },
    { arbitrary: any, weight: 1 },
  );
  return bits <= 32 ? all.map(Number) : all;
}

function addressValues(check: FastCheck, addresses: readonly Hex[]): Arbitrary<string> {
  const known = check.constantFrom(...addresses, `0x${"00".repeat(20)}` as Hex);
  return check.oneof(
    { arbitrary: known, weight: 4 },
    { arbitrary: hexBytes(check, 20, 20), weight: 1 },
  );
}

const hexBytes = (check: FastCheck, minLength: number, maxLength: number): Arbitrary<string> =>
  check.uint8Array({ minLength, maxLength }).map((bytes) => toHex(bytes));
