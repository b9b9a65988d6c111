device-adds-only = 仅添加
device-may-delete = 可删除
device-revoked-word = 已撤销
device-last = 快照 { $number }，{ $time }
device-last-none = 没有快照
device-this = （本设备）
device-renamed = “{ $before }”从现在起称为“{ $name }”。
device-rejoined = 本设备“{ $name }”已重新列入账户的设备列表，它的备份会得到采信。
device-allowed = “{ $name }”可以决定什么不再需要，您的其他设备也不必再存它已有的内容。
device-forbidden = “{ $name }”从现在起只添加快照。
device-set-aside = 未完成：{ $why }。
device-sync = 请在本机和其他设备上运行 `printkeep sync`，让它们得知。
device-revoke-here = “{ $name }”就是您面前的设备：此后它备份的内容都不会被采信
device-revoke-here-hint = 请在另一台设备上撤销它；若确有此意，请加上 --yes
device-revoke-nobody = 没有人可以确认
device-revoke-nobody-hint = 请加上 --yes，不经询问直接撤销
device-revoke-ask = { $believed }{ $fetched }{ $unseen }{ $many }{ $unreached }请输入设备名称 { $name } 以撤销它。
device-revoke-believed = { $count ->
    [0] 本机不知道它的任何快照，一概不会采信。
   *[other] 本机已知它的 { $count } 个快照（编号不超过 { $number }），将继续采信；之后的不会采信。
}
device-revoke-fetched = 其中 { $count } 个（从编号 { $first } 起）刚刚从存储取回：如果设备当时已落入他人之手，请在此停下，改用 `--last { $before }`。
device-revoke-unseen = 另有 { $count } 个快照（第一个编号为 { $first }）本机没有见过，撤销后将会失去：如果需要，请先对存有它们的存储运行 `printkeep sync`。
device-revoke-many = 另有 { $count } 个较旧的快照超出设备列表所能列出的数量，撤销后将会失去：请先恢复其中需要的内容。
device-revoke-unreached = 未询问的存储：{ $stores }；只存放在那里的内容将会失去。
device-revoke-unlike = 输入的名称不是该设备的名称；未作任何更改
device-revoked = “{ $name }”已撤销：{ $believed }。
device-revoked-believed = 保留并采信其编号不超过 { $number }（{ $time }）的快照，之后的不予采信
device-revoked-nothing = 本机不知道它的任何快照，一概不予采信
device-revoked-fetched = 其中 { $count } 个（从编号 { $first } 起）本机此前没有，刚刚从存储取回。
device-revoked-unseen = 它另有 { $count } 个快照（第一个编号为 { $first }）本机没有见过，不予采信。
device-revoked-many = 它另有 { $count } 个较旧的快照超出设备列表所能列出的数量，不予采信。
device-revoked-unreached = 未询问的存储：{ $stores }；只存放在那里的快照不予采信。
device-revoked-keys = 账户的密钥也已更换，因为该设备持有部分旧密钥。
device-revoked-no-keys = 未能更换账户的密钥：{ $why }。请用 `printkeep key rotate` 更换。
device-remains = 还需要您做的：
device-remains-sync = {"  "}- 在本机和其他设备上运行 `printkeep sync`，让它们得知
device-remains-credentials = {"  "}- 在存储服务商处更换该设备持有的凭据；在此之前它仍可在那里添加和删除
device-enroll-listen = { $address } 不是可等待的地址；请给出 IP 地址和端口，例如 192.168.1.20:40123
device-enroll-waiting =
    请在新设备上输入：
    {"  "}printkeep setup --enroll { $address }
    然后在它询问时输入代码：  { $code }
    正在等待，最多十分钟。代码只能试一次。
device-enrolled = “{ $name }”已登记：它可以备份，但不能读回。
device-enrolled-compare = 请将它显示的指纹与本账户的核对：{ $fingerprint }
device-enrolled-kept = 未告知它 { $names }：从那里无法访问本机的文件夹。
device-enrolled-sync = 请在本机运行 `printkeep sync`，让您的其他设备和存储得知。
