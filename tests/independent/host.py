"""Host calls (docs/host-calls.md, docs/machine.md 4): a table of checks and stages.
A stage is a function of the machine and the arguments; before them the root, where it has gathered."""
import re

import trie
from formats import CONTEXT, MESSAGE, SENT, VALUE_MAX, document, event_link, refuse
from machine import MEMORY, RECORD, Opening, Stuck, Trap
from primitives import CHUNKS, PAGES, ZERO, big, keccak, recover, sha256, u

EMPTY = PAGES.zero(0) + u(0, 4)  # root and length of no bytes
DEPLOYMENT, READ_ONLY, TOP_LEVEL, OF_MESSAGE = 1, 2, 4, 8
REFUSED, ABSENT, TOPICS_MAX, EVENTS_MAX = 3, 2**32 - 1, 4, 1 << 16
UNFINISHED = object()  # what a stage gives that has another step to come, or has left its frame

# Checks: (what must hold, the trap where it does not).
def writable(m): return not m["frame.flags"] & READ_ONLY, "read_only"
def short(length, most=VALUE_MAX): return length <= most, "data_too_long"
def within(m, at, size): return at + size <= m.header.pages * 65536, "memory_bounds"
def trap_unless(*checks):
    for holds, trap in checks: refuse(not holds, Trap(trap))
def go_on(m, phase=1, resume=0):
    m.header.phase, m.header.resume = phase, resume
    return UNFINISHED
def aim(m, kind, address, key=ZERO):  # The path of step B.
    m["work.path"] = trie.path_of(kind, address, key)
    return go_on(m)
def clear_data(m): m.write(RECORD, 256, EMPTY + EMPTY + bytes(56))

