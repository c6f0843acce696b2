"""Replay of a block of plain value transfers from its bundle (docs/formats.md sections 5 and 13, \"Replay\")."""

from codec import (
    DEPLOY, ENTRIES_MAX, HEAD, RECEIPT, SKIPPED, SUCCESS, Finding, Reader, address_of, block_hash, decode_transaction,
    is_signed, read_order, read_result, receipt, transaction_hash,
)
from primitives import ZERO, bytes_hash, keccak, list_root
from rules import check_prepare_rules, read_rules
from state import (
    ACCOUNT, ACCOUNT_BYTES, NO_ACCOUNT, Account, Leaf, account_bytes, check_used, commitment_of, find, insert, node_hash,
    path_of, read_account, read_witness,
)

KIND_BUNDLE = 1
EMPTY_HASH = bytes_hash(b"")


class NotPlain(Exception):
    """The block runs a contract: more than this replayer does."""


class Bundle:
    """The parts of a bundle file (section 13)."""

    def __init__(self, data):
        reader = Reader(data)
        if data[:8] != b"PLASMAVM":
            raise Finding("FILE_MAGIC")
        reader.take(8)
        if reader.number(1) != KIND_BUNDLE:
            raise Finding("FILE_KIND")
        if reader.number(2) != 1:
            raise Finding("FILE_FORMAT")
        self.order = read_order(reader.take(181))
        self.parent_result, self.result = read_result(reader.take(105)), read_result(reader.take(105))
        self.rules = reader.blob()
        self.transactions = [reader.blob() for _ in range(_count(reader, ENTRIES_MAX))]
        self.receipts = [reader.take(RECEIPT) for _ in range(_count(reader, ENTRIES_MAX))]
        self.witness = reader.blob()
        self.code, self.prepare_rules = _ascending(reader, bytes_hash), _ascending(reader, keccak)
        _skip_debug_part(reader)
        reader.end()


def _count(reader, most):
    count = reader.number(4)
    if count > most:
        raise Finding("BYTES_TOO_LONG")
    return count


def _check_ascending(hashes):
    if any(a >= b for a, b in zip(hashes, hashes[1:])):
        raise Finding("BUNDLE_INVALID")


def _ascending(reader, hash_of):
    blobs = [reader.blob() for _ in range(_count(reader, ENTRIES_MAX))]
    _check_ascending([hash_of(blob) for blob in blobs])
    return blobs


def _skip_debug_part(reader):
    """Reads what nobody has to believe, for its form alone."""
    flag = reader.number(1)
    hashes = []
    for _ in range(_count(reader, ENTRIES_MAX) if flag == 1 else 0):
        hashes.append(reader.take(32))
        reader.blob(), reader.blob()
    if flag > 1 or flag == 1 and not hashes:
        raise Finding("BUNDLE_INVALID")
    _check_ascending(hashes)


class World:
    """Accounts over the witness; remembers what was touched and written."""

    def __init__(self, trie):
        self._trie, self._written, self.touched = trie, {}, set()

    def account(self, address):
        path = path_of(ACCOUNT, address)
        self.touched.add(path)
        if path in self._written:
            return self._written[path]
        leaf = find(self._trie, path)
        if leaf is None:
            return NO_ACCOUNT
        length, chunks = leaf.value or (ACCOUNT_BYTES, {})
        if length != ACCOUNT_BYTES:
            raise Finding("STATE_IMPOSSIBLE")
        if len(chunks) < 2:
            raise Finding("WITNESS_MISSING")
        return read_account(chunks[0] + chunks[1])

    def add(self, address, amount, nonce=0):
        """Changes a balance and a nonce."""
        before = self.account(address)
        self._written[path_of(ACCOUNT, address)] = Account(before.nonce + nonce, before.balance + amount, before.code)

    def root(self):
        trie = self._trie
        for path, account in self._written.items():
            # In a block of transfers no account that was there goes: each has a nonce or can only gain.
            if account != NO_ACCOUNT:
                trie = insert(trie, Leaf(path, commitment_of(account_bytes(account)), None))
        return node_hash(trie)


