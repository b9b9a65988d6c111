//! Incidents in words, in English and Simplified Chinese, in the four parts that the policy promises: what happened and what it may
//! mean; what was done; what you can do; the remedy.

use serde_json::{Value, json};

use super::context::language;
use super::words;
use crate::consent::Language;
use crate::engine::account::Account;
use crate::engine::incident::{Grade, Incident, Kind};

/// The four parts of a kind: `{s}` is the store or place, `{d}` the device, `{o}` what exactly, `{k}` and `{n}` its numbers.
fn parts(kind: Kind, language: Language) -> [&'static str; 4] {
    match language {
        Language::English => english(kind),
        Language::Chinese => chinese(kind),
    }
}

fn english(kind: Kind) -> [&'static str; 4] {
    match kind {
        Kind::Damaged => [
            "{k} objects in {s} are damaged or missing ({o}); files that need them may not come back from there",
            "Nothing was removed; reading back goes to another copy where there is one",
            "Run `printkeep verify --read-data`, and check the disk",
            "`printkeep doctor` fetches what a store still has; the next backup stores anew what is still here",
        ],
        Kind::Forged => [
            "The store {s} shows a damaged or exchanged object: {o}; its disk rots, or somebody changed it there",
            "Kept our own copy and took nothing of it",
            "Ask who can write there",
            "Remove the damaged file there and run `printkeep sync`, which sends it anew",
        ],
        Kind::Rollback => [
            "The store {s} shows an older state or lacks what was there ({d} {k} → {n}) {o}; a copy there may be lost",
            "Sent again what this machine still holds, and changed nothing else there",
            "If you replaced or restored that disk, all is well; if not, ask who can write there, and keep another copy",
            "Run `printkeep sync` on each device until it reports nothing",
        ],
        Kind::Fork => [
            "In the store {s} the device {d} has two histories ({k}, {n}) {o}; it was copied, restored from an image, or somebody writes in its name",
            "Fetched nothing that contradicts what is known here",
            "If you did not clone or restore it, treat the device as stolen: `printkeep device revoke`",
            "Keep one copy of the device and let the other join anew: `printkeep setup --join`",
        ],
        Kind::Roster => [
            "The store {s} shows another list of devices than the one known here {d} {o}; two may have joined at once, or the store mixes two states",
            "Kept the list that is known here",
            "Compare the fingerprint in `printkeep status` on each device",
            "Let the device that differs join anew, then run `printkeep sync` on all",
        ],
        Kind::Devices => [
            "From another machine, the device {d} {s} the account; if that was not you, somebody has your passphrase or kit",
            "Took the list over: the owner's key signed it",
            "Look at `printkeep device list`",
            "If it was not you: `printkeep device revoke`, new passphrase, new kit",
        ],
        Kind::NotTrusted => [
            "The store {s} is not the one that is trusted: {o}; somebody may stand between, or its certificate or host key is new",
            "Nothing was sent or fetched",
            "Ask whoever runs it for its new fingerprint; do not take what the network shows you",
            "If it is really new: `printkeep store add` with the new pin; it is remedied once the store answers as the trusted one",
        ],
        Kind::Refused => [
            "The store {s} does not let us in or does not allow it: {o}; nothing new gets there",
            "Backups into the vault go on",
            "Check user, key and rights at your provider",
            "`printkeep store add` with the same name sets new credentials; then `printkeep sync`",
        ],
        Kind::WrongPassphrase => [
            "{k} wrong passphrases in a row; somebody may be guessing, or you mistyped",
            "Each further try must wait, up to a quarter of an hour",
            "If it was not you: look who can use this machine; `printkeep audit show` tells the times",
            "A right passphrase starts the count anew; the recovery kit never waits; acknowledge it with `printkeep incidents ack`",
        ],
        Kind::AuditBroken => [
            "The audit log is not what was written: {o}; somebody with access to this machine may hide what was done, or the disk is damaged",
            "The log goes on in a new file; what is there was not touched",
            "Run `printkeep audit verify`, which names every break; look who can use this machine",
            "Put the file back from a copy if you have one; else acknowledge it",
        ],
        Kind::AuditUnwritten => [
            "The audit log could not be written: {o}; what is done meanwhile does not stand in it",
            "Backing up and reading back went on",
            "Make room, and check who owns the folder `audit` of the account",
            "It is remedied with the next entry that is written",
        ],
        Kind::Silent => [
            "This device has made no backup for {k} days; what is new since then is saved nowhere",
            "What was saved before is kept",
            "See why: is the disk there, does the service run?",
            "Run `printkeep backup`",
        ],
        Kind::DeviceSilent => [
            "The device {d} has been silent for {k} days, as far as this machine has seen; what is new there is saved nowhere",
            "What it saved before is kept",
            "See whether it is on and runs `printkeep backup`; run `printkeep sync` here to see its newest",
            "A new backup of that device, and a sync",
        ],
        Kind::Disk => [
            "Only {k} bytes are free on the vault's disk; the next backup may not fit",
            "Nothing was removed",
            "Make room, or move the vault to a larger disk",
            "`printkeep forget` and `printkeep prune` give space back",
        ],
        Kind::Clock => [
            "The clock of this machine is {k} seconds behind what was done before; times of backups, certificates and retention go wrong",
            "Nothing is let go by this clock",
            "Set the clock, or let the machine set it from the network; if it is right now and ran ahead before, acknowledge this",
            "It is remedied once the clock is right",
        ],
        Kind::Policy => [
            "The policy in force cannot be read: {o}; you no longer see what you agreed to",
            "Everything counts as not allowed; the local vault goes on",
            "See who changed the file",
            "`printkeep policy install FILE` puts a copy back, `printkeep policy reset` the built-in one",
        ],
        Kind::Drill => [
            "A drill failed: {k} of the files tried did not come back from {s} ({o}); they could not be restored from there today",
            "Nothing was changed",
            "Run `printkeep verify --read-data`, there and here",
            "`printkeep doctor`, `printkeep backup`, `printkeep sync`; a drill that succeeds remedies it",
        ],
        Kind::Intruder => [
            "The revoked device {d} still writes to the store {s}: {k} snapshots since ({o}); whoever holds it has access there",
            "Believed none of them; what it saved before it was revoked is kept",
            "Take its access to the store away at your provider; give each device credentials of its own: `printkeep store policy`",
            "`printkeep prune` on a device that may delete removes what it wrote, after the grace period; then `printkeep sync`",
        ],
    }
}

