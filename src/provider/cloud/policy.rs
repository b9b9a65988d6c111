//! The least that credentials must be allowed, as the provider's own language says it: a bucket policy, or what a Backblaze
//! application key can do. Names come from the scope that a sync keeps to, so that the two cannot drift apart.

use serde_json::{Value, json};

use super::lock::Lock;
use crate::core::name::AccountId;
use crate::provider::address::S3Address;
use crate::provider::scope::Scope;

/// What the credentials are for.
pub enum For<'a> {
    /// A device that may read: everything of the account, and removing for a keeper.
    Reading {
        /// Whether it may let things go.
        keeper: bool,
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
    principal: &str,
    wanted: &For<'_>,
    lock: Option<Lock>,
    never_replace: bool,
) -> Value {
    let root = root(address, account);
    let bucket = format!("arn:aws:s3:::{}", address.bucket);
    let arn = |folder: &String| format!("{bucket}/{root}{folder}{}*", if folder.is_empty() { "" } else { "/" });
    let all = vec![String::new()];
    let below = |folders: &[String]| folders.iter().map(arn).collect::<Vec<_>>();
    let (list, read, write) = match wanted {
        For::Reading { .. } => (all.clone(), all.clone(), all.clone()),
        For::Writing(scope) => (scope.listable(), scope.readable(), scope.writable()),
    };
    let prefixes: Vec<_> = list.iter().map(|folder| arn(folder)[bucket.len() + 1..].to_owned()).collect();
    let whole = matches!(wanted, For::Reading { .. });
    let mut statements = Vec::new();
    let mut say = |sid: &str, effect: &str, actions: Vec<&str>, on: Value, condition: Value| {
        let mut statement = json!({
            "Sid": format!("Printkeep{sid}"), "Effect": effect, "Principal": { "AWS": principal }, "Action": actions, "Resource": on,
        });
        if !condition.is_null() {
            statement["Condition"] = condition;
        }
        statements.push(statement);
    };
    let listing = if whole { vec!["s3:ListBucket", "s3:ListBucketMultipartUploads"] } else { vec!["s3:ListBucket"] };
    say("List", "Allow", listing, json!(bucket), json!({ "StringLike": { "s3:prefix": prefixes } }));
    say("Read", "Allow", vec!["s3:GetObject"], json!(below(&read)), Value::Null);
    let mut writing = vec!["s3:PutObject"];
    if whole {
        writing.push("s3:ListMultipartUploadParts");
        writing.push("s3:AbortMultipartUpload");
    }
    say("Write", "Allow", writing, json!(below(&write)), Value::Null);
    if let Some(lock) = lock {
        // clocks may be a day apart
        let most = json!({ "NumericLessThanEquals": { "s3:object-lock-remaining-retention-days": (lock.days + 1).to_string() } });
        say("Lock", "Allow", vec!["s3:PutObjectRetention"], json!(below(&write)), most);
    }
    match wanted {
        For::Reading { keeper: true } => {
            let mut removing = vec!["s3:DeleteObject"];
            if lock.is_some() {
                removing.extend(["s3:DeleteObjectVersion", "s3:GetObjectRetention"]);
            }
            say("Remove", "Allow", removing, json!(below(&all)), Value::Null);
        }
        _ => {
            let never = vec!["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"];
            say("NeverRemove", "Deny", never, json!(below(&all)), Value::Null);
        }
    }
    if never_replace {
        // the parts of an upload bear no condition, only what makes an object of them
        let unless = json!({ "Null": { "s3:if-none-match": "true" }, "Bool": { "s3:ObjectCreationOperation": "true" } });
        say("NeverReplace", "Deny", vec!["s3:PutObject"], json!(below(&all)), unless);
    }
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// What a Backblaze application key must be able to do. Such a key knows one prefix, so that it cannot tell packs from the rest.
pub fn application_key(address: &S3Address, account: AccountId, wanted: &For<'_>, lock: Option<Lock>) -> Value {
    let mut capabilities = vec!["listFiles", "readFiles", "writeFiles"];
    let keeper = matches!(wanted, For::Reading { keeper: true });
    capabilities.extend(keeper.then_some("deleteFiles"));
    if lock.is_some() {
        capabilities.push("writeFileRetentions");
        capabilities.extend(keeper.then_some("readFileRetentions"));
    }
    json!({ "capabilities": capabilities, "bucketName": address.bucket, "namePrefix": root(address, account) })
}
