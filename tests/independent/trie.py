"""The state trie (docs/formats.md 7), as far as a witness (8) or a state path of a proof opens it.
A node is None (empty), bytes (opaque: its hash), a Leaf or a Branch. The value of a leaf is what its
opening shows of it: None, bytes, or of a witness (length, {chunk index: chunk})."""
from collections import namedtuple
from formats import VALUE_MAX, Finding, Layout, Reader, check
from primitives import CHUNKS, ZERO, sha256, u

ACCOUNT, STORAGE, SYSTEM = range(3)
CODE, LOCK, PREPARE_RULES = (name.ljust(32, b"\0") for name in (b"code", b"lock", b"prepare.rules"))
Leaf = namedtuple("Leaf", "path commitment value")
Branch = namedtuple("Branch", "left right")
ACCOUNT_VALUE = Layout("nonce:8 balance:16 zeros:8 code*32")
def path_of(kind, address, key=ZERO): return sha256(bytes([kind]) + address + key)
def bit(data, i): return data[i // 8] >> (7 - i % 8) & 1
def commitment_of_root(root, length): return sha256(root + u(length, 32))
def commitment_of(value): return commitment_of_root(CHUNKS.root_of(value), len(value))
def read_account(value): return ACCOUNT_VALUE.read(value or bytes(64))  # of None, one that is not there
def account_bytes(account):  # The value of an account, or None if it is deleted.
    value = ACCOUNT_VALUE.write(*account._replace(zeros=0))
    return value if any(value) else None
def node_hash(node):
    if node is None or isinstance(node, bytes): return node or ZERO
    is_leaf = isinstance(node, Leaf)
    digest = sha256(b"".join(node[:2] if is_leaf else map(node_hash, node)))
    return bytes([digest[0] & 0x7F | is_leaf << 7]) + digest[1:]
def join(left, right):  # The node over two; a leaf alone stays: the top bit of a hash tells it.
    only = left or right
    is_leaf = isinstance(only, Leaf) or isinstance(only, bytes) and only[0] >= 0x80
    return only if None in (left, right) and (only is None or is_leaf) else Branch(left, right)
def find(node, path):  # The leaf of a path, or None where it is absent.
    depth = 0
    while isinstance(node, Branch): node, depth = node[bit(path, depth)], depth + 1
    check(not isinstance(node, bytes), "WITNESS_MISSING")
    return node if node and node.path == path else None
def update(node, path, leaf, depth=0):  # With a leaf set under an open path, or the one there deleted (None).
    if node is None or isinstance(node, Leaf) and node.path == path: return leaf
    if isinstance(node, Leaf): node = Branch(None, node) if bit(node.path, depth) else Branch(node, None)
    sides, side = list(node), bit(path, depth)
    sides[side] = update(sides[side], path, leaf, depth + 1)
    return Branch(*sides) if leaf else join(*sides)
def check_used(node, touched, depth=0):  # Section 8: what is open is on a touched path, values at its end.
    if node is None or isinstance(node, bytes): return
    is_open = isinstance(node, Leaf) and node.value
    check(touched and not (is_open and node.path not in touched), "WITNESS_UNUSED")
    for side in (0, 1) if isinstance(node, Branch) else ():
        check_used(node[side], {path for path in touched if bit(path, depth) == side}, depth + 1)
class Bits(Reader):  # A shape, as the digits of its bits; those over are zeros, less than a byte.
    def __init__(self, data):
        super().__init__("".join(f"{byte:08b}" for byte in data), Finding("WITNESS_SHAPE"))
    def end(self): check(len(self.rest()) < 8 and "1" not in self.rest(), "WITNESS_SHAPE")
def _chunk_root(length, shape, content, chunks, level, first=0):  # Of a value's tree; gathers open chunks.
    if first << level >= -(-length // 32): return CHUNKS.zero(level)
    is_open = shape.take(1) == "1"
    if is_open and level:
        below = (2 * first, 2 * first + 1)
        return CHUNKS.node(*(_chunk_root(length, shape, content, chunks, level - 1, i) for i in below))
    piece = content.take(32)
    if is_open: chunks[first] = piece
    check(not is_open or not any(piece[max(0, length - 32 * first) :]), "WITNESS_PIECES")
    return piece
def _read_leaf(reader):
    path, form, chunks, wrong = reader.take(32), reader.number(1), {}, Finding("WITNESS_PIECES")
    if form == 0: return Leaf(path, reader.take(32), None)
    check(form == 1 and (length := reader.number(4)) <= VALUE_MAX, "WITNESS_LEAF")
    shape, content = Bits(reader.blob()), Reader(reader.blob(), wrong, wrong)
    root = _chunk_root(length, shape, content, chunks, CHUNKS.depth_of(length))
    for part in shape, content: part.end()
    return Leaf(path, commitment_of_root(root, length), (length, chunks))

def read_witness(data):  # The partial trie of a witness, in its one form (section 8).
    cut, wrong = Finding("WITNESS_LENGTH"), Finding("WITNESS_SHAPE")
    reader = Reader(data, cut, cut)
    shape, opaque, count = Bits(reader.blob()), Reader(reader.blob(), wrong, wrong), reader.number(4)
    check(45 * count <= len(reader.rest()), "WITNESS_LENGTH")  # the shortest leaf: an empty value
    leaves = Reader([_read_leaf(reader) for _ in range(count)], wrong, wrong)
    reader.end()
    def node(prefix):
        kind = shape.take(2)
        check(kind != "11" or len(prefix) < 256, "WITNESS_SHAPE")
        found = (None if kind == "00" else opaque.take(32) if kind == "01" else leaves.take(1)[0]
                 if kind == "10" else join(node(prefix + [0]), node(prefix + [1])))
        check(found != ZERO and (kind != "11" or isinstance(found, Branch)), "WITNESS_SHAPE")
        is_on_path = kind != "10" or all(bit(found.path, i) == side for i, side in enumerate(prefix))
        check(is_on_path, "WITNESS_LEAF")
        return found
    root = node([])
    for part in shape, opaque, leaves: part.end()
    return root
