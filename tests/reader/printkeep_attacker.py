#!/usr/bin/env python3
"""Forges objects as an attacker would, after src/core/FORMAT.md and sharing no code with Printkeep: with nothing but what
everybody sees who may write to a store, or with a device's stolen `device.key` besides.

Each act puts objects into a store that is a folder, over what bears their names, or with --every each act's objects into a folder
of its own. For tests: it attacks a store that one owns.
"""

import argparse
import json
import os
import sys
from collections import namedtuple
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from kyber_py.ml_kem import ML_KEM_768

import printkeep_reader as reader
from printkeep_reader import DIRECTORY, LAST, MORE, PADDING, SEGMENT, TAG, TRAILER, ZEROS, b3, hkdf, padme, sha256

FOLDERS = ["packs", "index", "heads", "roster", "slots", "keys", "grants", "keeps", "inbox", "facts"]
BY_ID = {"packs", "index", "slots", "inbox"}
YEAR_2096 = 3_976_214_400
LAST_NUMBER = 2**64 - 1

Head = namedtuple("Head", "number previous time stats root needs")


# ---- writing what the reader reads -----------------------------------------------------------------------------------


def u32(n):
    return n.to_bytes(4, "little")


def u64(n):
    return n.to_bytes(8, "little")


def varint(n):
    out = b""
    while n >= 0x80:
        out, n = out + bytes([n & 0x7F | 0x80]), n >> 7
    return out + bytes([n])


def sized(data):
    return varint(len(data)) + data


def place_of(name):
    folder, rest = name.split("/", 1)
    return bytes.fromhex(rest.rsplit("/", 1)[-1]) if folder in BY_ID else b3(name.encode())[:16]


def prefix(account, name):
    return b"PKEP\x01\x01" + bytes([FOLDERS.index(name.split("/")[0]) + 1]) + account + place_of(name)


def sealed_header(account, name, reference, object_key):
    """A header under this object key, and the key of the body."""
    head = prefix(account, name) + reference
    digest = sha256(head)
    commitment = hkdf(object_key, b"printkeep/1", b"commitment" + digest)
    return head + commitment, AESGCM(hkdf(object_key, b"printkeep/1", b"body" + digest))


def nonce(number, flag):
    return bytes(3) + number.to_bytes(8, "big") + bytes([flag])


def sealed_whole(account, name, reference, object_key, data):
    """Types 2 to 10."""
    header, key = sealed_header(account, name, reference, object_key)
    plain = u64(len(data)) + data
    plain += bytes(padme(len(plain)) - len(plain))
    parts = [plain[at : at + SEGMENT] for at in range(0, len(plain), SEGMENT)]
    flags = [MORE] * (len(parts) - 1) + [LAST]
    return header + b"".join(key.encrypt(nonce(n, flag), part, None) for n, (part, flag) in enumerate(zip(parts, flags)))


def encapsulated(public):
    """A shared secret for an X-Wing public key, and what its owner finds it by."""
    secret, ciphertext = ML_KEM_768.encaps(public[:1184])
    ephemeral = X25519PrivateKey.generate()
    own, theirs = ephemeral.public_key().public_bytes_raw(), public[1184:]
    exchanged = ephemeral.exchange(X25519PublicKey.from_public_bytes(theirs))
    shared = reader.hashlib.sha3_256(secret + exchanged + own + theirs + bytes.fromhex("5c2e2f2f5e5c")).digest()
    return shared, ciphertext + own


def owners_reference(account, name, generation, public, object_key):
    shared, enc = encapsulated(public)
    key, once = reader.XWing.schedule(shared, prefix(account, name))
    return b"\x01" + u32(generation) + enc + AESGCM(key).encrypt(once, object_key, b"")


def index_of(device, packs):
    each = (id + varint(size) + digest + directory_of(chunks) for id, size, digest, chunks in packs)
    return device + varint(len(packs)) + b"".join(each)


def directory_of(chunks):
    return varint(len(chunks)) + b"".join(id + varint(length) for id, length in chunks)


