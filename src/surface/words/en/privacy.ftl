# Privacy: what is allowed, what is held, what is deleted.
item-unknown = there is nothing called "{ $item }" that could be allowed; there are: { $known }
item-several = { $item } has several parts; name one of them
item-several-hint = `printkeep privacy show` lists all of them
class-unknown = there is no class "{ $class }"; there are: personal, sensitive
language-unknown = policies do not speak "{ $language }"; they speak en and zh-CN
privacy-stale = The policy has changed on { $count ->
    [one] { $count } kind of data
   *[other] { $count } kinds of data
}: `printkeep privacy policy diff`, then grant or deny.
privacy-under = Under the policy { $id }, version { $version }: `printkeep privacy policy show`.
privacy-no-policy = The policy in force cannot be read, so that nothing is allowed: `printkeep privacy policy reset`.
privacy-granted = You can take it back at any time: `printkeep privacy withdraw`.
privacy-left = Withdrawn: { $items }. The printkeep at work stops using it within a second, and books it.
standing-never = never: nothing in Printkeep does this
standing-unasked = not allowed (never granted)
standing-denied = not allowed (denied { $time })
standing-granted = allowed since { $time }
standing-withdrawn = not allowed (withdrawn { $time })
standing-withdrawn-by-itself = not allowed (withdrawn)
standing-stale = not allowed (granted { $time }; the policy has changed since)
records-deleted = { $count ->
    [one] One record was deleted on this device.
   *[other] { $count } records were deleted on this device.
}
records-waiting = The next `printkeep sync` removes them from: { $stores }.
history-none = Nothing was ever decided; everything is refused.
history-by-itself = by itself
history-granted = granted
history-denied = denied
history-withdrawn = withdrawn
history-under = policy { $version }, { $surface }, { $language }
consent-never-decided = nothing was ever decided on { $item }
document-written = Written to { $path }; `printkeep privacy consent-record check` shows whether it is unchanged.
document-holds = The signature holds: { $kind }.
document-of-no-kind = a document
document-signed = Signed by the device with the key { $key }.
document-decisions = { $count ->
    [one] One decision, without a gap.
   *[other] { $count } decisions follow one another without a gap.
}
document-damaged = { $path }: { $why }
document-damaged-hint = ask whoever made it for another copy
policy-unknown = there is no policy "{ $name }"
policy-unknown-hint = `printkeep privacy policy list` shows those known here
policy-is-none = { $name } is no policy: { $why }
policy-stays = the policy in force stays; correct the file and install it again
policy-lost = the policy in force is damaged or gone: { $path }
policy-lost-hint = put a copy of it back with `printkeep privacy policy install`, or `printkeep privacy policy reset`; until then nothing is allowed
policy-purpose = { $text }
policy-recipients = → { $text }
policy-terms = ({ $terms }{ $regions })
policy-terms-kept = ({ $terms }, { $days ->
    [one] { $days } day
   *[other] { $days } days
}{ $regions })
policy-in-force-mark = in force
policy-in-force = In force: { $id } { $version }, { $date }.
policy-in-force-touches = Consents given before to these hold no longer and are asked again: { $items }.
policy-same = They say the same.
policy-touches-none = No consent is touched: what you allowed stays allowed.
policy-touches = Asked again: { $items }.
log-size = { $entries ->
    [one] { $entries } entry
   *[other] { $entries } entries
} in { $files ->
    [one] { $files } file
   *[other] { $files } files
}.
log-retired = Files up to number { $number } were let go when they were old.
log-torn = The last { $size } were torn by a power cut, never acknowledged, and are dropped.
log-well = All is well: every entry follows the one before it, to the end that is known.
log-broken = Broken: { $what }.
log-broken-on = Broken: { $what }, on { $time }.
log-broken-why = Somebody who can write in this account's folder may have changed it, or the disk is damaged.
facts-none = Of what needs your consent, this device recorded nothing.
log-held = The audit log, without consent and for your safety alone, holds what was done with this account on this device and when: { $count ->
    [one] { $count } entry
   *[other] { $count } entries
}{ $since }. It is sealed here and goes nowhere; its files go after { $days } days. `printkeep privacy log` shows it.
log-held-since = {" "}since { $since }
log-held-nothing = {""}
facts-sealed = To see what they say, give --passphrase-file or --recovery-kit.
facts-not-known = allowed, and not known here
facts-rest = Your backups are shown by `snapshots` and `ls`; `printkeep privacy export` takes all the rest along, `printkeep privacy log export` the audit log.
facts-size = { $size } sealed
facts-corrected-size = { $size } sealed, your correction
facts-unopened = it does not open: { $why }
export-written = Written to { $path }: { $count ->
    [one] { $count } file
   *[other] { $count } files
}.
export-sealed = It tells what was recorded and when, but not what it says: give --passphrase-file or --recovery-kit for that.
correct-nothing = of { $item } nothing is recorded that could be corrected
correct-not-allowed-hint = what is not allowed is not held, so there is nothing to correct; `printkeep privacy grant { $item }`
correct-no-ip = "{ $value }" is no IP address
correct-empty = an empty value corrects nothing
corrected = Kept beside what was recorded of { $item }: { $text }.
receipts-none = There are no receipts: nothing was deleted for you yet.
retention-days = { $count ->
    [one] kept { $count } day
   *[other] kept { $count } days
}
retention-held = { $count } held, the oldest until { $until }
retention-nothing = nothing held
retention-waits = Store { $store }: { $count ->
    [one] { $count } deleted record waits
   *[other] { $count } deleted records wait
} to be removed by `printkeep sync`.
retention-when = Each backup and sync deletes what is over its time, and what consent no longer allows.
erase-what-facts = these facts are deleted here and in every store
erase-what-device = the facts of that device are deleted in every store
erase-what-account = the account, its keys and every backup in it are erased, here and in every store
erase-question = This cannot be undone: { $what }. To go on, type the account's name, { $name }:
erase-unasked = this cannot be undone: { $what }
erase-unasked-hint = to go on without being asked: --yes-erase { $name }
erase-other-name = "{ $typed }" is not the account's name; nothing was erased
erase-consent-hint = to erase in your stores too, `printkeep privacy grant network` first; or leave what lies there with --here-only: whoever holds a recovery kit can still read that
erase-nothing = Nothing of this is held.
erase-still-allowed = You still allow it to be recorded: { $items }. To end that: `printkeep privacy withdraw KIND`.
erase-already = there is nothing left to erase: the account "{ $name }" was erased at { $time }
erase-already-hint = the receipt is { $path }
erased-place = { $place }: { $count ->
    [one] { $count } record
   *[other] { $count } records
} removed; its listing shows none any more.
erased-place-away = { $place }: { $why }; run this again when it is back.
erased-device-told = Run `printkeep sync`: that device hears of it then and deletes its own copies. It records anew what is still allowed on it; to end that, withdraw the consent there.
erased-device-untold = This device only writes, so that device sends what it still holds again: erase it there, or first `printkeep device allow-delete { $device }` here.
erased-account = The keys of the account { $name } are destroyed on this device, and everything of it: vault, settings of the account, recovery kits in the home folder.
erased-store = { $store }: { $count ->
    [one] { $count } file
   *[other] { $count } files
} removed; its listing shows none any more.
erased-store-away = { $store }: not erased yet: { $why }
erased-store-left = { $store }: left as it is: { $why }
erased-kits-open = Whoever holds a recovery kit, or another device's passphrase, can still read what lies there: destroy every copy of the kit that you printed or put elsewhere.
erased-kit-page = A page of the recovery kit was written to, or used from, { $path }: destroy it too, and whatever was printed of it.
erased-go-on = Run this again when the store is back: it goes on by itself.
erased-receipt = The signed receipt is { $path }.
erased-other-devices = These devices hold vaults and keys of their own; run it there too: { $devices }.
policy-older = it is version { $offered }, and version { $held } is in force
policy-same-version = another text is in force as version { $version }; give the new one a higher number
document-kind-consent-records = consent records
document-kind-consent-receipt = a consent receipt
document-kind-deletion-receipt = a receipt of a deletion
document-kind-erasure-order = an order to erase an account
document-kind-erasure-receipt = a receipt of an erasure
document-kind-audit-log = an audit log
document-kind-problems = problems
document-kind-data-export = an export of data
receipt-of-place = { $kind }, { $place }
asked-on-command-line = command line
asked-on-page = page
asked-on-tray = tray
asked-on-nothing = nowhere
class-public = public
class-personal = personal
class-sensitive = sensitive
class-secret = secret
basis-consent = consent
basis-contract = contract
basis-legal-obligation = legal obligation
basis-none = none
masking-plain = plain
masking-pseudonym = pseudonym
masking-truncated = truncated
masking-scrubbed = scrubbed
policy-short = { $basis }, { $class }, { $masking }
policy-without = [{ $name }] ({ $basis })
policy-without-purpose = [{ $name }] ({ $basis }) { $purpose }
policy-part-id = id
policy-part-title = title
policy-part-summary = summary
policy-part-contact = contact
policy-part-without-consent = without consent
policy-line = { $text }
document-no-text = it is no text
document-no-hex = an entry is no hexadecimal
document-no-json = it is no JSON
document-no-key = it bears no key
document-no-signature = it bears no signature
document-changed = it is not what the device signed
