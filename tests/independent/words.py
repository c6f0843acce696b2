"""The words of the machine (docs/program.md section 1, docs/machine.md section 3)."""

import struct

from proof import CODE, GLOBALS, MEMORY, STACK, TABLE, Stuck

HOST = 0x211
OUT_OF_GAS, DEPTH, WASM = 1, 2, 3
NULL = b"\xff" * 8


class Trap(Exception):
    """trap(code): nothing of the step stands but that."""


def signed(value, bits):
    value %= 1 << bits
    return value - (1 << bits) if value >> bits - 1 else value


# --- numbers ------------------------------------------------------------------------------------------------


def _divide(a, b, bits, is_signed, remainder):
    if b == 0:
        raise Trap(WASM)
    if is_signed:
        a, b = signed(a, bits), signed(b, bits)
    quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    if is_signed and not remainder and quotient == 1 << bits - 1:
        raise Trap(WASM)
    return a - quotient * b if remainder else quotient


def _numeric(bits):
    """The operations of one width, in the order of their opcodes: comparisons, then the others."""

    def rotate(a, by):
        return (a << by % bits | a >> -by % bits) if by % bits else a

    def compare(test):
        return lambda a, b: test(signed(a, bits), signed(b, bits)), test

    comparisons = [lambda a: a == 0, lambda a, b: a == b, lambda a, b: a != b]
    for test in (int.__lt__, int.__gt__, int.__le__, int.__ge__):
        comparisons += compare(test)
    others = [
        lambda a: bits - a.bit_length(), lambda a: (a & -a).bit_length() - 1 if a else bits, lambda a: bin(a).count("1"),
        int.__add__, int.__sub__, int.__mul__,
        lambda a, b: _divide(a, b, bits, True, False), lambda a, b: _divide(a, b, bits, False, False),
        lambda a, b: _divide(a, b, bits, True, True), lambda a, b: _divide(a, b, bits, False, True),
        int.__and__, int.__or__, int.__xor__,
        lambda a, b: a << b % bits, lambda a, b: signed(a, bits) >> b % bits, lambda a, b: a >> b % bits,
        rotate, lambda a, b: rotate(a, -b),
    ]
    return comparisons, others


def _extend(bits):
    return lambda a: signed(a, bits)


# Opcode -> (bits of the operands, bits of the result, function); the number of operands is the function's.
NUMERIC = {}
for _bits, _first, _second in ((32, 0x45, 0x67), (64, 0x50, 0x79)):
    _comparisons, _others = _numeric(_bits)
    NUMERIC.update((_first + i, (_bits, 32, f)) for i, f in enumerate(_comparisons))
    NUMERIC.update((_second + i, (_bits, _bits, f)) for i, f in enumerate(_others))
NUMERIC.update({0xA7: (64, 32, int), 0xAC: (32, 64, _extend(32)), 0xAD: (32, 64, int)})
NUMERIC.update({0xC0: (32, 32, _extend(8)), 0xC1: (32, 32, _extend(16))})
NUMERIC.update({0xC2: (64, 64, _extend(8)), 0xC3: (64, 64, _extend(16)), 0xC4: (64, 64, _extend(32))})
UNARY = {0x45, 0x50, 0x67, 0x68, 0x69, 0x79, 0x7A, 0x7B, 0xA7, 0xAC, 0xAD, 0xC0, 0xC1, 0xC2, 0xC3, 0xC4}

# Opcode -> (bytes, signed, bits of the result) and opcode -> bytes.
LOADS = {0x28: (4, False, 32), 0x29: (8, False, 64), 0x2C: (1, True, 32), 0x2D: (1, False, 32), 0x2E: (2, True, 32)}
LOADS.update({0x2F: (2, False, 32), 0x30: (1, True, 64), 0x31: (1, False, 64), 0x32: (2, True, 64)})
LOADS.update({0x33: (2, False, 64), 0x34: (4, True, 64), 0x35: (4, False, 64)})
STORES = {0x36: 4, 0x37: 8, 0x3A: 1, 0x3B: 2, 0x3C: 1, 0x3D: 2, 0x3E: 4}
BRANCHES = 0x0B, 0x0C, 0x0D, 0x0F
CONTROL = {0x00, 0x04, 0x05, 0x0E, 0x10, 0x11, 0x1A, 0x1B, 0x20, 0x21, 0x22, 0x23, 0x24, 0x3F, 0x40, 0x41, 0x42}
OWN = {0x10A, 0x10B, 0x200, 0x201, 0x202, 0x203, 0x204, 0x210, HOST}
OPCODES = CONTROL | OWN | set(BRANCHES) | set(NUMERIC) | set(LOADS) | set(STORES)


def fetch(m):
    """The word at pc, if it exists."""
    op, a, b, imm = struct.unpack("<HHIQ", m.read(CODE, 16 * m.header.pc, 16))
    if op in BRANCHES:
        bounded = a <= 1 and imm <= 65536
    elif op == 0x204:
        bounded = b >= 1 and imm < 2**32
    else:
        bounded = op == 0x42 or a < 8192 and imm < 2**32
    if op not in OPCODES or not bounded:
        raise Stuck
    return op, a, b, imm


def _pop(m, bits=32):
    m.header.sp -= 1
    return m.slot(m.header.sp) % (1 << bits)


def _push(m, value, bits=32):
    m.set_slot(m.header.sp, value % (1 << bits))
    m.header.sp += 1


