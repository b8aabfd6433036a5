# SPDX-License-Identifier: BSD-2-Clause
"""What is a name, a link's target and a path: sections 5 and 8."""


def is_utf8(text):
    """Python's decoder refuses overlong forms, surrogates and > U+10FFFF."""
    try:
        text.decode("utf-8", "strict")
    except UnicodeDecodeError:
        return False
    return True


def is_name(text):
    if not 1 <= len(text) <= 255 or text in (b".", b".."):
        return False
    if any(byte < 0x20 or byte == 0x7F or byte == 0x2F for byte in text):
        return False
    return is_utf8(text)


def is_target(text, depth):
    """A link's target; depth is that of the folder that holds the link."""
    parts = text.split(b"/")
    ups = 0
    while ups < len(parts) and parts[ups] == b"..":
        ups += 1
    return ups <= depth and all(is_name(part) for part in parts[ups:])


def is_path(text):
    if len(text) > 4095 or not text.startswith(b"/"):
        return False
    return all(is_name(part) for part in text[1:].split(b"/"))