def head_of(device, head, needs=None):
    stats = b"".join(varint(n) for n in head.stats)
    root = head.root[0] + varint(head.root[1])
    body = device + u64(head.number) + head.previous + head.time.to_bytes(8, "little", signed=True) + stats + root
    # it tells of no other device's heads
    return body + varint(0) + (head.needs if needs is None else needs)


def need_of(name, data, first=0, count=1):
    return place_of(name) + b3(data) + varint(1) + varint(first) + varint(count)


# ---- what is seen and held -------------------------------------------------------------------------------------------


class Store:
    """What everybody sees who may read a store."""

    def __init__(self, folder, key):
        folders = [p for p in sorted(folder.iterdir()) if p.is_dir() and reader.re.fullmatch(reader.ID, p.name)]
        if len(folders) != 1:
            raise reader.Refused(f"{folder} holds not one account, but {len(folders)}")
        self.folder, self.account, self.key = folders[0], bytes.fromhex(folders[0].name), key
        everything = (p.relative_to(self.folder).as_posix() for p in sorted(self.folder.rglob("*")) if p.is_file())
        self.names = [name for name in everything if name.split("/")[0] in FOLDERS]
        own = key.device.hex() if key else ""
        self.own, devices = own, sorted({name.split("/")[1] for name in self.names_in("heads")} - {own})
        if not devices:
            raise reader.Refused("no other device has a snapshot there")
        self.victim = devices[0]

    def names_in(self, folder):
        return [name for name in self.names if name.startswith(folder + "/")]

    def get(self, name):
        return (self.folder / name).read_bytes()

    def newest(self, folder):
        numbers = [int(name.rsplit("/", 1)[1], 16) for name in self.names_in(folder)]
        return max(numbers, default=0)


