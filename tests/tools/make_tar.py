#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Archives that tar would not write: make_tar.py NAME writes one to standard
output; make_tar.py without a name lists all, as "NAME EXIT OFFSET SENTENCE".

Headers are put together here, byte by byte, from POSIX ustar and pax and the
GNU tar manual; nothing of Python's tarfile is used, which refuses most of
this."""
import gzip
import sys

MANIFEST = (b'name = "demo.tar"\nversion = "1.0.0"\narch = "any"\n'
            b'kernel_api = "0.1"\n')


def header(name, kind=b'0', size=0, target=b'', mode=0o644, gnu=False,
           raw=b''):
    """One block. raw replaces bytes from offset 345 on."""
    def number(value, width):
        return b'%0*o\0' % (width - 1, value)
    block = bytearray(512)
    block[0:100] = name.ljust(100, b'\0')
    block[100:108] = number(mode, 8)
    block[108:116] = block[116:124] = number(0, 8)
    block[124:136] = number(size, 12)
    block[136:148] = number(0, 12)
    block[156:157] = kind
    block[157:257] = target.ljust(100, b'\0')
    block[257:265] = b'ustar  \0' if gnu else b'ustar\x0000'
    block[329:337] = block[337:345] = number(0, 8)
    block[345:345 + len(raw)] = raw
    return seal(block)


def seal(data):
    """The first block with its checksum, and what is behind it."""
    block = bytearray(data[:512])
    block[148:156] = b' ' * 8
    block[148:156] = b'%06o\0 ' % sum(block)
    return bytes(block) + data[512:]


def padded(data):
    return data + bytes(-len(data) % 512)


def entry(name, data=b'', kind=b'0', **more):
    return header(name, kind, len(data), **more) + padded(data)


def pax(records, kind=b'x'):
    body = b''
    for key, value in records:
        size = len(key) + len(value) + 3
        while len(b'%d' % size) + len(key) + len(value) + 3 != size:
            size = len(b'%d' % size) + len(key) + len(value) + 3
        body += b'%d %s=%s\n' % (size, key, value)
    return entry(b'pax', body, kind)


def long_name(name, kind=b'L'):
    return entry(b'././@LongLink', name + b'\0', kind, gnu=True)


END = bytes(1024)
FIRST = entry(b'manifest.toml', MANIFEST)


def archive(*parts, end=END):
    return FIRST + b''.join(parts) + end


def sparse(name, size, pieces):
    """GNU's oldest sparse header: (offset, bytes) pieces, at most four."""
    raw = bytearray(167)
    for i, (offset, data) in enumerate(pieces):
        at = 41 + 24 * i  # 386 - 345
        raw[at:at + 24] = b'%011o\0%011o\0' % (offset, len(data))
    raw[138:150] = b'%011o\0' % size  # 483 - 345
    body = b''.join(data for _, data in pieces)
    return header(name, b'S', len(body), gnu=True, raw=bytes(raw)) + \
        padded(body)


def damaged(data, at):
    data = bytearray(data)
    data[at] ^= 0x20
    return bytes(data)


def squeeze(data):
    return gzip.compress(data, mtime=0)


