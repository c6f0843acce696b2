"""Phases of an entry and the end of a sub-call (docs/machine.md section 5), and the judge itself (section 7)."""

import struct

from codec import (
    DEPLOY, HEAD, REVERT, SKIPPED, SUCCESS, TRAP, address_of, contract_address, hash_of_parts, head_decodes,
    is_signed, read_head, receipt,
)
from host import DEPLOYMENT, EMPTY, EMPTY_DATA, REFUSED, execute_host
from primitives import PAGES, ZERO, big, bytes_hash, bytes_root, keccak, u
from proof import (
    CODES, HALTED, PHASE, RECORD, RUN, STACK, STUCK, Header, Machine, Opening, Rejected, Stuck, list_path_root,
)
from state import ACCOUNT, CODE, LOCK, SYSTEM, account_bytes, commitment_of, path_of, read_account
from words import HOST, Trap, execute, fetch

PREPARE = bytes(19) + b"\x01"
RECORD_BYTES = 235
PROOF_BYTES_MAX = 9216


def _skip(m, code):
    m.put(7, 0, m.get(7, 0, 32) + bytes(82) + bytes([SKIPPED, 0]) + u(code, 2) + bytes(10))
    m.put(8, 0, bytes(128))
    m.header.goto(16)


def _account(m, address):
    opening = m.path(path_of(ACCOUNT, address), "account")
    return opening, read_account(opening.value or bytes(64))


def _set_account(m, opening, account):
    if account.balance >> 128 or account.nonce >> 64:
        raise Stuck
    value = account_bytes(account)
    m.set(opening, commitment_of(value)) if value else m.delete(opening)


def _credit(m, address, amount):
    opening, found = _account(m, address)
    _set_account(m, opening, found._replace(balance=found.balance + amount))


def _lock(m):
    return m.path(path_of(SYSTEM, m.get(1, 0, 20), LOCK), "commitment")


def _frame(m, own, caller, value, start, length):
    """A frame at the top; its input is a part of the transaction's."""
    whole = m.get_number(8, 32, 4)
    parts = own, caller, u(value, 16), m.get(8, 0, 32), u(start, 4), u(length, 4), u(whole, 4), u(1, 4)
    m.put(1, 0, b"".join(parts) + bytes(24))


def _prepare_frame(m):
    _frame(m, PREPARE, m.get(7, 32, 20), 0, 4, m.get_number(8, 36, 4))


def next_(m):
    """1: reads the next entry."""
    index = m.get_number(9, 100, 4)
    if index == m.get_number(9, 96, 4):
        m.header.status, m.header.phase, m.header.resume = HALTED, 0, 0
        return
    read = m.reader
    length = read.number(4)
    data, rest_root = read.take(min(HEAD, length)), read.take(32)
    root_with, transaction = list_path_root(read, index), hash_of_parts(length, data, rest_root)
    if root_with(transaction) != m.get(9, 32, 32):
        raise Rejected("ENTRY")
    m.put(7, 0, transaction)
    head = read_head(data) if length >= HEAD else None
    if not head or not head_decodes(head, length, rest_root):
        return _skip(m, 1)
    wasm_length = 0
    if head.kind == DEPLOY:
        if head.input_length < 4:
            return _skip(m, 1)
        opening = Opening(read, PAGES, PAGES.depth_of(head.input_length), [0]).check(rest_root, "DATA_ROOT")
        wasm_length = big(opening.read(0, 4))
        if 4 + wasm_length > head.input_length:
            return _skip(m, 1)
    if head.environment != m.get(9, 0, 32):
        return _skip(m, 2)
    sender = address_of(head.key)
    to = contract_address(head.environment, sender, head.nonce) if head.kind == DEPLOY else head.to
    numbers = u(head.value, 16) + u(head.nonce, 8) + u(head.gas_limit, 8) + u(head.price, 8) + u(head.kind, 1)
    m.put(7, 32, sender + to + numbers + bytes(15))
    m.put(8, 0, head.input_root + u(head.input_length, 4) + u(wasm_length, 4) + bytes(88))
    return m.header.goto(2)