fn chinese(kind: Kind) -> [&'static str; 4] {
    match kind {
        Kind::Damaged => [
            "{s} 中有 {k} 个对象损坏或缺失（{o}）；需要它们的文件可能无法从那里恢复",
            "未删除任何内容；如有其他副本，恢复时会改用其他副本",
            "运行 `printkeep verify --read-data`，并检查磁盘",
            "`printkeep doctor` 取回存储中仍有的内容；下次备份会重新保存本机仍有的内容",
        ],
        Kind::Forged => [
            "存储 {s} 给出了损坏或被替换的对象：{o}；可能是磁盘老化，也可能有人改动了它",
            "保留了我们自己的副本，未采用该对象",
            "确认谁能写入那里",
            "删除那里损坏的文件，再运行 `printkeep sync` 重新上传",
        ],
        Kind::Rollback => [
            "存储 {s} 显示较旧的状态，或缺少原有内容（{d} {k} → {n}）{o}；那里的副本可能已丢失",
            "重新发送了本机仍有的内容，未改动其他内容",
            "如果您更换或还原过该磁盘，则属正常；否则请确认谁能写入那里，并另存一份副本",
            "在每台设备上运行 `printkeep sync`，直到不再报告",
        ],
        Kind::Fork => [
            "在存储 {s} 中，设备 {d} 有两份历史（{k}、{n}）{o}；它可能被复制、从映像还原，或有人冒用其名义写入",
            "未取回与本机已知内容相矛盾的内容",
            "如果您没有克隆或还原它，请视为被盗：`printkeep device revoke`",
            "只保留一份设备，让另一份重新加入：`printkeep setup --join`",
        ],
        Kind::Roster => [
            "存储 {s} 显示的设备列表与本机已知的不同 {d} {o}；可能两台设备同时加入，或存储混合了两个状态",
            "保留了本机已知的列表",
            "在每台设备上比较 `printkeep status` 中的指纹",
            "让不同的那台设备重新加入，然后在所有设备上运行 `printkeep sync`",
        ],
        Kind::Devices => [
            "另一台机器更改了设备 {d}（{s}）；如果不是您本人，则有人持有您的口令或恢复套件",
            "已采用该列表：它由所有者的密钥签名",
            "查看 `printkeep device list`",
            "如果不是您本人：`printkeep device revoke`，并更换口令和恢复套件",
        ],
        Kind::NotTrusted => [
            "存储 {s} 不是受信任的那一个：{o}；可能有人在中间，或其证书、主机密钥已更换",
            "未发送也未取回任何内容",
            "向其管理者询问新的指纹；不要直接采信网络上显示的内容",
            "如果确实已更换：用新的指纹运行 `printkeep store add`；存储再次以受信任的身份应答后即视为已补救",
        ],
        Kind::Refused => [
            "存储 {s} 不接受我们或不允许该操作：{o}；新内容无法到达那里",
            "向本地保险库的备份继续进行",
            "在服务商处检查用户、密钥和权限",
            "用相同名称运行 `printkeep store add` 设置新凭据，然后 `printkeep sync`",
        ],
        Kind::WrongPassphrase => [
            "连续 {k} 次口令错误；可能有人在猜测，也可能是您输错",
            "之后每次尝试都须等待，最长一刻钟",
            "如果不是您本人：确认谁能使用本机；`printkeep audit show` 显示时间",
            "输入正确的口令后重新计数；恢复套件无须等待；用 `printkeep incidents ack` 确认",
        ],
        Kind::AuditBroken => [
            "审计日志与所写内容不符：{o}；可能有人能接触本机并掩盖其行为，或磁盘已损坏",
            "日志在新文件中继续；原有内容未被改动",
            "运行 `printkeep audit verify`，它会指出每一处；确认谁能使用本机",
            "如有副本请放回；否则请确认此事件",
        ],
        Kind::AuditUnwritten => [
            "无法写入审计日志：{o}；其间的操作没有记录",
            "备份和恢复继续进行",
            "腾出空间，并检查账户的 `audit` 文件夹归谁所有",
            "下一条记录写入后即视为已补救",
        ],
        Kind::Silent => [
            "本设备已有 {k} 天没有备份；其后的新内容没有保存",
            "此前保存的内容仍在",
            "查明原因：磁盘是否连接、服务是否运行？",
            "运行 `printkeep backup`",
        ],
        Kind::DeviceSilent => [
            "据本机所知，设备 {d} 已有 {k} 天没有动静；那里的新内容没有保存",
            "它此前保存的内容仍在",
            "确认它是否开机并运行 `printkeep backup`；在本机运行 `printkeep sync` 查看最新情况",
            "该设备完成新的备份，并同步",
        ],
        Kind::Disk => [
            "保险库所在磁盘仅剩 {k} 字节；下次备份可能放不下",
            "未删除任何内容",
            "腾出空间，或将保险库移到更大的磁盘",
            "`printkeep forget` 与 `printkeep prune` 可释放空间",
        ],
        Kind::Clock => [
            "本机时钟比先前的记录落后 {k} 秒；备份时间、证书和保留期限会出错",
            "不会依据此时钟删除任何内容",
            "校正时钟，或让本机从网络校时；如果现在的时间正确、只是先前走快了，请确认此事件",
            "时钟正确后即视为已补救",
        ],
        Kind::Policy => [
            "无法读取生效的政策：{o}；您看不到自己同意的内容",
            "一律视为未获同意；本地保险库照常工作",
            "确认谁改动了该文件",
            "`printkeep policy install FILE` 放回副本，或 `printkeep policy reset` 恢复内置政策",
        ],
        Kind::Drill => [
            "演练失败：所试文件中有 {k} 个未能从 {s} 取回（{o}）；今天无法从那里恢复它们",
            "未改动任何内容",
            "在两处都运行 `printkeep verify --read-data`",
            "`printkeep doctor`、`printkeep backup`、`printkeep sync`；演练成功后即视为已补救",
        ],
        Kind::Intruder => [
            "已撤销的设备 {d} 仍在向存储 {s} 写入：此后有 {k} 个快照（{o}）；持有它的人仍能访问那里",
            "一概不予采信；它被撤销前保存的内容仍在",
            "在服务商处收回它的访问权；给每台设备各自的凭据：`printkeep store policy`",
            "在有删除权的设备上运行 `printkeep prune`，宽限期过后即删除它写入的内容；然后 `printkeep sync`",
        ],
    }
}

