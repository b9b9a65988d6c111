//! The address of a store, as an owner may type it.

use std::path::Path;

use crate::app::Failure;
use crate::local::home::full_path;
use crate::text;

/// The address that somebody meant: a plain path is a folder; what looks like another program's form is answered with ours.
pub fn meant(typed: &str) -> Result<String, Failure> {
    let typed = typed.trim();
    if let Some((scheme, rest)) = typed.split_once("://") {
        return match scheme {
            "http" | "https" => Err(of_the_web(typed, rest)),
            _ => Ok(typed.to_owned()),
        };
    }
    if let Some((host, path)) = typed.split_once(':').filter(|(host, _)| host.contains('@') && !host.contains('/')) {
        let meant = format!("sftp://{host}/{}", path.trim_start_matches('/'));
        return Err(Failure::usage(text!("store-address-scp", address = typed)).hint(text!("store-address-meant", meant = meant)));
    }
    let is_path = typed.starts_with(['/', '.']) || Path::new(typed).is_dir();
    if !is_path {
        return Err(Failure::usage(text!("store-address-unknown", address = typed)).hint(text!("store-address-forms")));
    }
    let path = full_path(Path::new(typed)).map_err(|error| Failure::path(Path::new(typed), &error))?;
    let url = url::Url::from_file_path(&path).map_err(|()| Failure::usage(text!("store-address-unknown", address = typed)))?;
    Ok(url.to_string())
}

/// What stands behind https:// may be a WebDAV folder or an S3 server.
fn of_the_web(typed: &str, rest: &str) -> Failure {
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let endpoint = typed.split("://").next().map(|scheme| format!("{scheme}://{host}")).unwrap_or_default();
    let dav = format!("webdav://{host}/{path}");
    let bucket = path.trim_end_matches('/');
    let bucket = if bucket.is_empty() { "BUCKET" } else { bucket };
    let s3 = format!("s3://{bucket}?endpoint={endpoint}&region=REGION");
    Failure::usage(text!("store-address-web", address = typed)).hint(text!("store-address-web-hint", dav = dav, s3 = s3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_path_is_a_folder_and_other_forms_are_answered_with_ours() {
        assert_eq!(meant("/mnt/my disk").unwrap(), "file:///mnt/my%20disk");
        assert!(meant("./x").unwrap().starts_with("file:///"));
        for same in ["file:///mnt/nas", "s3://b/p?endpoint=https://h", "sftp://pi@nas/x"] {
            assert_eq!(meant(same).unwrap(), same);
        }
        let hint = |typed: &str| meant(typed).unwrap_err().hint.map(|hint| hint.to_string()).unwrap_or_default();
        assert!(hint("https://nas.local/dav/x").contains("webdav://nas.local/dav/x"), "{}", hint("https://nas.local/dav/x"));
        assert!(hint("https://nas.local/dav/x").contains("s3://dav/x?endpoint=https://nas.local"));
        assert!(hint("pi@nas:/backups").contains("sftp://pi@nas/backups"));
        assert!(meant("nas").is_err() && meant("").is_err());
    }
}
