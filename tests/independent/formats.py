"""Reading bytes: transactions, orders, results, receipts (docs/formats.md 2 to 6), rules (docs/rules.md).
Tables that the documents have are read from the documents."""
import re
from collections import namedtuple
from pathlib import Path
from primitives import big, bytes_root, keccak, u

ROOT = Path(__file__).resolve().parents[2]
def document(page, pattern):  # What a pattern finds in the lines of a page of docs/.
    return re.findall(pattern, (ROOT / "docs" / page).read_text("utf8"), re.M)
class Finding(Exception): pass  # What is wrong with a bundle: a code of docs/errors.md.
def refuse(condition, error):  # Raises an error where a condition holds.
    if condition: raise error
def check(is_right, code): refuse(not is_right, Finding(code))
class Reader:  # Reads fields one after the other; raises `short` where the bytes end too early.
    def __init__(self, data, short=Finding("BYTES_TRUNCATED"), over=Finding("BYTES_TRAILING")):
        self.data, self.at, self._short, self._over = data, 0, short, over
    def take(self, size):
        refuse(size > len(self.data) - self.at, self._short)
        self.at += size
        return self.data[self.at - size : self.at]
    def number(self, size): return big(self.take(size))
    def blob(self): return self.take(self.number(4))
    def rest(self): return self.data[self.at :]
    def end(self): refuse(self.rest(), self._over)
class Layout:  # Fields one after the other: `name:4` is a number of 4 bytes, `name*32` is 32 bytes.
    def __init__(self, fields):
        fields = re.findall(r"(\w+)([:*])(\d+)", fields)
        self._kind = namedtuple("Record", [name for name, _, _ in fields])
        self._fields = [(mark == ":", int(size)) for _, mark, size in fields]
        self.size = sum(size for _, size in self._fields)
    def read(self, data):
        reader = Reader(data)
        return self._kind(*((reader.number if numeric else reader.take)(n) for numeric, n in self._fields))
    def write(self, *values):
        fields = zip(values, self._fields)
        return b"".join(u(value, size) if is_number else value for value, (is_number, size) in fields)

HEAD = Layout("version:1 kind:1 environment*32 key*64 to*20 value:16 nonce:8 gas_limit:6 price:8"
              " input_length:4 input_root*32 signature*64")
ORDER = Layout("version:1 environment_id*32 height:8 parent*32 time:8 producer*20 rules_hash*32"
               " inbox_first:8 inbox_count:4 transaction_count:4 transactions_root*32")
RESULT = Layout("version:1 state_root*32 receipts_root*32 outbox_root*32 gas_used:8")
RECEIPT = Layout("version:1 transaction*32 outcome:1 code:2 gas_used:8 output*32 events*32")
SENT = Layout("version:1 source*32 target*32 sender*20 to*20 value:16 length:4 root*32")
CONTEXT = Layout("self*20 caller*20 origin*20 producer*20 environment*32 value:16 height:8 time:8 price:8"
                 " nonce:8 gas_limit:8 input_length:4 flags:4 source*32")
CALL, DEPLOY, MESSAGE, COUNT_MAX, VALUE_MAX = 1, 2, 3, 1 << 20, 1 << 16
SUCCESS, REVERT, TRAP, SKIPPED = range(4)

DOMAIN = keccak(b"EIP712Domain(string name,string version)") + keccak(b"Plasma") + keccak(b"1")
STRUCT = keccak(b"Transaction(bytes32 environment,uint8 kind,address to,uint128 value,uint64 nonce,"
                b"uint64 gasLimit,uint64 price,uint32 inputLength,bytes32 inputRoot)")
def wasm_length(head, length, input_root, first_u32):
    """The length of the Wasm of an entry (0 of a call), None where check 1 of section 5 fails."""
    zeros = {CALL: b"", DEPLOY: head.to, MESSAGE: head.key[32:44] + u(head.price, 8) + head.signature}
    is_known = head.version == 1 and head.kind in zeros and not any(zeros[head.kind])
    is_known = is_known and length == HEAD.size + head.input_length and head.input_root == input_root
    if not is_known or head.kind != DEPLOY: return 0 if is_known else None
    wasm = first_u32(head) if head.input_length >= 4 else head.input_length
    return wasm if 4 + wasm <= head.input_length else None
def digest(head):  # What the sender signs (section 3, EIP-712).
    numbers = head.value, head.nonce, head.gas_limit, head.price, head.input_length
    words = head.environment + u(head.kind, 32) + head.to.rjust(32, b"\0")
    words += b"".join(u(number, 32) for number in numbers)
    return keccak(b"\x19\x01" + keccak(DOMAIN) + keccak(STRUCT + words + head.input_root))
