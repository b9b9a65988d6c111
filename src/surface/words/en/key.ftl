# Keys: passphrase, recovery kit, one-time codes, what is kept unlocked.
owner-ask-hint = another machine may have changed the devices: try again when the store can be reached, or add --offline if none did
owner-not-asked = The store { $store } was not asked for changes of other machines: { $why }.
code-needed = a one-time code is needed
code-needed-hint = type it, or set PRINTKEEP_CODE
code-not-now = this is not the code of now
code-used = this code was used before; wait for the next one
code-wait = too many wrong codes: the next is taken in { $wait }
code-clock-hint = codes change every 30 seconds; is this machine's clock right?
code-secret-lost = the secret of the one-time codes is damaged or gone: { $path }
code-secret-lost-hint = turn codes off with the recovery kit: `printkeep key codes off --recovery-kit FILE`
codes-question = One-time code that your app shows now:
codes-question-file =
    The secret for your app is in { $path }; delete that file afterwards.
    The code that the app shows now:
codes-question-scan =
    Scan this with your app (an authenticator):
    { $picture }
    or add it by its address: { $address }
    The code that the app shows now:
codes-question-address =
    Add this to your app (an authenticator): { $address }
    The code that the app shows now:
codes-on-already = one-time codes are on already
codes-on-already-hint = `printkeep key codes off` first, with a code or the kit
codes-no-address = no address can be made for an app
codes-are-on = One-time codes are asked for on this device before a device is revoked or anything is erased.
codes-are-off = No one-time codes are asked for on this device. `printkeep key codes on` turns them on.
codes-lost-app = If you lose the app: `printkeep key codes off --recovery-kit FILE`.
key-device-unknown = an unknown device
key-kit = recovery kit
key-passphrase = passphrase on { $device }
key-passphrase-here = passphrase on { $device } (this device)
key-unreadable = { $object }: cannot be read: { $why }
key-reading-kept = the reading key kept on this machine, with your session's keyring
key-reading-stale = the reading key kept on this machine: stale, from before the account's keys were changed
key-then-sync = Run `printkeep sync` so that your stores forget the old one too.
passphrase-new-missing = there is no new passphrase
passphrase-new-missing-hint = give --new-passphrase-file FILE, or run it on a terminal
passphrase-set = The passphrase is set on { $device }: it opens the account there.
passphrase-set-anew = The passphrase is set on { $device }; the one before no longer opens the account there.
passphrase-then-sync = Run `printkeep sync` so that your stores have it, too.
kit-lives = the account has a recovery kit, and a new one ends it: every copy of that page would open nothing
kit-lives-hint = for its page once more: `printkeep key kit --page`; to end it all the same, add --yes
kit-lives-question =
    The account has a recovery kit. A new one ends it: every copy of that page opens nothing from then on.
    (For its page once more, say no and run `printkeep key kit --page`.)
    End the kit that you have, and make a new one? [y/N]
kit-kept = the recovery kit that you have was kept; nothing was changed
kit-kept-hint = `printkeep key kit --page` writes its page once more
kit-written = The new recovery kit is { $path }. Print it or copy it to a stick, keep it safe, and delete it from this machine. The kit before no longer opens the account.
kit-dead-deleted = Deleted { $path }: it opens nothing any more.
kit-page-written = The page of your recovery kit is { $path }; the kit itself is the one that you have. Print it or copy it to a stick, keep it safe, and delete it from this machine.
kit-page-none = no recovery kit lies on this machine whose page could be written
kit-page-none-hint = give the one that you have with --recovery-kit FILE; to make a new one, which ends the old: `printkeep key kit`
kit-opens = The kit opens the account with the fingerprint { $fingerprint }.
kit-opens-there = it opens what lies there, too
keys-rotated = The account has new keys: what is backed up from now on is sealed under generation { $generation }.
keys-rotated-finished = An earlier change of keys was finished: what is backed up from now on is sealed under generation { $generation }.
keys-rotated-next =
    What lies there already stays as it is and readable; passphrase and recovery kit stay the same.
    Run `printkeep sync` here, then on the other devices: each takes the new keys over by itself.
keys-rotated-old = A device that says it cannot take them over must be enrolled again.
keys-rotated-stale = The reading key kept on this machine is stale now: keep the new one with `printkeep key remember`.
reading-key-remembered =
    This machine keeps the reading key from now on: while your session's keyring is open, reading back needs no passphrase.
    Neither this home nor the keyring opens anything without the other. `printkeep key remember --off` ends it.
reading-key-none = This machine keeps no reading key.
reading-key-forgotten = This machine keeps no reading key any more.
reading-key-left = What your session's keyring kept for it opens nothing now, and is still there: { $why }.
unlocked =
    Unlocked until nothing has read for { $idle }, for { $longest } at most, or until `printkeep key lock`.
    Until then every program that runs as you can read your backup. What changes keys, devices or codes still asks.
unlocked-hears-sleep = It locks before this machine sleeps, and when your screen is locked.
unlocked-hears-nothing = This system does not tell when it goes to sleep: it locks when the machine wakes. Lock it before you close the lid.
locked-now = Locked: the keys are out of memory.
locked-already = It was locked already.
account-unusable = { $name }  cannot be opened: { $why }
account-unlocked = unlocked, for { $left } or { $idle } idle
account-locked = locked