def signature(m):
    """2: the signature."""
    data = m.reader.take(HEAD)
    if hash_of_parts(HEAD + m.get_number(8, 32, 4), data, m.get(8, 0, 32)) != m.get(7, 0, 32):
        raise Rejected("ENTRY")
    head = read_head(data)
    if address_of(head.key) != m.get(7, 32, 20) or not is_signed(head):
        return _skip(m, 3)
    return m.header.goto(3)


def _is_deployer(m, sender):
    if m.get(10, 32, 32) == ZERO:
        return True
    listed = [m.reader.take(20) for _ in range(m.reader.number(1))]
    if keccak(b"".join(listed)) != m.get(10, 32, 32):
        raise Rejected("DEPLOYERS")
    return sender in listed


def sender(m):
    """3: the other checks, nonce and fee; the frame."""
    number = m.get_number
    address, to, value, nonce = m.get(7, 32, 20), m.get(7, 52, 20), number(7, 72, 16), number(7, 88, 8)
    gas_limit, price, is_deploy = number(7, 96, 8), number(7, 104, 8), number(7, 112, 1) == DEPLOY
    length = number(8, 32, 4)
    intrinsic = number(10, 80, 4) + number(10, 84, 4) * -(-length // 128) + is_deploy * number(10, 88, 4)
    opening, found = _account(m, address)
    checks = (
        (4, lambda: nonce != found.nonce),
        (5, lambda: gas_limit > number(10, 64, 8)),
        (6, lambda: gas_limit > number(10, 72, 8) - number(9, 120, 8)),
        (7, lambda: intrinsic > gas_limit),
        (8, lambda: found.balance < gas_limit * price + value),
        (9, lambda: is_deploy and not _is_deployer(m, address)),
        (10, lambda: price < number(10, 96, 8)),
    )
    for code, failed in checks:
        if failed():
            return _skip(m, code)
    _set_account(m, opening, found._replace(nonce=nonce + 1, balance=found.balance - gas_limit * price))
    m.put(8, 40, m.get(0, 0, 32))
    m.put(0, 32, ZERO)
    m.put(0, 96, 0, 4)
    m.header.gas = gas_limit - intrinsic
    m.put(2, 0, EMPTY_DATA)
    m.put(7, 113, is_deploy, 1)
    _frame(m, to, address, value, 4 * is_deploy, number(8, 36, 4) if is_deploy else length)
    if is_deploy and not value:
        _prepare_frame(m)
    return m.header.goto(6 if value else 8 if is_deploy else 7)


def debit(m):
    """6: the caller pays the value."""
    value = m.get_number(1, 40, 16)
    if value:
        opening, found = _account(m, m.get(1, 20, 20))
        if found.balance < value:
            return m.header.goto(11, REFUSED)
        _set_account(m, opening, found._replace(balance=found.balance - value))
    return m.header.goto(7)


def target(m):
    """7: own takes the value; whether there is code."""
    value = m.get_number(1, 40, 16)
    opening, found = _account(m, m.get(1, 0, 20))
    if value:
        _set_account(m, opening, found._replace(balance=found.balance + value))
    if m.at_top() and m.get_number(7, 113, 1) == 1:
        m.touch_record(8)
        _prepare_frame(m)
    elif found.code == ZERO:
        return m.header.goto(14) if m.at_top() else m.header.goto(11, SUCCESS)
    return m.header.goto(8)


def lock(m):
    """8: own is locked."""
    opening = _lock(m)
    if opening.value and not m.at_top():
        return m.header.goto(11, REFUSED)
    m.set(opening, commitment_of(b"\x01"))
    return m.header.goto(9)


def code(m):
    """9: the frame starts from the code record (docs/formats.md section 9)."""
    record = m.path(path_of(SYSTEM, m.get(1, 0, 20), CODE), "code").value
    if record is None:
        raise Stuck
    pages, entry_pc = big(record[171:175]), big(record[187:191])
    h = m.header
    if not m.at_top() and m.get_number(1, 104, 4) + pages > 1024:
        return h.goto(11, REFUSED)
    h.roots[:RECORD] = record[43:75], record[75:107], PAGES.zero(12), record[107:139], record[139:171]
    h.pc, h.sp, h.fp, h.pages = entry_pc, 1, 0, pages
    h.depth = 65536 if m.at_top() else h.depth
    h.status, h.phase, h.resume = RUN, 0, 0
    return None


def success(m):
    """10: the frame came to its end."""
    m.delete(_lock(m))
    if not m.at_top():
        return m.header.goto(11, SUCCESS)
    m.header.leave_regions()
    return m.header.goto(12 if m.get_number(7, 113, 1) == 1 else 14)


def leave(m):
    """11: revert or trap at the top, any end of a sub-call."""
    h, end = m.header, m.header.resume
    if not m.at_top():
        return _return(m, end)
    if end != REVERT and end < 0x100:
        raise Stuck
    m.put(7, 114, REVERT if end == REVERT else TRAP, 1)
    m.put(7, 116, 0 if end == REVERT else end - 0x100, 2)
    m.put(0, 0, m.get(8, 40, 32))
    m.put(0, 32, ZERO)
    m.put(0, 96, 0, 4)
    if end != REVERT:
        m.put(2, 0, EMPTY)
    h.leave_regions()
    return h.goto(14)


def _return(m, end):
    """The suspended caller goes on."""
    if not (end in (SUCCESS, REVERT, REFUSED) or end >= 0x100):
        raise Stuck
    world = m.get(0, 0, 128) if end == SUCCESS else None
    given = m.get(2, 0, 36) if end in (SUCCESS, REVERT) else EMPTY
    data = m.reader.take(256)
    if keccak(data) != m.header.parent:
        raise Rejected("SUSPENDED")
    caller = Header(data)
    if not caller.is_well_formed() or (caller.status, caller.phase) != (RUN, 2) or caller.sp >= 65536:
        raise Stuck
    leaves = [0, 2] if end == SUCCESS else [2]
    record = Opening(m.reader, PAGES, 4, leaves).check(caller.roots[RECORD], "SUSPENDED")
    stack = Opening(m.reader, PAGES, 12, [caller.sp // 16]).check(caller.roots[STACK], "SUSPENDED")
    m.commit()
    if world:
        record.write(0, world)
    record.write(256 + 36, given)
    stack.write(8 * caller.sp, struct.pack("<Q", 2 if end >= 0x100 else end))
    caller.roots[RECORD], caller.roots[STACK] = record.root(), stack.root()
    caller.gas += m.header.gas if end < 0x100 else 0
    caller.sp, caller.pc, caller.phase, caller.resume = caller.sp + 1, caller.pc + 1, 0, 0
    m.header = caller


def _output(m):
    """The code record that prepare gave, opened from the frame's output."""
    if m.get_number(2, 32, 4) != RECORD_BYTES:
        raise Stuck
    record = m.reader.take(RECORD_BYTES)
    if bytes_root(record) != m.get(2, 0, 32):
        raise Rejected("DATA_ROOT")
    return record


def record_account(m):
    """12: the new account names its code."""
    record = _output(m)
    opening, found = _account(m, m.get(7, 52, 20))
    _set_account(m, opening, found._replace(code=keccak(record)))
    m.header.goto(13)


def record(m):
    """13: the code record; the first call of a deployment."""
    value, own = _output(m), m.get(7, 52, 20)
    m.set(m.path(path_of(SYSTEM, own, CODE), "commitment"), commitment_of(value))
    m.put(7, 113, 2, 1)
    start, whole = 4 + m.get_number(8, 36, 4), m.get_number(8, 32, 4)
    m.put(1, 0, own)
    m.put(1, 40, m.get(7, 72, 16) + m.get(8, 0, 32) + u(start, 4) + u(whole - start, 4) + u(whole, 4))
    m.put(1, 108, DEPLOYMENT, 4)
    m.put(2, 0, EMPTY_DATA)
    m.header.goto(8)


def refund(m):
    """14: unused gas goes back."""
    _credit(m, m.get(7, 32, 20), m.header.gas * m.get_number(7, 104, 8))
    m.header.goto(15)


def producer(m):
    """15: the producer takes the fee."""
    _credit(m, m.get(10, 0, 20), (m.get_number(7, 96, 8) - m.header.gas) * m.get_number(7, 104, 8))
    m.header.goto(16)


def receipt_(m):
    """16: the receipt."""
    outcome, kind, index = m.get_number(7, 114, 1), m.get_number(7, 112, 1), m.get_number(9, 100, 4)
    gas_used = (m.get_number(7, 96, 8) - m.header.gas) % 2**64  # a skip has neither
    if outcome in (TRAP, SKIPPED):
        output = bytes_hash(b"")
    elif kind == DEPLOY and outcome == SUCCESS:
        output = bytes_hash(m.get(7, 52, 20))
    else:
        output = keccak(m.get(2, 32, 4) + m.get(2, 0, 32))
    events = ZERO if outcome == SKIPPED else m.get(0, 32, 32)
    leaf = keccak(receipt(m.get(7, 0, 32), outcome, m.get_number(7, 116, 2), gas_used, output, events))
    root_with = list_path_root(m.reader, index)
    if root_with(ZERO) != m.get(9, 64, 32):
        raise Rejected("RECEIPTS")
    m.put(9, 64, root_with(leaf))
    m.put(9, 120, (m.get_number(9, 120, 8) + gas_used) % 2**64, 8)
    m.put(9, 100, index + 1, 4)
    m.header.gas = 0
    m.header.goto(1)


# Phase -> (what it does, leaves of the host record that it touches, those beside them at the top).
PHASES = {
    1: (next_, (7, 8, 9), ()), 2: (signature, (7, 8), ()), 3: (sender, (0, 1, 2, 7, 8, 9, 10), ()),
    6: (debit, (0, 1), ()), 7: (target, (0, 1), (7,)), 8: (lock, (0, 1), ()), 9: (code, (0, 1), ()),
    10: (success, (0, 1), (7,)), 11: (leave, (), (0, 7, 8)), 12: (record_account, (0, 2, 7), ()),
    13: (record, (0, 1, 2, 7, 8), ()), 14: (refund, (0, 7), ()), 15: (producer, (0, 7, 10), ()),
    16: (receipt_, (0, 2, 7, 9), ()),
}


def _step(m):
    """One step, which changes the machine."""
    h = m.header
    if h.status in (HALTED, STUCK):
        return
    if h.status == PHASE:
        if h.phase not in PHASES:
            raise Stuck
        run, leaves, at_top = PHASES[h.phase]
        m.touch_record(*leaves, *(at_top if m.at_top() else ()))
        run(m)
        return
    op, a, b, imm = fetch(m)
    if op == HOST:
        execute_host(m, a)
    elif h.phase:
        raise Stuck
    else:
        execute(m, op, a, b, imm)


def _judge(pre_hash, proof):
    if len(proof) > PROOF_BYTES_MAX:
        raise Rejected("TRAILING")
    m = Machine(pre_hash, proof)
    try:
        _step(m)
        m.commit()
        if not m.header.is_well_formed():
            raise Stuck
    except Stuck:
        m.header = m.before
        m.header.status, m.header.phase, m.header.resume = STUCK, 0, 0
    except Trap as trap:
        m.header = m.before
        m.header.gas = 0
        m.header.goto(11, 0x100 + trap.args[0])
    if any(region.touched != set(region.opening.leaves) for region in m.regions.values()):
        raise Rejected("LEAF_UNUSED")
    if m.reader.left():
        raise Rejected("TRAILING")
    return keccak(m.header.bytes())


def judge(pre_hash, proof):
    """(post hash, None), or (None, code) of a proof that is refused."""
    try:
        return _judge(pre_hash, proof), None
    except Rejected as rejected:
        return None, 1 + CODES.index(rejected.args[0])
