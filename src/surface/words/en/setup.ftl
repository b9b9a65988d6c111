settings-busy = another printkeep is changing the settings
kit-unwritable = the recovery kit cannot be written
kit-there-already = { $path } is there already
kit-there-already-hint = name another file with --recovery-kit
credentials-missing = the store needs credentials
credentials-keys-hint = give --credentials-file FILE (two lines: access key, secret key), --aws-profile NAME, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
credentials-login-hint = give --credentials-file FILE (two lines: user, password), or set PRINTKEEP_STORE_USER and PRINTKEEP_STORE_PASSWORD
credentials-ssh-hint = give --credentials-file FILE (a private key as ssh-keygen writes it, or one line: the password), or set PRINTKEEP_STORE_PASSWORD
aws-profile-not-s3 = --aws-profile is for S3
aws-profile-not-s3-hint = give --credentials-file FILE
join-needs-kit = joining a store needs the recovery kit of its account
join-needs-kit-hint = give --recovery-kit FILE
join-is-consent = Joining reaches your store over the network; this is recorded as your consent to network use.
join-not-trusted-hint = say whom to trust there: --pin with the fingerprint that its administrator tells you, --ca-file or --system-roots
join-unknown-issuer-hint = compare the key with what the server itself shows; if it is your server's, give --pin { $key }
join-unreachable-hint = is the address { $store } right, and is the network up? nothing was changed here
join-refused-hint = check the credentials, and that they may list and read there; nothing was changed here
join-through = Joined through the store { $store } ({ $address }) of the settings: it knows what other machines changed, and the vault here does not.
join-not-through = The store { $store } ({ $address }) of the settings was not looked at: { $why }. What other machines changed there is not known here; if `printkeep sync` says later that the list of devices does not name this one, `printkeep device rejoin` puts it back.
join-through-network = it is reached over the network, and was not named
enroll-is-consent = Enrolling reaches the other device over the network; this is recorded as your consent to network use.
enroll-code-form = a code has 8 letters and digits, such as 4F7K-9QXM
enroll-code-form-hint = type it as the other device shows it
made-announced = Made the account "{ $account }"; its recovery kit is { $kit }: move it to a safe place.
made =
    Made the account "{ $account }" for this device, "{ $device }".
    {"  "}Vault:        { $vault }
    {"  "}Recovery kit: { $kit }
    {"  "}Fingerprint:  { $fingerprint }
made-keep-kit =
    Print the recovery kit or copy it to a stick, keep it safe, and delete it from this machine:
    whoever has it can read your backup, and without it nobody can. `printkeep key passphrase` sets a passphrase, too.
made-keep-kit-passphrase =
    Print the recovery kit or copy it to a stick, keep it safe, and delete it from this machine:
    whoever has it can read your backup, and with neither it nor your passphrase nobody can.
setup-next = Next: `printkeep source detect --add` or `printkeep backup FOLDER`.
joined =
    Joined the account { $id } as "{ $device }"; its fingerprint is { $fingerprint }.
    {"  "}{ $count ->
        [one] { $count } snapshot
       *[other] { $count } snapshots
    } found in { $store }.
joined-next = Next: `printkeep snapshots`, then `printkeep restore latest --to FOLDER --recovery-kit KIT`.
joined-pending = The store { $why }: no other device knows of this one until `printkeep sync` can write there.
joined-damaged = { $count ->
    [one] One file in the store is damaged or missing:
   *[other] { $count } files in the store are damaged or missing:
}
joined-damaged-one = {"  "}{ $object }: { $reason }
enrolled-here =
    Enrolled as "{ $device }": this device can back up, and reads nothing back.
    Compare the fingerprint with the one that the other device shows: { $fingerprint }
enrolled-unheard = The other device went away before it heard that this one is set up; it may say so.
setup-welcome = Printkeep is set up step by step. Enter takes what is offered or skips the step; q leaves. Run `printkeep setup` again to go on.
setup-failed = That did not work: { $why }.
setup-failed-hint = {"  "}{ $hint }
setup-step-done = {"  [x]"} { $about }
setup-step-skipped = {"  [ ]"} { $about }
setup-account = the account "{ $account }" on this device, "{ $device }"
setup-ask-account =
    Is this the first machine of your backup, or does it join one?
    {"  "}1  a new backup on this machine (Enter)
    {"  "}2  join a backup that lies in a store, with its recovery kit
    {"  "}3  join from another device, which runs `printkeep device enroll`
setup-ask-join = Where does the backup lie? A folder's path, or an address: s3://…, webdav://… or sftp://…
setup-ask-enroll = Which address does the other device show? HOST:PORT
setup-sources-add = { $count ->
    [one] { $count } source is chosen
   *[other] { $count } sources are chosen
}; `printkeep source add FOLDER` adds another.
setup-no-numbers = nothing was found that has a number: give the path of a folder, or Enter for none
setup-no-such-number = there are numbers from 1 to { $count }
setup-passphrase-set = a passphrase is set
setup-kit-here = the recovery kit still lies on this machine: { $path }
setup-kit-moved = the recovery kit is now { $path }
setup-kit-taken = { $path } is there already
setup-kit-home = { $path } is on the same machine, in Printkeep's own folder
setup-kit-unlike = { $path } does not read back as it was written; the kit here was kept
setup-store-none = no store: the backup lies on this machine alone
setup-ask-store =
    Where may a sealed copy go? The path of a folder on a stick or NAS, or an address: s3://bucket/prefix?endpoint=https://host,
    webdav://host/path, sftp://user@host/path. Enter skips.
