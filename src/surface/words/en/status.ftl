# How things stand.
status-account = Account { $account }, device { $device }, fingerprint { $fingerprint }
status-vault = Vault { $path }
status-last = Last backup: snapshot { $snapshot } of { $time }, { $files }, { $size }
status-no-backup = Last backup: none
status-space = Space: { $used } used by the vault, { $free } free
status-prunable = `printkeep prune` could free up to { $size }
status-store = Store { $store }: { $stands }
stands = { $step }; { $waits }
stands-hindered = { $hinders }; { $step }; { $waits }
stands-in-step = last whole sync { $time }
stands-never = no whole sync yet
stands-not-allowed = waits for your consent
stands-away = away since { $since }
stands-full = full since { $since }
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
