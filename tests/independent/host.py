"""Host calls (docs/host-calls.md, docs/machine.md 4): a table of checks and stages.
A stage is a function of the machine and the arguments; before them the root, where it has gathered."""
import re
import trie
from formats import CONTEXT, MESSAGE, SENT, document, event_link, refuse
from machine import MEMORY, RECORD, Opening, Stuck, Trap
from primitives import CHUNKS, PAGES, ZERO, big, keccak, recover, sha256, u

EMPTY = PAGES.zero(0) + u(0, 4)  # root and length of no bytes
DEPLOYMENT, READ_ONLY, TOP_LEVEL, OF_MESSAGE = 1, 2, 4, 8
REFUSED, ABSENT, UNFINISHED = 3, 2**32 - 1, object()  # the last: of another step to come, or a frame left

# Rows of section 4: (calls, checks, leaves of the checks, leaves of stage A, of B).
ROWS = document("machine.md", r"^\| ([\w, ]+) \| (–|[\[\w].*) \| ([\d ]+|–) \| ([\d ]+|–) \| ([\d ]+|–) \|$")
ROWS = {name: (checks, *([int(leaf) for leaf in cell.split() if leaf != "–"] for cell in leaves))
        for names, checks, *leaves in ROWS for name in names.split(", ")}
# Number -> (name, names of the arguments, whether it has a result).
CALLS = {int(number): (name, arguments.split(", "), result != "") for number, name, arguments, result
         in document("host-calls.md", r"^\| (\d+) +\| `(\w+)\((.*?)\)( -> i32)?`")}
def check_range(m, at, size): refuse(at + size > m.header.pages * 65536, Trap("memory_bounds"))
def check(m, checks, arguments):  # `writable` · `[at, size)` · `less <= more: trap`, as the table has them.
    def number(text):
        if " × " in text: return int(text.split(" × ")[0]) * number(text.split(" × ")[1])
        return arguments[text] if text in arguments else m[text] if "." in text else int(text)
    for one in checks.split(" · "):
        if one == "writable": refuse(m["frame.flags"] & READ_ONLY, Trap("read_only"))
        elif one[0] == "[": check_range(m, *map(number, one[1:-1].split(", ")))
        elif one != "–":
            less, relation, more, trap = re.fullmatch(r"(.*) (<=?) (.*): (\w+)", one).groups()
            refuse(number(less) + (relation == "<") > number(more), Trap(trap))
def go_on(m, phase=1, resume=0):
    m.header.phase, m.header.resume = phase, resume
    return UNFINISHED
def aim(m, kind, address, key=ZERO):  # The path of step B.
    m["work.path"] = trie.path_of(kind, address, key)
    return go_on(m)
def clear_data(m): m.write(RECORD, 256, EMPTY + EMPTY + bytes(56))
def copying(tree, root, start, length, whole, is_open=""):
    """**Copies**: one leaf of bytes [start, start + length) of a tree; all are names of fields."""
    def run(m, at, offset, n):
        check_range(m, at, n)
        refuse(offset + n > m[length] or is_open and not m[is_open], Trap("data_bounds"))
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
    node, below = tree.root_of(data.ljust(128 * (units > 1), b"\0")), 2 if tree is CHUNKS else 0
    is_last, free = unit == units - 1, (unit ^ unit + 1).bit_length() - 1  # the first clear bit of the unit
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
def revert(m, *args): return output(m, *args) or m.header.goto(11, 1) or UNFINISHED
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
    topics = m.memory(topics_at, 32 * count)
    m["world.events hash"] = event_link(m["world.events hash"], m["frame.self"], topics, length, root)
    m["world.event count"] += 1
def enter(m, flags):
    if not flags: return
    m.touch_record(0)
    m.update(trie.path_of(trie.SYSTEM, m["frame.self"], trie.LOCK), None)
    m["frame.flags"] |= flags & READ_ONLY
def hashing(function): return lambda m, at, size, out: m.write(MEMORY, out, function(m.memory(at, size)))
def secp256k1_recover(m, digest, signature, out):
    key = recover(m.memory(digest, 32), m.memory(signature, 65)) or b""
    m.write(MEMORY, out, key)
    return key != b""
def aim_message(m, root, request, _, length):
    m.write(RECORD, 3 * 128, m.memory(request, 68) + u(length, 4) + root)
    return go_on(m)
