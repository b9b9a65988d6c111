snapshots-none = There are no snapshots yet. Make one with `printkeep backup`.
snapshots-refused = { $object }: { $reason }
snapshots-pinned = pinned
snapshots-forgotten = forgotten
incomplete-sources = INCOMPLETE: without { $sources }
incomplete-files = { $count ->
    [one] INCOMPLETE: { $count } file or folder could not be read
   *[other] INCOMPLETE: { $count } files or folders could not be read
}
