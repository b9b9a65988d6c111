//! One suite that every provider passes: folder, and servers of S3, WebDAV and SFTP in this process; and, where
//! `PRINTKEEP_TEST_S3` or `PRINTKEEP_TEST_STORE` names one, a real server (see `tests/servers/run`).

use crate::support::server::{self, S3Server, account, keys, new_name, runtime, sealed};
use printkeep::core::name::{AccountId, ObjectName};
use printkeep::provider::folder::Folder;
use printkeep::provider::{Listed, Provider, ProviderError, Range, Wanted};
use tokio::runtime::Runtime;

/// Makes the part of one account, at the same place each time.
type Make<'a> = &'a dyn Fn(AccountId) -> Box<dyn Provider>;

struct Suite<'a> {
    make: Make<'a>,
    runtime: Runtime,
}

impl Suite<'_> {
    fn run(make: Make<'_>) {
        let suite = Suite { make, runtime: runtime() };
        suite.objects_come_back_whole_and_in_part();
        suite.an_object_is_kept_once_and_never_replaced();
        suite.accounts_do_not_meet();
        suite.listing_tells_everything_once();
        suite.removing_is_final_and_repeatable();
        suite.large_objects_come_back();
    }

    fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    fn listed(&self, place: &dyn Provider, folder: &str) -> Vec<Listed> {
        let mut found = Vec::new();
        self.wait(place.list(folder, &mut |page: &[Listed]| found.extend_from_slice(page))).unwrap();
        found.sort_by_key(|l| l.name);
        found
    }

    fn objects_come_back_whole_and_in_part(&self) {
        let (place, keys) = ((self.make)(account(1)), keys(account(1)));
        let object = sealed(&keys, new_name(), 10_000);
        let (name, bytes) = (object.name(), object.bytes());
        let receipt = self.wait(place.put(&object)).unwrap();
        assert_eq!((receipt.name(), receipt.size()), (name, bytes.len() as u64));
        assert_eq!(self.wait(place.get(&name, Wanted::whole(&name))).unwrap(), bytes);
        for (offset, length) in [(0, 1), (7, 100), (bytes.len() as u64 - 1, 1), (bytes.len() as u64 - 5, 100)] {
            let part = self.wait(place.get(&name, Wanted::part(&name, Range { offset, length }))).unwrap();
            let end = bytes.len().min(usize::try_from(offset + length).unwrap());
            assert_eq!(part, &bytes[usize::try_from(offset).unwrap()..end], "{offset} {length}");
        }
        assert_eq!(self.wait(place.get(&new_name(), Wanted::whole(&new_name()))), Err(ProviderError::Missing));
    }

    fn an_object_is_kept_once_and_never_replaced(&self) {
        let (place, keys) = ((self.make)(account(1)), keys(account(1)));
        let first = sealed(&keys, new_name(), 100);
        let other = sealed(&keys, first.name(), 100);
        self.wait(place.put(&first)).unwrap();
        self.wait(place.put(&first)).unwrap();
        assert_eq!(self.wait(place.put(&other)).err(), Some(ProviderError::Taken));
        assert_eq!(self.wait(place.get(&first.name(), Wanted::whole(&first.name()))).unwrap(), first.bytes());
    }

    fn accounts_do_not_meet(&self) {
        let (ours, theirs) = ((self.make)(account(1)), (self.make)(account(2)));
        let object = sealed(&keys(account(1)), new_name(), 100);
        assert!(matches!(self.wait(theirs.put(&object)), Err(ProviderError::Nonsense(_))));
        self.wait(ours.put(&object)).unwrap();
        assert_eq!(self.wait(theirs.get(&object.name(), Wanted::whole(&object.name()))), Err(ProviderError::Missing));
        assert!(!self.listed(&*theirs, "packs").iter().any(|l| l.name == object.name()));
        self.wait(theirs.remove(&object.name())).unwrap();
        assert!(self.wait(ours.get(&object.name(), Wanted::whole(&object.name()))).is_ok());
    }

    fn listing_tells_everything_once(&self) {
        let (place, keys) = ((self.make)(account(3)), keys(account(3)));
        let mut expected = Vec::new();
        for n in 0..30 {
            let object = sealed(&keys, new_name(), n * 100);
            self.wait(place.put(&object)).unwrap();
            expected.push(Listed { name: object.name(), size: object.bytes().len() as u64 });
        }
        self.wait(place.put(&sealed(&keys, ObjectName::Roster(1), 10))).unwrap();
        expected.sort_by_key(|l| l.name);
        assert_eq!(self.listed(&*place, "packs"), expected);
        assert_eq!(self.listed(&*place, "roster").len(), 1);
        assert_eq!(self.listed(&*place, "heads"), []);
    }

    fn removing_is_final_and_repeatable(&self) {
        let (place, keys) = ((self.make)(account(1)), keys(account(1)));
        let object = sealed(&keys, new_name(), 100);
        self.wait(place.put(&object)).unwrap();
        self.wait(place.remove(&object.name())).unwrap();
        self.wait(place.remove(&object.name())).unwrap();
        assert_eq!(self.wait(place.get(&object.name(), Wanted::whole(&object.name()))), Err(ProviderError::Missing));
    }

    /// Over the size from which cloud objects go in parts.
    fn large_objects_come_back(&self) {
        let (place, keys) = ((self.make)(account(1)), keys(account(1)));
        let object = sealed(&keys, new_name(), 20 << 20);
        self.wait(place.put(&object)).unwrap();
        assert!(self.wait(place.get(&object.name(), Wanted::whole(&object.name()))).unwrap() == object.bytes());
        self.wait(place.put(&object)).unwrap();
        self.wait(place.remove(&object.name())).unwrap();
    }
}

