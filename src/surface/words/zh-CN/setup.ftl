settings-busy = 另一个 printkeep 正在更改设置
kit-unwritable = 无法写出恢复套件
kit-there-already = { $path } 已经存在
kit-there-already-hint = 请用 --recovery-kit 指定另一个文件
credentials-missing = 该存储需要凭据
credentials-keys-hint = 请给出 --credentials-file FILE（两行：访问密钥、私密密钥）或 --aws-profile NAME，或设置 AWS_ACCESS_KEY_ID 和 AWS_SECRET_ACCESS_KEY
credentials-login-hint = 请给出 --credentials-file FILE（两行：用户名、密码），或设置 PRINTKEEP_STORE_USER 和 PRINTKEEP_STORE_PASSWORD
credentials-ssh-hint = 请给出 --credentials-file FILE（ssh-keygen 写出的私钥，或一行密码），或设置 PRINTKEEP_STORE_PASSWORD
aws-profile-not-s3 = --aws-profile 仅用于 S3
aws-profile-not-s3-hint = 请给出 --credentials-file FILE
join-needs-kit = 加入存储需要其账户的恢复套件
join-needs-kit-hint = 请给出 --recovery-kit FILE
join-is-consent = 加入时会通过网络连接您的存储；这会记录为您对使用网络的同意。
join-not-trusted-hint = 请说明在那里信任谁：用 --pin 给出其管理者告知的指纹，或用 --ca-file 或 --system-roots
join-unknown-issuer-hint = 请将密钥与服务器自身显示的比较；若确是您的服务器，请给出 --pin { $key }
join-unreachable-hint = 地址 { $store } 正确吗？网络通吗？本机未作任何更改
join-refused-hint = 请检查凭据，以及它是否可以在那里列出和读取；本机未作任何更改
join-through = 已通过设置中的存储 { $store }（{ $address }）加入：它知道其他机器的改动，而本地保险库不知道。
join-not-through = 没有查看设置中的存储 { $store }（{ $address }）：{ $why }。其他机器在那里的改动本机不知道；如果之后 `printkeep sync` 说设备列表里没有本设备，请用 `printkeep device rejoin` 把它放回去。
join-through-network = 它要通过网络访问，而没有指明它
enroll-is-consent = 登记时会通过网络连接另一台设备；这会记录为您对使用网络的同意。
enroll-code-form = 代码由 8 个字母和数字组成，例如 4F7K-9QXM
enroll-code-form-hint = 请照另一台设备显示的样子输入
made-announced = 已建立账户“{ $account }”；其恢复套件是 { $kit }：请移到安全的地方。
made =
    已为本设备“{ $device }”建立账户“{ $account }”。
    {"  "}保险库：   { $vault }
    {"  "}恢复套件： { $kit }
    {"  "}指纹：     { $fingerprint }
made-keep-kit =
    请打印恢复套件或复制到 U 盘，妥善保管，并从本机删除：
    谁持有它，谁就能读取您的备份；没有它，任何人都无法读取。`printkeep key passphrase` 可另设口令。
made-keep-kit-passphrase =
    请打印恢复套件或复制到 U 盘，妥善保管，并从本机删除：
    谁持有它，谁就能读取您的备份；既没有它也没有您的口令，任何人都无法读取。
setup-next = 下一步：`printkeep source detect --add` 或 `printkeep backup 文件夹`。
joined =
    已作为“{ $device }”加入账户 { $id }；其指纹为 { $fingerprint }。
    {"  "}在 { $store } 中找到 { $count } 个快照。
joined-next = 下一步：`printkeep snapshots`，然后 `printkeep restore latest --to 文件夹 --recovery-kit KIT`。
joined-pending = 存储 { $why }：在 `printkeep sync` 能够写入之前，其他设备不知道本设备。
joined-damaged = 存储中有 { $count } 个文件损坏或缺失：
joined-damaged-one = {"  "}{ $object }：{ $reason }
enrolled-here =
    已登记为“{ $device }”：本设备可以备份，但不能读回。
    请与另一台设备显示的指纹核对：{ $fingerprint }
enrolled-unheard = 另一台设备在得知本机设置完成之前就断开了；它可能会这样提示。
setup-welcome = 逐步设置 Printkeep。回车采用所提供的选项或跳过该步骤；q 离开。再次运行 `printkeep setup` 即可继续。
setup-failed = 未能完成：{ $why }。
setup-failed-hint = {"  "}{ $hint }
setup-step-done = {"  [x]"} { $about }
setup-step-skipped = {"  [ ]"} { $about }
setup-account = 本设备“{ $device }”上的账户“{ $account }”
setup-ask-account =
    这是您备份的第一台机器，还是要加入已有的备份？
    {"  "}1  在本机新建备份（回车）
    {"  "}2  用恢复套件加入存储中的备份
    {"  "}3  由另一台设备登记，它正在运行 `printkeep device enroll`
setup-ask-join = 备份在哪里？文件夹路径，或地址：s3://…、webdav://… 或 sftp://…
setup-ask-enroll = 另一台设备显示什么地址？HOST:PORT
setup-sources-add = 已选择 { $count } 个来源；`printkeep source add FOLDER` 可再添加。
setup-no-numbers = 没有找到带编号的内容：请输入文件夹路径，或按回车跳过
setup-no-such-number = 编号从 1 到 { $count }
setup-passphrase-set = 已设置口令
setup-kit-here = 恢复套件仍在本机上：{ $path }
setup-kit-moved = 恢复套件现在位于 { $path }
setup-kit-taken = { $path } 已经存在
setup-kit-home = { $path } 仍在同一台机器上 Printkeep 自己的文件夹中
setup-kit-unlike = { $path } 读回的内容与写入的不同；已保留本机上的套件
setup-store-none = 没有存储：备份只在本机上
setup-ask-store =
    封存的副本可以送往哪里？U 盘或 NAS 上文件夹的路径，或地址：s3://bucket/prefix?endpoint=https://host、
    webdav://host/path、sftp://user@host/path。回车跳过。
