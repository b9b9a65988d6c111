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
