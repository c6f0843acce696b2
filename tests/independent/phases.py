"""Phases of an entry and the end of a sub-call (docs/machine.md 5), and the judge itself (7).
A phase gives the next one, or (phase, resume), or None where it has set the header itself."""
import struct

from formats import (
    DEPLOY, HEAD, MESSAGE, REVERT, SKIPPED, SUCCESS, TRAP, contract_address, is_signed, read_head, receipt,
    refuse, sender_of, transaction_hash, wasm_length)
from host import DEPLOYMENT, EMPTY, EMPTY_DATA, REFUSED, execute_host, frame
from machine import (
    CODES, HALTED, PHASE, RECORD, RUN, STACK, STUCK, TRAPS, Header, Opening, Proof, Rejected, Stuck, Trap)
from primitives import PAGES, ZERO, big, bytes_hash, keccak, u
from trie import CODE, LOCK, SYSTEM, commitment_of, path_of
from words import HOST, execute, fetch

CALLING, PREPARING, FIRST_CALL = range(3)  # stages
COPIES = ("message.outbox root", "world.outbox root"), ("message.outbox count", "world.outbox count")

def _skip(m, code):  # *skip(c)*
    m.put(7, m["transaction.hash"] + bytes(82) + u(SKIPPED, 1) + bytes(1) + u(code, 2) + bytes(10))
    m.put(8, bytes(128))
    return 16
def _is_message(m): return m["transaction.kind"] == MESSAGE
def _fee(m): return 16 if _is_message(m) else 14
def _lock(m): return path_of(SYSTEM, m["frame.self"], LOCK)

def _new_frame(m, stage):
    """A frame at the top: its input is a part of the transaction's (section 2)."""
    whole, wasm, is_prepare = m["entry.input length"], m["entry.Wasm length"], stage == PREPARING
    own, value = (u(1, 20), 0) if is_prepare else (m["transaction.recipient"], m["transaction.value"])
    start, length = (4, wasm) if m["transaction.kind"] == DEPLOY else (0, whole)
    m.put(1, frame(own, m["transaction.sender"], value, m["entry.input root"], start, length, whole))
def next_(m):  # 1: reads the next entry.
    index = m["block.entry index"]
    if index == m["block.transaction count"]: return m.header.set(HALTED)
    length, data, rest_root = m.entry(index)
    m["transaction.hash"] = transaction_hash(length, data, rest_root)
    head = read_head(data) if length >= HEAD else None
    wasm = head and wasm_length(head, length, rest_root, m.first_u32)
    if wasm is None: return _skip(m, 1)
    if head.environment != m["block.environment id"]: return _skip(m, 2)
    sender, is_deploy = sender_of(head), head.kind == DEPLOY
    to = contract_address(head.environment, sender, head.nonce) if is_deploy else head.to
    numbers = u(head.nonce, 8) + u(head.gas_limit, 8) + u(head.price, 8) + u(head.kind, 1)
    m.put(7, m["transaction.hash"] + sender + to + u(head.value, 16) + numbers + bytes(15))
    m.put(8, head.input_root + u(head.input_length, 4) + u(wasm, 4) + bytes(88))
    return 2
def signature(m):  # 2: the signature, or whether a message is of the inbox.
    head = read_head(m.head())
    if not _is_message(m):
        return 3 if is_signed(head, m["transaction.sender"]) else _skip(m, 3)
    m.touch_record(9, 10, 11)
    if m["block.entry index"] >= m["terms.inbox count"]: return _skip(m, 3)
    m.put(11, head.key[:32] + bytes(96))
    return 3
