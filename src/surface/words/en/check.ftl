# Checking, trying, repairing.
checked = Checked { $snapshots } in { $place }: { $size } read.
checked-keys-awaited = This device was let in to write: the account's keys have not come here yet, and everything but them was checked. `printkeep sync` brings them from a store that has them.
checked-later = { $count ->
    [one] { $count } file of the backup there is sealed under keys that this device was not given, and was not checked: check that store on a device that has them.
   *[other] { $count } files of the backup there are sealed under keys that this device was not given, and were not checked: check that store on a device that has them.
}
checked-gap = { $count ->
    [one] Before snapshot { $before } of { $device } one number is missing, { $first }: nothing here ever saw that snapshot, and nothing of yours is known to be lost. A store keeps it back, or { $device } never made it: `printkeep sync` there sends what it has; if it has none, it is in wrong hands, and `printkeep device revoke` ends this.
   *[other] Before snapshot { $before } of { $device } { $count } numbers are missing, from { $first } on: nothing here ever saw such snapshots, and nothing of yours is known to be lost. A store keeps them back, or { $device } never made them: `printkeep sync` there sends what it has; if it has none, it is in wrong hands, and `printkeep device revoke` ends this.
}
checked-well-rest = No damage found in the rest.
checked-unsent = { $count ->
    [one] { $count } newer snapshot of this device was not sent there yet: `printkeep sync` sends it.
   *[other] { $count } newer snapshots of this device were not sent there yet: `printkeep sync` sends them.
}
checked-unsent-parts = { $count ->
    [one] { $count } newer part of the account itself (its keys, its devices, what was forgotten or kept) was not sent there yet: `printkeep sync` sends it.
   *[other] { $count } newer parts of the account itself (its keys, its devices, what was forgotten or kept) were not sent there yet: `printkeep sync` sends them.
}
checked-stored-anew = { $count ->
    [one] { $count } part of the backup is gone, with nothing lost: all it held was stored anew.
   *[other] { $count } parts of the backup are gone, with nothing lost: all they held was stored anew.
}
checked-elsewhere = { $count ->
    [one] { $count } part of the backup is not on this machine and lies in { $stores }. That is usual after a join; `printkeep sync` brings it here.
   *[other] { $count } parts of the backup are not on this machine and lie in { $stores }. That is usual after a join; `printkeep sync` brings them here.
}
checked-damaged = { $count ->
    [one] { $count } part of the backup is damaged or missing; it is named above.
   *[other] { $count } parts of the backup are damaged or missing; they are named above.
}
checked-locked = With --passphrase-file or --recovery-kit it tells which files are affected.
checked-damaged-here = `printkeep check --repair` fetches what a store has whole. `printkeep backup` after it stores anew what this machine still has. What neither brings back is lost: `printkeep forget` lets the snapshots go that need it, and those that are gone themselves.
checked-damaged-still = No store that can be read has it whole. `printkeep backup` stores anew what this machine still has; `printkeep check` then tells what is lost.
checked-damaged-store = `printkeep sync` sends again what this machine has whole, and says what it cannot. What another device has is sent by that device: `printkeep check` of this store there, then `printkeep sync`.
checked-affected = {"  "}affected: { $path }
checked-nothing = There is no snapshot yet, so nothing was checked: `printkeep backup` makes the first one.
checked-nothing-there = There is no snapshot in this store, so nothing was checked: `printkeep backup` makes one, `printkeep sync` sends it there.
checked-well-names = No damage found: every snapshot was read, and everything they need is there in its size. The bytes of your files were not read.
checked-unneeded = { $count ->
    [one] { $count } file of the backup is needed by no snapshot, as stopped backups and forgotten snapshots leave them; `printkeep prune` removes it in time.
   *[other] { $count } files of the backup are needed by no snapshot, as stopped backups and forgotten snapshots leave them; `printkeep prune` removes them in time.
}
checked-well-bytes = All is well: every byte is what was written.
checked-well-opens = All is well: every byte is what was written, and opens with your key.
checked-more-bytes = `printkeep check --read-data` reads every byte.
checked-more = `printkeep check --read-data` reads every byte; `printkeep check --try-restore 20` tries whether files come back, and writes none of them.
checked-intruder = { $count ->
    [one] { $count } snapshot of { $device }, made after it was revoked: not believed, and needed by nothing of yours. Take its access away at the provider; `printkeep prune` on a device that may delete removes what it wrote.
   *[other] { $count } snapshots of { $device }, made after it was revoked: not believed, and needed by nothing of yours. Take its access away at the provider; `printkeep prune` on a device that may delete removes what it wrote.
}
checked-intruder-here = { $count ->
    [one] { $count } snapshot of this device, made after you revoked it: no other device believes it, and it is sent nowhere. `printkeep status` tells how to let this device in again.
   *[other] { $count } snapshots of this device, made after you revoked it: no other device believes them, and they are sent nowhere. `printkeep status` tells how to let this device in again.
}
checked-rogue = The device { $device } signed what is not so: check it, and revoke it if it was taken over.
tried = Tried { $tried } of { $files } of { $which }, from { $place }: { $back } came back whole ({ $size }), { $compared } of them the same as the unchanged original.
tried-also = {"  "}It lacks sources that these snapshots have, which were tried with it: { $snapshots }.
tried-failed = { $count ->
    [one] { $count } file did not come back; it is named above.
   *[other] { $count } files did not come back; they are named above.
}
tried-nothing = Nothing was tried: there is no file in { $which }. That proves nothing.
repaired-state = { $count ->
    [one] Local state was rebuilt; { $count } pack looked at.
   *[other] Local state was rebuilt; { $count } packs looked at.
}
repaired-set-aside = It had been set aside: { $why }.
repaired-fetched = { $count ->
    [one] { $count } part of the backup was fetched again from a store.
   *[other] { $count } parts of the backup were fetched again from a store.
}
repaired-earlier = { $count ->
    [one] { $count } of these came from an earlier version: a store shows another now, or none. Ask who can write there.
   *[other] { $count } of these came from earlier versions: a store shows others now, or none. Ask who can write there.
}
repaired-lost-other = { $object }: { $why }, and no store that could be looked at has a good copy. Keep this vault, and run it again where one may be.
repaired-unreached = Could not be looked at, and may have it: { $stores }. Connect that store, then run `printkeep check --repair` again.
repaired-not-needed = { $object } was set aside: nothing of yours needs it. `printkeep sync` names the store that holds it.
repaired-lost = { $count ->
    [one] { $count } part of the backup could not be fetched. Run `printkeep backup`: what this machine still has is stored anew. What is whole in it can still be restored; what is missing after that backup is lost: `printkeep check` with your passphrase names the files, and `printkeep forget` lets the snapshots go that need them.
   *[other] { $count } parts of the backup could not be fetched. Run `printkeep backup`: what this machine still has is stored anew. What is whole in them can still be restored; what is missing after that backup is lost: `printkeep check` with your passphrase names the files, and `printkeep forget` lets the snapshots go that need them.
}
