#!/usr/bin/env python3
"""Restores a snapshot from a Printkeep vault, sharing no code with Printkeep. It follows src/core/FORMAT.md; what that page
leaves out (device.key, limits of facts and attributes, which generation's chunk key) was taken from Printkeep's source.

It is slow and plain on purpose: whoever has lost the program can read it, and the tests hold the program against it.
Everything is checked before it is used; anything unknown, damaged or left over is refused with exit code 1.
"""

import argparse
import hashlib
import hmac
import os
import re
import stat
import sys
from collections import namedtuple
from pathlib import Path

import zstandard
from argon2.low_level import Type, hash_secret_raw
from blake3 import blake3
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from kyber_py.ml_kem import ML_KEM_768
from mnemonic import Mnemonic

MIB = 1024 * 1024
MAX_OBJECT, MAX_PACK, MAX_CHUNK = 64 * MIB, 32 * MIB, 4 * MIB
MAX_INDEXES = MAX_RUNS = 65_536
MAX_PACKS = MAX_CHUNKS = 4_096
MAX_BELIEVED = 8_192
MAX_DEVICES, MAX_GENERATIONS, MAX_SOURCES = 4096, 1024, 4096
MAX_INLINE, MAX_PIECES, MAX_PATH, MAX_TARGET, MAX_FACTS = 64, 100_000, 32 * 1024, 64 * 1024, 4096
SEGMENT, TAG, TRAILER = 65_536, 16, 40
PACK, INDEX, HEAD, ROSTER, SLOT, KEYS, GRANT, KEEP, LETTER = range(1, 10)
DATA, MANIFEST, LIST, ROOT = 1, 2, 3, 4
MORE, LAST, DIRECTORY, PADDING = 0, 1, 2, 3
ZEROS = bytes(32)


class Refused(Exception):
    """Why bytes were not believed, in words."""


# ---- codec -----------------------------------------------------------------------------------------------------------


class Reader:
    """Takes values off the front of bytes, with a limit on everything."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def left(self):
        return len(self.data) - self.at

    def take(self, n):
        if n > self.left():
            raise Refused("it ends too early")
        self.at += n
        return bytes(self.data[self.at - n : self.at])

    def number(self, size, signed=False):
        return int.from_bytes(self.take(size), "little", signed=signed)

    def varint(self, limit=2**64 - 1):
        value = 0
        for shift in range(0, 70, 7):
            byte = self.number(1)
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if byte == 0 and shift > 0:
                    raise Refused("a number is not in its shortest form")
                if value > limit:
                    raise Refused(f"a number is over its limit of {limit}")
                return value
        raise Refused("a number is longer than 10 bytes")

    def bytes(self, limit):
        return self.take(self.varint(limit))

    def finish(self):
        if self.left():
            raise Refused("bytes follow its end")


# ---- primitives ------------------------------------------------------------------------------------------------------


def sha256(data):
    return hashlib.sha256(data).digest()


def b3(data):
    return blake3(data).digest()


def extract(salt, ikm):
    return hmac.digest(salt or ZEROS, ikm, "sha256")


def expand(prk, info, length):
    out, block, counter = b"", b"", 1
    while len(out) < length:
        block = hmac.digest(prk, block + info + bytes([counter]), "sha256")
        out, counter = out + block, counter + 1
    return out[:length]


def hkdf(ikm, salt, info):
    return expand(extract(salt, ikm), info, 32)


def padme(n):
    n = max(n, 256)
    e = n.bit_length() - 1
    s = e.bit_length()  # floor(log2 e) + 1
    unit = 1 << (e - s)
    return -(-n // unit) * unit


class XWing:
    """An X-Wing private key; opens what HPKE (base mode, HKDF-SHA256, AES-256-GCM) sealed to it."""

    SUITE = b"HPKE" + bytes.fromhex("647a00010002")

    def __init__(self, seed):
        expanded = hashlib.shake_256(seed).digest(96)
        _, self.ml_kem = ML_KEM_768.key_derive(expanded[:64])
        self.x25519 = X25519PrivateKey.from_private_bytes(expanded[64:])
        self.x25519_public = self.x25519.public_key().public_bytes_raw()

    def decapsulate(self, enc):
        ciphertext, ephemeral = enc[:1088], enc[1088:]
        ml_kem_secret = ML_KEM_768.decaps(self.ml_kem, ciphertext)
        try:
            x25519_secret = self.x25519.exchange(X25519PublicKey.from_public_bytes(ephemeral))
        except ValueError:
            raise Refused("its ephemeral key is of low order") from None
        joined = ml_kem_secret + x25519_secret + ephemeral + self.x25519_public + bytes.fromhex("5c2e2f2f5e5c")
        return hashlib.sha3_256(joined).digest()

    def hpke_open(self, enc, info, sealed):
        key, nonce = self.schedule(self.decapsulate(enc), info)
        try:
            return AESGCM(key).decrypt(nonce, sealed, b"")
        except InvalidTag:
            raise Refused("its object key does not open: another account's key, or it was changed") from None

    @classmethod
    def schedule(cls, shared, info):
        """Key and nonce of the only message, from the KEM's shared secret (RFC 9180, section 5.1)."""

        def labeled_extract(salt, label, ikm):
            return extract(salt, b"HPKE-v1" + cls.SUITE + label + ikm)

        def labeled_expand(prk, label, context, length):
            return expand(prk, length.to_bytes(2, "big") + b"HPKE-v1" + cls.SUITE + label + context, length)

        secret = labeled_extract(shared, b"secret", b"")
        context = b"\0" + labeled_extract(b"", b"psk_id_hash", b"") + labeled_extract(b"", b"info_hash", info)
        return labeled_expand(secret, b"key", context, 32), labeled_expand(secret, b"base_nonce", context, 12)