A = entry(b'a', b'one')
AT = len(FIRST)
NEXT = AT + len(A)
WIDE = b'w' * 255
# Not to be squeezed to nothing, and the same everywhere.
NOISE = bytes((i * i * 7 + i // 3) % 251 for i in range(4000))

# NAME: (exit status, offset of the entry or -1, part of the sentence, bytes)
HOSTILE = {
    'empty': (2, -1, 'no tar archive', b''),
    'text': (2, -1, 'no tar archive', b'this is a letter\n' * 200),
    'zstd': (2, -1, 'no tar archive', b'\x28\xb5\x2f\xfd' + bytes(600)),
    'xz': (2, -1, 'no tar archive', b'\xfd7zXZ\0' + bytes(600)),
    'gzip-cut': (2, -1, 'gzip stream', squeeze(archive(A))[:-30]),
    'gzip-crc': (2, -1, 'gzip stream', damaged(squeeze(archive(A)), -6)),
    'gzip-length': (2, -1, 'gzip stream', damaged(squeeze(archive(A)), -1)),
    'gzip-behind': (2, -1, 'gzip stream', squeeze(archive(A)) + b'more'),
    'gzip-body': (2, -1, 'gzip stream',
                  damaged(squeeze(archive(entry(b'a', NOISE))), 900)),
    'checksum': (2, -1, 'damaged', archive(damaged(A, 3))),
    'cut-header': (2, -1, 'damaged', FIRST + A[:300]),
    'cut-body': (2, AT, 'damaged', FIRST + A[:514]),
    'no-end': (2, -1, 'end mark', FIRST + A),
    'behind': (2, -1, 'damaged', archive(A) + b'x' * 512),
    'negative': (2, -1, 'damaged',
                 archive(seal(A[:124] + b'\xff' * 12 + A[136:]))),
    'huge': (5, AT, '--max-size',
             archive(seal(A[:124] + b'\x80' + bytes(5) + b'\x02' + bytes(5) +
                          A[136:]))),
    'bomb': (5, AT, '--max-size', archive(
        pax([(b'GNU.sparse.size', b'17592186044415'),
             (b'GNU.sparse.map', b'0,3')]), A)),
    'links-bomb': (5, NEXT + 1024, '--max-size', archive(
        pax([(b'GNU.sparse.size', b'50000000000'),
             (b'GNU.sparse.map', b'0,3')]), A,
        entry(b'b', kind=b'1', target=b'a'))),
    'big-pax': (2, -1, 'damaged',
                archive(pax([(b'comment', b'c' * (1 << 20))]), A)),
    'many-pax': (2, -1, 'beyond 1 MiB', archive(
        *[pax([(b'comment', b'c' * 90000)], b'g')] * 20, A)),
    'many-holes': (2, -1, 'beyond 1 MiB', archive(
        pax([(b'GNU.sparse.major', b'1'), (b'GNU.sparse.minor', b'0'),
             (b'GNU.sparse.name', b'a'),
             (b'GNU.sparse.realsize', b'4000000')]),
        entry(b'x', padded(b'400000\n' + b''.join(
            b'%d\n1\n' % (2 * i) for i in range(400000)))))),
    'nested': (2, -1, 'damaged', archive(*[long_name(b'n')] * 5000, A)),
    'character': (2, AT, 'devices', archive(entry(b'a', kind=b'3'))),
    'block': (2, AT, 'devices', archive(entry(b'a', kind=b'4'))),
    'fifo': (2, AT, 'devices', archive(entry(b'a', kind=b'6'))),
    'absolute': (2, AT, 'begins with a slash', archive(entry(b'/etc/passwd'))),
    'climbs': (2, AT, '".."', archive(entry(b'../a'))),
    'climbs-inside': (2, AT, '".."', archive(entry(b'a/../../b'))),
    'climbs-end': (2, AT, '".."', archive(entry(b'a/..', kind=b'5'))),
    'climbs-pax': (2, AT, '".."', archive(pax([(b'path', b'x/../../b')]), A)),
    'climbs-gnu': (2, AT, '".."', archive(long_name(b'../' * 60), A)),
    'dot': (2, AT, 'a "."', archive(entry(b'a/./b'))),
    'dots': (2, AT, 'a "."', archive(entry(b'././a'))),
    'double': (2, AT, 'a "."', archive(entry(b'a//b'))),
    'root-file': (2, AT, 'a "."', archive(entry(b'.', b'x'))),
    'latin': (2, AT, 'UTF-8', archive(entry(b'caf\xe9'))),
    'latin-pax': (2, -1, 'UTF-8', archive(pax([(b'path', b'caf\xe9')]), A)),
    'overlong': (2, AT, 'UTF-8', archive(entry(b'a\xc0\xafb'))),
    'control': (2, AT, 'UTF-8', archive(entry(b'a\x1b[2Jb'))),
    'newline': (2, AT, 'UTF-8', archive(entry(b'a\nb'))),
    'wide': (2, AT, 'too large',
             archive(pax([(b'path', WIDE + b'w')]), A)),
    'long': (2, AT, 'too large',
             archive(pax([(b'path', b'/'.join([WIDE] * 17))]), A)),
    'deep': (2, AT, 'too large',
             archive(pax([(b'path', b'/'.join([b'd'] * 65))]), A)),
    'twice': (2, NEXT, 'two entries', archive(A, A)),
    'twice-dot': (2, NEXT, 'two entries', archive(A, entry(b'./a'))),
    'file-folder': (2, NEXT, 'two entries', archive(A, entry(b'a/',
                                                             kind=b'5'))),
    'folder-file': (2, AT + 512, 'two entries', archive(
        entry(b'a/', kind=b'5'), A)),
    'link-file': (2, AT + 512, 'two entries', archive(
        entry(b'a', kind=b'2', target=b'b'), A)),
    'below-file': (2, NEXT, 'no folder', archive(A, entry(b'a/b'))),
    'below-link': (2, AT + 512, 'no folder', archive(
        entry(b'a', kind=b'2', target=b'b'), entry(b'a/b', b'x'))),
    'manifest-twice': (2, AT, 'two entries', archive(FIRST)),
    'manifest-folder': (2, -1, 'manifest.toml is', entry(
        b'manifest.toml', kind=b'5') + END),
    'manifest-link': (2, -1, 'manifest.toml is', entry(
        b'manifest.toml', kind=b'2', target=b'a') + END),
    'manifest-above': (2, -1, 'manifest.toml is', entry(b'manifest.toml/a') +
                       END),
    'manifest-large': (2, -1, 'manifest.toml is', entry(
        b'manifest.toml', b'#' * 65537) + END),
    'link-absolute': (2, AT, "link's target", archive(
        entry(b'a', kind=b'2', target=b'/etc'))),
    'link-out': (2, AT, "link's target", archive(
        entry(b'a/b', kind=b'2', target=b'../../x'))),
    'link-slash': (2, AT, "link's target", archive(
        entry(b'a', kind=b'2', target=b'b/'))),
    'link-empty': (2, AT, "link's target", archive(
        entry(b'a', kind=b'2'))),
    'hard-nowhere': (2, AT, "hard link's target", archive(
        entry(b'a', kind=b'1', target=b'b'))),
    'hard-later': (2, AT, "hard link's target", archive(
        entry(b'b', kind=b'1', target=b'a'), A)),
    'hard-self': (2, AT, "hard link's target", archive(
        entry(b'b', kind=b'1', target=b'b'))),
    'hard-out': (2, NEXT, "hard link's target", archive(
        A, entry(b'b', kind=b'1', target=b'../a'))),
    'hard-absolute': (2, AT, "hard link's target", archive(
        entry(b'b', kind=b'1', target=b'/etc/passwd'))),
    'hard-folder': (2, AT + 512, "hard link's target", archive(
        entry(b'd/', kind=b'5'), entry(b'b', kind=b'1', target=b'd'))),
    'hard-body': (2, -1, 'contents of its own', archive(
        A, pax([(b'size', b'3')]), entry(b'b', b'two', b'1', target=b'a'))),
    'alias-nowhere': (2, -1, 'alias', archive(
        pax([(b'SCHILY.xattr.user.epk.alias', b'd')]),
        entry(b'b', kind=b'2', target=b'd'))),
    'alias-file': (2, -1, 'alias', archive(
        A, pax([(b'SCHILY.xattr.user.epk.alias', b'a')]),
        entry(b'b', kind=b'2', target=b'a'))),
    'alias-long': (2, -1, 'alias', archive(
        pax([(b'SCHILY.xattr.user.epk.alias', b'd' * 5000)]),
        entry(b'b', kind=b'2', target=b'd'))),
}
# What is taken.
SOUND = {
    'plain': archive(A),
    'dialects': archive(
        entry(b'./', kind=b'5'), entry(b'./d/', kind=b'5'),
        entry(b'd/', kind=b'5'), entry(b'./d/run', b'#!', mode=0o755),
        entry(b'deep/er/est', b'implied'),
        pax([(b'path', 'é'.encode() * 60 + b'/' + b'p' * 120)]),
        entry(b'x', b'pax'),
        long_name(b'g' * 150), entry(b'g', b'gnu', gnu=True),
        long_name(b't/' * 60 + b't', b'K'),
        entry(b'l', kind=b'2', target=b't', gnu=True),
        entry(b'hard', kind=b'1', target=b'./d/run'),
        pax([(b'comment', b'from git')], b'g'), entry(b'Case', b'1'),
        entry(b'case', b'2'), entry(b'old', b'v7', kind=b'\0'),
        sparse(b'holes', 300000, [(4096, b'x' * 512), (200000, b'y' * 512),
                                  (300000, b'')])),
    'two-archives': archive(A) + entry(b'b', b'two') + END,
    'no-manifest': A + END,
    'gzip': squeeze(archive(A)),
    'gzip-members': squeeze(FIRST) + squeeze(A + END) + bytes(512),
    'hard-manifest': archive(
        entry(b'copy', kind=b'1', target=b'manifest.toml')),
}


def main(arguments):
    if len(arguments) == 1:
        for name, (status, offset, text, _) in HOSTILE.items():
            print(name, status, offset, text)
        return
    name = arguments[1]
    if name == 'many':
        count = int(arguments[2])
        sys.stdout.buffer.write(FIRST)
        for i in range(count):
            sys.stdout.buffer.write(
                entry(b'%d/%d/file-%07d' % (i % 50, i // 50 % 80, i), b'x'))
        sys.stdout.buffer.write(END)
        return
    sys.stdout.buffer.write(SOUND[name] if name in SOUND
                            else HOSTILE[name][3])


main(sys.argv)
