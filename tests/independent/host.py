"""Host calls (docs/host-calls.md, docs/machine.md 4): functions of the call and its arguments."""
import re

import trie
from formats import MESSAGE, document, event_link, message, refuse
from machine import MEMORY, RECORD, Opening, Stuck, Trap
from primitives import CHUNKS, PAGES, ZERO, big, keccak, recover, sha256, u

EMPTY = PAGES.zero(0) + u(0, 4)  # root and length of no bytes
EMPTY_DATA = EMPTY + EMPTY + bytes(56)
DEPLOYMENT, READ_ONLY, TOP_LEVEL, OF_MESSAGE = 1, 2, 4, 8
REFUSED = 3

class Call:  # One step of a host word: what all host calls share.
    def __init__(self, m, args):
        self.m, self.h, self.args, self.is_done = m, m.header, args, True
    def check(self, checks):
        """What a row of CALLS lists, in its order: `writable`; `argument<=most:trap`; `pointer+size`."""
        number = lambda text: (self.args[int(text[1:])] if text[0] == "#" else self.m[text]
                               if "." in text else int(text))
        for name, leaf in ("writable", 1), ("world.", 0), ("terms.", 10):
            if name in checks: self.m.touch_record(leaf)
        for one in filter(None, checks.split(", ")):
            if one == "writable": failed, trap = self.m["frame.flags"] & READ_ONLY, "read_only"
            elif "<" in one:
                least, relation, most, trap = re.fullmatch(r"(.*?)(<=?)(.*):(.*)", one).groups()
                failed = number(least) + (relation == "<") > number(most)
            else:
                (at, size), trap = one.split("+"), "memory_bounds"
                factor, _, count = size.partition("*")
                size = number(factor) * number(count or "1")
                failed = number(at) + size > self.h.pages * 65536
            refuse(failed, Trap(trap))
    def memory(self, at, size): return self.m.read(MEMORY, at, size)
    def go_on(self, phase=1, resume=0):  # There is another step of this call, or of its frame's end.
        self.h.phase, self.h.resume, self.is_done = phase, resume, False
    def aim(self, kind, address, key=ZERO):  # The path of step B.
        self.m["work.path"] = trie.path_of(kind, address, key)
        self.go_on()
    def copy(self, tree, root, first, length, tree_length):
        """**Copies**: from bytes [first, first + length) of a tree, one leaf of the destination."""
        at, offset, n = self.args
        self.check("#0+#2")
        refuse(offset + n > length, Trap("data_bounds"))
        k = min(n, 128 - at % 128)
        if k:
            begin, depth = first + offset, tree.depth_of(tree_length)
            leaves = range(begin // tree.leaf_size, (begin + k - 1) // tree.leaf_size + 1)
            refuse(leaves[-1] >> depth, Stuck)
            source = Opening(self.m.reader, tree, depth, leaves, root, "DATA_ROOT")
            self.m.write(MEMORY, at, source.read(begin, k))
        if k == n: return length
        for i, value in enumerate((at + k, offset + k, n - k)):
            self.m.set_slot(self.h.fp + i, value)
        self.go_on(0)
    def gather(self, at, length, tree=PAGES):
        """**Gathers**: one unit; the root with the last one, else None."""
        unit, units = self.h.resume, max(1, -(-length // 128))
        refuse(unit >= units, Stuck)
        data, below = self.memory(at + 128 * unit, min(128, length - 128 * unit)), 0
        node = keccak(data.ljust(128, b"\0"))
        if tree is CHUNKS:
            chunks = [data[i : i + 32].ljust(32, b"\0") for i in range(0, len(data), 32)]
            node, below = CHUNKS.root(2 if units > 1 else CHUNKS.depth_of(length), chunks), 2
        is_last, k = unit == units - 1, 0
        while k < (units - 1).bit_length() if is_last else unit >> k & 1:
            sides = node, tree.zero(k + below)
            refuse(k > 8 and (unit >> k & 1 or not is_last), Stuck)
            if unit >> k & 1: sides = self.m.read(RECORD, 512 + 32 * k, 32), node
            node, k = tree.node(*sides), k + 1
        if is_last: return node
        refuse(k > 8, Stuck)
        self.m.put(4, node, 32 * k)
        self.go_on(self.h.phase, unit + 1)
def _input(c, *_):
    names = "input root", "input start", "input length", "input tree length"
    return c.copy(PAGES, *(c.m["frame." + name] for name in names))
def _output_read(c, *_):
    return c.copy(PAGES, c.m["data.returned root"], 0, *[c.m["data.returned length"]] * 2)
def _value_read(c, *_):
    is_open = c.m["data.opened"]
    c.check("#0+#2")
    refuse(not is_open, Trap("data_bounds"))
    return c.copy(CHUNKS, c.m["data.opened root"], 0, *[c.m["data.opened length"]] * 2)
def _output(c, root, _, length): c.m.put(2, root + u(length, 4))
def _revert(c, root, _, length):
    c.m.put(2, root + u(length, 4))
    c.is_done = c.h.goto(11, 1)
def _context(c, at):
    m, flags = c.m, c.m["frame.flags"] | TOP_LEVEL * (c.m["frame.call depth"] == 1)
    flags |= OF_MESSAGE * (m["transaction.kind"] == MESSAGE)
    parts = m["frame.self"], m["frame.caller"], m["transaction.sender"], m["terms.producer"]
    parts += m["block.environment id"], u(m["frame.value"], 16), u(m["block.height"], 8)
    names = "block.time", "transaction.price", "transaction.nonce", "transaction.gas limit"
    parts += tuple(u(m[name], 8) for name in names) + (u(m["frame.input length"], 4), u(flags, 4))
    m.write(MEMORY, at, b"".join(parts) + m["message.source environment"])
def _aim_storage(c, key, *_): c.aim(trie.STORAGE, c.m["frame.self"], c.memory(key, 32))
def _aim_account(c, address, _): c.aim(trie.ACCOUNT, c.memory(address, 20))
def _aim_code(c, address): c.aim(trie.SYSTEM, c.memory(address, 20), trie.CODE)

def _storage_open(c, _):
    value = c.m.open(c.m["work.path"], "open")
    c.m.put(2, value + u(1, 4) if value else bytes(40), 72)
    return big(value[32:]) if value else 2**32 - 1
def _aim_value(c, root, key, _, length):
    c.m["work.commitment"] = trie.commitment_of_root(root, length)
    _aim_storage(c, key)
def _storage_set(c, *_): c.m.update(c.m["work.path"], c.m["work.commitment"])
def _storage_delete(c, _): c.m.update(c.m["work.path"], None)
def _account(c, _, at):
    found = trie.read_account(c.m.open(c.m["work.path"], "account"))
    c.m.write(MEMORY, at, u(found.balance, 16) + u(found.code != ZERO, 1) + bytes(15))
def _emit(c, root, topics_at, count, _, length):
    refuse(count > 4, Stuck)  # before the record is touched
    c.m.touch_record(0, 1)
    m, topics = c.m, c.memory(topics_at, 32 * count)
    m["world.events hash"] = event_link(m["world.events hash"], m["frame.self"], topics, length, root)
    m["world.event count"] += 1
def _enter(c, flags):
    if flags:
        c.m.touch_record(0)
        c.m.update(trie.path_of(trie.SYSTEM, c.m["frame.self"], trie.LOCK), None)
        c.m["frame.flags"] |= flags & READ_ONLY
def _hash(function):
    def run(c, at, length, out): c.m.write(MEMORY, out, function(c.memory(at, length)))
    return run
def _recover(c, digest, signature, out):
    key = recover(c.memory(digest, 32), c.memory(signature, 65))
    c.m.write(MEMORY, out, key or b"")
    return 1 if key else 0
def _aim_message(c, root, request, _, length):
    c.m.put(3, c.memory(request, 68) + u(length, 4) + root)
    c.go_on()
def _send_message(c, *_):
    refuse(c.h.resume > 1, Stuck)  # before the record is touched
    c.m.touch_record(0, 1, 3)
    m, index = c.m, c.m["world.outbox count"]
    if c.h.resume: m.touch_record(9)
    refuse(c.h.resume and index >> 16, Stuck)
    if c.h.resume == 0:
        path, account = m.account(m["frame.self"])
        balance = account.balance - m["work.value sent"]
        if balance < 0: return REFUSED
        m.set_account(path, account._replace(balance=balance))
        return c.go_on(1, 1)
    names = "target environment", "to", "value sent", "input length", "input root"
    sent = message(m["block.environment id"], m["frame.self"], *(m["work." + name] for name in names))
    m.append("world.outbox root", index, keccak(sent), 16, "OUTBOX")
    m["world.outbox count"] = index + 1
    return 0
def _upgrade(c, _):
    m = c.m
    refuse(c.h.resume > 2, Stuck)
    if c.h.resume: m.touch_record(1)
    if c.h.resume == 0:
        record = m.open(m["work.path"], "code")
        if record is None: return 0
        m["work.commitment"], m["work.code record hash"] = trie.commitment_of(record), keccak(record)
    elif c.h.resume == 1:
        m.update(trie.path_of(trie.SYSTEM, m["frame.self"], trie.CODE), m["work.commitment"])
    else:
        path, account = m.account(m["frame.self"])
        m.set_account(path, account._replace(code=m["work.code record hash"]))
        return 1
    c.go_on(1, c.h.resume + 1)
def _request(c, request, *_):
    m = c.m
    m.put(3, c.memory(request, 44))
    if m["frame.call depth"] >= 32 or m["frame.flags"] & READ_ONLY and m["work.value"]:
        m.put(2, EMPTY, 36)
        return REFUSED
    c.go_on()
def _suspend(c, root, _, __, length):
    """**Suspend**: the caller goes into the parent hash, the callee begins with phase 6."""
    m, h = c.m, c.h
    forwarded = min(m["work.gas cap"], h.gas - h.gas // 64)
    h.gas, h.phase, h.resume = h.gas - forwarded, 2, 0
    h.parent = keccak(h.bytes())
    below, flags = m["frame.pages below"] + h.pages, m["frame.flags"] & READ_ONLY
    who = m["work.target"], m["frame.self"], m["work.value"]
    m.put(1, frame(*who, root, 0, length, length, m["frame.call depth"] + 1, below, flags))
    m.put(2, EMPTY_DATA)
    m.commit()
    depth = h.depth
    h.leave_regions()
    h.depth, h.gas = depth, forwarded
    c.is_done = h.goto(6)
def frame(own, caller, value, root, start, length, whole, depth=1, below=0, flags=0):
    """The frame leaf (machine.md 2)."""
    numbers = start, length, whole, depth, below, flags
    return own + caller + u(value, 16) + root + b"".join(u(n, 4) for n in numbers) + bytes(16)

# Name -> (R's checks, stages). A stage: leaves of the record that it touches, what it does, and if it gathers
# the last two arguments first (then the leaves are those of its end): the tree.
LONG = "<=65536:data_too_long"
HASH = "#1<=1024:data_too_long, #0+#1, #2+32"
CALLS = {
    "input": ("", ((1,), _input)), "output_read": ("", ((2,), _output_read)), "value_read": ("", ((2,), _value_read)),
    "output": (f"#1{LONG}, #0+#1", ((2,), _output, PAGES)),
    "revert": (f"#1{LONG}, #0+#1", ((2,), _revert, PAGES)),
    "context": ("#0+208", ((1, 7, 9, 10, 11), _context)), "log": ("#0+#1", ((), lambda *_: None)),
    "storage_open": ("#0+32", ((1, 3), _aim_storage), ((0, 2, 3), _storage_open)),
    "storage_set": (f"writable, #2{LONG}, #0+32, #1+#2", ((1, 3), _aim_value, CHUNKS),
                    ((0, 3), _storage_set)),
    "storage_delete": ("writable, #0+32", ((1, 3), _aim_storage), ((0, 3), _storage_delete)),
    "account": ("#0+20, #1+32", ((3,), _aim_account), ((0, 3), _account)),
    "emit": (f"writable, #1<=4:too_many_topics, #3{LONG}, #0+32*#1, #2+#3, "
             "world.event count<=65535:events_full", ((), _emit, PAGES)),
    "call": (f"#2{LONG}, #0+44, #1+#2", ((1, 3), _request), ((1, 2, 3), _suspend, PAGES)),
    "enter": ("#0<=3:bad_argument", ((1,), _enter)),
    "keccak256": (HASH, ((), _hash(keccak))), "sha256": (HASH, ((), _hash(sha256))),
    "secp256k1_recover": ("#0+32, #1+65, #2+64", ((), _recover)),
    "send_message": ("writable, #2<=terms.messages.messageBytesMax:data_too_long, #0+68, #1+#2, world.outbox"
                     " count<terms.messages.outboxPerBlockMax:outbox_full", ((3,), _aim_message, PAGES),
                     ((), _send_message)),
    "upgrade": ("writable, #0+20", ((1, 3), _aim_code), ((0, 3), _upgrade))}
# Number -> (name, how many arguments, whether it has a result).
NUMBERS = {int(number): (name, len(args.split(",")), result != "") for number, name, args, result
           in document("host-calls.md", r"^\| (\d+) +\| `(\w+)\((.*?)\)( -> i32)?`")}
def execute_host(m, number):  # One step of the host word of that number.
    name, count, has_result = NUMBERS.get(number, ("", 0, False))
    checks, *stages = CALLS.get(name, ("",))
    refuse(m.header.phase >= len(stages), Stuck)
    args = [m.slot(m.header.fp + i, 32) for i in range(count)]
    if has_result: m.slot(m.header.sp)
    c, h = Call(m, args), m.header
    leaves, run, *tree = stages[h.phase]
    if h.phase == 0 and not (tree and h.resume): c.check(checks)
    root = [c.gather(*args[-2:], *tree)] if tree else []
    if root == [None]: return
    m.touch_record(*leaves)
    result = run(c, *root, *args)
    if c.is_done:  # return(result)
        if has_result: m.set_slot(h.sp, result)
        h.sp, h.pc, h.phase, h.resume = h.sp + has_result, h.pc + 1, 0, 0
