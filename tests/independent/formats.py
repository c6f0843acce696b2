"""Reading bytes: transactions, orders, results, receipts (docs/formats.md 2 to 6), rules (docs/rules.md).
Tables that the documents have are read from the documents."""
import re
from collections import namedtuple
from pathlib import Path

from primitives import N, P, ZERO, big, bytes_root, keccak, recover, u

ROOT = Path(__file__).resolve().parents[2]

def document(page, pattern):  # What a pattern finds in the lines of a page of docs/.
    return re.findall(pattern, (ROOT / "docs" / page).read_text("utf8"), re.M)

class Finding(Exception): pass  # What is wrong with a bundle: a code of docs/errors.md.
def refuse(condition, error):  # Raises an error where a condition holds.
    if condition: raise error
def check(is_right, code): refuse(not is_right, Finding(code))

class Reader:
    """Reads big-endian fields one after the other; raises `short` where the bytes end too early."""
    def __init__(self, data, short=Finding("BYTES_TRUNCATED"), over=Finding("BYTES_TRAILING")):
        self.data, self.at, self._short, self._over = data, 0, short, over
    def take(self, size):
        refuse(size > len(self.data) - self.at, self._short)
        self.at += size
        return self.data[self.at - size : self.at]
    def number(self, size): return big(self.take(size))
    def blob(self): return self.take(self.number(4))
    def end(self): refuse(self.at < len(self.data), self._over)
def record(name, fields):
    """A function that reads records of fields `name:size` (a number) or `name*size` (bytes)."""
    fields = [(name, mark, int(size)) for name, mark, size in re.findall(r"(\w+)([:*])(\d+)", fields)]
    kind = namedtuple(name, [name for name, _, _ in fields])
    def read(data):
        reader = Reader(data)
        return kind(*(reader.number(n) if mark == ":" else reader.take(n) for _, mark, n in fields))
    return read

CALL, DEPLOY, MESSAGE, HEAD = 1, 2, 3, 256
read_head = record("Head", "version:1 kind:1 environment*32 key*64 to*20 value:16 nonce:8 gas_limit:6"
                   " price:8 input_length:4 input_root*32 signature*64")
DOMAIN = keccak(b"EIP712Domain(string name,string version)") + keccak(b"Plasma") + keccak(b"1")
STRUCT = keccak(b"Transaction(bytes32 environment,uint8 kind,address to,uint128 value,uint64 nonce,"
                b"uint64 gasLimit,uint64 price,uint32 inputLength,bytes32 inputRoot)")
def wasm_length(head, length, input_root, first_u32):
    """The length of the Wasm of an entry (0 of a call), None where check 1 of section 5 fails.
    `length` is that of the whole entry; a deployment asks for the first u32 of its input last."""
    of_message = head.key[32:44] + u(head.price, 8) + head.signature
    zeros = {CALL: b"", DEPLOY: head.to, MESSAGE: of_message}
    is_known = head.version == 1 and head.kind in zeros and not any(zeros[head.kind])
    if not is_known or length != HEAD + head.input_length or head.input_root != input_root:
        return None
    if head.kind != DEPLOY: return 0
    wasm = first_u32(head) if head.input_length >= 4 else head.input_length
    return wasm if 4 + wasm <= head.input_length else None
def digest(head):  # What the sender signs (section 3, EIP-712).
    words = head.environment + u(head.kind, 32) + head.to.rjust(32, b"\0")
    numbers = head.value, head.nonce, head.gas_limit, head.price, head.input_length
    words += b"".join(u(number, 32) for number in numbers)
    return keccak(b"\x19\x01" + keccak(DOMAIN) + keccak(STRUCT + words + head.input_root))
def is_signed(head, sender):
    """Whether the signature is of an address: the key of the head is not asked (machine.md 5, phase 2)."""
    keys = [recover(digest(head), head.signature + u(v, 1)) for v in (27, 28)]
    return big(head.signature[:32]) >= P - N and any(key and keccak(key)[12:] == sender for key in keys)

def sender_of(head):  # The address of the key, or the sender S of a message (section 3).
    if head.kind != MESSAGE: return keccak(head.key)[12:]
    source, address = head.key[:32], head.key[44:]
    return address if source == ZERO else keccak(b"\x02" + source + address)[12:]
def contract_address(environment, sender, nonce):
    return keccak(b"\x01" + environment + sender + u(nonce, 8))[12:]
