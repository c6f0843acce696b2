"""The machine's state (docs/machine.md 1 and 2) and the proof of a step, which opens a part of it (6 to 8)."""

import re
import struct

import trie
from formats import HEAD, Reader, document, transaction_hash
from primitives import CHUNKS, LIST, PAGES, ZERO, big, bytes_root, keccak, u

CODE, MEMORY, STACK, GLOBALS, TABLE, RECORD = range(6)
DEPTHS = 16, 19, 12, 4, 7, 4
PHASE, RUN, HALTED, STUCK = range(4)
CODES = {name: int(code) for code, name in document("machine.md", r"^\| (\d+) \| ([A-Z_]+) \|")}
TRAPS = document("machine.md", r"\(codes: (1 out_of_gas.*?);")[0].split(", ")
TRAPS = {name: int(code) for code, name in map(str.split, TRAPS)}

def _fields():
    """"leaf.field" -> (offset in the record, size, whether it is a number), from the table of section 2."""
    for leaf, name, cell in document("machine.md", r"^\| (\d+) \| ([a-z]+) \| (0 .*|storage.*) \|$"):
        cell = cell.replace("`", "")
        for at, field, kind in re.findall(r"(\d+) ([A-Za-z][\w. ]*?) (u?\d+)\b", cell):
            size = int(kind[1:]) // 8 if kind[0] == "u" else int(kind)
            yield f"{name}.{field}", (128 * int(leaf) + int(at), size, kind[0] == "u")

FIELDS = dict(_fields())

class Rejected(Exception):
    """The proof is refused, with a name of the table of section 7."""

class Stuck(Exception):
    """The step leads to the pre-header with status 3 (section 1)."""

class Trap(Exception):
    """trap(code) of section 3, by its name."""

class Header:
    """The 256 bytes of section 1."""

    REGISTERS = "pc", "sp", "fp", "pages", "depth", "gas", "status", "phase", "resume"

    def __init__(self, data):
        self.roots = [data[i : i + 32] for i in range(0, 192, 32)]
        self.parent = data[192:224]
        self.__dict__.update(zip(self.REGISTERS, struct.unpack(">5Iq2BH", data[224:])))

    def bytes(self):
        registers = struct.pack(">5Iq2BH", *(getattr(self, name) for name in self.REGISTERS))
        return b"".join(self.roots) + self.parent + registers

    def is_well_formed(self):
        phases = {PHASE: range(1, 17), RUN: range(3), HALTED: (0,), STUCK: (0,)}
        slots = self.sp, self.fp, self.depth
        is_bounded = 0 <= self.pc < 2**19 and 0 <= min(slots) and max(slots) <= 65536
        is_status = self.phase in phases.get(self.status, ()) and self.resume < 2**16
        return is_bounded and self.pages <= 1024 and is_status

    def set(self, status, phase=0, resume=0):
        self.status, self.phase, self.resume = status, phase, resume

    def goto(self, phase, resume=0):
        self.set(PHASE, phase, resume)

    def leave_regions(self):
        """*Top end* of section 5."""
        self.roots[:RECORD] = [ZERO] * RECORD
        self.pc = self.sp = self.fp = self.pages = self.depth = 0

class Machine:
    """What phases need: the header, the record by names of its fields, and accounts over `self.trie`.

    Where its bytes come from (`read`, `write`), and entries, state paths and lists, is for those below."""

    def __getitem__(self, name):
        at, size, is_number = FIELDS[name]
        data = self.read(RECORD, at, size)
        return big(data) if is_number else data

    def __setitem__(self, name, value):
        at, size, is_number = FIELDS[name]
        self.write(RECORD, at, u(value, size) if is_number else value)

    def put(self, leaf, data, offset=0):
        """Writes bytes to the record, from an offset in a leaf or behind it."""
        self.write(RECORD, 128 * leaf + offset, data)

    def update(self, path, commitment):
        """Opens a path and sets or deletes it."""
        self.open(path, "commitment")
        self.set_commitment(path, commitment)

    def frontier(self, k):
        """Node k of the tree under construction."""
        return self.read(RECORD, 512 + 32 * k, 32)

    def at_top(self):
        return self.header.parent == ZERO

    def set(self, path, value):
        """*set* of section 6 to a value, or *delete* where it is None; the path is opened."""
        self.set_commitment(path, value and trie.commitment_of(value), value)

    def set_commitment(self, path, commitment, value=None):
        if commitment:
            self.trie = trie.insert(self.trie, trie.Leaf(path, commitment, value))
        elif trie.find(self.trie, path):
            self.trie = trie.remove(self.trie, path)
        self["world.state root"] = trie.node_hash(self.trie)

    def account(self, address):
        """(path, account) of an address, from the state."""
        path = trie.path_of(trie.ACCOUNT, address)
        return path, trie.read_account(self.open(path, "account"))

    def set_account(self, path, account):
        if account.balance >> 128 or account.nonce >> 64:
            raise Stuck
        self.set(path, trie.account_bytes(account))

    def credit(self, address, amount):
        path, account = self.account(address)
        self.set_account(path, account._replace(balance=account.balance + amount))

