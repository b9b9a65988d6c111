rescue-look-network = Looking reaches your store over the network; naming it is your consent, for this look alone.
rescue-other-account = another account than the kit's is on this machine
rescue-other-account-hint = name a new one with --account, or another folder with --home
rescue-other-store = this machine is in the account already, and this store is not one of its stores
rescue-other-store-hint = add it first: `printkeep store add URL`
rescue-damaged = { $object }: { $why }
rescue-no-snapshot = no device of this account has a snapshot yet
rescue-no-device = no device "{ $name }" has a snapshot
rescue-own-device = this machine is "{ $device }" itself, and is in the account: there is nothing to rescue
rescue-own-device-hint = `printkeep restore latest --in-place` puts its files back to where they were; `printkeep snapshots` lists its snapshots
rescue-backs-up-itself = this machine, "{ $device }", has snapshots of its own
rescue-backs-up-itself-hint = `printkeep restore latest --in-place` puts its own files back; to put those of another device here, name it with --device: { $devices }, each with its number of snapshots
rescue-devices-hint = there are { $devices }, each with its number of snapshots
rescue-several = several devices can be rescued
rescue-several-hint = name one with --device: { $devices }, each with its number of snapshots
rescue-which =
    Several devices can be rescued, each with its number of snapshots:
    { $devices }
    Which one? Its number:
rescue-none-of-them = that is none of them; nothing was done
rescue-ask = Put it back? [y/N]
rescue-part-failed = { $path }: { $why }
rescue-looked = Only looked: this machine was not added to the account.
rescue-looks = Only looked so far: at a yes this machine joins the account, as the new device "{ $device }", and the files are put back.
rescue-below = For trying: everything goes below { $root }, and this machine is not added to the account.
rescue-joined = Joined the account as a new device, "{ $device }".
rescue-before = This machine is in the account already, as "{ $device }"; going on.
rescue-snapshot = Snapshot { $number } of "{ $device }", made { $time }:
rescue-part = {"  "}{ $path }: { $files }, { $bytes }; { $there }
rescue-part-cannot = {"  "}{ $path }: cannot be put back: { $why }
rescue-part-no-reason = no reason is known
rescue-there-nothing = nothing is there
rescue-there-none = none of it is there
rescue-there-same = { $same ->
    [one] { $same } is there already
   *[other] { $same } are there already
}
rescue-there-differ = { $same ->
    [one] { $same } is there already
   *[other] { $same } are there already
}, { $differ ->
    [one] { $differ } is there and differs
   *[other] { $differ } are there and differ
}
rescue-not-put-back = {"    "}{ $count ->
    [one] { $count } is NOT put back, because what stands in its place is kept; --overwrite puts it back, too:
   *[other] { $count } are NOT put back, because what stands in their place is kept; --overwrite puts them back, too:
}
rescue-replaced = {"    "}{ $count ->
    [one] { $count } is put back over what stands in its place, which is kept beside it, as NAME.before-restore:
   *[other] { $count } are put back over what stands in their place, which is kept beside, as NAME.before-restore:
}
rescue-stands-newer = { $path } (what is there is newer)
rescue-stands-other = { $path } (what is there is another)
rescue-stands-folder = { $path } (a folder is there, which nothing replaces)
rescue-kept = { $count ->
    [one] { $count } file or link was NOT put back, because something else stands in its place; that was kept:
   *[other] { $count } files and links were NOT put back, because something else stands in their place; that was kept:
}
rescue-room = {"  "}{ $needed } to write, { $free } free
rescue-room-lacks = {"  "}That does not fit.
rescue-no-room = There is not enough room; nothing was written. Make room and run this again.
rescue-unasked = Nothing was written. Run this again with --yes to go on, or with --root FOLDER to try it elsewhere.
rescue-declined = Nothing was written.
rescue-put-back = Put back { $files } ({ $bytes }).
rescue-already = { $count ->
    [one] { $count } file was there already, byte for byte.
   *[other] { $count } files were there already, byte for byte.
}
rescue-failed = { $count ->
    [one] { $count } file or source could not be put back; it is named above.
   *[other] { $count } files or sources could not be put back; they are named above.
}
rescue-new-device =
    This machine is a new device, "{ $device }": its backups lie beside those of "{ $old }" and can neither overwrite nor expire them.
    Its sources are those of the old device, whole; set kinds and patterns again with `printkeep source add`.
rescue-next = Next: `printkeep backup`, then `printkeep sync`.
rescue-next-again = Next: `{ $again }` puts back the { $count ->
    [one] one file or link
   *[other] { $count } files and links
} named above, and keeps what stands there beside it, as NAME.before-restore; then `printkeep backup`, then `printkeep sync`.
rescue-tried = That was for trying: nothing else was changed, here or in the account. Without --root it goes to where it was.