# ---- header and body (sections 3 and 4) ------------------------------------------------------------------------------


class Header:
    def __init__(self, data):
        r = Reader(data)
        if len(data) < 4 or r.take(4) != b"PKEP":
            raise Refused("it is not a Printkeep object")
        if r.take(2) != b"\x01\x01":
            raise Refused("it is of an unknown version or suite")
        self.type = r.number(1)
        if not PACK <= self.type <= LETTER:
            raise Refused("it is of an unknown type")
        self.account, self.place = r.take(16), r.take(16)
        self.prefix = bytes(data[: r.at])
        self.kind = r.number(1)
        if self.kind == 1:
            self.generation, self.enc, self.sealed_key = r.number(4), r.take(1120), r.take(48)
        elif self.kind == 2:
            self.generation, self.salt = r.number(4), r.take(32)
        elif self.kind == 3:
            self.cost = (r.number(4), r.number(4), r.number(4))
            self.device, self.salt = r.take(16), r.take(32)
        elif self.kind == 4:
            self.salt = r.take(32)
        elif self.kind == 5:
            self.device, self.salt = r.take(16), r.take(32)
        else:
            raise Refused("its key reference is of an unknown kind")
        self.digest = sha256(data[: r.at])
        self.commitment = r.take(32)
        self.end = r.at

    def belongs(self, account, name):
        if self.account != account:
            raise Refused("it belongs to another account")
        if (self.type, self.place) != (type_of(name), place_of(name)):
            raise Refused("it belongs under another name")