def read_siblings(reader, zeros):
    """A bitmap and the siblings that it gives; the others are zero subtrees."""
    bitmap = reader.take(-(-len(zeros) // 8))
    if big(bitmap) & ((1 << 8 * len(bitmap) - len(zeros)) - 1):
        raise Rejected("SIBLING")
    siblings = []
    for i, zero in enumerate(zeros):
        siblings.append(reader.take(32) if trie.bit(bitmap, i) else zero)
        if trie.bit(bitmap, i) and siblings[i] == zero:
            raise Rejected("SIBLING")
    return siblings

class Opening:
    """Leaves of a tree with a multiproof ("Siblings of an opening"); `code` is that of a wrong root."""

    def __init__(self, reader, tree, depth, indices, root, code):
        self._tree, self._depth, self.touched = tree, depth, set()
        self.leaves = {i: bytearray(reader.take(tree.leaf_size)) for i in indices}
        levels, at_hand = [], set(indices)
        for level in range(depth):
            levels += [tree.zero(level) for i in at_hand if i ^ 1 not in at_hand]
            at_hand = {i >> 1 for i in at_hand}
        self._siblings = read_siblings(reader, levels)
        if self.root() != root:
            raise Rejected(code)

    def root(self):
        hashes = {i: self._tree.hash_leaf(bytes(leaf)) for i, leaf in self.leaves.items()}
        siblings = iter(self._siblings)
        for _ in range(self._depth):
            above = {}
            for i in sorted(hashes):
                if not (i & 1 and i - 1 in hashes):  # else it went up with its neighbour
                    other = hashes[i ^ 1] if i ^ 1 in hashes else next(siblings)
                    pair = (other, hashes[i]) if i & 1 else (hashes[i], other)
                    above[i >> 1] = self._tree.node(*pair)
            hashes = above
        return hashes[0]

    def read(self, at, size):
        """Bytes, with leaves taken one after the other."""
        width = self._tree.leaf_size
        leaves = range(at // width, -(-(at + size) // width))
        return b"".join(bytes(self.leaves[i][max(0, at - width * i) : at + size - width * i])
                        for i in leaves)

    def write(self, at, data):
        width = self._tree.leaf_size
        for i, byte in enumerate(data, at):
            self.leaves[i // width][i % width] = byte

class Proof(Machine):
    """The state before a step, as far as its proof opens it, and what the step makes of it."""

    WIDTHS = {"account": 64, "code": 235, "open": 36, "commitment": 32}

    def __init__(self, pre_hash, proof):
        self.reader = Reader(proof, Rejected("TRUNCATED"), Rejected("TRAILING"))
        data = self.reader.take(256)
        self.header, self.before = Header(data), Header(data)
        if not self.header.is_well_formed():
            raise Rejected("HEADER")
        if keccak(data) != pre_hash:
            raise Rejected("PRE_STATE")
        mask = self.reader.number(1)
        if mask >> 6:
            raise Rejected("REGIONS")
        self.regions = {i: self._region(i) for i in range(6) if mask >> i & 1}
        self.is_committed = False

    def _region(self, number):
        """The opening of a region (section 7)."""
        count, indices = self.reader.number(1), []
        if not 1 <= count <= 16:
            raise Rejected("LEAF_INDEX")
        for _ in range(count):
            indices.append(self.reader.number(4))
            if indices[-1] >> DEPTHS[number] or indices[-1] <= max(indices[:-1], default=-1):
                raise Rejected("LEAF_INDEX")
        root = self.header.roots[number]
        return Opening(self.reader, PAGES, DEPTHS[number], indices, root, "REGION_ROOT")

    # Memory of the machine and its record. Every leaf that is opened must be touched.

    def touch(self, region, at, size):
        for leaf in range(at // 128, -(-(at + size) // 128) if size else 0):
            if not 0 <= leaf < 1 << DEPTHS[region]:
                raise Stuck
            if region not in self.regions or leaf not in self.regions[region].leaves:
                raise Rejected("LEAF_MISSING")
            self.regions[region].touched.add(leaf)

    def read(self, region, at, size):
        self.touch(region, at, size)
        return self.regions[region].read(at, size) if size else b""

    def write(self, region, at, data):
        self.touch(region, at, len(data))
        if data:
            self.regions[region].write(at, data)

    def touch_record(self, *leaves):
        for leaf in leaves:
            self.touch(RECORD, 128 * leaf, 128)

    def slot(self, index, bits=64):
        return int.from_bytes(self.read(STACK, 8 * index, 8), "little") % 2**bits

    def set_slot(self, index, value):
        self.write(STACK, 8 * index, (value % 2**64).to_bytes(8, "little"))

    def commit(self):
        """Takes the changed leaves into the roots of the header, once: then the frame may be left."""
        if not self.is_committed:
            for number, region in self.regions.items():
                self.header.roots[number] = region.root()
        self.is_committed = True

    # Pieces (section 8).

    def open(self, path, form):
        """The value under a path of the state at hand, or None; what of it `form` shows (section 6)."""
        reader = self.reader
        terminal = reader.number(1)
        if terminal > 2:
            raise Rejected("STATE_PATH")
        value = reader.take(self.WIDTHS[form]) if terminal == 1 else None
        node = trie.Leaf(reader.take(32), reader.take(32), None) if terminal == 2 else None
        siblings = read_siblings(reader, [ZERO] * reader.number(1))
        depth = len(siblings)
        if node and (node.path == path or any(trie.bit(path, i) != trie.bit(node.path, i)
                                              for i in range(depth))):
            raise Rejected("STATE_PATH")
        if value is not None:
            commitments = {"open": lambda: trie.commitment_of_root(value[:32], big(value[32:])),
                           "commitment": lambda: value}
            node = trie.Leaf(path, commitments.get(form, lambda: trie.commitment_of(value))(), value)
        for i, sibling in zip(reversed(range(depth)), siblings):
            sibling = None if sibling == ZERO else sibling
            node = (sibling, node) if trie.bit(path, i) else (node, sibling)
        self.trie = node
        if trie.node_hash(node) != self["world.state root"]:
            raise Rejected("STATE_PATH")
        return value

    def _list_path(self, index, depth):
        """A function of leaves that gives the root of a list with that leaf at `index`."""
        siblings = read_siblings(self.reader, [LIST.zero(level) for level in range(depth)])

        def root(node):
            for level, sibling in enumerate(siblings):
                node = LIST.node(*((sibling, node) if index >> level & 1 else (node, sibling)))
            return node

        return root

    def append(self, field, index, leaf, depth, code):
        """Sets a leaf of the list whose root a field has; before, it is zero."""
        root = self._list_path(index, depth)
        if root(ZERO) != self[field]:
            raise Rejected(code)
        self[field] = root(leaf)

    def entry(self, index):
        """(length, head, root of the rest) of an entry."""
        length = self.reader.number(4)
        parts = length, self.reader.take(min(HEAD, length)), self.reader.take(32)
        if self._list_path(index, 20)(transaction_hash(*parts)) != self["block.transactions root"]:
            raise Rejected("ENTRY")
        return parts

    def first_u32(self, head):
        """The first u32 of a deployment's input."""
        depth = PAGES.depth_of(head.input_length)
        leaf = Opening(self.reader, PAGES, depth, [0], head.input_root, "DATA_ROOT")
        return big(leaf.read(0, 4))

    def head(self):
        """The head of the entry at hand, once more."""
        data, length = self.reader.take(HEAD), HEAD + self["entry.input length"]
        if transaction_hash(length, data, self["entry.input root"]) != self["transaction.hash"]:
            raise Rejected("ENTRY")
        return data

    def deployers(self):
        listed = [self.reader.take(20) for _ in range(self.reader.number(1))]
        if keccak(b"".join(listed)) != self["terms.deployers hash"]:
            raise Rejected("DEPLOYERS")
        return listed

    def output(self):
        """The code record that prepare gave."""
        if self["data.output length"] != self.WIDTHS["code"]:
            raise Stuck
        data = self.reader.take(self.WIDTHS["code"])
        if bytes_root(data) != self["data.output root"]:
            raise Rejected("DATA_ROOT")
        return data
