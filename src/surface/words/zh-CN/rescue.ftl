rescue-look-network = 查看时会通过网络连接您的存储；指定它即表示您同意，仅限此次查看。
rescue-other-account = 本机上是另一个账户，而不是该套件的账户
rescue-other-account-hint = 请用 --account 指定新名称，或用 --home 指定另一个文件夹
rescue-other-store = 本机已在该账户中，而此存储不是它的存储之一
rescue-other-store-hint = 请先添加：`printkeep store add URL`
rescue-damaged = { $object }：{ $why }
rescue-no-snapshot = 此账户还没有任何设备有快照
rescue-no-device = 设备“{ $name }”没有快照
rescue-own-device = 本机就是“{ $device }”，已在账户中：没有需要抢救的内容
rescue-own-device-hint = `printkeep restore latest --in-place` 会把它的文件放回原处；`printkeep snapshots` 列出它的快照
rescue-backs-up-itself = 本机“{ $device }”有自己的快照
rescue-backs-up-itself-hint = `printkeep restore latest --in-place` 会把它自己的文件放回原处；要把另一台设备的文件放到这里，请用 --device 指明：{ $devices }，各附快照数
rescue-devices-hint = 有 { $devices }，括号内为其快照数
rescue-several = 有多台设备可以救回
rescue-several-hint = 请用 --device 指明其中之一：{ $devices }，括号内为其快照数
rescue-which =
    有多台设备可以救回，括号内为其快照数：
    { $devices }
    哪一台？请输入编号：
rescue-none-of-them = 没有这个编号；未作任何操作
rescue-ask = 放回原处吗？[y/N]
rescue-part-failed = { $path }：{ $why }
rescue-looked = 仅查看：本机未加入账户。
rescue-looks = 目前只是查看：回答“是”后，本机才会作为新设备“{ $device }”加入账户，并放回文件。
rescue-below = 仅供试用：一切都放在 { $root } 之下，本机不会加入账户。
rescue-joined = 已作为新设备“{ $device }”加入账户。
rescue-before = 本机已作为“{ $device }”在账户中；继续进行。
rescue-snapshot = “{ $device }”的快照 { $number }，建立于 { $time }：
rescue-part = {"  "}{ $path }：{ $files }，{ $bytes }；{ $there }
rescue-part-cannot = {"  "}{ $path }：无法放回：{ $why }
rescue-part-no-reason = 原因不明
rescue-there-nothing = 那里什么也没有
rescue-there-none = 其中的内容都不在那里
rescue-there-same = 已有 { $same } 个在那里
rescue-there-differ = 已有 { $same } 个在那里，{ $differ } 个在那里但不同
rescue-not-put-back = {"    "}有 { $count } 个不会放回，因为原处现有的内容会保留；用 --overwrite 则一并放回：
rescue-replaced = {"    "}有 { $count } 个会放回；原处现有的内容保留在旁边，名为“名称.before-restore”：
rescue-stands-newer = { $path }（那里的内容更新）
rescue-stands-other = { $path }（那里是别的内容）
rescue-stands-folder = { $path }（那里是一个文件夹，不会被替换）
rescue-kept = 有 { $count } 个文件或链接未放回，因为原处有别的内容；那些内容已保留：
rescue-room = {"  "}需写入 { $needed }，剩余 { $free }
rescue-room-lacks = {"  "}放不下。
rescue-no-room = 空间不足；未写入任何内容。请腾出空间后再运行。
rescue-unasked = 未写入任何内容。请用 --yes 再次运行以继续，或用 --root 文件夹 在别处试行。
rescue-declined = 未写入任何内容。
rescue-put-back = 已放回 { $files }（{ $bytes }）。
rescue-already = { $count } 个文件早已在那里，逐字节相同。
rescue-failed = { $count } 个文件或来源未能放回；见上文。
rescue-new-device =
    本机是新设备“{ $device }”：其备份与“{ $old }”的备份并存，既不能覆盖也不能使其过期。
    它的来源就是旧设备的全部来源；请用 `printkeep source add` 重新设置种类和规则。
rescue-next = 下一步：`printkeep backup`，然后 `printkeep sync`。
rescue-next-again = 下一步：`{ $again }` 会放回上面列出的 { $count } 个文件和链接，并把原处的内容保留在旁边，名为“名称.before-restore”；然后 `printkeep backup`，再 `printkeep sync`。
rescue-tried = 这只是试行：本机和账户中的其他内容均未更改。不带 --root 时会放回原处。
