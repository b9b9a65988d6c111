//! WebDAV servers with bad manners: each is told as what it is, in bounded time and memory, and nothing is lost or replaced.

use std::sync::Arc;

use crate::support::server::{account, keys, new_name, runtime, sealed};
use crate::support::webdav::{Auth, DavServer, Manner, PASSWORD, USER};
use printkeep::local::os_random::SystemRandom;
use printkeep::provider::retry::Retry;
use printkeep::provider::{Provider, ProviderError};

fn put(place: &dyn Provider) -> Result<(), ProviderError> {
    let object = sealed(&keys(account(1)), new_name(), 1000);
    runtime().block_on(place.put(&object)).map(|_| ())
}

#[test]
fn refusals_are_told_as_what_they_are() {
    let case = |manner, expected: fn(&ProviderError) -> bool| {
        let error = put(&DavServer::start(manner, Auth::Basic).place(account(1))).unwrap_err();
        assert!(expected(&error), "{manner:?}: {error:?}");
    };
    case(Manner::Full, |e| matches!(e, ProviderError::Full(_)));
    case(Manner::ReadOnly, |e| matches!(e, ProviderError::ReadOnly(_)));
    case(Manner::Redirects, |e| matches!(e, ProviderError::Nonsense(_)));
    case(Manner::LosesBytes, |e| matches!(e, ProviderError::Nonsense(_)));
    case(Manner::Locked(1), |e| e.is_transient());
}

/// A server that says when to come again is left alone until then, by every request, and asked in vain no more often than that; one
/// that wants more than a run waits for is told, and not asked at all.
#[test]
fn a_server_that_says_when_to_come_again_is_left_alone_until_then() {
    let put_at = |when| {
        let server = DavServer::start(Manner::Busy(when), Auth::Nobody);
        let place = Retry::around(Box::new(server.place(account(1))), Arc::new(SystemRandom::new()));
        let begun = std::time::Instant::now();
        (put(&place), begun.elapsed(), server.methods())
    };
    let (done, took, methods) = put_at("3");
    assert!(done.is_ok() && took.as_secs() >= 3, "{done:?} {took:?}");
    let first_writes = methods.iter().filter(|method| *method == "MKCOL").count();
    assert!(first_writes <= 8, "asked again and again: {methods:?}");
    let (told, took, methods) = put_at("3600");
    let told = told.unwrap_err();
    assert!(told.is_transient() && told.to_string().contains("left alone"), "{told}");
    assert!(took.as_secs() < 60 && methods.iter().filter(|method| !method.starts_with("PROPFIND")).count() == 1, "{methods:?}");
}

#[test]
fn wrong_users_are_told_after_few_requests() {
    for auth in [Auth::Basic, Auth::Sha256, Auth::Md5] {
        let server = DavServer::start(Manner::Honest, auth);
        assert!(matches!(put(&server.place_of(account(1), USER, "wrong")), Err(ProviderError::Refused(_))), "{auth:?}");
        assert!(server.methods().len() <= 3);
        put(&server.place_of(account(1), USER, PASSWORD)).unwrap();
    }
}

#[test]
fn a_password_is_told_only_when_it_is_asked_for_and_a_body_only_once() {
    let server = DavServer::start(Manner::Honest, Auth::Nobody);
    let place = server.place(account(1));
    put(&place).unwrap();
    // the folder of the address and what is below it are made on the way
    let methods = server.methods();
    let count = |name: &str| methods.iter().filter(|method| *method == name).count();
    assert_eq!((count("PROPFIND"), count("MOVE"), count("HEAD")), (1, 2, 1), "{methods:?}");
    let server = DavServer::start(Manner::Honest, Auth::Sha256);
    let place = server.place(account(1));
    put(&place).unwrap();
    let unknown: Vec<String> = server.methods().into_iter().filter(|method| method.contains("unknown")).collect();
    assert_eq!(unknown, ["PROPFIND unknown"]);
    let object = sealed(&keys(account(1)), new_name(), 1000);
    runtime().block_on(place.put(&object)).unwrap();
    let name = object.name().to_string();
    let folder_is_new = server.files.lock().unwrap().keys().any(|path| path.ends_with(&name));
    assert!(folder_is_new);
}

