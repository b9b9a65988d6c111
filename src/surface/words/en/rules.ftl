rules-keep-nothing = nothing says which snapshots stay
rules-keep-nothing-hint = give rules such as --keep-last 10 --keep-daily 14 --keep-monthly 12
time-unreadable = "{ $time }" is no time
time-unreadable-hint = a time is a number and h, d, w or y, such as 30d; at most a hundred years
rules-on = Of each device's snapshots these stay: { $rules }, the newest, and what is pinned; one that lacks a source takes no place from those of this device that hold it. Devices that may delete let the others go; what nothing needs stays { $grace } longer.
rules-none = Snapshots are kept until you let them go: `printkeep forget`, or by rules: `printkeep rules set`.
rules-forgotten = { $count ->
    [one] { $count } forgotten snapshot
   *[other] { $count } forgotten snapshots
} here: the first goes from { $first } on, with the next prune after it.
rules-unneeded = { $count ->
    [one] { $count } file that nothing needs
   *[other] { $count } files that nothing needs
} here: the first goes from { $first } on, with the next prune after it.
rules-source = { $path }: files that did not change for { $count ->
    [one] { $count } day
   *[other] { $count } days
} are left out of new snapshots, and go with the older ones.
rules-set = Of each device's snapshots these stay: { $rules }, the newest, and what is pinned; one that lacks a source takes no place from those of this device that hold it. What nothing needs stays { $grace } longer.
rules-applied-here = This device forgets the others after each backup and before each sync, and prunes what nothing needs after the grace period.
rules-not-here = This device may not delete: it lets go in its own vault what a device that may delete forgot. To allow it: `printkeep device allow-delete { $device }`.
rules-try = `printkeep forget --dry-run` with the same rules tells what would go.
rules-ended = Snapshots go by hand alone from now on.
rules-were-none = There were no standing rules.
rules-forgot = { $count ->
    [one] { $count } snapshot
   *[other] { $count } snapshots
} forgotten by your standing rules:
rules-not-applied = Your standing rules for snapshots were not applied: { $why }.
rule-last = { $count } last
rule-hourly = { $count } hourly
rule-daily = { $count } daily
rule-weekly = { $count } weekly
rule-monthly = { $count } monthly
rule-yearly = { $count } yearly
rule-within = all within { $time }
rule-tag = all tagged "{ $tag }"
