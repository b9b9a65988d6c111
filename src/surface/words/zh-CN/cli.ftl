# 帮助：每个命令一条，每个参数一个属性。
cli-examples = 示例：
cli-global = 全局选项
cli-usage = 用法：
cli-options = 选项
cli-arguments = 参数
cli-commands = 命令
cli-help = 显示帮助；--help 显示更多
cli-version = 显示版本
cli-more = `printkeep 命令 --help` 会详细说明每个命令，并附示例。
cli-group-daily = 日常：
cli-group-look = 查看与取回：
cli-group-choose = 选择：
cli-group-let-go = 清理：
cli-group-devices = 设备与密钥：
cli-group-privacy = 隐私与问题：
cli-exits =
    退出码：
    {"  "}0    完成
    {"  "}1    失败
    {"  "}2    命令行或设置有误
    {"  "}3    完成，但有部分例外，均已列出；或有事需要您处理
    {"  "}4    缺少口令或恢复套件，或其有误
    {"  "}5    您尚未允许（见 `printkeep privacy`）
    {"  "}6    存储无法连接，或被拒绝
    {"  "}7    有内容损坏或缺失
    {"  "}8    另一个 printkeep 正在处理同一内容
    {"  "}9    您对所问的回答为“否”
    {"  "}130  已停止；下次运行会从那里继续
cli = 为 3D 打印机提供加密、本地优先的备份
    .long =
        为 3D 打印机提供加密、本地优先的备份。

        图片、延时视频、打印文件和设置会封存到无需网络即可使用的本地保险库中，
        只有在您允许之后才会送往您自己的存储。
    .home = 存放一切内容的文件夹 [默认：~/.printkeep]
    .account = 有多个账户时要使用的账户
    .system-root = 机器自身文件系统的起点，供在旁边容器中运行的 printkeep 使用 [默认：/]
    .profile = 规模与开销：pc（约 50 MiB 内存）或 printer-small（约 35 MiB）
    .wait = 账户上有其他工作时等待，直到完成或等待指定的时间：--wait、--wait=10m
    .json = 输出一份 JSON 文档而不是文字
    .quiet = 只输出出错的内容
    .examples =
        {"  "}printkeep setup
        {"  "}printkeep backup ~/printer_data
        {"  "}printkeep restore latest printer.cfg --in-place
