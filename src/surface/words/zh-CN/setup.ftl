settings-busy = 另一个 printkeep 正在更改设置
kit-unwritable = 无法写出恢复套件
kit-there-already = { $path } 已经存在
kit-there-already-hint = 请用 --recovery-kit 指定另一个文件
key-file-lost = 密钥文件 { $path } 不见了，而其账户的快照仍在 { $vault } 中
key-file-lost-hint = 请放回该文件的副本；或移走 { $folder } 后重新加入：`printkeep setup --join file://{ $vault } --recovery-kit FILE`
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
join-unreachable-hint = 地址 { $store } 正确吗？网络通吗？本机未作任何更改
join-refused-hint = 请检查凭据，以及它是否可以在那里列出和读取；本机未作任何更改
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
    下一步：`printkeep snapshots`，然后 `printkeep restore latest --to 文件夹 --recovery-kit KIT`。
joined-damaged = 存储中有 { $count } 个文件损坏或缺失：
joined-damaged-one = {"  "}{ $object }：{ $reason }
enrolled-here =
    已登记为“{ $device }”：本设备可以备份，但不能读回。
    请与另一台设备显示的指纹核对：{ $fingerprint }
enrolled-unheard = 另一台设备在得知本机设置完成之前就断开了；它可能会这样提示。
