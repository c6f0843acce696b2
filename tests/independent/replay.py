"""Replay of a block of plain transfers from its bundle (docs/formats.md 13, "Replay").

The phases of docs/machine.md run over the whole record and the witness instead of a proof."""

import trie
from formats import (
    COUNT_MAX, HEAD, ORDER, RECEIPT, RESULT, Finding, Reader, block_hash, check, parts_of, read_order, read_result,
    read_rules, transaction_hash,
)
from machine import HALTED, Header, Machine
from phases import step
from primitives import ZERO, big, bytes_hash, keccak, list_root, u

class NotPlain(Exception):
    """The block runs a contract: more than this replayer does."""

def _count(reader):
    count = reader.number(4)
    if count > COUNT_MAX:
        raise Finding("BYTES_TOO_LONG")
    return count

def _check_ascending(hashes):
    if any(a >= b for a, b in zip(hashes, hashes[1:])):
        raise Finding("BUNDLE_INVALID")

class Bundle:
    """The parts of a bundle file (section 13)."""

    def __init__(self, data):
        reader = Reader(data)
        if data[:8] != b"PLASMAVM":
            raise Finding("FILE_MAGIC")
        if reader.take(8) and reader.number(1) != 1:
            raise Finding("FILE_KIND")
        if reader.number(2) != 1:
            raise Finding("FILE_FORMAT")
        self.order_bytes = reader.take(ORDER)
        self.order = read_order(self.order_bytes)
        check(self.order.version == 1 and 0 < self.order.height and self.order.count <= COUNT_MAX, "ORDER_INVALID")
        self.results = [reader.take(RESULT), reader.take(RESULT)]
        self.parent_result, self.result = map(read_result, self.results)
        check(self.parent_result.version == self.result.version == 1, "RESULT_INVALID")
        self.rules = reader.blob()
        self.transactions = [reader.blob() for _ in range(_count(reader))]
        self.receipts = [reader.take(RECEIPT) for _ in range(_count(reader))]
        self.witness = reader.blob()
        self.code, self.prepare_rules = (self._ascending(reader, f) for f in (bytes_hash, keccak))
        self._debug_part(reader)
        reader.end()

    def _ascending(self, reader, hash_of):
        blobs = [reader.blob() for _ in range(_count(reader))]
        _check_ascending([hash_of(blob) for blob in blobs])
        return blobs

    def _debug_part(self, reader):
        """What nobody has to believe, for its form alone."""
        flag = reader.number(1)
        count = _count(reader) if flag == 1 else 0
        hashes = [(reader.take(32), reader.blob(), reader.blob())[0] for _ in range(count)]
        if flag > 1 or flag == 1 and not hashes:
            raise Finding("BUNDLE_INVALID")
        _check_ascending(hashes)

class Block(Machine):
    """The run of a block from leaf 0 (*init* of machine.md 2), over a whole record."""

    def __init__(self, bundle, rules, witness):
        order, self.bundle, self.trie, self.touched = bundle.order, bundle, witness, set()
        self.header, self.record = Header(bytes(256)), bytearray(2048)
        self.header.goto(1)
        deployers = rules["deployers"]
        self["world.state root"] = bundle.parent_result.state_root
        self["world.outbox root"], self["block.receipts root"] = list_root(16, []), list_root(20, [])
        self["block.environment id"] = order.environment
        self["block.transactions root"] = order.transactions_root
        self["block.transaction count"] = order.count
        self["block.height"], self["block.time"] = order.height, order.time
        self["terms.producer"], self["terms.inbox count"] = order.producer, order.inbox_count
        self["terms.deployers hash"] = ZERO if deployers is None else keccak(b"".join(deployers))
        self["terms.gas per transaction"] = rules["gas.perTransaction"]
        self["terms.gas per block"] = rules["gas.perBlock"]
        for name in "transaction", "transactionLeaf", "deploy":
            self["terms.intrinsic " + name] = rules["gas.intrinsic." + name]
        self["terms.price minimum"] = rules["fees.priceMin"]
        for name in "messages.messageBytesMax", "messages.outboxPerBlockMax":
            self["terms." + name] = rules[name]
        self.deployers = lambda: deployers

    def read(self, _, at, size):
        return bytes(self.record[at : at + size])

    def write(self, _, at, data):
        self.record[at : at + len(data)] = data

    def touch_record(self, *_):
        """All of the record is there."""

    def open(self, path, form):
        """What the witness, and what came since, has under a path: an account, which is open whole."""
        if form != "account":
            raise NotPlain("it runs a contract")
        self.touched.add(path)
        leaf = trie.find(self.trie, path)
        if leaf is None or isinstance(leaf.value, bytes):
            return leaf and leaf.value
        length, chunks = leaf.value or (64, {})
        if length != 64:
            raise Finding("STATE_IMPOSSIBLE")
        if len(chunks) < 2:
            raise Finding("WITNESS_MISSING")
        return chunks[0] + chunks[1]

    def entry(self, index):
        return parts_of(self.bundle.transactions[index])

    def head(self):
        return self.bundle.transactions[self["block.entry index"]][:HEAD]

    def first_u32(self, _):
        return big(self.bundle.transactions[self["block.entry index"]][HEAD : HEAD + 4])

    def append(self, field, index, leaf, depth, code):
        """Receipts alone are appended: each is that of the bundle, whose root is checked before."""
        if leaf != keccak(self.bundle.receipts[index]):
            raise Finding("RECEIPT_MISMATCH")

def _check_form(bundle):
    """Steps 2 to 5: the bundle agrees with itself. Gives the rules and the parent's trie."""
    order, entries = bundle.order, bundle.transactions
    if keccak(bundle.rules) != order.rules_hash:
        raise Finding("RULES_HASH_MISMATCH")
    rules = read_rules(bundle.rules)
    root = list_root(20, [transaction_hash(*parts_of(entry)) for entry in entries])
    if not len(entries) == len(bundle.receipts) == order.count or root != order.transactions_root:
        raise Finding("TRANSACTIONS_ROOT_MISMATCH")
    if sum(max(len(entry), HEAD) for entry in entries) > rules["block.bodyBytesMax"]:
        raise Finding("BODY_TOO_LARGE")
    if list_root(20, [keccak(one) for one in bundle.receipts]) != bundle.result.receipts_root:
        raise Finding("RECEIPTS_ROOT_MISMATCH")
    witness = trie.read_witness(bundle.witness)
    if trie.node_hash(witness) != bundle.parent_result.state_root:
        raise Finding("WITNESS_ROOT_MISMATCH")
    return rules, witness

def replay(data):
    """The hash of the block that a bundle shows; a Finding says why it shows none."""
    bundle = Bundle(data)
    rules, witness = _check_form(bundle)
    block = Block(bundle, rules, witness)
    while block.header.status != HALTED:
        step(block)
    for field, name in ("block.gas used", "gas_used"), ("world.state root", "state_root"), (
        "world.outbox root", "outbox_root"):
        if block[field] != getattr(bundle.result, name):
            raise Finding(name.upper() + "_MISMATCH")
    trie.check_used(witness, block.touched)
    if bundle.code or bundle.prepare_rules:
        raise Finding("CODE_UNUSED")
    return block_hash(bundle.order_bytes, *bundle.results)
