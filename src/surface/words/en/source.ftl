source-unusable = cannot back up { $path }: { $why }
source-unknown = { $path } is no source
source-unknown-hint = `printkeep source list` lists them
source-own-folder = { $path } is Printkeep's own folder, or lies in one: backed up, it would grow with every backup
source-own-folder-hint = name the folders that hold your own files
source-none = there are no sources
source-none-hint = name a folder, or choose sources: `printkeep source detect --add`
source-list-none = There are no sources. Add one: `printkeep source add FOLDER` or `printkeep source detect`.
source-line = { $path }: { $kinds }
source-line-exclude = , but not { $patterns }
source-line-include = , and always { $patterns }
source-line-no-passwords = , but no settings that hold passwords or keys
source-line-days = { $count ->
    [one] , but no file that did not change for { $count } day
   *[other] , but no file that did not change for { $count } days
}
source-everything = everything
kind-images = images
kind-video = video
kind-prints = prints
kind-settings = settings
source-added = Added { $source }.
source-added-before = It was set already, and is replaced: { $source }.
source-added-overlaps = The source { $path } overlaps with it: what both hold is stored once and shown twice.
source-added-next = Back it up with `printkeep backup`.
source-removed = { $path } is no longer backed up; snapshots keep what they have.
source-size = { $files ->
    [one] { $files } file
   *[other] { $files } files
}, { $bytes }
source-size-at-least = at least { $size }
source-is-one = is a source
source-may-hold-passwords = may hold passwords; they are sealed like everything else
source-own-backups = backups that its own program makes
source-print-history = what was printed
source-detected-none = No folder of Klipper, Moonraker, OctoPrint or Creality OS was found. Name one: `printkeep source add FOLDER`.
source-detected-none-here = No folder of Klipper, Moonraker, OctoPrint or Creality OS was found.
source-detected-added = { $added ->
    [0] Nothing new was added
    [one] Added { $added } source
   *[other] Added { $added } sources
}; `printkeep backup` takes { $count ->
    [one] { $count } source
   *[other] { $count } sources
} now.
source-detected-all = All of it is backed up already; `printkeep source list` tells how.
source-detected-next = Add them with `printkeep source detect --add`, or one with `printkeep source add`.
source-secret = line { $line } holds { $what }
source-secrets-more = { $count ->
    [one] , and { $count } more
   *[other] , and { $count } more
}
holds-wifi-key = a Wi-Fi key
holds-password = a password
holds-token = a token or API key
holds-address = an address with credentials in it
holds-private-key = a private key
source-secrets-no-settings = There are no settings files in the sources.
source-secrets-none = No passwords or keys were seen in { $count ->
    [one] { $count } settings file
   *[other] { $count } settings files
}.
source-secrets-leave-out = They are sealed like all of it. To leave these files out: `printkeep source add FOLDER --no-credentials`.
kind-other = other
whose-moonraker = Klipper/Moonraker
whose-timelapse = time-lapse
whose-octoprint = OctoPrint
whose-creality = Creality OS
