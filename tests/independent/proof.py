"""Step proofs (docs/machine.md sections 1, 2, 6 and 7): the header, openings of trees, of state paths and of lists."""

import struct

from codec import Reader
from primitives import CHUNKS, LIST, PAGES, ZERO, big, keccak, u
from state import bit, branch_hash, commitment_of, commitment_of_root, is_leaf_hash, leaf_hash

CODES = "TRUNCATED TRAILING HEADER PRE_STATE REGIONS LEAF_INDEX SIBLING REGION_ROOT LEAF_MISSING LEAF_UNUSED"
CODES = (CODES + " STATE_PATH DATA_ROOT ENTRY RECEIPTS SUSPENDED DEPLOYERS").split()
CODE, MEMORY, STACK, GLOBALS, TABLE, RECORD = range(6)
DEPTHS = 16, 19, 12, 4, 7, 4
PHASE, RUN, HALTED, STUCK = range(4)
WIDTHS = {"account": 64, "code": 235, "open": 36, "commitment": 32}


class Rejected(Exception):
    """The proof is refused, with a name of the table of section 7."""


class Stuck(Exception):
    """The step leads to the pre-header with status 3 (section 1)."""


class Header:
    """The 256 bytes of section 1."""

    REGISTERS = "pc", "sp", "fp", "pages", "depth", "gas", "status", "phase", "resume"

    def __init__(self, data):
        self.roots = [data[i : i + 32] for i in range(0, 192, 32)]
        self.parent = data[192:224]
        for name, value in zip(self.REGISTERS, struct.unpack(">5Iq2BH", data[224:])):
            setattr(self, name, value)

    def bytes(self):
        numbers = [getattr(self, name) for name in self.REGISTERS]
        return b"".join(self.roots) + self.parent + struct.pack(">5Iq2BH", *numbers)

    def is_well_formed(self):
        phases = {PHASE: range(1, 17), RUN: range(3), HALTED: (0,), STUCK: (0,)}
        return (
            0 <= self.pc < 2**19 and max(self.sp, self.fp, self.depth) <= 65536 and min(self.sp, self.fp) >= 0
            and self.pages <= 1024 and self.phase in phases.get(self.status, ()) and self.resume < 2**16
        )

    def goto(self, phase, resume=0):
        self.status, self.phase, self.resume = PHASE, phase, resume

    def leave_regions(self):
        """Outside of a frame region roots are zero, and so are the registers of the frame."""
        self.roots[:RECORD] = [ZERO] * RECORD
        self.pc = self.sp = self.fp = self.pages = self.depth = 0


