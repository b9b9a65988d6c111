usage-unknown-command = 没有命令“{ $name }”
usage-unknown-argument = 这里没有选项或参数“{ $name }”
usage-missing-argument = 缺少：{ $name }
usage-missing-command =
    要做什么？有以下命令：
    { $names }
usage-conflict = { $name } 不能与 { $other } 同时给出
usage-value = “{ $value }”不适合 { $name }：{ $why }
usage-no-value = { $name } 需要一个值
usage-empty = 有一个参数是空的
usage-not-utf8 = “{ $value }”不是 UTF-8，而此处需要 UTF-8
usage-meant = 您是否想用 `{ $meant }`？
usage-these =
    有以下命令：
    { $names }
usage-help = `printkeep --help` 列出所有命令，`printkeep 命令 --help` 说明其中一个
usage-unclear = 命令行无法理解：{ $why }
value-number = 应为整数
value-number-range = 应为 { $least } 到 { $most } 的整数
value-account = 名称为 1 到 64 个字母、数字、- 和 _
value-time = 请写数字加 s、m 或 h，例如 5m
value-time-range = 应在 1s 和 168h 之间
value-size = 请写字节数，或加 kB、MB、GB，例如 500MB
value-size-range = 这不是文件的大小
value-time-limit = 请写 1s 到 7d 之间的时间：90s、15m、8h、2d
value-share = 比例为 0% 到 95%
value-span = 请写数字加 h、d、w 或 y，如 30d；最多一百年