def _branch(m, arity, target, height):
    h = m.header
    if arity:
        m.set_slot(h.fp + height, m.slot(h.sp - 1))
    h.sp, h.pc = h.fp + height + arity, target


def _call(m, params, target):
    h = m.header
    m.set_slot(h.sp, h.pc + 1 | h.fp << 32)
    h.fp, h.sp, h.pc = h.sp - params, h.sp + 1, target


def _end(m, arity, params, weight):
    h = m.header
    link = m.slot(h.fp + params)
    if arity:
        m.set_slot(h.fp, m.slot(h.sp - 1))
    h.depth, h.sp = h.depth + weight, h.fp + arity
    if link % 2**32 == 0:
        h.goto(10)
    else:
        h.pc, h.fp = link % 2**32, link >> 32


def _charge(m, cost, is_checked):
    m.header.gas = signed(m.header.gas - cost, 64)
    if is_checked and m.header.gas < 0:
        raise Trap(OUT_OF_GAS)


def _check_memory(m, at, size):
    if at + size > m.header.pages * 65536:
        raise Trap(WASM)


def _bulk(m, op):
    """memory.copy and memory.fill: one leaf of the destination."""
    h = m.header
    d, source, n = (m.slot(h.sp - 3 + i) % 2**32 for i in range(3))
    for at in (d, source) if op == 0x10A else (d,):
        _check_memory(m, at, n)
    backwards = op == 0x10A and d > source
    k = min(n, (d + n - 1) % 128 + 1 if backwards else 128 - d % 128)
    skip = n - k if backwards else 0
    m.write(MEMORY, d + skip, m.read(MEMORY, source + skip, k) if op == 0x10A else bytes([source % 256]) * k)
    if n == k:
        h.sp, h.pc = h.sp - 3, h.pc + 1
        return
    if not backwards:
        d, source = d + k, source + k if op == 0x10A else source
    for i, value in enumerate((d, source, n - k)):
        m.set_slot(h.sp - 3 + i, value)


def execute(m, op, a, b, imm):
    """One word that is no host call."""
    h = m.header
    if op in NUMERIC:
        bits, result, function = NUMERIC[op]
        operands = [_pop(m, bits) for _ in range(1 if op in UNARY else 2)][::-1]
        _push(m, function(*operands), result)
    elif op in LOADS:
        size, is_signed, bits = LOADS[op]
        at = _pop(m) + imm
        _check_memory(m, at, size)
        value = int.from_bytes(m.read(MEMORY, at, size), "little")
        _push(m, signed(value, 8 * size) if is_signed else value, bits)
    elif op in STORES:
        value, at = _pop(m, 64), _pop(m) + imm
        _check_memory(m, at, STORES[op])
        m.write(MEMORY, at, value.to_bytes(8, "little")[: STORES[op]])
    elif op == 0x00:
        raise Trap(WASM)
    elif op in (0x04, 0x05):
        h.pc = b if op == 0x05 or _pop(m) == 0 else h.pc + 1
        return
    elif op == 0x0B:
        return _end(m, a, b, imm)
    elif op in BRANCHES:
        if op != 0x0D or _pop(m):
            return _branch(m, a, b, imm)
    elif op == 0x0E:
        h.pc = b + min(_pop(m), imm)
        return
    elif op == 0x10:
        return _call(m, a, b)
    elif op == 0x11:
        index = _pop(m)
        m.touch(STACK, 8 * h.sp, 8)
        entry = m.read(TABLE, 8 * index, 8) if index < imm else NULL
        if entry == NULL or entry[4:] != struct.pack("<I", b):
            raise Trap(WASM)
        return _call(m, a, int.from_bytes(entry[:4], "little"))
    elif op == 0x1A:
        h.sp -= 1
    elif op == 0x1B:
        condition, second, first = _pop(m), _pop(m, 64), _pop(m, 64)
        _push(m, first if condition else second, 64)
    elif op == 0x20:
        _push(m, m.slot(h.fp + a), 64)
    elif op in (0x21, 0x22):
        m.set_slot(h.fp + a, m.slot(h.sp - 1))
        h.sp -= op == 0x21
    elif op == 0x23:
        _push(m, int.from_bytes(m.read(GLOBALS, 8 * a, 8), "little"), 64)
    elif op == 0x24:
        m.write(GLOBALS, 8 * a, _pop(m, 64).to_bytes(8, "little"))
    elif op == 0x3F:
        _push(m, h.pages)
    elif op == 0x40:
        pages, more = h.pages, _pop(m)
        h.pages = pages + more if pages + more <= b else pages
        _push(m, pages if pages + more <= b else -1)
    elif op in (0x41, 0x42):
        _push(m, imm, 64)
    elif op in (0x10A, 0x10B):
        return _bulk(m, op)
    elif op in (0x200, 0x201):
        _charge(m, imm, op == 0x201)
    elif op == 0x202:
        shift = imm % 64
        _charge(m, ((m.slot(h.fp + a) % 2**32 + (1 << shift) - 1) >> shift) * b, True)
    elif op == 0x203:
        if h.depth < b:
            raise Trap(DEPTH)
        h.depth -= b
    elif op == 0x204:
        k = min(b - h.resume, 16 - h.sp % 16)
        if k < 0:
            raise Stuck
        m.write(STACK, 8 * h.sp, bytes(8 * k))
        h.sp, h.resume = h.sp + k, h.resume + k
        if h.resume < b:
            return
        h.resume = 0
    elif op == 0x210:
        h.pc = b
        return
    h.pc += 1
