// Typed arrays that become longer: columns by index and bytes that pile up. Not for those that begin where cache
// lines do (cache-lines.ts).

/** A copy with room for `length` elements, and at least twice as long: growing stays cheap on the whole. */
export function grown<Column extends Int32Array | Uint16Array | Uint8Array | Float64Array>(
  column: Column,
  length = 0,
): Column {
  const Type = column.constructor as new (length: number) => Column;
  const longer = new Type(Math.max(2 * column.length, length));
  longer.set(column);
  return longer;
}
