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