/// The word for a grade.
fn grade(grade: Grade, language: Language) -> &'static str {
    match (language, grade) {
        (Language::English, grade) => grade.as_str(),
        (Language::Chinese, Grade::Info) => "提示",
        (Language::Chinese, Grade::Warning) => "警告",
        (Language::Chinese, Grade::Serious) => "严重",
        (Language::Chinese, Grade::Critical) => "危急",
    }
}

fn filled(incident: &Incident, language: Language) -> [String; 4] {
    let what = &incident.what;
    let place = |text: &str| if text.is_empty() { "?".to_owned() } else { text.to_owned() };
    // what comes from outside is put in last, so that it cannot bring a placeholder of ours
    parts(what.kind, language).map(|part| {
        let mut out = String::new();
        let mut rest = part;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let (name, after) = after.split_once('}').unwrap_or(("", after));
            match name {
                "s" => out.push_str(&plain(&place(&what.subject))),
                "d" => out.push_str(&plain(&what.device)),
                "o" => out.push_str(&plain(&what.object)),
                "k" => out.push_str(&what.known.to_string()),
                _ => out.push_str(&what.shown.to_string()),
            }
            rest = after;
        }
        out.push_str(rest);
        out.trim_end().to_owned()
    })
}

/// Text from elsewhere, fit for a terminal.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// In one line.
pub fn line(incident: &Incident) -> String {
    let language = language();
    let state = match (incident.remedied, incident.acknowledged, language) {
        (Some(_), _, Language::English) => ", remedied",
        (Some(_), _, Language::Chinese) => "，已补救",
        (None, Some(_), Language::English) => ", acknowledged",
        (None, Some(_), Language::Chinese) => "，已确认",
        (None, None, _) => "",
    };
    let times = if incident.count > 1 { format!(" ×{}", incident.count) } else { String::new() };
    let [happened, ..] = filled(incident, language);
    let (when, word) = (words::time(incident.last), grade(incident.grade(), language));
    format!("{:>4}  {when}  [{word}{times}{state}] {happened}", incident.number)
}

