backup-done = Snapshot { $number }: { $files ->
    [one] { $files } file
   *[other] { $files } files
}, { $bytes }; { $read } read ({ $read_bytes }), { $stored } added to the vault, in { $seconds } s.
backup-special = { $count ->
    [one] { $count } special file
   *[other] { $count } special files
} left out: sockets, pipes and devices have no content.
backup-credentials = Passwords or keys stand in { $count ->
    [one] { $count } settings file
   *[other] { $count } settings files
} of this snapshot, sealed like all of it and named above.
    To leave such files out: `printkeep source add FOLDER --no-credentials`.
backup-credentials-left-out = { $count ->
    [one] { $count } settings file
   *[other] { $count } settings files
} left out, because passwords or keys stand in them.
backup-old = { $count ->
    [one] { $count } file
   *[other] { $count } files
} left out, because they did not change for longer than their source is kept.
backup-put-aside = { $count ->
    [one] { $count } file that a restore put aside is in this backup ({ $names }): delete it where it lies once you do not need it.
   *[other] { $count } files that a restore put aside are in this backup ({ $names }): delete them where they lie once you do not need them.
}
backup-no-source = { $path } is backed up this once. For every `printkeep backup`, as a timer runs it: `printkeep source add { $path }`.
backup-followed = { $path } is a link: what it leads to, { $to }, is in the backup in its place.
backup-database = NOT in this backup: Moonraker's database ({ $names }), which holds the print history, users, webcams and the settings of Mainsail and Fluidd. It is in use, and a plain copy could be torn. Moonraker writes a sound copy into its `backup` folder when it is asked to: `curl -X POST http://localhost:7125/server/database/backup`; that one is backed up.
backup-leads-out = Not backed up: what { $count ->
    [one] { $count } link leads
   *[other] { $count } links lead
} to outside of the sources ({ $names }). Add it as a source of its own if you need it.
backup-omitted = { $count ->
    [one] { $count } file or folder
   *[other] { $count } files or folders
} left out, each because { $reason }: { $names }.
backup-changed = { $count ->
    [one] { $count } file
   *[other] { $count } files
} changed while being read; the next backup reads them again.
backup-failed = { $count ->
    [one] { $count } file or folder could not be read and is not in this snapshot; it is named above.
   *[other] { $count } files or folders could not be read and are not in this snapshot; they are named above.
}
backup-unreadable = NOBODY can read this snapshot: the local vault lost the account's keys, and there is no store that may have them. Put back a copy of the vault, or name the store again with `printkeep store add` and run `printkeep sync`; where there is neither, begin a new account in another home: `printkeep --home FOLDER setup`.
backup-missing = NOT in this snapshot, because it could not be read: the source { $path }.
backup-first = It lies sealed in { $vault }.
backup-no-store = Nothing left this machine. `printkeep store add` and `printkeep privacy grant network` send it to storage of yours.
backup-to-sync = `printkeep sync` sends it to your stores.
backup-clock-leapt = The clock is more than a year from the snapshot before: no file is left out as too old this time.
backup-nothing = there is nothing to back up
backup-nothing-hint = name a folder: `printkeep backup FOLDER`, or choose sources: `printkeep source detect --add`
backup-not-there = cannot back up { $path }: { $why }
backup-not-there-hint = is it the right path, and is its disk mounted?
backup-all-away = none of the { $count } sources can be backed up
backup-all-away-hint = are their disks mounted? `printkeep source list` shows them
skip-pipe = a named pipe has no content to back up
skip-socket = a socket has no content to back up
skip-device = a device is not backed up
skip-old = it did not change for longer than its source is kept
skip-pattern = a pattern of yours leaves it out
skip-kind = it is of a kind that you did not choose
skip-credentials = passwords or keys stand in it
skip-database = it is a database in use, and a plain copy of it could be torn
skip-temporary = it is half-written or an editor's leftover
skip-remade = it is made again by the program that made it
skip-lost-found = it is what a check of the file system put there
skip-own = it is Printkeep's own: its home, or what it keeps in a store
skip-leads-out = it is a link that leads out of the source, and what it leads to is not backed up
backup-cut-short = it was cut short: its process ended in the middle, or the machine did