def sender_of(head):  # The address of the key, or the sender S of a message (section 3).
    if head.kind != MESSAGE: return keccak(head.key)[12:]
    return keccak(b"\x02" + head.key[:32] + head.key[44:])[12:] if any(head.key[:32]) else head.key[44:]
def contract_address(environment, sender, nonce):
    return keccak(b"\x01" + environment + sender + u(nonce, 8))[12:]
def parts_of(entry):  # Length, head and root of what is behind: of these is the transaction hash (section 3).
    return len(entry), entry[: HEAD.size], bytes_root(entry[HEAD.size :])
def transaction_hash(length, head, rest_root): return keccak(u(length, 4) + keccak(head) + rest_root)
def block_hash(*parts): return keccak(b"".join(map(keccak, parts)))  # order, parent result, result
def event_link(before, emitter, topics, length, root):  # E(i+1) of E(i) (section 6).
    count, topics = u(len(topics) // 32, 1), topics.ljust(128, b"\0")
    return keccak(before + emitter + count + topics + u(length, 4) + root)

FIELDS = document("rules.md", r"^\| `([\w.]+)` \|[^|]*\| ([^|]*) \| ([^|]*) \|")
REQUIRED = (1, 2, 3, 5, 6, 14)  # input, output, revert, storage_open, value_read, keccak256
def _flag(reader):
    check((flag := reader.number(1)) <= 1, "BYTES_NOT_CANONICAL")
    return flag
def _addresses(reader): return [reader.take(20) for _ in range(reader.number(1))]
OTHERS = {  # The fields that are no number ("Canonical encoding").
    "hostCallsAllowed": lambda reader: [_flag(reader) for _ in range(19)],
    "deployers": lambda reader: _addresses(reader) if _flag(reader) else None,
    "data": lambda reader: (_addresses(reader), reader.number(1)) if _flag(reader) else None,
    "guardian": lambda reader: reader.take(20) if _flag(reader) else None}
def _check_field(name, value, allowed):
    if name not in OTHERS:
        bounds = [int(number.replace(",", "")) for number in allowed.split(" … ")]
        check(bounds[0] <= value <= bounds[-1], "RULES_RANGE")
    elif name == "hostCallsAllowed":
        check(all(value[number - 1] for number in REQUIRED), "RULES_HOST_CALL_REQUIRED")
    elif name != "guardian" and value is not None:
        members, threshold = value if name == "data" else (value, None)
        check(len(members) <= 16, "RULES_RANGE")
        check(len(members) == len(set(members)), "RULES_DUPLICATE")
        check(threshold is None or 1 <= threshold <= len(members), "RULES_RANGE")
def _check_together(rules):  # What stands under "Beyond the ranges".
    least, per_block, most = rules["gas.intrinsic.transaction"], rules["gas.perBlock"], 2**32 - 2**24 - 2**16
    leaves, inbox = -(-rules["messages.messageBytesMax"] // 128), rules["messages.inboxPerBlockMax"]
    longest = least + rules["gas.intrinsic.transactionLeaf"] * leaves
    frame = min(least, rules["gas.hostCalls.call.base"]) + rules["gas.entry.base"]
    fits = longest <= rules["messages.gas"] <= min(rules["gas.perTransaction"], per_block // (inbox or 1))
    is_bounded = per_block * (frame + 2 * rules["module.bodyInstructions"]) <= most * frame
    check(rules["gas.perTransaction"] <= per_block and (fits or not inbox) and is_bounded, "RULES_CONFLICT")
    check(rules["block.codeKiBMax"] >= 5 + -(-rules["module.wasmBytes"] // 1024), "RULES_CONFLICT")
def read_rules(data):
    """Rules by the names of their fields; whether prepare accepts them is for one who can run it."""
    reader, rules = Reader(data), {}
    for name, allowed, encoding in FIELDS:
        rules[name] = OTHERS[name](reader) if name in OTHERS else reader.number(int(encoding[1:]) // 8)
        check(name not in ("version", "semantics") or f"{rules[name]}" == allowed, "RULES_VERSION_UNKNOWN")
    reader.end()
    for name, allowed, _ in FIELDS: _check_field(name, rules[name], allowed)
    _check_together(rules)
    for members in rules["deployers"] or [], (rules["data"] or [[]])[0]:
        check(members == sorted(members), "BYTES_NOT_CANONICAL")
    return rules
