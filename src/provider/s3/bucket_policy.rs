//! The least that credentials must be allowed, as the provider's own language says it: a bucket policy, or what a Backblaze
//! application key can do. Names come from the scope that a sync keeps to, so that the two cannot drift apart.

use serde_json::{Value, json};

use super::object_lock::ObjectLock;
use crate::core::name::{AccountId, DeviceId};
use crate::provider::address::S3Address;
use crate::provider::scope::Scope;

/// What the credentials are for.
pub enum For<'a> {
    /// A device that may read: everything of the account, and removing for a device that may delete.
    Reading {
        /// Whether it may let things go.
        may_delete: bool,
    },
    /// A device that only writes.
    Writing(&'a Scope),
}

/// The servers that are known to honour a condition on what is there, and to let a policy ask for it.
pub fn takes_conditions(address: &S3Address) -> bool {
    host_is(address, "amazonaws.com")
}

/// Whether application keys are what it has in place of policies.
pub fn is_backblaze(address: &S3Address) -> bool {
    host_is(address, "backblazeb2.com")
}

fn host_is(address: &S3Address, domain: &str) -> bool {
    let host = address.endpoint.host_str().unwrap_or_default();
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// What every name of the account begins with, with the slash.
pub fn root(address: &S3Address, account: AccountId) -> String {
    let slash = if address.prefix.is_empty() { "" } else { "/" };
    format!("{}{slash}{account}/", address.prefix)
}

/// A bucket policy, version 2012-10-17. With `never_replace` the server refuses every put without the condition that nothing is
/// there: only for servers that know it, for any other would refuse every put.
pub fn bucket_policy(
    address: &S3Address,
    account: AccountId,
    (device, principal): (DeviceId, &str),
    wanted: &For<'_>,
    lock: Option<ObjectLock>,
    never_replace: bool,
) -> Value {
    let root = root(address, account);
    let bucket = format!("arn:aws:s3:::{}", address.bucket);
    let arn = |folder: &String| format!("{bucket}/{root}{folder}{}*", if folder.is_empty() { "" } else { "/" });
    let all = vec![String::new()];
    let below = |folders: &[String]| json!(folders.iter().map(arn).collect::<Vec<_>>());
    let (list, read, write) = match wanted {
        For::Reading { .. } => (all.clone(), all.clone(), all.clone()),
        For::Writing(scope) => (scope.listable(), scope.readable(), scope.writable()),
    };
    let prefixes: Vec<_> = list.iter().map(|folder| arn(folder)[bucket.len() + 1..].to_owned()).collect();
    let device = device.to_string().chars().take(8).collect();
    let mut policy = Statements { principal, device, said: Vec::new() };
    let (listing, reading, writing) = rights(wanted);
    policy.say_if("List", "Allow", listing, json!(bucket), json!({ "StringLike": { "s3:prefix": prefixes } }));
    policy.say("Read", "Allow", reading, below(&read));
    policy.say("Write", "Allow", writing, below(&write));
    if let Some(lock) = lock {
        // clocks may be a day apart
        let most = json!({ "NumericLessThanEqualsIfExists": { "s3:object-lock-remaining-retention-days": (lock.days + 1).to_string() } });
        policy.say_if("Lock", "Allow", &["s3:PutObjectRetention"], below(&write), most);
    }
    match wanted {
        For::Reading { may_delete: true } if lock.is_some() => policy.say("Remove", "Allow", &REMOVE_LOCKED, below(&all)),
        For::Reading { may_delete: true } => policy.say("Remove", "Allow", &REMOVE_LOCKED[..1], below(&all)),
        For::Reading { .. } => policy.say("NeverRemove", "Deny", &NEVER[..3], below(&all)),
        For::Writing(_) => policy.say("NeverRemove", "Deny", &NEVER, below(&all)),
    }
    let blind: Vec<String> = write.iter().filter(|folder| !read.contains(folder)).cloned().collect();
    if !blind.is_empty() {
        // where objects belong to whom wrote them, that alone would let it read
        policy.say("NeverRead", "Deny", &["s3:GetObject", "s3:GetObjectVersion"], below(&blind));
    }
    if never_replace {
        // the parts of an upload bear no condition, only what makes an object of them
        let unless = json!({ "Null": { "s3:if-none-match": "true" }, "Bool": { "s3:ObjectCreationOperation": "true" } });
        policy.say_if("NeverReplace", "Deny", &["s3:PutObject"], below(&all), unless);
    }
    json!({ "Version": "2012-10-17", "Statement": policy.said })
}

/// What a device that may delete removes with; the first alone where nothing is locked.
const REMOVE_LOCKED: [&str; 3] = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObjectRetention"];

/// What no other device may do; the last two where it only writes: an object's own list of rights stands beside the policy.
const NEVER: [&str; 5] =
    ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention", "s3:PutObjectAcl", "s3:PutObjectVersionAcl"];

/// The actions of listing, reading and writing.
fn rights(wanted: &For<'_>) -> (&'static [&'static str], &'static [&'static str], &'static [&'static str]) {
    match wanted {
        For::Reading { .. } => (
            &["s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"],
            &["s3:GetObject", "s3:GetObjectVersion"],
            &["s3:PutObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"],
        ),
        For::Writing(_) => (&["s3:ListBucket"], &["s3:GetObject"], &["s3:PutObject"]),
    }
}

/// The statements of a policy about one device.
struct Statements<'a> {
    principal: &'a str,
    /// The first digits of its id, which tell its statements from those of others.
    device: String,
    said: Vec<Value>,
}

impl Statements<'_> {
    fn say(&mut self, sid: &str, effect: &str, actions: &[&str], on: Value) {
        self.said.push(json!({
            "Sid": format!("Printkeep{sid}{}", self.device), "Effect": effect, "Principal": { "AWS": self.principal },
            "Action": actions, "Resource": on,
        }));
    }

    fn say_if(&mut self, sid: &str, effect: &str, actions: &[&str], on: Value, condition: Value) {
        self.say(sid, effect, actions, on);
        if let Some(last) = self.said.last_mut() {
            last["Condition"] = condition;
        }
    }
}

/// A policy with the statements of another that are not said anew; none when the other is no policy of this version.
pub fn merged(mut policy: Value, other: &str) -> Option<Value> {
    let other: Value = serde_json::from_str(other).ok()?;
    if other["Version"] != policy["Version"] {
        return None;
    }
    let said = policy["Statement"].as_array_mut()?;
    let news = |old: &&Value| old["Sid"].is_null() || !said.iter().any(|new| new["Sid"] == old["Sid"]);
    let kept: Vec<Value> = other["Statement"].as_array()?.iter().filter(news).cloned().collect();
    said.splice(0..0, kept);
    Some(policy)
}

/// What a Backblaze application key must be able to do. Such a key knows one prefix, so that it cannot tell packs from the rest.
pub fn application_key(address: &S3Address, account: AccountId, wanted: &For<'_>, lock: Option<ObjectLock>) -> Value {
    let mut capabilities = vec!["listFiles", "readFiles", "writeFiles"];
    let may_delete = matches!(wanted, For::Reading { may_delete: true });
    capabilities.extend(may_delete.then_some("deleteFiles"));
    if lock.is_some() {
        capabilities.push("writeFileRetentions");
        capabilities.extend(may_delete.then_some("readFileRetentions"));
    }
    json!({ "capabilities": capabilities, "bucketName": address.bucket, "namePrefix": root(address, account) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::address::Address;

    const ME: DeviceId = DeviceId::from_bytes([1; 16]);
    const ACCOUNT: AccountId = AccountId::from_bytes([7; 16]);

    fn address(text: &str) -> S3Address {
        match Address::parse(text).unwrap() {
            Address::S3(address) => address,
            _ => panic!("{text}"),
        }
    }

    fn actions(policy: &Value, effect: &str) -> Vec<String> {
        let statements = policy["Statement"].as_array().unwrap().iter().filter(|s| s["Effect"] == effect);
        statements.flat_map(|s| s["Action"].as_array().unwrap()).map(|action| action.as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_writer_may_neither_remove_nor_touch_what_is_anothers() {
        let scope = Scope { device: ME, deleters: vec![DeviceId::from_bytes([2; 16])] };
        let at = address("s3://bucket/a/b?endpoint=https://s3.example.net");
        let policy = bucket_policy(&at, ACCOUNT, (ME, "arn:me"), &For::Writing(&scope), None, false);
        let allowed = actions(&policy, "Allow");
        assert_eq!(allowed, ["s3:ListBucket", "s3:GetObject", "s3:PutObject"]);
        let denied = actions(&policy, "Deny");
        // nor let others do it: an object's own list of rights stands beside the policy
        for action in ["DeleteObject", "DeleteObjectVersion", "BypassGovernanceRetention", "PutObjectAcl", "PutObjectVersionAcl"]
        {
            assert!(denied.contains(&format!("s3:{action}")), "{action}: {denied:?}");
        }
        let written: Vec<_> =
            policy["Statement"][2]["Resource"].as_array().unwrap().iter().map(|on| on.as_str().unwrap()).collect();
        let root = format!("arn:aws:s3:::bucket/a/b/{ACCOUNT}");
        assert_eq!(written, [format!("{root}/packs/*"), format!("{root}/index/{ME}/*"), format!("{root}/heads/{ME}/*")]);
        assert!(!policy.to_string().contains("slots"));
    }

    #[test]
    fn only_a_device_that_may_delete_removes_and_a_lock_brings_its_rights() {
        let at = address("s3://bucket?endpoint=https://s3.example.net");
        let lock = ObjectLock::parse("30d");
        for (may_delete, lock) in [(false, None), (true, None), (true, lock)] {
            let policy = bucket_policy(&at, ACCOUNT, (ME, "arn:me"), &For::Reading { may_delete }, lock, false);
            let allowed = actions(&policy, "Allow");
            let may = |action: &str| allowed.iter().any(|allowed| allowed == action);
            assert_eq!((may("s3:DeleteObject"), may("s3:DeleteObjectVersion")), (may_delete, may_delete && lock.is_some()));
            assert_eq!(may("s3:PutObjectRetention"), lock.is_some());
        }
    }

    #[test]
    fn only_servers_that_know_a_condition_are_asked_for_it() {
        assert!(takes_conditions(&address("s3://bucket?region=eu-central-1")));
        for other in ["https://s3.notamazonaws.com", "https://amazonaws.com.example.net", "https://s3.eu.backblazeb2.com"] {
            assert!(!takes_conditions(&address(&format!("s3://bucket?endpoint={other}"))), "{other}");
        }
        let b2 = address("s3://bucket/x?endpoint=https://s3.eu-central-003.backblazeb2.com");
        assert!(is_backblaze(&b2));
        let key = application_key(&b2, ACCOUNT, &For::Reading { may_delete: false }, None);
        assert_eq!(key["capabilities"], json!(["listFiles", "readFiles", "writeFiles"]));
        assert_eq!(key["namePrefix"], format!("x/{ACCOUNT}/"));
    }

    #[test]
    fn policies_of_several_devices_stand_together() {
        let at = address("s3://bucket?endpoint=https://s3.example.net");
        let of = |n: u8| {
            bucket_policy(&at, ACCOUNT, (DeviceId::from_bytes([n; 16]), "arn:x"), &For::Reading { may_delete: true }, None, false)
        };
        let (one, two) = (of(1), of(2));
        let count = |policy: &Value| policy["Statement"].as_array().unwrap().len();
        let both = merged(two.clone(), &one.to_string()).unwrap();
        assert_eq!(count(&both), 2 * count(&one));
        assert_eq!(count(&merged(two.clone(), &both.to_string()).unwrap()), count(&both), "said anew, not twice");
        assert!(merged(two.clone(), "{}").is_none() && merged(two, "nonsense").is_none());
    }
}
