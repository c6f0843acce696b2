// Enums at the border: one byte, the number of the variant. To asc an enum is an i32, so the transform makes
// a class for each whose pointer is the variant; these are the bodies of its methods.
import { badVariant } from "../runtime/texts";
import { malformed } from "./decode";

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
