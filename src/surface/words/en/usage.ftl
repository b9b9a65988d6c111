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
