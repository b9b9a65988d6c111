settings-busy = another printkeep is changing the settings
kit-unwritable = the recovery kit cannot be written
kit-there-already = { $path } is there already
kit-there-already-hint = name another file with --recovery-kit
key-file-lost = the key file { $path } is gone, and snapshots of its account lie in { $vault }
key-file-lost-hint = put a copy of that file back; or move { $folder } away and join anew: `printkeep setup --join file://{ $vault } --recovery-kit FILE`
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
join-unreachable-hint = is the address { $store } right, and is the network up? nothing was changed here
join-refused-hint = check the credentials, and that they may list and read there; nothing was changed here
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
    Next: `printkeep snapshots`, then `printkeep restore latest --to FOLDER --recovery-kit KIT`.
joined-damaged = { $count ->
    [one] One file in the store is damaged or missing:
   *[other] { $count } files in the store are damaged or missing:
}
joined-damaged-one = {"  "}{ $object }: { $reason }
enrolled-here =
    Enrolled as "{ $device }": this device can back up, and reads nothing back.
    Compare the fingerprint with the one that the other device shows: { $fingerprint }
enrolled-unheard = The other device went away before it heard that this one is set up; it may say so.
