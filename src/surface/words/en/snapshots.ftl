snapshots-none = There are no snapshots yet. Make one with `printkeep backup`.
snapshots-refused = { $object }: { $reason }
snapshots-pinned = pinned
snapshots-forgotten = forgotten
