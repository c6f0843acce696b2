"""The words of the machine (docs/program.md 1, docs/machine.md 3, from where their operands are read)."""
import re
import struct
from formats import document, refuse
from machine import CODE, GLOBALS, MEMORY, STACK, TABLE, Stuck, Trap

HOST, NULL = 0x211, 2**64 - 1
ROWS = document("machine.md", r"^\| (0x\w+) \| ([\w.]+) \| \w+ \| ?(.*?) ?→ ?([^|]*)\|")
# Opcode -> (name, widths of the operands, widths of the results).
ROWS = {int(op, 16): (name, *([32 if kind == "i32" else 64 for kind in kinds.split()] for kinds in both))
        for op, name, *both in ROWS}
def fetch(m):  # The word at pc, if it exists (machine.md 3).
    op, a, b, imm = struct.unpack("<HHIQ", m.read(CODE, 16 * m.header.pc, 16))
    name = ROWS[op][0] if op in ROWS else ""
    bounded = name == "i64.const" or imm < 2**32 and (a < 8192 if name != "locals" else b >= 1)
    if name in ("br", "br_if", "return", "end"): bounded = a <= 1 and imm <= 65536
    refuse(not name or not bounded, Stuck)
    return op, a, b, imm
def signed(value, bits): return (value + (1 << bits - 1)) % (1 << bits) - (1 << bits - 1)
def fail_if(condition, trap="wasm"): refuse(condition, Trap(trap))
def check_memory(m, at, size): fail_if(at + size > m.header.pages * 65536)
def quotient(a, b):  # Towards zero.
    fail_if(b == 0)
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
def divide(n, a, b):
    fail_if(quotient(a, b) == 1 << n - 1 and a < 0)
    return quotient(a, b)
# Integer operations, of the width n; operands are signed where the word's name ends with _s.
OPERATIONS = {
    "eqz": lambda n, a: a == 0, "eq": lambda n, a, b: a == b, "ne": lambda n, a, b: a != b,
    "lt": lambda n, a, b: a < b, "gt": lambda n, a, b: a > b,
    "le": lambda n, a, b: a <= b, "ge": lambda n, a, b: a >= b,
    "clz": lambda n, a: n - a.bit_length(), "popcnt": lambda n, a: bin(a).count("1"),
    "ctz": lambda n, a: (a & -a).bit_length() - 1 if a else n,
    "add": lambda n, a, b: a + b, "sub": lambda n, a, b: a - b, "mul": lambda n, a, b: a * b,
    "div": divide, "rem": lambda n, a, b: a - quotient(a, b) * b,
    "and": lambda n, a, b: a & b, "or": lambda n, a, b: a | b, "xor": lambda n, a, b: a ^ b,
    "shl": lambda n, a, b: a << b % n, "shr": lambda n, a, b: a >> b % n,
    "rotl": lambda n, a, b: a << b % n | a >> n - b % n,
    "rotr": lambda n, a, b: a >> b % n | a << n - b % n,
    "wrap": lambda n, a: a, "extend": lambda n, a: a}
NAME = re.compile(r"i(\d+)\.([a-z]+)(\d*)_?(?:i(\d+))?_?([su]?)")
def typed(m, name, imm, operands):  # An integer operation, a load or a store: what it is stands in its name.
    width, operation, size, other, sign = NAME.fullmatch(name).groups()
    read = int(size or other or width)
    if operation in ("load", "store"):
        at, size = operands[0] + imm, read // 8
        check_memory(m, at, size)
        if operation == "store": return m.write(MEMORY, at, operands[1].to_bytes(8, "little")[:size])
        operands, operation = [int.from_bytes(m.memory(at, size), "little")], "wrap"
    if sign == "s": operands = [signed(operand, read) for operand in operands]
    return OPERATIONS[operation](int(width), *operands)
def jump(m, pc): m.header.pc = pc
def branch(m, arity, target, height):
    h = m.header
    if arity: m.set_slots(h.fp + height, m.slot(h.sp - 1))
    h.sp, h.pc = h.fp + height + arity, target
def call(m, params, target, _=0):
    h = m.header
    m.set_slots(h.sp, h.pc | h.fp << 32)
    h.fp, h.sp, h.pc = h.sp - params, h.sp + 1, target
def call_indirect(m, params, type_, size, index):
    m.touch(STACK, 8 * m.header.sp, 8)
    entry = m.little(TABLE, index) if index < size else NULL
    fail_if(entry == NULL or entry >> 32 != type_)
    call(m, params, entry % 2**32)
