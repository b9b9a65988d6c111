# Stores.
store-unknown = there is no store "{ $name }"
store-unknown-hint = `printkeep store list` lists them
store-none = there is no store
store-none-to-test = there is no store to test
store-none-hint = add one: `printkeep store add URL`
store-several = there are several stores
store-several-hint = name one of them
store-name-taken = there is a store "{ $name }" already; nothing was changed
store-name-taken-hint = `printkeep store set { $name }` changes it; choose another --name for another store
store-address-taken = the store "{ $name }" lies there already: { $address }
store-address-taken-hint = `printkeep store set { $name }` changes it; for another account of this home, `printkeep store set { $name } --credentials-file FILE` keeps that account's credentials
store-region-denied = the store lies in the region { $region }, which you do not allow
store-region-unsaid = you allow only some regions, and nobody said where the store lies
store-region-hint = `printkeep store regions` shows and sets those allowed; --region says where it lies
store-address-web = { $address } is how a browser would go there, and not how Printkeep does
store-address-web-hint = for a WebDAV folder: `{ $dav }`; for an S3 server: `{ $s3 }`
store-address-scp = { $address } is no address of a store
store-address-meant = did you mean `{ $meant }`?
store-address-unknown = "{ $address }" is no address of a store
store-address-forms = give a folder (/mnt/disk), s3://bucket/prefix?endpoint=https://host&region=name, webdav://host/path or sftp://user@host/path
store-key-question =
    { $store } is met for the first time. The key it shows:
    {"  "}{ $key }
    Is it your server's key? Compare it with what the server itself shows (SSH: `ssh-keygen -lf`), then answer. [y/N]
store-limit-form = "{ $limit }" is no limit; write it like "500 KB/s" or "2 MB/s", at least 1 KB/s
store-no-limit-hint = `printkeep store set { $store } --no-limit` lifts the limit
store-without-limit-hint = without --limit it is used as fast as the network goes
store-use-limited = { $how }, at most { $limit }
store-key-new = the server of { $store } is met for the first time, and shows the key { $key }
store-key-new-hint = compare it with what the server itself shows; if it is your server's, give --pin { $key }
store-key-refused = the key was not taken for that of { $store }; nothing was sent there
store-key-refused-hint = ask whoever runs the server for its key, and give it with --pin
store-added = Added the store "{ $name }": { $url }.
store-added-use = There { $how }.
store-lacks = It lacks this: { $what }.
store-same-disk = It lies on the same disk as the copy on this machine: a fault of that disk takes both. If it is meant to be a stick or a share, that is not mounted.
store-needs-consent = Nothing is sent until you allow it: `printkeep privacy grant network`.
store-added-kit = The page of your recovery kit does not name it yet: `printkeep key kit --page` writes the page anew, with --recovery-kit FILE where the kit lies elsewhere.
store-added-next = `printkeep store test` tries it; `printkeep sync` sends your backup there.
store-list-none = There are no stores: nothing leaves this machine. Add one with `printkeep store add URL`.
store-changed = { $name }: { $url }; { $how }.
store-changed-credentials = Its credentials are new.
store-changed-empty = No snapshot of this account lies there: the next `printkeep sync` sends everything there, { $size }.
store-set-empty-ask =
    The store "{ $store }" held { $count ->
        [one] one snapshot
       *[other] { $count } snapshots
    }, and at { $address } there is none.
    Is the disk mounted, and the address right? What lies at the old place stays there; the next `printkeep sync` sends everything anew, { $size }.
    Take this place? [y/N]
