//! Whom a store's client talks to, and what it does with replies that make no sense.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::support::program::Home;
use crate::support::server::{
    self, Identity, Rude, account, credentials, identity, keys, new_name, permit, runtime, s3_address, sealed,
    self_signed_authority, server_config, write,
};
use printkeep::provider::address::Trust;
use printkeep::provider::reason::Reason;
use printkeep::provider::s3::S3;
use printkeep::provider::{Provider, ProviderError, Wanted};

const TLS13: &[&rustls::SupportedProtocolVersion] = &[&rustls::version::TLS13];
const TLS12: &[&rustls::SupportedProtocolVersion] = &[&rustls::version::TLS12];
const NOT_FOUND: &[u8] = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";

fn trust(identity: &Identity) -> (Trust, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder.path().join("ca.pem"), &identity.ca_pem);
    (Trust::new(Some(file), &[], false, false).unwrap(), folder)
}

fn get(server: &Rude, scheme: &str, trust: &Trust) -> Result<Vec<u8>, ProviderError> {
    let url = format!("s3://bucket?endpoint={scheme}://127.0.0.1:{}", server.address.port());
    let cloud = S3::new(&permit(), &s3_address(&url), trust, &credentials(), account(1))?;
    runtime().block_on(cloud.get(&new_name(), Wanted::whole(&new_name())))
}

#[test]
fn the_right_root_passes() {
    let identity = identity(&["127.0.0.1"], |_| {});
    let (trust, _folder) = trust(&identity);
    let server = Rude::start(Some(server_config(&identity, TLS13)), NOT_FOUND, 0);
    assert_eq!(get(&server, "https", &trust), Err(ProviderError::Missing));
}

#[test]
fn wrong_roots_names_and_dates_are_refused() {
    let right = identity(&["127.0.0.1"], |_| {});
    let (trusting_right, _folder) = trust(&right);
    let other_root = identity(&["127.0.0.1"], |_| {});
    let server = Rude::start(Some(server_config(&other_root, TLS13)), NOT_FOUND, 0);
    assert!(matches!(get(&server, "https", &trusting_right), Err(ProviderError::NotTrusted(_))));

    let wrong_name = identity(&["example.net"], |_| {});
    let server = Rude::start(Some(server_config(&wrong_name, TLS13)), NOT_FOUND, 0);
    let (trusting, _kept) = trust(&wrong_name);
    assert!(matches!(get(&server, "https", &trusting), Err(ProviderError::NotTrusted(_))));

    let expired = identity(&["127.0.0.1"], |params| {
        params.not_before = rcgen::date_time_ymd(2001, 1, 1);
        params.not_after = rcgen::date_time_ymd(2002, 1, 1);
    });
    let server = Rude::start(Some(server_config(&expired, TLS13)), NOT_FOUND, 0);
    let (trusting, _kept) = trust(&expired);
    assert!(matches!(get(&server, "https", &trusting), Err(ProviderError::NotTrusted(_))));
}

#[test]
fn pins_trust_a_key_and_nothing_else() {
    let pinned = identity(&["whatever.example"], |_| {});
    let pin = |identity: &Identity| {
        let digest = ring::digest::digest(&ring::digest::SHA256, &identity.spki);
        vec![printkeep::core::name::hex(digest.as_ref())]
    };
    let server = Rude::start(Some(server_config(&pinned, TLS13)), NOT_FOUND, 0);
    let right = Trust::new(None, &pin(&pinned), false, false).unwrap();
    assert_eq!(get(&server, "https", &right), Err(ProviderError::Missing));
    let wrong = Trust::new(None, &pin(&identity(&["whatever.example"], |_| {})), false, false).unwrap();
    assert!(matches!(get(&server, "https", &wrong), Err(ProviderError::NotTrusted(_))));
}

#[test]
fn tls_1_2_is_refused_unless_the_owner_allows_it() {
    let identity = identity(&["127.0.0.1"], |_| {});
    let (strict, folder) = trust(&identity);
    let server = Rude::start(Some(server_config(&identity, TLS12)), NOT_FOUND, 0);
    assert!(matches!(get(&server, "https", &strict), Err(ProviderError::NotTrusted(_))));
    let lenient = Trust::new(Some(folder.path().join("ca.pem")), &[], false, true).unwrap();
    assert_eq!(get(&server, "https", &lenient), Err(ProviderError::Missing));
}

