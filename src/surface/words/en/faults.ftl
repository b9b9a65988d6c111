# What is wrong with one part of the backup
refused-no-object = not made by Printkeep
refused-version = made by a later version of Printkeep
refused-malformed = it breaks the format: { $what }
refused-other-account = belongs to another account
refused-other-name = belongs under another name
refused-no-key = sealed under a key that is not held here
refused-changed = damaged or changed
refused-unsigned = neither this account nor its device signed it as it stands: it is damaged, or somebody made it up
refused-untold = nothing that is signed tells of it
refused-revoked = of a revoked device, and not among what you saw of it then
refused-may-not-delete = made by a device that may not delete
object-missing = missing
object-size = it has { $has } bytes and should have { $wanted }
object-other-chunks = it does not hold what the backup says of it
object-claims = { $count ->
    [one] it tells of one file of the backup that is not there
   *[other] it tells of { $count } files of the backup that are not there
 }
object-unchained = it does not follow the snapshot before it
object-not-ours = it is not the snapshot that this device made
object-no-copy = { $why }; no store that could be looked at has a good copy
object-gone = it is damaged or missing, and no store has it
object-other-than-forgotten = it is another than the one that was forgotten; it was kept
object-written-by = { $why }; it was written by { $device }
# Why one file was not taken or not given back
file-pieces = the backup is damaged: the pieces of this file do not add up
file-other-than-source = it differs from the source, whose size and time are the same
file-too-many = a source of more than { $count } files cannot be followed
file-link = it is a link there, and something else stands in its place here; that was kept
file-many-beside = { $count } other versions lie beside it already; take some away
file-newer-there = something newer stands in its place; it was kept (--overwrite replaces it)
file-other-there = something else stands in its place; it was kept (--overwrite replaces it)
file-folder-there = a folder stands in its place; it was kept
# Why one part of the backup could not be moved
the-place = that place
sync-more = { $count ->
    [one] it was passed over, because many files of its kind that came before it are not what they should be; somebody fills this store with made-up files, or its disk rots
   *[other] it and { $count } files of its kind in all were passed over, because many that came before them are not what they should be; somebody fills this store with made-up files, or its disk rots
}
sync-too-much-told = { $device } tells of more stored files than this machine has room to know of; { $count ->
    [one] one of its lists was
   *[other] { $count } of its lists were
} passed over, and what they tell of cannot be read here: if { $device } does not back up that much, somebody else has its key, and `printkeep device revoke` ends that; else a machine with more memory takes it over (`--profile pc`)
sync-roster-lost = another machine changed the devices at the same time; its change holds and this machine's is set aside: make yours again with `printkeep device`
sync-revoked-apart = another machine, which did not know that "{ $names }" was revoked, changed the devices at the same time, and its list holds; on this machine "{ $names }" stays revoked: revoke it again, and the others know it after their next sync
sync-unlisted = another machine changed the devices at the same time; its change holds, and its list does not name this device: put it back with `printkeep device rejoin`, with the passphrase or --recovery-kit KIT
sync-list-sealed = another machine changed the devices at the same time, and then the keys, which this device was not given: its list may not name this one, so that nothing was sent there; `printkeep device rejoin`, with the passphrase or --recovery-kit KIT, takes the keys and puts it back
sync-roster-won = another machine changed the devices at the same time; this machine's later change holds there now
sync-keys-apart = two machines rotated the keys apart, or the store's copy is damaged; nothing was moved, so that nothing becomes unreadable: let the one that has backed up less since join anew, under another name: `printkeep setup --join STORE --recovery-kit KIT --account NEWNAME`
sync-no-whole-copy = it is damaged there, and this machine has no whole copy; a device that has one sends it: `printkeep check` of this store there, then `printkeep sync`
sync-either-copy = it was found damaged there, is not what this machine has, and nothing tells which is right; `printkeep check` tells what is wrong here
sync-irreplaceable-until = it is damaged there, and the store's lock keeps it until { $until }; the first `printkeep sync` after that sends it again, and until then it is read from another copy
sync-irreplaceable = it is damaged there, and the store does not let this device replace it ({ $why }); remove it there yourself, and the next `printkeep sync` sends it again
sync-going = { $device } said on { $since } that it removes this from the stores, and a snapshot that was sent needs it: its `printkeep prune` still runs, or was cut short; nothing is lost, what it removes is sent again by each sync: sync again later; if it was cut short, `printkeep prune` on { $device } ends it, and after a day this is not told any more
sync-cut-short = a prune of this device was cut short: on { $since } it said that it removes this from the stores, and a snapshot needs it; nothing is lost, what is gone there is sent again; `printkeep prune` here takes that word back
# A place that was asked for something
place-store = the store { $store }
place-folder = the folder { $path }
place-other-device = the other device
# Which of Printkeep's own files is damaged, and how
own-journal = the account's journal
own-consents = the record of what you allow
own-audit-log = the audit log
own-key-slot = a file of the account's keys
own-account = the account
own-backup = the backup
own-local-state = what this machine remembers of the backup
own-key-agent = the process that holds the account's keys
own-erasure = the plan of an erasure
own-folder = the folder of the account "{ $account }"
damage-from-byte = from byte { $at } on
damage-too-large = it is over its size limit
damage-closed = it could not be written before and must be opened again
damage-no-devices = it holds no list of devices
damage-other-keys = it holds other keys than this device writes to
damage-other-account = it holds those of another account
damage-keys-missing = { $object } is missing; run `printkeep sync`
damage-keys-not-back = it does not give back the keys just made
damage-no-keys = it has no keys
damage-no-keys-of = it has no keys of generation { $generation }
damage-no-slot = no file of its keys is there, so nothing opens it
damage-no-note = it lacks note { $number } of this device, or holds another in its place; `printkeep sync` brings it back
damage-no-chunk = nothing tells where its part { $id } lies
damage-pieces = the pieces of a file do not add up
damage-lost-chunk = a part of the backup that was known is lost from it
damage-receipt = it was given { $given } and vouches for { $named }
damage-credentials = it does not open; set the credentials anew
damage-outbox = it does not open; remove it, and files sent from here are no longer followed
damage-reading-key = { $why }; run `printkeep key remember --off`, then `printkeep key remember`
damage-not-with-keyring = it does not open with what the keyring keeps
damage-other-than-said = it holds other keys than it says
damage-called = it holds the account that is called "{ $account }" on this machine
damage-ended = it ended at once
# One file, and what is wrong with it
of-file = { $file }: { $why }
# Where the audit log is not what was written
break-changed = audit/{ $file }.journal was changed or is damaged at byte { $at }
break-missing = audit/{ $file }.journal is missing
break-moved = audit/{ $file }.journal is file { $bears } of the log, under another name
break-not-following = audit/{ $file }.journal does not follow the file before it: that one was cut, changed or exchanged
break-cut = audit/{ $file }.journal was cut or set back: its first { $known } bytes are not what was written
break-no-end = audit/newest, which tells how far the log reaches, is missing or damaged
break-before = what came before audit/{ $file }.journal was found broken when that file was begun
object-lost = { $count ->
    [one] { $count } snapshot that this device made is not there
   *[other] { $count } snapshots that this device made are not there
 }
