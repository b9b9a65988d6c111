//! From a request to what is seen of it: how it goes, its reply, why it failed.

use super::progress::Progress;
use super::prompt::Terminal;
use super::screen::{Screen, unwritable};
use super::{document, lines};
use crate::app::{self, Cancel, Exit, Failure, Reply, Request, Session};
use crate::surface::words;

/// Does what is asked, shows how it goes and what came of it.
pub fn run(session: &Session, screen: &Screen, request: Request, cancel: &Cancel) -> Exit {
    let name = request.name();
    let progress = Progress::new(screen, cancel);
    let done =
        app::perform(session, request, &Terminal { screen, cancel, progress: &progress }, &|event| progress.take(event), cancel);
    match progress.finish() {
        // whoever reads has seen enough
        Some(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Exit::Done,
        Some(error) => return screen.tell(&unwritable(&error)),
        None => {}
    }
    match done {
        Ok(reply) => finish(screen, name, &reply),
        Err(failure) => screen.fail(name, &failure),
    }
}

fn finish(screen: &Screen, name: &str, reply: &Reply) -> Exit {
    if screen.json {
        return match document::reply(reply, &screen.words) {
            Ok(document) => screen.print([document.to_string()], reply.exit),
            Err(_) => screen.fail(name, &Failure::mistake()),
        };
    }
    let lines = if screen.quiet { Vec::new() } else { lines::lines(&reply.body, &screen.words) };
    reply.unwritten.iter().for_each(|text| words::note(&format!("printkeep: {}", screen.words.say(text))));
    screen.print(lines, reply.exit)
}
