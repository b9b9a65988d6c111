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
