"""Phases of an entry and the end of a sub-call (docs/machine.md 5), and the judge itself (7)."""

import struct

from formats import (
    DEPLOY, HEAD, MESSAGE, REVERT, SKIPPED, SUCCESS, TRAP, contract_address, is_signed, read_head,
    receipt, sender_of, transaction_hash, wasm_length,
)
from host import DEPLOYMENT, EMPTY, EMPTY_DATA, REFUSED, execute_host, frame
from machine import (
    CODES, HALTED, PHASE, RECORD, RUN, STACK, STUCK, TRAPS, Header, Opening, Proof, Rejected, Stuck, Trap,
)
from primitives import PAGES, ZERO, big, bytes_hash, keccak, u
from trie import CODE, LOCK, SYSTEM, commitment_of, path_of
from words import HOST, execute, fetch

PREPARE = u(1, 20)
CALLING, PREPARING, FIRST_CALL = range(3)  # stages

def _skip(m, code):
    m.put(7, m["transaction.hash"] + bytes(82) + u(SKIPPED, 1) + bytes(1) + u(code, 2) + bytes(10))
    m.put(8, bytes(128))
    m.header.goto(16)

def _is_message(m):
    return m["transaction.kind"] == MESSAGE

def _fee(m):
    """*fee*: nobody pays for a message."""
    m.header.goto(16 if _is_message(m) else 14)

def _prepare_frame(m):
    """*prepare*"""
    m.put(1, frame(PREPARE, m["transaction.sender"], 0, m["entry.input root"], 4, m["entry.Wasm length"],
                   m["entry.input length"]))

def next_(m):
    """1: reads the next entry."""
    index = m["block.entry index"]
    if index == m["block.transaction count"]:
        return m.header.set(HALTED)
    length, data, rest_root = m.entry(index)
    m["transaction.hash"] = transaction_hash(length, data, rest_root)
    head = read_head(data) if length >= HEAD else None
    wasm = head and wasm_length(head, length, rest_root, m.first_u32)
    if wasm is None:
        return _skip(m, 1)
    if head.environment != m["block.environment id"]:
        return _skip(m, 2)
    sender, to = sender_of(head), head.to
    if head.kind == DEPLOY:
        to = contract_address(head.environment, sender, head.nonce)
    numbers = u(head.nonce, 8) + u(head.gas_limit, 8) + u(head.price, 8) + u(head.kind, 1)
    m.put(7, m["transaction.hash"] + sender + to + u(head.value, 16) + numbers + bytes(15))
    m.put(8, head.input_root + u(head.input_length, 4) + u(wasm, 4) + bytes(88))
    m.header.goto(2)

def signature(m):
    """2: the signature, or whether a message is of the inbox."""
    head = read_head(m.head())
    if _is_message(m):
        m.touch_record(9, 10, 11)
        if m["block.entry index"] >= m["terms.inbox count"]:
            return _skip(m, 3)
        m.put(11, head.key[:32] + bytes(96))
    elif sender_of(head) != m["transaction.sender"] or not is_signed(head):
        return _skip(m, 3)
    m.header.goto(3)

