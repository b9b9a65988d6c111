# Help: a message for each command, an attribute for each of its arguments.
cli-examples = Examples:
cli-global = Global options
cli-usage = Usage:
cli-options = Options
cli-arguments = Arguments
cli-commands = Commands
cli-help = Show help; --help shows more
cli-version = Show the version
cli-more = `printkeep COMMAND --help` tells more of each command, with examples.
cli-group-daily = Every day:
cli-group-look = Look and bring back:
cli-group-choose = Choose:
cli-group-let-go = Let go:
cli-group-devices = Devices and keys:
cli-group-privacy = Privacy and problems:
cli-exits =
    Exit codes:
    {"  "}0    done
    {"  "}1    failed
    {"  "}2    the command line or the settings make no sense
    {"  "}3    done, but for some parts, which are named; or something needs you
    {"  "}4    the passphrase or recovery kit is missing or wrong
    {"  "}5    you have not allowed it (see `printkeep privacy`)
    {"  "}6    a store cannot be reached, or refuses
    {"  "}7    something is damaged or missing
    {"  "}8    another printkeep works on the same
    {"  "}9    you said no to what was asked
    {"  "}130  stopped; the next run goes on from there
cli = Encrypted, local-first backup for 3D printers
    .long =
        Encrypted, local-first backup for 3D printers.

        Pictures, time-lapse videos, print files and settings are sealed into a local vault that works with no network, and go to
        your own storage only after you allowed it.
    .home = Folder that everything lies under [default: ~/.printkeep]
    .account = Account to work with, where there are several
    .system-root = Where the machine's own file system begins, for a printkeep that runs in a container beside it [default: /]
    .profile = Sizes and costs: pc (about 50 MiB of memory) or printer-small (about 35 MiB)
    .wait = Wait while other work on the account goes on, so long or until it is done: --wait, --wait=10m
    .json = Print one JSON document instead of text
    .quiet = Print only what went wrong
    .examples =
        {"  "}printkeep setup
        {"  "}printkeep backup ~/printer_data
        {"  "}printkeep restore latest printer.cfg --in-place
