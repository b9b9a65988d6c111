# What every command may say.
the-vault = the local vault
files = { $count ->
    [one] { $count } file
   *[other] { $count } files
}
snapshots-count = { $count ->
    [one] { $count } snapshot
   *[other] { $count } snapshots
}
phase-rebuilding = looking at the vault
phase-backing-up = backing up
phase-restoring = restoring
phase-verifying = checking
phase-pruning = removing
phase-repacking = moving what is needed
phase-uploading = sending
phase-downloading = fetching
phase-waiting = waiting for another printkeep
notice = { $kind }: { $subject }: { $reason }
notice-alike = { $kind }: { $count } files, folders or links: { $reason }
notice-more = {"  "}… and { $count ->
    [one] { $count } more
   *[other] { $count } more
}
notice-skipped-kind = skipped
notice-failed-kind = failed
notice-changed-kind = changed
notice-beside-kind = kept
notice-beside = what stood in its place is { $name } now
notice-credentials-kind = credentials
notice-object-kind = part of the backup
notice-state-kind = local state
notice-not-moved-kind = not moved
notice-changed = it changed while it was read; the next backup reads it again
notice-state = it was set aside and is rebuilt, and nothing that was backed up is lost: { $why }
notice-credentials-and = { $before }, { $one }
notice-credentials = { $lines }{ $more ->
    [0] {""}
   *[other] , and { $more } more
}
notice-credentials-left-out = { $lines }{ $more ->
    [0] {""}
   *[other] , and { $more } more
}; left out
ask-passphrase = Passphrase of this account:
ask-new-passphrase = New passphrase:
ask-new-passphrase-again = Once more:
ask-enroll-code = Code that the other device shows:
ask-one-time-code = One-time code of your app:
answer-unread = cannot read the answer: { $why }
audit-unwritten = this was done, but not written to the log: { $why }
facts-unwritten = what you allowed could not be recorded: { $why }
hook-failed = Nobody was told of a problem by { $program }: { $why }; it is tried again next time.
no-home = there is no HOME to lie under
no-home-hint = give --home FOLDER or set PRINTKEEP_HOME
man-written = The manual pages are in { $path }.
stopping = Stopping… Ctrl-C once more ends at once.
request-version = this request is of version { $version }; this Printkeep speaks { $known }
