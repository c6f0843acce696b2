"""Phases of an entry and the end of a sub-call (docs/machine.md 5), and the judge itself (7).
A phase gives the next one, or (phase, resume), or None: then it is the usual one, unless the run goes on."""
import struct
from formats import (DEPLOY, HEAD, MESSAGE, RECEIPT, REVERT, SKIPPED, SUCCESS, TRAP, contract_address, digest,
                     refuse, sender_of, transaction_hash, wasm_length)
from host import DEPLOYMENT, EMPTY, REFUSED, clear_data, execute_host
from machine import (CODES, HALTED, PHASE, RECORD, RUN, STACK, STUCK, TRAPS, Header, Opening, Proof, Rejected,
                     Stuck, Trap)
from primitives import PAGES, ZERO, big, bytes_hash, keccak, signers, u
from trie import CODE, LOCK, PREPARE_RULES, STORAGE, SYSTEM, commitment_of, path_of
from words import HOST, execute, fetch

CALLING, PREPARING, FIRST_CALL = range(3)  # stages
COPIES = ("message.outbox root", "world.outbox root"), ("message.outbox count", "world.outbox count")

def _skip(m, code):  # *skip(c)*
    m.renew("transaction", hash=m["transaction.hash"], outcome=SKIPPED, code=code)
    m.renew("entry")
    return 16
def _is_message(m): return m["transaction.kind"] == MESSAGE
def _fee(m): return 16 if _is_message(m) else 14
def _lock(m): return path_of(SYSTEM, m["frame.self"], LOCK)
def _input(m, stage):  # What a frame at the top says of its input, a part of the transaction's.
    whole, wasm = m["entry.input length"], m["entry.Wasm length"]
    start, length = ((0, whole), (4, wasm), (4 + wasm, whole - 4 - wasm))[stage]
    part = dict(input_start=start, input_length=length, input_tree_length=whole)
    return dict(part, input_root=m["entry.input root"])
def _go_to_prepare(m):
    m.renew("frame", self=u(1, 20), caller=m["transaction.sender"], call_depth=1, **_input(m, PREPARING))
    return 4
def next_entry(m):  # 1: reads the next entry.
    index = m["block.entry index"]
    if index == m["block.transaction count"]: return m.header.set(HALTED)
    length, data, rest_root = m.entry(index)
    m["transaction.hash"] = transaction_hash(length, data, rest_root)
    head = HEAD.read(data) if length >= HEAD.size else None
    wasm = head and wasm_length(head, length, rest_root, m.first_u32)
    if wasm is None: return _skip(m, 1)
    if head.environment != m["block.environment id"]: return _skip(m, 2)
    sender, is_deploy = sender_of(head), head.kind == DEPLOY
    to = contract_address(head.environment, sender, head.nonce) if is_deploy else head.to
    m.renew("transaction", hash=m["transaction.hash"], sender=sender, recipient=to, value=head.value,
            nonce=head.nonce, gas_limit=head.gas_limit, price=head.price, kind=head.kind)
    m.renew("entry", input_root=head.input_root, input_length=head.input_length, Wasm_length=wasm)
def signature(m):  # 2: the signature, or whether a message is of the inbox.
    head = HEAD.read(m.head())
    if not _is_message(m):  # leaf 7 says whose it is, not the key of the head
        addresses = [keccak(key)[12:] for key in signers(digest(head), head.signature)]
        return None if m["transaction.sender"] in addresses else _skip(m, 3)
    m.touch_record(9, 10, 11)
    if m["block.entry index"] >= m["terms.inbox count"]: return _skip(m, 3)
    m.renew("message", source_environment=head.key[:32])
