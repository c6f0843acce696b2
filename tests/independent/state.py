"""The state trie (docs/formats.md section 7) and the witness that opens a part of it (section 8)."""

from collections import namedtuple

from codec import Finding, Reader
from primitives import CHUNKS, ZERO, big, sha256, u

ACCOUNT, STORAGE, SYSTEM = range(3)
CODE, LOCK = b"code".ljust(32, b"\0"), b"lock".ljust(32, b"\0")
ACCOUNT_BYTES = 64


def path_of(kind, address, key=ZERO):
    return sha256(bytes([kind]) + address + key)


def bit(path, i):
    return path[i // 8] >> (7 - i % 8) & 1


def commitment_of_root(root, length):
    return sha256(root + u(length, 32))


def commitment_of(value):
    return commitment_of_root(CHUNKS.root_of(value) if value else ZERO, len(value))


def leaf_hash(path, commitment):
    digest = sha256(path + commitment)
    return bytes([digest[0] | 0x80]) + digest[1:]


def branch_hash(left, right):
    digest = sha256(left + right)
    return bytes([digest[0] & 0x7F]) + digest[1:]


def is_leaf_hash(digest):
    return digest[0] >= 0x80


Account = namedtuple("Account", ["nonce", "balance", "code"])
NO_ACCOUNT = Account(0, 0, ZERO)


def read_account(value):
    return Account(big(value[:8]), big(value[8:24]), value[32:])


def account_bytes(account):
    """The value of an account, or None if it is deleted."""
    if account == NO_ACCOUNT:
        return None
    return u(account.nonce, 8) + u(account.balance, 16) + bytes(8) + account.code


# --- the partial trie ---------------------------------------------------------------------------------------

# A node is None (empty), bytes (opaque, its hash), a Leaf, or a pair (left, right). `value` is None where the
# witness does not open it (form 0), else (length, {chunk index: chunk}).
Leaf = namedtuple("Leaf", ["path", "commitment", "value"])


def node_hash(node):
    if node is None:
        return ZERO
    if isinstance(node, bytes):
        return node
    if isinstance(node, Leaf):
        return leaf_hash(node.path, node.commitment)
    return branch_hash(*map(node_hash, node))


def find(node, path):
    """The leaf of a path, or None where it is absent."""
    depth = 0
    while isinstance(node, tuple) and not isinstance(node, Leaf):
        node = node[bit(path, depth)]
        depth += 1
    if isinstance(node, bytes):
        raise Finding("WITNESS_MISSING")
    return node if node and node.path == path else None


def insert(node, leaf, depth=0):
    """The trie with a leaf set."""
    if node is None or isinstance(node, Leaf) and node.path == leaf.path:
        return leaf
    if isinstance(node, Leaf):
        node = (None, node) if bit(node.path, depth) else (node, None)
    left, right = node
    if bit(leaf.path, depth):
        return left, insert(right, leaf, depth + 1)
    return insert(left, leaf, depth + 1), right


def check_used(node, touched, depth=0):
    """The last sentence of section 8: what is open lies on a touched path, values are open where touched."""
    if node is None or isinstance(node, bytes):
        return
    if not touched or isinstance(node, Leaf) and node.value and node.path not in touched:
        raise Finding("WITNESS_UNUSED")
    if not isinstance(node, Leaf):
        for side in (0, 1):
            check_used(node[side], {path for path in touched if bit(path, depth) == side}, depth + 1)


# --- the witness --------------------------------------------------------------------------------------------


class Bits:
    """Bits of a byte string, most significant first; what is over must be zero and less than a byte."""

    def __init__(self, data, width, error):
        self._data, self._at, self._width, self._error = data, 0, width, error

    def next(self):
        if self._at + self._width > 8 * len(self._data):
            raise Finding(self._error)
        value = big(self._data) >> (8 * len(self._data) - self._at - self._width) & ((1 << self._width) - 1)
        self._at += self._width
        return value

    def end(self):
        rest = 8 * len(self._data) - self._at
        if rest >= 8 or big(self._data) & ((1 << rest) - 1):
            raise Finding(self._error)


def _pieces(length, shape, content, chunks, depth, first):
    """The root of a part of a value's chunk tree; fills `chunks` with those that are open."""
    if first << depth >= -(-length // 32):
        return CHUNKS.zero(depth)
    if not shape.next():
        return content.take(32)
    if depth == 0:
        chunks[first] = content.take(32)
        return chunks[first]
    before = len(chunks)
    sides = [_pieces(length, shape, content, chunks, depth - 1, 2 * first + side) for side in (0, 1)]
    if len(chunks) == before:
        raise Finding("WITNESS_PIECES")
    return CHUNKS.node(*sides)


def _value(reader):
    """Form 1 of a leaf: the commitment and what is open."""
    length = reader.number(4)
    shape, content = Bits(reader.blob(), 1, "WITNESS_PIECES"), Reader(reader.blob(), lambda: Finding("WITNESS_PIECES"))
    chunks = {}
    root = _pieces(length, shape, content, chunks, CHUNKS.depth_of(length), 0) if length else ZERO
    shape.end()
    if content.left():
        raise Finding("WITNESS_PIECES")
    return commitment_of_root(root, length), (length, chunks)


def read_witness(data):
    """The partial trie of a witness, in its one form."""
    reader = Reader(data, lambda: Finding("WITNESS_LENGTH"))
    shape, hashes, count = Bits(reader.blob(), 2, "WITNESS_SHAPE"), reader.blob(), reader.number(4)
    opaque = Reader(hashes, lambda: Finding("WITNESS_LENGTH"))
    leaves = []

    def leaf(prefix):
        if len(leaves) == count:
            raise Finding("WITNESS_LENGTH")
        path, form = reader.take(32), reader.number(1)
        if form > 1 or any(bit(path, i) != side for i, side in enumerate(prefix)):
            raise Finding("WITNESS_LEAF")
        leaves.append(Leaf(path, *(_value(reader) if form else (reader.take(32), None))))
        return leaves[-1]

    def node(prefix):
        kind = shape.next()
        if kind == 0:
            return None
        if kind == 1:
            return opaque.take(32)
        if kind == 2:
            return leaf(prefix)
        if len(prefix) == 256:
            raise Finding("WITNESS_SHAPE")
        return node(prefix + [0]), node(prefix + [1])

    def check(root):
        """A subtree that holds one leaf is that leaf, an empty one is shown as such."""
        if root == ZERO:
            raise Finding("WITNESS_SHAPE")
        if isinstance(root, tuple) and not isinstance(root, Leaf):
            single = [child for child in root if child is not None]
            if not single or len(single) == 1 and is_leaf_hash(node_hash(single[0])):
                raise Finding("WITNESS_SHAPE")
            for child in root:
                check(child)

    root = node([])
    shape.end()
    if opaque.left() or reader.left() or len(leaves) != count:
        raise Finding("WITNESS_LENGTH")
    check(root)
    return root
