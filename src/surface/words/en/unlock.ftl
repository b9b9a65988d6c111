file-missing = there is no file { $path }
file-not-utf8 = { $path } is not UTF-8
file-taken = { $path } is there already
file-taken-hint = name another file, or move that one away first
kit-missing = there is no recovery kit { $path }
kit-used = Using the recovery kit { $path }.
enroll-code-missing = there is no code
enroll-code-missing-hint = give --code-file FILE, or run it on a terminal
passphrase-offer = A strong one, made just now: { $words }
passphrase-weak = the passphrase is too weak: { $why }
passphrase-choose =
    Choose a passphrase. It is needed to read your backup, not to make one.
    { $offer }
passphrase-too-weak = Too weak: { $why }.
passphrase-not-the-same = The two are not the same.
reading-key-unused = The reading key kept on this machine was not used: { $why }.
key-agent-unused = What `printkeep key unlock` started was not used: { $why }.
