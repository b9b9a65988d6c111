//! SSH servers: whom to trust, who is let in, uploads that were cut off, and disks that are full.

use std::sync::atomic::Ordering;

use crate::support::server::{self, account, keys, new_name, runtime, sealed};
use crate::support::sftp::{Manner, PASSWORD, SftpServer};
use printkeep::core::name::ObjectName;
use printkeep::provider::address::Pin;
use printkeep::provider::{Provider, ProviderError, Wanted};

fn get(place: &dyn Provider) -> ProviderError {
    runtime().block_on(place.get(&new_name(), Wanted::whole(&new_name()))).unwrap_err()
}

#[test]
fn only_a_pinned_host_key_is_trusted_and_a_new_one_is_shown() {
    let server = SftpServer::start(Manner::OpenSsh);
    let other = Pin([7; 32]).as_fingerprint();
    assert_eq!(get(&server.place(account(1))), ProviderError::Missing);
    assert_eq!(
        get(&server.place_of(account(1), &[other.clone(), server.fingerprint.clone()], &server.key)),
        ProviderError::Missing
    );
    let new = get(&server.place_of(account(1), &[], &server.key));
    assert_eq!(new, ProviderError::NewKey(Pin::parse(&server.fingerprint).unwrap()));
    assert!(new.to_string().contains(&format!("--pin {}", server.fingerprint)), "{new}");
    let ProviderError::NotTrusted(why) = get(&server.place_of(account(1), std::slice::from_ref(&other), &server.key)) else {
        panic!()
    };
    let why = why.to_string();
    assert!(why.contains(&server.fingerprint) && why.contains(&other), "{why}");
}

#[test]
fn keys_and_passwords_let_in_and_wrong_ones_do_not() {
    let server = SftpServer::start(Manner::OpenSsh);
    let pins = [server.fingerprint.clone()];
    let other = SftpServer::start(Manner::OpenSsh);
    assert_eq!(get(&server.place_of(account(1), &pins, PASSWORD)), ProviderError::Missing);
    for wrong in ["wrong", &other.key] {
        let error = get(&server.place_of(account(1), &pins, wrong));
        assert!(matches!(error, ProviderError::Refused(_)), "{error:?}");
        assert!(!error.to_string().contains("PRIVATE"));
    }
}

/// A key with a passphrase, as `ssh-keygen` writes it, needs the passphrase.
#[test]
fn a_key_with_a_passphrase_needs_it() {
    let server = SftpServer::start(Manner::OpenSsh);
    let pins = [server.fingerprint.clone()];
    let key = russh::keys::decode_secret_key(&server.key, None).unwrap();
    let sealed = key.encrypt(&mut russh::keys::key::safe_rng(), "my phrase").unwrap();
    let pem = sealed.to_openssh(Default::default()).unwrap();
    let place = |phrase: &str| server.place_of(account(1), &pins, &format!("{}\n{phrase}", pem.trim_end()));
    assert_eq!(get(&place("my phrase\n")), ProviderError::Missing);
    for wrong in ["", "other\n"] {
        assert!(matches!(get(&place(wrong)), ProviderError::Refused(_)));
    }
}

#[test]
fn an_upload_that_was_cut_off_goes_on_where_it_was() {
    let server = SftpServer::start(Manner::Loses(40));
    let (place, object) = (server.place(account(1)), sealed(&keys(account(1)), new_name(), 3_000_000));
    let runtime = runtime();
    let blocks = object.bytes().len().div_ceil(32 * 1024);
    let first = runtime.block_on(place.put(&object)).map(|_| ());
    assert!(first.as_ref().is_err_and(ProviderError::is_transient), "{first:?}");
    let before = server.writes.swap(0, Ordering::Relaxed);
    runtime.block_on(place.put(&object)).unwrap();
    let after = server.writes.load(Ordering::Relaxed);
    assert!(before >= 40 && after < blocks - 20, "{before} {after} of {blocks}");
    assert_eq!(runtime.block_on(place.get(&object.name(), Wanted::whole(&object.name()))).unwrap(), object.bytes());
}

/// What lies under a temporary name is believed only when it is the object's beginning; a second name of another is not written to.
#[test]
fn what_a_cut_upload_left_is_compared() {
    let server = SftpServer::start(Manner::OpenSsh);
    let runtime = runtime();
    for (size, left) in [(1_000_000, vec![9; 500_000]), (1_000, vec![9; 10]), (1_000_000, vec![9; 2_000_000])] {
        let (place, object) = (server.place(account(1)), sealed(&keys(account(1)), new_name(), size));
        runtime.block_on(place.put(&sealed(&keys(account(1)), new_name(), 10))).unwrap();
        let tmp = server.data.join("a b").join(account(1).to_string()).join("tmp");
        let hash = ring::digest::digest(&ring::digest::SHA256, object.bytes());
        let temp = tmp.join(&printkeep::core::name::hex(hash.as_ref())[..32]);
        std::fs::write(&temp, &left).unwrap();
        let other = tmp.join("other");
        std::fs::hard_link(&temp, &other).unwrap();
        runtime.block_on(place.put(&object)).unwrap();
        assert_eq!(runtime.block_on(place.get(&object.name(), Wanted::whole(&object.name()))).unwrap(), object.bytes());
        assert_eq!(std::fs::read(&other).unwrap(), left, "{size}");
        std::fs::remove_file(other).unwrap();
        assert_eq!(std::fs::read_dir(&tmp).unwrap().count(), 0);
    }
}

#[test]
fn a_server_that_cannot_write_is_told_as_full() {
    let server = SftpServer::start(Manner::Full);
    let object = sealed(&keys(account(1)), ObjectName::Roster(1), 100);
    let error = runtime().block_on(server.place(account(1)).put(&object)).unwrap_err();
    assert!(matches!(error, ProviderError::Full(_)), "{error:?}");
}

#[test]
fn a_host_that_is_no_ssh_server_is_told_soon() {
    let server = server::Rude::start(None, b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", 0);
    let honest = SftpServer::start(Manner::OpenSsh);
    let url = format!("sftp://pi@127.0.0.1:{}/x", server.address.port());
    let printkeep::provider::address::Address::Sftp(address) = printkeep::provider::address::Address::parse(&url).unwrap() else {
        panic!()
    };
    let trust = printkeep::provider::address::Trust::new(None, std::slice::from_ref(&honest.fingerprint), false, false).unwrap();
    let credentials =
        printkeep::provider::credentials::Credentials::parse(PASSWORD, printkeep::provider::credentials::CredentialKind::Ssh);
    let place =
        printkeep::provider::sftp::Sftp::new(&server::permit(), &address, &trust, credentials.unwrap(), account(1)).unwrap();
    assert!(matches!(get(&place), ProviderError::Unreachable(_) | ProviderError::Nonsense(_)));
}
