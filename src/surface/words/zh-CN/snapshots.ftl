snapshots-none = 还没有快照。用 `printkeep backup` 建立一个。
snapshots-refused = { $object }：{ $reason }
snapshots-lost = 本机保险库丢失了本设备的 { $count } 个快照（{ $numbers }）：`printkeep check --repair` 会从仍有它们的存储取回；若没有任何存储有它们，`printkeep forget 编号` 可了结此事。
snapshots-pinned = 已固定
snapshots-forgotten = 已遗忘
incomplete-sources = 不完整：缺少 { $sources }
incomplete-files = 不完整：{ $count } 个文件或文件夹无法读取