/// In full, in four parts.
pub fn lines(incident: &Incident) -> Vec<String> {
    let language = language();
    let labels = match language {
        Language::English => ["What happened, and what it may mean", "What was done", "What you can do", "The remedy"],
        Language::Chinese => ["发生了什么，可能的影响", "已采取的措施", "您可以做什么", "补救办法"],
    };
    let mut lines = vec![line(incident)];
    lines.extend(labels.iter().zip(filled(incident, language)).map(|(label, text)| format!("  {label}: {text}")));
    lines
}

/// As it is told when it is new.
pub fn told(incident: &Incident) -> Vec<String> {
    let language = language();
    let [happened, did, can, _] = filled(incident, language);
    let word = grade(incident.grade(), language);
    match language {
        Language::English => vec![
            format!("INCIDENT {} ({word}): {happened}.", incident.number),
            format!("  {did}. {can}."),
            format!("  `printkeep incidents show {}` tells more.", incident.number),
        ],
        Language::Chinese => vec![
            format!("事件 {}（{word}）：{happened}。", incident.number),
            format!("  {did}。{can}。"),
            format!("  详见 `printkeep incidents show {}`。", incident.number),
        ],
    }
}

/// For `status`, which says what to do in the same line.
pub fn problem(incident: &Incident) -> String {
    let [happened, _, _, remedy] = filled(incident, language());
    format!("incident {}: {happened}: {remedy}", incident.number)
}

/// For programs.
pub fn fields(account: &Account, incident: &Incident) -> Value {
    let language = language();
    let [happened, did, can, remedy] = filled(incident, language);
    let what = &incident.what;
    json!({
        "number": incident.number, "kind": what.kind.as_str(), "grade": incident.grade().as_str(), "subject": what.subject,
        "device": what.device, "object": what.object, "known": what.known, "shown": what.shown, "count": incident.count,
        "first": incident.first, "last": incident.last, "acknowledged": incident.acknowledged, "remedied": incident.remedied,
        "told": incident.told, "open": incident.is_open(), "language": language.as_str(), "happened": happened, "did": did,
        "can": can, "remedy": remedy, "account": account.name.as_str(), "on": account.device.name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_four_parts_in_both_languages() {
        for kind in Kind::ALL {
            for language in [Language::English, Language::Chinese] {
                for part in parts(kind, language) {
                    assert!(part.len() > 8 && part.matches('{').count() == part.matches('}').count(), "{kind:?} {part}");
                    assert_eq!(language == Language::Chinese, part.chars().any(|c| ('一'..='龥').contains(&c)), "{part}");
                }
            }
        }
    }
}
