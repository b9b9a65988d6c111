# Problems in four parts: what happened and what it may mean; what was done; what you can do; the remedy.
grade-info = info
grade-warning = warning
grade-serious = serious
grade-critical = critical
problem-told = PROBLEM { $number } ({ $grade }): { $happened }.
    { $done }. { $advice }.
    `printkeep problems show { $number }` tells more.
problem-damaged-happened = { $known ->
    [one] { $known } part of the backup in { $store } is damaged or missing ({ $object }); files that need it may not come back from there
   *[other] { $known } parts of the backup in { $store } are damaged or missing (the first: { $object }); files that need them may not come back from there
}
problem-damaged-done = Nothing was removed; reading back goes to another copy where there is one
problem-damaged-advice = Look after the disk that the vault lies on: what damaged this may damage more
problem-damaged-remedy = `printkeep check --repair` fetches what a store has whole; `printkeep backup` after it stores anew what this machine still has; a `printkeep check` that finds no damage ends it
problem-damaged-store-happened = { $known ->
    [one] { $known } part of the backup in { $store } is damaged or missing ({ $object }); files that need it may not come back from there
   *[other] { $known } parts of the backup in { $store } are damaged or missing (the first: { $object }); files that need them may not come back from there
}
problem-damaged-store-done = Nothing was removed; reading back goes to another copy where there is one
problem-damaged-store-advice = Look after the disk there: what damaged this may damage more
problem-damaged-store-remedy = `printkeep sync` sends again what this machine has whole, and says what it cannot
problem-vault-lost-happened = { $known ->
    [one] The local vault lost { $known } snapshot that this device made; somebody or something removed it, or another folder lies in its place
   *[other] The local vault lost { $known } snapshots that this device made; somebody or something removed them, or another folder lies in its place
}
problem-vault-lost-done = What stores hold is kept: nothing is forgotten or removed there because of it; the next snapshot follows the newest that was made
problem-vault-lost-advice = If the vault lies on another disk, see that it is there; else find out what was done to it
problem-vault-lost-remedy = `printkeep check --repair` or `printkeep sync` brings back what a store has; what no store has is lost: then `printkeep forget NUMBER`, on a device that may delete, ends this (`printkeep snapshots` names them)
problem-vault-emptied-happened = { $known ->
    [0] The local vault lost the account's keys: until they are back, no passphrase and no recovery kit opens what lies there
    [one] The local vault lost the account's keys, and { $known } snapshot that this device made: until the keys are back, no passphrase and no recovery kit opens what lies there
   *[other] The local vault lost the account's keys, and { $known } snapshots that this device made: until the keys are back, no passphrase and no recovery kit opens what lies there
}
problem-vault-emptied-done = What stores hold is kept: nothing is forgotten or removed there because of it; the next snapshot follows the newest that was made
problem-vault-emptied-advice = If the vault lies on another disk, see that it is there; else find out what was done to it
problem-vault-emptied-remedy = `printkeep check --repair` or `printkeep sync` brings back what a store has; where no store has the keys, what is backed up cannot be read back: begin a new account in another home: `printkeep --home FOLDER setup`
problem-forged-happened = The store { $store } shows a damaged or exchanged part of the backup: { $object }; its disk rots, or somebody changed it there
problem-forged-done = Kept our own copy and took nothing of it
problem-forged-advice = Ask who can write there
problem-forged-remedy = Remove the damaged file there and run `printkeep sync`, which sends it anew
problem-rollback-happened = The store { $store } showed an older state or lacked what was there; a copy there may be lost
problem-rollback-done = Sent again what this machine still holds, and changed nothing else there
problem-rollback-advice = If you replaced or restored that disk, all is well; if not, ask who can write there, and keep another copy
problem-rollback-remedy = Run `printkeep sync` on each device until it reports nothing
problem-fork-happened = In the store { $store } a device had two histories; it was copied, restored from an image, or somebody writes in its name
problem-fork-done = Fetched nothing that contradicts what is known here
problem-fork-advice = If you did not clone or restore it, treat the device as stolen: `printkeep device revoke`
problem-fork-remedy = Keep one copy of the device and let the other join anew: `printkeep setup --join`
problem-roster-happened = The store { $store } showed another list of devices than the one known here; two may have joined at once, or the store mixes two states
problem-roster-done = Kept the list that is known here
problem-roster-advice = Compare the fingerprint in `printkeep status` on each device
problem-roster-remedy = Let the device that differs join anew, then run `printkeep sync` on all
problem-devices-happened = From another machine, somebody revoked the device { $device }; if that was not you, somebody has your passphrase or kit
problem-devices-done = The new list of devices holds here, too: your account's key signed it
problem-devices-advice = Look at `printkeep device list`
problem-devices-remedy = If it was not you: `printkeep device revoke`, new passphrase, new kit
problem-not-trusted-happened = The store { $store } is not trusted: { $object }; it is met for the first time, its certificate or host key is new, or somebody stands between
problem-not-trusted-done = Nothing was sent or fetched
problem-not-trusted-advice = Compare the key with what the server itself shows, or ask whoever runs it; do not take what the network shows you unseen
problem-not-trusted-remedy = If it is the right one: `printkeep store set { $store } --pin KEY`; it is remedied once the store answers as the trusted one
problem-refused-happened = The store { $store } does not let us in or does not allow it: { $object }; nothing new gets there
problem-refused-done = Backups into the vault go on
problem-refused-advice = Check user, key and rights at your provider
problem-refused-remedy = `printkeep store set { $store } --credentials-file FILE` sets new credentials; then `printkeep sync`
problem-wrong-passphrase-happened = { $known ->
    [one] { $known } wrong passphrase; somebody may be guessing, or you mistyped
   *[other] { $known } wrong passphrases in a row; somebody may be guessing, or you mistyped
}
problem-wrong-passphrase-done = Each further try must wait, up to a quarter of an hour
problem-wrong-passphrase-advice = If it was not you: look who can use this machine; `printkeep privacy log` tells the times
problem-wrong-passphrase-remedy = A right passphrase starts the count anew; the recovery kit never waits; acknowledge it with `printkeep problems ack`
problem-audit-broken-happened = The audit log is not what was written: { $object }; somebody with access to this machine may hide what was done, or the disk is damaged
problem-audit-broken-done = The log goes on in a new file; what is there was not touched
problem-audit-broken-advice = Run `printkeep privacy log verify`, which names every break; look who can use this machine
problem-audit-broken-remedy = Put the file back from a copy if you have one; else acknowledge it
problem-audit-unwritten-happened = The audit log could not be written: { $object }; what is done meanwhile does not stand in it
problem-audit-unwritten-done = Backing up and reading back went on
problem-audit-unwritten-advice = Make room, and check who owns the folder `audit` of the account
problem-audit-unwritten-remedy = It is remedied with the next entry that is written
problem-silent-happened = This device has made no backup for { $known ->
    [one] { $known } day
   *[other] { $known } days
}; what is new since then is saved nowhere
problem-silent-done = What was saved before is kept
problem-silent-advice = See why: is the disk there, does the service run?
problem-silent-remedy = Run `printkeep backup`
problem-device-silent-happened = The device { $device } has been silent for { $known ->
    [one] { $known } day
   *[other] { $known } days
}, as far as this machine has seen; what is new there is saved nowhere
problem-device-silent-done = What it saved before is kept
problem-device-silent-advice = See whether it is on and runs `printkeep backup`; run `printkeep sync` here to see its newest
problem-device-silent-remedy = A new backup of that device, and a sync
problem-disk-happened = Only { $known } are free on the vault's disk; the next backup may not fit
problem-disk-done = Nothing was removed
problem-disk-advice = Make room, or move the vault to a larger disk
problem-disk-remedy = `printkeep forget` names snapshots to let go; `printkeep prune` gives their space back after a week, `printkeep prune --grace 0d`, run twice, at once
problem-disk-elsewhere-happened = Only { $known } are free on the vault's disk; the next backup may not fit
problem-disk-elsewhere-done = Nothing was removed
problem-disk-elsewhere-advice = Make room, or move the vault to a larger disk
problem-disk-elsewhere-remedy = This device may not let snapshots go yet. Where your passphrase or recovery kit is at hand, `printkeep device allow-delete "{ $own }"` allows it; then `printkeep forget`, and `printkeep prune --grace 0d` twice. Or let them go on a device that may (`printkeep device list`); then here `printkeep sync`, and `printkeep prune`
problem-disk-first-happened = Only { $known } are free on the vault's disk; the first backup may not fit
problem-disk-first-done = Nothing was removed
problem-disk-first-advice = Delete what you no longer need on that disk, or let the vault lie on a larger one
problem-disk-first-remedy = Make room on that disk, then `printkeep backup`
problem-clock-happened = The clock of this machine is { $known } behind what was done before; times of backups, certificates and retention go wrong
problem-clock-done = Nothing is let go by this clock
problem-clock-advice = Set the clock, or let the machine set it from the network; if it is right now and ran ahead before, acknowledge this
problem-clock-remedy = It is remedied once the clock is right
problem-policy-happened = The policy in force cannot be read: { $object }; you no longer see what you agreed to
problem-policy-done = Everything counts as not allowed; the local vault goes on
problem-policy-advice = See who changed the file
problem-policy-remedy = `printkeep privacy policy install FILE` puts a copy back, `printkeep privacy policy reset` the built-in one
problem-drill-happened = { $known ->
    [one] { $known } file that was tried did not come back from { $store } ({ $object }); it could not be restored from there today
   *[other] { $known } files that were tried did not come back from { $store } ({ $object }); they could not be restored from there today
}
problem-drill-done = Nothing was changed
problem-drill-advice = Run `printkeep check --read-data`, there and here
problem-drill-remedy = `printkeep check --repair`, `printkeep backup`, `printkeep sync`; a try that succeeds remedies it
problem-intruder-happened = { $known ->
    [one] The revoked device { $device } still writes to the store { $store }: { $known } snapshot since ({ $object }); whoever holds it has access there
   *[other] The revoked device { $device } still writes to the store { $store }: { $known } snapshots since (the first: { $object }); whoever holds it has access there
}
problem-intruder-done = Believed none of them; what it saved before it was revoked is kept
problem-intruder-advice = Take its access to the store away at your provider; give each device credentials of its own: `printkeep store rights`
problem-intruder-remedy = `printkeep prune` on a device that may delete removes what it wrote, after the grace period; then `printkeep sync`
problem-unkept = that cannot be noted: nothing can be written to { $path }
problem-unkept-hint = the problem stays as it was; run it as the user who owns the folder, and see whether its disk is mounted read-only or full
problem-unknown = there is no problem { $number }
problem-unknown-hint = `printkeep problems list --all` lists them
problem-devices-joined-happened = From another machine, the device { $device } joined the account; if that was not you, somebody has your passphrase or kit
problem-devices-joined-done = The new list of devices holds here, too: your account's key signed it
problem-devices-joined-advice = Look at `printkeep device list`
problem-devices-joined-remedy = If it was not you: `printkeep device revoke`, new passphrase, new kit
problem-emptied-happened = { $known ->
    [0] The store { $store } is empty: it held backups of this account; its disk was replaced or wiped, somebody removed them there, or the provider hides them
    [one] The store { $store } is empty: it held { $known } file of this account's backups; its disk was replaced or wiped, somebody removed it there, or the provider hides it
   *[other] The store { $store } is empty: it held { $known } files of this account's backups; its disk was replaced or wiped, somebody removed them there, or the provider hides them
}
problem-emptied-advice = If you replaced that disk, remove the store and add it anew on each device (`printkeep store remove`, `printkeep store add`), and run `printkeep sync` until it reports nothing; if not, keep another copy and ask who can write there
problem-older-happened = { $shown ->
    [0] The store { $store } shows an older state: no snapshot of { $device } is there, and { $known } was its newest; its disk was set back to an older copy, somebody removed files there, or the provider hides them
   *[other] The store { $store } shows an older state: snapshot { $shown } of { $device } is its newest, and { $known } was there; its disk was set back to an older copy, somebody removed files there, or the provider hides them
}
problem-older-list-happened = The store { $store } shows an older list of devices: number { $shown }, and { $known } was there; its disk was set back to an older copy, somebody removed files there, or the provider hides them
problem-missing-happened = { $known ->
    [one] The store { $store } lacks { $known } part of the backup that was there ({ $object }); its disk was set back to an older copy, somebody removed it there, or the provider hides it
   *[other] The store { $store } lacks { $known } parts of the backup that were there (the first: { $object }); its disk was set back to an older copy, somebody removed them there, or the provider hides them
}
problem-forked-happened = The store { $store } shows another snapshot { $known } of { $device } than the one known here: { $device } has two histories; it was copied, restored from an image, or somebody writes in its name
problem-unchained-happened = The store { $store } shows snapshot { $known } of { $device }, which does not follow the one before it; the device was copied, restored from an image, or somebody writes in its name
problem-contradicted-happened = In the store { $store }, { $by } tells of another snapshot { $known } of { $device } than the one known here; the devices were shown different histories, the one was cloned or restored from an image, or the other lies
problem-contradicted-advice = Compare `printkeep snapshots` on both devices; let a cloned or restored one join anew, and revoke one that was taken over
problem-withheld-happened = The store { $store } shows snapshot { $shown } of { $device } as its newest, and { $by } saw number { $known }; somebody removed snapshots there, or the provider hides them
problem-withheld-done = Fetched what is there and removed nothing
problem-withheld-advice = Run `printkeep sync` on both devices; if it stays so, the provider hides snapshots, or { $by } lies
problem-ahead-happened = The store { $store } holds snapshot { $shown } in the name of this device, whose newest here is { $known }; this machine was restored from an older image, or a copy of it backs up in its name
problem-ahead-done = Went on behind those snapshots, so that none is lost
problem-ahead-advice = If you restored this machine, nothing; if a copy of it runs elsewhere, let that one join anew: `printkeep setup --join`
problem-changed-happened = { $known ->
    [one] The store { $store } shows a damaged or exchanged part of the backup: { $object }; its disk rots, or somebody changed it there
   *[other] The store { $store } shows { $known } damaged or exchanged parts of the backup (the first: { $object }); its disk rots, or somebody changed them there
}
problem-other-list-happened = The store { $store } shows another list of devices than the one known here ({ $object }); two devices joined at the same moment, or the store mixes two states
problem-key-back-happened = The store { $store } shows a key that was replaced, and lacks the one that replaced it ({ $object }); it was set back to before you changed a passphrase or kit, and the old one may be tried there
problem-key-back-advice = If you restored that disk, sync again; if not, treat the replaced passphrase or kit as known to somebody
problem-stranger-happened = { $known ->
    [one] The store { $store } names a device that is not on the list of devices: { $device } ({ $object }); the newest list was removed there, or files of another account were put in
   *[other] The store { $store } shows { $known } snapshots of devices that are not on the list of devices, the first of { $device } ({ $object }); the newest list was removed there, or files of another account were put in
}
problem-unexplained-happened = The store { $store } shows { $known } more names than this account can explain (one of them: { $object }); somebody fills it with made-up files
problem-unexplained-done = Kept none of these names, and went on with what is known
problem-unexplained-advice = Ask who can write there
problem-unexplained-remedy = Remove there what nobody put there for this account, and run `printkeep sync` again
problem-gap-happened = The store { $store } shows snapshot { $shown } of { $device } and lacks { $known } numbers before it (the first: { $object }), which nothing here ever saw; the provider hides snapshots, or { $device } never made them, as one in wrong hands might
problem-gap-advice = Run `printkeep sync` on { $device } and look at `printkeep snapshots` there; if it has no such snapshots, treat it as stolen: `printkeep device revoke`
problem-gap-remedy = It is remedied once they are there, or { $device } is revoked
problem-ungranted-happened = The store { $store } shows files under newer keys of the account (number { $known }), and nothing that gives these keys to this device ({ $object }); the provider hides it, the device that changed the keys has not sent it there yet, or you revoked this device
problem-ungranted-advice = Run `printkeep sync` on the device that changed the keys, then here, with every store: another store may have it
problem-ungranted-remedy = If it stays so: `printkeep device rejoin`, with the passphrase or --recovery-kit KIT, gives this device the keys
problem-kept-back-happened = The store { $store } lacked what nothing here ever saw ({ $object }); the provider hides it, or it was never made or not sent there yet
problem-kept-back-done = Fetched what is there and removed nothing
problem-kept-back-advice = Run `printkeep sync` on each device
problem-kept-back-remedy = `printkeep sync` tells what lacks there now, and what you can do
problem-device-clock-happened = The device { $device } says that it made its snapshot { $known } on { $time }, which is still to come; its clock is wrong, or somebody writes in its name
problem-device-clock-done = Followed nothing from that time: it makes no snapshot the latest and lets none go
problem-device-clock-advice = Look at the clock of { $device }; if that is right, treat it as stolen: `printkeep device revoke`
problem-device-clock-remedy = A newer snapshot of { $device } with the right time, and a sync here; or its revocation
problem-stranger-done = Believed nothing in that device's name
problem-stranger-advice = Sync the device that joined last, which sends its list again; if you know no such device, ask who can write there
problem-away-happened = The store { $store } has had no whole sync for { $known ->
    [one] { $known } day
   *[other] { $known } days
}; what is new since then is not there
problem-away-done = Backups into the vault go on; what waits is sent when the store is there again
problem-away-advice = See why: is the disk plugged in, the server on, the network there?
problem-away-remedy = Run `printkeep sync` where the store can be reached, or `printkeep store remove { $store }` if you no longer use it
problem-away-why-happened = The store { $store } has had no whole sync for { $known ->
    [one] { $known } day
   *[other] { $known } days
}; what is new since then is not there: { $object }
problem-away-why-done = Backups into the vault go on; what waits is sent when the store is there again
problem-away-why-advice = `printkeep store test { $store }` tells what is wrong
problem-away-why-remedy = `printkeep sync` once that is put right; or `printkeep store remove { $store }` if you no longer use it
problem-away-now-happened = The store { $store } does not answer: { $object }
problem-away-now-done = Backups into the vault go on; what waits is sent when the store is there again
problem-away-now-advice = If it is a server that sleeps, wake it; else see whether it is on and the network is there
problem-away-now-remedy = `printkeep sync` once it answers again; `printkeep store test { $store }` tells what is wrong
problem-folder-away-now-happened = The folder of the store { $store } is away: { $object }
problem-folder-away-now-done = Backups into the vault go on; what waits is sent when the folder is there again
problem-folder-away-now-advice = If it is a stick in a drawer, nothing; else see whether the disk is plugged in, or the share mounted
problem-folder-away-now-remedy = Plug the disk in or mount the share, then `printkeep sync`
problem-folder-empty-now-happened = The folder of the store { $store } no longer holds what was sent there: { $object }
problem-folder-empty-now-done = Nothing is sent there, as its disk may not be mounted; backups into the vault go on
problem-folder-empty-now-advice = If its disk is not plugged in or not mounted, do that; if the disk is a new one, or somebody emptied it, say so: `printkeep store set { $store } --url FOLDER` takes the folder as it is
problem-folder-empty-now-remedy = Mount the disk, or take the empty folder with `printkeep store set`; then `printkeep sync`, which sends everything that is not there
problem-folder-empty-happened = The store { $store } has not been in step for { $known ->
    [one] { $known } day
   *[other] { $known } days
}; its folder no longer holds what was sent there: { $object }
problem-folder-empty-done = Nothing is sent there, as its disk may not be mounted; backups into the vault go on
problem-folder-empty-advice = If its disk is not plugged in or not mounted, do that; if the disk is a new one, or somebody emptied it, say so: `printkeep store set { $store } --url FOLDER` takes the folder as it is
problem-folder-empty-remedy = Mount the disk, or take the empty folder with `printkeep store set`; then `printkeep sync`, which sends everything that is not there. Or `printkeep store remove { $store }` if you no longer use it
problem-folder-away-happened = The store { $store } has not been in step for { $known ->
    [one] { $known } day
   *[other] { $known } days
}; what is new since then is not there: { $object }
problem-folder-away-done = Backups into the vault go on; what waits is sent when the folder is there again
problem-folder-away-advice = See whether the disk is plugged in, or the share mounted
problem-folder-away-remedy = Plug the disk in or mount the share, then `printkeep sync`; or `printkeep store remove { $store }` if you no longer use it
problem-full-happened = The store { $store } is full: { $object }; nothing new gets there
problem-full-done = Backups into the vault go on; what is there is kept
problem-full-advice = Make room there, or let snapshots go: `printkeep forget`, `printkeep prune`
problem-full-elsewhere-happened = The store { $store } is full: { $object }; nothing new gets there
problem-full-elsewhere-done = Backups into the vault go on; what is there is kept
problem-full-elsewhere-advice = Make room there, or let snapshots go on a device that may (`printkeep device list`; `printkeep device allow-delete "{ $own }"` allows this one): `printkeep forget`, `printkeep prune`
problem-full-elsewhere-remedy = The next `printkeep sync` that can write there
problem-full-remedy = The next `printkeep sync` that can write there
problem-put-back-advice = If somebody put { $device } back, nothing; if nobody did, another machine has its keys: treat it as stolen (`printkeep device revoke`)
problem-put-back-remedy = Run `printkeep sync` on each device until it reports nothing, then say that you saw this: `printkeep problems ack`
problem-put-back-own-happened = { $count ->
    [one] The store { $store } holds another snapshot { $first } of this device than the one it made here under that number: either this machine was put back to an older state (an image of its disk or card) and went on backing up, or another machine uses its keys
   *[other] The store { $store } holds other snapshots { $first } to { $shown } of this device than it made here under these numbers: either this machine was put back to an older state (an image of its disk or card) and went on backing up, or another machine uses its keys
}
problem-put-back-own-done = { $anew ->
    [one] A sync keeps what the store holds, and what this machine backed up since becomes snapshot { $known }, with the same content: nothing is lost
   *[other] A sync keeps what the store holds, and what this machine backed up since becomes snapshots { $next } to { $known }, with the same content: nothing is lost
}
problem-put-back-own-advice = If you put this machine back, nothing; if nobody did, another machine has its keys: revoke this device from another one (`printkeep device revoke`), and let it join anew (`printkeep setup --join`)
problem-put-back-done = A sync keeps what the store holds; what was made under the same numbers lies there under later ones, with the same content: nothing is lost
problem-put-back-happened = The store { $store } holds other snapshots of { $device } from number { $first } on than those known here, and these under later numbers: either { $device } was put back to an older state (an image of its disk or card) and went on backing up, or another machine uses its keys
problem-put-back-notes-happened = The store { $store } holds other notes of { $device } on snapshots that go, stay or bear a tag, from number { $first } on, than those here under the same numbers: either { $device } was put back to an older state (an image of its disk or card), or another machine uses its keys
problem-put-back-notes-done = A sync keeps what the store holds; what was noted here since is said again under later numbers: nothing is lost
problem-closed-happened = The store { $store } may not be written to: { $object }; nothing new gets there
problem-closed-done = Backups into the vault go on; what is there is kept
problem-closed-advice = See whether its disk is mounted read-only, as a disk or stick with faults often is, and whether this user may write there
problem-closed-remedy = Make it writable, then `printkeep sync`
problem-closed-to-read-happened = The store { $store } may not be read: { $object }; nothing new gets there
problem-closed-to-read-done = Backups into the vault go on
problem-closed-to-read-advice = See who owns that folder, and whether this user may read and write it
problem-closed-to-read-remedy = Let this user in there, then `printkeep sync`
problem-revoked-happened = You revoked this device: no other device believes what it backs up
problem-revoked-done = What it saved before it was revoked is kept, and comes back with your passphrase or kit, here too
problem-revoked-advice = If that was a mistake, or you want it back, let it join anew, as a new device
problem-revoked-remedy = `printkeep setup --join STORE --recovery-kit KIT`; or `printkeep setup --enroll HOST:PORT`, with another device's `printkeep device enroll`
problem-unlisted-happened = The account's list of devices does not name this device: another machine changed the list while this one was let in, and its change holds; no other device believes what it backs up
problem-unlisted-done = What it saved is kept here, and believed again once the list names it
problem-unlisted-advice = Put it back into the list; nobody revoked it
problem-unlisted-remedy = `printkeep device rejoin`, with the passphrase or --recovery-kit KIT, then `printkeep sync`
problem-revoked-apart-happened = You revoked "{ $names }" here, and another machine, which did not know, changed the list of devices meanwhile; its list holds, and your other devices may believe what "{ $names }" makes
problem-revoked-apart-done = This machine believes nothing that it made since
problem-revoked-apart-advice = Revoke it once more: the list that is signed then holds everywhere
problem-revoked-apart-remedy = `printkeep device revoke { $first }`, then `printkeep sync` here and on the other devices
problem-no-backup-happened = There is no backup of this device yet
problem-no-backup-done = Nothing was read yet
problem-no-backup-advice = Choose what to back up: `printkeep source detect`
problem-no-backup-remedy = `printkeep backup`
problem-backup-clock-happened = The clock of this machine was wrong at the last backup; its time cannot be right
problem-backup-clock-done = The backup is kept
problem-backup-clock-advice = Set the clock, or let the machine set it from the network
problem-backup-clock-remedy = `printkeep backup` with the right time
problem-no-source-happened = Nothing is chosen to be backed up: `printkeep backup` alone, as a timer or cron runs it, does nothing
problem-no-source-done = Backups of folders that you name go on
problem-no-source-advice = Choose what is backed up every time: `printkeep source add FOLDER`, or `printkeep source detect --add`
problem-no-source-remedy = `printkeep source add FOLDER`
problem-no-kit-happened = There is no recovery kit: without it, a lost passphrase or machine loses the backup
problem-no-kit-done = Nothing
problem-no-kit-advice = Make one, and keep it where the printer and the computer are not
problem-no-kit-remedy = `printkeep key kit`
problem-kit-here-happened = A recovery kit still lies on this machine: { $path }; whoever takes the machine can read the backup
problem-kit-here-done = Nothing: it may be your only one
problem-kit-here-advice = Print it, or copy it to a safe place
problem-kit-here-remedy = Remove it here once it is elsewhere
problem-no-consent-happened = The store { $store } waits for your consent; nothing is sent there
problem-no-consent-done = Backups into the vault go on
problem-no-consent-advice = `printkeep privacy policy show` tells what you would allow
problem-no-consent-remedy = `printkeep privacy grant network`
problem-never-synced-happened = The store { $store } has had no whole sync yet; nothing or not all is there
problem-never-synced-done = Backups into the vault go on
problem-never-synced-advice = See that it can be reached: `printkeep store test { $store }`
problem-never-synced-remedy = `printkeep sync`
problem-store-lacks-happened = { $count ->
    [one] One file that was sent to the store { $store } is no longer there; somebody removed it, or its disk fails
   *[other] { $count } files that were sent to the store { $store } are no longer there; somebody removed them, or its disk fails
}
problem-store-lacks-done = Nothing yet; backups into the vault go on
problem-store-lacks-advice = See who can write there, and whether that disk is sound
problem-store-lacks-remedy = `printkeep sync`, which looks closely and sends again what this machine has
problem-stale-reading-key-happened = The reading key kept on this machine is from before the account's keys changed, and is not used
problem-stale-reading-key-done = Your passphrase is asked for instead
problem-stale-reading-key-advice = Keep the new one, if you want reading without a passphrase
problem-stale-reading-key-remedy = `printkeep key remember`
problem-line = { $number }  { $when }  {"["}{ $grade }{ $times }{ $state }] { $happened }
problem-times = {" "}×{ $count }
problem-is-remedied = , remedied
problem-is-acknowledged = , acknowledged
problem-part-happened = {"  "}What happened, and what it may mean: { $part }
problem-part-done = {"  "}What was done: { $part }
problem-part-advice = {"  "}What you can do: { $part }
problem-part-remedy = {"  "}The remedy: { $part }
problem-part-since = {"  "}All was well on { $time }.
problem-short = Problem { $number } ({ $grade }): { $happened }. Remedy: { $remedy }.
problem-short-now = Problem ({ $grade }): { $happened }. Remedy: { $remedy }.
problem-note = Note: { $happened }. Remedy: { $remedy }.
problems-none = No problem is open.
problems-never = There were no problems.
problem-acked = Problem { $number } is acknowledged; it is told again only if it gets worse.
problems-exported = { $count ->
    [one] { $count } problem written to { $file }; `printkeep privacy consent-record check` shows whether it is unchanged.
   *[other] { $count } problems written to { $file }; `printkeep privacy consent-record check` shows whether it is unchanged.
}
problem-head = Problem { $number } ({ $grade }{ $state }), first seen { $first }, last { $last }{ $times }
the-vault-and-stores = the local vault and the stores
problem-source-happened = The source { $store } could not be read: { $object }; what is new there is saved nowhere, and newer snapshots lack it
problem-source-done = { $known ->
    [0] Kept the snapshots that hold it: no rule lets the newest of them go
   *[other] Backed up the other sources, and kept the snapshots that hold it: no rule lets the newest of them go
}
problem-source-advice = See why: is its disk mounted, may this user read it? If you no longer have it: `printkeep source remove`
problem-source-remedy = The next `printkeep backup` that reads it
problem-unread-happened = { $known ->
    [one] { $known } file or folder of the source { $store } could not be read ({ $object }) and is not in the newest snapshot
   *[other] { $known } files or folders of the source { $store } could not be read (the first: { $object }) and are not in the newest snapshot
}
problem-unread-done = Backed up everything else
problem-unread-advice = Let the user who runs Printkeep read them, or leave them out: `printkeep source add { $store } --exclude PATTERN`
problem-unread-remedy = The next `printkeep backup` that reads them all
problem-backup-failed-happened = The last backup failed: { $object }; what is new since the one before it is saved nowhere
problem-backup-failed-done = What was saved before is kept
problem-backup-failed-advice = Run `printkeep backup` and see what it says
problem-backup-failed-remedy = The next `printkeep backup` that makes a snapshot
problem-home-read-only-happened = { $path } cannot be written to: no backup can be made, and no problem can be noted; a disk or card that fails is often made read-only by the system
problem-home-read-only-done = Nothing: reading back still works
problem-home-read-only-advice = See whether the disk fails, and who owns that folder; copy the whole of Printkeep's home to another disk as long as it can be read. Another --home would begin a second, empty account
problem-home-read-only-remedy = Make it writable, or repair the disk and put the copy in its place
problem-kit-unproved-happened = Only the recovery kit opens this backup once this machine is lost, and whether it still exists was never checked
problem-kit-unproved-done = Nothing: only you know where it is
problem-kit-unproved-advice = If it is lost, nobody can read this backup any more: move Printkeep's home away and begin anew with `printkeep setup` as long as your files are here. With the kit at hand, `printkeep key passphrase` makes a second way in
problem-kit-unproved-remedy = `printkeep key kit --test FILE` with the kit from where you keep it
problem-no-credentials-happened = This device has no credentials for the store { $store }; nothing is sent there
problem-no-credentials-done = Backups into the vault go on
problem-no-credentials-advice = Make credentials for this device alone at your provider, that may only write: `printkeep store rights` says which rights they need
problem-no-credentials-remedy = `printkeep store set { $store } --credentials-file FILE`