class Thief(Store):
    """Who holds a device's key besides: reads what every device reads, and signs as that device."""

    def generation(self):
        return len(self.key.generations)

    def open(self, name):
        data = self.get(name)
        header = reader.Header(data)
        object_key = hkdf(self.key.generations[header.generation - 1][0], header.salt, b"printkeep/1 object key")
        return reader.Body(header, object_key).open_whole(data[header.end :])

    def signed(self, label, name, body):
        message = b"printkeep/1 " + label + b"\0" + b3(self.account + place_of(name) + body)
        return body + self.key.signer.sign(message)

    def for_devices(self, label, name, body):
        """An object as devices write it: sealed to all of them, signed inside."""
        salt = os.urandom(32)
        object_key = hkdf(self.key.generations[-1][0], salt, b"printkeep/1 object key")
        reference = b"\x02" + u32(self.generation()) + salt
        return sealed_whole(self.account, name, reference, object_key, self.signed(label, name, body))

    def as_owner(self, name, reference, object_key, data):
        """An object as the owner writes it, but for whose signature it bears."""
        return self.signed(b"owner", name, sealed_whole(self.account, name, reference, object_key, data))

    def linked(self, name, data):
        """The same, sealed under the link key that the stolen device shares with the owner."""
        salt = os.urandom(32)
        object_key = hkdf(self.key.link, salt, b"printkeep/1 link key")
        return self.as_owner(name, b"\x05" + bytes.fromhex(name.split("/")[1]) + salt, object_key, data)

    def head(self, device=None, number=None):
        """What a head says: the stolen device's newest, unless another is meant."""
        device = device or self.own
        number = number or self.newest(f"heads/{device}")
        r = reader.Reader(self.open(f"heads/{device}/{number:016x}")[:-64])
        r.take(24)
        previous, time, stats = r.take(32), r.number(8, signed=True), tuple(r.varint() for _ in range(4))
        root = (r.take(32), r.varint())
        for _ in range(r.varint()):
            r.take(56)
        return Head(number, previous, time, stats, root, r.take(r.left()))

    def next_head(self):
        last = self.head()
        name = f"heads/{self.own}/{last.number:016x}"
        return last._replace(number=last.number + 1, previous=b3(self.get(name)), time=last.time + 1)

    def heads(self, head, device=None, needs=None):
        """The head's name, and its bytes with the stolen device's signature."""
        device = device or self.own
        name = f"heads/{device}/{head.number:016x}"
        return name, self.for_devices(b"head", name, head_of(bytes.fromhex(device), head, needs))

    def index(self, packs, device=None):
        device = device or self.own
        name = f"index/{device}/{os.urandom(16).hex()}"
        return name, self.for_devices(b"index", name, index_of(bytes.fromhex(device), packs))

    def told_packs(self, device):
        """The packs that a device's index objects tell of."""
        packs = []
        for name in self.names_in(f"index/{device}"):
            r = reader.Reader(self.open(name)[:-64])
            r.take(16)
            packs += [(r.take(16), r.varint(), r.take(32), reader.read_directory(r)) for _ in range(r.varint())]
        return packs

    def pack(self, text, ids=None):
        """A pack of one chunk, sealed to the owner, and what an index says of it."""
        id, object_key = os.urandom(16), os.urandom(32)
        name = f"packs/{id.hex()[:2]}/{id.hex()}"
        reference = owners_reference(self.account, name, self.generation(), self.key.recipient, object_key)
        header, key = sealed_header(self.account, name, reference, object_key)
        chunk = key.encrypt(nonce(0, MORE), b"\0" + text, None)
        own = hkdf(self.key.generations[-1][1], b"printkeep/1", b"chunk id" + bytes([reader.DATA]))
        chunks = [(ids or reader.blake3(text, key=own).digest(), len(chunk))]
        directory = key.encrypt(nonce(0, DIRECTORY), directory_of(chunks), None)
        begin = len(header) + len(chunk)
        end = begin + len(directory)
        padding = key.encrypt(nonce(0, PADDING), bytes(padme(end + TAG + TRAILER) - end - TAG - TRAILER), None)
        trailer = key.encrypt(nonce(0, LAST), u64(begin) + u64(len(directory)) + u64(1), None)
        data = header + chunk + directory + padding + trailer
        return name, data, (id, len(data), b3(data), chunks)

    def note(self, statements, device=None, number=1, order=1):
        device = device or self.own
        name = f"keeps/{device}/{number:016x}"
        body = bytes.fromhex(device) + u64(number) + ZEROS + u64(order) + u64(1_790_000_000) + varint(0)
        return name, self.for_devices(b"keep", name, body + varint(len(statements)) + b"".join(statements))

    def forgets(self, device):
        """That every snapshot of a device is forgotten, its packs and index objects needed no longer, and removed."""
        heads = self.names_in(f"heads/{device}")
        each = [b"\x01" + bytes.fromhex(device) + u64(int(n.rsplit("/", 1)[1], 16)) + b3(self.get(n)) for n in heads]
        places = [place_of(name) for name in self.names_in("packs") + self.names_in(f"index/{device}")]
        return each + [code + varint(len(places)) + b"".join(places) for code in (b"\x06", b"\x09")]

    def roster(self, devices, number=None):
        """A roster of (id, key, role and what follows it, name), signed by the stolen device."""
        last = self.newest("roster")
        number = number or last + 1
        name = f"roster/{number:016x}"
        previous = b3(self.get(f"roster/{last:016x}"))
        each = (id + key + role + sized(label) for id, key, role, label in devices)
        return name, self.for_devices(b"roster", name, u64(number) + previous + varint(len(devices)) + b"".join(each))


# ---- acts ------------------------------------------------------------------------------------------------------------

ACTS = {}


def act(does):
    """An act gives pairs of name and bytes."""
    ACTS[does.__name__.replace("_", "-")] = does
    return does


def noise_act(folder, named):
    """A header of a type with noise behind it, as whoever only knows names can make it."""

    def does(store):
        name = named(store)
        references = {
            **dict.fromkeys(["packs", "keys", "facts"], b"\x01" + u32(1) + os.urandom(1168)),
            **dict.fromkeys(["index", "heads", "roster", "keeps"], b"\x02" + u32(1) + os.urandom(32)),
            **dict.fromkeys(["grants", "inbox"], b"\x05" + bytes.fromhex(store.victim) + os.urandom(32)),
            "slots": b"\x04" + os.urandom(32),
        }
        yield name, prefix(store.account, name) + references[folder] + os.urandom(32 + 600)

    ACTS[f"noise-in-{folder}"] = does