-left-out =
    {"  "}.thumbs/, .octoprint/generated/            生成它们的程序会重新生成
    {"  "}*.tmp, *.swp, .printkeep-*.tmp             尚未写完，或编辑器的残留
    {"  "}database/*.db, -wal, -shm, database/*.mdb  正在使用的 Moonraker 数据库：直接复制可能残缺
    {"  "}lost+found/                                文件系统检查放在那里的内容
    {"  "}管道、套接字、设备                         它们没有内容
cli-backup = 备份文件夹或文件，或已配置的来源
    .long =
        备份文件夹或文件，或已配置的来源。

        以下内容默认不备份，结束时会计数并列出，可用 `source add --include PATTERN` 仍然备份：
        { -left-out }

        直接位于所给文件夹中的链接（`config -> ~/klipper_config`）会被跟随：其指向的内容在其位置上备份，恢复时那里会是真正的
        文件夹或文件。更深处的链接作为链接保存；指向所有来源之外的链接会在结束时列出。
    .paths = 文件夹或文件 [默认：已配置的来源]
    .exclude = 不备份匹配的内容，gitignore 格式
    .examples =
        {"  "}printkeep backup ~/printer_data
        {"  "}printkeep backup
        {"  "}printkeep backup ~/printer_data --exclude '*.log'
cli-sync = 使保险库与您的存储达到相同状态
    .store = 只与此存储同步 [默认：全部]
    .pull = 取回什么：all（全部）、metadata（足以查看并从存储恢复）或 nothing（不取回）
    .examples =
        {"  "}printkeep sync
        {"  "}printkeep sync --store nas
        {"  "}printkeep sync --pull metadata
cli-snapshots = 列出快照，添加标签，让某些快照永不被遗忘
    .examples =
        {"  "}printkeep snapshots
        {"  "}printkeep snapshots tag latest before-upgrade
        {"  "}printkeep snapshots pin 12
cli-snapshots-list = 列出快照
    .examples =
        {"  "}printkeep snapshots list
        {"  "}printkeep snapshots list --json
cli-snapshots-tag = 给快照添加标签
    .snapshot = 编号、`latest`，或在其前加设备名称和冒号
    .tag = 标签，最多 64 字节
    .examples =
        {"  "}printkeep snapshots tag latest before-upgrade
        {"  "}printkeep snapshots tag Voron:12 first-print
cli-snapshots-untag = 移除快照的标签
    .snapshot = { cli-snapshots-tag.snapshot }
    .tag = 标签
    .examples =
        {"  "}printkeep snapshots untag 12 before-upgrade
        {"  "}printkeep snapshots untag Voron:12 first-print
cli-snapshots-pin = 让快照永不被遗忘
    .snapshot = { cli-snapshots-tag.snapshot }
    .examples =
        {"  "}printkeep snapshots pin latest
        {"  "}printkeep snapshots pin Voron:12
cli-snapshots-unpin = 让已固定的快照可以再被遗忘
    .snapshot = { cli-snapshots-tag.snapshot }
    .examples =
        {"  "}printkeep snapshots unpin 12
        {"  "}printkeep snapshots unpin Voron:12
cli-forget = 按名称或规则让快照离去
    .long =
        按名称或规则让快照离去；须在有删除权的设备上运行。

        无论规则如何，每台设备最新的快照和已固定的快照都会保留。宽限期过后，`printkeep prune` 会腾出空间。
        `printkeep rules set` 使规则从此一直生效。
    .snapshots = 要遗忘的快照：编号，或在其前加设备名称和冒号 [默认：没有 --keep 规则保留的那些]
    .keep-last = 保留每台设备最新的 N 个
    .keep-hourly = 保留 N 个小时中每小时的最后一个
    .keep-daily = 保留 N 天中每天的最后一个（UTC）
    .keep-weekly = 保留 N 周中每周的最后一个
    .keep-monthly = 保留 N 个月中每月的最后一个
    .keep-yearly = 保留 N 年中每年的最后一个
    .keep-within = 保留比最新的早不超过此时间的全部：12h、30d、8w、2y
    .keep-tag = 保留带此标签的全部
    .device = 只判断此设备的快照 [默认：全部；每台设备分别判断]
    .dry-run = 只说明将会遗忘什么
    .examples =
        {"  "}printkeep forget --keep-last 10 --keep-daily 14 --keep-monthly 12 --dry-run
        {"  "}printkeep forget 3 Voron:7
cli-prune = 移除没有快照需要的内容：从保险库，并在有删除权的设备上从存储
    .dry-run = 只说明将会做什么以及代价
    .grace = 不再需要的内容在移除前保留多久：0d、12h、7d、4w
    .repack-below = 重写仍需部分少于此比例的保险库文件；0% 表示从不。需要您的口令或恢复套件
    .store = 只清理此存储和保险库 [默认：所有能连接的存储]
    .passphrase-file = 首行为口令的文件；也可使用 PRINTKEEP_PASSPHRASE
    .recovery-kit = 代替口令使用的恢复套件
    .examples =
        {"  "}printkeep prune --dry-run
        {"  "}printkeep prune
cli-rules = 快照自行离去的规则
    .examples =
        {"  "}printkeep rules show
        {"  "}printkeep rules set --keep-last 10 --keep-daily 14 --keep-monthly 12
cli-rules-show = 显示规则以及接下来离去的内容
    .examples =
        {"  "}printkeep rules show
        {"  "}printkeep rules show --json
cli-rules-set = 从现在起按规则让快照离去：在有删除权的设备上，每次备份和同步之后
    .keep-last = 保留每台设备最新的 N 个
    .keep-hourly = 保留 N 个小时中每小时的最后一个
    .keep-daily = 保留 N 天中每天的最后一个（UTC）
    .keep-weekly = 保留 N 周中每周的最后一个
    .keep-monthly = 保留 N 个月中每月的最后一个
    .keep-yearly = 保留 N 年中每年的最后一个
    .keep-within = 保留比最新的早不超过此时间的全部：12h、30d、8w、2y
    .keep-tag = 保留带此标签的全部
    .grace = 不再需要的内容在移除前保留多久 [默认：7d]
    .examples =
        {"  "}printkeep rules set --keep-last 10 --keep-daily 14 --keep-monthly 12
        {"  "}printkeep rules set --keep-within 90d --grace 14d
cli-rules-off = 只手动让快照离去
    .examples =
        {"  "}printkeep rules off
        {"  "}printkeep rules off --account workshop
cli-ls = 列出快照中的内容
    .examples =
        {"  "}printkeep ls
        {"  "}printkeep ls latest config --recursive
        {"  "}printkeep ls 12 /home/pi/printer_data/gcodes
    .snapshot = 编号、`latest`，或在前面加上设备名称和冒号
    .path = 其中的路径：按列出的写法、设备上的原路径，或其末尾部分
    .recursive = 也列出其下的所有内容
    .passphrase-file = 首行为口令的文件
    .recovery-kit = 代替口令使用的恢复套件
cli-find = 按名称在快照中查找文件
    .examples =
        {"  "}printkeep find cube
        {"  "}printkeep find '*benchy*.gcode' --snapshot latest
    .pattern = 名称的一部分，或 `*benchy*` 之类的模式；含 `/` 时匹配路径
    .snapshot = 只在此快照中查找 [默认：全部]
    .passphrase-file = 首行为口令的文件
    .recovery-kit = 代替口令使用的恢复套件
cli-diff = 显示两个快照之间的变化
    .examples =
        {"  "}printkeep diff 11
        {"  "}printkeep diff 11 12 --json
    .before = 较早的快照
    .after = 较晚的快照
    .passphrase-file = 首行为口令的文件
    .recovery-kit = 代替口令使用的恢复套件
cli-cat = 将快照中的一个文件写到标准输出
    .examples =
        {"  "}printkeep cat latest printer.cfg
        {"  "}printkeep cat 12 /home/pi/printer_data/config/printer.cfg > old.cfg
    .snapshot = 编号、`latest`，或在前面加上设备名称和冒号
    .path = 文件：按 `ls` 列出的写法、设备上的原路径，或其末尾部分
    .passphrase-file = 首行为口令的文件
    .recovery-kit = 代替口令使用的恢复套件
cli-restore = 取回文件
    .examples =
        {"  "}printkeep restore latest printer.cfg --in-place
        {"  "}printkeep restore 12 gcodes --to ~/restored
        {"  "}printkeep restore voron:latest --to /mnt/disk/voron
    .snapshot = 编号、`latest`，或在前面加上设备名称和冒号
    .paths = 其中的部分：按 `ls` 列出的写法、设备上的原路径，或其末尾部分 [默认：全部]
    .to = 放置所有内容的文件夹，按来源名称分开；不同的文件保留在旁边，更新的文件留在原处
    .in-place = 全部放回原处；原处已有且不同的文件保留在旁边
    .overwrite = 替换所有不同的文件，包括更新的，且不在旁边保留
    .owners = 以 root 身份：还原文件原来的所有者以及 setuid、setgid 和 sticky 位 [默认：归目标文件夹的所有者所有，不带这些位]
    .yes = 不询问即放回原处
    .passphrase-file = 首行为口令的文件
    .recovery-kit = 代替口令使用的恢复套件
cli-setup = 设置本机：逐步引导的首次运行，可随时离开，之后继续
    .long =
        设置本机：备份什么、口令、恢复套件、您自己的存储，以及您允许什么。

        在终端中会逐步询问；每一步都可以跳过，已完成的不再询问。没有终端或使用 --yes 时，
        只建立账户而不询问。它也可以加入您已有的账户：用恢复套件从存储加入，或由正在等待的另一台设备登记。
    .passphrase-file = 首行为口令的文件；也可使用 PRINTKEEP_PASSPHRASE
    .recovery-kit = 恢复套件写到何处，或与 --join 同用时要使用的套件 [默认：主文件夹中的 recovery-kit.txt]
    .device-name = 本设备的名称 [默认：主机名]
    .join = 用恢复套件加入此存储中的账户（file:///…、s3://…、webdav://… 或 sftp://…）
    .enroll = 加入在此地址等待的设备的账户（见 `printkeep device enroll`），仅可写入
    .code-file = 首行为另一台设备所显示代码的文件 [默认：询问]
    .yes = 什么都不询问
    .credentials-file = 存储凭据文件，两行：S3 为访问密钥和私密密钥；WebDAV 为用户名和密码；SFTP 为私钥，或一行密码
    .aws-profile = 从 ~/.aws/credentials 的此配置复制凭据
    .ca-file = 只信任此 PEM 文件中的根证书
    .pin = 只信任此密钥：证书公钥的 SHA-256，或 `ssh-keygen -lf` 显示的 SSH 主机密钥指纹；给两次表示当前和下一个
    .system-roots = 信任系统的根证书
    .allow-tls12 = 接受 TLS 1.2，用于较旧的 NAS
    .limit = 收发不快于此速率，例如 "500 KB/s"
    .examples =
        {"  "}printkeep setup
        {"  "}printkeep setup --join file:///media/stick/backup --recovery-kit kit.txt
        {"  "}printkeep setup --enroll 192.168.1.20:40123
cli-status = 显示当前状况：上次备份、存储、空间、问题
    .examples =
        {"  "}printkeep status
        {"  "}printkeep status --json
cli-problems = 出了什么问题、已采取什么措施、您可以做什么
    .examples =
        {"  "}printkeep problems
        {"  "}printkeep problems show 3
        {"  "}printkeep problems ack 3
cli-problems-list = 列出未解决的问题，最新的在最后
    .examples =
        {"  "}printkeep problems
        {"  "}printkeep problems list --all
    .all = 也列出已补救或已确认的
cli-problems-show = 显示一个问题：发生了什么、已采取的措施、您可以做什么、补救办法
    .number = 它的编号
    .examples =
        {"  "}printkeep problems show 3
        {"  "}printkeep problems show 3 --json
cli-problems-ack = 确认已看到一个问题：只有变得更严重时才会再次告知
    .number = 它的编号
    .examples =
        {"  "}printkeep problems ack 3
        {"  "}printkeep problems ack 3 --quiet
cli-problems-export = 将全部问题写入文件，由本设备签名
    .to = 要写入的文件
    .examples =
        {"  "}printkeep problems export --to problems.json
        {"  "}printkeep problems export --to /media/stick/problems.json
cli-store = 选择备份除本地保险库外还送往何处
    .examples =
        {"  "}printkeep store add /media/stick
        {"  "}printkeep store add "s3://bucket/prefix?endpoint=https://s3.example.net&region=eu" --name cloud --credentials-file keys.txt
        {"  "}printkeep store test
cli-store-add = 添加存储：文件夹、S3、WebDAV 或 SSH 服务器
    .long =
        添加存储：文件夹、S3、WebDAV 或 SSH 服务器。

        首次连接服务器时，会向您显示它出示的密钥，并询问是否属于您的服务器。
        已有的存储绝不会被替换：用 `printkeep store set` 更改它。
    .url = 文件夹，或 s3://bucket/prefix?endpoint=https://host&region=name、webdav://host/path、sftp://user@host/path
    .name = 它的名称 [默认：store，其次 store-2，依此类推]
    .credentials-file = 存放凭据的文件。S3：两行，访问密钥与私有密钥（否则用 AWS_ACCESS_KEY_ID 和 AWS_SECRET_ACCESS_KEY，或 --aws-profile）。WebDAV：两行，用户与密码（否则用 PRINTKEEP_STORE_USER 和 PRINTKEEP_STORE_PASSWORD）。SFTP：ssh-keygen 写下的私钥，若有口令则写在下一行；或一行密码（否则用 PRINTKEEP_STORE_PASSWORD）
    .aws-profile = 从 ~/.aws/credentials 的此配置中复制凭据
    .ca-file = 只信任此 PEM 文件中的根证书
    .pin = 只信任此密钥：证书公钥的 SHA-256（十六进制或 sha256/BASE64），或 `ssh-keygen -lf` 显示的 SSH 主机密钥指纹；可给出两次，分别为当前与下一个
    .system-roots = 信任系统的根证书
    .allow-tls12 = 接受 TLS 1.2，用于旧的 NAS
    .limit = 收发速度不超过此值，例如 "500 KB/s"
    .region = 它位于何处，例如 eu 或 home [默认：S3 地址中的地区]
    .write-only = 本设备在那里只写入：只列出和读取写入所需的内容，略过其余
    .lock = 写入的内容在此期限内不可删除，例如 30d（带对象锁的 S3）
    .lock-mode = 谁能提前解除锁定：governance（您授予特别权利者）或 compliance（无人）
    .examples =
        {"  "}printkeep store add /media/stick
        {"  "}printkeep store add sftp://pi@nas/backup --name nas --credentials-file ~/.ssh/id_ed25519
        {"  "}printkeep store add "s3://bucket/prefix?endpoint=https://s3.example.net&region=eu" --name cloud --credentials-file keys.txt --system-roots
cli-store-list = 列出存储
    .examples =
        {"  "}printkeep store list
        {"  "}printkeep store list --json
cli-store-set = 更改存储：地址、信任、凭据、本设备如何使用它；未指明的保持不变
    .name = 它的名称
    .url = 从现在起位于何处；再次给出相同地址则采用现在那里的磁盘或存储桶
    .credentials-file = { cli-store-add.credentials-file }
    .aws-profile = { cli-store-add.aws-profile }
    .ca-file = { cli-store-add.ca-file }
    .pin = { cli-store-add.pin }
    .system-roots = { cli-store-add.system-roots }
    .allow-tls12 = { cli-store-add.allow-tls12 }
    .limit = { cli-store-add.limit }
    .no-limit = 不限速度
    .region = 它位于何处，例如 eu 或 home
    .write-only = 从现在起本设备在那里只写入
    .read-write = 从现在起也在那里读取
    .lock = 从现在起写入的内容在此期限内不可删除，例如 30d（带对象锁的 S3）
    .lock-mode = { cli-store-add.lock-mode }
    .no-lock = 从现在起写入的内容不加锁；已有的锁保留
    .yes = 即使原处有快照而新的位置是空的，也不再询问
    .examples =
        {"  "}printkeep store set nas --credentials-file new-key.txt
        {"  "}printkeep store set nas --limit "500 KB/s"
        {"  "}printkeep store set stick --url /media/new-stick
cli-store-remove = 不再使用某个存储；那里的内容保留不动
    .name = 它的名称
    .examples =
        {"  "}printkeep store remove stick
        {"  "}printkeep store remove nas --wait
cli-store-test = 测试存储的服务器能做什么，并告知结果
    .name = 它的名称 [默认：全部]
    .examples =
        {"  "}printkeep store test
        {"  "}printkeep store test nas
cli-store-rights = 用服务商的语言输出本设备凭据所需的最低权限
    .name = 它的名称 [默认：唯一的那个]
    .write-only = 用于在那里只写入的设备
    .may-delete = 用于有删除权的设备 [默认：按本设备的情况]
    .principal = 凭据的所有者，按服务商的称呼
    .with = 连同此文件中策略的语句，例如存储桶现有的策略
    .never-replace = 让服务器拒绝替换，尽管不确定它是否遵守此条件：`store test` 会告知
    .examples =
        {"  "}printkeep store rights cloud --write-only --principal arn:aws:iam::123456789012:user/printer
        {"  "}printkeep store rights nas
cli-store-undo = 让云端存储重新显示较早时显示的内容
    .long =
        让云端存储重新显示较早时显示的内容。

        此后被替换或隐藏的内容会从其版本中恢复，不删除任何内容。用于开启了版本功能或对象锁的存储桶。
    .store = 它的名称；若本机不属于任何账户，则为其地址，由恢复套件说明是哪个账户
    .since = 时间，例如 2026-11-20T12:00:00Z、"2026-11-20 12:00"（本机时间）或 3d（以前）；整个账户恢复到该时刻
    .dry-run = 只说明会恢复什么
    .recovery-kit = 账户的恢复套件，与地址一同给出
    .credentials-file = { cli-store-add.credentials-file }
    .aws-profile = { cli-store-add.aws-profile }
    .ca-file = { cli-store-add.ca-file }
    .pin = { cli-store-add.pin }
    .system-roots = { cli-store-add.system-roots }
    .allow-tls12 = { cli-store-add.allow-tls12 }
    .limit = { cli-store-add.limit }
    .examples =
        {"  "}printkeep store undo cloud --since 3d --dry-run
        {"  "}printkeep store undo cloud --since "2026-11-20 12:00"
cli-store-regions = 显示或设置备份可以送往的地区；本机自身磁盘上的文件夹总是允许的
    .regions = 从现在起只允许这些地区，按 S3 地址的名称或您用 --region 给出的名称
    .any = 从现在起允许任何地区
    .examples =
        {"  "}printkeep store regions
        {"  "}printkeep store regions eu home
        {"  "}printkeep store regions --any
cli-key = 口令、恢复套件、一次性代码，以及账户保持解锁多久
    .examples =
        {"  "}printkeep key list
        {"  "}printkeep key kit --page --to kit.html
        {"  "}printkeep key unlock
cli-key-list = 列出能打开账户的密钥
    .examples =
        {"  "}printkeep key list
        {"  "}printkeep key list --json
cli-key-passphrase = 在本设备上设置新口令
    .passphrase-file = 首行为当前口令的文件；也可用 PRINTKEEP_PASSPHRASE
    .recovery-kit = 代替口令使用的恢复套件
    .new-passphrase-file = 首行为新口令的文件 [默认：询问]
    .examples =
        {"  "}printkeep key passphrase
        {"  "}printkeep key passphrase --recovery-kit kit.txt
cli-key-kit = 建立新的恢复套件，或写出已有套件的页面，或测试一个套件
    .long =
        建立新的恢复套件，或写出已有套件的页面，或测试一个套件。

        新套件会使先前的失效：那一页的所有副本都不再能打开任何内容。会先询问您。
        使用 --page 时套件保持不变，只再写一份其页面，并附上现有的存储。
    .test = 只证明此套件能打开账户，在本机和您的存储中；不显示其任何内容
    .page = 只写出您已有套件的页面（--recovery-kit，或主文件夹中的那个）
    .to = 写到何处；以 .html 结尾的名称会生成带二维码、可打印的页面
    .yes = 使现有套件失效之前不询问
    .passphrase-file = { cli-key-passphrase.passphrase-file }
    .recovery-kit = { cli-key-passphrase.recovery-kit }
    .examples =
        {"  "}printkeep key kit --test kit.txt
        {"  "}printkeep key kit --page --recovery-kit kit.txt --to kit.html
        {"  "}printkeep key kit --to /media/stick/kit.txt
cli-key-rotate = 更换账户的密钥：此后备份的内容用新密钥封存
    .offline = 即使无法询问某个存储也继续；其间不得有其他机器更改账户
    .passphrase-file = { cli-key-passphrase.passphrase-file }
    .recovery-kit = { cli-key-passphrase.recovery-kit }
    .examples =
        {"  "}printkeep key rotate
        {"  "}printkeep key rotate --recovery-kit kit.txt
cli-key-codes = 来自应用的一次性代码，在本设备上进行无法撤回的操作（撤销设备、清除）之前要求输入
    .examples =
        {"  "}printkeep key codes on
        {"  "}printkeep key codes status
cli-key-codes-on = 显示供应用使用的密钥，并在代码证明应用已保存它之后启用
    .to = 写入密钥地址的文件，供扫描或复制 [默认：显示出来]
    .examples =
        {"  "}printkeep key codes on
        {"  "}printkeep key codes on --to secret.txt
cli-key-codes-off = 不再要求代码；需要一个代码或恢复套件
    .passphrase-file = { cli-key-passphrase.passphrase-file }
    .recovery-kit = 恢复套件，用于应用已丢失时
    .examples =
        {"  "}printkeep key codes off
        {"  "}printkeep key codes off --recovery-kit kit.txt
cli-key-codes-status = 显示是否要求代码
    .examples =
        {"  "}printkeep key codes status
        {"  "}printkeep key codes status --json
cli-key-remember = 在本机保存读取密钥，由会话的密钥环保护：此后取回内容无需口令
    .off = 不再保存
    .passphrase-file = { cli-key-passphrase.passphrase-file }
    .recovery-kit = { cli-key-passphrase.recovery-kit }
    .examples =
        {"  "}printkeep key remember
        {"  "}printkeep key remember --off
cli-key-unlock = 使账户保持解锁一段时间：在再次上锁之前，读取内容的命令无需口令
    .idle = 无人读取达此时长后上锁：15m、2h
    .longest = 无论如何在此时长后上锁
    .passphrase-file = 首行为口令的文件；也可用 PRINTKEEP_PASSPHRASE
    .recovery-kit = { cli-key-passphrase.recovery-kit }
    .examples =
        {"  "}printkeep key unlock
        {"  "}printkeep key unlock --idle 1h --for 2h
cli-key-lock = 立即上锁：返回之前密钥已从内存中清除
    .examples =
        {"  "}printkeep key lock
        {"  "}printkeep key lock --account workshop
cli-key-accounts = 列出本机的账户，以及是否已解锁
    .examples =
        {"  "}printkeep key accounts
        {"  "}printkeep key accounts --json
cli-source = 选择备份的内容
    .examples =
        {"  "}printkeep source add ~/printer_data
        {"  "}printkeep source list
        {"  "}printkeep source detect --add
cli-source-add = 添加文件夹或文件，或重新设置其中需要的内容
    .long =
        添加文件夹或文件，或重新设置其中需要的内容。

        以下内容默认不备份，每次备份都会计数并列出，可用 --include PATTERN 仍然备份：
        { -left-out }
    .path = 它在何处
    .kinds = 需要的种类：images（图片）、video（视频）、prints（打印文件）、settings（设置）、everything（全部）
    .include = 即使被排除也要包含的内容，gitignore 格式
    .exclude = 要排除的内容，gitignore 格式
    .no-credentials = 排除含有密码、令牌或 Wi-Fi 密钥的设置文件
    .keep-days = 新快照不含这么多天未变动的文件
    .examples =
        {"  "}printkeep source add ~/printer_data/gcodes
        {"  "}printkeep source add ~/Pictures --kinds images --exclude '*.tmp'
cli-source-list = 列出来源
    .examples =
        {"  "}printkeep source list
        {"  "}printkeep source list --json
cli-source-remove = 不再备份某个来源；快照保留其已有内容
    .path = 它在何处
    .examples =
        {"  "}printkeep source remove ~/Pictures
        {"  "}printkeep source remove ~/printer_data/gcodes
cli-source-detect = 查找本机上 Klipper、Moonraker、OctoPrint 和 Creality OS 的文件夹
    .add = 添加找到的内容
    .examples =
        {"  "}printkeep source detect
        {"  "}printkeep source detect --add
cli-source-secrets = 显示哪些设置文件含有密码、令牌或 Wi-Fi 密钥；从不显示其内容
    .paths = 文件夹或文件 [默认：各来源]
    .examples =
        {"  "}printkeep source secrets
        {"  "}printkeep source secrets ~/printer_data/config
cli-privacy = 您允许了什么、保存了哪些关于您的内容，以及您的权利
    .examples =
        {"  "}printkeep privacy show
        {"  "}printkeep privacy grant network
        {"  "}printkeep privacy log
cli-privacy-show = 显示您允许了什么，自何时起
    .lang = en 或 zh-CN [默认：系统语言，若政策有该语言；否则 en]
    .examples =
        {"  "}printkeep privacy show
        {"  "}printkeep privacy show --lang zh-CN
cli-privacy-grant = 允许某项；各项分别允许，依据生效的政策
    .items = network；device、connection 或其中一部分，例如 device.serial；operation-log；diagnostics
    .examples =
        {"  "}printkeep privacy grant network
        {"  "}printkeep privacy grant device.model operation-log
cli-privacy-deny = 拒绝；不作表示也视为拒绝
    .items = { cli-privacy-grant.items }
    .examples =
        {"  "}printkeep privacy deny diagnostics
        {"  "}printkeep privacy deny device connection
cli-privacy-withdraw = 撤回：一秒内停止使用，正在工作的 printkeep 也是如此
    .items = { cli-privacy-grant.items }
    .examples =
        {"  "}printkeep privacy withdraw network
        {"  "}printkeep privacy withdraw device.serial operation-log
cli-privacy-history = 按作出的顺序显示每项决定
    .examples =
        {"  "}printkeep privacy history
        {"  "}printkeep privacy history --json
cli-privacy-policy = 如何处理您的数据、为谁、多久
    .examples =
        {"  "}printkeep privacy policy show
        {"  "}printkeep privacy policy diff 1 2
cli-privacy-policy-show = 显示生效的政策、其版本以及向谁询问
    .lang = { cli-privacy-show.lang }
    .policy = 另一份：版本、SHA-256 的前几位或文件
    .examples =
        {"  "}printkeep privacy policy show
        {"  "}printkeep privacy policy show --lang zh-CN
        {"  "}printkeep privacy policy show --policy my-policy.toml
cli-privacy-policy-list = 列出此处已知的政策
    .examples =
        {"  "}printkeep privacy policy list
        {"  "}printkeep privacy policy list --json
cli-privacy-policy-diff = 显示两份政策之间的变化，以及影响哪些同意
    .old = 版本、SHA-256 的前几位或文件
    .new = 版本、SHA-256 的前几位或文件
    .lang = { cli-privacy-show.lang }
    .examples =
        {"  "}printkeep privacy policy diff 1 2
        {"  "}printkeep privacy policy diff 1 my-policy.toml
cli-privacy-policy-install = 启用您自己的政策；有误的会被拒绝，生效的保持不变
    .file = TOML 格式的政策
    .examples =
        {"  "}printkeep privacy policy install my-policy.toml
        {"  "}printkeep privacy policy install /media/stick/my-policy.toml
cli-privacy-policy-reset = 重新启用 Printkeep 自带的政策
    .examples =
        {"  "}printkeep privacy policy reset
        {"  "}printkeep privacy policy reset --account workshop
cli-privacy-consent-record = ISO/IEC TS 27560 形式的同意记录，由本设备签名
    .examples =
        {"  "}printkeep privacy consent-record export --to records.json
        {"  "}printkeep privacy consent-record check records.json
cli-privacy-consent-record-export = 写出每种数据的记录
    .to = 要写入的文件 [默认：显示出来]
    .examples =
        {"  "}printkeep privacy consent-record export
        {"  "}printkeep privacy consent-record export --to records.json
cli-privacy-consent-record-receipt = 写出某种数据的收据
    .kind = 例如 network 或 device.serial
    .to = 要写入的文件 [默认：显示出来]
    .examples =
        {"  "}printkeep privacy consent-record receipt network
        {"  "}printkeep privacy consent-record receipt device.serial --to receipt.json
cli-privacy-consent-record-check = 检查已签名的文档：是否为设备所签、完整且有序
    .file = 文件
    .examples =
        {"  "}printkeep privacy consent-record check records.json
        {"  "}printkeep privacy consent-record check receipt.json
cli-privacy-data = 原样显示本设备记录的内容
    .passphrase-file = 首行为口令的文件；没有它则只显示种类、时间和大小
    .recovery-kit = 代替口令使用的恢复套件
    .examples =
        {"  "}printkeep privacy data
        {"  "}printkeep privacy data --passphrase-file pass.txt
cli-privacy-export = 将保存的关于您的一切写入一个归档，供您和程序使用
    .to = 要写入的归档（tar）
    .passphrase-file = 首行为口令的文件；没有它则只写入种类、时间和大小
    .recovery-kit = 代替口令使用的恢复套件
    .examples =
        {"  "}printkeep privacy export --to my-data.tar
        {"  "}printkeep privacy export --to my-data.tar --recovery-kit kit.txt
cli-privacy-correct = 若记录有误，说明实际情况；两者都会保留
    .kind = 例如 device.model
    .value = 实际情况；按所更正的数据的方式记录：按表中规定遮盖
    .examples =
        {"  "}printkeep privacy correct device.model "Voron 2.4"
        {"  "}printkeep privacy correct device.os "MainsailOS 2"
cli-privacy-erase = 删除保存的内容，在本机和您的存储中；不会恢复
    .kind = 某种数据或某一用途所有数据的记录
    .class = 某一类别的记录：personal 或 sensitive
    .device = 某台设备的记录；其快照由 `forget` 和 `prune` 删除
    .whole-account = 账户及其中的一切：先是本机的密钥和恢复套件，然后是本机和每个存储中的每个文件
    .here-only = 保留网络另一端的内容，因为您未允许使用网络；持有恢复套件者仍能读取
    .yes-erase = 不询问：要清除的账户的名称
    .examples =
        {"  "}printkeep privacy erase --kind device.serial
        {"  "}printkeep privacy erase --whole-account
cli-privacy-receipts = 显示删除内容的已签名收据
    .examples =
        {"  "}printkeep privacy receipts
        {"  "}printkeep privacy receipts --json
cli-privacy-retention = 显示每种数据保留多久，以及接下来删除什么
    .examples =
        {"  "}printkeep privacy retention
        {"  "}printkeep privacy retention --json
cli-privacy-log = 对您的数据做过什么，记在无人能悄悄改动的日志中
    .examples =
        {"  "}printkeep privacy log
        {"  "}printkeep privacy log show --last 500 --names
        {"  "}printkeep privacy log verify
cli-privacy-log-show = 显示最新的记录
    .last = 多少条
    .names = 显示文件、设备和存储的名称；否则每个名称都以始终相同的代称出现
    .examples =
        {"  "}printkeep privacy log show --names
        {"  "}printkeep privacy log show --last 500
cli-privacy-log-verify = 检查是否有内容被删除、改动或移位；并指出何处（退出码 7）
    .examples =
        {"  "}printkeep privacy log verify
        {"  "}printkeep privacy log verify --json
cli-privacy-log-export = 写出整个日志，由本设备签名
    .to = 要写入的文件
    .names = 包含名称
    .examples =
        {"  "}printkeep privacy log export --to log.json
        {"  "}printkeep privacy log export --to log.json --names
cli-device = 账户的设备：有哪些，各可做什么
    .examples =
        {"  "}printkeep device list
        {"  "}printkeep device enroll
        {"  "}printkeep device send benchy.gcode --to Voron
cli-device-list = 列出设备、各可做什么及其最近的快照
    .examples =
        {"  "}printkeep device list
        {"  "}printkeep device list --json
cli-device-rename = 给设备改名
    .name = 其名称，或其标识的前 8 位
    .new = 新名称
    .offline = 即使无法询问某个存储也继续；其间不得有其他机器更改账户
    .passphrase-file = 首行为口令的文件
    .recovery-kit = 代替口令使用的恢复套件
    .examples =
        {"  "}printkeep device rename mainsailos Voron
        {"  "}printkeep device rename 3fa9c1d2 Voron
cli-device-allow-delete = 让设备决定什么不再需要；其他设备不必存它已有的内容
    .name = 其名称，或其标识的前 8 位
    .offline = 即使无法询问某个存储也继续；其间不得有其他机器更改账户
    .passphrase-file = 首行为口令的文件
    .recovery-kit = 代替口令使用的恢复套件
    .examples =
        {"  "}printkeep device allow-delete desk
        {"  "}printkeep device allow-delete 3fa9c1d2 --recovery-kit kit.txt
cli-device-forbid-delete = 让设备只添加快照，如最初那样
    .name = 其名称，或其标识的前 8 位
    .offline = 即使无法询问某个存储也继续；其间不得有其他机器更改账户
    .passphrase-file = 首行为口令的文件
    .recovery-kit = 代替口令使用的恢复套件
    .examples =
        {"  "}printkeep device forbid-delete desk
        {"  "}printkeep device forbid-delete 3fa9c1d2 --recovery-kit kit.txt
cli-device-rejoin = 把本设备放回设备列表（另一台机器的改动漏掉了它）
    .offline = 即使无法询问某个存储也继续；其间不得有其他机器更改账户
    .passphrase-file = 首行为口令的文件
    .recovery-kit = 代替口令使用的恢复套件
    .examples =
        {"  "}printkeep device rejoin
        {"  "}printkeep device rejoin --recovery-kit kit.txt
cli-device-revoke = 不再采信丢失、被盗或转让的设备，并更换账户的密钥
    .name = 其名称，或其标识的前 8 位
    .last = 只采信编号不超过此数的快照，例如此后设备已落入他人之手
    .yes = 不询问
    .offline = 即使无法询问某个存储也继续；其间不得有其他机器更改账户
    .passphrase-file = 首行为口令的文件
    .recovery-kit = 代替口令使用的恢复套件
    .examples =
        {"  "}printkeep device revoke Voron
        {"  "}printkeep device revoke 3fa9c1d2 --yes --recovery-kit kit.txt
cli-device-enroll = 让新设备加入而不接触口令或套件：会显示一个代码，在新设备上输入
    .listen = 等待的地址 [默认：所有地址上的空闲端口]
    .share-credentials = 也把您存储的凭据交给它
    .offline = 即使无法询问某个存储也继续；其间不得有其他机器更改账户
    .passphrase-file = 首行为口令的文件
    .recovery-kit = 代替口令使用的恢复套件
    .examples =
        {"  "}printkeep device enroll
        {"  "}printkeep device enroll --share-credentials
cli-check = 检查备份是否与写入时相同，试取文件，并可修复
    .long =
        检查本地保险库或某个存储中的备份是否与写入时相同。

        不加选项时，它读取每个快照，并确认其所需的内容都在且大小相符。它也可以读取每个字节、
        随机试取一些文件而不写入磁盘，并可先从存储取回本机损坏的内容。
    .examples =
        {"  "}printkeep check
        {"  "}printkeep check --store nas --read-data
        {"  "}printkeep check --repair --try-restore 20
    .read-data = 读取每个字节，而不只是名称和大小
    .store = 检查此存储，而不是本地保险库
    .try-restore = 随机试取这么多文件，不写入磁盘
    .repair = 先重建本地状态，并从存储取回本机损坏的内容
    .passphrase-file = 首行为口令的文件；给出后可证明一切都能打开
    .recovery-kit = 代替口令使用的恢复套件
cli-rescue = 在新机器上把丢失设备的全部内容放回原处
    .store = 存有账户的存储：地址或文件夹路径
    .recovery-kit = 账户的恢复套件
    .device = 要救回的设备，用名称或标识的前 8 位 [默认：唯一的一台]
    .snapshot = 它的哪个快照 [默认：最新]
    .root = 把一切放到此文件夹下试行；本机不会加入账户
    .plan = 只显示将要做什么；本机不会加入账户
    .yes = 不经询问继续
    .overwrite = 替换已在那里但不同的文件；原有的各保留在旁边，名为“名称.before-restore”
    .owners = 以 root 身份：还原文件原来的所有者以及 setuid、setgid 和 sticky 位 [默认：归目标文件夹的所有者所有，不带这些位]
    .device-name = 本机的名称 [默认：主机名]
    .passphrase-file = 首行为本机口令的文件
    .credentials-file = 存储凭据文件，两行：S3 为访问密钥和私密密钥；WebDAV 为用户名和密码；SFTP 为私钥，或一行密码
    .aws-profile = 从 ~/.aws/credentials 的此配置复制凭据
    .ca-file = 只信任此 PEM 文件中的根证书
    .pin = 只信任此密钥：证书公钥的 SHA-256，或 `ssh-keygen -lf` 显示的 SSH 主机密钥指纹；给两次表示当前和下一个
    .system-roots = 信任系统的根证书
    .allow-tls12 = 接受 TLS 1.2，用于较旧的 NAS
    .limit = 收发不快于此速率，例如 "500 KB/s"
    .examples =
        {"  "}printkeep rescue file:///media/stick/backup --recovery-kit kit.txt --plan
        {"  "}printkeep rescue file:///media/stick/backup --recovery-kit kit.txt --device Voron
        {"  "}printkeep rescue sftp://pi@nas/backup --recovery-kit kit.txt --root /tmp/try --yes
cli-completions = 输出某个 shell 的补全脚本
    .shell = shell：bash、zsh、fish、elvish、powershell
    .examples =
        {"  "}printkeep completions bash > printkeep.bash
        {"  "}printkeep completions zsh > _printkeep
cli-man = 写出手册页
    .to = 写入手册页的文件夹
    .examples =
        {"  "}printkeep man --to man
        {"  "}printkeep man --to ~/.local/share/man/man1
cli-key-hold = 持有密钥；由 `key unlock` 启动
    .idle = 无人读取的秒数
    .longest = 最长秒数
cli-device-follow = 把另一台设备的最新文件随其变动取到本机
    .device = 设备，用名称或标识的前 8 位
    .source = 它的来源：`ls` 显示的标签，或在那里的路径
    .to = 文件存放的文件夹
    .once = 只进行一轮
    .every = 两轮之间等待的时间：30s、5m、1h
    .passphrase-file = 首行为口令的文件
    .recovery-kit = 代替口令使用的恢复套件
    .examples =
        {"  "}printkeep device follow Voron gcodes --to ~/voron
        {"  "}printkeep device follow Voron timelapse --to ~/videos --once
cli-device-send = 向允许接收的设备发送文件
    .file = 文件
    .to = 设备，用名称或标识的前 8 位
    .cancel = 收回标识以此开头的文件，见 `device inbox show`
    .passphrase-file = 首行为口令的文件
    .recovery-kit = 代替口令使用的恢复套件
    .examples =
        {"  "}printkeep device send benchy.gcode --to Voron
        {"  "}printkeep device send --cancel 3fa9c1d2
cli-device-inbox = 是否接收您发送到本设备的文件
    .examples =
        {"  "}printkeep device inbox allow ~/incoming
        {"  "}printkeep device inbox show
        {"  "}printkeep device inbox receive
cli-device-inbox-allow = 允许您发送到本设备的文件进入一个文件夹；那里的内容从不会被替换
    .folder = 文件夹；不存在时会建立
    .max-size = 可接收的最大文件：字节数，或带 kB、MB、GB
    .examples =
        {"  "}printkeep device inbox allow ~/printer_data/gcodes/inbox
        {"  "}printkeep device inbox allow ~/incoming --max-size 500MB
cli-device-inbox-deny = 不接收任何文件；文件留在存储中
    .examples =
        {"  "}printkeep device inbox deny
        {"  "}printkeep device inbox deny --account workshop
cli-device-inbox-show = 显示允许什么、什么在等待，以及从本机发出且尚未取走的文件
    .examples =
        {"  "}printkeep device inbox show
        {"  "}printkeep device inbox show --json
cli-device-inbox-receive = 立即取走存储中为本设备保存的文件
    .examples =
        {"  "}printkeep device inbox receive
        {"  "}printkeep device inbox receive --wait
