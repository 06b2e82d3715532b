"""restic repositories whose key costs nothing to open.

restic makes a key take half a second of one core to derive (scrypt), at every start of the program, and a
night starts it a dozen times. A test is not after that: here the key of a real repository is replaced by
one of the same master key and password with the cheapest scrypt. Everything else stays as restic made it.
Format: restic's "Repository Format", "Keys, Encryption and MAC".
"""

import base64
import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.poly1305 import Poly1305

from mailadmin.backup.restic import Repository

KEY = "repository-password-4711"
CHEAP = {"N": 2, "r": 8, "p": 1}


def lighten(repository: Repository, files: Path, password: str) -> None:
    """`files`: where the repository lies on this disk, whoever serves it."""
    master = json.dumps(repository._json("cat", "masterkey", "--no-lock")).encode()
    [old] = (files / "keys").iterdir()
    salt = os.urandom(64)
    derived = hashlib.scrypt(password.encode(), salt=salt, n=CHEAP["N"], r=CHEAP["r"], p=CHEAP["p"], dklen=64)
    key = json.loads(old.read_text()) | CHEAP
    key |= {"salt": _text(salt), "data": _text(_sealed(derived, master))}
    octets = json.dumps(key).encode()
    (files / "keys" / hashlib.sha256(octets).hexdigest()).write_bytes(octets)
    old.chmod(0o600)
    old.unlink()


def _sealed(derived: bytes, plain: bytes) -> bytes:
    """IV, AES-256-CTR, and Poly1305-AES over the encrypted octets."""
    encrypt, nonce_key, r = derived[:32], derived[32:48], derived[48:]
    vector = os.urandom(16)
    stream = Cipher(algorithms.AES(encrypt), modes.CTR(vector)).encryptor()
    sealed = stream.update(plain) + stream.finalize()
    block = Cipher(algorithms.AES(nonce_key), modes.ECB()).encryptor()  # noqa: S305  one block, as Poly1305-AES wants it
    mac = Poly1305.generate_tag(r + block.update(vector) + block.finalize(), sealed)
    return vector + sealed + mac


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


class Template:
    """An empty repository with the password KEY, made once and copied: all copies have the same id."""

    def __init__(self, folder: Path) -> None:
        self.files = folder / "template"
        (folder / "password").write_text(KEY)
        made = Repository.at(str(self.files), folder / "password", folder / "cache")
        made.create()
        lighten(made, self.files, KEY)

    def copy(self, to: Path) -> None:
        shutil.copytree(self.files, to)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template(tmp_path_factory.mktemp("repository"))