def parts_of(entry):
    """Length, head and root of what is behind: of these is the transaction hash (section 3)."""
    return len(entry), entry[:HEAD], bytes_root(entry[HEAD:])
def transaction_hash(length, head, rest_root):
    return keccak(u(length, 4) + keccak(head) + rest_root)

COUNT_MAX, RECEIPT, ORDER, RESULT = 1 << 20, 108, 181, 105
SUCCESS, REVERT, TRAP, SKIPPED = range(4)
read_order = record("Order", "version:1 environment*32 height:8 parent*32 time:8 producer*20"
                    " rules_hash*32 inbox_first:8 inbox_count:4 count:4 transactions_root*32")
read_result = record("Result", "version:1 state_root*32 receipts_root*32 outbox_root*32 gas_used:8")

def block_hash(order, parent_result, result):  # Section 4, of the bytes of the three.
    return keccak(keccak(order) + keccak(parent_result) + keccak(result))
def receipt(transaction, outcome, code, gas_used, output, events):  # Section 6.
    return b"\x01" + transaction + u(outcome, 1) + u(code, 2) + u(gas_used, 8) + output + events
def event_link(before, emitter, topics, length, root):
    """E(i+1) of E(i) (section 6); `topics` are their bytes one after the other."""
    count = u(len(topics) // 32, 1)
    return keccak(before + emitter + count + topics.ljust(128, b"\0") + u(length, 4) + root)
def message(source, sender, target, to, value, length, root):
    """What settlement carries (section 6)."""
    return b"\x01" + source + target + sender + to + u(value, 16) + u(length, 4) + root

FIELDS = document("rules.md", r"^\| `([\w.]+)` \|[^|]*\| ([^|]*) \| ([^|]*) \|")
REQUIRED = (1, 2, 3, 5, 6, 14)  # input, output, revert, storage_open, value_read, keccak256

def _flag(reader):
    flag = reader.number(1)
    check(flag <= 1, "BYTES_NOT_CANONICAL")
    return flag
def _addresses(reader, least):
    found = [reader.take(20) for _ in range(reader.number(1))]
    check(least <= len(found) <= 16, "RULES_RANGE")
    check(found == sorted(set(found)), "BYTES_NOT_CANONICAL")
    return found
def _other(name, reader):
    """The fields of the table "Canonical encoding" of rules.md, which are no number."""
    if name == "hostCallsAllowed": return [_flag(reader) for _ in range(19)]
    if not _flag(reader): return None
    if name != "data": return reader.take(20) if name == "guardian" else _addresses(reader, 0)
    members, threshold = _addresses(reader, 1), reader.number(1)
    check(1 <= threshold <= len(members), "RULES_CONFLICT")
    return members, threshold
def read_rules(data):
    """Rules by the names of their fields; whether prepare accepts them is for one who can run it."""
    reader, rules, in_range = Reader(data), {}, True
    for name, allowed, encoding in FIELDS:
        if not re.fullmatch(r"u\d+", encoding):
            rules[name] = _other(name, reader)
            continue
        value = rules[name] = reader.number(int(encoding[1:]) // 8)
        check(name != "version" or value == 1, "RULES_VERSION_UNKNOWN")
        bounds = [int(number.replace(",", "")) for number in allowed.split(" … ")]
        in_range &= bounds[0] <= value <= bounds[-1]
    reader.end()
    check(in_range, "RULES_RANGE")
    _check_together(rules)
    return rules
def _check_together(rules):  # What stands under "Beyond the ranges".
    allowed, most = rules["hostCallsAllowed"], 2**32 - 2**24 - 2**16
    check(all(allowed[number - 1] for number in REQUIRED), "RULES_HOST_CALL_REQUIRED")
    least, per_block = rules["gas.intrinsic.transaction"], rules["gas.perBlock"]
    leaves, inbox = -(-rules["messages.messageBytesMax"] // 128), rules["messages.inboxPerBlockMax"]
    longest = least + rules["gas.intrinsic.transactionLeaf"] * leaves
    frame = min(least, rules["gas.hostCalls.call.base"]) + rules["gas.entry.base"]
    fits = longest <= rules["messages.gas"] <= min(rules["gas.perTransaction"], per_block // (inbox or 1))
    is_bounded = per_block * (frame + 2 * rules["module.bodyInstructions"]) <= most * frame
    check(rules["gas.perTransaction"] <= per_block and (fits or not inbox) and is_bounded, "RULES_CONFLICT")
