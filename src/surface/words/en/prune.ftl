the-store = the store "{ $name }"
prune-plan = In { $place }: { $count ->
    [one] { $count } file
   *[other] { $count } files
} ({ $bytes }) to remove now, { $later ->
    [one] { $later } file
   *[other] { $later } files
} ({ $later_bytes }) after the grace period.
prune-plan-store = In { $place }: { $count ->
    [one] { $count } file
   *[other] { $count } files
} ({ $bytes }) to remove now, { $later ->
    [one] { $later } file
   *[other] { $later } files
} ({ $later_bytes }) after the grace period, about { $requests ->
    [one] { $requests } request
   *[other] { $requests } requests
}.
prune-repack = To write anew: { $count ->
    [one] { $count } file
   *[other] { $count } files
} of which little is needed, { $read } to read and about { $write } to write and send.
prune-repack-locked = Files of which little is needed stay as they are: writing them anew needs --passphrase-file or --recovery-kit.
prune-unknown = { $object }: { $reason }; until that is mended only forgotten snapshots go: run `printkeep sync`, then `printkeep check --repair`.
prune-removed = Removed { $count ->
    [one] { $count } file
   *[other] { $count } files
} ({ $bytes }) from { $place }.
prune-locked = { $count ->
    [one] { $count } file in the store "{ $store }" is
   *[other] { $count } files in the store "{ $store }" are
} locked there, the first until { $until }: kept now, for a later prune to remove.
prune-marked = Marked { $count ->
    [one] { $count } file
   *[other] { $count } files
} as unneeded; a later prune removes what no snapshot needs by then.
prune-repacked = Wrote anew { $count ->
    [one] { $count } file
   *[other] { $count } files
}: { $read } read, { $written } written.
prune-repack-no-room = { $count ->
    [one] { $count } file
   *[other] { $count } files
} of which little is needed left as they are: there is no room to write that anew; a later prune does it.
prune-repack-left = { $count ->
    [one] { $count } file
   *[other] { $count } files
} left as they are, because they cannot be read; `printkeep check --read-data` tells which.
prune-skipped = { $store }: nothing more was done there: { $why }.
prune-unread = { $object }: { $why }
prune-untrue = what it shows is not what is known of it; `printkeep sync` tells more
prune-restless = snapshots keep coming that this machine cannot read; run it again later