setup-ask-keys = Which file holds the keys of that store: the access key in its first line, the secret in its second? Its path, or Enter to choose another store:
setup-ask-login = Which file holds the login of that store: the user in its first line, the password in its second? Its path, or Enter to choose another store:
setup-ask-ssh-key = Which file holds the private key for that server, as ssh-keygen writes it, or in one line the password? Its path, or Enter to choose another store:
setup-consent-given = you allow network use
setup-consent-unreached = you allow network use; the store "{ $name }" cannot be used yet: `printkeep store test { $name }` tells why
setup-consent-not-needed = no network is needed
setup-consent-none = network use is not allowed: nothing is sent
setup-ask-consent =
    The store { $stores } is reached over the network. Without your yes nothing is sent; you can take it back at any time.
    { $meaning }
    Do you allow it? [y/N]
enrolled-stores = It was told of { $names }, without credentials. Give it some of its own: `printkeep store set { $first } --credentials-file FILE`.
setup-needs-credentials = The store "{ $name }" needs credentials of this device's own.
setup-stores-locked = copies go to { $name } once this device has credentials for it: `printkeep store set { $name } --credentials-file FILE`
setup-nothing-yet = Nothing was set up. Run `printkeep setup` again when you like.
setup-go-on = What is open goes on with `printkeep setup`.
setup-begins = The first backup begins.
setup-nothing-chosen = Nothing is chosen yet that `printkeep backup` would take: run `printkeep setup` again, or `printkeep source add FOLDER`.
setup-has-backup = This device has a backup already: `printkeep status` tells how old it is and where it lies.
setup-ready = Next: `printkeep backup`.
setup-ready-to-send = Next: `printkeep backup`, then `printkeep sync`.
setup-ask-backup = Make the first backup now? [Y/n]
setup-ask-backup-and-sync = Make the first backup now, and send it to { $stores }? [Y/n]
setup-stopped-hint = what was set up so far is kept; `printkeep setup` goes on from there
setup-yes-or-no = Type y for yes, n for no, or q to leave.
setup-one-of-three = Type 1, 2 or 3, or q to leave.
setup-nothing-joined = Nothing was joined; back to the first question.
setup-no-folder = there is no folder { $path }
setup-no-folder-hint = give the path of a folder that is there; plug the stick in and mount it, or make the folder first
setup-no-backup-there = no backup of Printkeep lies in { $path }
setup-sources = { $count ->
    [0] nothing is chosen to be backed up
    [one] { $count } source is chosen
   *[other] { $count } sources are chosen
}
setup-ask-sources = What is to be backed up? Enter takes all of it; or numbers, such as 1 3; or the path of a folder, also behind numbers; s skips.
setup-ask-found-too = Is what was found ({ $count }) to be backed up, too? [Y/n]
setup-ask-folder = Which folder is to be backed up? Its path, or Enter to skip.
setup-ask-more-sources = { $count ->
    [one] { $count } source is chosen
   *[other] { $count } sources are chosen
}; the above is not. What is to be added? Numbers, such as 1 3; or the path of a folder; Enter adds nothing.
setup-ask-passphrase = Set a passphrase for reading the backup back on this machine? Without one only the recovery kit opens it. [Y/n]
setup-ask-passphrase-kit =
    This device has no passphrase: backing up needs none, reading back here needs the recovery kit.
    To set one, where is the recovery kit? The path of the file, or Enter to skip.
setup-passphrase-none = no passphrase: only the recovery kit opens the backup here
setup-ask-kit = Where is its recovery kit? The path of the file, or Enter to go back:
setup-kit-gone = no recovery kit lies in Printkeep's folder
setup-kit-moved-here = the recovery kit is now { $path }, on this machine's own disk: copy it elsewhere, too
setup-ask-kit-to =
    Your recovery kit is { $path }.
    Whoever has it can read the backup; it is what you need when this machine is gone.
    To which folder is it to be moved, such as that of a mounted stick? Its path, or Enter to print or copy it yourself later.
setup-ask-store-this-disk =
    { $path } is on this machine's own disk: when that is gone, this copy is gone with the first. If it is meant to be a stick or a share, that is not mounted.
    Take it all the same? [y/N]
setup-ask-kit-this-disk =
    { $path } is still this machine's own disk: when that is gone, the kit is gone with it.
    Move it there all the same? [y/N]
setup-stores = the stores are { $names }
setup-stores-away = the store "{ $name }" cannot be used now: { $why }
setup-stores-new = copies will go to { $names }; nothing was sent yet
setup-unwritable-hint = Printkeep keeps what it needs in { $path }: make it a folder that this user may write to, or name another one with --home
