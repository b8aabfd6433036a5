#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A second reader of `.epk` images, written from libepk/doc/format.md alone.

It shares no code with libepk, so that a mistake has to be made twice to stay
hidden.  It is slow, holds a whole image in memory, and is for tests only.
Sections and steps in comments are those of the document.
"""

import argparse
import hashlib
import struct
import sys
import zlib

import epk_ed25519
import epk_manifest
from epk_names import is_name, is_target

MAGIC = b"\x89EPK\r\n\x1a\n"
HEADER_FIELDS = (
    ("magic", "8s"), ("version_major", "H"), ("version_minor", "H"),
    ("header_size", "I"), ("image_size", "Q"), ("feature_incompat", "I"),
    ("feature_compat", "I"), ("align_log2", "B"), ("block_log2", "B"),
    ("digest_alg", "B"), ("meta_codec", "B"), ("node_count", "I"),
    ("map_blocks", "I"), ("whole_blocks", "I"), ("shared_blocks", "I"),
    ("names_size", "I"), ("manifest_size", "I"), ("zero_60", "I"),
    ("meta_stored", "Q"), ("build_epoch", "Q"), ("meta_digest", "32s"),
    ("zero_112", "140s"), ("header_crc", "I"))
NODE_FIELDS = (
    ("parent", "I"), ("name_off", "I"), ("name_len", "H"), ("type", "B"),
    ("flags", "B"), ("at", "I"), ("size", "Q"), ("first", "I"),
    ("count", "I"), ("sha256", "32s"))
BLOCK_FIELDS = (
    ("offset", "Q"), ("stored_size", "I"), ("info", "I"), ("digest", "32s"))

FOLDER, FILE, ALIAS, LINK = 1, 2, 3, 4
MAPPED, EXEC, SHARED = 1, 2, 4
ZERO_32 = bytes(32)
NOTHING_SHA256 = hashlib.sha256(b"").digest()


class Refused(Exception):
    """The first failure: the step of section 9 and its one code."""

    def __init__(self, stage, code):
        super().__init__(f"{stage} {code}")
        self.stage, self.code = stage, code


def need(condition, stage, code):
    if not condition:
        raise Refused(stage, code)


class Layout:
    """Fields at their places; the records are plain attribute holders."""

    def __init__(self, fields):
        self.fields = fields
        self.names = [name for name, _ in fields]
        self.packer = struct.Struct("<" + "".join(f for _, f in fields))

    def unpack(self, data, offset=0):
        record = Record()
        record.__dict__.update(
            zip(self.names, self.packer.unpack_from(data, offset)))
        return record


class Record:
    pass


HEADER = Layout(HEADER_FIELDS)
NODE = Layout(NODE_FIELDS)
BLOCK = Layout(BLOCK_FIELDS)


def crc_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


CRC_TABLE = crc_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def align(value, step):
    return (value + step - 1) // step * step


def inflate(stored, plain_size):
    """The plain bytes of one zlib stream (section 6), or None."""
    decoder = zlib.decompressobj(15)
    try:
        plain = decoder.decompress(stored, plain_size + 1)
    except zlib.error:
        return None
    if not decoder.eof or decoder.unused_data or decoder.unconsumed_tail:
        return None
    return plain if len(plain) == plain_size else None


class Trust:
    """Section 11: keys by key_id, each with the prefixes of its names."""

    def __init__(self, policy="disabled", threshold=1, keys=()):
        self.policy, self.threshold = policy, threshold
        self.keys = {hashlib.sha256(key).digest(): (key, prefixes)
                     for key, prefixes in keys}

    def allows(self, key_id, name):
        return any(prefix == b"" or name == prefix
                   or name.startswith(prefix + b".")
                   for prefix in self.keys[key_id][1])


class Reader:
    """One image; each step_N is the step N of section 9."""

    def __init__(self, image, trust=None):
        self.image = image
        self.trust = trust or Trust()
        self.verified = []

    def mount(self):
        need(len(self.image) >= 4096, "1", "SIZE")
        self.header = HEADER.unpack(self.image)
        self.steps_2_to_6()
        self.step_7_limits()
        self.steps_8_and_9()
        self.step_10_signature_area()
        self.step_11_policy()
        self.step_12_metadata()
        self.step_13_pads()
        Nodes(self).check()
        self.step_16_blocks()
        self.step_17_manifest()

    def steps_2_to_6(self):
        h = self.header
        need(h.magic == MAGIC, "2", "MAGIC")
        need((h.version_major, h.version_minor) == (1, 0), "3", "VERSION")
        need(crc32c(self.image[:252]) == h.header_crc, "4", "HEADER_CRC")
        need(h.header_size == 256, "5", "HEADER")
        need(h.feature_incompat == 0, "5", "FEATURE")
        need(h.zero_60 == 0 and not any(h.zero_112), "6", "HEADER")
        need(h.digest_alg == 1 and h.meta_codec <= 1, "6", "HEADER")
        need(h.align_log2 in (12, 14, 16), "6", "HEADER")
        need(12 <= h.block_log2 <= 20, "6", "HEADER")
        need(h.block_log2 >= h.align_log2, "6", "HEADER")
        need(h.build_epoch <= 253402300799, "6", "HEADER")

    def step_7_limits(self):
        h = self.header
        self.A, self.B = 1 << h.align_log2, 1 << h.block_log2
        self.block_count = h.map_blocks + h.whole_blocks + h.shared_blocks
        need(h.image_size <= 2**44, "7", "LIMIT")
        need(1 <= h.node_count <= 2**20, "7", "LIMIT")
        need(self.block_count <= 2**20, "7", "LIMIT")
        need(h.names_size <= 2**26, "7", "LIMIT")
        need(1 <= h.manifest_size <= 65536, "7", "LIMIT")
        self.names_at = 64 * h.node_count + 48 * self.block_count
        self.manifest_at = align(self.names_at + h.names_size, 16)
        self.meta_size = self.manifest_at + h.manifest_size
        if h.meta_codec == 0:
            need(h.meta_stored == self.meta_size, "7", "LIMIT")
        else:
            need(0 < h.meta_stored < self.meta_size, "7", "LIMIT")

    def steps_8_and_9(self):
        h = self.header
        need(h.image_size == len(self.image), "8", "SIZE")
        self.D = align(4096 + h.meta_stored, self.A)
        need(self.D <= h.image_size, "9", "LAYOUT")

    def step_10_signature_area(self):
        page = self.image[256:4096]
        magic, count, zero_2, zero_8 = struct.unpack_from("<4sHHQ", page)
        need(magic == b"SIGS" and count <= 8, "10", "SIGAREA")
        need(zero_2 == 0 and zero_8 == 0, "10", "SIGAREA")
        need(not any(page[16 + 128 * count:]), "10", "SIGAREA")
        self.slots = []
        for i in range(count):
            alg, zero, zero_4, key_id, signature, tail = struct.unpack_from(
                "<HHI32s64s24s", page, 16 + 128 * i)
            need(alg == 1 and zero == 0 and zero_4 == 0, "10", "SIGAREA")
            need(not any(tail), "10", "SIGAREA")
            need(not self.slots or self.slots[-1][0] < key_id,
                 "10", "SIGAREA")
            self.slots.append((key_id, signature))

    def step_11_policy(self):
        self.package_id = hashlib.sha256(self.image[:256]).digest()
        if self.trust.policy == "disabled":
            return
        message = b"epk.v1.package\0\0" + self.package_id
        for key_id, signature in self.slots:
            if key_id not in self.trust.keys:
                continue
            key = self.trust.keys[key_id][0]
            need(epk_ed25519.good(key, signature, message),
                 "11", "SIGPOLICY")
            self.verified.append(key_id)
        if self.trust.policy == "required":
            need(len(self.verified) >= self.trust.threshold,
                 "11", "SIGPOLICY")

    def step_12_metadata(self):
        h = self.header
        stored = self.image[4096:4096 + h.meta_stored]
        need(hashlib.sha256(stored).digest() == h.meta_digest,
             "12", "META_DIGEST")
        self.meta = stored if h.meta_codec == 0 else inflate(
            stored, self.meta_size)
        need(self.meta is not None, "12", "CODEC")

    def step_13_pads(self):
        h = self.header
        pad = self.meta[self.names_at + h.names_size:self.manifest_at]
        need(not any(pad), "13", "PAD")
        need(not any(self.image[4096 + h.meta_stored:self.D]), "13", "PAD")
        self.names = self.meta[self.names_at:self.names_at + h.names_size]
        self.manifest = self.meta[self.manifest_at:]
        self.nodes = [NODE.unpack(self.meta, 64 * i)
                      for i in range(h.node_count)]
        self.blocks = [BLOCK.unpack(self.meta, 64 * h.node_count + 48 * i)
                       for i in range(self.block_count)]
        for block in self.blocks:
            block.codec = block.info & 0xFF
            block.plain_size = block.info >> 8

    def step_16_blocks(self):
        end = 0
        for i, block in enumerate(self.blocks):
            plain, stored = block.plain_size, block.stored_size
            need(block.offset == end, "16", "BLOCK")
            need(1 <= plain <= self.B, "16", "BLOCK")
            if i < self.header.map_blocks:
                right = block.codec == 0 and stored == align(plain, self.A)
            elif block.codec == 0:
                right = stored == plain
            else:
                right = block.codec == 1 and 0 < stored < plain
            need(right, "16", "BLOCK")
            end += stored
        need(end == self.header.image_size - self.D, "16", "SIZE")

    def step_17_manifest(self):
        try:
            name = epk_manifest.check(self.manifest, self.is_program)
        except epk_manifest.Wrong as wrong:
            raise Refused("17", "MANIFEST") from wrong
        if self.trust.policy == "required":
            may_sign = [key_id for key_id in self.verified
                        if self.trust.allows(key_id, name)]
            need(len(may_sign) >= self.trust.threshold, "17", "SIGPOLICY")

    def name_of(self, node):
        return self.names[node.name_off:node.name_off + node.name_len]

    def target_of(self, node):
        return self.names[node.first:node.first + node.size]

    def child(self, folder, name):
        node = self.nodes[folder]
        for i in range(node.first, node.first + node.count):
            if self.name_of(self.nodes[i]) == name:
                return i
        return None

    def is_program(self, path):
        """Section 8: whether a path reaches a file with EXEC."""
        todo = path[1:].split(b"/")[::-1]
        here, links = 0, 0
        while todo:
            part = todo.pop()
            if self.nodes[here].type != FOLDER:
                return False
            if part == b"..":
                here = self.nodes[here].parent
                continue
            found = self.child(here, part)
            if found is None:
                return False
            node = self.nodes[found]
            if node.type == LINK:
                links += 1
                if links > 40:
                    return False
                todo += self.target_of(node).split(b"/")[::-1]
            else:
                here = node.first if node.type == ALIAS else found
        node = self.nodes[here]
        return node.type == FILE and bool(node.flags & EXEC)

    def deep(self):
        plain = [self.read_block(i) for i in range(self.block_count)]
        for node in self.runs:
            data = b"".join(plain[node.first:node.first + node.count])
            if node.flags & SHARED:
                data = data[node.at:node.at + node.size]
            need(hashlib.sha256(data).digest() == node.sha256,
                 "deep", "FILE_DIGEST")
        kinds = {(node.size, node.sha256) for node in self.runs}
        need(len(kinds) == len(self.runs), "deep", "CANON")

    def read_block(self, index):
        block = self.blocks[index]
        at = self.D + block.offset
        stored = self.image[at:at + block.stored_size]
        need(hashlib.sha256(stored).digest() == block.digest,
             "deep", "BLOCK_DIGEST")
        if block.codec == 1:
            plain = inflate(stored, block.plain_size)
            need(plain is not None, "deep", "CODEC")
            return plain
        need(not any(stored[block.plain_size:]), "deep", "PAD")
        return stored[:block.plain_size]

    def content_id(self):
        """Section 3."""
        hasher = hashlib.sha256(struct.pack("<I", len(self.nodes)))
        paths = []
        for i, node in enumerate(self.nodes):
            above = paths[node.parent] if i else b""
            path = above + (b"/" if above else b"") + self.name_of(node)
            paths.append(path)
            hasher.update(struct.pack("<H", len(path)) + path + struct.pack(
                "<BBQ", node.type, 1 if node.flags & EXEC else 0, node.size))
            if node.type == FILE:
                hasher.update(node.sha256)
            elif node.type == LINK:
                hasher.update(self.target_of(node))
            elif node.type == ALIAS:
                hasher.update(struct.pack("<I", node.first))
        hasher.update(self.manifest)
        return hasher.digest()


class Nodes:
    """Steps 14 and 15: one pass over the nodes, with every cursor."""

    def __init__(self, reader):
        self.reader = reader
        self.nodes, self.names = reader.nodes, reader.names
        self.depth, self.path_len = [], []
        self.child_cursor, self.name_cursor = 1, 0
        self.sum_of_sizes = 0
        self.placement = Placement(reader)

    def check(self):
        for i, node in enumerate(self.nodes):
            self.check_form(i, node)
            self.check_name_place(i, node)
            self.check_parent(i, node)
            self.check_name(i, node)
            self.check_depth(i, node)
            if node.type == FOLDER:
                self.check_folder(node)
            elif node.type == FILE:
                self.check_file(node)
            elif node.type == ALIAS:
                need(node.first < len(self.nodes)
                     and self.nodes[node.first].type == FOLDER,
                     "14i", "ALIAS")
            else:
                need(is_target(self.reader.target_of(node),
                               self.depth[node.parent]), "14j", "LINK")
        need(self.child_cursor == len(self.nodes), "15", "TREE")
        need(self.name_cursor == len(self.names), "15", "NAME")
        self.placement.finish()
        self.reader.runs = self.placement.opened

    @staticmethod
    def check_form(i, node):
        need(FOLDER <= node.type <= LINK, "14a", "NODE")
        need(i > 0 or node.type == FOLDER, "14a", "NODE")
        known = MAPPED | EXEC | SHARED if node.type == FILE else 0
        need(node.flags & ~known == 0, "14a", "NODE")
        need(node.at == 0 or node.flags & SHARED, "14a", "NODE")
        if node.type != FILE:
            need(node.sha256 == ZERO_32, "14a", "NODE")
        if node.type in (FOLDER, ALIAS):
            need(node.size == 0, "14a", "NODE")
        if node.type in (ALIAS, LINK):
            need(node.count == 0, "14a", "NODE")

    def check_name_place(self, i, node):
        need(node.name_off == self.name_cursor, "14b", "NAME")
        need(node.name_len == 0 if i == 0 else 1 <= node.name_len <= 255,
             "14b", "NAME")
        end = self.name_cursor + node.name_len
        if node.type == LINK:
            need(1 <= node.size <= 4095, "14b", "NAME")
            need(node.first == end, "14b", "NAME")
            end += node.size
        need(end <= len(self.names), "14b", "NAME")
        self.name_cursor = end

    def check_parent(self, i, node):
        if i == 0:
            need(node.parent == 0, "14c", "TREE")
            return
        need(node.parent < i, "14c", "TREE")
        above = self.nodes[node.parent]
        need(above.type == FOLDER, "14c", "TREE")
        need(above.first <= i < above.first + above.count, "14c", "TREE")

    def check_name(self, i, node):
        if i == 0:
            return
        name = self.reader.name_of(node)
        need(is_name(name), "14d", "NAME")
        need(node.parent != 0 or name != b"manifest.toml", "14d", "NAME")
        if i > self.nodes[node.parent].first:
            need(self.reader.name_of(self.nodes[i - 1]) < name,
                 "14e", "ORDER")

    def check_depth(self, i, node):
        depth = self.depth[node.parent] + 1 if i else 0
        length = self.path_len[node.parent] + 1 + node.name_len if i else 0
        need(depth <= 64 and length <= 4095, "14f", "LIMIT")
        self.depth.append(depth)
        self.path_len.append(length)

    def check_folder(self, node):
        if node.count == 0:
            need(node.first == 0, "14g", "TREE")
            return
        need(node.first == self.child_cursor, "14g", "TREE")
        need(node.count <= len(self.nodes) - self.child_cursor,
             "14g", "TREE")
        self.child_cursor += node.count

    def check_file(self, node):
        self.sum_of_sizes += node.size
        need(self.sum_of_sizes <= 2**44, "14g", "LIMIT")
        if node.size == 0:
            need(node.first == 0 and node.count == 0 and node.at == 0
                 and node.flags & ~EXEC == 0
                 and node.sha256 == NOTHING_SHA256, "14g", "NODE")
            return
        blocks = (node.size - 1) // self.reader.B + 1
        need(node.count == (1 if node.flags & SHARED else blocks),
             "14g", "NODE")
        self.placement.place(node)


class Placement:
    """Section 7: a cursor per region, and the runs that were opened."""

    def __init__(self, reader):
        h = reader.header
        self.B, self.blocks = reader.B, reader.blocks
        whole_end = h.map_blocks + h.whole_blocks
        self.cursor = [0, h.map_blocks, whole_end]
        self.end = [h.map_blocks, whole_end, whole_end + h.shared_blocks]
        self.open, self.fill = None, 0
        self.places = set()
        self.opened = []

    def place(self, node):
        mapped, shared = node.flags & MAPPED, node.flags & SHARED
        need(not (mapped and shared), "14h", "PLACE")
        if not mapped:
            need(bool(shared) == (node.size < self.B), "14h", "PLACE")
        region = 0 if mapped else 2 if shared else 1
        key = (region, node.first, node.at, node.size, node.sha256)
        if key in self.places:
            return
        if shared:
            self.open_shared(node)
        else:
            self.open_whole(node, region)
        self.places.add(key)
        self.opened.append(node)

    def open_whole(self, node, region):
        cursor = self.cursor[region]
        need(node.first == cursor, "14h", "PLACE")
        need(node.count <= self.end[region] - cursor, "14h", "PLACE")
        left = node.size
        for block in self.blocks[cursor:cursor + node.count]:
            need(block.plain_size == min(self.B, left), "14h", "PLACE")
            left -= block.plain_size
        self.cursor[region] = cursor + node.count

    def open_shared(self, node):
        if self.open is None or self.fill + node.size > self.B:
            self.close_shared("14h")
            need(self.cursor[2] < self.end[2], "14h", "PLACE")
            self.open, self.fill = self.cursor[2], 0
            self.cursor[2] += 1
        need((node.first, node.at) == (self.open, self.fill),
             "14h", "PLACE")
        self.fill += node.size

    def close_shared(self, stage):
        if self.open is not None:
            need(self.blocks[self.open].plain_size == self.fill,
                 stage, "PLACE")

    def finish(self):
        self.close_shared("15")
        need(self.cursor == self.end, "15", "PLACE")


def judge(image, trust=None):
    """(stage, code, reader): stage None and code "ok" for a good image."""
    reader = Reader(image, trust)
    try:
        reader.mount()
        reader.deep()
    except Refused as refused:
        return refused.stage, refused.code, reader
    return None, "ok", reader


def parse_trust(text):
    """KEY[:PREFIX]: 64 hexadecimal digits; no prefix allows every name."""
    key, _, prefix = text.partition(":")
    return bytes.fromhex(key), [prefix.encode()]


def main():
    parser = argparse.ArgumentParser(
        description="Judge .epk images, every byte of them.")
    parser.add_argument("--policy", default="disabled",
                        choices=("disabled", "optional", "required"))
    parser.add_argument("--threshold", type=int, default=1)
    parser.add_argument("--trust", type=parse_trust, default=[],
                        action="append", metavar="KEY[:PREFIX]")
    parser.add_argument("image", nargs="+")
    options = parser.parse_args()
    trust = Trust(options.policy, options.threshold, options.trust)
    bad = False
    for path in options.image:
        with open(path, "rb") as file:
            stage, code, reader = judge(file.read(), trust)
        if stage is None:
            print(f"{path}: ok package_id={reader.package_id.hex()}"
                  f" content_id={reader.content_id().hex()}")
        else:
            bad = True
            print(f"{path}: stage={stage} code={code}")
    return 2 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
