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
