//! Earlier versions: what a bucket with versioning keeps of an object that was replaced, or hidden by a delete marker.

use reqwest::Method;
use rusty_s3::S3Action;
use rusty_s3::actions::ListObjectsV2;

use super::put::element;
use super::rollback::is_plain;
use super::{MAX_ANSWER, S3, body_text, expect_ok, lacks};
use crate::core::name::ObjectName;
use crate::provider::ProviderError;

impl S3 {
    /// The bytes of an earlier version, counted from the newest; missing when there is none.
    pub(super) async fn read_earlier(&self, name: &ObjectName, nth: usize) -> Result<Vec<u8>, ProviderError> {
        let key = self.key(name);
        let mut action = ListObjectsV2::new(&self.bucket, Some(&self.credentials));
        let query = action.query_mut();
        ["list-type", "encoding-type"].iter().for_each(|name| {
            query.remove(name);
        });
        query.insert("versions", "");
        query.insert("prefix", key.clone());
        let answer = expect_ok(self.ask(action, Method::GET, &[], None, MAX_ANSWER).await?)
            .map_err(|error| lacks(error, "s3:ListBucketVersions", &format!("the prefix {key}")))?;
        let version = earlier(body_text(&answer)?, &key).nth(nth).ok_or(ProviderError::Missing)?.to_owned();
        self.read_version(&key, &version, name.max_size()).await
    }
}

/// The ids of the versions of `key` that are not what it shows now, newest first, as servers list them.
fn earlier<'a>(listing: &'a str, key: &'a str) -> impl Iterator<Item = &'a str> {
    let versions = listing.split("<Version>").skip(1).filter_map(|rest| rest.split("</Version>").next());
    let ours = versions.filter(move |one| element(one, "Key") == Some(key) && element(one, "IsLatest") == Some("false"));
    ours.filter_map(|one| element(one, "VersionId")).filter(|id| is_plain(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earlier_versions_are_found_and_what_is_shown_is_none() {
        let listing = "<R><Version><Key>a</Key><VersionId>3</VersionId><IsLatest>true</IsLatest></Version>\
            <DeleteMarker><Key>b</Key><VersionId>9</VersionId><IsLatest>true</IsLatest></DeleteMarker>\
            <Version><Key>a</Key><VersionId>2</VersionId><IsLatest>false</IsLatest></Version>\
            <Version><Key>a</Key><VersionId>1 /</VersionId><IsLatest>false</IsLatest></Version>\
            <Version><Key>b</Key><VersionId>8</VersionId><IsLatest>false</IsLatest></Version><Version>";
        assert_eq!(earlier(listing, "a").collect::<Vec<_>>(), ["2"]);
        assert_eq!(earlier(listing, "b").collect::<Vec<_>>(), ["8"]);
        assert_eq!(earlier("nonsense", "a").count(), 0);
    }
}
