# 各命令共用的语句。
the-vault = 本地保险库
files = { $count } 个文件
snapshots-count = { $count } 个快照
phase-rebuilding = 正在查看保险库
phase-backing-up = 正在备份
phase-restoring = 正在恢复
phase-verifying = 正在检查
phase-pruning = 正在清除
phase-repacking = 正在搬移仍需要的内容
phase-uploading = 正在上传
phase-downloading = 正在取回
phase-waiting = 正在等待另一个 printkeep
notice = { $kind }：{ $subject }：{ $reason }
notice-alike = { $kind }：{ $count } 个文件、文件夹或链接：{ $reason }
notice-more = {"  "}……另有 { $count } 个
notice-skipped-kind = 已跳过
notice-failed-kind = 失败
notice-changed-kind = 有变动
notice-beside-kind = 已保留
notice-beside = 原处的内容现名为 { $name }
notice-credentials-kind = 含凭据
notice-object-kind = 备份的一部分
notice-state-kind = 本地状态
notice-not-moved-kind = 未传送
notice-changed = 读取时发生了变动；下次备份会重新读取
notice-state = 已搁置并正在重建，已备份的内容没有任何损失：{ $why }
notice-credentials-and = { $before }，{ $one }
notice-credentials = { $lines }{ $more ->
    [0] {""}
   *[other] ，另有 { $more } 处
}
notice-credentials-left-out = { $lines }{ $more ->
    [0] {""}
   *[other] ，另有 { $more } 处
}；未备份
ask-passphrase = 本账户的口令：
ask-new-passphrase = 新口令：
ask-new-passphrase-again = 再输入一次：
ask-enroll-code = 另一台设备显示的代码：
ask-one-time-code = 您的应用显示的一次性代码：
answer-unread = 无法读取回答：{ $why }
audit-unwritten = 已完成，但未能写入日志：{ $why }
facts-unwritten = 您允许记录的内容未能记录：{ $why }
hook-failed = { $program } 未能把问题通知任何人：{ $why }；下次会再试。
no-home = 没有可用的 HOME
no-home-hint = 请给出 --home 文件夹，或设置 PRINTKEEP_HOME
man-written = 手册页在 { $path } 中。
stopping = 正在停止……再按一次 Ctrl-C 立即结束。
request-version = 此请求的版本为 { $version }；此 Printkeep 使用版本 { $known }