setup-ask-keys = 哪个文件保存该存储的密钥（第一行为访问密钥，第二行为私有密钥）？请输入路径，或按回车另选存储：
setup-ask-login = 哪个文件保存该存储的登录信息（第一行为用户名，第二行为密码）？请输入路径，或按回车另选存储：
setup-ask-ssh-key = 哪个文件保存该服务器的私钥（ssh-keygen 生成的格式），或以一行保存密码？请输入路径，或按回车另选存储：
setup-consent-given = 您允许使用网络
setup-consent-unreached = 您允许使用网络；存储“{ $name }”暂时无法使用：`printkeep store test { $name }` 会说明原因
setup-consent-not-needed = 不需要网络
setup-consent-none = 未允许使用网络：不会发送任何内容
setup-ask-consent =
    存储 { $stores } 需要通过网络连接。没有您的同意，不会发送任何内容；您可以随时收回。
    { $meaning }
    您允许吗？[y/N]
enrolled-stores = 已告知它存储 { $names }，但不含凭据。请为它提供自己的凭据：`printkeep store set { $first } --credentials-file 文件`。
setup-needs-credentials = 存储“{ $name }”需要本设备自己的凭据。
setup-stores-locked = 本设备有了凭据后，副本将送往 { $name }：`printkeep store set { $name } --credentials-file 文件`
setup-nothing-yet = 尚未进行任何设置。需要时请再次运行 `printkeep setup`。
setup-go-on = 未完成的部分可用 `printkeep setup` 继续。
setup-begins = 开始首次备份。
setup-nothing-chosen = 尚未选择 `printkeep backup` 要备份的内容：请再次运行 `printkeep setup`，或 `printkeep source add 文件夹`。
setup-has-backup = 本设备已有备份：`printkeep status` 会说明它有多旧、存放在哪里。
setup-ready = 下一步：`printkeep backup`。
setup-ready-to-send = 下一步：`printkeep backup`，然后 `printkeep sync`。
setup-ask-backup = 现在进行首次备份吗？[Y/n]
setup-ask-backup-and-sync = 现在进行首次备份并发送到 { $stores } 吗？[Y/n]
setup-stopped-hint = 已设置的部分会保留；运行 `printkeep setup` 即可继续
setup-yes-or-no = 请输入 y（是）、n（否），或 q 离开。
setup-one-of-three = 请输入 1、2 或 3，或 q 离开。
setup-nothing-joined = 未加入任何备份；回到第一个问题。
setup-no-folder = 没有文件夹 { $path }
setup-no-folder-hint = 请给出已存在的文件夹的路径；请先插入并挂载 U 盘，或先建立该文件夹
setup-no-backup-there = { $path } 中没有 Printkeep 的备份
setup-sources = { $count ->
    [0] 尚未选择备份的内容
   *[other] 已选择 { $count } 个来源
}
setup-ask-sources = 要备份什么？回车为全部；或编号，如 1 3；或文件夹路径，也可写在编号之后；s 跳过。
setup-ask-found-too = 找到的内容（{ $count } 项）也要备份吗？[Y/n]
setup-ask-folder = 要备份哪个文件夹？请输入路径，或回车跳过。
setup-ask-more-sources = 已选择 { $count } 个来源；以上内容尚未选择。要添加什么？编号，如 1 3；或文件夹路径；回车则不添加。
setup-ask-passphrase = 要为在本机读回备份设置口令吗？没有口令时，只有恢复套件能打开备份。[Y/n]
setup-ask-passphrase-kit =
    本设备没有口令：备份不需要口令，在此读回则需要恢复套件。
    如要设置口令，恢复套件在哪里？请输入文件路径，或回车跳过。
setup-passphrase-none = 没有口令：在此只有恢复套件能打开备份
setup-ask-kit = 它的恢复套件在哪里？文件路径，或回车返回：
setup-kit-gone = Printkeep 的文件夹中没有恢复套件
setup-kit-moved-here = 恢复套件现在位于 { $path }，仍在本机的磁盘上：请另外复制到别处
setup-ask-kit-to =
    您的恢复套件是 { $path }。
    谁持有它，谁就能读取备份；本机丢失时您需要它。
    要移到哪个文件夹，例如已挂载的 U 盘？请输入路径，或按回车，稍后自行打印或复制。
setup-ask-store-this-disk =
    { $path } 在本机自己的磁盘上：磁盘丢失时，这份副本会与第一份一同丢失。如果本应是 U 盘或网络共享，则它尚未挂载。
    仍要使用它吗？[y/N]
setup-ask-kit-this-disk =
    { $path } 仍是本机的磁盘：磁盘丢失时，套件也会一同丢失。
    仍要移到那里吗？[y/N]
setup-stores = 存储为 { $names }
setup-stores-away = 存储“{ $name }”现在无法使用：{ $why }
setup-stores-new = 副本将送往 { $names }；尚未发送任何内容
setup-unwritable-hint = Printkeep 所需的内容都存放在 { $path }：请让当前用户可以写入该文件夹，或用 --home 指定另一个
