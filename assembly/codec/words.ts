// Big-endian words in memory. The byte swap is long and used everywhere, so the build keeps these functions
// out of line (host/contract/inlining.ts): the engine's own back end inlines where it pays.

export function load32(ptr: usize): u32 {
  return bswap<u32>(load<u32>(ptr));
}

export function store32(ptr: usize, value: u32): void {
  store<u32>(ptr, bswap<u32>(value));
}

export function load64(ptr: usize): u64 {
  return ((<u64>load32(ptr)) << 32) | <u64>load32(ptr + 4);
}

export function store64(ptr: usize, value: u64): void {
  store32(ptr, <u32>(value >> 32));
  store32(ptr + 4, <u32>value);
}