def end(m, arity, params, weight):  # Back to the caller, or out of the frame where the link has pc 0.
    h, link = m.header, m.slot(m.header.fp + params)
    branch(m, arity, link % 2**32 or h.pc - 1, 0)
    h.depth += weight
    if link % 2**32: h.fp = link >> 32
    else: h.goto(10)
def grow(m, a, most, imm, more):
    before, fits = m.header.pages, m.header.pages + more <= most
    m.header.pages += more * fits
    return before if fits else -1
def move(m, d, source, n, is_copy):  # memory.copy and memory.fill: one leaf of the destination.
    h, backwards = m.header, is_copy and d > source
    for at in (d, source) if is_copy else (d,): check_memory(m, at, n)
    k = min(n, (d + n - 1) % 128 + 1 if backwards else 128 - d % 128)
    skip, ahead = (n - k, 0) if backwards else (0, k)
    m.write(MEMORY, d + skip, m.memory(source + skip, k) if is_copy else bytes([source % 256]) * k)
    if k == n: return
    m.set_slots(h.sp, d + ahead, source + ahead * is_copy, n - k)
    h.sp, h.pc = h.sp + 3, h.pc - 1
def charge(m, cost, is_checked=True):
    m.header.gas = signed(m.header.gas - cost, 64)
    fail_if(is_checked and m.header.gas < 0, "out_of_gas")
def charge_units(m, slot, cost, shift):
    charge(m, (m.slot(m.header.fp + slot, 32) + (1 << shift % 64) - 1 >> shift % 64) * cost)
def depth(m, a, weight, imm):
    fail_if(m.header.depth < weight, "depth")
    m.header.depth -= weight
def zero_locals(m, a, count, imm):  # The slots of one leaf of the stack.
    h = m.header
    k = min(count - h.resume, 16 - h.sp % 16)
    refuse(k < 0, Stuck)
    m.write(STACK, 8 * h.sp, bytes(8 * k))
    h.sp, h.resume = h.sp + k, h.resume + k
    h.pc, h.resume = (h.pc - 1, h.resume) if h.resume < count else (h.pc, 0)
# (machine, a, b, imm, operands) -> the result, if any; pc is already that of the next word.
WORDS = {
    "unreachable": lambda m, a, b, imm: fail_if(True), "end": end, "br": branch, "return": branch,
    "br_if": lambda m, a, b, imm, condition: branch(m, a, b, imm) if condition else None,
    "br_table": lambda m, a, b, imm, i: jump(m, b + min(i, imm)),
    "if": lambda m, a, b, imm, condition: None if condition else jump(m, b),
    "else": lambda m, a, b, imm: jump(m, b), "function": lambda m, a, b, imm: jump(m, b),
    "call": call, "call_indirect": call_indirect, "depth": depth, "locals": zero_locals,
    "drop": lambda m, a, b, imm: setattr(m.header, "sp", m.header.sp - 1),
    "select": lambda m, a, b, imm, first, second, condition: first if condition else second,
    "local.get": lambda m, a, b, imm: m.slot(m.header.fp + a),
    "local.set": lambda m, a, b, imm, value: m.set_slots(m.header.fp + a, value),
    "local.tee": lambda m, a, b, imm, value: m.set_slots(m.header.fp + a, value) or value,
    "global.get": lambda m, a, b, imm: m.little(GLOBALS, a),
    "global.set": lambda m, a, b, imm, value: m.set_slots(a, value, region=GLOBALS),
    "memory.size": lambda m, a, b, imm: m.header.pages, "memory.grow": grow,
    "memory.copy": lambda m, a, b, imm, d, source, n: move(m, d, source, n, True),
    "memory.fill": lambda m, a, b, imm, d, value, n: move(m, d, value, n, False),
    "i32.const": lambda m, a, b, imm: imm, "i64.const": lambda m, a, b, imm: imm,
    "charge": lambda m, a, b, imm: charge(m, imm, False), "charge_units": charge_units,
    "charge_check": lambda m, a, b, imm: charge(m, imm)}
def execute(m, op, a, b, imm):
    """One word that is no host call: pops its operands, right to left, and pushes its result."""
    h, (name, widths, results), operands = m.header, ROWS[op], []
    for width in reversed(widths):
        h.sp -= 1
        operands.insert(0, m.slot(h.sp, width))
    h.pc += 1
    result = WORDS[name](m, a, b, imm, *operands) if name in WORDS else typed(m, name, imm, operands)
    if not results: return
    m.set_slots(h.sp, result % 2 ** results[0])
    h.sp += 1
