forget-nothing-said = nothing says what to forget and what to keep
forget-nothing-said-hint = name snapshots, or give rules such as --keep-last 10 --keep-daily 14 --keep-monthly 12
forget-done = Forgot { $count ->
    [one] { $count } snapshot
   *[other] { $count } snapshots
}; { $kept ->
    [one] { $kept } stays
   *[other] { $kept } stay
}.
forget-would = Would forget { $count ->
    [one] { $count } snapshot
   *[other] { $count } snapshots
}; { $kept ->
    [one] { $kept } would stay
   *[other] { $kept } would stay
}.
forget-gone = The snapshot { $snapshot } is gone already, and is asked for no more.
forget-then-prune = That they are forgotten cannot be taken back; until a prune removes them, they can still be read back. `printkeep prune` gives the space back, after a grace period.
forget-keeps = keep
forget-forgets = forget
keep-newest = the newest
keep-pinned = pinned
keep-last = last
keep-hourly = hourly
keep-daily = daily
keep-weekly = weekly
keep-monthly = monthly
keep-yearly = yearly
keep-within = within
keep-tag = tag
keep-time-not-believed = its time is not believed
snapshot-tagged = Snapshot { $name } is tagged "{ $tag }".
snapshot-untagged = Snapshot { $name } is not tagged "{ $tag }".
snapshot-pinned = Snapshot { $name } is pinned: it is not forgotten before `printkeep snapshots unpin`.
snapshot-unpinned = Snapshot { $name } is not pinned.
keep-source = holds a source that newer ones lack
