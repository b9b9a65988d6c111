follow-round-failed = This round failed: { $why }.
follow-damaged = { $object }: { $why }
follow-new = new      { $path }
follow-updated = updated  { $path }
follow-beside = edited   { $path }: it was edited here and is kept; the other version is "{ $name }"
follow-kept = kept     { $path }: it was deleted on { $device }
follow-failed = failed   { $path }: { $why }
follow-brought = Brought { $count ->
    [one] { $count } change
   *[other] { $count } changes
} ({ $bytes }) of snapshot { $number } to { $to }.
follow-edited = { $count ->
    [one] { $count } file was edited here: the incoming version lies beside it.
   *[other] { $count } files were edited here: the incoming version lies beside each.
}
follow-not-brought = { $count ->
    [one] { $count } file could not be brought; the next round tries again.
   *[other] { $count } files could not be brought; the next round tries again.
}
