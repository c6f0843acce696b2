"""The machine's state (docs/machine.md 1, 2) and the proof of a step, which opens a part of it (6 to 8)."""
import re
import struct
import trie
from formats import HEAD, Reader, document, refuse, transaction_hash
from primitives import LIST, PAGES, ZERO, big, bytes_root, keccak, u

CODE, MEMORY, STACK, GLOBALS, TABLE, RECORD = range(6)
DEPTHS = 16, 19, 12, 4, 7, 4
PHASE, RUN, HALTED, STUCK = range(4)
PHASES_OF = range(1, 17), range(3), (0,), (0,)  # by status
CODES = {name: int(code) for code, name in document("machine.md", r"^\| (\d+) \| ([A-Z_]+) \|")}
TRAPS = document("machine.md", r"\(codes: (1 out_of_gas.*?);")[0].split(", ")
TRAPS = {name: int(code) for code, name in map(str.split, TRAPS)}
# Leaf of the record, its name, and its fields as the table of section 2 has them.
LEAVES = document("machine.md", r"^\| (\d+) \| ([a-z]+) \| (0 .*|storage.*) \|$")
LEAF = {name: int(number) for number, name, _ in LEAVES}
# "leaf.field" -> (offset in the record, size, whether it is a number).
FIELDS = {f"{leaf}.{field}": (128 * int(number) + int(at), int(size) // (8 if is_number else 1), is_number)
          for number, leaf, cell in LEAVES for at, field, is_number, size
          in re.findall(r"(\d+) ([A-Za-z][\w. ]*?) (u?)(\d+)\b", cell.replace("`", ""))}
class Rejected(Exception): pass  # The proof is refused, with a name of the table of section 7.
class Stuck(Exception): pass  # The step leads to the pre-header with status 3 (section 1).
class Trap(Exception): pass  # trap(code) of section 3, by its name.
class Header:  # The 256 bytes of section 1.
    REGISTERS = "pc", "sp", "fp", "pages", "depth", "gas", "status", "phase", "resume"
    def __init__(self, data):
        self.roots, self.parent = [data[i : i + 32] for i in range(0, 192, 32)], data[192:224]
        self.__dict__.update(zip(self.REGISTERS, struct.unpack(">5Iq2BH", data[224:])))
    def bytes(self):
        self.gas = (self.gas + 2**63) % 2**64 - 2**63
        registers = struct.pack(">5Iq2BH", *(getattr(self, name) for name in self.REGISTERS))
        return b"".join(self.roots) + self.parent + registers
    def is_well_formed(self):
        is_bounded = 0 <= self.pc < 2**19 and self.pages <= 1024 and self.resume < 2**16
        is_bounded = is_bounded and all(0 <= slot <= 65536 for slot in (self.sp, self.fp, self.depth))
        return is_bounded and self.status <= STUCK and self.phase in PHASES_OF[self.status]
    def set(self, status, phase=0, resume=0): self.status, self.phase, self.resume = status, phase, resume
    def goto(self, phase, resume=0): self.set(PHASE, phase, resume)
    def leave_regions(self):  # *Top end* of section 5.
        self.roots[:RECORD] = [ZERO] * RECORD
        self.pc = self.sp = self.fp = self.pages = self.depth = 0
class Machine:
    """What phases need: the header, the record by names of its fields, and accounts over `self.trie`.
    Where the bytes come from (`read`, `write`), entries, state paths and lists, is for those below."""
    def __getitem__(self, name):
        at, size, is_number = FIELDS[name]
        return (big if is_number else bytes)(self.read(RECORD, at, size))
    def __setitem__(self, name, value):
        at, size, is_number = FIELDS[name]
        self.write(RECORD, at, u(value, size) if is_number else value)
    def fill(self, leaf, /, **fields):  # Sets fields of a leaf; underscores stand for spaces of their names.
        for name, value in fields.items(): self[f"{leaf}.{name.replace('_', ' ')}"] = value
    def renew(self, leaf, /, **fields):  # Makes a whole leaf anew: what is not named is zero.
        self.write(RECORD, 128 * LEAF[leaf], bytes(128))
        self.fill(leaf, **fields)
    tries = ("world.state root",) * 2  # fields of the root of `trie`, and of the one after `set`
    def at_top(self): return self.header.parent == ZERO
    def set(self, path, commitment, value=None):  # *set* of section 6 on an open path; None: *delete*.
        leaf = trie.Leaf(path, commitment, value) if commitment else None
        if leaf or trie.find(self.trie, path): self.trie = trie.update(self.trie, path, leaf)
        self[self.tries[1]] = trie.node_hash(self.trie)
    def update(self, path, commitment):
        self.open(path, "commitment")
        self.set(path, commitment)
    def account(self, address):  # (path, account) of an address, from the state.
        path = trie.path_of(trie.ACCOUNT, address)
        return path, trie.read_account(self.open(path, "account"))
    def change_account(self, address, **changes):
        path, found = self.account(address)
        self.set_account(path, found._replace(**changes))
    def set_account(self, path, account):
        refuse(account.balance >> 128, Stuck)
        value = trie.account_bytes(account)
        self.set(path, value and trie.commitment_of(value), value)
    def credit(self, address, amount):  # Gives the account as it was, None where a debit is over it.
        path, found = self.account(address)
        if found.balance + amount >= 0: self.set_account(path, found._replace(balance=found.balance + amount))
        return found if found.balance + amount >= 0 else None
def read_siblings(reader, zeros):  # A bitmap and what it gives; the others are zero subtrees (section 7).
    bitmap = reader.take(-(-len(zeros) // 8))
    is_given = [trie.bit(bitmap, i) for i in range(8 * len(bitmap))]
    refuse(any(is_given[len(zeros) :]), Rejected("SIBLING"))
    siblings = []
    for given, zero in zip(is_given, zeros):
        siblings.append(reader.take(32) if given else zero)
        refuse(given and siblings[-1] == zero, Rejected("SIBLING"))
    return siblings

class Opening:
    """Leaves of a tree with a multiproof (section 7), or with one that is known: a list's (section 8)."""
    def __init__(self, reader, tree, depth, indices, root, code, leaf=None):
        self._tree, self._depth, self._width, self.touched = tree, depth, tree.leaf_size, set()
        self.leaves = {i: bytearray(leaf or reader.take(tree.leaf_size)) for i in indices}
        levels, at_hand = [], set(indices)
        for level in range(depth):
            levels += [tree.zero(level) for i in at_hand if i ^ 1 not in at_hand]
            at_hand = {i >> 1 for i in at_hand}
        self._siblings = read_siblings(reader, levels)
        refuse(at_hand != {0}, Stuck)  # a leaf beyond the list
        refuse(self.root() != root, Rejected(code))
    def root(self):
        nodes = {i: self._tree.hash_leaf(bytes(leaf)) for i, leaf in self.leaves.items()}
        siblings = iter(self._siblings)
        for _ in range(self._depth):
            nodes.update({i ^ 1: next(siblings) for i in sorted(nodes) if i ^ 1 not in nodes})
            nodes = {i >> 1: self._tree.node(nodes[i], nodes[i + 1]) for i in nodes if not i & 1}
        return nodes[0]
    def read(self, at, size):
        return bytes(self.leaves[i // self._width][i % self._width] for i in range(at, at + size))
    def write(self, at, data):
        for i, byte in enumerate(data, at): self.leaves[i // self._width][i % self._width] = byte

class Proof(Machine):  # The state before a step, as far as its proof opens it, and what the step makes of it.
    WIDTHS = {"account": 64, "code": 235, "open": 36, "commitment": 32}
    def __init__(self, pre_hash, proof):
        self.reader = Reader(proof, Rejected("TRUNCATED"), Rejected("TRAILING"))
        data, self.is_committed = self.reader.take(256), False
        self.header, self.before = Header(data), Header(data)
        refuse(not self.header.is_well_formed(), Rejected("HEADER"))
        refuse(keccak(data) != pre_hash, Rejected("PRE_STATE"))
        mask = self.reader.number(1)
        refuse(mask >> 6, Rejected("REGIONS"))
        self.regions = {number: self._region(number) for number in range(6) if mask >> number & 1}
    def _region(self, number):  # The opening of a region (section 7).
        count, indices, root = self.reader.number(1), [], self.header.roots[number]
        refuse(not 1 <= count <= 16, Rejected("LEAF_INDEX"))
        for _ in range(count):
            indices.append(self.reader.number(4))
            is_ascending = indices == sorted(set(indices))
            refuse(indices[-1] >> DEPTHS[number] or not is_ascending, Rejected("LEAF_INDEX"))
        return Opening(self.reader, PAGES, DEPTHS[number], indices, root, "REGION_ROOT")
    def touch(self, region, at, size):
        for leaf in range(at // 128, -(-(at + size) // 128) if size else 0):
            refuse(not 0 <= leaf < 1 << DEPTHS[region], Stuck)
            is_missing = region not in self.regions or leaf not in self.regions[region].leaves
            refuse(is_missing, Rejected("LEAF_MISSING"))
            self.regions[region].touched.add(leaf)
    def touch_record(self, *leaves):
        for leaf in leaves: self.touch(RECORD, 128 * leaf, 128)
    def read(self, region, at, size):
        self.touch(region, at, size)
        return self.regions[region].read(at, size) if size else b""
    def write(self, region, at, data):
        self.touch(region, at, len(data))
        if data: self.regions[region].write(at, data)
    def memory(self, at, size): return self.read(MEMORY, at, size)
    def little(self, region, index, bits=64):  # An entry of 8 bytes of stack, globals or table.
        return int.from_bytes(self.read(region, 8 * index, 8), "little") % 2**bits
    def slot(self, index, bits=64): return self.little(STACK, index, bits)
    def set_slots(self, first, *values, region=STACK):
        self.write(region, 8 * first, b"".join((value % 2**64).to_bytes(8, "little") for value in values))
    def commit(self):  # Takes the changed leaves into the header, once: then the frame may be left.
        for number, region in self.regions.items() if not self.is_committed else ():
            self.header.roots[number] = region.root()
        self.is_committed = True
    def open(self, path, form):  # What `form` shows of the value under a path, or None (section 6).
        reader, terminal, node, value = self.reader, self.reader.number(1), None, None
        refuse(terminal > 2, Rejected("STATE_PATH"))
        if terminal == 1:
            value = reader.take(self.WIDTHS[form])
            commitment = {"commitment": value, "open": trie.commitment_of_root(value[:32], big(value[32:36]))}
            node = trie.Leaf(path, commitment.get(form) or trie.commitment_of(value), value)
        elif terminal == 2: node = trie.Leaf(reader.take(32), reader.take(32), None)
        siblings = read_siblings(reader, [ZERO] * reader.number(1))
        on_way = range(len(siblings))
        is_off = node and any(trie.bit(path, i) != trie.bit(node.path, i) for i in on_way)
        refuse(is_off or terminal == 2 and node.path == path, Rejected("STATE_PATH"))
        for i, sibling in zip(reversed(on_way), siblings):
            sides = node, None if sibling == ZERO else sibling
            node = trie.Branch(*(sides[::-1] if trie.bit(path, i) else sides))
        refuse(trie.node_hash(node) != self[self.tries[0]], Rejected("STATE_PATH"))
        self.trie = node
        return value
    def append(self, field, index, leaf, depth, code):  # To the list whose root a field has.
        opening = Opening(self.reader, LIST, depth, [index], self[field], code, ZERO)
        opening.write(32 * index, leaf)
        self[field] = opening.root()
    def entry(self, index):  # (length, head, root of the rest) of an entry.
        length = self.reader.number(4)
        parts = length, self.reader.take(min(HEAD.size, length)), self.reader.take(32)
        root, leaf = self["block.transactions root"], transaction_hash(*parts)
        Opening(self.reader, LIST, 20, [index], root, "ENTRY", leaf)
        return parts
    def first_u32(self, head):  # Of a deployment's input.
        depth = PAGES.depth_of(head.input_length)
        return big(Opening(self.reader, PAGES, depth, [0], head.input_root, "DATA_ROOT").read(0, 4))
    def head(self):  # The head of the entry at hand, once more.
        data, length = self.reader.take(HEAD.size), HEAD.size + self["entry.input length"]
        found = transaction_hash(length, data, self["entry.input root"])
        refuse(found != self["transaction.hash"], Rejected("ENTRY"))
        return data
    def deployers(self):
        listed = [self.reader.take(20) for _ in range(self.reader.number(1))]
        refuse(keccak(b"".join(listed)) != self["terms.deployers hash"], Rejected("DEPLOYERS"))
        return listed
    def output(self):  # The code record that prepare gave.
        refuse(self["data.output length"] != self.WIDTHS["code"], Stuck)
        data = self.reader.take(self.WIDTHS["code"])
        refuse(bytes_root(data) != self["data.output root"], Rejected("DATA_ROOT"))
        return data