def send_message(m, *_):
    m.touch_record(*[9] * m.header.resume)
    index, value = m["world.outbox count"], m["work.value sent"]
    if m.header.resume == 0: return go_on(m, 1, 1) if m.credit(m["frame.self"], -value) else REFUSED
    refuse(index >> 16, Stuck)
    names = ("block.environment id", "work.target environment", "frame.self", "work.to", "work.value sent",
             "work.input length", "work.input root")
    m.append("world.outbox root", index, keccak(SENT.write(1, *(m[name] for name in names))), 16, "OUTBOX")
    m["world.outbox count"] = index + 1
    return 0
def upgrade(m, _):
    refuse(m.header.resume > 2, Stuck)
    own = m["frame.self"] if m.header.resume else None
    if m.header.resume == 0:
        record = m.open(m["work.path"], "code")
        if record is None: return 0
        m.fill("work", commitment=trie.commitment_of(record), code_record_hash=keccak(record))
    elif m.header.resume == 1: m.update(trie.path_of(trie.SYSTEM, own, trie.CODE), m["work.commitment"])
    else:
        m.change_account(own, code=m["work.code record hash"])
        return 1
    return go_on(m, 1, m.header.resume + 1)
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
    m.fill("frame", self=m["work.target"], caller=caller, value=m["work.value"], input_root=root,
           input_start=0, input_length=length, input_tree_length=length, call_depth=m["frame.call depth"] + 1,
           pages_below=m["frame.pages below"] + h.pages, flags=m["frame.flags"] & READ_ONLY)
    clear_data(m)
    m.commit()
    h.leave_regions()
    h.depth, h.gas = depth, forwarded
    return h.goto(6) or UNFINISHED

INPUT = copying(PAGES, *("frame.input " + name for name in ("root", "start", "length", "tree length")))
RETURNED = copying(PAGES, "data.returned root", None, *["data.returned length"] * 2)
OPENED = copying(CHUNKS, "data.opened root", None, *["data.opened length"] * 2, "data.opened")
GATHERED = {"call": 1, **dict.fromkeys(("output", "revert", "emit", "storage_set", "send_message"), 0)}
NEVER = {"emit": lambda h, _, topics, *__: topics > 4, "send_message": lambda h, *_: h.phase and h.resume > 1}
# Name -> what stages A and B do; above, which of them gathers first.
STAGES = {
    "input": [INPUT], "output_read": [RETURNED], "value_read": [OPENED], "output": [output],
    "revert": [revert], "context": [context], "storage_open": [aim_storage, storage_open],
    "storage_set": [aim_value, lambda m, *_: m.update(m["work.path"], m["work.commitment"])],
    "storage_delete": [aim_storage, lambda m, _: m.update(m["work.path"], None)],
    "account": [aim_account, account], "emit": [emit], "call": [request, suspend], "enter": [enter],
    "log": [lambda *_: None], "keccak256": [hashing(keccak)], "sha256": [hashing(sha256)],
    "secp256k1_recover": [secp256k1_recover], "send_message": [aim_message, send_message],
    "upgrade": [aim_code, upgrade]}
def execute_host(m, number):  # One step of the host word of that number.
    h, (name, names, has_result) = m.header, CALLS.get(number, ("", [], False))
    refuse(h.phase >= len(STAGES.get(name, [])), Stuck)
    arguments = [m.slot(h.fp + i, 32) for i in range(len(names))]
    if has_result: m.slot(h.sp)
    (checks, before, *leaves), gathers = ROWS[name], GATHERED.get(name) == h.phase
    if h.phase == 0 and not (gathers and h.resume):
        m.touch_record(*before)
        check(m, checks, dict(zip(names, arguments)))
    root = [gather(m, *arguments[-2:], CHUNKS if name == "storage_set" else PAGES)] if gathers else []
    if root == [None]: return
    refuse(name in NEVER and NEVER[name](h, *arguments), Stuck)
    m.touch_record(*leaves[h.phase])
    result = STAGES[name][h.phase](m, *root, *arguments)
    if result is UNFINISHED: return
    if has_result: m.set_slots(h.sp, result)
    h.sp, h.pc, h.phase, h.resume = h.sp + has_result, h.pc + 1, 0, 0
