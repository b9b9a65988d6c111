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
    {"  "}130  stopped; the next run goes on from there
cli = Encrypted, local-first backup for 3D printers
    .long =
        Encrypted, local-first backup for 3D printers.

        Pictures, time-lapse videos, print files and settings are sealed into a local vault that works with no network, and go to
        your own storage only after you allowed it.
    .home = Folder that everything lies under [default: ~/.printkeep]
    .account = Account to work with, where there are several
    .system-root = Where the machine's own file system begins, for a printkeep that runs in a container beside it [default: /]
    .profile = Sizes and costs: pc (48 MiB of memory) or printer-small (24 MiB)
    .json = Print one JSON document instead of text
    .quiet = Print only what went wrong
cli-snapshots = List snapshots
    .examples =
        {"  "}printkeep snapshots
        {"  "}printkeep snapshots --json
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
    .to = Folder that everything goes below, under the names of its sources
    .in-place = Put everything back to where it was; a file that is there and differs is kept beside it
    .overwrite = Replace files that are newer than the snapshot's; in place, keep none beside
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
cli-problems-list = List the problems that are open, the newest last
    .examples =
        {"  "}printkeep problems
        {"  "}printkeep problems list --all
    .all = Also what is remedied or acknowledged
cli-problems-show = Show one: what happened, what was done, what you can do, the remedy
    .examples =
        {"  "}printkeep problems show 3
    .number = Its number
cli-problems-ack = Say that you have seen one: it is told again only if it gets worse
    .examples =
        {"  "}printkeep problems ack 3
    .number = Its number
cli-problems-export = Write all of them to a file, signed by this device
    .examples =
        {"  "}printkeep problems export --to problems.json
    .to = File to write
