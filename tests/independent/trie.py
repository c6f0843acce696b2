"""The state trie (docs/formats.md 7), as far as a witness (8) or a state path of a proof opens it.
A node is None (empty), bytes (opaque: its hash), a Leaf, or a pair (left, right). The value of a leaf is
what its opening shows of it: None, bytes, or of a witness (length, {chunk index: chunk})."""
from collections import namedtuple

from formats import Finding, Reader, check
from primitives import CHUNKS, ZERO, big, sha256, u

ACCOUNT, STORAGE, SYSTEM = range(3)
CODE, LOCK = b"code".ljust(32, b"\0"), b"lock".ljust(32, b"\0")
Leaf = namedtuple("Leaf", "path commitment value")
Account = namedtuple("Account", "nonce balance code")

def path_of(kind, address, key=ZERO): return sha256(bytes([kind]) + address + key)
def bit(data, i): return data[i // 8] >> (7 - i % 8) & 1
def commitment_of_root(root, length): return sha256(root + u(length, 32))
def commitment_of(value): return commitment_of_root(CHUNKS.root_of(value), len(value))

def read_account(value):  # The account of a value of 64 bytes; of None, one that is not there.
    value = value or bytes(64)
    return Account(big(value[:8]), big(value[8:24]), value[32:])
def account_bytes(account):  # The value of an account, or None if it is deleted.
    value = u(account.nonce, 8) + u(account.balance, 16) + bytes(8) + account.code
    return value if any(value) else None
def is_branch(node): return isinstance(node, tuple) and not isinstance(node, Leaf)

def is_single(node):  # Whether a subtree holds one leaf: the top bit of a hash tells.
    return isinstance(node, Leaf) or isinstance(node, bytes) and node[0] >= 0x80
def node_hash(node):
    if node is None or isinstance(node, bytes): return node or ZERO
    digest = sha256(b"".join(node[:2] if isinstance(node, Leaf) else map(node_hash, node)))
    return bytes([digest[0] & 0x7F | isinstance(node, Leaf) << 7]) + digest[1:]
def find(node, path):  # The leaf of a path, or None where it is absent.
    depth = 0
    while is_branch(node): node, depth = node[bit(path, depth)], depth + 1
    check(not isinstance(node, bytes), "WITNESS_MISSING")
    return node if node and node.path == path else None
def insert(node, leaf, depth=0):  # The trie with a leaf set.
    if node is None or isinstance(node, Leaf) and node.path == leaf.path: return leaf
    if isinstance(node, Leaf): node = (None, node) if bit(node.path, depth) else (node, None)
    sides = list(node)
    sides[bit(leaf.path, depth)] = insert(sides[bit(leaf.path, depth)], leaf, depth + 1)
    return tuple(sides)
def remove(node, path, depth=0):
    """The trie without a leaf that it holds; a subtree of one leaf becomes that leaf."""
    if not is_branch(node): return None
    sides = list(node)
    sides[bit(path, depth)] = remove(sides[bit(path, depth)], path, depth + 1)
    only = sides[0] or sides[1]
    return only if None in sides and (only is None or is_single(only)) else tuple(sides)
def check_used(node, touched, depth=0):
    """The last bullet of section 8: what is open lies on a touched path, values where touched."""
    if node is None or isinstance(node, bytes): return
    is_open = isinstance(node, Leaf) and node.value
    check(touched and not (is_open and node.path not in touched), "WITNESS_UNUSED")
    for side in (0, 1) if is_branch(node) else ():
        check_used(node[side], {path for path in touched if bit(path, depth) == side}, depth + 1)

class Bits:  # Groups of bits, most significant first; what is over is zero and less than a byte.
    def __init__(self, data, width, error):
        bits = [bit(data, i) for i in range(8 * len(data))]
        self._left = [sum(bits[i + j] << (width - 1 - j) for j in range(width))
                      for i in range(0, len(bits), width)][::-1]
        self._width, self._error = width, error
    def next(self):
        check(self._left, self._error)
        return self._left.pop()
    def end(self): check(len(self._left) * self._width < 8 and not any(self._left), self._error)
def _pieces(length, shape, content, chunks, depth, first=0):
    """The root of a part of a value's chunk tree (section 8); fills `chunks` with the open ones."""
    if first << depth >= -(-length // 32): return CHUNKS.zero(depth)
    if not shape.next(): return content.take(32)
    if depth == 0:
        chunks[first] = content.take(32)
        return chunks[first]
    before = len(chunks)
    sides = [_pieces(length, shape, content, chunks, depth - 1, 2 * first + i) for i in (0, 1)]
    check(len(chunks) > before, "WITNESS_PIECES")
    return CHUNKS.node(*sides)
def _value(reader):  # Form 1 of a leaf (section 8): its commitment and what is open.
    wrong, length, chunks = Finding("WITNESS_PIECES"), reader.number(4), {}
    shape, content = Bits(reader.blob(), 1, "WITNESS_PIECES"), Reader(reader.blob(), wrong, wrong)
    root = _pieces(length, shape, content, chunks, CHUNKS.depth_of(length)) if length else ZERO
    shape.end(), content.end()
    return commitment_of_root(root, length), (length, chunks)
def read_witness(data):  # The partial trie of a witness, in its one form (section 8).
    wrong = Finding("WITNESS_LENGTH")
    reader = Reader(data, wrong, wrong)
    shape, opaque = Bits(reader.blob(), 2, "WITNESS_SHAPE"), Reader(reader.blob(), wrong, wrong)
    left = [None] * min(reader.number(4), len(data))  # a count beyond the data is found as a cut
    def node(prefix):
        kind = shape.next()
        if kind < 2: return opaque.take(32) if kind else None
        if kind == 3:
            check(len(prefix) < 256, "WITNESS_SHAPE")
            return node(prefix + [0]), node(prefix + [1])
        check(left, "WITNESS_LENGTH")
        left.pop()
        path, form = reader.take(32), reader.number(1)
        is_on_path = all(bit(path, i) == side for i, side in enumerate(prefix))
        check(form <= 1 and is_on_path, "WITNESS_LEAF")
        return Leaf(path, *(_value(reader) if form else (reader.take(32), None)))
    def check_form(node):  # Neither an opaque node of zero nor a branch over one leaf or none.
        is_short = is_branch(node) and None in node and (node == (None, None) or is_single(node[0] or node[1]))
        check(node != ZERO and not is_short, "WITNESS_SHAPE")
        for child in node if is_branch(node) else (): check_form(child)
    root = node([])
    shape.end(), opaque.end(), reader.end()
    check(not left, "WITNESS_LENGTH")
    check_form(root)
    return root
