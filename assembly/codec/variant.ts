// Enums at the border: one byte, the number of the variant. To asc an enum is an i32, so the transform makes
// a class for each whose pointer is the variant; these are the bodies of its methods. `Variants<E>` stands for an
// array of enums, which to asc is an array of i32.
import { badVariant } from "../runtime/texts";
import { malformed, take, takeLength } from "./decode";
import { store32 } from "./words";

/** Writes the variant, of which there are `count`; reverts on any other number. */
export function writeVariant(ptr: usize, variant: u32, count: u32): usize {
  if (variant >= count) badVariant();
  store<u8>(ptr, variant);
  return ptr + 1;
}

/** The variant at `ptr`; reverts where there is none of this number. */
export function loadVariant(ptr: usize, count: u32): usize {
  const variant = <u32>load<u8>(ptr);
  if (variant >= count) malformed();
  return variant;
}

/** The codec's class of an array of the enum that `E` stands for: its pointer is the array. */
@unmanaged
export class Variants<E> {
  __fixed(): u32 {
    return 0;
  }
  __size(): u32 {
    return 4 + changetype<Array<i32>>(this).length;
  }
  __write(ptr: usize): usize {
    const list = changetype<Array<i32>>(this);
    store32(ptr, list.length);
    ptr += 4;
    for (let i = 0; i < list.length; i++)
      ptr = changetype<E>(<usize>unchecked(list[i])).__write(ptr);
    return ptr;
  }
  __load(ptr: usize): Variants<E> {
    return this;
  }
  __read(): Variants<E> {
    const count = takeLength();
    const list = new Array<i32>(count);
    for (let i: u32 = 0; i < count; i++)
      unchecked((list[i] = <i32>changetype<usize>(changetype<E>(0).__load(take(1)))));
    return changetype<Variants<E>>(list);
  }
  __zero(): Variants<E> {
    return changetype<Variants<E>>(new Array<i32>(0));
  }
}
