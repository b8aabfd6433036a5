# SPDX-License-Identifier: BSD-2-Clause
"""The manifest of a package: section 8, without line, column and kind."""

import re

from epk_names import is_path, is_utf8

STRING = rb'"((?:[^"\\]|\\["\\nt])*)"'
LINE = re.compile(
    rb"[ \t]*(?:(?:([A-Za-z0-9_-]+)|" + STRING + rb")[ \t]*=[ \t]*" + STRING
    + rb"|\[[ \t]*([A-Za-z0-9_-]+)[ \t]*\])?[ \t]*(?:#.*)?", re.DOTALL)
ESCAPE = re.compile(rb"\\(.)")
ESCAPES = {b'"': b'"', b"\\": b"\\", b"n": b"\n", b"t": b"\t"}

NAME = re.compile(rb"[a-z0-9]+(?:[.-][a-z0-9]+)*")
NUMBERS = re.compile(rb"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))*")
COMMAND = re.compile(rb"[a-z0-9][a-z0-9._-]{0,63}")
ARCHES = (b"any", b"riscv64", b"x86-64", b"x86-32", b"aarch64")
REQUIRED = (b"name", b"version", b"arch", b"kernel_api")
OPTIONAL = (b"entry", b"description", b"license", b"homepage")
TABLES = (b"commands", b"permissions")


class Wrong(Exception):
    """The manifest is not valid; the text says why, for people."""


def unescape(text):
    return ESCAPE.sub(lambda match: ESCAPES[match.group(1)], text)


def parse_line(line):
    """(key, value), (None, table) or (None, None) of one line."""
    if len(line) > 1024:
        raise Wrong("line too long")
    if any((byte < 0x20 and byte != 9) or byte == 0x7F for byte in line):
        raise Wrong("control byte")
    match = LINE.fullmatch(line)
    if not match:
        raise Wrong("syntax")
    bare, quoted, value, table = match.groups()
    if b"\t" in (quoted or b"") or b"\t" in (value or b""):
        raise Wrong("tab in a string")
    if value is None:
        return None, table
    return bare if bare is not None else unescape(quoted), unescape(value)


def parse(text):
    """The three tables, by name; the top level is the table None."""
    if not 1 <= len(text) <= 65536 or not text.endswith(b"\n"):
        raise Wrong("size, or the last line does not end")
    if not is_utf8(text) or text.startswith(b"\xef\xbb\xbf"):
        raise Wrong("not UTF-8, or a byte order mark")
    tables = {None: {}}
    current = None
    for line in text[:-1].split(b"\n"):
        key, value = parse_line(line)
        if key is None and value is not None:
            if value not in TABLES or value in tables:
                raise Wrong("unknown or second table")
            current = value
            tables[current] = {}
        elif key is not None:
            if key in tables[current]:
                raise Wrong("duplicate key")
            if current is None and key not in REQUIRED + OPTIONAL:
                raise Wrong("unknown key")
            tables[current][key] = value
    return tables


def is_dotted(text, count):
    """count decimal u32 without leading zeros, joined by dots."""
    if not NUMBERS.fullmatch(text):
        return False
    parts = text.split(b".")
    return len(parts) == count and all(
        len(part) <= 10 and int(part) < 2**32 for part in parts)


def is_identifier(text):
    return len(text) <= 64 and NAME.fullmatch(text) is not None


def is_kernel_api(text):
    if text.startswith(b"linux-"):
        text = text[len(b"linux-"):]
    return is_dotted(text, 2)


def check_values(top, commands, permissions):
    if any(key not in top for key in REQUIRED):
        raise Wrong("missing key")
    if len(commands) > 64 or len(permissions) > 64:
        raise Wrong("too many rows")
    if not is_identifier(top[b"name"]):
        raise Wrong("name")
    if not all(is_identifier(key) for key in permissions):
        raise Wrong("capability")
    if not is_dotted(top[b"version"], 3) or top[b"arch"] not in ARCHES:
        raise Wrong("version or arch")
    if not is_kernel_api(top[b"kernel_api"]):
        raise Wrong("kernel_api")
    if not all(COMMAND.fullmatch(key) for key in commands):
        raise Wrong("command name")


def check(text, is_program):
    """The name in a valid manifest; is_program(path) resolves a path."""
    tables = parse(text)
    top = tables[None]
    commands = tables.get(b"commands", {})
    check_values(top, commands, tables.get(b"permissions", {}))
    paths = list(commands.values())
    if b"entry" in top:
        paths.append(top[b"entry"])
    for path in paths:
        if not is_path(path) or not is_program(path):
            raise Wrong("path")
    return top[b"name"]
