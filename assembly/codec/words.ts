// Big-endian 64-bit words in memory: one function each, because the byte swap is long and used everywhere.

export function load64(ptr: usize): u64 {
  return bswap<u64>(load<u64>(ptr));
}

export function store64(ptr: usize, value: u64): void {
  store<u64>(ptr, bswap<u64>(value));
}