#[test]
fn an_unknown_host_needs_trust_of_its_own() {
    let server = Rude::start(None, NOT_FOUND, 0);
    assert!(
        matches!(get(&server, "https", &Trust::default()), Err(ProviderError::NotTrusted(why)) if why.to_string().contains("--pin"))
    );
    assert_eq!(server.connections.load(Ordering::Relaxed), 0);
}

/// A reply, how many more blocks follow it, and what is to be said of it.
type Case = (&'static [u8], usize, fn(&ProviderError) -> bool);

/// Replies that no S3 server gives: each ends soon, in bounded memory, with a reason, and none is taken for an object.
#[test]
fn hostile_replies_end_soon_and_are_told() {
    let identity = identity(&["127.0.0.1"], |_| {});
    let (trust, _folder) = trust(&identity);
    let cases: [Case; 9] = [
        (b"HTTP/1.1 404 Not Found\r\ncontent-length: 41\r\n\r\n<Error><Code>NoSuchBucket</Code></Error>  ", 0, |e| {
            matches!(e, ProviderError::Refused(Reason::NoBucket { .. }))
        }),
        (b"hello\r\n\r\n", 0, |e| matches!(e, ProviderError::Nonsense(_) | ProviderError::Unreachable(_))),
        (b"", 0, |e| matches!(e, ProviderError::Unreachable(_))),
        (b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n", 0, |e| {
            matches!(e, ProviderError::Nonsense(_))
        }),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\nshort", 0, |e| matches!(e, ProviderError::Unreachable(_))),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffff\r\n", 2000, |e| {
            matches!(e, ProviderError::Nonsense(_) | ProviderError::Unreachable(_))
        }),
        (b"HTTP/1.1 403 Forbidden\r\ncontent-length: 47\r\n\r\n<Error><Code>SignatureDoesNotMatch</Code></Error", 0, |e| {
            matches!(e, ProviderError::Refused(_))
        }),
        (b"HTTP/1.1 503 Slow Down\r\ncontent-length: 0\r\n\r\n", 0, |e| e.is_transient()),
        (b"HTTP/1.1 507 Full\r\ncontent-length: 0\r\n\r\n", 0, |e| matches!(e, ProviderError::Full(_))),
    ];
    for (reply, more, expected) in cases {
        let server = Rude::start(Some(server_config(&identity, TLS13)), reply, more);
        let started = Instant::now();
        let error = get(&server, "https", &trust).unwrap_err();
        assert!(expected(&error), "{:?}: {error:?}", String::from_utf8_lossy(&reply[..reply.len().min(40)]));
        assert!(started.elapsed() < Duration::from_secs(60));
        let text = error.to_string();
        assert!(!text.contains("X-Amz") && !text.contains(server::ACCESS_KEY) && !text.contains("Signature="), "{text}");
    }
}

#[test]
fn hostile_listings_are_refused() {
    let identity = identity(&["127.0.0.1"], |_| {});
    let (trust, _folder) = trust(&identity);
    let replies: [&[u8]; 3] = [
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n<x>\xff<",
        b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n<ListBucketResult/>x",
        b"HTTP/1.1 200 OK\r\n\r\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">",
    ];
    for (reply, more) in replies.into_iter().zip([0, 0, 1000]) {
        let server = Rude::start(Some(server_config(&identity, TLS13)), reply, more);
        let url = format!("s3://bucket?endpoint=https://127.0.0.1:{}", server.address.port());
        let cloud = S3::new(&permit(), &s3_address(&url), &trust, &credentials(), account(1)).unwrap();
        let mut told = 0;
        let listed = runtime().block_on(cloud.list("packs", &mut |page| told += page.len()));
        assert!(matches!(listed, Err(ProviderError::Nonsense(_) | ProviderError::Unreachable(_))), "{listed:?}");
        assert_eq!(told, 0);
    }
}

