snapshots-none = 还没有快照。用 `printkeep backup` 建立一个。
snapshots-refused = { $object }：{ $reason }
snapshots-pinned = 已固定
snapshots-forgotten = 已遗忘