def read_siblings(reader, zeros):
    """A bitmap and the siblings that it gives; the others are zero subtrees."""
    bitmap = reader.take(-(-len(zeros) // 8))
    if big(bitmap) & ((1 << 8 * len(bitmap) - len(zeros)) - 1):
        raise Rejected("SIBLING")
    siblings = []
    for i, zero in enumerate(zeros):
        siblings.append(reader.take(32) if bit(bitmap, i) else zero)
        if bit(bitmap, i) and siblings[i] == zero:
            raise Rejected("SIBLING")
    return siblings


class Opening:
    """Leaves of a tree with a multiproof (\"Siblings of an opening\")."""

    def __init__(self, reader, tree, depth, indices):
        self._tree, self._depth = tree, depth
        self.leaves = {i: bytearray(reader.take(tree.leaf_size)) for i in indices}
        levels, at_hand = [], set(indices)
        for level in range(depth):
            levels += [tree.zero(level) for i in at_hand if i ^ 1 not in at_hand]
            at_hand = {i >> 1 for i in at_hand}
        self._siblings = read_siblings(reader, levels)

    def root(self):
        hashes = {i: self._tree.hash_leaf(bytes(leaf)) for i, leaf in self.leaves.items()}
        siblings = iter(self._siblings)
        for _ in range(self._depth):
            above = {}
            for i in sorted(hashes):
                if i & 1 and i - 1 in hashes:
                    continue  # it went up with its neighbour
                other = hashes[i ^ 1] if i ^ 1 in hashes else next(siblings)
                above[i >> 1] = self._tree.node(*((other, hashes[i]) if i & 1 else (hashes[i], other)))
            hashes = above
        return hashes[0]

    def check(self, root, otherwise):
        if self.root() != root:
            raise Rejected(otherwise)
        return self

    def read(self, at, size):
        """Bytes, leaves taken one after the other."""
        width = self._tree.leaf_size
        return b"".join(
            bytes(self.leaves[i][max(0, at - width * i) : at + size - width * i])
            for i in range(at // width, -(-(at + size) // width))
        )

    def write(self, at, data):
        width = self._tree.leaf_size
        for i, byte in enumerate(data, at):
            self.leaves[i // width][i % width] = byte


class Region:
    """A region as far as the proof opens it; every leaf that is opened must be touched."""

    def __init__(self, reader, number, root):
        count, indices = reader.number(1), []
        if not 1 <= count <= 16:
            raise Rejected("LEAF_INDEX")
        for _ in range(count):
            indices.append(reader.number(4))
            if indices[-1] >> DEPTHS[number] or indices[-1] <= max(indices[:-1], default=-1):
                raise Rejected("LEAF_INDEX")
        self.opening = Opening(reader, PAGES, DEPTHS[number], indices).check(root, "REGION_ROOT")
        self.touched = set()


class PathOpening:
    """One path of the state (section 6). `value` is what terminal 1 gives, else None."""

    def __init__(self, reader, path, form):
        terminal = reader.number(1)
        if terminal > 2:
            raise Rejected("STATE_PATH")
        self._path, self._other = path, None
        self.value = reader.take(WIDTHS[form]) if terminal == 1 else None
        if terminal == 2:
            self._other = reader.take(32), reader.take(32)
        self._siblings = read_siblings(reader, [ZERO] * reader.number(1))
        depth = len(self._siblings)
        if self._other and (self._other[0] == path or any(bit(path, i) != bit(self._other[0], i) for i in range(depth))):
            raise Rejected("STATE_PATH")
        node = leaf_hash(*self._other) if self._other else ZERO
        self.root = self._fold(self._leaf(self._commitment(form)) if self.value is not None else node)

    def _commitment(self, form):
        if form == "open":
            return commitment_of_root(self.value[:32], big(self.value[32:]))
        return self.value if form == "commitment" else commitment_of(self.value)

    def _leaf(self, commitment):
        return leaf_hash(self._path, commitment)

    def _branch(self, i, node, sibling):
        return branch_hash(sibling, node) if bit(self._path, i) else branch_hash(node, sibling)

    def _fold(self, node):
        for i, sibling in zip(reversed(range(len(self._siblings))), self._siblings):
            node = self._branch(i, node, sibling)
        return node

    def root_with(self, commitment):
        """The root after `set`."""
        node = self._leaf(commitment)
        if self._other:
            fork = next(i for i in range(256) if bit(self._path, i) != bit(self._other[0], i))
            node = self._branch(fork, node, leaf_hash(*self._other))
            for i in reversed(range(len(self._siblings), fork)):
                node = self._branch(i, node, ZERO)
        return self._fold(node)

    def root_without(self):
        """The root after `delete`."""
        if self.value is None:
            return self.root
        node = ZERO
        for i, sibling in zip(reversed(range(len(self._siblings))), self._siblings):
            if node == ZERO and (sibling == ZERO or is_leaf_hash(sibling)):
                node = sibling
            elif sibling != ZERO or not is_leaf_hash(node):
                node = self._branch(i, node, sibling)
        return node


def list_path_root(reader, index):
    """A function of leaves that gives the root of a list of depth 20 with that leaf at `index` (section 8)."""
    siblings = read_siblings(reader, [LIST.zero(level) for level in range(20)])

    def root(node):
        for level, sibling in enumerate(siblings):
            node = LIST.node(*((sibling, node) if index >> level & 1 else (node, sibling)))
        return node

    return root


class Machine:
    """The state before a step, as far as its proof opens it, and what the step makes of it."""

    def __init__(self, pre_hash, proof):
        self.reader = Reader(proof, lambda: Rejected("TRUNCATED"))
        data = self.reader.take(256)
        self.header, self.before = Header(data), Header(data)
        if not self.header.is_well_formed():
            raise Rejected("HEADER")
        if keccak(data) != pre_hash:
            raise Rejected("PRE_STATE")
        mask = self.reader.number(1)
        if mask >> 6:
            raise Rejected("REGIONS")
        opened = [number for number in range(6) if mask >> number & 1]
        self.regions = {number: Region(self.reader, number, self.header.roots[number]) for number in opened}
        self._is_committed = False

    def touch(self, region, at, size):
        for leaf in range(at // 128, -(-(at + size) // 128) if size else 0):
            if not 0 <= leaf < 1 << DEPTHS[region]:
                raise Stuck
            if region not in self.regions or leaf not in self.regions[region].opening.leaves:
                raise Rejected("LEAF_MISSING")
            self.regions[region].touched.add(leaf)

    def read(self, region, at, size):
        self.touch(region, at, size)
        return self.regions[region].opening.read(at, size) if size else b""

    def write(self, region, at, data):
        self.touch(region, at, len(data))
        if data:
            self.regions[region].opening.write(at, data)

    def commit(self):
        """Takes the changed leaves into the roots of the header, once: then the frame may be left."""
        for number, region in self.regions.items():
            if not self._is_committed:
                self.header.roots[number] = region.opening.root()
        self._is_committed = True

    def slot(self, index):
        return int.from_bytes(self.read(STACK, 8 * index, 8), "little")

    def set_slot(self, index, value):
        self.write(STACK, 8 * index, (value % 2**64).to_bytes(8, "little"))

    def touch_record(self, *leaves):
        for leaf in leaves:
            self.touch(RECORD, 128 * leaf, 128)

    def get(self, leaf, offset, size):
        return self.read(RECORD, 128 * leaf + offset, size)

    def get_number(self, leaf, offset, size):
        return big(self.get(leaf, offset, size))

    def put(self, leaf, offset, value, size=0):
        """Writes bytes, or a number of `size` bytes."""
        self.write(RECORD, 128 * leaf + offset, u(value, size) if size else value)

    def at_top(self):
        return self.header.parent == ZERO

    def path(self, path, form):
        """Opens a path of the state at hand."""
        opening = PathOpening(self.reader, path, form)
        if opening.root != self.get(0, 0, 32):
            raise Rejected("STATE_PATH")
        return opening

    def set(self, opening, commitment):
        self.put(0, 0, opening.root_with(commitment))

    def delete(self, opening):
        self.put(0, 0, opening.root_without())
