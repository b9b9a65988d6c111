# Bringing files back.
restore-to-root = --to / would put everything under the names of its sources at the top of the disk
restore-to-root-hint = --in-place puts files back where they were; --to FOLDER puts them below a folder
restore-permission-hint = name a folder with --to that this user may write to, or run it as the user who owns that one
restore-owners-root = only root gives files to other users
restore-owners-root-hint = run it as root, or leave --owners out: files then belong to whoever owns the folder they go to
restore-owners-revoked = "{ $device }" is no device of this account any more: what it says of owners is not taken
restore-owners-revoked-hint = leave --owners out: files then belong to whoever owns the folder they go to
restore-in-place-ask =
    { $files } ({ $size }) of snapshot { $snapshot } of { $device }, made { $time }, would be put back in place:
    { $places }
    { $overwrite }
    Go on? [y/N]
restore-ask-keeps = A file that is there and differs is kept beside it, as NAME.before-restore.
restore-ask-replaces = A file that is there and differs is replaced and gone.
restore-not-agreed = nothing was restored
restored-below = Restored { $files } ({ $size }) of { $which }, below { $to } in { $time }.
restored-in-place = Put back in place: { $files } ({ $size }) of { $which }, in { $time }.
restored-already = { $count ->
    [one] { $count } file was there already, byte for byte.
   *[other] { $count } files were there already, byte for byte.
}
restored-beside = { $count ->
    [one] { $count } file that was there and differed is kept beside it; its new name is told above.
   *[other] { $count } files that were there and differed are kept beside them; their new names are told above.
}
restored-failed-in-place = Each of them belongs below a place that is named here. What stands in its way there, as a folder of the same name: rename it. Where this user may not write: run it as the user who owns that folder. Then run the same again.
restored-failed = { $count ->
    [one] { $count } file, folder or link could not be restored; it is named above.
   *[other] { $count } files, folders or links could not be restored; they are named above.
}
restored-newer = { $device } has a newer snapshot, made { $time }: `{ $device }:latest` names it.
restored-earlier = { $count ->
    [one] { $count } part of the backup came from an earlier version: a store shows another now, or none.
   *[other] { $count } parts of the backup came from earlier versions: a store shows others now, or none.
} Run `printkeep check --repair`, and ask who can write there.