def sender(m):  # 3: the other checks, nonce and fee; the frame.
    address, value, is_message = m["transaction.sender"], m["transaction.value"], _is_message(m)
    limit, price = m["transaction.gas limit"], m["transaction.price"]
    is_deploy = m["transaction.kind"] == DEPLOY
    intrinsic = m["terms.intrinsic transaction"] + is_deploy * m["terms.intrinsic deploy"]
    intrinsic += m["terms.intrinsic transactionLeaf"] * -(-m["entry.input length"] // 128)
    path, found = (None, None) if is_message else m.account(address)
    if not is_message and m["transaction.nonce"] != found.nonce: return _skip(m, 4)
    if limit > m["terms.gas per transaction"]: return _skip(m, 5)
    if limit > m["terms.gas per block"] - m["block.gas used"]: return _skip(m, 6)
    if intrinsic > limit: return _skip(m, 7)
    if not is_message:
        if found.balance < limit * price + value: return _skip(m, 8)
        is_free = not is_deploy or m["terms.deployers hash"] == ZERO
        if not is_free and address not in m.deployers(): return _skip(m, 9)
        if price < m["terms.price minimum"]: return _skip(m, 10)
        m.set_account(path, found._replace(nonce=found.nonce + 1, balance=found.balance - limit * price))
        m.renew("message")
    for copy, original in COPIES: m[copy] = m[original]
    m["entry.checkpoint"], m.header.gas = m["world.state root"], limit - intrinsic
    m.fill("world", events_hash=ZERO, event_count=0)
    clear_data(m)
    stage = m["transaction.stage"] = PREPARING if is_deploy else CALLING
    own = m["transaction.recipient"]
    m.renew("frame", self=own, caller=address, value=value, call_depth=1, **_input(m, stage))
    if is_deploy and not value: return _go_to_prepare(m)
    return 6 if value and not is_message else 7
def rules(m): m.update(path_of(STORAGE, u(1, 20), PREPARE_RULES), m["rules.prepare rules"])  # 4
def debit(m):  # 6: the caller pays the value.
    if m["frame.value"] and not m.credit(m["frame.caller"], -m["frame.value"]): return 11, REFUSED
def target(m):  # 7: own takes the value; whether there is code.
    at_top, is_message = m.at_top(), m.at_top() and _is_message(m)
    is_prepare = at_top and m["transaction.stage"] == PREPARING
    if is_message or is_prepare: m.touch_record(8)
    own, value = m["frame.self"], m["frame.value"]
    found = m.credit(own, value) if value else m.account(own)[1]
    if is_message: m["entry.checkpoint"] = m["world.state root"]
    if is_prepare: return _go_to_prepare(m)
    if found.code == ZERO: return _fee(m) if at_top else (11, SUCCESS)
    m["entered.code hash"] = found.code
def lock(m):  # 8: own is locked.
    if m.open(_lock(m), "commitment") and not m.at_top(): return 11, REFUSED
    m.set(_lock(m), commitment_of(b"\x01"))
def entered(m):  # 5: what the trie of entered code becomes.
    m.tries = "entered.root", "entered.next root"
    m.update(m["entered.code hash"], commitment_of(b"\x01"))
def code(m):  # 9: the frame starts from the code record (docs/formats.md 9).
    record, h, at_top = m.open(path_of(SYSTEM, m["frame.self"], CODE), "code"), m.header, m.at_top()
    refuse(record is None, Stuck)
    pages = big(record[171:175])
    size = 5 + -(-big(record[3:7]) // 1024) if m["entered.next root"] != m["entered.root"] else 0
    if not at_top and m["frame.pages below"] + pages > 1024 or size > m["entered.left"]:
        m["entered.next root"] = m["entered.root"]
        return 11, 0x100 + TRAPS["code_full"] if at_top else REFUSED
    m.fill("entered", root=m["entered.next root"], left=m["entered.left"] - size)
    h.roots[:RECORD] = record[43:75], record[75:107], PAGES.zero(12), record[107:139], record[139:171]
    h.pc, h.sp, h.fp, h.pages, h.depth = big(record[187:191]), 1, 0, pages, 65536 if at_top else h.depth
    h.set(RUN)
def success(m):  # 10: the frame came to its end.
    is_prepare = m.at_top() and m["transaction.stage"] == PREPARING
    if not is_prepare: m.update(_lock(m), None)
    if not m.at_top(): return 11, SUCCESS
    m.header.leave_regions()
    return 12 if is_prepare else _fee(m)
def leave(m):  # 11: revert or trap at the top, any end of a sub-call.
    end, is_trap = m.header.resume, m.header.resume != REVERT
    if not m.at_top(): return _return(m, end)
    refuse(is_trap and end < 0x100, Stuck)  # before the record is touched
    m.touch_record(0, 7, 8, 11)
    m.fill("transaction", outcome=TRAP if is_trap else REVERT, code=end - 0x100 if is_trap else 0)
    for copy, original in COPIES: m[original] = m[copy]
    m.fill("world", state_root=m["entry.checkpoint"], events_hash=ZERO, event_count=0)
    if is_trap: m.write(RECORD, 256, EMPTY)
    m.header.leave_regions()
    return _fee(m)
def _return(m, end):  # **Return**: the suspended caller goes on.
    refuse(end not in (SUCCESS, REVERT, REFUSED) and end < 0x100, Stuck)
    world, entered = m.read(RECORD, 0, 128) if end == SUCCESS else b"", m.read(RECORD, 13 * 128, 128)
    given = m.read(RECORD, 256, 36) if end in (SUCCESS, REVERT) else EMPTY
    data = m.reader.take(256)
    refuse(keccak(data) != m.header.parent, Rejected("SUSPENDED"))
    caller, leaves = Header(data), [0, 2, 13] if end == SUCCESS else [2, 13]
    refuse(not caller.is_well_formed() or (caller.status, caller.phase) != (RUN, 2), Stuck)
    record = Opening(m.reader, PAGES, 4, leaves, caller.roots[RECORD], "SUSPENDED")
    refuse(caller.sp >= 65536, Stuck)
    stack = Opening(m.reader, PAGES, 12, [caller.sp // 16], caller.roots[STACK], "SUSPENDED")
    m.commit()
    record.write(0, world)
    record.write(13 * 128, entered)
    record.write(256 + 36, given)
    stack.write(8 * caller.sp, struct.pack("<Q", 2 if end >= 0x100 else end))
    caller.roots[RECORD], caller.roots[STACK] = record.root(), stack.root()
    caller.gas += m.header.gas if end < 0x100 else 0
    caller.sp, caller.pc, m.header = caller.sp + 1, caller.pc + 1, caller
    caller.set(RUN)
def record_account(m): m.change_account(m["transaction.recipient"], code=keccak(m.output()))  # 12
def record(m):  # 13: the code record; the first call of a deployment.
    value, own = m.output(), m["transaction.recipient"]
    m.update(path_of(SYSTEM, own, CODE), commitment_of(value))
    m["entered.code hash"] = keccak(value)
    m["transaction.stage"] = FIRST_CALL
    m.fill("frame", self=own, value=m["transaction.value"], flags=DEPLOYMENT, **_input(m, FIRST_CALL))
    clear_data(m)
def _pay(m, who, gas):
    refuse(not 0 <= gas < 2**64, Stuck)
    m.credit(m[who], gas * m["transaction.price"])
def refund(m): _pay(m, "transaction.sender", m.header.gas)  # 14: unused gas goes back.
def producer(m): _pay(m, "terms.producer", m["transaction.gas limit"] - m.header.gas)  # 15: the fee.
def receipt(m):  # 16: the receipt.
    outcome, is_deploy = m["transaction.outcome"], m["transaction.kind"] == DEPLOY
    gas_used = m["transaction.gas limit"] - m.header.gas  # a skip has neither
    output = keccak(u(m["data.output length"], 4) + m["data.output root"])
    if outcome > REVERT: output = bytes_hash(b"")
    elif is_deploy and outcome == SUCCESS: output = bytes_hash(m["transaction.recipient"])
    events = ZERO if outcome == SKIPPED else m["world.events hash"]
    what = RECEIPT.write(1, m["transaction.hash"], outcome, m["transaction.code"], gas_used, output, events)
    m.append("block.receipts root", m["block.entry index"], keccak(what), 20, "RECEIPTS")
    m["block.gas used"] += gas_used
    m["block.entry index"] += 1
    m.header.gas = 0
# Phase -> (what it does, the usual next one, leaves of the record that it touches before anything else).
PHASES = {
    1: (next_entry, 2, 7, 8, 9), 2: (signature, 3, 7, 8), 3: (sender, None, 0, 1, 2, 7, 8, 9, 10, 11),
    4: (rules, 9, 0, 12), 5: (entered, 9, 13), 6: (debit, 7, 0, 1), 7: (target, 8, 0, 1, 13),
    8: (lock, 5, 0, 1), 9: (code, None, 0, 1, 13), 10: (success, None), 11: (leave, None),
    12: (record_account, 13, 0, 2, 7), 13: (record, 8, 0, 1, 2, 7, 8, 13), 14: (refund, 15, 0, 7),
    15: (producer, 16, 0, 7, 10), 16: (receipt, 1, 0, 2, 7, 9)}
def step(m):  # One step (sections 3 to 5), which changes the machine.
    h = m.header
    if h.status == PHASE:
        refuse(h.phase not in PHASES, Stuck)
        run, usual, *leaves = PHASES[h.phase]
        m.touch_record(*leaves)
        then = run(m) or usual
        if m.header is h and h.status == PHASE: h.goto(*(then if isinstance(then, tuple) else (then,)))
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
    for region in m.regions.values(): refuse(region.touched != set(region.leaves), Rejected("LEAF_UNUSED"))
    m.reader.end()
    return keccak(m.header.bytes())
def judge(pre_hash, proof):  # verify of section 7: (post hash, None), or (None, code) of what is refused.
    try: return _judge(pre_hash, proof), None
    except Rejected as rejected: return None, CODES[str(rejected)]
