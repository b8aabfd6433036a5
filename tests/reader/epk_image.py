# SPDX-License-Identifier: BSD-2-Clause
"""A package image in parts, to be changed and sealed again.

The parts are records, names, the manifest and stored blocks.  seal() computes
what follows from them (counts, digests, checksum, signatures), but for what
was asked to stay wrong; tile() and lay_names() do it for the tables.
"""

import hashlib
import struct
import zlib

import epk_ed25519 as ed25519
from epk_reader import BLOCK, FILE, HEADER, LINK, NODE, align, crc32c


class Signer:
    """A private key as RFC 8032 has it."""

    def __init__(self, seed):
        digest = hashlib.sha512(seed).digest()
        scalar = int.from_bytes(digest[:32], "little")
        self.scalar = scalar & (2**254 - 8) | 2**254
        self.prefix = digest[32:]
        self.key = encode_point(ed25519.multiply(self.scalar, ed25519.BASE))
        self.key_id = hashlib.sha256(self.key).digest()

    def sign(self, message):
        digest = hashlib.sha512(self.prefix + message).digest()
        nonce = int.from_bytes(digest, "little") % ed25519.L
        return self.sign_with(nonce, message, ed25519.IDENTITY)

    def sign_with(self, nonce, message, torsion):
        """R may get a part of small order, which the format allows."""
        r = encode_point(ed25519.add(
            ed25519.multiply(nonce, ed25519.BASE), torsion))
        k = int.from_bytes(
            hashlib.sha512(r + self.key + message).digest(), "little")
        s = (nonce + k * self.scalar) % ed25519.L
        return r + s.to_bytes(32, "little")


def encode_point(point):
    inverse = pow(point[2], ed25519.P - 2, ed25519.P)
    x, y = point[0] * inverse % ed25519.P, point[1] * inverse % ed25519.P
    return (y | (x & 1) << 255).to_bytes(32, "little")