store-set-not-agreed = nothing was changed
store-set-nothing = nothing says what is to change
store-set-nothing-hint = give one of --url, --credentials-file, --aws-profile, --pin, --ca-file, --system-roots, --limit, --region, --write-only, --read-write, --lock, --no-lock
store-removed = The store "{ $name }" is forgotten; what lies there stays there.
store-use-writes = this device only writes there
store-use-reads = this device writes and reads there
store-use-locked = { $how }, and what it puts there is locked for { $lock }
store-test-yes = yes
store-test-no = NO {""}
store-test-error = it { $why }
store-test-well = The store "{ $name }" was tried: it keeps, gives back and lists what is put there.
store-test-unusable = This store cannot be used as it is.
store-test-left = A small file of this test stays there; `printkeep prune` on a device that may delete removes it.
store-undo-time = "{ $time }" is no time before now
store-undo-time-hint = write 2026-11-20T12:00:00Z, "2026-11-20 12:00" or 3d
store-undo-no-cloud = only S3 storage keeps versions
store-undo-no-cloud-hint = for a folder, WebDAV or SFTP, use the provider's own snapshots
store-undo-whose = an address does not say whose account is meant
store-undo-whose-hint = give --recovery-kit, or the name of a store of this machine
store-undo-kit-of-nobody = this kit does not say which account it belongs to
store-undo-in-account = this machine is in an account
store-undo-in-account-hint = add the store first, `printkeep store add`, and give its name
store-undo-consent = This reaches your store over the network; giving its address counts as your consent to that.
store-undo-more = … and { $count } more
store-undo-did = Looked at { $looked ->
    [one] { $looked } file
   *[other] { $looked } files
} in { $place }: { $hidden } that were hidden and { $replaced } that were replaced since { $since } came back.
store-undo-would = Looked at { $looked ->
    [one] { $looked } file
   *[other] { $looked } files
} in { $place }: { $hidden } that were hidden and { $replaced } that were replaced since { $since } would come back.
store-undo-lost = { $object }: what was there then is nothing of this account: { $why }
store-undo-next = Change the credentials that somebody used there, and run `printkeep sync`; on a new machine `printkeep rescue`.
regions-any = Backups may go to stores in any region.
regions-only = Backups may go only to stores in: { $regions }.
regions-folder = a folder of this machine
regions-unsaid = nobody said where
regions-unused = not used
rights-principal = --principal is no name that a policy could hold
rights-no-policy = { $path } is no bucket policy of the version 2012-10-17
rights-whose = Put whose credentials they are in the place of { $placeholder } (or give --principal ARN), and set this as the bucket's policy.
rights-ceph = Where files belong to whom wrote them (Ceph), print your own device's policy first and give it here with `--with FILE`, so that it may read what this one writes.
rights-versions = This language cannot keep a writer of this server from replacing: switch the bucket's versioning on (or object lock, with `--lock`), so that an earlier version stays whatever is done.
rights-backblaze = a Backblaze application key names no principal and no condition
rights-backblaze-hint = leave --principal, --with and --never-replace out
rights-b2-make = Make an application key with these capabilities, this bucket and this prefix.
rights-b2-reads = Such a key cannot tell one folder from another: it reads every sealed file of the account. Without deleteFiles it can hide and overwrite names, and every earlier version stays: let the bucket keep all versions.
rights-then-write-only = Then tell this device to keep within it: `printkeep store set { $store } --write-only`.
rights-names-devices = It names the devices that may delete today: print it again when another one may.
rights-webdav = A WebDAV server knows users and folders, not single rights: most cannot let a user write and not replace, delete or read. Give this device a user of its own that sees nothing but the folder of this store, and let the server keep versions or snapshots that this user cannot reach. Apache can limit methods by folder (<Limit>, <LimitExcept>): what is written goes by PUT to tmp/ and MOVE from there.
rights-sftp = An SSH server gives what the file system gives: whoever may write in a folder may remove there, too. Give this device a user of its own, without a shell and within one folder (ForceCommand internal-sftp, ChrootDirectory), and let the server take snapshots that this user cannot reach. A folder that may be entered and not read (chmod 0311) hides names; what is listed there is then gone by from memory. What is written goes to tmp/ and is linked from there.
rights-folder = A folder limits nothing beyond its owner and mode: whoever may write in it may remove there, too. Keep a second store, or snapshots of the file system that this user cannot reach.
rights-writes-below = It writes new files below { $folders } and { $root }/tmp/.
rights-reads-below = It reads below { $folders }.
rights-lists-below = It lists these and { $root }/packs/. It replaces and removes nothing.
rights-all-below = It reads, lists and writes new files below { $root }/; it replaces nothing.
rights-deletes = It may delete, and removes there, too.
rights-deletes-not = It may not delete, and need not remove there.
probe-randomness = random bytes on this machine
probe-write = a file can be written
probe-read-back = it reads back as it was written
probe-read-part = part of it can be read
probe-listed = it is listed, in its size
probe-write-again = writing it again is accepted
probe-other-refused = another file under its name is refused
probe-removed = it can be removed (only the device that cleans up needs that)
probe-trust-listed = what tells whom to believe can be listed
probe-sent-listed = it is listed, in its size (else what is sent goes by memory)
probe-packs-unread = packs cannot be read back with these credentials
probe-keys-unlisted = what opens the account cannot be listed with these credentials
probe-server-refuses = the server itself refuses to replace (else let the bucket keep versions)
probe-nothing-removed = nothing can be removed with these credentials
probe-new-folder = a folder can be made
probe-free-space = there is free space
probe-another-disk = it lies on another disk than the copy on this machine (a fault of the one disk takes both; if it is meant to be a stick or a share, that is not mounted)
probe-fsync = files are on the disk when it says so (fsync)
probe-folder-fsync = so are names (fsync of a folder)
probe-hard-links = a file may have two names (hard links)
probe-rename-no-replace = a rename can refuse to replace
probe-never-replaced = nothing is ever replaced, whoever writes
probe-case = names differ by case (not needed: ours are in lower case)
probe-clock = this machine's clock and the server's are less than 5 minutes apart
probe-only-new = it can be told to write only what is not there yet (nothing relies on that)
probe-parts = a file can be written in parts (only those over 16 MiB are)
probe-lock-holds = it keeps what is locked until its time (a lock of two minutes was tried)
probed-they-can = they can
probed-free = { $bytes }
probed-behind = this one is { $seconds } behind
probed-ahead = this one is { $seconds } ahead
probed-one-writer = one device at a time may write here: neither links nor such renames, as on FAT
probed-no-versions = the bucket has no versioning, which object lock needs
probed-was-removed = it was removed
