//! The service layer as a second surface uses it: requests as data, the same work, the same traces; and the schema of what is asked and replied.

use std::path::PathBuf;
use std::sync::Mutex;

use printkeep::app::event::EventDocument;
use printkeep::app::failure_document::FailureDocument;
use printkeep::app::prompt::Nobody;
use printkeep::app::request::RequestDocument;
use printkeep::app::{Event, Failure, Reply, Request, Session, perform};
use printkeep::consent::Surface;
use printkeep::engine::Cancel;
use printkeep::engine::account::Account;
use printkeep::engine::clock::Clock;
use printkeep::engine::repository::snapshots;
use serde_json::{Value, json};

use crate::support::program::Home;

/// Everything that goes in and comes out.
#[derive(schemars::JsonSchema)]
#[allow(dead_code)]
struct Schema {
    request: RequestDocument,
    reply: Reply,
    failure: Failure,
    /// A failure as `--json` prints it.
    failure_document: FailureDocument,
    event: EventDocument,
}

/// `docs/schema.json` is what programs rely on. Where a change is meant, `PRINTKEEP_WRITE_SCHEMA=1 cargo test --test it service::` writes it anew.
#[test]
fn the_schema_is_the_one_that_is_published() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/schema.json");
    let schema = serde_json::to_string_pretty(&schemars::schema_for!(Schema)).unwrap() + "\n";
    if std::env::var_os("PRINTKEEP_WRITE_SCHEMA").is_some() {
        std::fs::write(&path, &schema).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(published == schema, "docs/schema.json is another; if that is meant, write it anew as said above");
}

/// A surface that is no command line: it speaks JSON.
fn ask(home: &Home, request: Value, events: &Mutex<Vec<Event>>) -> Result<Reply, Failure> {
    let mut session = Session::new(home.path.clone(), Surface::Page);
    session.system_root = home.folder.path().to_owned();
    let request: Request = serde_json::from_value(request).unwrap();
    perform(&session, request, &Nobody, &|event| events.lock().unwrap().push(event), &Cancel::default())
}

/// What is left behind in the log, without times.
fn trail(home: &Home) -> Vec<(String, String, String, u64)> {
    let at = printkeep::local::home::Home::at(home.path.clone());
    let account = Account::open_read_only(&at, Account::choose(&at, None).unwrap(), Clock::SYSTEM).unwrap();
    let mut found = Vec::new();
    account
        .trail()
        .check(&mut |entry| {
            found.push((entry.event.as_str().to_owned(), entry.outcome.as_str().to_owned(), entry.what.clone(), entry.count));
        })
        .unwrap();
    found
}

#[test]
fn a_second_surface_leaves_the_same_traces_as_the_command_line() {
    let (line, page) = (Home::new(), Home::new());
    for home in [&line, &page] {
        std::fs::write(home.data.join("a.gcode"), "G28\n").unwrap();
        home.done(&["setup", "--yes"]);
        home.done(&["privacy", "grant", "operation-log"]);
    }
    let events = Mutex::default();
    let path = |home: &Home| home.data.to_str().unwrap().to_owned();
    let pairs: [(Vec<String>, Value); 3] = [
        (vec!["backup".into(), path(&line)], json!({ "command": "backup", "paths": [path(&page)] })),
        (vec!["snapshots".into()], json!({ "command": "snapshots" })),
        (vec!["snapshots".into()], json!({ "command": "snapshots" })),
    ];
    for (args, request) in pairs {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        line.done(&args);
        let reply = ask(&page, request, &events).unwrap();
        assert!(reply.ok, "{reply:?}");
    }
    assert_eq!(trail(&line), trail(&page));
    let backed_up = |(event, outcome, ..): &(String, String, String, u64)| event == "backup" && outcome == "done";
    assert!(trail(&page).iter().any(backed_up), "{:?}", trail(&page));
    assert!(events.lock().unwrap().iter().any(|event| matches!(event, Event::Phase { .. })));
    // what fails is written down too, and is told by its name
    let failure = ask(&page, json!({ "command": "backup", "paths": ["/not/there"] }), &events).unwrap_err();
    assert_eq!(i32::from(failure.exit as u8), line.run(&["backup", "/not/there"]).0);
    assert_eq!(trail(&line), trail(&page));
    // so is what was recorded with consent, and what became a problem
    let items =
        |home: &Home| home.done(&["privacy", "data"])["facts"].as_array().unwrap().iter().map(|f| f["item"].clone()).collect();
    let (recorded, of_line): (Vec<Value>, Vec<Value>) = (items(&page), items(&line));
    assert_eq!(recorded, of_line);
    // the backup that was made, and the one that failed
    assert_eq!(recorded, ["operation-log", "operation-log"]);
    let kinds =
        |home: &Home| home.run(&["problems"]).1["problems"].as_array().unwrap().iter().map(|p| p["kind"].clone()).collect();
    let (problems, of_line): (Vec<Value>, Vec<Value>) = (kinds(&page), kinds(&line));
    assert_eq!(problems, of_line);
    assert!(problems.contains(&"backup-failed".into()), "{problems:?}");
}

