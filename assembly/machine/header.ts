// Which headers are well-formed (docs/machine.md section 1): asked of the one that comes in, of a suspended caller,
// and of the one that a step leaves. Nothing here reads or writes registers.
import { STATUS_PHASE, STATUS_RUN, STATUS_STUCK } from "./registers";

/** A u32 of a header. */
export function headerField(header: usize, offset: usize): u32 {
  return bswap<u32>(load<u32>(header + offset));
}

export function isWellFormed(header: usize): bool {
  const status = <u32>load<u8>(header, 252);
  const phase = <u32>load<u8>(header, 253);
  if (status == STATUS_PHASE ? phase == 0 || phase > 16 : phase > (status == STATUS_RUN ? 2 : 0)) {
    return false;
  }
  return status <= STATUS_STUCK && boundsHold(header);
}

/** Whether the registers are within their bounds. */
export function boundsHold(header: usize): bool {
  return (
    headerField(header, 224) < 1 << 19 &&
    headerField(header, 228) <= 65536 &&
    headerField(header, 232) <= 65536 &&
    headerField(header, 236) <= 1024 &&
    headerField(header, 240) <= 65536
  );
}
