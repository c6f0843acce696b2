"""The state trie (docs/formats.md 7), as far as a witness (8) or a state path of a proof opens it.

A node is None (empty), bytes (opaque: its hash), a Leaf, or a pair (left, right). The value of a leaf is
what its opening shows of it: None, bytes, or of a witness (length, {chunk index: chunk})."""

from collections import namedtuple

from formats import Finding, Reader
from primitives import CHUNKS, ZERO, big, sha256, u

ACCOUNT, STORAGE, SYSTEM = range(3)
CODE, LOCK = b"code".ljust(32, b"\0"), b"lock".ljust(32, b"\0")
Leaf = namedtuple("Leaf", "path commitment value")
Account = namedtuple("Account", "nonce balance code")

def path_of(kind, address, key=ZERO):
    return sha256(bytes([kind]) + address + key)

def bit(data, i):
    """Bit i of bytes, most significant first."""
    return data[i // 8] >> (7 - i % 8) & 1

def commitment_of_root(root, length):
    return sha256(root + u(length, 32))

def commitment_of(value):
    return commitment_of_root(CHUNKS.root_of(value), len(value))

def read_account(value):
    """The account of a value of 64 bytes; of None, one that is not there."""
    value = value or bytes(64)
    return Account(big(value[:8]), big(value[8:24]), value[32:])

def account_bytes(account):
    """The value of an account, or None if it is deleted."""
    value = u(account.nonce, 8) + u(account.balance, 16) + bytes(8) + account.code
    return value if any(value) else None

def is_branch(node):
    return isinstance(node, tuple) and not isinstance(node, Leaf)

def node_hash(node):
    """Section 7: the top bit of the first byte tells leaves from branches."""
    if node is None or isinstance(node, bytes):
        return node or ZERO
    parts = node[:2] if isinstance(node, Leaf) else map(node_hash, node)
    digest = sha256(b"".join(parts))
    return bytes([digest[0] & 0x7F | isinstance(node, Leaf) << 7]) + digest[1:]

def find(node, path):
    """The leaf of a path, or None where it is absent."""
    depth = 0
    while is_branch(node):
        node, depth = node[bit(path, depth)], depth + 1
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

def is_single(node):
    """Whether a subtree holds one leaf."""
    return isinstance(node, Leaf) or isinstance(node, bytes) and node[0] >= 0x80

def remove(node, path, depth=0):
    """The trie without a leaf that it holds; a subtree of one leaf becomes that leaf."""
    if not is_branch(node):
        return None
    sides = list(node)
    sides[bit(path, depth)] = remove(sides[bit(path, depth)], path, depth + 1)
    left, right = sides
    if left is None and (right is None or is_single(right)):
        return right
    return left if right is None and is_single(left) else (left, right)

def check_used(node, touched, depth=0):
    """The last bullet of section 8: what is open lies on a touched path, values where touched."""
    if node is None or isinstance(node, bytes):
        return
    if not touched or isinstance(node, Leaf) and node.value and node.path not in touched:
        raise Finding("WITNESS_UNUSED")
    for side in (0, 1) if is_branch(node) else ():
        check_used(node[side], {path for path in touched if bit(path, depth) == side}, depth + 1)

# --- the witness (section 8) ---

class Bits:
    """Bits of bytes, most significant first; what is over is zero and less than a byte."""

    def __init__(self, data, width, error):
        self._data, self._at, self._width, self._error = data, 0, width, Finding(error)

    def next(self):
        value, self._at = self._at, self._at + self._width
        if self._at > 8 * len(self._data):
            raise self._error
        return sum(bit(self._data, value + i) << (self._width - 1 - i) for i in range(self._width))

    def end(self):
        rest = 8 * len(self._data) - self._at
        if rest >= 8 or big(self._data[-1:]) & ((1 << rest) - 1):
            raise self._error

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
    sides = [_pieces(length, shape, content, chunks, depth - 1, 2 * first + i) for i in (0, 1)]
    if len(chunks) == before:
        raise Finding("WITNESS_PIECES")
    return CHUNKS.node(*sides)

def _value(reader):
    """Form 1 of a leaf: its commitment and what is open."""
    wrong, length, chunks = Finding("WITNESS_PIECES"), reader.number(4), {}
    shape, content = Bits(reader.blob(), 1, "WITNESS_PIECES"), Reader(reader.blob(), wrong, wrong)
    depth = CHUNKS.depth_of(length)
    root = _pieces(length, shape, content, chunks, depth, 0) if length else ZERO
    shape.end(), content.end()
    return commitment_of_root(root, length), (length, chunks)

def read_witness(data):
    """The partial trie of a witness, in its one form."""
    wrong = Finding("WITNESS_LENGTH")
    reader = Reader(data, wrong, wrong)
    shape, opaque = Bits(reader.blob(), 2, "WITNESS_SHAPE"), Reader(reader.blob(), wrong, wrong)
    count, leaves = reader.number(4), []

    def leaf(prefix):
        if len(leaves) == count:
            raise wrong
        path, form = reader.take(32), reader.number(1)
        if form > 1 or any(bit(path, i) != side for i, side in enumerate(prefix)):
            raise Finding("WITNESS_LEAF")
        leaves.append(Leaf(path, *(_value(reader) if form else (reader.take(32), None))))
        return leaves[-1]

    def node(prefix):
        kind = shape.next()
        if kind == 3 and len(prefix) == 256:
            raise Finding("WITNESS_SHAPE")
        if kind < 2:
            return opaque.take(32) if kind else None
        return leaf(prefix) if kind == 2 else (node(prefix + [0]), node(prefix + [1]))

    def check(node):
        """Neither an opaque node of zero nor a branch over one leaf or none."""
        if is_branch(node):
            if None in node and (node == (None, None) or is_single(node[0] or node[1])):
                raise Finding("WITNESS_SHAPE")
            check(node[0]), check(node[1])
        elif node == ZERO:
            raise Finding("WITNESS_SHAPE")

    root = node([])
    shape.end(), opaque.end(), reader.end()
    if len(leaves) != count:
        raise wrong
    check(root)
    return root