-left-out =
    {"  "}.thumbs/, .octoprint/generated/            made again by the program that made them
    {"  "}*.tmp, *.swp, .printkeep-*.tmp             half-written, or an editor's leftovers
    {"  "}database/*.db, -wal, -shm, database/*.mdb  Moonraker's database while it is in use: a plain copy could be torn
    {"  "}lost+found/                                what a check of the file system put there
    {"  "}pipes, sockets, devices                    they have no content
cli-backup = Back up folders or files, or the configured sources
    .long =
        Back up folders or files, or the configured sources.

        Left out by itself, counted and named at the end, and taken after all by `source add --include PATTERN`:
        { -left-out }

        A link directly in a given folder (`config -> ~/klipper_config`) is followed: what it leads to is backed up in its place, and a restore
        gives a real folder or file there. Deeper links are kept as links; those that lead out of every source are named at the end.
    .paths = Folders or files [default: the configured sources]
    .exclude = Leave out what matches, in gitignore form
    .examples =
        {"  "}printkeep backup ~/printer_data
        {"  "}printkeep backup
        {"  "}printkeep backup ~/printer_data --exclude '*.log'
cli-sync = Bring the vault and your stores to the same state
    .store = Sync with this store only [default: all]
    .pull = What to fetch: all, metadata (enough to look, and to restore from the store) or nothing
    .examples =
        {"  "}printkeep sync
        {"  "}printkeep sync --store nas
        {"  "}printkeep sync --pull metadata
cli-snapshots = List snapshots, tag them, let some never be forgotten
    .examples =
        {"  "}printkeep snapshots
        {"  "}printkeep snapshots tag latest before-upgrade
        {"  "}printkeep snapshots pin 12
cli-snapshots-list = List snapshots
    .examples =
        {"  "}printkeep snapshots list
        {"  "}printkeep snapshots list --json
cli-snapshots-tag = Give a snapshot a tag
    .snapshot = A number, `latest`, or either behind a device's name and a colon
    .tag = The tag, of at most 64 bytes
    .examples =
        {"  "}printkeep snapshots tag latest before-upgrade
        {"  "}printkeep snapshots tag Voron:12 first-print
cli-snapshots-untag = Take a tag from a snapshot
    .snapshot = { cli-snapshots-tag.snapshot }
    .tag = The tag
    .examples =
        {"  "}printkeep snapshots untag 12 before-upgrade
        {"  "}printkeep snapshots untag Voron:12 first-print
cli-snapshots-pin = Let a snapshot never be forgotten
    .snapshot = { cli-snapshots-tag.snapshot }
    .examples =
        {"  "}printkeep snapshots pin latest
        {"  "}printkeep snapshots pin Voron:12
cli-snapshots-unpin = Let a pinned snapshot be forgotten again
    .snapshot = { cli-snapshots-tag.snapshot }
    .examples =
        {"  "}printkeep snapshots unpin 12
        {"  "}printkeep snapshots unpin Voron:12
cli-forget = Let snapshots go, by name or by rules
    .long =
        Let snapshots go, by name or by rules; on a device that may delete.

        The newest of each device and pinned ones stay whatever the rules say. The space comes back with `printkeep prune`, after a grace
        period. `printkeep rules set` applies rules from then on.
    .snapshots = Snapshots to forget: a number, or one behind a device's name and a colon [default: those that no --keep rule keeps]
    .keep-last = Keep the newest N of each device
    .keep-hourly = Keep the last one of each of N hours
    .keep-daily = Keep the last one of each of N days (UTC)
    .keep-weekly = Keep the last one of each of N weeks
    .keep-monthly = Keep the last one of each of N months
    .keep-yearly = Keep the last one of each of N years
    .keep-within = Keep all that are at most so much older than the newest: 12h, 30d, 8w, 2y
    .keep-tag = Keep all with this tag
    .device = Judge the snapshots of this device [default: all; each device's are judged apart]
    .dry-run = Only say what would be forgotten
    .examples =
        {"  "}printkeep forget --keep-last 10 --keep-daily 14 --keep-monthly 12 --dry-run
        {"  "}printkeep forget 3 Voron:7
cli-prune = Remove what no snapshot needs: from the vault, and on a device that may delete from the stores
    .dry-run = Only say what would be done, and what it would cost
    .grace = How long what nothing needs stays before it is removed: 0d, 12h, 7d, 4w
    .repack-below = Write files of the vault anew of which less than this is needed; 0% for never. Needs your passphrase or recovery kit
    .store = Prune this store and the vault only [default: every store that can be reached]
    .passphrase-file = File whose first line is the passphrase; PRINTKEEP_PASSPHRASE works too
    .recovery-kit = Recovery kit to use instead of the passphrase
    .examples =
        {"  "}printkeep prune --dry-run
        {"  "}printkeep prune
cli-rules = The rules by which snapshots go by themselves
    .examples =
        {"  "}printkeep rules show
        {"  "}printkeep rules set --keep-last 10 --keep-daily 14 --keep-monthly 12
cli-rules-show = Show the rules, and what goes next
    .examples =
        {"  "}printkeep rules show
        {"  "}printkeep rules show --json
cli-rules-set = Let snapshots go by rules from now on: after each backup and sync, on a device that may delete
    .keep-last = Keep the newest N of each device
    .keep-hourly = Keep the last one of each of N hours
    .keep-daily = Keep the last one of each of N days (UTC)
    .keep-weekly = Keep the last one of each of N weeks
    .keep-monthly = Keep the last one of each of N months
    .keep-yearly = Keep the last one of each of N years
    .keep-within = Keep all that are at most so much older than the newest: 12h, 30d, 8w, 2y
    .keep-tag = Keep all with this tag
    .grace = How long what nothing needs stays before it is removed [default: 7d]
    .examples =
        {"  "}printkeep rules set --keep-last 10 --keep-daily 14 --keep-monthly 12
        {"  "}printkeep rules set --keep-within 90d --grace 14d
cli-rules-off = Let snapshots go by hand alone
    .examples =
        {"  "}printkeep rules off
        {"  "}printkeep rules off --account workshop
cli-ls = List what a snapshot holds
    .examples =
        {"  "}printkeep ls
        {"  "}printkeep ls latest config --recursive
        {"  "}printkeep ls 12 /home/pi/printer_data/gcodes
    .snapshot = A number, `latest`, or either behind a device's name and a colon
    .path = A path in it, as it is listed, as it was on the device, or its end
    .recursive = Everything below, too
    .passphrase-file = File whose first line is the passphrase
    .recovery-kit = Recovery kit to use instead of the passphrase
cli-find = Find files in snapshots by name
    .examples =
        {"  "}printkeep find cube
        {"  "}printkeep find '*benchy*.gcode' --snapshot latest
    .pattern = A part of a name, or a pattern such as `*benchy*`; with a `/`, of a path
    .snapshot = Look in this snapshot only [default: all]
    .passphrase-file = File whose first line is the passphrase
    .recovery-kit = Recovery kit to use instead of the passphrase
cli-diff = Show what changed between two snapshots
    .examples =
        {"  "}printkeep diff 11
        {"  "}printkeep diff 11 12 --json
    .before = The earlier snapshot
    .after = The later snapshot
    .passphrase-file = File whose first line is the passphrase
    .recovery-kit = Recovery kit to use instead of the passphrase
cli-cat = Write one file of a snapshot to standard output
    .examples =
        {"  "}printkeep cat latest printer.cfg
        {"  "}printkeep cat 12 /home/pi/printer_data/config/printer.cfg > old.cfg
    .snapshot = A number, `latest`, or either behind a device's name and a colon
    .path = The file, as `ls` lists it, as it was on the device, or its end
    .passphrase-file = File whose first line is the passphrase
    .recovery-kit = Recovery kit to use instead of the passphrase
cli-restore = Bring files back
    .examples =
        {"  "}printkeep restore latest printer.cfg --in-place
        {"  "}printkeep restore 12 gcodes --to ~/restored
        {"  "}printkeep restore voron:latest --to /mnt/disk/voron
    .snapshot = A number, `latest`, or either behind a device's name and a colon
    .paths = Parts of it, as `ls` lists them, as they were on the device, or their ends [default: everything]
    .to = Folder that everything goes below, under the names of its sources; a file that differs is kept beside, a newer one keeps its place
    .in-place = Put everything back to where it was; a file that is there and differs is kept beside it
    .overwrite = Replace whatever differs, newer files too, and keep none beside
    .owners = As root: give files the owners that they had, and the setuid, setgid and sticky bits [default: they belong to whoever owns the folder they go to, without such bits]
    .yes = Put back without asking
    .passphrase-file = File whose first line is the passphrase
    .recovery-kit = Recovery kit to use instead of the passphrase
cli-setup = Set this machine up: a guided first run, which can be left and taken up again
    .long =
        Set this machine up: what to back up, a passphrase, the recovery kit, a store of yours, and what you allow.

        On a terminal it asks step by step; each step can be skipped, and what is done already is not asked again. Without a terminal,
        or with --yes, it makes an account and asks nothing. It also joins an account that you have: from a store, with the recovery
        kit, or from another device that waits for this one.
    .passphrase-file = File whose first line is the passphrase; PRINTKEEP_PASSPHRASE works too
    .recovery-kit = Where to write the recovery kit, or with --join the kit to use [default: recovery-kit.txt in the home folder]
    .device-name = What to call this device [default: the host's name]
    .join = Join the account in this store (file:///…, s3://…, webdav://… or sftp://…), with its recovery kit
    .enroll = Join the account of the device that waits at this address (see `printkeep device enroll`), to write only
    .code-file = File whose first line is the code that the other device shows [default: asked for]
    .yes = Ask nothing
    .credentials-file = File with the store's credentials, two lines: S3 access key and secret key; WebDAV user and password; SFTP a private key, or one line, the password
    .aws-profile = Profile of ~/.aws/credentials to copy the credentials from
    .ca-file = Trust only the roots in this PEM file
    .pin = Trust only this key: SHA-256 of the certificate's public key, or an SSH host key's fingerprint as `ssh-keygen -lf` shows it; twice for current and next
    .system-roots = Trust the system's roots
    .allow-tls12 = Accept TLS 1.2, for an old NAS
    .limit = Send and receive no faster than this, like "500 KB/s"
    .examples =
        {"  "}printkeep setup
        {"  "}printkeep setup --join file:///media/stick/backup --recovery-kit kit.txt
        {"  "}printkeep setup --enroll 192.168.1.20:40123
cli-status = Tell how things stand: last backup, stores, space, problems
    .examples =
        {"  "}printkeep status
        {"  "}printkeep status --json
cli-problems = What went wrong, what was done about it, and what you can do
    .examples =
        {"  "}printkeep problems
        {"  "}printkeep problems show 3
        {"  "}printkeep problems ack 3
cli-problems-list = List the problems that are open, the newest last
    .examples =
        {"  "}printkeep problems
        {"  "}printkeep problems list --all
    .all = Also what is remedied or acknowledged
cli-problems-show = Show one: what happened, what was done, what you can do, the remedy
    .number = Its number
    .examples =
        {"  "}printkeep problems show 3
        {"  "}printkeep problems show 3 --json
cli-problems-ack = Say that you have seen one: it is told again only if it gets worse
    .number = Its number
    .examples =
        {"  "}printkeep problems ack 3
        {"  "}printkeep problems ack 3 --quiet
cli-problems-export = Write all of them to a file, signed by this device
    .to = File to write
    .examples =
        {"  "}printkeep problems export --to problems.json
        {"  "}printkeep problems export --to /media/stick/problems.json
cli-store = Choose where your backups go besides the local vault
    .examples =
        {"  "}printkeep store add /media/stick
        {"  "}printkeep store add "s3://bucket/prefix?endpoint=https://s3.example.net&region=eu" --name cloud --credentials-file keys.txt
        {"  "}printkeep store test
cli-store-add = Add a store: a folder, S3, WebDAV or an SSH server
    .long =
        Add a store: a folder, S3, WebDAV or an SSH server.

        The first time a server is met, the key that it shows is shown to you, and you are asked whether it is your server's. A store that
        is there is never replaced: `printkeep store set` changes it.
    .url = A folder, or s3://bucket/prefix?endpoint=https://host&region=name, webdav://host/path, sftp://user@host/path
    .name = What to call it [default: store, then store-2 and so on]
    .credentials-file = File with the credentials. S3: two lines, access key and secret key (otherwise AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or --aws-profile). WebDAV: two lines, user and password (otherwise PRINTKEEP_STORE_USER and PRINTKEEP_STORE_PASSWORD). SFTP: a private key as ssh-keygen writes it, its passphrase in a line below if it has one; or one line, the password (otherwise PRINTKEEP_STORE_PASSWORD)
    .aws-profile = Profile of ~/.aws/credentials to copy the credentials from
    .ca-file = Trust only the roots in this PEM file
    .pin = Trust only this key: SHA-256 of the certificate's public key, in hexadecimal or sha256/BASE64, or an SSH host key's fingerprint as `ssh-keygen -lf` shows it; twice for current and next
    .system-roots = Trust the system's roots
    .allow-tls12 = Accept TLS 1.2, for an old NAS
    .limit = Send and receive no faster than this, like "500 KB/s"
    .region = Where it lies, such as eu or home [default: the region of an S3 address]
    .write-only = This device only writes there: it lists and reads what a writer needs, and passes over the rest
    .lock = What it puts there cannot be removed for so long, like 30d (S3 with object lock)
    .lock-mode = Who can lift the lock before its time: governance (whom you give a special right) or compliance (nobody)
    .examples =
        {"  "}printkeep store add /media/stick
        {"  "}printkeep store add sftp://pi@nas/backup --name nas --credentials-file ~/.ssh/id_ed25519
        {"  "}printkeep store add "s3://bucket/prefix?endpoint=https://s3.example.net&region=eu" --name cloud --credentials-file keys.txt --system-roots
cli-store-list = List the stores
    .examples =
        {"  "}printkeep store list
        {"  "}printkeep store list --json
cli-store-set = Change a store: address, trust, credentials, how this device uses it; what is not named stays
    .name = Its name
    .url = Where it is from now on; the same address again takes the disk or bucket that is there now
    .credentials-file = { cli-store-add.credentials-file }
    .aws-profile = { cli-store-add.aws-profile }
    .ca-file = { cli-store-add.ca-file }
    .pin = { cli-store-add.pin }
    .system-roots = { cli-store-add.system-roots }
    .allow-tls12 = { cli-store-add.allow-tls12 }
    .limit = { cli-store-add.limit }
    .no-limit = Use it as fast as the network goes
    .region = Where it lies, such as eu or home
    .write-only = From now on this device only writes there
    .read-write = From now on it reads there, too
    .lock = What it puts there from now on cannot be removed for so long, like 30d (S3 with object lock)
    .lock-mode = { cli-store-add.lock-mode }
    .no-lock = What it puts there from now on has no lock; locks that are there stay
    .yes = Take a place that holds nothing without asking, though the one before held snapshots
    .examples =
        {"  "}printkeep store set nas --credentials-file new-key.txt
        {"  "}printkeep store set nas --limit "500 KB/s"
        {"  "}printkeep store set stick --url /media/new-stick
cli-store-remove = Forget a store; what lies there stays there
    .name = Its name
    .examples =
        {"  "}printkeep store remove stick
        {"  "}printkeep store remove nas --wait
cli-store-test = Try what a store's server can do, and say it
    .name = Its name [default: all]
    .examples =
        {"  "}printkeep store test
        {"  "}printkeep store test nas
cli-store-rights = Print the least that this device's credentials must be allowed there, in the provider's language
    .name = Its name [default: the only one]
    .write-only = For a device that only writes there
    .may-delete = For a device that may delete [default: as this device stands]
    .principal = Whose credentials they are, as the provider names them
    .with = Together with the statements of the policy in this file, such as the one that the bucket has now
    .never-replace = Let the server refuse to replace, although it is not known to honour such a condition: `store test` tells
    .examples =
        {"  "}printkeep store rights cloud --write-only --principal arn:aws:iam::123456789012:user/printer
        {"  "}printkeep store rights nas
cli-store-undo = Let a store in the cloud show again what it showed at an earlier time
    .long =
        Let a store in the cloud show again what it showed at an earlier time.

        What was replaced or hidden since then comes back from its versions, and nothing is removed. For a bucket with versioning or
        object lock.
    .store = Its name, or its address where this machine is in no account; then the kit tells which account is meant
    .since = The time, such as 2026-11-20T12:00:00Z, "2026-11-20 12:00" (this machine's) or 3d (ago); the whole account at that time
    .dry-run = Only say what would come back
    .recovery-kit = Recovery kit of the account, with an address
    .credentials-file = { cli-store-add.credentials-file }
    .aws-profile = { cli-store-add.aws-profile }
    .ca-file = { cli-store-add.ca-file }
    .pin = { cli-store-add.pin }
    .system-roots = { cli-store-add.system-roots }
    .allow-tls12 = { cli-store-add.allow-tls12 }
    .limit = { cli-store-add.limit }
    .examples =
        {"  "}printkeep store undo cloud --since 3d --dry-run
        {"  "}printkeep store undo cloud --since "2026-11-20 12:00"
cli-store-regions = Show or set the regions that backups may go to; folders on this machine's own disks are always allowed
    .regions = The only regions allowed from now on, as S3 addresses name them or as you named them with --region
    .any = From now on any region
    .examples =
        {"  "}printkeep store regions
        {"  "}printkeep store regions eu home
        {"  "}printkeep store regions --any
cli-key = Passphrase, recovery kit, one-time codes, and how long the account stays unlocked
    .examples =
        {"  "}printkeep key list
        {"  "}printkeep key kit --page --to kit.html
        {"  "}printkeep key unlock
cli-key-list = List what opens the account
    .examples =
        {"  "}printkeep key list
        {"  "}printkeep key list --json
cli-key-passphrase = Set a new passphrase on this device
    .passphrase-file = File whose first line is the passphrase of now; PRINTKEEP_PASSPHRASE works too
    .recovery-kit = Recovery kit to use instead of the passphrase
    .new-passphrase-file = File whose first line is the new passphrase [default: asked for]
    .examples =
        {"  "}printkeep key passphrase
        {"  "}printkeep key passphrase --recovery-kit kit.txt
cli-key-kit = Make a new recovery kit, or the page of the one you have, or test one
    .long =
        Make a new recovery kit, or the page of the one you have, or test one.

        A new kit ends the one before: every copy of that page opens nothing any more. You are asked first. With --page the kit stays, and
        its page is written once more, with the stores of today on it.
    .test = Only prove that this kit opens the account, here and in your stores; nothing of it is shown
    .page = Only write the page of the kit that you have (--recovery-kit, or the one in the home folder)
    .to = Where to write it; a name that ends in .html gives a page to print with a QR code
    .yes = Do not ask before the kit that you have is ended
    .passphrase-file = { cli-key-passphrase.passphrase-file }
    .recovery-kit = { cli-key-passphrase.recovery-kit }
    .examples =
        {"  "}printkeep key kit --test kit.txt
        {"  "}printkeep key kit --page --recovery-kit kit.txt --to kit.html
        {"  "}printkeep key kit --to /media/stick/kit.txt
cli-key-rotate = Change the account's keys: what is backed up from now on is sealed under new ones
    .offline = Go on though a store cannot be asked; no other machine may change the account meanwhile
    .passphrase-file = { cli-key-passphrase.passphrase-file }
    .recovery-kit = { cli-key-passphrase.recovery-kit }
    .examples =
        {"  "}printkeep key rotate
        {"  "}printkeep key rotate --recovery-kit kit.txt
cli-key-codes = One-time codes from an app, asked for on this device before what cannot be undone: revoking, erasing
    .examples =
        {"  "}printkeep key codes on
        {"  "}printkeep key codes status
cli-key-codes-on = Show a secret for an app, and take it into use once a code proves that the app has it
    .to = File to write the secret's address to, for scanning or copying [default: shown]
    .examples =
        {"  "}printkeep key codes on
        {"  "}printkeep key codes on --to secret.txt
cli-key-codes-off = Ask for codes no longer; needs one, or the recovery kit
    .passphrase-file = { cli-key-passphrase.passphrase-file }
    .recovery-kit = Recovery kit, where the app is lost
    .examples =
        {"  "}printkeep key codes off
        {"  "}printkeep key codes off --recovery-kit kit.txt
cli-key-codes-status = Tell whether codes are asked for
    .examples =
        {"  "}printkeep key codes status
        {"  "}printkeep key codes status --json
cli-key-remember = Keep the reading key on this machine, under your session's keyring: reading back needs no passphrase then
    .off = Keep it no longer
    .passphrase-file = { cli-key-passphrase.passphrase-file }
    .recovery-kit = { cli-key-passphrase.recovery-kit }
    .examples =
        {"  "}printkeep key remember
        {"  "}printkeep key remember --off
cli-key-unlock = Keep the account unlocked for a while: commands that read need no passphrase until it is locked again
    .idle = Lock it when nothing has read for so long: 15m, 2h
    .longest = Lock it after so long in any case
    .passphrase-file = File whose first line is the passphrase; PRINTKEEP_PASSPHRASE works too
    .recovery-kit = { cli-key-passphrase.recovery-kit }
    .examples =
        {"  "}printkeep key unlock
        {"  "}printkeep key unlock --idle 1h --for 2h
cli-key-lock = Lock it now: its keys leave memory before this comes back
    .examples =
        {"  "}printkeep key lock
        {"  "}printkeep key lock --account workshop
cli-key-accounts = List the accounts on this machine, and whether they are unlocked
    .examples =
        {"  "}printkeep key accounts
        {"  "}printkeep key accounts --json
cli-source = Choose what is backed up
    .examples =
        {"  "}printkeep source add ~/printer_data
        {"  "}printkeep source list
        {"  "}printkeep source detect --add
cli-source-add = Add a folder or file, or set anew what of it is wanted
    .long =
        Add a folder or file, or set anew what of it is wanted.

        Left out by itself, counted and named by each backup, and taken after all with --include PATTERN:
        { -left-out }
    .path = Where it is
    .kinds = Kinds wanted: images, video, prints, settings, everything
    .include = Take what matches although an exclude says no, in gitignore form
    .exclude = Leave out what matches, in gitignore form
    .no-credentials = Leave settings files out that hold passwords, tokens or Wi-Fi keys
    .keep-days = Leave files out of new snapshots that did not change for so many days
    .examples =
        {"  "}printkeep source add ~/printer_data/gcodes
        {"  "}printkeep source add ~/Pictures --kinds images --exclude '*.tmp'
cli-source-list = List the sources
    .examples =
        {"  "}printkeep source list
        {"  "}printkeep source list --json
cli-source-remove = Stop backing a source up; snapshots keep what they have
    .path = Where it is
    .examples =
        {"  "}printkeep source remove ~/Pictures
        {"  "}printkeep source remove ~/printer_data/gcodes
cli-source-detect = Find the folders of Klipper, Moonraker, OctoPrint and Creality OS on this machine
    .add = Add what is found
    .examples =
        {"  "}printkeep source detect
        {"  "}printkeep source detect --add
cli-source-secrets = Show which settings files hold passwords, tokens or Wi-Fi keys; never these themselves
    .paths = Folders or files [default: the sources]
    .examples =
        {"  "}printkeep source secrets
        {"  "}printkeep source secrets ~/printer_data/config
cli-privacy = What you allow, what is held about you, and your rights
    .examples =
        {"  "}printkeep privacy show
        {"  "}printkeep privacy grant network
        {"  "}printkeep privacy log
cli-privacy-show = Show what you allowed, and since when
    .lang = en or zh-CN [default: the system's, where policies speak it, else en]
    .examples =
        {"  "}printkeep privacy show
        {"  "}printkeep privacy show --lang zh-CN
cli-privacy-grant = Allow something; each by itself, under the policy in force
    .items = network; device, connection, or one part of them such as device.serial; operation-log; diagnostics
    .examples =
        {"  "}printkeep privacy grant network
        {"  "}printkeep privacy grant device.model operation-log
cli-privacy-deny = Say no; not saying anything means no as well
    .items = { cli-privacy-grant.items }
    .examples =
        {"  "}printkeep privacy deny diagnostics
        {"  "}printkeep privacy deny device connection
cli-privacy-withdraw = Take it back: use stops within a second, also in a printkeep that is at work
    .items = { cli-privacy-grant.items }
    .examples =
        {"  "}printkeep privacy withdraw network
        {"  "}printkeep privacy withdraw device.serial operation-log
cli-privacy-history = Show every decision, in the order they were made
    .examples =
        {"  "}printkeep privacy history
        {"  "}printkeep privacy history --json
cli-privacy-policy = What is done with your data, for whom and how long
    .examples =
        {"  "}printkeep privacy policy show
        {"  "}printkeep privacy policy diff 1 2
cli-privacy-policy-show = Show the policy in force, its version and whom to ask
    .lang = { cli-privacy-show.lang }
    .policy = Another one: a version, the first digits of a SHA-256, or a file
    .examples =
        {"  "}printkeep privacy policy show
        {"  "}printkeep privacy policy show --lang zh-CN
        {"  "}printkeep privacy policy show --policy my-policy.toml
cli-privacy-policy-list = List the policies known here
    .examples =
        {"  "}printkeep privacy policy list
        {"  "}printkeep privacy policy list --json
cli-privacy-policy-diff = Show what changed between two policies, and which consents it touches
    .old = A version, the first digits of a SHA-256, or a file
    .new = A version, the first digits of a SHA-256, or a file
    .lang = { cli-privacy-show.lang }
    .examples =
        {"  "}printkeep privacy policy diff 1 2
        {"  "}printkeep privacy policy diff 1 my-policy.toml
cli-privacy-policy-install = Put a policy of your own in force; a broken one is refused, and the one in force stays
    .file = The policy, as TOML
    .examples =
        {"  "}printkeep privacy policy install my-policy.toml
        {"  "}printkeep privacy policy install /media/stick/my-policy.toml
cli-privacy-policy-reset = Put the policy that comes with Printkeep in force again
    .examples =
        {"  "}printkeep privacy policy reset
        {"  "}printkeep privacy policy reset --account workshop
cli-privacy-consent-record = Consent records in the form of ISO/IEC TS 27560, signed by this device
    .examples =
        {"  "}printkeep privacy consent-record export --to records.json
        {"  "}printkeep privacy consent-record check records.json
cli-privacy-consent-record-export = Write the records of every kind of data
    .to = File to write [default: shown]
    .examples =
        {"  "}printkeep privacy consent-record export
        {"  "}printkeep privacy consent-record export --to records.json
cli-privacy-consent-record-receipt = Write the receipt of one kind of data
    .kind = Such as network or device.serial
    .to = File to write [default: shown]
    .examples =
        {"  "}printkeep privacy consent-record receipt network
        {"  "}printkeep privacy consent-record receipt device.serial --to receipt.json
cli-privacy-consent-record-check = Check a signed document: that this is what a device signed, whole and in order
    .file = The file
    .examples =
        {"  "}printkeep privacy consent-record check records.json
        {"  "}printkeep privacy consent-record check receipt.json
cli-privacy-data = Show what this device recorded, exactly as it is held
    .passphrase-file = File whose first line is the passphrase; without, kinds, times and sizes are shown
    .recovery-kit = Recovery kit to use instead of the passphrase
    .examples =
        {"  "}printkeep privacy data
        {"  "}printkeep privacy data --passphrase-file pass.txt
cli-privacy-export = Write everything held about you into one archive, for you and for programs
    .to = The archive (tar) to write
    .passphrase-file = File whose first line is the passphrase; without, kinds, times and sizes are written
    .recovery-kit = Recovery kit to use instead of the passphrase
    .examples =
        {"  "}printkeep privacy export --to my-data.tar
        {"  "}printkeep privacy export --to my-data.tar --recovery-kit kit.txt
cli-privacy-correct = Say how something is, where what was recorded is wrong; both are kept
    .kind = Such as device.model
    .value = How it is; recorded as what it corrects: masked where the table says so
    .examples =
        {"  "}printkeep privacy correct device.model "Voron 2.4"
        {"  "}printkeep privacy correct device.os "MainsailOS 2"
cli-privacy-erase = Delete what is held, here and in your stores; it does not come back
    .kind = Facts of one kind of data, or of all that belong to a purpose
    .class = Facts of a class: personal or sensitive
    .device = Facts that a device recorded; its snapshots go with `forget` and `prune`
    .whole-account = The account and everything in it: keys and recovery kits here first, then every file here and in every store
    .here-only = Leave what lies beyond the network where it is, because you have not allowed its use; whoever holds a recovery kit can still read it
    .yes-erase = Do not ask: the name of the account that is erased
    .examples =
        {"  "}printkeep privacy erase --kind device.serial
        {"  "}printkeep privacy erase --whole-account
cli-privacy-receipts = Show the signed receipts of what was deleted
    .examples =
        {"  "}printkeep privacy receipts
        {"  "}printkeep privacy receipts --json
cli-privacy-retention = Show how long each kind of data is kept, and what is deleted next
    .examples =
        {"  "}printkeep privacy retention
        {"  "}printkeep privacy retention --json
cli-privacy-log = What was done with your data, in a log that nobody changes unnoticed
    .examples =
        {"  "}printkeep privacy log
        {"  "}printkeep privacy log show --last 500 --names
        {"  "}printkeep privacy log verify
cli-privacy-log-show = Show the newest entries
    .last = How many
    .names = Show names of files, devices and stores; without, each stands as a word that is always the same for the same name
    .examples =
        {"  "}printkeep privacy log show --names
        {"  "}printkeep privacy log show --last 500
cli-privacy-log-verify = Check that nothing was removed, changed or put elsewhere; names what was (exit 7)
    .examples =
        {"  "}printkeep privacy log verify
        {"  "}printkeep privacy log verify --json
cli-privacy-log-export = Write the whole log, signed by this device
    .to = File to write
    .names = With names
    .examples =
        {"  "}printkeep privacy log export --to log.json
        {"  "}printkeep privacy log export --to log.json --names
cli-device = The account's devices: which there are, what each may do
    .examples =
        {"  "}printkeep device list
        {"  "}printkeep device enroll
        {"  "}printkeep device send benchy.gcode --to Voron
cli-device-list = List the devices, what each may do, and its last snapshot
    .examples =
        {"  "}printkeep device list
        {"  "}printkeep device list --json
cli-device-rename = Give a device another name
    .name = Its name, or 8 digits of its id
    .new = Its new name
    .offline = Go on though a store cannot be asked; no other machine may change the account meanwhile
    .passphrase-file = File whose first line is the passphrase
    .recovery-kit = Recovery kit to use instead of the passphrase
    .examples =
        {"  "}printkeep device rename mainsailos Voron
        {"  "}printkeep device rename 3fa9c1d2 Voron
cli-device-allow-delete = Let a device delete what is no longer needed; your other devices build on what it stored
    .name = Its name, or 8 digits of its id
    .offline = Go on though a store cannot be asked; no other machine may change the account meanwhile
    .passphrase-file = File whose first line is the passphrase
    .recovery-kit = Recovery kit to use instead of the passphrase
    .examples =
        {"  "}printkeep device allow-delete desk
        {"  "}printkeep device allow-delete 3fa9c1d2 --recovery-kit kit.txt
cli-device-forbid-delete = Let a device only add snapshots, as it does from the beginning
    .name = Its name, or 8 digits of its id
    .offline = Go on though a store cannot be asked; no other machine may change the account meanwhile
    .passphrase-file = File whose first line is the passphrase
    .recovery-kit = Recovery kit to use instead of the passphrase
    .examples =
        {"  "}printkeep device forbid-delete desk
        {"  "}printkeep device forbid-delete 3fa9c1d2 --recovery-kit kit.txt
cli-device-rejoin = Put this device back into the list of devices, where another machine's change left it out
    .offline = Go on though a store cannot be asked; no other machine may change the account meanwhile
    .passphrase-file = File whose first line is the passphrase
    .recovery-kit = Recovery kit to use instead of the passphrase
    .examples =
        {"  "}printkeep device rejoin
        {"  "}printkeep device rejoin --recovery-kit kit.txt
cli-device-revoke = Believe nothing more of a device that was lost, stolen or given away, and change the account's keys
    .name = Its name, or 8 digits of its id
    .last = Believe its snapshots up to this number and none after, as where it was in wrong hands by then
    .yes = Do not ask
    .offline = Go on though a store cannot be asked; no other machine may change the account meanwhile
    .passphrase-file = File whose first line is the passphrase
    .recovery-kit = Recovery kit to use instead of the passphrase
    .examples =
        {"  "}printkeep device revoke Voron
        {"  "}printkeep device revoke 3fa9c1d2 --yes --recovery-kit kit.txt
cli-device-enroll = Let a new device in that never sees the passphrase or the kit: it is shown a code to type there
    .listen = Address to wait at [default: a free port on every address]
    .share-credentials = Give it the credentials of your stores too
    .offline = Go on though a store cannot be asked; no other machine may change the account meanwhile
    .passphrase-file = File whose first line is the passphrase
    .recovery-kit = Recovery kit to use instead of the passphrase
    .examples =
        {"  "}printkeep device enroll
        {"  "}printkeep device enroll --share-credentials
cli-check = Check that the backup is what was written, try files, repair
    .long =
        Check that the backup is what was written, in the local vault or a store.

        Without more it reads every snapshot and looks that everything they need is there in its size. It can read every byte, try
        whether a random sample of files comes back, and first fetch again from the stores what is damaged here.
    .examples =
        {"  "}printkeep check
        {"  "}printkeep check --store nas --read-data
        {"  "}printkeep check --repair --try-restore 20
    .read-data = Read every byte, not only names and sizes
    .store = Check this store instead of the local vault
    .try-restore = Try whether so many files, chosen at random, come back; none of them is written
    .repair = First rebuild local state, and fetch from the stores what is damaged here
    .passphrase-file = File whose first line is the passphrase; with it, it is proved that everything opens
    .recovery-kit = Recovery kit to use instead of the passphrase
cli-rescue = Put everything a lost device had back to where it was, on a new machine
    .store = The store that holds the account: an address, or a folder's path
    .recovery-kit = The account's recovery kit
    .device = Which device to rescue, by its name or the first 8 digits of its id [default: the only one]
    .snapshot = Which of its snapshots [default: the newest]
    .root = Put everything below this folder, for trying; this machine is not added to the account
    .plan = Show what would be done, and stop; this machine is not added to the account
    .yes = Go on without asking
    .overwrite = Replace files that are there and differ; each is kept beside, as NAME.before-restore
    .owners = As root: give files the owners that they had, and the setuid, setgid and sticky bits [default: they belong to whoever owns the folder they go to, without such bits]
    .device-name = What to call this machine [default: the host's name]
    .passphrase-file = File whose first line is a passphrase for this machine
    .credentials-file = File with the store's credentials, two lines: S3 access key and secret key; WebDAV user and password; SFTP a private key, or one line, the password
    .aws-profile = Profile of ~/.aws/credentials to copy the credentials from
    .ca-file = Trust only the roots in this PEM file
    .pin = Trust only this key: SHA-256 of the certificate's public key, or an SSH host key's fingerprint as `ssh-keygen -lf` shows it; twice for current and next
    .system-roots = Trust the system's roots
    .allow-tls12 = Accept TLS 1.2, for an old NAS
    .limit = Send and receive no faster than this, like "500 KB/s"
    .examples =
        {"  "}printkeep rescue file:///media/stick/backup --recovery-kit kit.txt --plan
        {"  "}printkeep rescue file:///media/stick/backup --recovery-kit kit.txt --device Voron
        {"  "}printkeep rescue sftp://pi@nas/backup --recovery-kit kit.txt --root /tmp/try --yes
cli-completions = Print a completion script for a shell
    .shell = The shell: bash, zsh, fish, elvish, powershell
    .examples =
        {"  "}printkeep completions bash > printkeep.bash
        {"  "}printkeep completions zsh > _printkeep
cli-man = Write the manual pages
    .to = Folder to write the pages to
    .examples =
        {"  "}printkeep man --to man
        {"  "}printkeep man --to ~/.local/share/man/man1
cli-key-hold = Holds the keys; started by `key unlock`
    .idle = Seconds in which nothing reads
    .longest = Seconds in any case
cli-device-follow = Bring the newest files of another device here, as they change
    .device = The device, by its name or the first 8 digits of its id
    .source = Its source: a label as `ls` shows it, or its path there
    .to = Folder that the files come to
    .once = One round only
    .every = How long to wait between rounds: 30s, 5m, 1h
    .passphrase-file = File whose first line is the passphrase
    .recovery-kit = Recovery kit to use instead of the passphrase
    .examples =
        {"  "}printkeep device follow Voron gcodes --to ~/voron
        {"  "}printkeep device follow Voron timelapse --to ~/videos --once
cli-device-send = Send a file to a device that allows it
    .file = The file
    .to = The device, by its name or the first 8 digits of its id
    .cancel = Take back the file whose id begins so, as `device inbox show` lists it
    .passphrase-file = File whose first line is the passphrase
    .recovery-kit = Recovery kit to use instead of the passphrase
    .examples =
        {"  "}printkeep device send benchy.gcode --to Voron
        {"  "}printkeep device send --cancel 3fa9c1d2
cli-device-inbox = Let files that you send to this device in, or not
    .examples =
        {"  "}printkeep device inbox allow ~/incoming
        {"  "}printkeep device inbox show
        {"  "}printkeep device inbox receive
cli-device-inbox-allow = Let files that you send to this device into a folder; nothing there is ever replaced
    .folder = The folder; it is made where it is not there
    .max-size = The largest file that is taken: bytes, or with kB, MB, GB
    .examples =
        {"  "}printkeep device inbox allow ~/printer_data/gcodes/inbox
        {"  "}printkeep device inbox allow ~/incoming --max-size 500MB
cli-device-inbox-deny = Let nothing in; files stay in the store
    .examples =
        {"  "}printkeep device inbox deny
        {"  "}printkeep device inbox deny --account workshop
cli-device-inbox-show = Show what is allowed, what waits, and what was sent from here and not taken yet
    .examples =
        {"  "}printkeep device inbox show
        {"  "}printkeep device inbox show --json
cli-device-inbox-receive = Take what the stores hold for this device now
    .examples =
        {"  "}printkeep device inbox receive
        {"  "}printkeep device inbox receive --wait
