"""Host calls (docs/host-calls.md, docs/machine.md 4). Each is a function of the call and its arguments."""

import trie
from formats import document, event_link, message
from machine import MEMORY, Opening, Stuck, Trap
from primitives import CHUNKS, LIST, PAGES, ZERO, big, keccak, recover, sha256, u
from trie import SYSTEM, path_of

EMPTY = PAGES.zero(0) + u(0, 4)  # root and length of no bytes
EMPTY_DATA = EMPTY + EMPTY + bytes(56)
DEPLOYMENT, READ_ONLY, TOP_LEVEL, OF_MESSAGE = 1, 2, 4, 8
REFUSED, MESSAGE = 3, 3

class Call:
    """One step of a host word: what all host calls share."""

    def __init__(self, m, has_result):
        self.m, self.h, self.has_result = m, m.header, has_result
        self.is_b, self.is_first = self.h.phase == 1, self.h.phase == self.h.resume == 0

    def check(self, *ranges, length=0, most=65536):
        """Length, then ranges of memory."""
        if length > most:
            raise Trap("data_too_long")
        if any(at + size > self.h.pages * 65536 for at, size in ranges):
            raise Trap("memory_bounds")

    def check_writable(self):
        if self.m["frame.flags"] & READ_ONLY:
            raise Trap("read_only")

    def memory(self, at, size):
        return self.m.read(MEMORY, at, size)

    def give(self, value=None):
        """return(value)"""
        if self.has_result:
            self.m.set_slot(self.h.sp, value)
            self.h.sp += 1
        self.h.phase, self.h.resume, self.h.pc = 0, 0, self.h.pc + 1

    def go_on(self, phase=1, resume=0):
        self.h.phase, self.h.resume = phase, resume

    def aim(self, kind, address, key=ZERO):
        """The path of stage B."""
        self.m["work.path"] = path_of(kind, address, key)
        self.go_on()

    def copy(self, args, tree, root, first, length, tree_length):
        """**Copies**: from bytes [first, first + length) of a tree, one leaf of the destination."""
        at, offset, n = args
        self.check((at, n))
        if offset + n > length:
            raise Trap("data_bounds")
        k = min(n, 128 - at % 128)
        if k:
            begin, depth = first + offset, tree.depth_of(tree_length)
            leaves = range(begin // tree.leaf_size, (begin + k - 1) // tree.leaf_size + 1)
            if leaves[-1] >> depth:
                raise Stuck
            source = Opening(self.m.reader, tree, depth, leaves, root, "DATA_ROOT")
            self.m.write(MEMORY, at, source.read(begin, k))
        if k == n:
            return self.give(length)
        for i, value in enumerate((at + k, offset + k, n - k)):
            self.m.set_slot(self.h.fp + i, value)

    def gather(self, at, length, tree=PAGES):
        """**Gathers**: one unit; the root with the last one, else None."""
        unit, units = self.h.resume, max(1, -(-length // 128))
        if unit >= units:
            raise Stuck
        data = self.memory(at + 128 * unit, min(128, length - 128 * unit))
        node, below = keccak(data.ljust(128, b"\0")), 0
        if tree is CHUNKS:
            chunks = [data[i : i + 32].ljust(32, b"\0") for i in range(0, len(data), 32)]
            node, below = CHUNKS.root(2 if units > 1 else CHUNKS.depth_of(length), chunks), 2
        is_last, k = unit == units - 1, 0
        while k < (units - 1).bit_length() if is_last else unit >> k & 1:
            is_right = unit >> k & 1
            node = tree.node(self.m.frontier(k), node) if is_right else tree.node(node, tree.zero(k + below))
            k += 1
        if is_last:
            return node
        self.m.put(4, node, 32 * k)
        self.h.resume = unit + 1

def _input(c, *args):
    names = "input root", "input start", "input length", "input tree length"
    c.copy(args, PAGES, *(c.m["frame." + name] for name in names))

def _output_read(c, *args):
    length = c.m["data.returned length"]
    c.copy(args, PAGES, c.m["data.returned root"], 0, length, length)

def _value_read(c, *args):
    length, is_open = c.m["data.opened length"], c.m["data.opened"]
    c.check((args[0], args[2]))
    if not is_open:
        raise Trap("data_bounds")
    c.copy(args, CHUNKS, c.m["data.opened root"], 0, length, length)

def _gather_output(c, at, length):
    if c.is_first:
        c.check((at, length), length=length)
    root = c.gather(at, length)
    if root:
        c.m.put(2, root + u(length, 4))
    return root

def _output(c, at, length):
    if _gather_output(c, at, length):
        c.give()

def _revert(c, at, length):
    if _gather_output(c, at, length):
        c.h.goto(11, 1)

def _context(c, at):
    m = c.m
    c.check((at, 208))
    is_message = m["transaction.kind"] == MESSAGE
    flags = m["frame.flags"] | TOP_LEVEL * (m["frame.call depth"] == 1) | OF_MESSAGE * is_message
    parts = m["frame.self"], m["frame.caller"], m["transaction.sender"], m["terms.producer"]
    parts += m["block.environment id"], u(m["frame.value"], 16), u(m["block.height"], 8)
    for name in ("block.time", "transaction.price", "transaction.nonce", "transaction.gas limit"):
        parts += (u(m[name], 8),)
    parts += u(m["frame.input length"], 4), u(flags, 4), m["message.source environment"]
    m.write(MEMORY, at, b"".join(parts))
    c.give()

def _storage_open(c, key):
    m = c.m
    if not c.is_b:
        c.check((key, 32))
        return c.aim(trie.STORAGE, m["frame.self"], c.memory(key, 32))
    value = m.open(m["work.path"], "open")
    m.put(2, value + u(1, 4) if value else bytes(40), 72)
    c.give(big(value[32:]) if value else 2**32 - 1)

def _storage_set(c, key, at, length):
    m = c.m
    if c.is_b:
        m.update(m["work.path"], m["work.commitment"])
        return c.give()
    if c.is_first:
        c.check_writable()
        c.check((key, 32), (at, length), length=length)
    root = c.gather(at, length, CHUNKS)
    if root:
        m["work.commitment"] = trie.commitment_of_root(root, length)
        c.aim(trie.STORAGE, m["frame.self"], c.memory(key, 32))

def _storage_delete(c, key):
    m = c.m
    if c.is_b:
        m.update(m["work.path"], None)
        return c.give()
    c.check_writable()
    c.check((key, 32))
    c.aim(trie.STORAGE, m["frame.self"], c.memory(key, 32))

def _account(c, address, at):
    if not c.is_b:
        c.check((address, 20), (at, 32))
        return c.aim(trie.ACCOUNT, c.memory(address, 20))
    found = trie.read_account(c.m.open(c.m["work.path"], "account"))
    c.m.write(MEMORY, at, u(found.balance, 16) + u(found.code != ZERO, 1) + bytes(15))
    c.give()

def _emit(c, topics_at, count, at, length):
    m = c.m
    if c.is_first:
        m.touch_record(0, 1)
        c.check_writable()
        if count > 4:
            raise Trap("too_many_topics")
        c.check((topics_at, 32 * count), (at, length), length=length)
        if m["world.event count"] >= 1 << 16:
            raise Trap("events_full")
    root = c.gather(at, length)
    if root:
        link = m["world.events hash"], m["frame.self"], c.memory(topics_at, 32 * count), length, root
        m["world.events hash"] = event_link(*link)
        m["world.event count"] += 1
        c.give()

def _enter(c, flags):
    if flags > 3:
        raise Trap("bad_argument")
    c.m.touch_record(1)
    if flags:
        c.m.update(path_of(SYSTEM, c.m["frame.self"], trie.LOCK), None)
        c.m["frame.flags"] |= flags & READ_ONLY
    c.give()

def _hash(function):
    def run(c, at, length, out):
        c.check((at, length), (out, 32), length=length, most=1024)
        c.m.write(MEMORY, out, function(c.memory(at, length)))
        c.give()
    return run

def _recover(c, digest, signature, out):
    c.check((digest, 32), (signature, 65), (out, 64))
    key = recover(c.memory(digest, 32), c.memory(signature, 65))
    c.m.write(MEMORY, out, key or b"")
    c.give(1 if key else 0)

def _log(c, at, length):
    c.check((at, length))
    c.give()

def _send_message(c, request, at, length):
    m = c.m
    if not c.is_b:
        if c.is_first:
            m.touch_record(0, 1, 10)
            c.check_writable()
            most = m["terms.messages.messageBytesMax"]
            c.check((request, 68), (at, length), length=length, most=most)
            if m["world.outbox count"] >= m["terms.messages.outboxPerBlockMax"]:
                raise Trap("outbox_full")
        root = c.gather(at, length)
        if root:
            m.put(3, c.memory(request, 68) + u(length, 4) + root)
            c.go_on()
    elif c.h.resume == 0:
        path, account = m.account(m["frame.self"])
        balance = account.balance - m["work.value sent"]
        if balance < 0:
            return c.give(REFUSED)
        m.set_account(path, account._replace(balance=balance))
        c.go_on(1, 1)
    else:
        index = m["world.outbox count"]
        if c.h.resume > 1 or index >> 16:
            raise Stuck
        names = "target environment", "to", "value sent", "input length", "input root"
        sent = message(m["block.environment id"], m["frame.self"], *(m["work." + name] for name in names))
        m.append("world.outbox root", index, keccak(sent), 16, "OUTBOX")
        m["world.outbox count"] = index + 1
        c.give(0)

def _upgrade(c, address):
    m = c.m
    if not c.is_b:
        c.check_writable()
        c.check((address, 20))
        return c.aim(SYSTEM, c.memory(address, 20), trie.CODE)
    if c.h.resume == 0:
        m.touch_record(0, 3)
        record = m.open(m["work.path"], "code")
        if record is None:
            return c.give(0)
        m["work.commitment"], m["work.code record hash"] = trie.commitment_of(record), keccak(record)
        c.go_on(1, 1)
    elif c.h.resume == 1:
        m.update(path_of(SYSTEM, m["frame.self"], trie.CODE), m["work.commitment"])
        c.go_on(1, 2)
    elif c.h.resume == 2:
        path, account = m.account(m["frame.self"])
        m.set_account(path, account._replace(code=m["work.code record hash"]))
        c.give(1)
    else:
        raise Stuck

def _call(c, request, at, length):
    m = c.m
    if c.is_b:
        root = c.gather(at, length)
        return _suspend(m, root, length) if root else None
    c.check((request, 44), (at, length), length=length)
    m.put(3, c.memory(request, 44))
    is_read_only = m["frame.flags"] & READ_ONLY
    if m["frame.call depth"] >= 32 or is_read_only and m["work.value"]:
        m.put(2, EMPTY, 36)
        return c.give(REFUSED)
    c.go_on()

def _suspend(m, root, length):
    """**Suspend**: the caller goes into the parent hash, the callee begins with phase 6."""
    h = m.header
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
    h.goto(6)

def frame(own, caller, value, root, start, length, whole, depth=1, below=0, flags=0):
    """The frame leaf (section 2)."""
    numbers = start, length, whole, depth, below, flags
    return own + caller + u(value, 16) + root + b"".join(u(n, 4) for n in numbers) + bytes(16)

CALLS = {
    "input": _input, "output": _output, "revert": _revert, "context": _context, "call": _call,
    "storage_open": _storage_open, "value_read": _value_read, "storage_set": _storage_set,
    "storage_delete": _storage_delete, "account": _account, "emit": _emit, "enter": _enter,
    "output_read": _output_read, "keccak256": _hash(keccak), "sha256": _hash(sha256),
    "secp256k1_recover": _recover, "log": _log, "send_message": _send_message, "upgrade": _upgrade,
}
TWO_STAGES = "storage_open storage_set storage_delete account call send_message upgrade".split()
# Number -> (name, how many arguments, whether it has a result).
NUMBERS = {int(number): (name, len(args.split(",")), result != "") for number, name, args, result
           in document("host-calls.md", r"^\| (\d+) +\| `(\w+)\((.*?)\)( -> i32)?`")}

def execute_host(m, number):
    """One step of the host word of that number."""
    name, count, has_result = NUMBERS.get(number, ("", 0, False))
    if name not in CALLS or m.header.phase > (name in TWO_STAGES):
        raise Stuck
    args = [m.slot(m.header.fp + i, 32) for i in range(count)]
    if has_result:
        m.slot(m.header.sp)
    CALLS[name](Call(m, has_result), *args)
