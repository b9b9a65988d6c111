usage-unknown-command = there is no command "{ $name }"
usage-unknown-argument = there is no option or argument "{ $name }" here
usage-missing-argument = this is missing: { $name }
usage-missing-command =
    what is to be done? There are these:
    { $names }
usage-conflict = { $name } cannot be given together with { $other }
usage-value = "{ $value }" does not fit { $name }: { $why }
usage-no-value = { $name } needs a value
usage-empty = an argument is empty
usage-not-utf8 = "{ $value }" is not UTF-8, which is needed there
usage-meant = did you mean `{ $meant }`?
usage-these =
    there are these:
    { $names }
usage-help = `printkeep --help` lists the commands, `printkeep COMMAND --help` tells of one
usage-unclear = the command line makes no sense: { $why }
value-number = a whole number
value-number-range = a whole number from { $least } to { $most }
value-account = a name has 1 to 64 letters, digits, - and _
value-time = say a number and s, m or h, such as 5m
value-time-range = between 1s and 168h
value-size = say a number of bytes, or with kB, MB or GB, such as 500MB
value-size-range = that is no size of a file
value-time-limit = write a time from 1s to 7d: 90s, 15m, 8h, 2d
value-share = a share is 0% to 95%
value-span = write a number and h, d, w or y, such as 30d; at most a hundred years