def id_in(folder):
    return lambda store: folder.format(victim=store.victim, id=os.urandom(16).hex())


def number_in(folder, after=1):
    def named(store):
        place = folder.format(victim=store.victim)
        return f"{place}/{store.newest(place) + after:016x}"

    return named


noise_act("packs", lambda store: store.names_in("packs")[0])
noise_act("index", id_in("index/{victim}/{id}"))
noise_act("heads", number_in("heads/{victim}"))
noise_act("roster", number_in("roster"))
noise_act("slots", id_in("slots/{id}"))
noise_act("keys", number_in("keys", after=2))
noise_act("grants", number_in("grants/{victim}", after=2))
noise_act("keeps", number_in("keeps/{victim}"))
noise_act("inbox", id_in("inbox/{victim}/{id}"))
noise_act("facts", number_in("facts/{victim}"))


@act
def slot_that_costs(store):
    """A passphrase slot of the victim that takes 1 GiB and 16 passes to try."""
    name = id_in("slots/{id}")(store)
    cost = u32(1024 * 1024) + u32(16) + u32(1)
    reference = b"\x03" + cost + bytes.fromhex(store.victim) + os.urandom(32)
    yield name, prefix(store.account, name) + reference + os.urandom(32 + 600)


@act
def packs_exchanged(store):
    """Each pack under the name of the next."""
    names = store.names_in("packs")
    for name, other in zip(names, names[1:] + names[:1]):
        yield name, store.get(other)


@act
def heads_exchanged(store):
    """The victim's first head under the name of its last."""
    names = store.names_in(f"heads/{store.victim}")
    yield names[-1], store.get(names[0])


@act
def old_head_as_next(store):
    """The victim's last head once more, under the number after it."""
    yield number_in("heads/{victim}")(store), store.get(store.names_in(f"heads/{store.victim}")[-1])


@act
def roster_from_the_past(store):
    """The first list of devices under the name of the newest."""
    names = store.names_in("roster")
    yield names[-1], store.get(names[0])


@act
def indexes_exchanged(store):
    """One of the victim's index objects under the name of another."""
    names = store.names_in(f"index/{store.victim}")
    yield names[0], store.get(names[-1])


@act
def slot_under_another_name(store):
    yield id_in("slots/{id}")(store), store.get(store.names_in("slots")[0])


@act
def head_cut(store):
    name = store.names_in(f"heads/{store.victim}")[-1]
    yield name, store.get(name)[:-100]


