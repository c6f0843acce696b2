"""Replay of a block of plain transfers from its bundle (docs/formats.md 13, "Replay").
The phases of docs/machine.md run over a whole record and the witness instead of a proof."""
import trie
from formats import (COUNT_MAX, HEAD, ORDER, RECEIPT, RESULT, Finding, Reader, block_hash, check, parts_of,
                     read_rules, refuse, transaction_hash)
from machine import FIELDS, HALTED, Header, Machine
from phases import step
from primitives import ZERO, big, bytes_hash, keccak, list_root

class NotPlain(Exception): pass  # The block runs a contract: more than this replayer does.
def _list(reader, read, hash_of=None):  # u32 count, then the items; strictly ascending by their hash, if any.
    count = reader.number(4)
    check(count <= COUNT_MAX, "BYTES_TOO_LONG")
    items = [read(reader) for _ in range(count)]
    hashes = [hash_of(item) for item in items] if hash_of else []
    check(hashes == sorted(set(hashes)), "BUNDLE_INVALID")
    return items

class Bundle:  # The parts of a bundle file (section 13).
    def __init__(self, data):
        reader = Reader(data)
        check(data[:8] == b"PLASMAVM", "FILE_MAGIC")
        check(reader.take(8) and reader.number(1) == 1, "FILE_KIND")
        check(reader.number(2) == 1, "FILE_FORMAT")
        self.headers = [reader.take(layout.size) for layout in (ORDER, RESULT, RESULT)]
        order, parent, result = ORDER.read(self.headers[0]), *map(RESULT.read, self.headers[1:])
        self.order, self.parent, self.result = order, parent, result
        check(order.version == 1 and order.height and order.transaction_count <= COUNT_MAX, "ORDER_INVALID")
        check(parent.version == result.version == 1, "RESULT_INVALID")
        self.rules, self.transactions = reader.blob(), _list(reader, Reader.blob)
        self.receipts = _list(reader, lambda reader: reader.take(RECEIPT.size))
        self.witness = reader.blob()
        self.code, self.prepare_rules = (_list(reader, Reader.blob, one) for one in (bytes_hash, keccak))
        flag = reader.number(1)
        entry = lambda reader: (reader.take(32), reader.blob(), reader.blob())
        debug = _list(reader, entry, lambda entry: entry[0]) if flag == 1 else []
        check(flag <= 1 and (not flag or debug), "BUNDLE_INVALID")
        reader.end()

class Block(Machine):  # The run of a block from leaf 0 (*init* of machine.md 2), over a whole record.
    def __init__(self, bundle, rules, witness):
        self.bundle, self.trie, self.touched = bundle, witness, set()
        self.header, self.record = Header(bytes(253) + b"\1\0\0"), bytearray(2048)  # phase 1
        self.listed = listed = rules["deployers"]
        said = {
            **{name.replace("_", " "): value for name, value in bundle.order._asdict().items()}, **rules,
            **{name[4:].replace(".", " "): value for name, value in rules.items()},
            "entry index": 0, "gas used": 0, "price minimum": rules["fees.priceMin"],
            "gas per transaction": rules["gas.perTransaction"], "gas per block": rules["gas.perBlock"],
            "receipts root": list_root(20, []),
            "deployers hash": ZERO if listed is None else keccak(b"".join(listed))}
        for name in FIELDS:
            if name.startswith(("block.", "terms.")): self[name] = said[name.split(".", 1)[1]]
        self["entered.left"] = rules["block.codeKiBMax"]
        self.fill("world", state_root=bundle.parent.state_root, outbox_root=list_root(16, []))
    def read(self, _, at, size): return bytes(self.record[at : at + size])
    def write(self, _, at, data): self.record[at : at + len(data)] = data
    def touch_record(self, *_): """All of the record is there."""
    def _entry(self): return self.bundle.transactions[self["block.entry index"]]
    def entry(self, _): return parts_of(self._entry())
    def first_u32(self, _): return big(self._entry()[HEAD.size : HEAD.size + 4])
    def head(self): return self._entry()[: HEAD.size]
    def deployers(self): return self.listed
    def open(self, path, form):  # What is under a path by now: an account, which is open whole.
        refuse(form != "account", NotPlain("it runs a contract"))
        self.touched.add(path)
        leaf = trie.find(self.trie, path)
        if leaf is None or isinstance(leaf.value, bytes): return leaf and leaf.value
        length, chunks = leaf.value or (64, {})
        check(length == 64, "STATE_IMPOSSIBLE")
        check(len(chunks) == 2, "WITNESS_MISSING")
        return chunks[0] + chunks[1]
    def append(self, field, index, leaf, depth, code):  # Receipts alone: the bundle's, whose root is checked.
        check(leaf == keccak(self.bundle.receipts[index]), "RECEIPT_MISMATCH")

def _check_form(bundle):  # Steps 2 to 5 of Replay: it agrees with itself. Gives rules and the parent's trie.
    order, entries, receipts = bundle.order, bundle.transactions, bundle.receipts
    check(keccak(bundle.rules) == order.rules_hash, "RULES_HASH_MISMATCH")
    rules = read_rules(bundle.rules)
    root = list_root(20, [transaction_hash(*parts_of(entry)) for entry in entries])
    is_root = len(entries) == len(receipts) == order.transaction_count and root == order.transactions_root
    check(is_root, "TRANSACTIONS_ROOT_MISMATCH")
    body_bytes = sum(max(len(entry), HEAD.size) for entry in entries)
    check(body_bytes <= rules["block.bodyBytesMax"], "BODY_TOO_LARGE")
    root = list_root(20, list(map(keccak, receipts)))
    check(root == bundle.result.receipts_root, "RECEIPTS_ROOT_MISMATCH")
    witness = trie.read_witness(bundle.witness)
    check(trie.node_hash(witness) == bundle.parent.state_root, "WITNESS_ROOT_MISMATCH")
    return rules, witness
def replay(data):  # The hash of the block that a bundle shows; a Finding says why it shows none.
    bundle = Bundle(data)
    rules, witness = _check_form(bundle)
    block, result = Block(bundle, rules, witness), bundle.result
    while block.header.status != HALTED: step(block)
    check(block["block.gas used"] == result.gas_used, "GAS_USED_MISMATCH")
    check(block["world.state root"] == result.state_root, "STATE_ROOT_MISMATCH")
    check(block["world.outbox root"] == result.outbox_root, "OUTBOX_ROOT_MISMATCH")
    trie.check_used(witness, block.touched)
    check(not bundle.code and not bundle.prepare_rules, "CODE_UNUSED")
    return block_hash(*bundle.headers)
