//! The guided setup, asked and answered as on a terminal: the recovery kit, what is chosen, yes and no, joining, what it says at its end.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use printkeep::app::event::Event;
use printkeep::app::forms::setup::{Guided, SetupReply, StepName, StepState};
use printkeep::app::jobs::rescue::Rescue;
use printkeep::app::jobs::setup::Setup;
use printkeep::app::reply::Body;
use printkeep::app::{Cancel, Request, Session, Text, perform};
use printkeep::consent::{Language, Surface};
use printkeep::surface::words::Words;

use crate::support::program::Home;
use crate::support::typist::Typist;

/// A guided run of a home whose printer is `root`; gives how it ended and what was remarked meanwhile.
fn guided(home: &Home, root: &Path, answers: &[(&'static str, &str)]) -> (Guided, Vec<Text>) {
    let mut session = Session::new(home.path.clone(), Surface::CommandLine);
    session.system_root = root.to_owned();
    let answers: VecDeque<(&'static str, String)> =
        answers.iter().map(|(asked, answer)| (*asked, (*answer).to_owned())).collect();
    let (answers, remarks) = (Mutex::new(answers), Mutex::new(Vec::new()));
    let take = |event| {
        if let Event::Remark { text } = event {
            remarks.lock().unwrap().push(text);
        }
    };
    // each question is answered as it was told, and one that was not told of fails
    let answer = |question: &Text| {
        let (asked, answer) = answers.lock().unwrap().pop_front().unwrap_or_else(|| panic!("asked: {question:?}"));
        assert_eq!(asked, question.id, "{:?}", remarks.lock().unwrap());
        answer
    };
    let owner = Typist { secret: |wanted| panic!("{wanted:?} was asked for"), answer };
    let reply = perform(&session, Request::Setup(Setup::default()), &owner, &take, &Cancel::default()).unwrap();
    assert!(answers.lock().unwrap().is_empty(), "not asked: {:?}", answers.lock().unwrap());
    let Body::Setup(reply) = reply.body else { panic!() };
    let SetupReply::Guided(guided) = *reply else { panic!() };
    (guided, remarks.into_inner().unwrap())
}

/// A home, an empty printer, and a folder for kits on the same disk.
fn begin() -> (Home, PathBuf, PathBuf) {
    let home = Home::new();
    let (root, stick) = (home.folder.path().join("host"), home.folder.path().join("stick"));
    std::fs::create_dir_all(&root).unwrap();
    std::fs::create_dir_all(&stick).unwrap();
    std::fs::write(home.data.join("a.gcode"), "G1").unwrap();
    (home, root, stick)
}

/// The same, with the folders of a printer, which are found.
fn begin_beside_a_printer() -> (Home, PathBuf, PathBuf) {
    let (home, root, stick) = begin();
    for name in ["config", "gcodes"] {
        let folder = root.join("home/pi/printer_data").join(name);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("a.cfg"), "x").unwrap();
    }
    (home, root, stick)
}

fn state(guided: &Guided, name: StepName) -> (StepState, &str) {
    let step = guided.steps.iter().find(|step| step.step == name).unwrap();
    (step.state, &step.about.id)
}

fn whys(remarks: &[Text]) -> Vec<String> {
    remarks.iter().filter(|text| text.id == "setup-failed").map(|text| format!("{:?}", text.args["why"])).collect()
}

#[test]
fn the_kit_goes_only_into_a_folder_that_is_there_and_on_the_same_disk_only_after_a_yes() {
    let (home, root, stick) = begin();
    let missing = home.folder.path().join("not-mounted");
    let (done, remarks) = guided(
        &home,
        &root,
        &[
            ("setup-ask-account", ""),
            ("setup-ask-folder", home.data.to_str().unwrap()),
            ("setup-ask-passphrase", "n"),
            ("setup-ask-store", ""),
            ("setup-ask-kit-to", "y"),
            ("setup-ask-kit-to", "n"),
            ("setup-ask-kit-to", missing.to_str().unwrap()),
            ("setup-ask-kit-to", stick.to_str().unwrap()),
            ("setup-ask-kit-this-disk", ""),
            ("setup-ask-kit-to", stick.to_str().unwrap()),
            ("setup-ask-kit-this-disk", "y"),
            ("setup-ask-backup", "n"),
        ],
    );
    let whys = whys(&remarks);
    assert_eq!(whys.len(), 3, "{remarks:?}");
    assert!(whys.iter().all(|why| why.contains("setup-no-folder")), "{whys:?}");
    assert!(!missing.exists() && !Path::new("y").exists() && !Path::new("n").exists());
    assert_eq!(state(&done, StepName::RecoveryKit), (StepState::Done, "setup-kit-moved-here"));
    let kit = stick.join("recovery-kit.txt");
    assert!(!home.path.join("recovery-kit.txt").exists());
    home.done(&["key", "kit", "--test", kit.to_str().unwrap()]);
}

#[test]
fn a_kit_moved_to_another_disk_is_not_asked_about_twice() {
    let (home, root, _) = begin();
    let Ok(other) = tempfile::tempdir_in("/dev/shm") else { return };
    let (done, _) = guided(
        &home,
        &root,
        &[
            ("setup-ask-account", "1"),
            ("setup-ask-folder", ""),
            ("setup-ask-passphrase", "n"),
            ("setup-ask-store", ""),
            ("setup-ask-kit-to", other.path().to_str().unwrap()),
        ],
    );
    assert_eq!(state(&done, StepName::RecoveryKit), (StepState::Done, "setup-kit-moved"));
    assert!(other.path().join("recovery-kit.txt").exists() && !home.path.join("recovery-kit.txt").exists());
}

#[test]
fn the_page_of_the_kit_names_the_store_that_the_same_run_added() {
    let (home, root, _) = begin();
    let nas = home.folder.path().join("nas");
    std::fs::create_dir(&nas).unwrap();
    let (done, _) = guided(
        &home,
        &root,
        &[
            ("setup-ask-account", ""),
            ("setup-ask-folder", home.data.to_str().unwrap()),
            ("setup-ask-passphrase", "n"),
            ("setup-ask-store", nas.to_str().unwrap()),
            ("setup-ask-store-this-disk", ""),
            ("setup-ask-store", nas.to_str().unwrap()),
            ("setup-ask-store-this-disk", "y"),
            ("setup-ask-kit-to", ""),
            ("setup-ask-backup-and-sync", ""),
        ],
    );
    assert_eq!(state(&done, StepName::Store), (StepState::Done, "setup-stores-new"));
    assert!(done.back_up && done.sync);
    let kit = home.path.join("recovery-kit.txt");
    let page = std::fs::read_to_string(&kit).unwrap();
    let vault = home.path.join("vault");
    assert!(page.contains(nas.to_str().unwrap()) && !page.contains(vault.to_str().unwrap()), "{page}");
    home.done(&["backup"]);
    home.done(&["sync"]);
    home.done(&["key", "kit", "--test", kit.to_str().unwrap()]);
}

#[test]
fn a_folder_of_ones_own_is_taken_beside_what_was_found_and_a_later_run_adds_more() {
    let (home, root, _) = begin_beside_a_printer();
    let data = home.data.to_str().unwrap();
    let (done, _) = guided(
        &home,
        &root,
        &[("setup-ask-account", ""), ("setup-ask-sources", data), ("setup-ask-found-too", ""), ("setup-ask-passphrase", "q")],
    );
    assert_eq!(state(&done, StepName::Sources).0, StepState::Done);
    let count = |home: &Home| home.done(&["source", "list"])["sources"].as_array().unwrap().len();
    assert_eq!(count(&home), 3);
    // where all that is found was chosen, nothing is asked again, and what adds more is said
    let (done, remarks) = guided(&home, &root, &[("setup-ask-passphrase", "q")]);
    assert_eq!((count(&home), state(&done, StepName::Sources)), (3, (StepState::Before, "setup-sources")));
    assert!(remarks.iter().any(|text| text.id == "setup-sources-add"), "{remarks:?}");

    let (home, root, _) = begin_beside_a_printer();
    let both = format!("1 {}", home.data.display());
    guided(&home, &root, &[("setup-ask-account", ""), ("setup-ask-sources", &both), ("setup-ask-passphrase", "q")]);
    assert_eq!(count(&home), 2);
    guided(&home, &root, &[("setup-ask-more-sources", "1"), ("setup-ask-passphrase", "q")]);
    assert_eq!(count(&home), 3);
}

#[test]
fn only_yes_and_no_answer_a_question_of_yes_or_no() {
    let (home, root, _) = begin();
    let (done, remarks) = guided(
        &home,
        &root,
        &[
            ("setup-ask-account", "hello"),
            ("setup-ask-account", ""),
            ("setup-ask-folder", "1"),
            ("setup-ask-folder", ""),
            ("setup-ask-passphrase", "1 2 3"),
            ("setup-ask-passphrase", "s"),
            ("setup-ask-passphrase", "否"),
            ("setup-ask-store", ""),
            ("setup-ask-kit-to", ""),
        ],
    );
    let said = |id| remarks.iter().filter(|text| text.id == id).count();
    assert_eq!((said("setup-yes-or-no"), said("setup-one-of-three")), (2, 1), "{remarks:?}");
    // where nothing was found, no number is offered
    assert!(whys(&remarks)[0].contains("setup-no-numbers"), "{remarks:?}");
    assert_eq!(state(&done, StepName::Passphrase), (StepState::Skipped, "setup-passphrase-none"));
}

#[test]
fn a_later_run_does_not_tick_a_passphrase_that_was_never_set() {
    let (home, root, _) = begin();
    let data = home.data.to_str().unwrap();
    let first = [("setup-ask-account", ""), ("setup-ask-folder", data), ("setup-ask-passphrase", "q")];
    guided(&home, &root, &first);
    std::fs::remove_file(home.path.join("recovery-kit.txt")).unwrap();
    let later = [("setup-ask-passphrase-kit", "nowhere.txt"), ("setup-ask-passphrase-kit", ""), ("setup-ask-store", "q")];
    let (done, remarks) = guided(&home, &root, &later);
    assert_eq!(state(&done, StepName::Passphrase), (StepState::Skipped, "setup-passphrase-none"));
    assert_eq!(whys(&remarks).len(), 1, "{remarks:?}");
}

#[test]
fn a_store_to_join_is_looked_into_before_its_kit_is_asked_for() {
    let (home, root, empty) = begin();
    let (done, remarks) = guided(
        &home,
        &root,
        &[
            ("setup-ask-account", "2"),
            ("setup-ask-join", "/nowhere/nix"),
            ("setup-ask-join", empty.to_str().unwrap()),
            ("setup-ask-join", ""),
            ("setup-ask-account", "q"),
        ],
    );
    let whys = whys(&remarks);
    assert!(whys[0].contains("setup-no-folder") && whys[1].contains("setup-no-backup-there"), "{whys:?}");
    assert!(remarks.iter().any(|text| text.id == "setup-nothing-joined"), "{remarks:?}");
    assert!(done.steps.is_empty() && !done.can_back_up);
}

#[test]
fn the_end_offers_a_backup_only_where_something_is_chosen_and_none_was_made() {
    let (home, root, _) = begin();
    let first = [
        ("setup-ask-account", ""),
        ("setup-ask-folder", ""),
        ("setup-ask-passphrase", "n"),
        ("setup-ask-store", ""),
        ("setup-ask-kit-to", ""),
    ];
    let (done, _) = guided(&home, &root, &first);
    assert!(!done.can_back_up && !done.has_backup && !done.back_up && state(&done, StepName::Sources).0 == StepState::Skipped);
    home.done(&["source", "add", home.data.to_str().unwrap()]);
    home.done(&["backup"]);
    let later = [("setup-ask-passphrase", "n"), ("setup-ask-store", ""), ("setup-ask-kit-to", "")];
    let (done, _) = guided(&home, &root, &later);
    assert!(done.can_back_up && done.has_backup && !done.back_up);
}

/// Whoever says `--yes` is asked nothing, on a terminal too: what cannot be decided is refused with what to give.
#[test]
fn who_is_to_be_asked_nothing_is_asked_nothing_on_a_terminal() {
    let (home, root, stick) = begin();
    let owner = Typist { secret: |wanted| panic!("{wanted:?} was asked for"), answer: |asked: &Text| panic!("asked: {asked:?}") };
    let session = |home: &Home| {
        let mut session = Session::new(home.path.clone(), Surface::CommandLine);
        session.system_root = root.clone();
        session
    };
    let ask = |home: &Home, request| perform(&session(home), request, &owner, &|_| {}, &Cancel::default());
    let setup = Setup { yes: true, ..Setup::default() };
    assert!(ask(&home, Request::Setup(setup.clone())).unwrap().ok);
    home.done(&["backup", home.data.to_str().unwrap()]);
    home.done(&["store", "add", stick.to_str().unwrap()]);
    home.done(&["sync"]);
    let new = Home::new();
    let failure = ask(&new, Request::Setup(Setup { enroll: Some("127.0.0.1:1".into()), ..setup })).unwrap_err();
    assert_eq!((&*failure.message.id, failure.hint.is_some()), ("enroll-code-missing", true));
    let kit = home.path.join("recovery-kit.txt");
    let below = Some(new.folder.path().join("below"));
    let rescue = Rescue { store: stick.to_str().unwrap().into(), recovery_kit: kit, root: below, yes: true, ..Rescue::default() };
    assert!(ask(&new, Request::Rescue(rescue)).unwrap().ok);
}

/// What is done already is listed wherever the guide is left, and only what is so.
#[test]
fn a_guide_that_is_left_lists_every_step_as_it_stands() {
    let (home, root, stick) = begin();
    home.done(&["setup", "--yes"]);
    home.done(&["source", "add", home.data.to_str().unwrap()]);
    home.done(&["store", "add", stick.to_str().unwrap(), "--name", "stick"]);
    let steps = |done: &Guided| done.steps.iter().map(|step| (step.state, step.about.id.to_string())).collect::<Vec<_>>();
    let (done, _) = guided(&home, &root, &[("setup-ask-passphrase", "q")]);
    let (before, skipped) = (StepState::Before, StepState::Skipped);
    let mut expected = [
        (before, "setup-account"),
        (before, "setup-sources"),
        (skipped, "setup-passphrase-none"),
        (before, "setup-stores"),
        (before, "setup-consent-not-needed"),
        (skipped, "setup-kit-here"),
    ]
    .map(|(state, id)| (state, id.to_owned()));
    assert_eq!(steps(&done), expected);
    // a disk that is not there takes no copies
    std::fs::remove_dir_all(&stick).unwrap();
    expected[3] = (skipped, "setup-stores-away".to_owned());
    let (done, _) = guided(&home, &root, &[("setup-ask-passphrase", "q")]);
    assert_eq!(steps(&done), expected);
    let later = [("setup-ask-passphrase", "n"), ("setup-ask-kit-to", ""), ("setup-ask-backup", "y")];
    let (done, _) = guided(&home, &root, &later);
    assert_eq!(steps(&done), expected);
    // what goes on later is told after what begins now
    let lines = printkeep::surface::cli::setup::lines(&SetupReply::Guided(done), &Words::of(Language::English));
    let at = |text: &str| lines.iter().position(|line| line.contains(text)).unwrap();
    assert!(at("The first backup begins.") < at("`printkeep setup`"), "{lines:?}");
}