@act
def pack_changed(store):
    """One bit of a pack, far behind its header."""
    name = store.names_in("packs")[0]
    data = bytearray(store.get(name))
    data[len(data) // 2] ^= 1
    yield name, bytes(data)


@act
def of_another_account(thief):
    """A next head that is right but for the account in its header."""
    name, data = thief.heads(thief.next_head())
    yield name, data[:7] + os.urandom(16) + data[23:]


@act
def index_lies_of_a_pack(thief):
    """An index object of its own that tells of the victim's packs with another size and hash."""
    packs = thief.told_packs(thief.victim)
    yield thief.index([(id, 5000, os.urandom(32), chunks) for id, _, _, chunks in packs])


@act
def index_in_the_victims_name(thief):
    packs = thief.told_packs(thief.victim)
    yield thief.index([(id, 5000, os.urandom(32), chunks) for id, _, _, chunks in packs], thief.victim)


@act
def head_in_the_victims_name(thief):
    """The victim's next head, signed by the stolen device."""
    last = thief.head(thief.victim)
    name = f"heads/{thief.victim}/{last.number:016x}"
    yield thief.heads(last._replace(number=last.number + 1, previous=b3(thief.get(name))), thief.victim)


@act
def head_with_an_old_number(thief):
    """Another head under the number of the stolen device's last."""
    last = thief.head()
    yield thief.heads(last._replace(time=last.time + 7))


@act
def head_with_the_last_number(thief):
    yield thief.heads(thief.next_head()._replace(number=LAST_NUMBER))


@act
def head_that_leaves_numbers_out(thief):
    head = thief.next_head()
    yield thief.heads(head._replace(number=head.number + 40))


@act
def head_that_follows_another(thief):
    """A next head that names another than the last as the one before it."""
    yield thief.heads(thief.next_head()._replace(previous=os.urandom(32)))


@act
def head_from_2096(thief):
    yield thief.heads(thief.next_head()._replace(time=YEAR_2096))


@act
def head_of_one_index_many_times(thief):
    """A head that needs one index object 65,536 times."""
    name = thief.names_in(f"index/{thief.own}")[0]
    yield thief.heads(thief.next_head(), needs=varint(65_536) + need_of(name, thief.get(name)) * 65_536)


@act
def head_of_an_index_that_is_not_there(thief):
    needs = varint(1) + os.urandom(16) + os.urandom(32) + varint(1) + varint(0) + varint(1)
    yield thief.heads(thief.next_head(), needs=needs)


@act
def head_that_tells_of_another_index(thief):
    """A head that needs the victim's index object, with another hash."""
    name = thief.names_in(f"index/{thief.victim}")[0]
    yield thief.heads(thief.next_head(), needs=varint(1) + need_of(name, b"another"))


@act
def index_lies_of_a_hash(thief):
    """The same as `index_lies_of_a_pack`, with the right size."""
    packs = thief.told_packs(thief.victim)
    yield thief.index([(id, size, os.urandom(32), chunks) for id, size, _, chunks in packs])


@act
def snapshot_of_lies(thief):
    """A snapshot that needs an index object which lies of the victim's packs."""
    packs = thief.told_packs(thief.victim)
    index = thief.index([(id, size, os.urandom(32), chunks) for id, size, _, chunks in packs])
    yield index
    yield thief.heads(thief.next_head(), needs=varint(1) + need_of(*index, count=len(packs)))


@act
def note_without_the_right(thief):
    """A deletion note of the stolen device, which may not delete: all the victim's snapshots and packs."""
    yield thief.note(thief.forgets(thief.victim))


@act
def note_in_the_victims_name(thief):
    yield thief.note(thief.forgets(thief.victim), thief.victim, thief.newest(f"keeps/{thief.victim}") + 1, order=LAST_NUMBER)


@act
def roster_that_gives_rights(thief):
    """A next list in which the stolen device may delete, and the victim is revoked."""
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    yield thief.roster([
        (thief.key.device, thief.key.signing, b"\x03", b"stolen"),
        (bytes.fromhex(thief.victim), other, b"\x02" + varint(0) + bytes(40), b"revoked"),
    ])


@act
def roster_with_the_last_number(thief):
    yield thief.roster([(thief.key.device, thief.key.signing, b"\x03", b"stolen")], LAST_NUMBER)


@act
def keys_of_its_own(thief):
    """A next generation that the thief knows, sealed to the owner as the real one would be."""
    generation = thief.generation() + 1
    name, object_key = f"keys/{generation:016x}", os.urandom(32)
    reference = owners_reference(thief.account, name, generation - 1, thief.key.recipient, object_key)
    yield name, thief.as_owner(name, reference, object_key, u64(generation) + os.urandom(96))


def granted(thief, told):
    generation = thief.generation() + 1
    public = ML_KEM_768.keygen()[0] + X25519PrivateKey.generate().public_key().public_bytes_raw()
    keys = b"".join(index + chunk for index, chunk in thief.key.generations) + os.urandom(64)
    return thief.account + thief.key.roster_key + public + varint(generation) + keys + told


@act
def grant_to_the_victim(thief):
    name = f"grants/{thief.victim}/{thief.generation() + 1:016x}"
    yield name, thief.linked(name, granted(thief, os.urandom(32 * thief.generation())))


@act
def grant_to_itself(thief):
    name = f"grants/{thief.own}/{thief.generation() + 1:016x}"
    yield name, thief.linked(name, granted(thief, os.urandom(32 * thief.generation())))


@act
def slot_of_its_own(thief):
    """A recovery kit's slot with keys that the thief chose."""
    name, salt = f"slots/{os.urandom(16).hex()}", os.urandom(32)
    payload = thief.account + os.urandom(32) + varint(1) + os.urandom(96)
    object_key = hkdf(os.urandom(32), salt, b"printkeep/1 recovery")
    yield name, thief.as_owner(name, b"\x04" + salt, object_key, payload)


def letter_to(thief, device):
    name, text = f"inbox/{device}/{os.urandom(16).hex()}", b"[gcode_macro START]\n"
    times = u64(1_790_000_000)
    first = b"\x01" + bytes.fromhex(device) + bytes.fromhex(thief.victim) + times + varint(len(text)) + varint(0o644)
    part_name = f"inbox/{device}/{hkdf(thief.key.link, b'printkeep/1', b'letter part' + place_of(name) + u32(0))[:16].hex()}"
    part = thief.linked(part_name, b"\x02" + bytes.fromhex(device) + place_of(name) + varint(0) + text)
    first += times + varint(0) + b3(text) + sized(b"printer.cfg") + varint(1) + b3(part) + varint(len(text))
    yield part_name, part
    yield name, thief.linked(name, first)


@act
def letter_to_the_victim(thief):
    yield from letter_to(thief, thief.victim)


@act
def letter_to_itself(thief):
    yield from letter_to(thief, thief.own)


@act
def pack_of_other_content(thief):
    """A pack and an index object that claim chunks of the victim's for other bytes, and a snapshot that needs them."""
    chunk = thief.told_packs(thief.victim)[0][3][0][0]
    *_, record = pack = thief.pack(b"not what you stored", chunk)
    index = thief.index([record])
    yield pack[:2]
    yield index
    yield thief.heads(thief.next_head(), needs=varint(1) + need_of(*index))


@act
def index_of_a_pack_that_is_not_there(thief):
    yield thief.index([(os.urandom(16), 4096, os.urandom(32), thief.told_packs(thief.victim)[0][3])])


@act
def genuine_index(thief):
    """No attack: a pack and an index object as the stolen device's own program would write them."""
    *_, record = pack = thief.pack(b"a chunk of its own")
    yield pack[:2]
    yield thief.index([record])


@act
def genuine_head(thief):
    """No attack: the stolen device's next snapshot, of what the last one holds."""
    yield thief.heads(thief.next_head())


# ---- command line ----------------------------------------------------------------------------------------------------


def main():
    parser = argparse.ArgumentParser(description="Forge objects in a store of one's own, as an attacker would.")
    parser.add_argument("store", type=Path, nargs="?", help="folder of the store")
    parser.add_argument("--device-key", type=Path, help="the stolen device.key; without it only acts that need none")
    parser.add_argument("--act", choices=sorted(ACTS), metavar="NAME", help="what to do; --list tells the names")
    parser.add_argument("--every", type=Path, help="do every act, each into a folder of its name below this one")
    parser.add_argument("--list", action="store_true", help="the names of the acts")
    args = parser.parse_args()
    if args.list:
        print("\n".join(ACTS))
        return
    if args.store is None or (args.act is None) == (args.every is None):
        parser.error("give a store, and --act or --every")
    key = reader.DeviceKey(args.device_key.read_bytes()) if args.device_key else None
    store = Thief(args.store, key)
    done = {}
    for name in [args.act] if args.act else ACTS:
        done[name] = commit(store, name, args.every / name if args.every else args.store)
    print(json.dumps(done))


def commit(store, name, into):
    """Does an act; the names of what it wrote."""
    if store.key is None and ACTS[name].__code__.co_varnames[0] == "thief":
        raise reader.Refused(f"{name} needs a --device-key")
    written = []
    for path, data in ACTS[name](store):
        at = into / store.account.hex() / path
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_bytes(data)
        written.append(path)
    return written


if __name__ == "__main__":
    try:
        main()
    except (reader.Refused, OSError) as error:
        print(f"printkeep_attacker: {error}", file=sys.stderr)
        sys.exit(1)