class Body:
    """The key of a body, held against the header's commitment before anything is opened."""

    def __init__(self, header, object_key):
        commitment = hkdf(object_key, b"printkeep/1", b"commitment" + header.digest)
        if not hmac.compare_digest(commitment, header.commitment):
            raise Refused("the key (or passphrase, or kit) is wrong, or its header was changed")
        self.key = AESGCM(hkdf(object_key, b"printkeep/1", b"body" + header.digest))

    def open(self, number, flag, sealed):
        nonce = bytes(3) + number.to_bytes(8, "big") + bytes([flag])
        try:
            return self.key.decrypt(nonce, bytes(sealed), None)
        except (InvalidTag, ValueError):
            raise Refused("damaged or changed") from None

    def open_whole(self, body):
        """Types 2 to 9: segments, then length, data, zeros."""
        if len(body) > MAX_OBJECT:
            raise Refused("it is over its size limit")
        step = SEGMENT + TAG
        count = max(1, -(-len(body) // step))
        plain = b"".join(
            self.open(n, LAST if n == count - 1 else MORE, body[n * step : (n + 1) * step]) for n in range(count)
        )
        r = Reader(plain)
        length = r.number(8)
        data = r.take(length) if length <= MAX_OBJECT else None
        if data is None or len(plain) != padme(8 + length) or any(plain[8 + length :]):
            raise Refused("its padding is wrong")
        return data


# ---- names (section 2) -----------------------------------------------------------------------------------------------

ID = "[0-9a-f]{32}"
NAMES = (
    (PACK, re.compile(f"packs/([0-9a-f]{{2}})/(\\1[0-9a-f]{{30}})")),
    (INDEX, re.compile(f"index/({ID})/({ID})")),
    (HEAD, re.compile(f"heads/({ID})/([0-9a-f]{{16}})")),
    (ROSTER, re.compile("roster/([0-9a-f]{16})")),
    (SLOT, re.compile(f"slots/({ID})")),
    (KEYS, re.compile("keys/([0-9a-f]{16})")),
)


def type_of(name):
    return next((code for code, pattern in NAMES if pattern.fullmatch(name)), None)


def place_of(name):
    if type_of(name) in (HEAD, ROSTER, KEYS):
        return b3(name.encode())[:16]
    return bytes.fromhex(name.rsplit("/", 1)[1])


# ---- keys (section 9) ------------------------------------------------------------------------------------------------

Generation = namedtuple("Generation", "recipient index chunk")


class Keyring:
    def __init__(self, payload):
        r = Reader(payload)
        self.account = r.take(16)
        self.roster_key = Ed25519PrivateKey.from_private_bytes(r.take(32)).public_key().public_bytes_raw()
        count = r.varint(MAX_GENERATIONS)
        self.generations = [Generation(XWing(r.take(32)), r.take(32), r.take(32)) for _ in range(count)]
        r.finish()
        if not count:
            raise Refused("an account without keys")

    def extend(self, plain, number):
        """Adds the generation of this number, which the object of the same number tells of (section 9a)."""
        r = Reader(plain)
        said = r.number(8)
        added = Generation(XWing(r.take(32)), r.take(32), r.take(32))
        r.finish()
        if said != number or number != len(self.generations) + 1 or number > MAX_GENERATIONS:
            raise Refused("it belongs under another name")
        self.generations.append(added)

    def generation(self, number):
        if not 1 <= number <= len(self.generations):
            raise Refused("it is sealed under a generation of keys that the slot does not hold")
        return self.generations[number - 1]

    def object_key(self, header):
        if header.kind == 1:
            key = self.generation(header.generation).recipient.hpke_open(header.enc, header.prefix, header.sealed_key)
            if len(key) != 32:
                raise Refused("its object key is not 32 bytes")
            return key
        if header.kind == 2:
            return hkdf(self.generation(header.generation).index, header.salt, b"printkeep/1 object key")
        raise Refused("it is sealed under a key that is not held here")


class DeviceKey:
    """The file device.key: magic, version, device, its secrets, name, the keys of a device that writes, BLAKE3."""

    def __init__(self, data):
        if len(data) < 32 or b3(data[:-32]) != data[-32:]:
            raise Refused("its checksum does not agree")
        r = Reader(data[:-32])
        if r.take(4) != b"PKDV":
            raise Refused("it is not a device key")
        version = r.number(1)
        if version not in (1, 2):
            raise Refused("it is not a device key of version 1 or 2")
        self.device = r.take(16)
        self.signer = Ed25519PrivateKey.from_private_bytes(r.take(32))
        self.signing = self.signer.public_key().public_bytes_raw()
        r.take(32)  # local key
        self.secret = r.take(32)
        self.link = r.take(32) if version == 2 else None
        self.name = r.bytes(64).decode()
        self.account, self.roster_key, self.recipient = r.take(16), r.take(32), r.take(1216)
        # index key and chunk key of each generation
        self.generations = [(r.take(32), r.take(32)) for _ in range(r.varint(MAX_GENERATIONS))]
        r.finish()


def read_kit(text):
    """Account (or none) and the 32 bytes of a recovery kit's page, or of a file with just the 24 words."""
    found = re.search(r"^Account:\s*([0-9a-f]{32})\s*$", text, re.MULTILINE)
    account = bytes.fromhex(found.group(1)) if found else None
    numbered = {int(n): word.lower() for n, word in re.findall(r"(?<!\S)([1-9]|1\d|2[0-4])\.\s+(\S+)", text)}
    words = [numbered[n] for n in sorted(numbered)] if numbered else text.lower().split()
    if len(words) != 24:
        raise Refused(f"a recovery kit has 24 words, and this has {len(words)}")
    english = Mnemonic("english")
    for n, word in enumerate(words, 1):
        if word not in english.wordlist:
            raise Refused(f"word {n} is not one of the list; check its spelling")
    if not english.check(" ".join(words)):
        raise Refused("the words do not fit together; check their order and spelling")
    return account, bytes(english.to_entropy(words))


def slot_key(header, kit, device, passphrase):
    """The object key of a slot, or none when this opener is not for it."""
    if header.kind == 4 and kit is not None:
        return hkdf(kit, header.salt, b"printkeep/1 recovery")
    if header.kind == 3 and device is not None and header.device == device.device:
        memory, passes, lanes = header.cost
        if not (12 * 1024 <= memory <= MIB and 3 <= passes <= 16 and 1 <= lanes <= 4):
            raise Refused("its Argon2 cost is out of bounds")
        stretched = hash_secret_raw(passphrase, header.salt, passes, memory, lanes, 32, Type.ID, version=0x13)
        return hkdf(stretched, device.secret, b"printkeep/1 passphrase")
    return None


# ---- the vault -------------------------------------------------------------------------------------------------------

# `believed`: number and hash of each head that is believed of a device that was revoked
Device = namedtuple("Device", "id key believed name")
Head = namedtuple("Head", "device number previous time stats root seen needs hash")
Pack = namedtuple("Pack", "id size hash chunks")
Place = namedtuple("Place", "pack segment offset length")


def checked(label, key, account, place, plain):
    """Takes the signature off the end and checks it; gives what was signed."""
    if len(plain) < 64:
        raise Refused("it is too short for its signature")
    body, signature = plain[:-64], plain[-64:]
    message = b"printkeep/1 " + label + b"\0" + b3(account + place + body)
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise Refused("its signature is not that of its writer") from None
    return body


def read_directory(r):
    chunks, end = [], 1244
    for _ in range(r.varint(MAX_CHUNKS)):
        chunk, length = r.take(32), r.varint(MAX_CHUNK + 5 + TAG)
        end += length
        if length <= TAG or end > MAX_PACK:
            raise Refused("a chunk that its pack cannot hold")
        chunks.append((chunk, length))
    return chunks


class Vault:
    def __init__(self, folder, kit, device, passphrase, account):
        self.folder, self.account = account_folder(folder, account)
        self.packs, self.opened, self.all_loaded = {}, None, False
        self.names = {code: [] for code, _ in NAMES}
        for path in sorted(self.folder.rglob("*")):
            name = path.relative_to(self.folder).as_posix()
            if (code := type_of(name)) and path.is_file():
                self.names[code].append(name)
        self.keyring = self.unlock(kit, device, passphrase)
        self.later_keys()
        if device and (device.account, device.roster_key) != (self.account, self.keyring.roster_key):
            raise Refused("the device key is of another account")
        self.devices = self.rosters()
        if device and [d.key for d in self.devices if d.id == device.device] != [device.signing]:
            raise Refused("the device key is not that of its device in the roster")

    def get(self, name, limit=MAX_OBJECT):
        try:
            with open(self.folder / name, "rb") as file:
                data = file.read(limit + 1)
        except FileNotFoundError:
            raise Refused("it is missing") from None
        if len(data) > limit:
            raise Refused("it is over its size limit")
        return data

    def unlock(self, kit, device, passphrase):
        refused = []
        for name in self.names[SLOT]:
            try:
                data = self.get(name)
                header = Header(data)
                header.belongs(self.account, name)
                key = slot_key(header, kit, device, passphrase)
                if key is None:
                    continue
                # whose signature it must bear is known only now
                keyring = Keyring(Body(header, key).open_whole(data[header.end : -64]))
                if keyring.account != self.account:
                    raise Refused("its keys are of another account")
                checked(b"owner", keyring.roster_key, self.account, place_of(name), data)
                return keyring
            except Refused as why:
                refused.append(f"{name}: {why}")
        reasons = "; ".join(refused) or "no slot is for it"
        raise Refused(f"no key slot opens with this {'kit' if kit else 'passphrase and device key'} ({reasons})")

    def later_keys(self):
        """Opens the generations that the slot does not hold, each with the keys before it."""
        while True:
            number = len(self.keyring.generations) + 1
            name = f"keys/{number:016x}"
            if name not in self.names[KEYS]:
                return
            with naming(name):
                data = checked(b"owner", self.keyring.roster_key, self.account, place_of(name), self.get(name))
                header = Header(data)
                header.belongs(self.account, name)
                if header.kind != 1 or header.generation != number - 1:
                    raise Refused("it is not sealed under the generation before it")
                self.keyring.extend(Body(header, self.keyring.object_key(header)).open_whole(data[header.end :]), number)

    def open_devices(self, name):
        """Opens an object that every device can read: indexes, heads, rosters."""
        data = self.get(name)
        header = Header(data)
        header.belongs(self.account, name)
        if header.kind != 2:
            raise Refused("it is not sealed to the devices")
        return Body(header, self.keyring.object_key(header)).open_whole(data[header.end :]), b3(data)

    def rosters(self):
        number, previous, devices = 0, ZEROS, []
        for name in self.names[ROSTER]:
            with naming(name):
                plain, digest = self.open_devices(name)
                r = Reader(checked(b"roster", self.keyring.roster_key, self.account, place_of(name), plain))
                said, before, devices = r.number(8), r.take(32), []
                for _ in range(r.varint(MAX_DEVICES)):
                    id, key, role = r.take(16), r.take(32), r.number(1)
                    if role not in (1, 2, 3):
                        raise Refused("a device of an unknown role")
                    believed = None
                    if role == 2:
                        believed = [(r.number(8), r.take(32)) for _ in range(r.varint(MAX_BELIEVED))]
                        if any(a >= b for (a, _), (b, _) in zip(believed, believed[1:])):
                            raise Refused("snapshots of a revoked device that are not in order")
                    if role != 3:
                        r.take(40)  # the last deletion note that counts
                    label = r.bytes(64)
                    try:
                        devices.append(Device(id, key, believed, label.decode()))
                    except UnicodeDecodeError:
                        raise Refused("a device's name is not UTF-8") from None
                r.finish()
                if name != f"roster/{said:016x}":
                    raise Refused("it belongs under another name")
                if said != number + 1 or before != previous:
                    raise Refused("it does not follow the roster before it; one was removed or changed")
                number, previous = said, digest
        if not number:
            raise Refused("the vault holds no roster of its devices")
        return devices

    def key_of(self, device):
        for member in self.devices:
            if member.id == device:
                return member.key
        raise Refused("its device is not in the roster")

    def head(self, name):
        with naming(name):
            plain, digest = self.open_devices(name)
            device = plain[:16]
            r = Reader(checked(b"head", self.key_of(device), self.account, place_of(name), plain))
            r.take(16)
            number, previous, time = r.number(8), r.take(32), r.number(8, signed=True)
            stats = tuple(r.varint() for _ in range(4))
            root = (r.take(32), r.varint(MAX_CHUNK))
            seen = [(r.take(16), r.number(8), r.take(32)) for _ in range(r.varint(MAX_DEVICES))]
            needs = []
            for _ in range(r.varint(MAX_INDEXES)):
                index, index_hash, ordinals, end = r.take(16), r.take(32), [], 0
                if any(index == known for known, _, _ in needs):
                    raise Refused("it names an index twice")
                for _ in range(r.varint(MAX_RUNS)):
                    first = end + r.varint(MAX_PACKS - end)
                    length = r.varint(MAX_PACKS - first)
                    if not length:
                        raise Refused("an empty run of packs")
                    end = first + length
                    ordinals.extend(range(first, end))
                needs.append((index, index_hash, ordinals))
            r.finish()
            if name != f"heads/{device.hex()}/{number:016x}":
                raise Refused("it belongs under another name")
            if not 1 <= number <= 1 << 48:
                raise Refused("a number that no device comes to")
            if number == 1 and previous != ZEROS:
                raise Refused("it is the first and claims to follow another")
            believed = next(member.believed for member in self.devices if member.id == device)
            if believed is not None and (number, digest) not in believed:
                raise Refused("its device was revoked, and this is none of the snapshots that the owner saw of it")
            return Head(device, number, previous, time, stats, root, seen, needs, digest)

    def heads(self, device):
        """Every head of a device, with the chain of hashes checked where both ends are here."""
        prefix, heads = f"heads/{device.hex()}/", {}
        for name in (n for n in self.names[HEAD] if n.startswith(prefix)):
            head = self.head(name)
            before = heads.get(head.number - 1)
            if before and before.hash != head.previous:
                raise Refused(f"{name}: it does not follow the head before it")
            if head.number > 1 and not before:
                warn(f"snapshot {head.number - 1} of this device is missing")
            heads[head.number] = head
        return heads

    def check_seen(self, head):
        """What a head tells of other devices' heads must be so; a head that is not here was withheld, or did not arrive yet."""
        for device, number, digest in head.seen:
            name = f"heads/{device.hex()}/{number:016x}"
            if name not in self.names[HEAD]:
                warn(f"{name} was seen by snapshot {head.number} and is missing")
            elif b3(self.get(name)) != digest:
                raise Refused(f"{name}: it is not the one that snapshot {head.number} saw")

    def load_packs(self, head):
        """Finds every chunk of the packs that a head needs."""
        for index, digest, ordinals in head.needs:
            names = [n for n in self.names[INDEX] if n.endswith("/" + index.hex())]
            if not names:
                raise Refused(f"index {index.hex()} is missing")
            self.load_index(names[0], digest, ordinals)

    def load_index(self, name, digest=None, ordinals=None):
        """Finds the chunks of some packs that an index tells of, or of all."""
        with naming(name):
            plain, found = self.open_devices(name)
            if digest and found != digest:
                raise Refused("it is not the one that the head names")
            device = plain[:16]
            r = Reader(checked(b"index", self.key_of(device), self.account, place_of(name), plain))
            r.take(16)
            if name != f"index/{device.hex()}/{name.rsplit('/', 1)[1]}":
                raise Refused("it belongs under another name")
            count = r.varint(MAX_PACKS)
            packs = [Pack(r.take(16), r.varint(MAX_PACK), r.take(32), read_directory(r)) for _ in range(count)]
            r.finish()
            for ordinal in range(count) if ordinals is None else ordinals:
                if ordinal >= count:
                    raise Refused("the head needs a pack that it does not tell of")
                pack, offset = packs[ordinal], 1244
                for segment, (chunk, length) in enumerate(pack.chunks):
                    self.packs.setdefault(chunk, []).append(Place(pack, segment, offset, length))
                    offset += length

    def load_all(self):
        """A deletion note may have moved what a head needs to packs of its own: any index may tell where, and the id is checked."""
        if not self.all_loaded:
            self.all_loaded = True
            for name in sorted(self.names[INDEX]):
                try:
                    self.load_index(name)
                except Refused as why:
                    warn(str(why))

    def open_pack(self, pack):
        """Checks a whole pack: its hash, header, directory, padding and trailer. Keeps the last one at hand."""
        if self.opened and self.opened[0] == pack.id:
            return self.opened[1:]
        name = f"packs/{pack.id.hex()[:2]}/{pack.id.hex()}"
        with naming(name):
            data = self.get(name, MAX_PACK)
            header = Header(data)
            header.belongs(self.account, name)
            if len(data) != pack.size or b3(data) != pack.hash:
                raise Refused("damaged: it is not the pack that its index names")
            if header.kind != 1 or header.end != 1244:
                raise Refused("it is not sealed to the owner")
            body = Body(header, self.keyring.object_key(header))
            trailer = Reader(body.open(0, LAST, data[-TRAILER:]))
            offset, length, count = trailer.number(8), trailer.number(8), trailer.number(8)
            trailer.finish()
            end = offset + length
            if offset < 1244 or end > len(data) - TRAILER:
                raise Refused("its parts do not fill it")
            directory = Reader(body.open(0, DIRECTORY, data[offset:end]))
            chunks = read_directory(directory)
            directory.finish()
            padding = body.open(0, PADDING, data[end : len(data) - TRAILER])
            if any(padding) or len(data) != padme(end + TAG + TRAILER):
                raise Refused("its padding is wrong")
            if chunks != pack.chunks or len(chunks) != count or 1244 + sum(n for _, n in chunks) != offset:
                raise Refused("its directory is not what its index says")
            self.opened = (pack.id, data, body, self.keyring.generation(header.generation))
            return self.opened[1:]

    def chunk(self, use, id, length):
        try:
            return self.chunk_from(self.packs.get(id), use, id, length)
        except Refused:
            if self.all_loaded:
                raise
            self.load_all()
            return self.chunk_from(self.packs.get(id), use, id, length)

    def chunk_from(self, places, use, id, length):
        if not places:
            raise Refused(f"chunk {id.hex()} is in none of the packs that the snapshot needs")
        refused = None
        for at in places:
            try:
                data, body, generation = self.open_pack(at.pack)
                with naming(f"packs/{at.pack.id.hex()[:2]}/{at.pack.id.hex()}, chunk {at.segment}"):
                    plain = decode_chunk(body.open(at.segment, MORE, data[at.offset : at.offset + at.length]))
                    key = hkdf(generation.chunk, b"printkeep/1", b"chunk id" + bytes([use]))
                    if blake3(plain, key=key).digest() != id:
                        raise Refused("its id is not that of its content")
                    if len(plain) != length:
                        raise Refused("its length is not what refers to it says")
                    return plain
            except Refused as why:
                refused = why
        raise refused


def decode_chunk(opened):
    r = Reader(opened)
    codec = r.number(1)
    if codec == 0:
        plain = r.take(r.left())
    elif codec == 1:
        length = r.number(4)
        plain = inflate(r.take(r.left()), length)
    else:
        raise Refused("a chunk of an unknown codec")
    if len(plain) > MAX_CHUNK:
        raise Refused("a chunk over its size limit")
    return plain


def inflate(frame, length):
    """One zstd frame of exactly `length` bytes; fed in small parts, so that a bomb is seen early."""
    if length > MAX_CHUNK:
        raise Refused("a chunk over its size limit")
    parts, pieces, size = zstandard.ZstdDecompressor().decompressobj(), [], 0
    try:
        for at in range(0, len(frame), 1024):
            if parts.eof:
                raise Refused("bytes follow a chunk's zstd frame")
            pieces.append(parts.decompress(frame[at : at + 1024]))
            size += len(pieces[-1])
            if size > length:
                break
    except zstandard.ZstdError:
        raise Refused("a chunk that does not decompress") from None
    if not parts.eof or parts.unused_data or size != length:
        raise Refused("a chunk whose zstd frame is not what it says")
    return b"".join(pieces)


# ---- manifest (section 10) -------------------------------------------------------------------------------------------

Entry = namedtuple("Entry", "path type mode uid gid mtime kind size content target")


def check_path(path):
    parts = path.split(b"/")
    if len(path) > MAX_PATH or any(part in (b"", b".", b"..") or b"\0" in part for part in parts):
        raise Refused("a path that could leave its folder")
    return parts


def read_piece(r):
    code = r.number(1)
    if code == 1:
        return (r.take(32), r.varint(MAX_CHUNK))
    if code == 2:
        return (None, r.varint())
    raise Refused("a piece of an unknown kind")


def read_content(r):
    """(0, pieces) or (depth, (chunk, length))"""
    depth = r.number(1)
    if depth == 0:
        return depth, [read_piece(r) for _ in range(r.varint(MAX_INLINE))]
    if depth <= 3:
        return depth, (r.take(32), r.varint(MAX_CHUNK))
    raise Refused("a list of lists that is too deep")


def pieces_of(vault, content):
    """Each piece of a content: (chunk, length), or (none, length of a hole)."""
    depth, inner = content
    if depth == 0:
        yield from inner
        return
    r, count = Reader(vault.chunk(LIST, *inner)), 0
    while r.left():
        count += 1
        if count > MAX_PIECES:
            raise Refused("a list over its limit")
        if depth == 1:
            yield read_piece(r)
        else:
            yield from pieces_of(vault, (depth - 1, (r.take(32), r.varint(MAX_CHUNK))))


def check_facts(data):
    r = Reader(data)
    while r.left():
        tag, value = r.number(1), r.bytes(96)
        if tag in (1, 2, 3):
            try:
                value.decode()
            except UnicodeDecodeError:
                raise Refused("a fact is not UTF-8") from None
        elif tag <= 12:
            inner = Reader(value)
            inner.varint(2**64 - 1 if tag in (9, 10) else 2**32 - 1)
            inner.finish()


def read_entry(r, last):
    shared = r.varint(len(last))
    path = last[:shared] + r.bytes(MAX_PATH)
    check_path(path)
    code = r.number(1)
    mode, uid, gid = r.varint(0o7777), r.varint(2**32 - 1), r.varint(2**32 - 1)
    zigzag, nanos = r.varint(), r.varint(999_999_999)
    mtime = ((zigzag >> 1) ^ -(zigzag & 1)) * 1_000_000_000 + nanos
    kind, size, content, target = None, 0, None, None
    if code == 2:
        kind, size, content = r.number(1), r.varint(), read_content(r)
        check_facts(r.bytes(MAX_FACTS))
    elif code == 3:
        target = r.bytes(MAX_TARGET)
    elif code != 1:
        raise Refused("an entry of an unknown type")
    return Entry(path, code, mode, uid, gid, mtime, kind, size, content, target)


def entries_of(vault, head):
    r = Reader(vault.chunk(ROOT, *head.root))
    labels = set()
    for _ in range(r.varint(MAX_SOURCES)):
        label = r.bytes(MAX_PATH)
        check_path(label)
        labels.add(label)
        r.bytes(MAX_PATH)  # where it lay on the device
    content = read_content(r)
    r.finish()
    before = None
    for chunk, length in pieces_of(vault, content):
        if chunk is None:
            raise Refused("a manifest with a hole")
        r, last = Reader(vault.chunk(MANIFEST, chunk, length)), b""
        while r.left():
            entry = read_entry(r, last)
            last, parts = entry.path, entry.path.split(b"/")
            if before is not None and parts <= before:
                raise Refused("a manifest out of order")
            if parts[0] not in labels:
                raise Refused("an entry of no source")
            before = parts
            yield entry


# ---- restoring -------------------------------------------------------------------------------------------------------


def restore(vault, head, to):
    """Writes every entry below `to`, an empty or new folder. A path's parent must be a folder of the snapshot, never a link."""
    to.mkdir(parents=True, exist_ok=True)
    if any(to.iterdir()):
        raise Refused(f"{to} is not empty")
    root, folders, files, bytes_ = os.fsencode(to), {}, 0, 0
    for entry in entries_of(vault, head):
        parent = entry.path.rpartition(b"/")[0]
        if parent and parent not in folders:
            raise Refused(f"{show(entry.path)}: it lies below something that is no folder")
        path = os.path.join(root, entry.path)
        with naming(show(entry.path)):
            if entry.type == 1:
                os.mkdir(path, 0o700)
                folders[entry.path] = entry
            elif entry.type == 3:
                os.symlink(entry.target, path)
                os.utime(path, ns=(entry.mtime, entry.mtime), follow_symlinks=False)
            else:
                write_file(vault, entry, path)
                files, bytes_ = files + 1, bytes_ + entry.size
    for entry in reversed(folders.values()):
        finish(os.path.join(root, entry.path), entry)
    if (files, len(folders), bytes_) != head.stats[:3]:
        said = "{} files, {} folders, {} bytes".format(*head.stats[:3])
        raise Refused(f"the snapshot says {said}, and holds {files}, {len(folders)}, {bytes_}")
    return files, len(folders), bytes_


def write_file(vault, entry, path):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
        size = 0
        for chunk, length in pieces_of(vault, entry.content):
            size += length
            if size > entry.size:
                break
            if chunk is None:
                file.seek(length, os.SEEK_CUR)
            else:
                file.write(vault.chunk(DATA, chunk, length))
        if size != entry.size:
            raise Refused("its pieces do not add up to its size")
        file.truncate(size)
    finish(path, entry)


def finish(path, entry):
    os.chmod(path, stat.S_IMODE(entry.mode))
    os.utime(path, ns=(entry.mtime, entry.mtime))


# ---- command line ----------------------------------------------------------------------------------------------------


def show(path):
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in path.decode("utf-8", "backslashreplace"))


class naming:
    """Says of a refusal inside it what it is about."""

    def __init__(self, what):
        self.what = what

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if isinstance(error, Refused) and not getattr(error, "named", False):
            named = Refused(f"{self.what}: {error}")
            named.named = True
            raise named from None


def warn(text):
    print(f"printkeep_reader: warning: {text}", file=sys.stderr)


def account_folder(folder, account):
    """A vault holds a folder for each account; the folder of one account is taken too."""
    wanted = account.hex() if account else None
    found = [p for p in sorted(folder.iterdir()) if p.is_dir() and re.fullmatch(ID, p.name)]
    if re.fullmatch(ID, folder.resolve().name) and not found:
        found = [folder.resolve()]
    found = [p for p in found if wanted in (None, p.name)]
    if len(found) != 1:
        what = f"account {wanted}" if wanted else "one account"
        raise Refused(f"{folder} does not hold {what}, but {len(found)} that could be meant")
    return found[0], bytes.fromhex(found[0].name)


def choose(vault, wanted, number, own):
    """The device and number that are meant: the only device that has snapshots, unless one is named."""
    with_heads = {name.split("/")[1] for name in vault.names[HEAD]}
    devices = [d for d in vault.devices if d.id.hex() in with_heads]
    if wanted:
        devices = [d for d in devices if wanted in (d.name, d.id.hex())]
    elif own and any(d.id == own for d in devices):
        devices = [d for d in devices if d.id == own]
    if len(devices) != 1:
        known = ", ".join(f"{d.name} ({d.id.hex()})" for d in vault.devices)
        raise Refused(f"{len(devices)} devices could be meant; choose one with --device: {known}")
    heads = vault.heads(devices[0].id)
    number = number or max(heads)
    if number not in heads:
        raise Refused(f"{devices[0].name} has no snapshot {number}; it has {sorted(heads)}")
    return heads[number]


def main():
    parser = argparse.ArgumentParser(description="Restore a snapshot from a Printkeep vault, independently of Printkeep.")
    parser.add_argument("vault", type=Path, help="folder of the vault or store, or of one account in it")
    parser.add_argument("--to", type=Path, required=True, help="new or empty folder to restore to")
    parser.add_argument("--kit", type=Path, help="recovery kit")
    parser.add_argument("--device-key", type=Path, help="device.key; needs the passphrase too")
    parser.add_argument("--passphrase-file", type=Path, help="its first line; PRINTKEEP_PASSPHRASE works too")
    parser.add_argument("--device", help="name or id of the device whose snapshot is meant")
    parser.add_argument("--snapshot", type=int, help="its number; the newest otherwise")
    args = parser.parse_args()
    if (args.kit is None) == (args.device_key is None):
        parser.error("give either --kit or --device-key")
    account = kit = device = passphrase = None
    if args.kit:
        with naming(args.kit):
            account, kit = read_kit(args.kit.read_text(errors="replace"))
    else:
        with naming(args.device_key):
            device = DeviceKey(args.device_key.read_bytes())
            account = device.account
        if args.passphrase_file:
            passphrase = args.passphrase_file.read_bytes().split(b"\n")[0].rstrip(b"\r")
        elif "PRINTKEEP_PASSPHRASE" in os.environ:
            passphrase = os.environb[b"PRINTKEEP_PASSPHRASE"]
        else:
            parser.error("give --passphrase-file or PRINTKEEP_PASSPHRASE")
    vault = Vault(args.vault, kit, device, passphrase, account)
    head = choose(vault, args.device, args.snapshot, device and device.device)
    vault.check_seen(head)
    vault.load_packs(head)
    files, folders, size = restore(vault, head, args.to)
    print(f"snapshot {head.number} of {head.device.hex()}: {files} files, {folders} folders, {size} bytes")


if __name__ == "__main__":
    try:
        main()
    except (Refused, OSError) as error:
        print(f"printkeep_reader: {error}", file=sys.stderr)
        sys.exit(1)
