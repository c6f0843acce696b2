"""Reading bytes, and the records of docs/formats.md sections 2 to 4: transactions, orders, results."""

from collections import namedtuple

from primitives import big, bytes_root, keccak, u, verify_signature


class Finding(Exception):
    """What is wrong with a bundle: a code of docs/errors.md."""


class Reader:
    """Reads big-endian fields one after the other; raises `short()` where the bytes end too early."""

    def __init__(self, data, short=lambda: Finding("BYTES_TRUNCATED")):
        self.data, self.at, self._short = data, 0, short

    def left(self):
        return len(self.data) - self.at

    def take(self, size):
        if size > self.left():
            raise self._short()
        self.at += size
        return self.data[self.at - size : self.at]

    def number(self, size):
        return big(self.take(size))

    def blob(self):
        """`bytes`: u32 length ‖ content."""
        return self.take(self.number(4))

    def end(self):
        if self.left():
            raise Finding("BYTES_TRAILING")


# --- transactions (section 3) -------------------------------------------------------------------------------

CALL, DEPLOY = 1, 2
HEAD = 256
_FIELDS = ("version", 1), ("kind", 1), ("environment", 32), ("key", 64), ("to", 20), ("value", 16), ("nonce", 8)
_FIELDS += ("gas_limit", 6), ("price", 8), ("input_length", 4), ("input_root", 32), ("signature", 64)
_BYTES = ("environment", "key", "to", "input_root", "signature")
Head = namedtuple("Head", [name for name, _ in _FIELDS])

_DOMAIN = keccak(
    keccak(b"EIP712Domain(string name,string version)") + keccak(b"Plasma") + keccak(b"1")
)
_STRUCT = keccak(
    b"Transaction(bytes32 environment,uint8 kind,address to,uint128 value,uint64 nonce,"
    b"uint64 gasLimit,uint64 price,uint32 inputLength,bytes32 inputRoot)"
)


def read_head(data):
    """The fields of a head of 256 bytes, whatever they say."""
    reader = Reader(data)
    return Head(*(reader.take(n) if name in _BYTES else reader.number(n) for name, n in _FIELDS))


def head_decodes(head, length, input_root):
    """Check 1 of section 5 without the Wasm's length: `length` is the entry's, `input_root` its input's."""
    return (
        head.version == 1
        and head.kind in (CALL, DEPLOY)
        and (head.kind == CALL or not any(head.to))
        and length == HEAD + head.input_length
        and head.input_root == input_root
    )


def digest(head):
    words = head.environment, u(head.kind, 32), bytes(12) + head.to, u(head.value, 32), u(head.nonce, 32)
    words += u(head.gas_limit, 32), u(head.price, 32), u(head.input_length, 32), head.input_root
    return keccak(b"\x19\x01" + _DOMAIN + keccak(_STRUCT + b"".join(words)))


def is_signed(head):
    return verify_signature(digest(head), head.signature, head.key)


def address_of(key):
    return keccak(key)[12:]


def contract_address(environment, sender, nonce):
    return keccak(b"\x01" + environment + sender + u(nonce, 8))[12:]


def hash_of_parts(length, head, rest_root):
    return keccak(u(length, 4) + keccak(head) + rest_root)


def transaction_hash(entry):
    return hash_of_parts(len(entry), entry[:HEAD], bytes_root(entry[HEAD:]))


def decode_transaction(entry):
    """The head of an entry that check 1 of section 5 lets pass, else None."""
    if len(entry) < HEAD:
        return None
    head, data = read_head(entry[:HEAD]), entry[HEAD:]
    if not head_decodes(head, len(entry), bytes_root(data)):
        return None
    if head.kind == DEPLOY and (len(data) < 4 or len(data) < 4 + big(data[:4])):
        return None
    return head


# --- orders and results (section 4) -------------------------------------------------------------------------

ENTRIES_MAX = 1 << 20
_ORDER = ("version", 1), ("environment", 32), ("height", 8), ("parent", 32), ("time", 8), ("producer", 20)
_ORDER += ("rules_hash", 32), ("inbox_first", 8), ("inbox_count", 4), ("count", 4), ("transactions_root", 32)
_RESULT = ("version", 1), ("state_root", 32), ("receipts_root", 32), ("outbox_root", 32), ("gas_used", 8)
_NUMBERS = ("version", "height", "time", "inbox_first", "inbox_count", "count", "gas_used")
Order = namedtuple("Order", [name for name, _ in _ORDER] + ["hash"])
Result = namedtuple("Result", [name for name, _ in _RESULT] + ["hash"])


def _record(kind, fields, data):
    reader = Reader(data)
    values = [reader.number(n) if name in _NUMBERS else reader.take(n) for name, n in fields]
    return kind(*values, keccak(data))


def read_order(data):
    order = _record(Order, _ORDER, data)
    if order.version != 1 or order.height == 0 or order.count > ENTRIES_MAX:
        raise Finding("ORDER_INVALID")
    return order


def read_result(data):
    result = _record(Result, _RESULT, data)
    if result.version != 1:
        raise Finding("RESULT_INVALID")
    return result


def block_hash(order, parent_result, result):
    return keccak(order.hash + parent_result.hash + result.hash)


# --- receipts and events (section 6) ------------------------------------------------------------------------

SUCCESS, REVERT, TRAP, SKIPPED = range(4)
RECEIPT = 108


def receipt(transaction, outcome, code, gas_used, output_hash, events_hash):
    return b"\x01" + transaction + u(outcome, 1) + u(code, 2) + u(gas_used, 8) + output_hash + events_hash


def event_link(before, emitter, topics, length, root):
    """E(i+1) of E(i); `topics` are their bytes one after the other."""
    count = len(topics) // 32
    return keccak(before + emitter + u(count, 1) + topics.ljust(128, b"\0") + u(length, 4) + root)