def copying(tree, root, start, length, whole, is_open=""):
    """**Copies**: one leaf, from bytes [start, start + length) of a tree of `whole` bytes; names of fields."""
    def run(m, at, offset, n):
        trap_unless(within(m, at, n), (not is_open or m[is_open], "data_bounds"))
        trap_unless((offset + n <= m[length], "data_bounds"))
        k = min(n, 128 - at % 128)
        if k:
            begin, depth = m[start] + offset if start else offset, tree.depth_of(m[whole])
            leaves = range(begin // tree.leaf_size, (begin + k - 1) // tree.leaf_size + 1)
            refuse(leaves[-1] >> depth, Stuck)
            source = Opening(m.reader, tree, depth, leaves, m[root], "DATA_ROOT")
            m.write(MEMORY, at, source.read(begin, k))
        if k == n: return m[length]
        m.set_slots(m.header.fp, at + k, offset + k, n - k)
        return go_on(m, 0)
    return run

def gather(m, at, length, tree):  # **Gathers**: one unit; the root with the last one, else None.
    unit, units = m.header.resume, max(1, -(-length // 128))
    refuse(unit >= units, Stuck)
    data = m.memory(at + 128 * unit, min(128, length - 128 * unit))
    if units > 1: data = data.ljust(128, b"\0")
    node, below = tree.root_of(data), 2 if tree is CHUNKS else 0
    free = (unit ^ unit + 1).bit_length() - 1  # the first clear bit
    is_last = unit == units - 1
    for k in range((units - 1).bit_length() if is_last else free):
        is_right = unit >> k & 1
        refuse(is_right and k > 8, Stuck)
        sides = (m.read(RECORD, 512 + 32 * k, 32), node) if is_right else (node, tree.zero(k + below))
        node = tree.node(*sides)
    if is_last: return node
    refuse(free > 8, Stuck)
    m.write(RECORD, 512 + 32 * free, node)
    go_on(m, m.header.phase, unit + 1)
def output(m, root, _, length): m.fill("data", output_root=root, output_length=length)
def revert(m, *args):
    output(m, *args)
    return m.header.goto(11, 1) or UNFINISHED
def context(m, at):
    flags = m["frame.flags"] | TOP_LEVEL * (m["frame.call depth"] == 1)
    flags |= OF_MESSAGE * (m["transaction.kind"] == MESSAGE)
    names = ("frame.self", "frame.caller", "transaction.sender", "terms.producer", "block.environment id",
             "frame.value", "block.height", "block.time", "transaction.price", "transaction.nonce",
             "transaction.gas limit", "frame.input length")
    m.write(MEMORY, at, CONTEXT.write(*(m[name] for name in names), flags, m["message.source environment"]))
def aim_storage(m, key, *_): return aim(m, trie.STORAGE, m["frame.self"], m.memory(key, 32))
def aim_account(m, address, _): return aim(m, trie.ACCOUNT, m.memory(address, 20))
def aim_code(m, address): return aim(m, trie.SYSTEM, m.memory(address, 20), trie.CODE)
def aim_value(m, root, key, _, length):
    m["work.commitment"] = trie.commitment_of_root(root, length)
    return aim_storage(m, key)
def storage_open(m, _):
    value = m.open(m["work.path"], "open")
    root, length = (value[:32], big(value[32:])) if value else (bytes(32), 0)
    m.fill("data", opened_root=root, opened_length=length, opened=value is not None)
    return length if value else ABSENT
def account(m, _, at):
    found = trie.read_account(m.open(m["work.path"], "account"))
    m.write(MEMORY, at, u(found.balance, 16) + u(found.code != ZERO, 1) + bytes(15))
def emit(m, root, topics_at, count, _, length):
    refuse(count > TOPICS_MAX, Stuck)  # before the record is touched
    m.touch_record(0, 1)
    topics = m.memory(topics_at, 32 * count)
    m["world.events hash"] = event_link(m["world.events hash"], m["frame.self"], topics, length, root)
    m["world.event count"] += 1
def enter(m, flags):
    if not flags: return
    m.touch_record(0)
    m.update(trie.path_of(trie.SYSTEM, m["frame.self"], trie.LOCK), None)
    m["frame.flags"] |= flags & READ_ONLY
def hashing(function):
    return lambda m, at, length, out: m.write(MEMORY, out, function(m.memory(at, length)))
def secp256k1_recover(m, digest, signature, out):
    key = recover(m.memory(digest, 32), m.memory(signature, 65)) or b""
    m.write(MEMORY, out, key)
    return key != b""
def aim_message(m, root, request, _, length):
    m.write(RECORD, 3 * 128, m.memory(request, 68) + u(length, 4) + root)
    return go_on(m)

def send_message(m, *_):
    refuse(m.header.resume > 1, Stuck)  # before the record is touched
    m.touch_record(0, 1, 3, *[9] * m.header.resume)
    own, index = m["frame.self"], m["world.outbox count"]
    if m.header.resume == 0: return go_on(m, 1, 1) if m.credit(own, -m["work.value sent"]) else REFUSED
    refuse(index >> 16, Stuck)
    names = "target environment", "to", "value sent", "input length", "input root"
    target, *others = (m["work." + name] for name in names)
    message = SENT.write(1, m["block.environment id"], target, own, *others)
    m.append("world.outbox root", index, keccak(message), 16, "OUTBOX")
    m["world.outbox count"] = index + 1
    return 0

def upgrade(m, _):
    resume = m.header.resume
    refuse(resume > 2, Stuck)
    if resume: m.touch_record(1)
    if resume == 0:
        record = m.open(m["work.path"], "code")
        if record is None: return 0
        m.fill("work", commitment=trie.commitment_of(record), code_record_hash=keccak(record))
    elif resume == 1:
        m.update(trie.path_of(trie.SYSTEM, m["frame.self"], trie.CODE), m["work.commitment"])
    else:
        path, found = m.account(m["frame.self"])
        m.set_account(path, found._replace(code=m["work.code record hash"]))
        return 1
    return go_on(m, resume=resume + 1)
def request(m, at, *_):
    m.write(RECORD, 3 * 128, m.memory(at, 44))
    if m["frame.call depth"] < 32 and not (m["frame.flags"] & READ_ONLY and m["work.value"]): return go_on(m)
    m.write(RECORD, 256 + 36, EMPTY)
    return REFUSED

def suspend(m, root, _, __, length):
    """**Suspend**: the caller goes into the parent hash, the callee begins with phase 6."""
    h, caller, depth = m.header, m["frame.self"], m.header.depth
    forwarded = min(m["work.gas cap"], h.gas - h.gas // 64)
    h.gas, h.phase, h.resume = h.gas - forwarded, 2, 0
    h.parent = keccak(h.bytes())
    m.renew("frame", self=m["work.target"], caller=caller, value=m["work.value"], input_root=root,
            input_length=length, input_tree_length=length, call_depth=m["frame.call depth"] + 1,
            pages_below=m["frame.pages below"] + h.pages, flags=m["frame.flags"] & READ_ONLY)
    clear_data(m)
    m.commit()
    h.leave_regions()
    h.depth, h.gas = depth, forwarded
    return h.goto(6) or UNFINISHED

# Name -> (R's checks, stages). A stage: leaves of the record that it touches, what it does, and if it gathers
# the last two arguments first (then the leaves are those of its end): the tree.
FREE = lambda m, *_: ()
LISTED = lambda m, at, n: (short(n), within(m, at, n))
HASHED = lambda m, at, n, out: (short(n, 1024), within(m, at, n), within(m, out, 32))
CALLS = {
    "input": (FREE, ((1,), copying(PAGES, *("frame.input " + name for name
                                            in ("root", "start", "length", "tree length"))))),
    "output_read": (FREE, ((2,), copying(PAGES, "data.returned root", None, *["data.returned length"] * 2))),
    "value_read": (FREE, ((2,), copying(CHUNKS, "data.opened root", None, *["data.opened length"] * 2,
                                        "data.opened"))),
    "output": (LISTED, ((2,), output, PAGES)), "revert": (LISTED, ((2,), revert, PAGES)),
    "context": (lambda m, at: [within(m, at, 208)], ((1, 7, 9, 10, 11), context)),
    "log": (lambda m, at, n: [within(m, at, n)], ((), lambda *_: None)),
    "storage_open": (lambda m, key: [within(m, key, 32)], ((1, 3), aim_storage), ((0, 2, 3), storage_open)),
    "storage_set": (lambda m, key, at, n: (writable(m), short(n), within(m, key, 32), within(m, at, n)),
                    ((1, 3), aim_value, CHUNKS),
                    ((0, 3), lambda m, *_: m.update(m["work.path"], m["work.commitment"]))),
    "storage_delete": (lambda m, key: (writable(m), within(m, key, 32)),
                       ((1, 3), aim_storage), ((0, 3), lambda m, _: m.update(m["work.path"], None))),
    "account": (lambda m, address, at: (within(m, address, 20), within(m, at, 32)),
                ((3,), aim_account), ((0, 3), account)),
    "emit": (lambda m, topics, count, at, n: (
        writable(m), (count <= TOPICS_MAX, "too_many_topics"), short(n), within(m, topics, 32 * count),
        within(m, at, n), (m["world.event count"] < EVENTS_MAX, "events_full")), ((), emit, PAGES)),
    "call": (lambda m, at, data, n: (short(n), within(m, at, 44), within(m, data, n)),
             ((1, 3), request), ((1, 2, 3), suspend, PAGES)),
    "enter": (lambda m, flags: [(flags <= 3, "bad_argument")], ((1,), enter)),
    "keccak256": (HASHED, ((), hashing(keccak))), "sha256": (HASHED, ((), hashing(sha256))),
    "secp256k1_recover": (lambda m, digest, signature, out: (
        within(m, digest, 32), within(m, signature, 65), within(m, out, 64)), ((), secp256k1_recover)),
    "send_message": (lambda m, at, data, n: (
        writable(m), short(n, m["terms.messages.messageBytesMax"]), within(m, at, 68), within(m, data, n),
        (m["world.outbox count"] < m["terms.messages.outboxPerBlockMax"], "outbox_full")),
        ((3,), aim_message, PAGES), ((), send_message)),
    "upgrade": (lambda m, at: (writable(m), within(m, at, 20)), ((1, 3), aim_code), ((0, 3), upgrade))}
# Number -> (name, how many arguments, whether it has a result).
NUMBERS = {int(number): (name, len(args.split(",")), result != "") for number, name, args, result
           in document("host-calls.md", r"^\| (\d+) +\| `(\w+)\((.*?)\)( -> i32)?`")}

def execute_host(m, number):  # One step of the host word of that number.
    h, (name, count, has_result) = m.header, NUMBERS.get(number, ("", 0, False))
    checks, *stages = CALLS.get(name, ("",))
    refuse(h.phase >= len(stages), Stuck)
    args = [m.slot(h.fp + i, 32) for i in range(count)]
    if has_result: m.slot(h.sp)
    leaves, run, *tree = stages[h.phase]
    if h.phase == 0 and not (tree and h.resume): trap_unless(*checks(m, *args))
    root = [gather(m, *args[-2:], *tree)] if tree else []
    if root == [None]: return
    m.touch_record(*leaves)
    result = run(m, *root, *args)
    if result is UNFINISHED: return
    if has_result: m.set_slot(h.sp, result)
    h.sp, h.pc, h.phase, h.resume = h.sp + has_result, h.pc + 1, 0, 0
