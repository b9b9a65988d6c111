# 备份的某一部分有什么问题
refused-no-object = 不是 Printkeep 的文件
refused-version = 由更新版本的 Printkeep 写成
refused-malformed = 不符合格式：{ $what }
refused-other-account = 属于另一个账户
refused-other-name = 应当在另一个名字下
refused-no-key = 用本机没有的密钥加密
refused-changed = 已损坏或被改动
refused-unsigned = 它的签名不是该设备的
refused-revoked = 由该设备在被撤销之后写成
refused-may-not-delete = 由一台不可删除的设备写成
object-missing = 缺失
object-size = 有 { $has } 字节，应有 { $wanted } 字节
object-other-chunks = 它的内容与备份所说的不符
object-claims = 它提到 { $count } 个并不存在的备份文件
object-unchained = 它与前一个快照不相接
object-not-ours = 它不是本设备做的快照
object-no-copy = { $why }；没有任何存储有完好的副本
object-gone = 它已损坏或缺失，没有任何存储有它
object-other-than-forgotten = 它与被遗忘的那一个不同；已保留
object-written-by = { $why }；由 { $device } 写成
# 某个文件为何没有读取或没有恢复
file-pieces = 备份已损坏：此文件的各部分合不起来
file-other-than-source = 它与来源不同，而来源的大小和时间都一样
file-too-many = 超过 { $count } 个文件的来源无法跟随
file-link = 那边是一个链接，而这里此处是别的东西；已保留
file-many-beside = 旁边已有 { $count } 个其他版本；请移走一些
# 备份的某一部分为何无法传送
the-place = 该处
sync-set-aside = 它打不开，此前已在本机另放；有人把它放进此存储，或在那里弄坏了它
sync-roster-lost = 另一台机器同时改动了设备；以它的改动为准，本机的改动已另放：请用 `printkeep device` 重做
sync-roster-won = 另一台机器同时改动了设备；现在以本机较晚的改动为准
sync-keys-apart = 两台机器各自更换了密钥，或存储里的副本已损坏；为免有内容无法读取，什么都没有传送：请在此后备份较少的那台上用 `printkeep setup --join` 重新设置
sync-no-whole-copy = 它在那里已损坏，本机没有完好的副本；有副本的设备会再次发送：在那台上对此存储运行 `printkeep check`，然后 `printkeep sync`
sync-either-copy = 它在那里被发现已损坏，与本机的不同，无从判断哪一个正确；`printkeep check` 会说明这里有什么问题
sync-irreplaceable-until = 它在那里已损坏，存储的锁定会保留它到 { $until }；此后第一次 `printkeep sync` 会再次发送，在此之前从另一个副本读取
sync-irreplaceable = 它在那里已损坏，存储不让本设备替换它（{ $why }）；请自行在那里删除，下一次 `printkeep sync` 会再次发送
sync-going = 一台可以删除的设备正在把它从存储中移除，而已发送的一个快照需要它；请稍后再同步
