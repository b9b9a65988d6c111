# Help: a message for each command, an attribute for each of its arguments.
cli-examples = Examples:
cli-global = Global options
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
