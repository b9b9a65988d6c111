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
