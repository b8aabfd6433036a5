#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Prints ed25519_vectors.h: published and crafted Ed25519 signatures with the
verdict of the package format's rule (section 4 of libepk/doc/format.md).

The arithmetic is RFC 8032's, in big integers and nothing else. A crafted
vector fulfils the equation, or the cofactored one, and breaks one other rule,
so that a library that leaves a check out takes it. Everything is derived
from fixed seeds: each run prints the same bytes."""
import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P:
        return None
    return P - x if x & 1 != sign and x else x


def add(a, b):
    k = D * a[0] * b[0] * a[1] * b[1] % P
    return ((a[0] * b[1] + b[0] * a[1]) * pow(1 + k, P - 2, P) % P,
            (a[1] * b[1] + a[0] * b[0]) * pow(1 - k, P - 2, P) % P)


def mul(k, point):
    total = (0, 1)
    while k:
        if k & 1:
            total = add(total, point)
        point = add(point, point)
        k >>= 1
    return total


BASE = (recover_x(4 * pow(5, P - 2, P) % P, 0), 4 * pow(5, P - 2, P) % P)


def little(number):
    return number.to_bytes(32, "little")


def encode(point):
    return little(point[1] | (point[0] & 1) << 255)


def hashed(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")


def find_order_8():
    y = 2
    while True:
        x = recover_x(y, 0)
        point = mul(L, (x, y)) if x is not None else (0, 1)
        if mul(4, point) != (0, 1):
            return point
        y += 1


T = find_order_8()
vectors = []


def vector(accept, sentence, key, message, signature):
    assert len(key) == 32 and len(signature) == 64
    vectors.append((accept, sentence, key, message, signature))


def seed(text):
    return hashed(text.encode()) % L


def secret_of(key):
    half = bytearray(hashlib.sha512(key).digest())
    half[0] &= 248
    half[31] &= 127
    half[31] |= 64
    return int.from_bytes(half[:32], "little"), bytes(half[32:])


def sign(key, message):
    a, prefix = secret_of(key)
    public = encode(mul(a, BASE))
    r = hashed(prefix, message) % L
    big_r = encode(mul(r, BASE))
    k = hashed(big_r, public, message) % L
    return public, big_r + little((r + k * a) % L)


# RFC 8032, section 7.1: secret key, public key, message, signature.
RFC = [
    ("TEST 1",
     "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
     "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("TEST 2",
     "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
     "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("TEST 3",
     "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
     "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
     "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
    ("TEST 1024",
     "f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5",
     "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e",
     "08b8b2b733424243760fe426a4b54908632110a66c2f6591eabd3345e3e4eb98"
     "fa6e264bf09efe12ee50f8f54e9f77b1e355f6c50544e23fb1433ddf73be84d8"
     "79de7c0046dc4996d9e773f4bc9efe5738829adb26c81b37c93a1b270b20329d"
     "658675fc6ea534e0810a4432826bf58c941efb65d57a338bbd2e26640f89ffbc"
     "1a858efcb8550ee3a5e1998bd177e93a7363c344fe6b199ee5d02e82d522c4fe"
     "ba15452f80288a821a579116ec6dad2b3b310da903401aa62100ab5d1a36553e"
     "06203b33890cc9b832f79ef80560ccb9a39ce767967ed628c6ad573cb116dbef"
     "efd75499da96bd68a8a97b928a8bbc103b6621fcde2beca1231d206be6cd9ec7"
     "aff6f6c94fcd7204ed3455c68c83f4a41da4af2b74ef5c53f1d8ac70bdcb7ed1"
     "85ce81bd84359d44254d95629e9855a94a7c1958d1f8ada5d0532ed8a5aa3fb2"
     "d17ba70eb6248e594e1a2297acbbb39d502f1a8c6eb6f1ce22b3de1a1f40cc24"
     "554119a831a9aad6079cad88425de6bde1a9187ebb6092cf67bf2b13fd65f270"
     "88d78b7e883c8759d2c4f5c65adb7553878ad575f9fad878e80a0c9ba63bcbcc"
     "2732e69485bbc9c90bfbd62481d9089beccf80cfe2df16a2cf65bd92dd597b07"
     "07e0917af48bbb75fed413d238f5555a7a569d80c3414a8d0859dc65a46128ba"
     "b27af87a71314f318c782b23ebfe808b82b0ce26401d2e22f04d83d1255dc51a"
     "ddd3b75a2b1ae0784504df543af8969be3ea7082ff7fc9888c144da2af58429e"
     "c96031dbcad3dad9af0dcbaaaf268cb8fcffead94f3c7ca495e056a9b47acdb7"
     "51fb73e666c6c655ade8297297d07ad1ba5e43f1bca32301651339e22904cc8c"
     "42f58c30c04aafdb038dda0847dd988dcda6f3bfd15c4b4c4525004aa06eeff8"
     "ca61783aacec57fb3d1f92b0fe2fd1a85f6724517b65e614ad6808d6f6ee34df"
     "f7310fdc82aebfd904b01e1dc54b2927094b2db68d6f903b68401adebf5a7e08"
     "d78ff4ef5d63653a65040cf9bfd4aca7984a74d37145986780fc0b16ac451649"
     "de6188a7dbdf191f64b5fc5e2ab47b57f7f7276cd419c17a3ca8e1b939ae49e4"
     "88acba6b965610b5480109c8b17b80e1b7b750dfc7598d5d5011fd2dcc5600a3"
     "2ef5b52a1ecc820e308aa342721aac0943bf6686b64b2579376504ccc493d97e"
     "6aed3fb0f9cd71a43dd497f01f17c0e2cb3797aa2a2f256656168e6c496afc5f"
     "b93246f6b1116398a346f1a641f3b041e989f7914f90cc2c7fff357876e506b5"
     "0d334ba77c225bc307ba537152f3f1610e4eafe595f6d9d90d11faa933a15ef1"
     "369546868a7f3a45a96768d40fd9d03412c091c6315cf4fde7cb68606937380d"
     "b2eaaa707b4c4185c32eddcdd306705e4dc1ffc872eeee475a64dfac86aba41c"
     "0618983f8741c5ef68d3a101e8a3b8cac60c905c15fc910840b94c00a0b9d0",
     "0aab4c900501b3e24d7cdf4663326a3a87df5e4843b2cbdb67cbf6e460fec350"
     "aa5371b1508f9f4528ecea23c436d94b5e8fcd4f681e30a6ac00a9704a188a03"),
    ("TEST SHA(abc)",
     "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
     "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
     hashlib.sha512(b"abc").hexdigest(),
     "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
     "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"),
]


def published():
    for name, secret, public, message, signature in RFC:
        message = bytes.fromhex(message)
        made = sign(bytes.fromhex(secret), message)
        assert made == (bytes.fromhex(public), bytes.fromhex(signature)), name
        vector(True, "RFC 8032 " + name, *made[:1], message, made[1])


def changed():
    """TEST 2 with one thing changed."""
    key, message = bytes.fromhex(RFC[1][2]), b"r"
    good = bytes.fromhex(RFC[1][4])
    s = int.from_bytes(good[32:], "little")
    vector(False, "another message", key, b"s", good)
    vector(False, "no message", key, b"", good)
    vector(False, "another key", bytes.fromhex(RFC[0][2]), message, good)
    vector(False, "a bit of R", key, message, bytes([good[0] ^ 1]) + good[1:])
    vector(False, "the sign of R", key, message,
           good[:31] + bytes([good[31] ^ 128]) + good[32:])
    vector(False, "a bit of S", key, message,
           good[:32] + bytes([good[32] ^ 1]) + good[33:])
    vector(False, "the sign of A", key[:31] + bytes([key[31] ^ 128]),
           message, good)
    for times in (1, 2, 7, 15):
        vector(False, "S + %d L" % times, key, message,
               good[:32] + little(s + times * L))
    for bit in (253, 254, 255):
        vector(False, "bit %d of S" % bit, key, message,
               good[:32] + little(s | 1 << bit))
    vector(False, "S = L", key, message, good[:32] + little(L))
    vector(False, "S = L - 1", key, message, good[:32] + little(L - 1))
    vector(False, "S = 0", key, message, good[:32] + little(0))
    vector(False, "all zero", bytes(32), message, bytes(64))
    vector(False, "all ones", b"\xff" * 32, message, b"\xff" * 64)


def search(name, key, make_r, wanted, s_of):
    """A message whose k fits: (message, R, S)."""
    count = 0
    while True:
        message = b"%s %d" % (name.encode(), count)
        big_r = make_r
        k = hashed(big_r, key, message)
        if wanted(k):
            return message, big_r + little(s_of(k % L))
        count += 1


def small_keys():
    """A of small order: fits every R = [S]B with [k]A = 0."""
    r = seed("small A")
    big_r = encode(mul(r, BASE))
    for i in range(8):
        key = encode(mul(i, T))
        vector(False, "A = %d T, of small order" % i, key,
               *search("a%d" % i, key, big_r, lambda k: k % L % 8 == 0,
                       lambda k: r))
    for name, key in (("x = 0 with a sign, y = 1", little(1 | 1 << 255)),
                      ("x = 0 with a sign, y = -1",
                       little(P - 1 | 1 << 255)),
                      ("y = p, which is 0", little(P)),
                      ("y = p + 1, which is 1", little(P + 1)),
                      ("y = p + 1, with a sign", little(P + 1 | 1 << 255))):
        vector(False, "A not canonical: " + name, key,
               *search("n" + name, key, big_r, lambda k: k % L % 8 == 0,
                       lambda k: r))


def small_r():
    """R of small order with a key that takes it out again."""
    a = seed("small R")
    for i in range(8):
        big_r = encode(mul(i, T))
        # R + [k]T' = 0 for A = [a]B + T'; T' = -T makes k = i mod 8.
        key = encode(add(mul(a, BASE), mul(7, T)))
        vector(False, "R = %d T, of small order" % i, key,
               *search("r%d" % i, key, big_r,
                       lambda k, i=i: k % L % 8 == i, lambda k: k * a % L))
    key = encode(mul(a, BASE))
    for name, big_r in (("y = p + 1, which is 1", little(P + 1)),
                        ("x = 0 with a sign, y = 1", little(1 | 1 << 255)),
                        ("y = p + 1, with a sign",
                         little(P + 1 | 1 << 255))):
        vector(False, "R not canonical: " + name, key,
               *search("m" + name, key, big_r, lambda k: True,
                       lambda k: k * a % L))


def mixed():
    """A or R with a part of small order: the equation alone decides."""
    a, r = seed("mixed A"), seed("mixed R")
    good_a, good_r = mul(a, BASE), mul(r, BASE)
    mixed_a, mixed_r = encode(add(good_a, T)), encode(add(good_r, T))
    plain_a, plain_r = encode(good_a), encode(good_r)

    def s_of(k):
        return (r + k * a) % L
    vector(True, "mixed A, [k]T = 0", mixed_a,
           *search("x0", mixed_a, plain_r,
                   lambda k: k % L % 8 == 0 and k % 8 == 0, s_of))
    vector(True, "mixed A, k is taken modulo L", mixed_a,
           *search("x1", mixed_a, plain_r,
                   lambda k: k % L % 8 == 0 and k % 8, s_of))
    vector(False, "mixed A, k not reduced would do", mixed_a,
           *search("x2", mixed_a, plain_r,
                   lambda k: k % L % 8 and k % 8 == 0, s_of))
    vector(False, "mixed A, good with a cofactor only", mixed_a,
           *search("x3", mixed_a, plain_r, lambda k: k % L % 8 == 1, s_of))
    vector(False, "mixed R, good with a cofactor only", plain_a,
           *search("x4", plain_a, mixed_r, lambda k: True, s_of))
    vector(True, "mixed A and R that take each other out", mixed_a,
           *search("x5", mixed_a, mixed_r, lambda k: k % L % 8 == 7, s_of))
    vector(False, "mixed A and R that do not", mixed_a,
           *search("x6", mixed_a, mixed_r, lambda k: k % L % 8 == 3, s_of))


def not_on_curve():
    y = 2
    while recover_x(y, 0) is not None:
        y += 1
    a = seed("off")
    good = encode(mul(a, BASE))
    vector(False, "A is not on the curve", little(y), b"off",
           good + little(a))
    vector(False, "R is not on the curve", good, b"off",
           little(y) + little(a))
    y = 2
    while recover_x(y, 0) is None:
        y += 1
    vector(False, "A not canonical: y = p + %d, of large order" % y,
           little(P + y), b"off", good + little(a))
    vector(False, "R not canonical: y = p + %d, of large order" % y,
           good, b"off", little(P + y) + little(a))


def bytes_of(data):
    text = data.hex()
    return "\n".join('\t  "%s"' % text[i:i + 64]
                     for i in range(0, max(len(text), 1), 64))


def print_header():
    print("""/* SPDX-License-Identifier: BSD-2-Clause */
/* Made by ed25519_vectors.py; see there. Hexadecimal. */
static const struct ed25519_vector {
	const char *sentence;
	const char *key;
	const char *message;
	const char *signature;
	int good;
} ed25519_vectors[] = {""")
    for accept, sentence, key, message, signature in vectors:
        print('\t{ "%s",\n%s,\n%s,\n%s,\n\t  %d },' % (
            sentence, bytes_of(key), bytes_of(message), bytes_of(signature),
            accept))
    print("};")


published()
changed()
small_keys()
small_r()
mixed()
not_on_curve()
if __name__ == "__main__":
    print_header()
