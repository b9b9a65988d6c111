# 帮助：每个命令一条，每个参数一个属性。
cli-examples = 示例：
cli-global = 全局选项
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
    .to = 放置所有内容的文件夹，按来源名称分开
    .in-place = 全部放回原处；原处已有且不同的文件保留在旁边
    .overwrite = 也替换比快照更新的文件；放回原处时不在旁边保留
    .yes = 不询问即放回原处
    .passphrase-file = 首行为口令的文件
    .recovery-kit = 代替口令使用的恢复套件
