sync-no-store = there is no store to sync with
sync-no-store-hint = add one: `printkeep store add URL`
sync-in-step = { $store }: up to date, nothing to send or fetch.
sync-moved = { $store }: sent { $sent ->
    [one] { $sent } file
   *[other] { $sent } files
} of the vault ({ $sent_bytes }), fetched { $fetched ->
    [one] { $fetched } file
   *[other] { $fetched } files
} ({ $fetched_bytes }).
sync-refilled = { $store }: it was empty, as you said, and holds everything of this machine again. On each other device: `printkeep store set { $store } --url FOLDER` where it is a folder, then `printkeep sync`.
sync-resent = { $store }: { $count ->
    [one] { $count } of these files was damaged there, and is whole now.
   *[other] { $count } of these files were damaged there, and are whole now.
}
sync-stopped = { $store }: { $why }; { $hint }.
sync-away = { $store }: { $why }.
sync-not-moved = { $store }: { $count ->
    [one] { $count } file could not be sent or fetched; it is named above.
   *[other] { $count } files could not be sent or fetched; they are named above.
}
sync-problems = { $store }: { $count ->
    [one] something there contradicts what is known
   *[other] { $count } things there contradict what is known
}; `printkeep problems` tells what happened and what you can do.
sync-intruder = { $store }: { $count ->
    [one] { $count } snapshot
   *[other] { $count } snapshots
} of "{ $device }", made after it was revoked: not believed, and needed by nothing of yours. Take its access away at the provider; `printkeep prune` on a device that may delete removes what it wrote.
sync-waits = { $store }: { $count ->
    [one] { $count } file there is
   *[other] { $count } files there are
} sealed under keys that this device was not given yet; it gets them once the device that changed the keys has synced; if it does not get them then, the list of devices may not name this one: `printkeep device rejoin`, with the passphrase or --recovery-kit KIT.
sync-waits-for-ever = { $store }: { $count ->
    [one] { $count } file there is
   *[other] { $count } files there are
} sealed under keys that this device was not given; it was enrolled by an early version and must join again: `printkeep setup --join`.
sync-revoked = You revoked this device: what it backed up since then is not sent, and no other device believes it. What it saved before is kept, and comes back with your passphrase or kit. To let it in again, join anew: `printkeep setup --join STORE --recovery-kit KIT`; or `printkeep setup --enroll HOST:PORT`, with another device's `printkeep device enroll`.
sync-narrowed = {"  "}This device only writes there: other devices' snapshots and keys were passed over{ $unlisted }{ $left }.
sync-narrowed-unlisted = ; { $folders } may not be listed, so that what was sent there goes by memory
sync-narrowed-left = ; { $count ->
    [one] { $count } file
   *[other] { $count } files
} of the owner's must come from a device that may write them
sync-records-removed = { $store }: { $count ->
    [one] { $count } deleted record
   *[other] { $count } deleted records
} removed; its listing no longer shows them.
records-not-removed = { $store }: deleted records could not be removed there: { $why }; the next sync tries again.
exchange-sent = { $store }: { $name } is there for { $device }.
exchange-taken = { $store }: { $name } is no longer there: it was taken by { $device }.
exchange-cancelled = { $store }: { $name } was taken back; it does not go to { $device }.
exchange-failed = { $store }: { $why }
exchange-received = Received { $name } ({ $size }) from { $from }: { $path }.
exchange-stays = { $store }: { $name } ({ $size }) from { $from } stays there: { $why }
listing-not-kept = what { $store } holds could not be noted down here: { $why }; the next sync looks again.
