# 取回文件。
restore-to-root = --to / 会把所有内容按来源名称放到磁盘根目录下
restore-to-root-hint = --in-place 会放回原处；--to 文件夹 会放到该文件夹下
restore-permission-hint = 请用 --to 指定本用户可写入的文件夹，或以该文件夹所有者的身份运行
restore-owners-root = 只有 root 才能把文件交给其他用户
restore-owners-root-hint = 请以 root 身份运行，或不加 --owners：文件将归目标文件夹的所有者所有
restore-owners-revoked = “{ $device }”已不是本账户的设备：不采用它所说的文件所有者
restore-owners-revoked-hint = 请不加 --owners：文件将归目标文件夹的所有者所有
restore-in-place-ask =
    将把“{ $device }”的快照 { $snapshot }（{ $time }）中的 { $files }（{ $size }）放回原处：
    { $places }
    { $overwrite }
    继续吗？[y/N]
restore-ask-keeps = 原处已有且内容不同的文件会保留在旁边，名为“名称.before-restore”。
restore-ask-replaces = 原处已有且内容不同的文件会被替换，不再保留。
restore-not-agreed = 未恢复任何内容
restored-below = 已从{ $which }恢复 { $files }（{ $size }）到 { $to }，用时 { $time }。
restored-in-place = 已将{ $which }中的 { $files }（{ $size }）放回原处，用时 { $time }。
restored-already = { $count } 个文件原已存在，逐字节相同。
restored-beside = { $count } 个原有且不同的文件已保留在旁边；新名称见上文。
restored-failed-in-place = 它们都应位于此处列出的位置之下。那里若有同名的文件夹等阻碍：请将其改名。本用户不可写入之处：请以该文件夹所有者的身份运行。然后再次运行同一命令。
restored-failed = { $count } 个文件、文件夹或链接未能恢复；名称见上文。
restored-newer = { $device } 有更新的快照（{ $time }）：用 `{ $device }:latest` 指明。
restored-earlier = 备份的 { $count } 个部分取自较早的版本：存储现在显示的是别的内容，或已没有。请运行 `printkeep check --repair`，并确认谁能写入那里。
