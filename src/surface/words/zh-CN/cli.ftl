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
    {"  "}130  已停止；下次运行会从那里继续
cli = 为 3D 打印机提供加密、本地优先的备份
    .long =
        为 3D 打印机提供加密、本地优先的备份。

        图片、延时视频、打印文件和设置会封存到无需网络即可使用的本地保险库中，
        只有在您允许之后才会送往您自己的存储。
    .home = 存放一切内容的文件夹 [默认：~/.printkeep]
    .account = 有多个账户时要使用的账户
    .system-root = 机器自身文件系统的起点，供在旁边容器中运行的 printkeep 使用 [默认：/]
    .profile = 规模与开销：pc（48 MiB 内存）或 printer-small（24 MiB）
    .json = 输出一份 JSON 文档而不是文字
    .quiet = 只输出出错的内容
cli-snapshots = 列出快照
    .examples =
        {"  "}printkeep snapshots
        {"  "}printkeep snapshots --json
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
