// The token of cosmwasm-vm-js: a cw20 `transfer` over JSON messages, with balances kept as JSON strings
// of decimals, written in AssemblyScript because no Rust is at hand. Memory is an arena that starts
// anew with the first allocation after an answer; regions are {offset, capacity, length}.

@external("env", "db_read") declare function db_read(key: usize): usize;
@external("env", "db_write") declare function db_write(key: usize, value: usize): void;
@external("env", "abort") declare function abort_with(message: usize): void;

const ALIGN: usize = 7;
let top: usize = 0;
let isAnswered = true;

function take(size: usize): usize {
  if (isAnswered) {
    top = (__heap_base + ALIGN) & ~ALIGN;
    isAnswered = false;
  }
  const start = top;
  top = (top + size + ALIGN) & ~ALIGN;
  const pages = <i32>((top + 0xffff) >> 16) - memory.size();
  if (pages > 0 && memory.grow(pages) < 0) unreachable();
  return start;
}

export function interface_version_8(): void {}

export function allocate(size: usize): usize {
  const region = take(12);
  const data = take(size);
  store<u32>(region, <u32>data);
  store<u32>(region, <u32>size, 4);
  store<u32>(region, 0, 8);
  return region;
}

export function deallocate(region: usize): void {}

const dataOf = (region: usize): usize => <usize>load<u32>(region);
const lengthOf = (region: usize): i32 => load<i32>(region, 8);

/** A region with the bytes of an ASCII text. */
function textRegion(text: string): usize {
  const region = allocate(text.length);
  for (let i = 0; i < text.length; i++) store<u8>(dataOf(region) + i, <u8>text.charCodeAt(i));
  store<u32>(region, text.length, 8);
  return region;
}

function fail(message: string): void {
  abort_with(textRegion(message));
  unreachable();
}

let start: usize = 0;
let end: usize = 0;

/** Finds the string that follows `"name":` and leaves it between `start` and `end`. */
function findString(region: usize, name: string): void {
  const data = dataOf(region);
  const last = lengthOf(region) - name.length - 4;
  for (let at = 0; at < last; at++) {
    if (load<u8>(data + at) != 0x22) continue;
    let same = 0;
    while (same < name.length && load<u8>(data + at + 1 + same) == <u8>name.charCodeAt(same)) same++;
    if (same < name.length || load<u8>(data + at + 1 + same) != 0x22) continue;
    start = data + at + name.length + 4;
    end = start;
    while (load<u8>(end) != 0x22) end++;
    return;
  }
  fail("a field is missing");
}

/** The storage key of the string between `start` and `end`: length, "balance", address. */
function balanceKey(): usize {
  const prefix = "\0\x07balance";
  const length = end - start;
  const region = allocate(prefix.length + length);
  for (let i = 0; i < prefix.length; i++) store<u8>(dataOf(region) + i, <u8>prefix.charCodeAt(i));
  memory.copy(dataOf(region) + prefix.length, start, length);
  store<u32>(region, <u32>(prefix.length + length), 8);
  return region;
}

function parseDecimal(): u64 {
  let value: u64 = 0;
  for (let at = start; at < end; at++) {
    const digit = load<u8>(at) - 0x30;
    if (digit > 9) fail("not a decimal");
    value = value * 10 + digit;
  }
  return value;
}

function readBalance(key: usize): u64 {
  const region = db_read(key);
  if (region == 0) return 0;
  start = dataOf(region) + 1;
  end = dataOf(region) + lengthOf(region) - 1;
  return parseDecimal();
}

function writeBalance(key: usize, value: u64): void {
  const region = allocate(22);
  let at = dataOf(region) + 22;
  store<u8>(--at, 0x22);
  do {
    store<u8>(--at, <u8>(value % 10) + 0x30);
    value /= 10;
  } while (value > 0);
  store<u8>(--at, 0x22);
  store<u32>(region, <u32>(dataOf(region) + 22 - at), 8);
  store<u32>(region, <u32>at);
  db_write(key, region);
}

/** `{"transfer":{"recipient":…,"amount":…}}` from the sender in `info`. */
export function execute(env: usize, info: usize, message: usize): usize {
  findString(info, "sender");
  const source = balanceKey();
  findString(message, "recipient");
  const target = balanceKey();
  findString(message, "amount");
  const amount = parseDecimal();
  const have = readBalance(source);
  if (have < amount) fail("insufficient");
  writeBalance(source, have - amount);
  writeBalance(target, readBalance(target) + amount);
  const answer = textRegion(
    '{"ok":{"messages":[],"attributes":[{"key":"action","value":"transfer"}],"events":[],"data":null}}',
  );
  isAnswered = true;
  return answer;
}