#[test]
fn requests_tell_nothing_of_the_machine_and_go_through_no_proxy() {
    // http to this machine is allowed, so that the request can be read
    let runtime = runtime();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = runtime.spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut block = vec![0; 65_536];
        let read = socket.read(&mut block).await.unwrap();
        socket.write_all(NOT_FOUND).await.unwrap();
        String::from_utf8_lossy(&block[..read]).to_lowercase()
    });
    let url = format!("s3://bucket?endpoint=http://127.0.0.1:{port}");
    let cloud =
        S3::new(&permit(), &s3_address(&url), &Trust::new(None, &[], true, false).unwrap(), &credentials(), account(1)).unwrap();
    let object = sealed(&keys(account(1)), new_name(), 10);
    let _ = runtime.block_on(cloud.put(&object));
    let request = runtime.block_on(seen).unwrap();
    let headers: Vec<&str> = request.lines().skip(1).filter_map(|line| line.split_once(':').map(|(name, _)| name)).collect();
    assert!(
        headers.iter().all(|name| ["host", "user-agent", "accept", "content-length", "content-md5"].contains(name)),
        "{headers:?}"
    );
    assert!(request.contains("user-agent: printkeep\r\n"));
}

/// A NAS signs itself, often as an authority: what it shows is told with its key, so that its owner can compare it.
#[test]
fn a_certificate_that_is_not_trusted_is_told_with_its_key() {
    let (trusting, _folder) = trust(&identity(&["127.0.0.1"], |_| {}));
    let stranger = identity(&["127.0.0.1"], |_| {});
    let nas = self_signed_authority(&["127.0.0.1"]);
    for (identity, names) in [(stranger, false), (nas, false), (identity(&["example.net"], |_| {}), true)] {
        let server = Rude::start(Some(server_config(&identity, TLS13)), NOT_FOUND, 0);
        let (own, _kept) = trust(&identity);
        let error = get(&server, "https", if names { &own } else { &trusting }).unwrap_err();
        let shown = printkeep::core::name::hex(ring::digest::digest(&ring::digest::SHA256, &identity.spki).as_ref());
        let told = match &error {
            ProviderError::NotTrusted(Reason::UnknownIssuer { key }) if !names => key,
            ProviderError::NotTrusted(Reason::OtherName { key }) if names => key,
            other => panic!("{other:?}"),
        };
        assert_eq!(told, &shown);
    }
}

/// What to do is said with the names and the key as they are, whoever meets the server.
#[test]
fn a_server_that_is_not_trusted_is_told_with_what_to_type() {
    let home = Home::new();
    home.done(&["setup", "--yes"]);
    let nas = self_signed_authority(&["127.0.0.1"]);
    let key = printkeep::core::name::hex(ring::digest::digest(&ring::digest::SHA256, &nas.spki).as_ref());
    let server = Rude::start(Some(server_config(&nas, TLS13)), NOT_FOUND, 0);
    let ca = write(&home.folder.path().join("ca.pem"), &identity(&["127.0.0.1"], |_| {}).ca_pem);
    let login = write(&home.folder.path().join("login"), "user\npassword\n");
    let url = format!("webdav://127.0.0.1:{}/dav", server.address.port());
    let (ca, login) = (ca.to_str().unwrap(), login.to_str().unwrap());
    home.done(&["store", "add", &url, "--name", "my-nas", "--credentials-file", login, "--ca-file", ca]);
    home.done(&["privacy", "grant", "network"]);
    home.backup();
    let (_, reply) = home.run(&["sync"]);
    let text = String::from_utf8(home.command(&["sync"]).output().unwrap().stderr).unwrap() + &reply.to_string();
    assert!(text.contains(&format!("`printkeep store set my-nas --pin {key}`")), "{text}");
    assert!(!text.contains("CaUsedAsEndEntity") && !text.contains("invalid peer"), "{text}");
    // before there is a store of that name its address names it
    let kit = home.path.join("recovery-kit.txt");
    let args = ["rescue", &url, "--recovery-kit", kit.to_str().unwrap(), "--credentials-file", login, "--ca-file", ca, "--plan"];
    let (exit, told) = Home::new().run(&args);
    let said = format!("{} {}", told["error"]["message"], told["error"]["hint"]);
    assert!(exit == 6 && said.contains(&url) && said.contains(&format!("--pin {key}")), "{said}");
    assert!(!said.contains("NAME") && !said.contains("\\\"store\\\""), "{said}");
}
