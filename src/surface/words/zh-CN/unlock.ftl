file-missing = 没有文件 { $path }
file-not-utf8 = { $path } 不是 UTF-8
file-taken = { $path } 已存在
file-taken-hint = 请另选文件，或先把它移走
kit-missing = 没有恢复套件 { $path }
kit-used = 正在使用恢复套件 { $path }。
enroll-code-missing = 没有代码
enroll-code-missing-hint = 请给出 --code-file FILE，或在终端中运行
passphrase-offer = 刚生成的一个强口令：{ $words }
passphrase-weak = 口令太弱：{ $why }
passphrase-choose =
    请选择一个口令。读取备份时需要它，进行备份时不需要。
    { $offer }
passphrase-too-weak = 太弱：{ $why }。
passphrase-not-the-same = 两次输入不一致。
reading-key-unused = 未使用本机保存的读取密钥：{ $why }。
key-agent-unused = 未使用 `printkeep key unlock` 启动的进程：{ $why }。
