# Why a place did not do what it was asked: parts of sentences, lower case, no full stop.
reason-no-consent = you have not allowed network use
reason-no-credentials = there are no credentials for it on this device
reason-only-writes = this device only writes there; with credentials that may read, `printkeep store set { $store } --read-write` lets it
reason-out-of-scope = this device only writes there and need not { $action } { $object }
reason-may-not-read = { $said }: this user may not read there
reason-may-not-write = { $said }: this user may not write there
reason-private-key = the private key does not open; is its passphrase right?
reason-not-let-in = it does not let { $user } in with this key or password
reason-wrong-login = user or password is wrong
reason-other-login = it wants another way to log in than Basic or Digest with qop=auth
reason-no-bucket = { $said }: there is no such bucket
reason-may-not-do = { $said }: these credentials may not do this
reason-not-accepted = { $said }: it does not accept the credentials
reason-lacks = { $said }: they lack the right { $right } for { $what }
reason-no-lock = { $said }: it takes no lock; was the bucket made with object lock?
reason-read-only-disk = its file system is read-only
reason-nothing-above = the folder above it is not there; make it first
reason-little-free = { $bytes } are free on its disk
reason-failed-to-write = it failed to write and does not say why; is it over quota?
reason-too-large = { $said }: the server takes no file so large
reason-no-room = { $said }: no room, or over quota
reason-silent = it does not answer
reason-fell-silent = it fell silent in the middle of an answer
reason-cut-short = the answer was cut short
reason-nobody-listens = the connection was refused: nothing listens there
reason-no-such-host = there is no host { $host }, or the network is down
reason-no-way = there is no way to it from this network
reason-broken = the connection broke off
reason-later = { $said }: it is busy or has a fault of its own
reason-locked-there = { $said }: another program holds a lock on it
reason-changed-on-the-way = { $said }: the body was changed on the way
reason-twice = another put of it is on its way
reason-not-mounted = { $path } is not there; is its disk mounted?
reason-account-gone = { $path } no longer holds this account; is its disk mounted?
reason-other-disk = { $path } is another disk than the one that was added; `printkeep store set { $store } --url { $address }` takes this one
reason-other-region = it lies in the region { $region }, which you do not allow; `printkeep store regions` shows and sets those
reason-unknown-region = you allow only some regions, and nobody said where it lies; `printkeep store set { $store } --region REGION` says it
reason-still-there = { $count ->
    [one] it still shows { $count } object that was removed
   *[other] it still shows { $count } objects that were removed
}
reason-other-key = its host key ({ $kind }) is { $shown } and not { $known }
reason-host-certificate = it shows a certificate, which is not trusted here
reason-too-old = it knows no algorithm that is still safe; its SSH server is too old
reason-unknown-issuer = its certificate was signed by nobody that is trusted here
reason-other-certificate = its certificate is not the one that is trusted
reason-other-name = its certificate is for another name
reason-ran-out = its certificate held until { $until }, and this machine's clock says { $now }
reason-not-yet = its certificate holds from { $from } on, and this machine's clock says { $now }
reason-clock-behind = this machine's clock is { $seconds } behind; set it
reason-clock-ahead = this machine's clock is { $seconds } ahead; set it
reason-clock-wrong = this machine's clock is wrong; set it
reason-no-roots = { $host } is no provider whose roots are known; say whom to trust there with --ca-file, --pin or --system-roots
reason-points-elsewhere = { $said }: it points elsewhere, and is not followed; is the path or the region right?
reason-no-webdav = { $said }; is the address that of a WebDAV folder?
reason-no-sftp = it does not speak SFTP
