# How things stand.
status-account = Account { $account }, device { $device }, fingerprint { $fingerprint }
status-vault = Vault { $path }
status-last = Last backup: snapshot { $snapshot } of { $time }, { $files }, { $size }
status-no-backup = Last backup: none
status-none-believed = Last backup: none that other devices believe
status-last-lost = Last backup: snapshot { $snapshot }, which the local vault lost
status-space = Space: { $used } used by the vault, { $free } free
status-prunable = `printkeep prune` would free { $now } in the vault
status-prunable-later = `printkeep prune` would free { $later } in the vault, once the grace period is over
status-prunable-both = `printkeep prune` would free { $now } in the vault now, and { $later } once the grace period is over
status-store = Store { $store }: { $stands }
stands = { $step }; { $waits }
stands-hindered = { $hinders }; { $step }; { $waits }
stands-in-step = last whole sync { $time }
stands-never = no whole sync yet
stands-not-allowed = waits for your consent
stands-away = away since { $since }
stands-emptied = away since { $since }, and its folder is empty by now
stands-full = full since { $since }
stands-closed = closed to this user since { $since }
stands-nothing-waits = nothing waits
stands-waits = { $size } to send
tried-well = all came back
tried-badly = { $count ->
    [one] { $count } DID NOT COME BACK
   *[other] { $count } DID NOT COME BACK
}
status-tried = Last tried: { $files } from { $place }, { $time }, { $went }
status-reading-key = This machine holds the reading key: with your session's keyring open, reading needs no passphrase
status-well = No problems in what was looked at: this machine, now.
status-well-stores = No problems in what was looked at: this machine now, each store at its last whole sync.
status-acknowledged = { $count ->
    [one] One problem that you acknowledged is not remedied: `printkeep problems list --all`
   *[other] { $count } problems that you acknowledged are not remedied: `printkeep problems list --all`
}
status-incomplete = That backup is { $lacks }
status-failed = The backup after it, { $time }, FAILED and saved nothing: { $why }
status-failed-first = The backup of { $time } FAILED and saved nothing: { $why }
status-kit-seen = Only the recovery kit opens this backup once this machine is lost; that it still exists was last checked { $time }: `printkeep key kit --test FILE`
status-kit-never-seen = Only the recovery kit opens this backup once this machine is lost; whether it still exists was never checked: `printkeep key kit --test FILE`