/// Whoever sets a session's clock finds that time in everything that is left behind: the log, the snapshot, decisions, problems.
#[test]
fn everything_that_is_kept_is_dated_by_the_clock_of_the_session() {
    const THEN: i64 = 4_102_444_800;
    const BEFORE: i64 = THEN - 10 * 86_400;
    let home = Home::new();
    std::fs::write(home.data.join("a.gcode"), "G28\n").unwrap();
    let ask_at = |time: i64, request: Value| {
        let mut session = Session::new(home.path.clone(), Surface::Page);
        session.system_root = home.folder.path().to_owned();
        session.clock = Clock::at(time);
        let request: Request = serde_json::from_value(request).unwrap();
        perform(&session, request, &Nobody, &|_| {}, &Cancel::default()).unwrap()
    };
    ask_at(THEN, json!({ "command": "backup", "paths": [home.data] }));
    ask_at(THEN, json!({ "command": "privacy grant", "items": ["network"] }));
    // a clock ten days back is a problem, seen then
    let listed = ask_at(BEFORE, json!({ "command": "problems list", "all": true }));
    let at = printkeep::local::home::Home::at(home.path.clone());
    let account = Account::open_read_only(&at, Account::choose(&at, None).unwrap(), Clock::at(BEFORE)).unwrap();
    assert_eq!(snapshots::choose(&account, "latest").unwrap().head.time, THEN);
    let decided: Vec<i64> = account.ledger.entries().iter().map(|entry| entry.asked.time).collect();
    assert_eq!(decided, vec![THEN; decided.len()]);
    let kept: Vec<(i64, i64)> = account.problems().iter().map(|problem| (problem.first, problem.last)).collect();
    assert_eq!(kept, [(BEFORE, BEFORE)]);
    assert!(serde_json::to_string(&listed).unwrap().contains(&BEFORE.to_string()), "{listed:?}");
    let mut logged = Vec::new();
    account.trail().check(&mut |entry| logged.push(entry.time)).unwrap();
    assert!(logged.len() >= 3 && logged.iter().all(|time| [THEN, BEFORE].contains(time)), "{logged:?}");
}

/// Whoever reads a document of another version would guess at what it means.
#[test]
fn every_document_that_goes_in_or_comes_out_tells_its_version() {
    let request = json!({ "printkeep": 1, "command": "status" });
    let read: RequestDocument = serde_json::from_value(request.clone()).unwrap();
    assert_eq!(serde_json::to_value(RequestDocument::of(read.clone().read().unwrap())).unwrap(), request);
    let failure = RequestDocument { printkeep: 2, ..read }.read().unwrap_err();
    assert_eq!((failure.exit as u8, &*failure.message.id), (2, "request-version"));
    assert!(serde_json::from_value::<RequestDocument>(json!({ "command": "status" })).is_err());
    let event = serde_json::to_value(EventDocument::of(Event::Total { files: 1, bytes: 2 })).unwrap();
    assert_eq!(event, json!({ "printkeep": 1, "event": "total", "files": 1, "bytes": 2 }));
    let schema = serde_json::to_value(schemars::schema_for!(Schema)).unwrap();
    for document in ["RequestDocument", "Reply", "FailureDocument", "EventDocument"] {
        let required = schema["$defs"][document]["required"].to_string();
        assert!(required.contains("\"printkeep\""), "{document}: {required}");
    }
}
