snapshots-none = There are no snapshots yet. Make one with `printkeep backup`.
snapshots-refused = { $object }: { $reason }
snapshots-lost = { $count ->
    [one] The local vault lost { $count } snapshot of this device ({ $numbers }): `printkeep check --repair` brings it back from a store that has it; where none has it, `printkeep forget NUMBER` ends this.
   *[other] The local vault lost { $count } snapshots of this device ({ $numbers }): `printkeep check --repair` brings them back from a store that has them; where none has them, `printkeep forget NUMBER` ends this.
}
snapshots-disbelieved = { $count ->
    [one] Snapshot { $numbers } of { $device } was made after that device was revoked, and is not believed.
   *[other] Snapshots { $numbers } of { $device } were made after that device was revoked, and are not believed.
}
snapshots-disbelieved-here = { $count ->
    [one] Snapshot { $numbers } of this device was made after you revoked it: no other device believes it, and it is sent nowhere.
   *[other] Snapshots { $numbers } of this device were made after you revoked it: no other device believes them, and they are sent nowhere.
}
snapshots-ahead = a time that is still to come
snapshots-pinned = pinned
snapshots-forgotten = forgotten
incomplete-sources = INCOMPLETE: without { $sources }
incomplete-files = { $count ->
    [one] INCOMPLETE: { $count } file or folder could not be read
   *[other] INCOMPLETE: { $count } files or folders could not be read
}