# The keys of RFC 8032, TEST 1 and TEST 2.
SIGNERS = [Signer(bytes.fromhex(text)) for text in (
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")]
ORDER_2 = (0, ed25519.P - 1, 1, 0)


def pack(layout, record):
    """A record's bytes; a change may have led a number out of its field."""
    values = []
    for name, form in layout.fields:
        value = getattr(record, name)
        if isinstance(value, int):
            value %= 256**struct.calcsize("<" + form)
        values.append(value)
    return layout.packer.pack(*values)


class Image:
    """An image in parts. nodes and blocks are records; rows of blocks have
    codec, plain_size and data beside what is stored of them."""

    def __init__(self, image):
        self.header = h = HEADER.unpack(image)
        self.page = bytearray(image[256:4096])
        meta_size, names_at = self.places()
        meta = image[4096:4096 + h.meta_stored]
        if h.meta_codec == 1:
            meta = zlib.decompress(meta)
        count = h.map_blocks + h.whole_blocks + h.shared_blocks
        self.nodes = [NODE.unpack(meta, 64 * i) for i in range(h.node_count)]
        self.blocks = [BLOCK.unpack(meta, 64 * h.node_count + 48 * i)
                       for i in range(count)]
        names = meta[names_at:names_at + h.names_size]
        self.manifest = meta[meta_size - h.manifest_size:]
        for node in self.nodes:
            node.name = names[node.name_off:node.name_off + node.name_len]
            node.target = (names[node.first:node.first + node.size]
                           if node.type == LINK else b"")
        start = align(4096 + h.meta_stored, 1 << h.align_log2)
        for block in self.blocks:
            block.codec, block.plain_size = block.info & 255, block.info >> 8
            at = start + block.offset
            block.data = image[at:at + block.stored_size]
        self.overrides = {}        # header fields left wrong
        self.signers = []          # (Signer, kind of signature)
        self.meta_change = None    # applied to the stored metadata
        self.meta_pad = b""
        self.data_pad = b""
        self.names_tail = b""
        self.page_changes = []
        self.file_change = None
        self.keep_digest = self.keep_crc = False

    def places(self):
        h = self.header
        blocks = h.map_blocks + h.whole_blocks + h.shared_blocks
        names_at = 64 * h.node_count + 48 * blocks
        return align(names_at + h.names_size, 16) + h.manifest_size, names_at

    # ---- what follows from a change ----

    def tile(self):
        """Stored sizes, offsets and digests from the blocks' data."""
        at = 0
        for block in self.blocks:
            block.offset, block.stored_size = at, len(block.data)
            block.info = (block.codec & 255 | block.plain_size << 8) & 2**32 - 1
            block.digest = hashlib.sha256(block.data).digest()
            at += len(block.data)

    def lay_names(self):
        """The names' offsets from the names."""
        at = 0
        for node in self.nodes:
            node.name_off, node.name_len = at, len(node.name)
            at += len(node.name)
            if node.type == LINK:
                node.first, node.size = at, len(node.target)
                at += len(node.target)

    def has_blocks(self, node):
        return node.first + node.count <= len(self.blocks)

    def plain(self, index):
        """The plain bytes of a block, or None."""
        block = self.blocks[index]
        if block.codec == 0:
            return block.data[:block.plain_size]
        try:
            return zlib.decompress(block.data)
        except zlib.error:
            return None

    def digest_files(self):
        """Each file's digest from its blocks, where they make sense."""
        for node in self.nodes:
            if node.type != FILE or not self.has_blocks(node):
                continue
            plain = [self.plain(i)
                     for i in range(node.first, node.first + node.count)]
            if None not in plain:
                data = b"".join(plain)[node.at:node.at + node.size]
                node.sha256 = hashlib.sha256(data).digest()

    def metadata(self):
        names = b"".join(node.name + node.target for node in self.nodes)
        names += self.names_tail
        tables = b"".join(pack(NODE, node) for node in self.nodes)
        tables += b"".join(pack(BLOCK, block) for block in self.blocks)
        pad = bytearray(-(len(tables) + len(names)) % 16)
        pad[:len(self.meta_pad)] = self.meta_pad[:len(pad)]
        self.header.names_size = len(names)
        self.header.manifest_size = len(self.manifest)
        self.header.node_count = len(self.nodes)
        return tables + names + bytes(pad) + self.manifest

    def seal(self):
        """The image's bytes."""
        h = self.header
        plain = stored = self.metadata()
        if h.meta_codec == 1:
            stored = zlib.compress(plain, 9)
        if self.meta_change:
            stored = self.meta_change(plain, stored)
        h.meta_stored = len(stored)
        body = stored
        pad = bytearray(-(4096 + len(stored)) % (1 << h.align_log2))
        pad[:len(self.data_pad)] = self.data_pad[:len(pad)]
        body += bytes(pad) + b"".join(block.data for block in self.blocks)
        if self.file_change:
            body = self.file_change(body)
        h.image_size = 4096 + len(body)
        if not self.keep_digest:
            h.meta_digest = hashlib.sha256(stored).digest()
        for name, value in self.overrides.items():
            setattr(h, name, value)
        head = pack(HEADER, h)
        if not self.keep_crc:
            head = head[:252] + crc32c(head[:252]).to_bytes(4, "little")
        self.sign(head)
        for change in self.page_changes:
            change(self.page)
        return head + bytes(self.page) + body

    def sign(self, head):
        message = b"epk.v1.package\0\0" + hashlib.sha256(head).digest()
        slots = sorted((signer.key_id, kind(signer, message))
                       for signer, kind in self.signers)
        if slots:
            self.page[:] = bytes(3840)
            self.page[:16] = struct.pack("<4sHHQ", b"SIGS", len(slots), 0, 0)
        for i, (key_id, signature) in enumerate(slots):
            self.page[16 + 128 * i:144 + 128 * i] = struct.pack(
                "<HHI32s64s24s", 1, 0, 0, key_id, signature, bytes(24))
