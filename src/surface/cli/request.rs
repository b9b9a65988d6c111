//! From a request to what is seen of it: how it goes, its reply, why it failed.

use super::progress::Progress;
use super::prompt::Terminal;
use super::screen::{Screen, unwritable};
use super::{document, lines, setup};
use crate::app::reply::Body;
use crate::app::{self, Cancel, Exit, Failure, Reply, Request, Session};
use crate::surface::words;

/// Does what is asked, shows how it goes and what came of it; then what the owner agreed to meanwhile, until one of it fails.
pub fn run(session: &Session, screen: &Screen, request: Request, cancel: &Cancel) -> Exit {
    let (mut exit, agreed) = run_one(session, screen, request, cancel);
    for request in agreed {
        if !matches!(exit, Exit::Done | Exit::Incomplete) {
            break;
        }
        exit = exit.or(run_one(session, screen, request, cancel).0);
    }
    exit
}

/// Does one request; gives what the owner agreed to that comes next.
fn run_one(session: &Session, screen: &Screen, request: Request, cancel: &Cancel) -> (Exit, Vec<Request>) {
    let name = request.name();
    let progress = Progress::new(screen, cancel);
    let done =
        app::perform(session, request, &Terminal { screen, cancel, progress: &progress }, &|event| progress.take(event), cancel);
    match progress.finish() {
        // whoever reads has seen enough
        Some(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return (Exit::Done, Vec::new()),
        Some(error) => return (screen.tell(&unwritable(&error)), Vec::new()),
        None => {}
    }
    match done {
        Ok(reply) => (finish(screen, name, &reply), agreed(&reply.body)),
        Err(failure) => (screen.fail(name, &failure), Vec::new()),
    }
}

/// What the owner agreed to in the guide.
fn agreed(reply: &Body) -> Vec<Request> {
    match reply {
        Body::Setup(reply) => setup::agreed(reply),
        _ => Vec::new(),
    }
}

fn finish(screen: &Screen, name: &str, reply: &Reply) -> Exit {
    if screen.json {
        return match document::reply(reply, &screen.words) {
            Ok(document) => screen.print([document.to_string()], reply.exit),
            Err(_) => screen.fail(name, &Failure::mistake()),
        };
    }
    if screen.quiet && reply.exit != Exit::Done {
        lines::wrong(&reply.body, &screen.words).iter().for_each(|line| words::note(line));
    }
    let lines = if screen.quiet { Vec::new() } else { lines::lines(&reply.body, &screen.words) };
    reply.unwritten.iter().for_each(|text| words::note(&format!("printkeep: {}", screen.words.say(text))));
    screen.print(lines, reply.exit)
}