def _skip_code(head, order, rules, world, gas_left):
    """Checks 2 to 10 of section 5, in order; the first that fails, else 0. Check 1 gave the head."""
    if head.environment != order.environment:
        return 2
    if not is_signed(head):
        return 3
    address = address_of(head.key)
    sender = world.account(address)
    checks = (
        (4, head.nonce != sender.nonce),
        (5, head.gas_limit > rules["gas.perTransaction"]),
        (6, head.gas_limit > gas_left),
        (7, _intrinsic(head, rules) > head.gas_limit),
        (8, sender.balance < head.gas_limit * head.price + head.value),
        (9, head.kind == DEPLOY and rules["deployers"] is not None and address not in rules["deployers"]),
        (10, head.price < rules["fees.priceMin"]),
    )
    return next((code for code, failed in checks if failed), 0)


def _intrinsic(head, rules):
    leaves = -(-head.input_length // 128) * rules["gas.intrinsic.transactionLeaf"]
    return rules["gas.intrinsic.transaction"] + leaves + (head.kind == DEPLOY) * rules["gas.intrinsic.deploy"]


def _execute(entry, order, rules, world, gas_left):
    """One entry (section 5): its receipt and the gas it used."""
    head = decode_transaction(entry)
    code = _skip_code(head, order, rules, world, gas_left) if head else 1
    if code:
        return receipt(transaction_hash(entry), SKIPPED, code, 0, EMPTY_HASH, ZERO), 0
    sender, gas = address_of(head.key), _intrinsic(head, rules)
    world.add(sender, -head.gas_limit * head.price, nonce=1)  # (a)
    if head.kind == DEPLOY:
        raise NotPlain("it deploys a contract")
    if head.value:  # (b)
        world.add(sender, -head.value)
        world.add(head.to, head.value)
    if world.account(head.to).code != ZERO:  # (c)
        raise NotPlain("it calls a contract")
    world.add(sender, (head.gas_limit - gas) * head.price)  # (d)
    world.add(order.producer, gas * head.price)  # (e)
    return receipt(transaction_hash(entry), SUCCESS, 0, gas, EMPTY_HASH, ZERO), gas


def _check_form(bundle):
    """What needs no execution: the bundle agrees with itself. Gives the rules and the parent's trie."""
    order = bundle.order
    if keccak(bundle.rules) != order.rules_hash:
        raise Finding("RULES_HASH_MISMATCH")
    rules = read_rules(bundle.rules)
    if not len(bundle.transactions) == len(bundle.receipts) == order.count:
        raise Finding("TRANSACTIONS_ROOT_MISMATCH")
    if list_root(20, [transaction_hash(entry) for entry in bundle.transactions]) != order.transactions_root:
        raise Finding("TRANSACTIONS_ROOT_MISMATCH")
    if sum(max(len(entry), HEAD) for entry in bundle.transactions) > rules["block.bodyBytesMax"]:
        raise Finding("BODY_TOO_LARGE")
    if list_root(20, [keccak(one) for one in bundle.receipts]) != bundle.result.receipts_root:
        raise Finding("RECEIPTS_ROOT_MISMATCH")
    for blob in bundle.prepare_rules:
        check_prepare_rules(blob)
    trie = read_witness(bundle.witness)
    if node_hash(trie) != bundle.parent_result.state_root:
        raise Finding("WITNESS_ROOT_MISMATCH")
    return rules, trie


def replay(data):
    """The hash of the block that a bundle shows; a Finding says why it shows none."""
    bundle = Bundle(data)
    rules, trie = _check_form(bundle)
    world, gas_used = World(trie), 0
    for entry, claimed in zip(bundle.transactions, bundle.receipts):
        right, gas = _execute(entry, bundle.order, rules, world, rules["gas.perBlock"] - gas_used)
        gas_used += gas
        if right != claimed:
            raise Finding("RECEIPT_MISMATCH")
    if gas_used != bundle.result.gas_used:
        raise Finding("GAS_USED_MISMATCH")
    if world.root() != bundle.result.state_root:
        raise Finding("STATE_ROOT_MISMATCH")
    if bundle.result.outbox_root != list_root(16, []):
        raise Finding("OUTBOX_ROOT_MISMATCH")
    check_used(trie, world.touched)
    if bundle.code or bundle.prepare_rules:
        raise Finding("CODE_UNUSED")
    return block_hash(bundle.order, bundle.parent_result, bundle.result)
