snapshots-none = There are no snapshots yet. Make one with `printkeep backup`.
snapshots-refused = { $object }: { $reason }
snapshots-lost = { $count ->
    [one] The local vault lost { $count } snapshot of this device: `printkeep check --repair` brings it back from a store that has it.
   *[other] The local vault lost { $count } snapshots of this device: `printkeep check --repair` brings them back from a store that has them.
}
snapshots-pinned = pinned
snapshots-forgotten = forgotten
incomplete-sources = INCOMPLETE: without { $sources }
incomplete-files = { $count ->
    [one] INCOMPLETE: { $count } file or folder could not be read
   *[other] INCOMPLETE: { $count } files or folders could not be read
}
