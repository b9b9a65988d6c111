# Looking into snapshots: ls, find, diff, cat.
which = snapshot { $snapshot } of { $device }, made { $time }
in-snapshot = Snapshot { $snapshot }
entry-folder = folder
entry-link = link
file-kind-other = other
file-kind-image = image
file-kind-video = video
file-kind-sound = sound
file-kind-text = text
file-kind-settings = settings
file-kind-archive = archive
file-kind-print-file = print file
file-kind-packed-print-file = packed print file
file-kind-binary-g-code = binary G-code
said-printer = for { $printer }
said-layers = { $count ->
    [one] { $count } layer
   *[other] { $count } layers
}
said-triangles = { $count ->
    [one] { $count } triangle
   *[other] { $count } triangles
}
ls-empty = There is nothing in { $which }.
find-no-pattern = "{ $pattern }" is no pattern: { $why }
find-nothing = No file is named like "{ $pattern }".
diff-nothing = Nothing changed between { $before }, and { $after }.
diff-marks = + is new, - is gone, M is changed, ~ has only another time, mode or owner.
cat-no-file = "{ $path }" is no single file
cat-no-file-hint = `printkeep restore` brings folders and links back
cat-json = the file itself goes to standard output, and no document beside it
cat-json-hint = leave --json out; `printkeep ls --json` tells about files
output-unwritable = standard output cannot be written: { $why }
output-unwritable-hint = what was written is incomplete; nothing of the backup is touched
find-open-class = a [ in it has no ]
find-no-range = a range in it ends before it begins
find-open-alternates = a {"{"} in it has no {"}"}, or a {"}"} no {"{"}
find-not-understood = it is not understood
