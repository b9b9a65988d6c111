file-missing = there is no file { $path }
file-not-utf8 = { $path } is not UTF-8
file-taken = { $path } is there already
file-taken-hint = name another file, or move that one away first
kit-missing = there is no recovery kit { $path }
kit-of-another = this kit belongs to another backup: to account { $of }, and this is account { $account }
kit-not-of-store = this kit belongs to another backup: to account { $of }, and the store { $address } holds { $there }
kit-of-another-hint = the page of a kit names its account: give the kit of the account that is there
ask-kit =
    Reading back: { $why }.
    Where is the recovery kit? Its path, or Enter to leave:
kit-used = Using the recovery kit { $path }.
enroll-code-missing = there is no code
enroll-code-missing-hint = give --code-file FILE, or run it on a terminal
passphrase-offer = A strong one, made just now: { $words }
passphrase-weak = the passphrase is too weak: { $why }
passphrase-choose =
    Choose a passphrase. It is needed to read your backup, not to make one. Enter alone sets none: then only the recovery kit reads it. q or Ctrl-C leaves, and nothing is changed.
    { $offer }
passphrase-too-weak = Too weak: { $why }.
passphrase-not-the-same = The two are not the same.
reading-key-unused = The reading key kept on this machine was not used: { $why }.
key-agent-unused = What `printkeep key unlock` started was not used: { $why }.
weak-too-long = it is longer than { $most } bytes
weak-too-short = it is too short; take three or four uncommon words
weak-common = it is one of the most common passwords, or like one
weak-one-word = one word alone is easy to guess
weak-names = names are easy to guess
weak-keys = keys that lie side by side are easy to guess
weak-repeats = the same again and again is easy to guess
weak-sequence = sequences such as abc or 6543 are easy to guess
weak-dates = dates and years are easy to guess
weak-disguised = capitals, numbers for letters or words read backwards hardly help
weak-too-little = add two or three uncommon words
