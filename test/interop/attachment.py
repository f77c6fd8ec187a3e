"""Seals and opens the attachments of docs/spec/10 with Python's `cryptography` alone.

attachment.py open KEY < sealed > plain        attachment.py seal KEY SALT < plain > sealed
"""
import sys
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CHUNK = 65536


def cipher(key, salt):
    return ChaCha20Poly1305(HKDF(hashes.SHA256(), 32, salt, b'payload').derive(key))


def pieces(data, size):
    return [data[at:at + size] for at in range(0, len(data), size)] or [b'']


def nonce(index, count):
    return index.to_bytes(11, 'big') + bytes([index == count - 1])


def seal(key, salt, plain):
    chunks, box = pieces(plain, CHUNK), cipher(key, salt)
    return salt + b''.join(box.encrypt(nonce(i, len(chunks)), c, None) for i, c in enumerate(chunks))


def unseal(key, sealed):
    chunks, box = pieces(sealed[16:], CHUNK + 16), cipher(key, sealed[:16])
    return b''.join(box.decrypt(nonce(i, len(chunks)), c, None) for i, c in enumerate(chunks))


act, key, *salt = sys.argv[1:2] + [bytes.fromhex(a) for a in sys.argv[2:]]
data = sys.stdin.buffer.read()
try:
    sys.stdout.buffer.write(seal(key, salt[0], data) if act == 'seal' else unseal(key, data))
except InvalidTag:
    sys.exit('tag')
