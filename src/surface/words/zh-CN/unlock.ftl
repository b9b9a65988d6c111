file-missing = 没有文件 { $path }
file-not-utf8 = { $path } 不是 UTF-8
file-taken = { $path } 已存在
file-taken-hint = 请另选文件，或先把它移走
kit-missing = 没有恢复套件 { $path }
kit-of-another = 此套件属于另一份备份：账户 { $of }，而这里是账户 { $account }
kit-not-of-store = 此套件属于另一份备份：账户 { $of }，而存储 { $address } 中的是 { $there }
kit-of-another-hint = 套件的页面上写有其账户：请给出那里的账户的套件
ask-kit =
    取回内容：{ $why }。
    恢复套件在哪里？请输入其路径，或按回车离开：
kit-used = 正在使用恢复套件 { $path }。
enroll-code-missing = 没有代码
enroll-code-missing-hint = 请给出 --code-file FILE，或在终端中运行
passphrase-offer = 刚生成的一个强口令：{ $words }
passphrase-weak = 口令太弱：{ $why }
passphrase-choose =
    请选择一个口令。读取备份时需要它，进行备份时不需要。直接按 Enter 则不设口令：此后只有恢复套件能读取备份。输入 q 或按 Ctrl-C 离开，不作任何更改。
    { $offer }
passphrase-too-weak = 太弱：{ $why }。
passphrase-not-the-same = 两次输入不一致。
reading-key-unused = 未使用本机保存的读取密钥：{ $why }。
key-agent-unused = 未使用 `printkeep key unlock` 启动的进程：{ $why }。
weak-too-long = 超过 { $most } 字节
weak-too-short = 太短；请用三四个不常见的词
weak-common = 它是最常见的密码之一，或与之相似
weak-one-word = 单独一个词很容易被猜到
weak-names = 人名很容易被猜到
weak-keys = 键盘上相邻的按键很容易被猜到
weak-repeats = 重复的内容很容易被猜到
weak-sequence = abc 或 6543 这样的序列很容易被猜到
weak-dates = 日期和年份很容易被猜到
weak-disguised = 大写字母、以数字代替字母或倒写单词几乎没有帮助
weak-too-little = 请再加两三个不常见的词
