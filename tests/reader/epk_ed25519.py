# SPDX-License-Identifier: BSD-2-Clause
"""Ed25519 by the rule of the package format, section 4, in plain integers.

Nothing here is constant in time: it judges public signatures in tests and is
never given a secret.  A point is (X, Y, Z, T), x = X/Z, y = Y/Z, xy = T/Z.
"""

import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)
IDENTITY = (0, 1, 1, 0)


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(scalar, point):
    result = IDENTITY
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def equal(p, q):
    return ((p[0] * q[2] - q[0] * p[2]) % P == 0
            and (p[1] * q[2] - q[1] * p[2]) % P == 0)


def decode(text):
    """The point of 32 bytes, or None if they are not its one encoding."""
    y = int.from_bytes(text, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


BASE = decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def small_order(point):
    return equal(multiply(8, point), IDENTITY)


def good(key, signature, message):
    """Whether signature is good in the strict sense of section 4."""
    s = int.from_bytes(signature[32:], "little")
    r_point, a_point = decode(signature[:32]), decode(key)
    if s >= L or r_point is None or a_point is None:
        return False
    if small_order(r_point) or small_order(a_point):
        return False
    k = hashlib.sha512(signature[:32] + key + message).digest()
    k = int.from_bytes(k, "little") % L
    return equal(multiply(s, BASE), add(r_point, multiply(k, a_point)))
