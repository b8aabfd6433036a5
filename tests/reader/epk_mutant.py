# SPDX-License-Identifier: BSD-2-Clause
"""Mutants of package images.

Random bytes fail at the first digest.  Here a part of an image is changed and
the image sealed again, but for what the seed wants left wrong.  A mutant
follows from its seed and number alone.
"""

import copy
import hashlib
import struct
import zlib

import epk_ed25519 as ed25519
from epk_image import ORDER_2, SIGNERS, Image
from epk_reader import (ALIAS, EXEC, FILE, FOLDER, HEADER_FIELDS, LINK,
                        MAPPED, NODE_FIELDS, SHARED)

MASK = 2**64 - 1
INTERESTING = (0, 1, 2, 3, 4, 7, 8, 12, 16, 40, 64, 255, 256, 4095, 4096,
               4097, 65535, 65536, 65537, 2**20, 2**20 + 1, 2**24, 2**26,
               2**26 + 1, 2**31, 2**32 - 1, 2**44, 2**44 + 1, 253402300799,
               253402300800, 2**63, 2**64 - 1)
ODD_BYTES = b"\0\t\n\r \"#./=[\\]a\x7f\xff"
SIZES = {"B": 1, "H": 2, "I": 4, "Q": 8}


class Random:
    """splitmix64, so that a seed means the same in every Python."""

    def __init__(self, *seeds):
        self.state = 0
        for seed in seeds:
            self.state = (self.state ^ seed) & MASK
            self.state = self.word()

    def word(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
        z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
        return z ^ z >> 31

    def below(self, count):
        return self.word() % count

    def once_in(self, count):
        return self.below(count) == 0

    def choice(self, items):
        return items[self.below(len(items))]

    def bytes(self, count):
        return b"".join(self.word().to_bytes(8, "little")
                        for _ in range(count // 8 + 1))[:count]


# ---- values ----

def odd_value(random, value, size_bytes):
    """Another value of a field."""
    limit = 256**size_bytes
    kind = random.below(5)
    if kind == 0:
        value += 1
    elif kind == 1:
        value -= 1
    elif kind == 2:
        value = random.choice(INTERESTING)
    elif kind == 3:
        value ^= 1 << random.below(8 * size_bytes)
    else:
        value = random.below(8)
    return value % limit


def odd_bytes(random, data):
    """A few bytes changed, dropped, doubled or added; may be empty."""
    data = bytearray(data)
    for _ in range(1 + random.below(2)):
        at = random.below(len(data) + 1)
        kind = random.below(6)
        if kind == 0:
            data[at:at] = bytes([random.choice(ODD_BYTES)])
        elif kind == 1:
            del data[at:at + 1 + random.below(4)]
        elif kind == 2:
            data[at:at] = data[at:at + 1 + random.below(8)]
        elif at < len(data):
            data[at] ^= 1 << random.below(8)
    return bytes(data)


def odd_stream(random, plain, level=9):
    """A zlib stream of the plain bytes that is seldom a common one."""
    kind = random.below(16)
    if kind < 2:
        plain = plain[:-1] if kind else plain + b"\0"
    bits = {2: -15, 3: 31, 4: 9, 5: 12}.get(kind, 15)
    if kind == 6:
        encoder = zlib.compressobj(level, zlib.DEFLATED, 15,
                                   zdict=plain[:16] or b"x")
    else:
        encoder = zlib.compressobj(random.below(10), zlib.DEFLATED, bits, 8,
                                   random.below(5))
    half = len(plain) // 2 if kind == 7 else 0
    data = encoder.compress(plain[:half])
    if half:
        data += encoder.flush(zlib.Z_FULL_FLUSH)
    data += encoder.compress(plain[half:]) + encoder.flush()
    if kind == 8:
        data = data[:-1 - random.below(6)]
    elif kind == 9:
        data += random.bytes(1 + random.below(3))
    elif kind == 10:
        data = data[:-4] + random.bytes(4)
    elif kind == 11:
        data = odd_bytes(random, data)
    elif kind == 12:
        data += zlib.compress(b"")
    elif kind == 13:
        head = random.below(2**16) if random.once_in(2) else (
            random.below(16) * 4096 + 0x800 + random.below(256))
        data = (head - head % 31).to_bytes(2, "big") + data[2:]
    elif kind == 14:
        at = random.below(min(len(data), 60))
        data = data[:at] + bytes([data[at] ^ 1 << random.below(8)]) + \
            data[at + 1:]
    return data


# ---- changes to an image; each takes (random, image) ----

def change_header(random, image):
    name, form = random.choice(HEADER_FIELDS)
    value = getattr(image.header, name)
    if form in SIZES:
        image.overrides[name] = odd_value(random, value, SIZES[form])
    elif name.startswith("zero") or name == "magic":
        value = bytearray(value)
        value[random.below(len(value))] ^= 1 << random.below(8)
        image.overrides[name] = bytes(value)
    elif random.once_in(2):
        image.keep_digest = True
        image.header.meta_digest = random.bytes(32)


def change_parameters(random, image):
    image.header.align_log2 = random.choice((11, 12, 13, 14, 15, 16))
    image.header.block_log2 = random.choice((11, 12, 13, 14, 16, 20, 21))
    if random.once_in(2):
        image.overrides["feature_compat"] = random.below(2**32)
        image.overrides["build_epoch"] = random.choice(INTERESTING)


def change_crc(random, image):
    image.keep_crc = True
    image.header.header_crc = random.below(2**32)


def change_page(random, image):
    """A byte of the signature area, or one of its slots."""
    at = random.choice((random.below(3840), random.below(16),
                        16 + random.below(128), 16 + random.below(8),
                        120 + random.below(24), 4))
    bit = 1 << random.below(8)

    def flip(page):
        page[at] ^= bit

    def swap(page):
        page[16:144], page[144:272] = page[144:272], page[16:144]

    def double(page):
        page[144:272] = page[16:144]
        page[4] = 2

    def fill(page):
        page[4] = 8 + at % 2
        for i in range(page[4]):
            page[16 + 128 * i:144 + 128 * i] = struct.pack(
                "<HHI32s64s24s", 1, 0, 0, bytes([i]) * 32, b"s" * 64,
                bytes(24))
    image.page_changes.append(
        random.choice((flip, flip, flip, swap, double, fill)))


def signature_kinds(random):
    """Ways to sign, most of them wrong."""
    nonce = 1 + random.below(2**63)
    junk = random.bytes(64)
    bit = random.below(512)

    def good(signer, message):
        return signer.sign(message)

    def s_plus_l(signer, message):
        signature = signer.sign(message)
        s = int.from_bytes(signature[32:], "little") + ed25519.L
        return signature[:32] + s.to_bytes(32, "little")

    def mixed_r(signer, message):
        return signer.sign_with(nonce, message, ORDER_2)

    def small_r(signer, message):
        return signer.sign_with(0, message, ORDER_2)

    def identity_r(signer, message):
        return signer.sign_with(0, message, ed25519.IDENTITY)

    def flipped(signer, message):
        signature = bytearray(signer.sign(message))
        signature[bit // 8] ^= 1 << bit % 8
        return bytes(signature)

    def noise(signer, message):
        return junk

    def other(signer, message):
        return signer.sign(message[:-1] + b"?")
    return (good, good, good, s_plus_l, mixed_r, small_r, identity_r,
            flipped, noise, other)


def change_signatures(random, image):
    """One or two slots; the policy is chosen with them."""
    kinds = signature_kinds(random)
    signers = [s for s in SIGNERS if random.below(3)]
    image.signers = [(s, random.choice(kinds)) for s in signers]


def change_metadata(random, image):
    """The stored metadata as a whole."""
    kind = random.below(4)
    image.keep_digest = kind == 0 and random.once_in(2)
    if kind == 1:
        image.header.meta_codec ^= 1
    elif kind == 2 and image.header.meta_codec == 1:
        image.meta_change = lambda plain, _: odd_stream(random, plain)
    elif kind == 3:
        image.meta_pad = bytes(random.below(3)) + b"\1"
        image.data_pad = bytes(random.below(300)) + b"\2"
        if random.once_in(2):
            image.meta_pad = b""
    else:
        image.meta_change = lambda _, stored: odd_bytes(random, stored)


def change_node_field(random, image):
    node = random.choice(image.nodes)
    name, form = random.choice(NODE_FIELDS)
    if form not in SIZES:
        value = bytearray(node.sha256)
        value[random.below(32)] ^= 1 << random.below(8)
        node.sha256 = bytes(value)
    elif random.once_in(3):
        setattr(node, name, getattr(random.choice(image.nodes), name))
    else:
        setattr(node, name,
                odd_value(random, getattr(node, name), SIZES[form]))


def change_flags(random, image):
    files = [n for n in image.nodes if n.type == FILE] or image.nodes
    node = random.choice(files)
    node.flags ^= random.choice((MAPPED, EXEC, SHARED, MAPPED | SHARED, 8))
    if random.once_in(2):
        node.count, node.at = random.below(3), 0


def change_size(random, image):
    """A file's size, near the limits and the block's borders."""
    node = random.choice([n for n in image.nodes if n.type == FILE]
                         or image.nodes)
    block = 1 << image.header.block_log2
    node.size = random.choice((
        0, 1, node.size + 1, node.size - 1 & MASK, block - 1, block,
        block + 1, 2 * block, 2**32, 2**44 - 1, 2**44, 2**44 + 1, 2**63,
        MASK, MASK - block + 2))
    if random.once_in(2):
        node.count = (node.size + block - 1) // block & 2**32 - 1


def change_names(random, image):
    """Bytes behind the last name, or a part of it gone."""
    if random.once_in(2):
        image.names_tail = random.bytes(1 + random.below(20))
    else:
        image.lay_names()
        last = image.nodes[-1]
        last.name = last.name[:-1]


def change_name(random, image):
    node = image.nodes[random.below(len(image.nodes))]
    node.name = random.choice((
        b"", b".", b"..", b"...", b"manifest.toml", b"a/b", b"n\x1f", b"\x7f",
        b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf4\x8f\xbf\xbf",
        b"\xe2\x82", b"\xc3\xa9", b"x" * 255, b"x" * 256, b"n\0",
        node.name + b"\x80", node.name[:-1], node.name + b"0",
        random.choice(image.nodes).name, odd_bytes(random, node.name)))
    image.lay_names()


def change_target(random, image):
    """Every kind of target, at a link that is there or is made."""
    links = [n for n in image.nodes if n.type == LINK]
    if links and random.below(4):
        node = random.choice(links)
    else:
        node = random.choice(image.nodes)
        make_link(node)
    node.target = random.choice((
        b"", b".", b"..", b"../..", b"../../..", b"../../../x", b"a/..", b"/",
        b"/a", b"a/", b"a//b", b"a/./b", b"../a/../b", b"x" * 256, b"..a",
        b"/".join([b"d" * 255] * 15) + b"/" + b"e" * random.choice((255, 256)),
        b"../" * random.below(4) + b"bin/tool", b"a\0", b"\xff",
        node.target, node.name, odd_bytes(random, node.target)))
    if random.below(4):
        image.lay_names()


def make_link(node):
    node.type, node.flags, node.at, node.count = LINK, 0, 0, 0
    node.sha256, node.target = bytes(32), b"x"


def change_alias(random, image):
    aliases = [n for n in image.nodes if n.type == ALIAS]
    if aliases and random.below(4):
        node = random.choice(aliases)
    else:
        node = random.choice(image.nodes)
        node.type, node.flags, node.at, node.size = ALIAS, 0, 0, 0
        node.count, node.sha256, node.target = 0, bytes(32), b""
    node.first = random.below(len(image.nodes) + 2)
    image.lay_names()


def move_nodes(random, image):
    """Two nodes change places, one goes, or one comes twice."""
    i, j = (random.below(len(image.nodes)) for _ in range(2))
    kind = random.below(4)
    if kind == 0:
        image.nodes[i], image.nodes[j] = image.nodes[j], image.nodes[i]
    elif kind == 1:
        image.nodes[i].name, image.nodes[j].name = (
            image.nodes[j].name, image.nodes[i].name)
    elif kind == 2 and len(image.nodes) > 1:
        del image.nodes[i]
    else:
        image.nodes.insert(j, copy.copy(image.nodes[i]))
    if random.below(4):
        image.lay_names()


def empty_file(random, node):
    node.type, node.flags, node.size = FILE, random.choice((0, 0, EXEC)), 0
    node.first = node.count = node.at = 0
    node.sha256, node.target = hashlib.sha256(b"").digest(), b""


def append_child(random, image):
    """A node behind the last one, in the last folder that takes one."""
    folders = [(n.first, i) for i, n in enumerate(image.nodes)
               if n.type == FOLDER] or [(0, 0)]
    last_parent = max(folders)[1]
    hollow = [i for _, i in folders
              if i > last_parent and image.nodes[i].count == 0]
    parent = random.choice(hollow or [last_parent])
    folder, node = image.nodes[parent], copy.copy(image.nodes[0])
    empty_file(random, node)
    if random.once_in(3):
        make_link(node)
        node.target = b"../" * random.choice((1, 2, 63, 64, 65)) + b"x"
    node.parent = parent
    node.name = (b"z", b"zz", b"y", b"w" * 253, b"w" * 254, b"w" * 255)[
        random.below(6)]
    if folder.count == 0:
        folder.first = len(image.nodes)
    folder.count += 1
    image.nodes.append(node)
    image.lay_names()


def change_block_field(random, image):
    if not image.blocks:
        return
    block = random.choice(image.blocks)
    kind = random.below(5)
    if kind == 0:
        block.offset = odd_value(random, block.offset, 8)
    elif kind == 1:
        block.stored_size = odd_value(random, block.stored_size, 4)
    elif kind == 2:
        block.info = odd_value(random, block.info, 4)
    elif kind == 3:
        block.digest = random.bytes(32)
    else:
        block.plain_size = odd_value(random, block.plain_size, 3)
        image.tile()


def change_block_data(random, image):
    """Stored bytes, with the digests that the seed makes right again."""
    if not image.blocks:
        return
    index = random.below(len(image.blocks))
    block, plain = image.blocks[index], image.plain(index)
    kind = random.below(6)
    if kind < 2 and plain:
        block.data, block.codec = odd_stream(random, plain), 1
    elif kind == 2 and plain:
        block.data, block.codec = plain, 0
    elif kind == 3 and len(block.data) > block.plain_size:
        block.data = block.data[:-1] + b"\1"
    elif len(block.data):
        at = random.below(len(block.data))
        block.data = (block.data[:at]
                      + bytes([block.data[at] ^ 1 << random.below(8)])
                      + block.data[at + 1:])
    if random.below(5):
        image.tile()
    if random.once_in(2):
        image.digest_files()


def change_region(random, image):
    """A block more, a block less, or a border that moved."""
    field = random.choice(("map_blocks", "whole_blocks", "shared_blocks"))
    value = getattr(image.header, field)
    kind = random.below(3)
    if kind == 0 and image.blocks:
        at = random.below(len(image.blocks) + 1)
        image.blocks.insert(at, copy.copy(random.choice(image.blocks)))
        setattr(image.header, field, value + 1)
    elif kind == 1 and image.blocks and value:
        del image.blocks[random.below(len(image.blocks))]
        setattr(image.header, field, value - 1)
    elif value:
        other = random.choice(("map_blocks", "whole_blocks", "shared_blocks"))
        setattr(image.header, field, value - 1)
        setattr(image.header, other, getattr(image.header, other) + 1)
    image.tile()


def make_equal(random, image):
    """One file gets the bytes of another of its size, at its own place."""
    pairs = [(a, b) for a in image.nodes for b in image.nodes
             if a.type == b.type == FILE and a.size == b.size > 0
             and image.has_blocks(a) and image.has_blocks(b)
             and (a.first, a.at) != (b.first, b.at)]
    if not pairs:
        return
    a, b = random.choice(pairs)
    data = b"".join(image.plain(i) or b""
                    for i in range(a.first, a.first + a.count))
    data = data[a.at:a.at + a.size]
    for i in range(b.first, b.first + b.count):
        block = image.blocks[i]
        plain = bytearray(image.plain(i) or b"")
        piece = data[:block.plain_size]
        plain[b.at:b.at + len(piece)] = piece
        data = data[block.plain_size:]
        block.plain_size = len(plain)
        block.data, block.codec = bytes(plain), 0
        if i < image.header.map_blocks:
            block.data += bytes(-len(plain) % (1 << image.header.align_log2))
    image.tile()
    image.digest_files()


PATHS = (b"/", b"", b"/bin/tool", b"/bin/t", b"/run/tool", b"/run/d/e/up",
         b"/self/self/run/t", b"/etc/a", b"/bin", b"/none", b"/none/x",
         b"/bin/../bin/tool", b"//bin/tool", b"/bin/tool/", b"/bin/missing",
         b"/manifest.toml", b"bin/tool", b"/init", b"/run/d/../tool")
WORDS = (
    b'name = "a"', b'name = "A"', b'name = "a..b"', b'name = "a-b.c"',
    b'name = "' + b"a" * 64 + b'"', b'name = "' + b"a" * 65 + b'"',
    b'"name" = "a"', b'"na\\me" = "a"', b'version = "0.0.0"',
    b'version = "01.0.0"', b'version = "4294967295.0.0"',
    b'version = "4294967296.0.0"', b'version = "1.2"', b'arch = "any"',
    b'arch = "mips"', b'kernel_api = "1.2"', b'kernel_api = "linux-1.2"',
    b'kernel_api = "linux-1"', b'kernel_api = "1.2.3"', b'homepage = ""',
    b'license = "\\n\\t\\"\\\\"', b'license = "\\r"', b'license = "\t"',
    b'requires = "x"', b"[provides]", b"[depends]", b"[commands]",
    b"[ permissions\t] # x", b"[permissions", b"[[commands]]", b'["commands"]',
    b"[other]", b'other = "x"', b"# \xc3\xa9", b"# \xff", b"#\x7f", b"#\r",
    b"\r",
    b"\xef\xbb\xbf", b" \t", b"a.b = \"x\"", b'"a.b" = "x"', b"a = 'x'",
    b'a = "x" b', b'a = "x"#', b'a="x"', b'entry = ', b'= "x"',
    b"#" * 1024, b"#" * 1025, b'""', b'"" = ""', b'a = """"""', b'A_b = "/"',
    b'"a b" = "/bin/tool"', b"-x = \"/bin/tool\"", b"9.-_ = \"/bin/tool\"",
    b"a" * 64 + b' = "/bin/tool"', b"a" * 65 + b' = "/bin/tool"',
    b'name = "org.example"', b'name = "org.example-2"',
    b'kernel_api = "4294967295.4294967296"', b'kernel_api = "linux-01.2"',
    b'kernel_api = "Linux-1.2"', b'version = "1.2.3 "', b'arch = "x86-32"')


def put_word(random, lines):
    """A word in place of the line with its key, or anywhere."""
    word = random.choice(WORDS)
    same = [i for i, line in enumerate(lines)
            if line.split(b" ")[0] == word.split(b" ")[0]]
    at = random.choice(same or [random.below(len(lines))])
    lines[at:at + (1 if same else random.below(2))] = [word]


def put_path(random, lines):
    for i, line in enumerate(lines):
        if b'"/' in line and random.below(3):
            path = random.choice(PATHS)
            lines[i] = line.split(b'"/')[0] + b'"' + path + b'"'


def put_table(random, lines):
    """A table with as many rows as it may have, or one more."""
    name, value = random.choice(((b"[commands]", b'"/bin/tool"'),
                                 (b"[permissions]", b'"why"')))
    count = random.choice((1, 63, 64, 64, 65, 65))
    if name in lines:
        start = lines.index(name)
        end = start + 1
        while end < len(lines) and lines[end][:1] not in (b"", b"["):
            end += 1
        del lines[start:end]
    lines[-1:] = [name] + [b"k%d = " % i + value
                           for i in range(count)] + [b""]


def change_manifest(random, image):
    lines = image.manifest.split(b"\n")
    at = random.below(len(lines))
    kind = random.below(9)
    if kind == 0:
        image.manifest = odd_bytes(random, image.manifest) or b"\n"
        return
    if kind == 1:
        del lines[at]
    elif kind == 2:
        lines.insert(at, random.choice(lines))
    elif kind < 7:
        put_word(random, lines)
    elif kind == 7:
        put_path(random, lines)
    else:
        put_table(random, lines)
    image.manifest = b"\n".join(lines) or b"\n"


def change_links(random, image):
    """Links that lead through others, up to the limit and behind it."""
    links = random.choice((39, 40, 41))
    folders = [(n.first, i) for i, n in enumerate(image.nodes)
               if n.type == FOLDER] or [(0, 0)]
    parent = max(folders)[1]
    folder = image.nodes[parent]
    for i in range(links):
        node = copy.copy(image.nodes[0])
        make_link(node)
        node.name = b"~%02d" % i
        node.target = b"~%02d" % (i + 1)
        node.parent = parent
        if folder.count == 0:
            folder.first = len(image.nodes)
        folder.count += 1
        image.nodes.append(node)
    node = copy.copy(image.nodes[0])
    empty_file(random, node)
    node.name, node.parent = b"~%02d" % links, parent
    node.flags = random.choice((EXEC, EXEC, 0))
    folder.count += 1
    image.nodes.append(node)
    path = b"~00"
    # Another change may have left parents that do not ascend.
    while 0 < parent < len(image.nodes):
        path = image.nodes[parent].name + b"/" + path
        above = image.nodes[parent].parent
        parent = above if above < parent else 0
    image.manifest = b'entry = "/' + path + b'"\n' + b"\n".join(
        line for line in image.manifest.split(b"\n")
        if not line.startswith(b"entry"))
    image.lay_names()


def change_bytes(random, image):
    """Anything behind the page, or the end of the file."""
    def cut(body):
        return body[:random.below(len(body) + 1)]

    def grow(body):
        return body + random.bytes(1 + random.below(5000))

    def flip(body):
        return odd_bytes(random, body)
    image.file_change = random.choice((cut, grow, flip, flip))


CHANGES = (
    change_header, change_header, change_header, change_parameters,
    change_crc, change_page, change_page, change_signatures,
    change_signatures, change_metadata, change_metadata, change_node_field,
    change_node_field, change_node_field, change_node_field, change_flags,
    change_size, change_flags, change_names, change_name, change_name,
    change_target, change_target,
    change_alias, move_nodes, move_nodes, append_child, append_child,
    change_block_field, change_block_field, change_block_data,
    change_block_data, change_block_data, change_region, make_equal,
    change_manifest, change_manifest, change_manifest, change_manifest,
    change_manifest, change_manifest,
    change_links, change_bytes)

POLICIES = ("disabled", "optional", "required")
PREFIXES = (b"", b"org", b"org.example", b"org.example.tree", b"org.exam",
            b"c", b"demo")


def choose_trust(random, image):
    """(policy, threshold, keys) for an image; most are not signed."""
    if not image.signers:
        if random.below(20):
            return ("disabled", 0, [])
        image.signers = [(SIGNERS[0], signature_kinds(random)[0])]
    policy = random.choice(POLICIES + ("required",))
    threshold = 1 + random.below(2) if policy == "required" else 0
    keys = [(signer.key, random.choice(PREFIXES)) for signer in SIGNERS
            if random.below(4)]
    return (policy, threshold, keys)


def mutant(bases, seed, number):
    """(what was done, image bytes, trust) of one mutant."""
    random = Random(seed, number)
    names = sorted(bases)
    base = random.choice(names)
    image = Image(bases[base])
    done = [base]
    for _ in range(random.choice((1, 1, 1, 2, 2, 3))):
        change = random.choice(CHANGES)
        change(random, image)
        done.append(change.__name__)
    trust = choose_trust(random, image)
    if random.once_in(200):
        image.overrides["image_size"] = 4096
        return " ".join(done), image.seal()[:random.below(4097)], trust
    return " ".join(done), image.seal(), trust