/// The price of an object: three requests, once its folder is there.
#[test]
fn an_object_costs_three_requests() {
    let server = DavServer::start(Manner::Honest, Auth::Basic);
    let place = server.place(account(1));
    let keys = keys(account(1));
    let runtime = runtime();
    let slot = |n: u8| printkeep::core::name::ObjectName::Roster(n.into());
    runtime.block_on(place.put(&sealed(&keys, slot(1), 100))).unwrap();
    server.methods();
    runtime.block_on(place.put(&sealed(&keys, slot(2), 100))).unwrap();
    assert_eq!(server.methods(), ["PUT", "MOVE", "HEAD"]);
}

#[test]
fn locks_and_lost_answers_are_tried_again_and_leave_nothing() {
    for manner in [Manner::Locked(3), Manner::LosesAnswers] {
        let server = DavServer::start(manner, Auth::Basic);
        let place = Retry::around(Box::new(server.place(account(1))), Arc::new(SystemRandom::new()));
        put(&place).unwrap();
        let files = server.files.lock().unwrap();
        assert_eq!(files.keys().filter(|name| name.contains("/packs/") && name.len() > 80).count(), 1, "{manner:?}");
        assert_eq!(files.keys().filter(|name| name.contains("/tmp/")).count(), 0, "{manner:?}");
    }
}

/// Uploads at once all find that their folder is missing, and all but one find that another has made it.
#[test]
fn uploads_at_once_into_a_folder_that_is_not_there_all_arrive() {
    for manner in [Manner::Races, Manner::Honest, Manner::Honest, Manner::Honest, Manner::Honest] {
        let server = DavServer::start(manner, Auth::Nobody);
        let (place, keys) = (Arc::new(server.place(account(1))), keys(account(1)));
        let runtime = runtime();
        let put = |n: u64| {
            let (place, sealed) = (place.clone(), sealed(&keys, printkeep::core::name::ObjectName::Roster(n), 100));
            runtime.spawn(async move { place.put(&sealed).await.map(drop) })
        };
        for (n, put) in (1..=16).map(put).collect::<Vec<_>>().into_iter().enumerate() {
            assert_eq!(runtime.block_on(put).unwrap(), Ok(()), "{manner:?}: {n}");
        }
    }
}

/// A server that moves over what is there is found out by the probe, which the owner runs before trusting it.
#[test]
fn a_server_that_replaces_is_found_out() {
    let probe = |manner| {
        let server = DavServer::start(manner, Auth::Basic);
        let keys = keys(account(1));
        runtime().block_on(printkeep::provider::probe::probe(&server.place(account(1)), &keys, &SystemRandom::new()))
    };
    assert!(probe(Manner::Honest).usable(), "{:?}", probe(Manner::Honest));
    assert!(!probe(Manner::Replaces).usable());
}

#[test]
fn hostile_listings_end_soon_and_are_told() {
    for manner in [Manner::Endless, Manner::CutsListings] {
        let server = DavServer::start(manner, Auth::Nobody);
        let place = server.place(account(1));
        server.files.lock().unwrap().insert("/dav/a b".into(), None);
        server.files.lock().unwrap().insert(format!("/dav/a b/{}", account(1)), None);
        server.files.lock().unwrap().insert(format!("/dav/a b/{}/slots", account(1)), None);
        let listed = runtime().block_on(place.list("slots", &mut |_| {}));
        assert!(matches!(listed, Err(ProviderError::Nonsense(_) | ProviderError::Unreachable(_))), "{manner:?}: {listed:?}");
    }
}