def sender(m):  # 3: the other checks, nonce and fee; the frame.
    address, value, is_message = m["transaction.sender"], m["transaction.value"], _is_message(m)
    limit, price = m["transaction.gas limit"], m["transaction.price"]
    is_deploy, used = m["transaction.kind"] == DEPLOY, m["block.gas used"]
    intrinsic = m["terms.intrinsic transaction"] + is_deploy * m["terms.intrinsic deploy"]
    intrinsic += m["terms.intrinsic transactionLeaf"] * -(-m["entry.input length"] // 128)
    path, found = (None, None) if is_message else m.account(address)
    checks = (
        (4, lambda: not is_message and m["transaction.nonce"] != found.nonce),
        (5, lambda: limit > m["terms.gas per transaction"]),
        (6, lambda: limit > m["terms.gas per block"] - used),
        (7, lambda: intrinsic > limit),
        (8, lambda: not is_message and found.balance < limit * price + value),
        (9, lambda: is_deploy and m["terms.deployers hash"] != ZERO and address not in m.deployers()),
        (10, lambda: not is_message and price < m["terms.price minimum"]))
    for code, failed in checks:
        if failed(): return _skip(m, code)
    if not is_message:
        m.set_account(path, found._replace(nonce=found.nonce + 1, balance=found.balance - limit * price))
        m["message.source environment"] = ZERO
    for copy, original in COPIES: m[copy] = m[original]
    m["entry.checkpoint"] = m["world.state root"]
    m["world.events hash"], m["world.event count"], m.header.gas = ZERO, 0, limit - intrinsic
    m.put(2, EMPTY_DATA)
    m["transaction.stage"] = PREPARING if is_deploy else CALLING
    _new_frame(m, PREPARING if is_deploy and not value else CALLING)
    return 7 if is_message else 6 if value else 8 if is_deploy else 7
def debit(m):  # 6: the caller pays the value.
    value = m["frame.value"]
    if value:
        path, found = m.account(m["frame.caller"])
        if found.balance < value: return 11, REFUSED
        m.set_account(path, found._replace(balance=found.balance - value))
    return 7
def target(m):  # 7: own takes the value; whether there is code.
    value, at_top = m["frame.value"], m.at_top()
    if at_top and (_is_message(m) or m["transaction.stage"] == PREPARING): m.touch_record(8)
    path, found = m.account(m["frame.self"])
    if value: m.set_account(path, found._replace(balance=found.balance + value))
    if at_top and _is_message(m): m["entry.checkpoint"] = m["world.state root"]
    if at_top and m["transaction.stage"] == PREPARING:
        _new_frame(m, PREPARING)
    elif found.code == ZERO: return _fee(m) if at_top else (11, SUCCESS)
    return 8
def lock(m):  # 8: own is locked.
    if m.open(_lock(m), "commitment") and not m.at_top(): return 11, REFUSED
    m.set(_lock(m), commitment_of(b"\x01"))
    return 9
def code(m):  # 9: the frame starts from the code record (docs/formats.md 9).
    record, h, at_top = m.open(path_of(SYSTEM, m["frame.self"], CODE), "code"), m.header, m.at_top()
    refuse(record is None, Stuck)
    pages = big(record[171:175])
    if not at_top and m["frame.pages below"] + pages > 1024: return 11, REFUSED
    h.roots[:RECORD] = record[43:75], record[75:107], PAGES.zero(12), record[107:139], record[139:171]
    h.pc, h.sp, h.fp, h.pages, h.depth = big(record[187:191]), 1, 0, pages, 65536 if at_top else h.depth
    return h.set(RUN)
def success(m):  # 10: the frame came to its end.
    m.update(_lock(m), None)
    if not m.at_top(): return 11, SUCCESS
    m.header.leave_regions()
    return 12 if m["transaction.stage"] == PREPARING else _fee(m)
def leave(m):  # 11: revert or trap at the top, any end of a sub-call.
    end = m.header.resume
    if not m.at_top(): return _return(m, end)
    refuse(end != REVERT and end < 0x100, Stuck)  # before the record is touched
    m.touch_record(0, 7, 8, 11)
    m["transaction.outcome"] = REVERT if end == REVERT else TRAP
    m["transaction.code"] = 0 if end == REVERT else end - 0x100
    for copy, original in COPIES: m[original] = m[copy]
    m["world.state root"], m["world.events hash"] = m["entry.checkpoint"], ZERO
    m["world.event count"] = 0
    if end != REVERT: m.put(2, EMPTY)
    m.header.leave_regions()
    return _fee(m)
def _return(m, end):  # **Return**: the suspended caller goes on.
    refuse(end not in (SUCCESS, REVERT, REFUSED) and end < 0x100, Stuck)
    world = m.read(RECORD, 0, 128) if end == SUCCESS else b""
    given = m.read(RECORD, 256, 36) if end in (SUCCESS, REVERT) else EMPTY
    data = m.reader.take(256)
    refuse(keccak(data) != m.header.parent, Rejected("SUSPENDED"))
    caller, leaves = Header(data), [0, 2] if end == SUCCESS else [2]
    is_suspended = caller.is_well_formed() and (caller.status, caller.phase) == (RUN, 2)
    refuse(not is_suspended, Stuck)
    record = Opening(m.reader, PAGES, 4, leaves, caller.roots[RECORD], "SUSPENDED")
    refuse(caller.sp >= 65536, Stuck)
    stack = Opening(m.reader, PAGES, 12, [caller.sp // 16], caller.roots[STACK], "SUSPENDED")
    m.commit()
    record.write(0, world)
    record.write(256 + 36, given)
    stack.write(8 * caller.sp, struct.pack("<Q", 2 if end >= 0x100 else end))
    caller.roots[RECORD], caller.roots[STACK] = record.root(), stack.root()
    caller.gas += m.header.gas if end < 0x100 else 0
    caller.sp, caller.pc, m.header = caller.sp + 1, caller.pc + 1, caller
    return caller.set(RUN)
def record_account(m):  # 12: the new account names its code.
    record, (path, found) = m.output(), m.account(m["transaction.recipient"])
    m.set_account(path, found._replace(code=keccak(record)))
    return 13
def record(m):  # 13: the code record; the first call of a deployment.
    value, own = m.output(), m["transaction.recipient"]
    m.update(path_of(SYSTEM, own, CODE), commitment_of(value))
    m["transaction.stage"] = FIRST_CALL
    start, whole = 4 + m["entry.Wasm length"], m["entry.input length"]
    m["frame.self"], m["frame.value"], m["frame.flags"] = own, m["transaction.value"], DEPLOYMENT
    m["frame.input root"], m["frame.input tree length"] = m["entry.input root"], whole
    m["frame.input start"], m["frame.input length"] = start, whole - start
    m.put(2, EMPTY_DATA)
    return 8
def _pay(m, who, gas):
    refuse(not 0 <= gas < 2**64, Stuck)
    m.credit(m[who], gas * m["transaction.price"])
def refund(m):  # 14: unused gas goes back.
    _pay(m, "transaction.sender", m.header.gas)
    return 15
def producer(m):  # 15: the producer takes the fee.
    _pay(m, "terms.producer", m["transaction.gas limit"] - m.header.gas)
    return 16
def receipt_(m):  # 16: the receipt.
    outcome, kind = m["transaction.outcome"], m["transaction.kind"]
    gas_used = m["transaction.gas limit"] - m.header.gas  # a skip has neither
    output = keccak(u(m["data.output length"], 4) + m["data.output root"])
    if outcome in (TRAP, SKIPPED): output = bytes_hash(b"")
    elif kind == DEPLOY and outcome == SUCCESS: output = bytes_hash(m["transaction.recipient"])
    events = ZERO if outcome == SKIPPED else m["world.events hash"]
    what = m["transaction.hash"], outcome, m["transaction.code"], gas_used, output, events
    m.append("block.receipts root", m["block.entry index"], keccak(receipt(*what)), 20, "RECEIPTS")
    m["block.gas used"] += gas_used
    m["block.entry index"] += 1
    m.header.gas = 0
    return 1

# Phase -> (what it does, leaves of the record that it touches, those beside them at the top).
PHASES = {
    1: (next_, (7, 8, 9), ()), 2: (signature, (7, 8), ()), 3: (sender, (0, 1, 2, 7, 8, 9, 10, 11), ()),
    6: (debit, (0, 1), ()), 7: (target, (0, 1), (7,)), 8: (lock, (0, 1), ()), 9: (code, (0, 1), ()),
    10: (success, (0, 1), (7,)), 11: (leave, (), ()), 12: (record_account, (0, 2, 7), ()),
    13: (record, (0, 1, 2, 7, 8), ()), 14: (refund, (0, 7), ()), 15: (producer, (0, 7, 10), ()),
    16: (receipt_, (0, 2, 7, 9), ())}
def step(m):  # One step (sections 3 to 5), which changes the machine.
    h = m.header
    if h.status == PHASE:
        refuse(h.phase not in PHASES, Stuck)
        run, leaves, at_top = PHASES[h.phase]
        m.touch_record(*leaves, *(at_top if m.at_top() else ()))
        then = run(m)
        if then: h.goto(*(then if isinstance(then, tuple) else (then,)))
    elif h.status == RUN:
        op, a, b, imm = fetch(m)
        refuse(op != HOST and h.phase, Stuck)
        return execute_host(m, a) if op == HOST else execute(m, op, a, b, imm)
def _judge(pre_hash, proof):
    refuse(len(proof) > 9216, Rejected("TRAILING"))
    m = Proof(pre_hash, proof)
    try:
        step(m)
        m.commit()
        refuse(not m.header.is_well_formed(), Stuck)
    except Stuck:
        m.header = m.before
        m.header.set(STUCK)
    except Trap as trap:
        m.header, m.before.gas = m.before, 0
        m.header.goto(11, 0x100 + TRAPS[str(trap)])
    is_unused = any(region.touched != set(region.leaves) for region in m.regions.values())
    refuse(is_unused, Rejected("LEAF_UNUSED"))
    m.reader.end()
    return keccak(m.header.bytes())
def judge(pre_hash, proof):
    """verify of section 7: (post hash, None), or (None, code) of a proof that is refused."""
    try:
        return _judge(pre_hash, proof), None
    except Rejected as rejected:
        return None, CODES[str(rejected)]