#[test]
fn a_folder_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    Suite::run(&|account| Box::new(Folder::create(folder.path(), account).unwrap()));
}

#[test]
fn an_s3_server_over_tls_keeps_the_contract() {
    let server = S3Server::start();
    Suite::run(&|account| Box::new(server.cloud("some/prefix", account)));
}

/// The same for credentials that look by name and let the server refuse to replace.
#[test]
fn an_s3_server_that_is_only_written_to_keeps_the_contract() {
    let server = S3Server::start();
    Suite::run(&|account| Box::new(server.cloud("some/prefix", account).blind()));
}

#[test]
fn a_webdav_server_over_tls_keeps_the_contract() {
    use crate::support::webdav::{Auth, DavServer, Manner};
    for (manner, auth) in [
        (Manner::Honest, Auth::Basic),
        (Manner::Honest, Auth::Sha256),
        (Manner::Honest, Auth::Md5),
        (Manner::IgnoresRange, Auth::Nobody),
    ] {
        let server = DavServer::start(manner, auth);
        Suite::run(&|account| Box::new(server.place(account)));
        let left = server.files.lock().unwrap().keys().filter(|name| name.contains("/tmp/")).count();
        assert_eq!(left, 0, "temporary files");
    }
}

#[test]
fn an_sftp_server_keeps_the_contract() {
    use crate::support::sftp::{Manner, SftpServer};
    for manner in [Manner::OpenSsh, Manner::Bare] {
        let server = SftpServer::start(manner);
        Suite::run(&|account| Box::new(server.place(account)));
    }
}

/// `PRINTKEEP_TEST_STORE` holds `URL|CA-FILE or PIN|CREDENTIALS-FILE`.
#[test]
fn a_real_server_keeps_the_contract() {
    use printkeep::config;
    use printkeep::provider::credentials::Credentials;
    let Ok(text) = std::env::var("PRINTKEEP_TEST_STORE") else {
        println!("not run: PRINTKEEP_TEST_STORE names no server; tests/servers/run does");
        return;
    };
    let parts: Vec<&str> = text.split('|').collect();
    let (ca_file, pins) =
        if parts[1].starts_with('/') { (Some(parts[1].into()), vec![]) } else { (None, vec![parts[1].to_owned()]) };
    let store = config::Store::new("real".into(), parts[0], ca_file, &pins, false, false).unwrap();
    let kind = printkeep::engine::repository::stores::credential_kind(&store.address).unwrap();
    let credentials = Credentials::read(&std::fs::read_to_string(parts[2]).unwrap(), kind).unwrap();
    Suite::run(&|account| {
        printkeep::engine::repository::stores::reach(&server::permit(), &store, &credentials, account).unwrap()
    });
}

/// `PRINTKEEP_TEST_S3` holds `URL|CA-FILE|ACCESS-KEY|SECRET-KEY`.
#[test]
fn a_real_s3_server_keeps_the_contract() {
    let Ok(text) = std::env::var("PRINTKEEP_TEST_S3") else {
        println!("not run: PRINTKEEP_TEST_S3 names no server; tests/servers/run does");
        return;
    };
    let parts: Vec<&str> = text.split('|').collect();
    let trust = printkeep::provider::address::Trust::new(Some(parts[1].into()), &[], false, true).unwrap();
    let profile = format!("[default]\naws_access_key_id={}\naws_secret_access_key={}\n", parts[2], parts[3]);
    let credentials = printkeep::provider::credentials::Credentials::parse_aws_profile(&profile, "default").unwrap();
    let address = server::s3_address(parts[0]);
    Suite::run(&|account| {
        let cloud = printkeep::provider::s3::S3::new(&server::permit(), &address, &trust, &credentials, account);
        Box::new(cloud.unwrap())
    });
}

/// Credentials that were revoked are told as what they are, and not tried for ever.
#[test]
fn revoked_credentials_are_told() {
    use printkeep::provider::credentials::Credentials;
    use printkeep::provider::s3::S3;
    let server = S3Server::start();
    let object = sealed(&keys(account(1)), new_name(), 10);
    let revoked = Credentials::parse_aws_profile("[a]\naws_access_key_id=AKGONE\naws_secret_access_key=x\n", "a").unwrap();
    let put = |url: &str, credentials: &Credentials| {
        let cloud = S3::new(&server::permit(), &server::s3_address(url), &server.trust(), credentials, account(1)).unwrap();
        runtime().block_on(cloud.put(&object)).map(|_| ())
    };
    assert!(matches!(put(&server.url("p"), &revoked), Err(ProviderError::Refused(_))));
}

/// A folder's own promises: odd files are passed over.
#[test]
fn a_folder_passes_over_what_is_not_an_object() {
    let folder = tempfile::tempdir().unwrap();
    let place = Folder::create(folder.path(), account(1)).unwrap();
    let root = folder.path().join(account(1).to_string());
    std::fs::write(root.join("packs/notes.txt"), "x").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", root.join("slots/00000000000000000000000000000000")).unwrap();
    let mut found = 0;
    for name in ["packs", "slots"] {
        place.list_now(name, &mut |page| found += page.len()).unwrap();
    }
    assert_eq!(found, 0);
}
