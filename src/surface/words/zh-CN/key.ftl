# 密钥：口令、恢复套件、一次性代码、保持解锁。
owner-ask-hint = 另一台机器可能更改了设备：请在能连接存储时再试；若没有更改，请加 --offline
owner-not-asked = 未向存储 { $store } 询问其他机器的更改：{ $why }。
code-needed = 需要一次性代码
code-needed-hint = 请输入，或设置 PRINTKEEP_CODE
code-not-now = 这不是当前的代码
code-used = 此代码已用过；请等下一个
code-wait = 错误代码过多：{ $wait } 后才接受下一个
code-clock-hint = 代码每 30 秒更换；本机时钟是否正确？
code-secret-lost = 一次性代码的密钥已损坏或丢失：{ $path }
code-secret-lost-hint = 用恢复套件关闭代码：`printkeep key codes off --recovery-kit FILE`
codes-question = 您的应用当前显示的一次性代码：
codes-question-file =
    供应用使用的密钥在 { $path } 中；之后请删除该文件。
    应用当前显示的代码：
codes-question-scan =
    请用您的应用（身份验证器）扫描：
    { $picture }
    或按其地址添加：{ $address }
    应用当前显示的代码：
codes-question-address =
    请将此地址添加到您的应用（身份验证器）：{ $address }
    应用当前显示的代码：
codes-on-already = 一次性代码已开启
codes-on-already-hint = 请先用代码或恢复套件运行 `printkeep key codes off`
codes-no-address = 无法为应用生成地址
codes-are-on = 在本设备上撤销设备或清除任何内容之前会要求一次性代码。
codes-are-off = 本设备不要求一次性代码。`printkeep key codes on` 可开启。
codes-lost-app = 若应用丢失：`printkeep key codes off --recovery-kit FILE`。
key-device-unknown = 未知设备
key-kit = 恢复套件
key-passphrase = { $device } 上的口令
key-passphrase-here = { $device }（本设备）上的口令
key-unreadable = { $object }：无法读取：{ $why }
key-reading-kept = 本机保存的读取密钥，与会话的密钥环一同使用
key-reading-stale = 本机保存的读取密钥：已过时，早于账户更换密钥之时
key-then-sync = 请运行 `printkeep sync`，使您的存储也忘记旧的。
passphrase-new-missing = 没有新口令
passphrase-new-missing-hint = 请给出 --new-passphrase-file FILE，或在终端中运行
passphrase-set = 已在 { $device } 上设置口令：它可在那里打开账户。
passphrase-set-anew = 已在 { $device } 上设置口令；先前的口令在那里不再能打开本账户。
passphrase-then-sync = 请运行 `printkeep sync`，让您的存储也有它。
kit-lives = 本账户已有恢复套件，建立新的会使其失效：那一页的所有副本都将打不开任何内容
kit-lives-hint = 只需再写一份其页面：`printkeep key kit --page`；仍要使其失效，请加 --yes
kit-lives-question =
    本账户已有恢复套件。建立新的会使其失效：此后那一页的所有副本都打不开任何内容。
    （只需再写一份其页面，请回答 no 并运行 `printkeep key kit --page`。）
    使现有套件失效并建立新的？[y/N]
kit-kept = 已保留现有的恢复套件；未作任何更改
kit-kept-hint = `printkeep key kit --page` 可再写一份其页面
kit-written = 新的恢复套件是 { $path }。请打印或复制到存储棒，妥善保管，并从本机删除。先前的套件不再能打开本账户。
kit-dead-deleted = 已删除 { $path }：它不再能打开任何内容。
kit-page-written = 恢复套件的页面是 { $path }；套件本身仍是您已有的那个。请打印或复制到存储棒，妥善保管，并从本机删除。
kit-page-none = 本机没有可写出页面的恢复套件
kit-page-none-hint = 请用 --recovery-kit FILE 给出您已有的；要建立新的并使旧的失效：`printkeep key kit`
kit-opens = 此套件可打开指纹为 { $fingerprint } 的账户。
kit-opens-there = 也能打开那里的内容
keys-rotated = 账户已更换密钥：此后备份的内容用第 { $generation } 代密钥封存。
keys-rotated-finished = 先前的密钥更换已完成：此后备份的内容用第 { $generation } 代密钥封存。
keys-rotated-next =
    已有的内容保持不变且仍可读取；口令和恢复套件不变。
    请先在本机、再在其他设备上运行 `printkeep sync`：各设备会自行采用新密钥。
keys-rotated-old = 若某台设备说无法采用，则须重新登记。
keys-rotated-stale = 本机保存的读取密钥现已过时：请用 `printkeep key remember` 保存新的。
reading-key-remembered =
    本机从现在起保存读取密钥：会话的密钥环打开时，取回内容无需口令。
    主文件夹与密钥环缺一不可。`printkeep key remember --off` 可停止保存。
reading-key-none = 本机没有保存读取密钥。
reading-key-forgotten = 本机不再保存读取密钥。
reading-key-left = 会话的密钥环为它保存的内容现在打不开任何东西，但仍在那里：{ $why }。
unlocked =
    已解锁，直到 { $idle } 无人读取，最长 { $longest }，或直到 `printkeep key lock`。
    在此之前，以您身份运行的每个程序都能读取您的备份。更改密钥、设备或代码时仍会询问。
unlocked-hears-sleep = 本机休眠前以及屏幕锁定时会自动上锁。
unlocked-hears-nothing = 本系统不告知何时休眠：机器唤醒时才上锁。合上盖子之前请先上锁。
locked-now = 已上锁：密钥已从内存中清除。
locked-already = 它本来就已上锁。
account-unusable = { $name }  无法打开：{ $why }
account-unlocked = 已解锁，还有 { $left }，或闲置 { $idle }
account-locked = 已上锁
