#!/usr/bin/env python3
"""Makes a restic key file with a new password from a master key that was held in escrow.

usage: restic-key-from-escrow.py MASTER-KEY.json NEW-PASSWORD-FILE REPOSITORY/keys

MASTER-KEY.json is what `openssl cms -decrypt` gives of the escrow file. Needs Python 3.6 and openssl, nothing else.
Afterwards any restic opens the repository with the new password.
"""
import base64
import hashlib
import json
import os
import subprocess
import sys

N, R, P = 32768, 8, 5


def aes(mode, key, data, *options):
    command = ["openssl", "enc", "-e", mode, "-K", key.hex(), *options]
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout


def poly1305(key, message):
    """RFC 8439, 2.5."""
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    s = int.from_bytes(key[16:], "little")
    total = 0
    for at in range(0, len(message), 16):
        block = message[at:at + 16] + b"\x01"
        total = (total + int.from_bytes(block, "little")) * r % ((1 << 130) - 5)
    return ((total + s) % (1 << 128)).to_bytes(16, "little")


def seal(key, plaintext):
    """AES-256-CTR, then Poly1305-AES over the ciphertext."""
    encrypt, mac_k, mac_r = key[:32], key[32:48], key[48:64]
    nonce = os.urandom(16)
    ciphertext = aes("-aes-256-ctr", encrypt, plaintext, "-iv", nonce.hex())
    pad = aes("-aes-128-ecb", mac_k, nonce, "-nopad")
    return nonce + ciphertext + poly1305(mac_r + pad, ciphertext)


def main(master_file, password_file, keys_folder):
    with open(master_file, "rb") as file:
        master = json.load(file)
    if sorted(master) != ["encrypt", "mac"] or len(base64.b64decode(master["encrypt"])) != 32:
        sys.exit("This is no master key of a restic repository.")
    with open(password_file, "rb") as file:
        password = file.read().strip()
    if not password:
        sys.exit("The new password is empty.")
    salt = os.urandom(64)
    derived = hashlib.scrypt(password, salt=salt, n=N, r=R, p=P, maxmem=256 << 20, dklen=64)
    plaintext = json.dumps(master, separators=(",", ":")).encode()
    content = json.dumps({
        "created": "1970-01-01T00:00:00Z",
        "username": "escrow",
        "hostname": "escrow",
        "kdf": "scrypt",
        "N": N,
        "r": R,
        "p": P,
        "salt": base64.b64encode(salt).decode(),
        "data": base64.b64encode(seal(derived, plaintext)).decode(),
    }, separators=(",", ":")).encode()
    path = os.path.join(keys_folder, hashlib.sha256(content).hexdigest())
    with open(path, "xb") as file:
        file.write(content)
    print(path)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