def sender(m):
    """3: the other checks, nonce and fee; the frame."""
    address, value, is_message = m["transaction.sender"], m["transaction.value"], _is_message(m)
    limit, price = m["transaction.gas limit"], m["transaction.price"]
    is_deploy, length = m["transaction.kind"] == DEPLOY, m["entry.input length"]
    intrinsic = m["terms.intrinsic transaction"] + is_deploy * m["terms.intrinsic deploy"]
    intrinsic += m["terms.intrinsic transactionLeaf"] * -(-length // 128)
    if not is_message:
        path, found = m.account(address)
    checks = (
        (4, lambda: not is_message and m["transaction.nonce"] != found.nonce),
        (5, lambda: limit > m["terms.gas per transaction"]),
        (6, lambda: limit > m["terms.gas per block"] - m["block.gas used"]),
        (7, lambda: intrinsic > limit),
        (8, lambda: not is_message and found.balance < limit * price + value),
        (9, lambda: is_deploy and m["terms.deployers hash"] != ZERO and address not in m.deployers()),
        (10, lambda: not is_message and price < m["terms.price minimum"]),
    )
    for code, failed in checks:
        if failed():
            return _skip(m, code)
    if not is_message:
        m.set_account(path, found._replace(nonce=found.nonce + 1, balance=found.balance - limit * price))
        m["message.source environment"] = ZERO
    m["message.outbox root"], m["message.outbox count"] = m["world.outbox root"], m["world.outbox count"]
    m["entry.checkpoint"] = m["world.state root"]
    m["world.events hash"], m["world.event count"] = ZERO, 0
    m.header.gas = limit - intrinsic
    m.put(2, EMPTY_DATA)
    m["transaction.stage"] = PREPARING if is_deploy else CALLING
    start, input_length = (4, m["entry.Wasm length"]) if is_deploy else (0, length)
    m.put(1, frame(m["transaction.recipient"], address, value, m["entry.input root"], start, input_length,
                   length))
    if is_deploy and not value:
        _prepare_frame(m)
    m.header.goto(7 if is_message else 6 if value else 8 if is_deploy else 7)

def debit(m):
    """6: the caller pays the value."""
    value = m["frame.value"]
    if value:
        path, found = m.account(m["frame.caller"])
        if found.balance < value:
            return m.header.goto(11, REFUSED)
        m.set_account(path, found._replace(balance=found.balance - value))
    m.header.goto(7)

def target(m):
    """7: own takes the value; whether there is code."""
    path, found = m.account(m["frame.self"])
    if m["frame.value"]:
        m.set_account(path, found._replace(balance=found.balance + m["frame.value"]))
    if m.at_top() and _is_message(m):
        m["entry.checkpoint"] = m["world.state root"]
    if m.at_top() and m["transaction.stage"] == PREPARING:
        m.touch_record(8)
        _prepare_frame(m)
    elif found.code == ZERO:
        return _fee(m) if m.at_top() else m.header.goto(11, SUCCESS)
    m.header.goto(8)

def lock(m):
    """8: own is locked."""
    path = path_of(SYSTEM, m["frame.self"], LOCK)
    if m.open(path, "commitment") and not m.at_top():
        return m.header.goto(11, REFUSED)
    m.set(path, commitment_of(b"\x01"))
    m.header.goto(9)

def code(m):
    """9: the frame starts from the code record (docs/formats.md 9)."""
    record, h = m.open(path_of(SYSTEM, m["frame.self"], CODE), "code"), m.header
    if record is None:
        raise Stuck
    pages = big(record[171:175])
    if not m.at_top() and m["frame.pages below"] + pages > 1024:
        return h.goto(11, REFUSED)
    h.roots[:RECORD] = record[43:75], record[75:107], PAGES.zero(12), record[107:139], record[139:171]
    h.pc, h.sp, h.fp, h.pages = big(record[187:191]), 1, 0, pages
    h.depth = 65536 if m.at_top() else h.depth
    h.set(RUN)

def success(m):
    """10: the frame came to its end."""
    m.update(path_of(SYSTEM, m["frame.self"], LOCK), None)
    if not m.at_top():
        return m.header.goto(11, SUCCESS)
    m.header.leave_regions()
    return m.header.goto(12) if m["transaction.stage"] == PREPARING else _fee(m)

def leave(m):
    """11: revert or trap at the top, any end of a sub-call."""
    end = m.header.resume
    if not m.at_top():
        return _return(m, end)
    if end != REVERT and end < 0x100:
        raise Stuck
    m["transaction.outcome"] = REVERT if end == REVERT else TRAP
    m["transaction.code"] = 0 if end == REVERT else end - 0x100
    m["world.state root"] = m["entry.checkpoint"]
    m["world.outbox root"], m["world.outbox count"] = m["message.outbox root"], m["message.outbox count"]
    m["world.events hash"], m["world.event count"] = ZERO, 0
    if end != REVERT:
        m.put(2, EMPTY)
    m.header.leave_regions()
    _fee(m)

def _return(m, end):
    """**Return**: the suspended caller goes on."""
    if end not in (SUCCESS, REVERT, REFUSED) and end < 0x100:
        raise Stuck
    world = m.read(RECORD, 0, 128) if end == SUCCESS else None
    given = m.read(RECORD, 256, 36) if end in (SUCCESS, REVERT) else EMPTY
    data = m.reader.take(256)
    if keccak(data) != m.header.parent:
        raise Rejected("SUSPENDED")
    caller = Header(data)
    if not caller.is_well_formed() or (caller.status, caller.phase) != (RUN, 2) or caller.sp >= 65536:
        raise Stuck
    leaves = [0, 2] if end == SUCCESS else [2]
    record = Opening(m.reader, PAGES, 4, leaves, caller.roots[RECORD], "SUSPENDED")
    stack = Opening(m.reader, PAGES, 12, [caller.sp // 16], caller.roots[STACK], "SUSPENDED")
    m.commit()
    if world:
        record.write(0, world)
    record.write(256 + 36, given)
    stack.write(8 * caller.sp, struct.pack("<Q", 2 if end >= 0x100 else end))
    caller.roots[RECORD], caller.roots[STACK] = record.root(), stack.root()
    caller.gas += m.header.gas if end < 0x100 else 0
    caller.sp, caller.pc = caller.sp + 1, caller.pc + 1
    caller.set(RUN)
    m.header = caller

def record_account(m):
    """12: the new account names its code."""
    record = m.output()
    path, found = m.account(m["transaction.recipient"])
    m.set_account(path, found._replace(code=keccak(record)))
    m.header.goto(13)

def record(m):
    """13: the code record; the first call of a deployment."""
    value, own = m.output(), m["transaction.recipient"]
    m.update(path_of(SYSTEM, own, CODE), commitment_of(value))
    m["transaction.stage"] = FIRST_CALL
    start, whole = 4 + m["entry.Wasm length"], m["entry.input length"]
    m["frame.self"], m["frame.value"], m["frame.flags"] = own, m["transaction.value"], DEPLOYMENT
    m["frame.input root"], m["frame.input tree length"] = m["entry.input root"], whole
    m["frame.input start"], m["frame.input length"] = start, whole - start
    m.put(2, EMPTY_DATA)
    m.header.goto(8)

def refund(m):
    """14: unused gas goes back."""
    m.credit(m["transaction.sender"], m.header.gas * m["transaction.price"])
    m.header.goto(15)

def producer(m):
    """15: the producer takes the fee."""
    used = m["transaction.gas limit"] - m.header.gas
    m.credit(m["terms.producer"], used * m["transaction.price"])
    m.header.goto(16)

def receipt_(m):
    """16: the receipt."""
    outcome = m["transaction.outcome"]
    gas_used = (m["transaction.gas limit"] - m.header.gas) % 2**64  # a skip has neither
    output = keccak(u(m["data.output length"], 4) + m["data.output root"])
    if outcome in (TRAP, SKIPPED):
        output = bytes_hash(b"")
    elif m["transaction.kind"] == DEPLOY and outcome == SUCCESS:
        output = bytes_hash(m["transaction.recipient"])
    events = ZERO if outcome == SKIPPED else m["world.events hash"]
    what = m["transaction.hash"], outcome, m["transaction.code"], gas_used, output, events
    m.append("block.receipts root", m["block.entry index"], keccak(receipt(*what)), 20, "RECEIPTS")
    m["block.gas used"] = (m["block.gas used"] + gas_used) % 2**64
    m["block.entry index"] += 1
    m.header.gas = 0
    m.header.goto(1)

# Phase -> (what it does, leaves of the record that it touches, those beside them at the top).
PHASES = {
    1: (next_, (7, 8, 9), ()), 2: (signature, (7, 8), ()), 3: (sender, (0, 1, 2, 7, 8, 9, 10, 11), ()),
    6: (debit, (0, 1), ()), 7: (target, (0, 1), (7,)), 8: (lock, (0, 1), ()), 9: (code, (0, 1), ()),
    10: (success, (0, 1), (7,)), 11: (leave, (), (0, 7, 8, 11)), 12: (record_account, (0, 2, 7), ()),
    13: (record, (0, 1, 2, 7, 8), ()), 14: (refund, (0, 7), ()), 15: (producer, (0, 7, 10), ()),
    16: (receipt_, (0, 2, 7, 9), ()),
}

def step(m):
    """One step, which changes the machine."""
    h = m.header
    if h.status == PHASE:
        if h.phase not in PHASES:
            raise Stuck
        run, leaves, at_top = PHASES[h.phase]
        m.touch_record(*leaves, *(at_top if m.at_top() else ()))
        run(m)
    elif h.status == RUN:
        op, a, b, imm = fetch(m)
        if op == HOST:
            execute_host(m, a)
        elif h.phase:
            raise Stuck
        else:
            execute(m, op, a, b, imm)

def _judge(pre_hash, proof):
    if len(proof) > 9216:
        raise Rejected("TRAILING")
    m = Proof(pre_hash, proof)
    try:
        step(m)
        m.commit()
        if not m.header.is_well_formed():
            raise Stuck
    except Stuck:
        m.header = m.before
        m.header.set(STUCK)
    except Trap as trap:
        m.header = m.before
        m.header.gas = 0
        m.header.goto(11, 0x100 + TRAPS[str(trap)])
    if any(region.touched != set(region.leaves) for region in m.regions.values()):
        raise Rejected("LEAF_UNUSED")
    m.reader.end()
    return keccak(m.header.bytes())

def judge(pre_hash, proof):
    """(post hash, None), or (None, code) of a proof that is refused."""
    try:
        return _judge(pre_hash, proof), None
    except Rejected as rejected:
        return None, CODES[str(rejected)]
