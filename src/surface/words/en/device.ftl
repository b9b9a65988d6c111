device-adds-only = adds only
device-may-delete = may delete
device-revoked-word = revoked
device-last = snapshot { $number } of { $time }
device-last-none = no snapshot
device-this = (this one)
device-renamed = "{ $before }" is called "{ $name }" from now on.
device-rejoined = This device, "{ $name }", is in the account's list of devices again, and what it backed up is believed.
device-allowed = "{ $name }" may delete what is no longer needed; your other devices build on what it stored, and do not store that again.
device-forbidden = "{ $name }" only adds snapshots from now on.
device-set-aside = Not done: { $why }.
device-sync = Run `printkeep sync` here, and on the other devices, so that they know.
device-revoke-here = "{ $name }" is the device you sit at: nothing it backs up afterwards would be believed
device-revoke-here-hint = revoke it from another device, or add --yes if you mean it
device-revoke-nobody = nobody is there to confirm it
device-revoke-nobody-hint = add --yes to revoke it without being asked
device-revoke-ask = { $believed }{ $fetched }{ $unseen }{ $many }{ $unreached } Type the device's name, { $name }, to revoke it.
device-revoke-believed = { $count ->
    [0] No snapshot of it is known here, and none will be believed.
    [one] The one snapshot of it that is known here, number { $number }, stays believed; none that came later will be.
   *[other] The { $count } snapshots of it that are known here, up to number { $number }, stay believed; none that came later will be.
}
device-revoke-fetched = {" "}{ $count ->
    [one] One of them, number { $first }, came from a store just now: if the device was in wrong hands by then, stop here and say `--last { $before }`.
   *[other] { $count } of them, from number { $first } on, came from the stores just now: if the device was in wrong hands by then, stop here and say `--last { $before }`.
}
device-revoke-unseen = {" "}{ $count ->
    [one] { $count } more, number { $first }, was not seen here and is lost by this: first run `printkeep sync` with the store that has it, if you need it.
   *[other] { $count } more, the first number { $first }, were not seen here and are lost by this: first run `printkeep sync` with the store that has them, if you need them.
}
device-revoke-many = {" "}{ $count ->
    [one] { $count } older one is more than the list of devices can name and is lost by this: first restore what you need of it.
   *[other] { $count } older ones are more than the list of devices can name and are lost by this: first restore what you need of them.
}
device-revoke-unreached = {" "}Not asked: { $stores }; what lies only there is lost by this.
device-revoke-unlike = the name that was typed is not the device's; nothing was changed
device-revoked = "{ $name }" is revoked: { $believed }.
device-revoked-believed = its snapshots up to number { $number } of { $time } are kept and believed, later ones are not
device-revoked-nothing = none of its snapshots is known here, and none is believed
device-revoked-fetched = { $count ->
    [one] One of them, number { $first }, was not known here before and came from a store just now.
   *[other] { $count } of them, from number { $first } on, were not known here before and came from the stores just now.
}
device-revoked-unseen = { $count ->
    [one] { $count } more of its snapshots, number { $first }, was not seen here, and is not believed.
   *[other] { $count } more of its snapshots, the first number { $first }, were not seen here, and are not believed.
}
device-revoked-many = { $count ->
    [one] { $count } older snapshot of it is more than the list of devices can name, and is not believed.
   *[other] { $count } older snapshots of it are more than the list of devices can name, and are not believed.
}
device-revoked-unreached = Not asked: { $stores }; what lies only there of its snapshots is not believed.
device-revoked-keys = The account's keys were changed too, because that device holds some of the old ones.
device-revoked-no-keys = The account's keys could not be changed: { $why }. Do it with `printkeep key rotate`.
device-remains = What remains for you:
device-remains-sync = {"  "}- run `printkeep sync` here, and on the other devices, so that they know
device-remains-credentials = {"  "}- at your storage provider, change the credentials that the device had; until then it can add and remove there
device-enroll-listen = { $address } is no address to wait at; give an IP address and a port, such as 192.168.1.20:40123
device-enroll-waiting =
    On the new device, type:
    {"  "}printkeep setup --enroll { $address }
    and there, when it asks, the code:  { $code }
    Waiting for it, ten minutes at most. The code is good for one try.
device-enrolled = "{ $name }" is enrolled: it can back up, and reads nothing back.
device-enrolled-compare = Compare the fingerprint that it shows with this account's: { $fingerprint }
device-enrolled-kept = It was not told of { $names }: folders of this machine are not reached from there.
device-enrolled-sync = Run `printkeep sync` here, so that your other devices and stores know it.
