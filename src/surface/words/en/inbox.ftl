send-revoked = the device "{ $device }" was revoked; nothing is sent to it
send-sealed = Sealed { $file } for "{ $device }" alone; its id is { $id }.
send-waits = It waits in the vault; `printkeep sync` sends it.
send-cancelled = Took back { $name }; what went to a store is removed there by the next `printkeep sync`.
inbox-folder-hint = name a folder, or a new one in a folder that is there
inbox-folder = Files of up to { $size } that you send to this device come to { $path }.
inbox-made = The folder was made.
inbox-only-you = Only you, with your passphrase or kit, can send them; no file there is ever replaced.
inbox-none = This device takes no files. `printkeep device inbox allow FOLDER` lets them in.
inbox-denied = This device takes no files; they stay in the store.
inbox-old = Files that wait for more than 30 days are marked; on the device that sent one, `printkeep device send --cancel ID` takes it back.
inbox-age = { $count ->
    [one] , { $count } day old
   *[other] , { $count } days old
}
inbox-waits = waits   { $id }  { $size }  { $name } from { $from }{ $age }: { $why }
inbox-sent = { $state } { $id }  { $size }  { $name } to { $device }{ $age }
sent-unfinished = not whole
sent-there = sent
sent-waits = waits for `sync`
sent-taken = taken
sent-cancelled = taken back
inbox-nothing = Nothing was sent to this device.
inbox-no-store = there is no store to look in
inbox-no-store-hint = add one: `printkeep store add URL`
