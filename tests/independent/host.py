"""Host calls (docs/host-calls.md, docs/machine.md section 4)."""

from codec import event_link
from primitives import CHUNKS, PAGES, ZERO, big, keccak, recover, sha256, u
from proof import MEMORY, Opening, Stuck
from state import ACCOUNT, LOCK, STORAGE, SYSTEM, commitment_of_root, path_of, read_account
from words import Trap

MEMORY_BOUNDS, DATA_BOUNDS, DATA_TOO_LONG, READ_ONLY_TRAP, EVENTS_FULL = 4, 5, 6, 7, 8
TOO_MANY_TOPICS, BAD_ARGUMENT = 10, 11
DATA_MAX, HASH_MAX, EVENTS_MAX, DEPTH_MAX = 65536, 1024, 1 << 16, 32
DEPLOYMENT, READ_ONLY, TOP_LEVEL = 1, 2, 4
REFUSED = 3
EMPTY = PAGES.zero(0) + bytes(4)  # root and length of no bytes
EMPTY_DATA = EMPTY + EMPTY + bytes(56)


class Call:
    """One step of a host word: its arguments, and what all host calls share."""

    def __init__(self, m, has_result):
        self.m, self.h, self.has_result = m, m.header, has_result
        self.is_first = self.h.phase == 0 and self.h.resume == 0

    def check_range(self, at, size):
        if at + size > self.h.pages * 65536:
            raise Trap(MEMORY_BOUNDS)

    def check_length(self, length, most=DATA_MAX):
        if length > most:
            raise Trap(DATA_TOO_LONG)

    def check_writable(self):
        if self.m.get_number(1, 108, 4) & READ_ONLY:
            raise Trap(READ_ONLY_TRAP)

    def memory(self, at, size):
        return self.m.read(MEMORY, at, size)

    def give(self, value=None):
        """return(value)"""
        if self.has_result:
            self.m.set_slot(self.h.sp, value)
            self.h.sp += 1
        self.h.phase, self.h.resume, self.h.pc = 0, 0, self.h.pc + 1

    def next_stage(self):
        self.h.phase, self.h.resume = 1, 0

    def work_path(self):
        return self.m.get(3, 0, 32)

    def copy(self, args, tree, root, first, length, tree_length):
        """A copy from bytes [first, first + length) of a tree: one leaf of the destination."""
        at, offset, n = args
        self.check_range(at, n)
        if offset + n > length:
            raise Trap(DATA_BOUNDS)
        k = min(n, 128 - at % 128)
        if k:
            begin, depth = first + offset, tree.depth_of(tree_length)
            leaves = range(begin // tree.leaf_size, (begin + k - 1) // tree.leaf_size + 1)
            if leaves[-1] >> depth:
                raise Stuck
            source = Opening(self.m.reader, tree, depth, leaves).check(root, "DATA_ROOT")
            self.m.write(MEMORY, at, source.read(begin, k))
        if k == n:
            return self.give(length)
        for i, value in enumerate((at + k, offset + k, n - k)):
            self.m.set_slot(self.h.fp + i, value)

    def gather(self, at, length, tree=PAGES):
        """One unit of a gather; the root with the last one, else None."""
        unit, units = self.h.resume, max(1, -(-length // 128))
        if unit >= units:
            raise Stuck
        data = self.memory(at + 128 * unit, min(128, length - 128 * unit))
        node = keccak(data.ljust(128, b"\0"))
        if tree is CHUNKS:
            chunks = [data[i : i + 32].ljust(32, b"\0") for i in range(0, len(data), 32)]
            node = CHUNKS.root(2 if units > 1 else CHUNKS.depth_of(length), chunks)
        is_last = unit == units - 1
        k = 0
        while k < (units - 1).bit_length() if is_last else unit >> k & 1:
            left = unit >> k & 1
            node = tree.node(self._frontier(k), node) if left else tree.node(node, tree.zero(k + 2 * (tree is CHUNKS)))
            k += 1
        if is_last:
            return node
        self.m.put(4 + k // 4, 32 * (k % 4), node)
        self.h.resume = unit + 1
        return None

    def _frontier(self, k):
        return self.m.get(4 + k // 4, 32 * (k % 4), 32)


def input_(call, *args):
    call.m.touch_record(1)
    number = call.m.get_number
    call.copy(args, PAGES, call.m.get(1, 56, 32), number(1, 88, 4), number(1, 92, 4), number(1, 96, 4))


def output_read(call, *args):
    length = call.m.get_number(2, 68, 4)
    call.copy(args, PAGES, call.m.get(2, 36, 32), 0, length, length)


def value_read(call, *args):
    # Where none is open the length is 0 too, but also an empty read traps then.
    length = call.m.get_number(2, 104, 4)
    call.check_range(args[0], args[2])
    if not call.m.get_number(2, 108, 4):
        raise Trap(DATA_BOUNDS)
    call.copy(args, CHUNKS, call.m.get(2, 72, 32), 0, length, length)


def _gather_output(call, at, length):
    if call.is_first:
        call.check_length(length)
        call.check_range(at, length)
    root = call.gather(at, length)
    if root:
        call.m.put(2, 0, root + u(length, 4))
    return root


def output(call, at, length):
    if _gather_output(call, at, length):
        call.give()


def revert(call, at, length):
    if _gather_output(call, at, length):
        call.h.goto(11, 1)


def context(call, at):
    call.check_range(at, 200)
    get = call.m.get
    flags = call.m.get_number(1, 108, 4) | TOP_LEVEL * (call.m.get_number(1, 100, 4) == 1)
    parts = get(1, 0, 40), get(7, 32, 20), get(10, 0, 20), get(9, 0, 32), get(1, 40, 16), get(9, 104, 16)
    parts += get(7, 104, 8), get(7, 88, 16), get(1, 92, 4), u(flags, 4), bytes(24)
    call.m.write(MEMORY, at, b"".join(parts))
    call.give()


def storage_open(call, key):
    if call.h.phase == 0:
        call.check_range(key, 32)
        _aim(call, STORAGE, call.m.get(1, 0, 20), call.memory(key, 32))
        return call.next_stage()
    call.m.touch_record(0, 2, 3)
    value = call.m.path(call.work_path(), "open").value
    call.m.put(2, 72, value + u(1, 4) if value else bytes(40))
    return call.give(big(value[32:]) if value else -1 % 2**32)


def _aim(call, kind, address, key=ZERO):
    call.m.put(3, 0, path_of(kind, address, key))


def storage_set(call, key, at, length):
    if call.h.phase == 1:
        call.m.touch_record(0, 3)
        call.m.set(call.m.path(call.work_path(), "commitment"), call.m.get(3, 32, 32))
        return call.give()
    if call.is_first:
        call.check_writable()
        call.check_length(length)
        call.check_range(key, 32)
        call.check_range(at, length)
    root = call.gather(at, length, CHUNKS)
    if root:
        _aim(call, STORAGE, call.m.get(1, 0, 20), call.memory(key, 32))
        call.m.put(3, 32, commitment_of_root(root, length))
        call.next_stage()
    return None


def storage_delete(call, key):
    if call.h.phase == 1:
        call.m.touch_record(0, 3)
        call.m.delete(call.m.path(call.work_path(), "commitment"))
        return call.give()
    call.check_writable()
    call.check_range(key, 32)
    _aim(call, STORAGE, call.m.get(1, 0, 20), call.memory(key, 32))
    return call.next_stage()


def account(call, address, at):
    if call.h.phase == 0:
        call.check_range(address, 20)
        call.check_range(at, 32)
        _aim(call, ACCOUNT, call.memory(address, 20))
        return call.next_stage()
    call.m.touch_record(0, 3)
    found = read_account(call.m.path(call.work_path(), "account").value or bytes(64))
    call.m.write(MEMORY, at, u(found.balance, 16) + u(found.code != ZERO, 1) + bytes(15))
    return call.give()


def emit(call, topics_at, count, at, length):
    m = call.m
    if call.is_first:
        m.touch_record(0, 1)
        call.check_writable()
        if count > 4:
            raise Trap(TOO_MANY_TOPICS)
        call.check_length(length)
        call.check_range(topics_at, 32 * count)
        call.check_range(at, length)
        if m.get_number(0, 96, 4) >= EVENTS_MAX:
            raise Trap(EVENTS_FULL)
    root = call.gather(at, length)
    if root:
        topics = call.memory(topics_at, 32 * count)
        m.put(0, 32, event_link(m.get(0, 32, 32), m.get(1, 0, 20), topics, length, root))
        m.put(0, 96, m.get_number(0, 96, 4) + 1, 4)
        call.give()


def enter(call, flags):
    if flags > 3:
        raise Trap(BAD_ARGUMENT)
    call.m.touch_record(1)
    if flags:
        path = path_of(SYSTEM, call.m.get(1, 0, 20), LOCK)
        call.m.delete(call.m.path(path, "commitment"))
        call.m.put(1, 108, call.m.get_number(1, 108, 4) | flags & READ_ONLY, 4)
    call.give()


def _hash(function):
    def run(call, at, length, out):
        call.check_length(length, HASH_MAX)
        call.check_range(at, length)
        call.check_range(out, 32)
        call.m.write(MEMORY, out, function(call.memory(at, length)))
        call.give()

    return run


def secp256k1_recover(call, digest, signature, out):
    for at, size in ((digest, 32), (signature, 65), (out, 64)):
        call.check_range(at, size)
    key = recover(call.memory(digest, 32), call.memory(signature, 65))
    call.m.write(MEMORY, out, key or b"")
    call.give(1 if key else 0)


def log(call, at, length):
    call.check_range(at, length)
    call.give()


def call_(call, request, at, length):
    m = call.m
    if call.h.phase == 1:
        root = call.gather(at, length)
        return _suspend(m, root, length) if root else None
    call.check_length(length)
    call.check_range(request, 44)
    call.check_range(at, length)
    m.put(3, 0, call.memory(request, 44))
    is_read_only = m.get_number(1, 108, 4) & READ_ONLY
    if m.get_number(1, 100, 4) >= DEPTH_MAX or is_read_only and m.get_number(3, 20, 16):
        m.put(2, 36, EMPTY)
        return call.give(REFUSED)
    return call.next_stage()


def _suspend(m, root, length):
    """The caller goes into the parent hash, the callee begins with phase 6."""
    h = m.header
    forwarded = min(m.get_number(3, 36, 8), h.gas - h.gas // 64)
    h.gas, h.phase, h.resume = h.gas - forwarded, 2, 0
    h.parent = keccak(h.bytes())
    number = m.get_number
    frame = m.get(3, 0, 20) + m.get(1, 0, 20) + m.get(3, 20, 16) + root + u(0, 4) + u(length, 4) * 2
    frame += u(number(1, 100, 4) + 1, 4) + u(number(1, 104, 4) + h.pages, 4) + u(number(1, 108, 4) & READ_ONLY, 4)
    m.put(1, 0, frame)
    m.put(2, 0, EMPTY_DATA)
    m.commit()
    depth = h.depth
    h.leave_regions()
    h.depth, h.gas = depth, forwarded
    h.goto(6)


# Number -> (arguments, whether it has a result, the call); the numbers that docs/host-calls.md reserves do not exist.
CALLS = {
    1: (3, True, input_), 2: (2, False, output), 3: (2, False, revert), 4: (1, False, context),
    5: (1, True, storage_open), 6: (3, False, value_read), 7: (3, False, storage_set), 8: (1, False, storage_delete),
    9: (2, False, account), 10: (4, False, emit), 11: (3, True, call_), 12: (3, True, output_read),
    13: (1, False, enter), 14: (3, False, _hash(keccak)), 15: (3, False, _hash(sha256)),
    16: (3, True, secp256k1_recover), 17: (2, False, log),
}
TWO_STAGES = 5, 7, 8, 9, 11


def execute_host(m, number):
    """One step of the host word of that number."""
    if number not in CALLS or m.header.phase > (number in TWO_STAGES):
        raise Stuck
    count, has_result, run = CALLS[number]
    args = [m.slot(m.header.fp + i) % 2**32 for i in range(count)]
    if has_result:
        m.slot(m.header.sp)
    run(Call(m, has_result), *args)
